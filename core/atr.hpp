// Session bars: average true range, prior-day and 20-session levels.
//
// ATR14 follows TA-Lib: a true range needs a previous close, the seed is the mean of the first 14
// true ranges, then Wilder's recursion. It changes at session rolls only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

struct SessionBar {
    std::int32_t date = 0;  // yyyymmdd
    Price open, high, low, close;
    double volume = 0.0;  // base units

    template <class A>
    void archive(A& a) {
        a(date, open, high, low, close, volume);
    }
};

struct Atr {
    double value = 0.0;        // price units
    bool provisional = false;  // a plain mean of fewer than 14 true ranges

    template <class A>
    void archive(A& a) {
        a(value, provisional);
    }
};

struct SessionLevel {
    Price price;
    std::int32_t age = 0;  // sessions ago; the previous session is 1
};

// REQUIRES a previous close; price units.
[[nodiscard]] double true_range(const SessionBar& bar, Price previous_close) noexcept;

// One per instrument and feed. Plain data: copying the object copies its history.
class SessionBars {
public:
    static constexpr std::size_t kRing = 32;  // sessions kept

    SessionBars() = default;
    explicit SessionBars(const LevelParams& params) noexcept : params_(params) {}

    // Appends a completed session. REQUIRES a later date than the last one.
    void add(const SessionBar& bar) noexcept;

    // Applies a corporate action to everything stored: prices times price_factor_e9 * 1e-9,
    // volumes times size_factor_e9 * 1e-9. REQUIRES factors > 0.
    struct Factors {
        std::int64_t price_e9 = kNanosPerUnit;
        std::int64_t size_e9 = kNanosPerUnit;
    };
    void scale(const Factors& factors) noexcept;

    // None with fewer than atr_min_true_ranges true ranges, or when the price never moved.
    [[nodiscard]] std::optional<Atr> atr() const noexcept;

    // The i-th last session, 0 = the previous one. REQUIRES i < size().
    [[nodiscard]] const SessionBar& last(std::size_t i = 0) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    // Extremes of the last donchian_sessions completed sessions; none with fewer sessions. Of
    // equal extremes the youngest gives the age.
    [[nodiscard]] std::optional<SessionLevel> highest() const noexcept;
    [[nodiscard]] std::optional<SessionLevel> lowest() const noexcept;

    template <class A>
    void archive(A& a) {
        a(ring_, true_ranges_, sum_, atr_);
        a.bounded(size_, kRing);
        a.bounded(head_, kRing - 1);
    }

private:
    LevelParams params_;
    std::array<SessionBar, kRing> ring_{};
    std::size_t size_ = 0;
    std::size_t head_ = 0;  // where the next one goes
    std::int64_t true_ranges_ = 0;
    double sum_ = 0.0;  // of true ranges until the seed
    double atr_ = 0.0;  // Wilder's value after the seed
};

}  // namespace spill
