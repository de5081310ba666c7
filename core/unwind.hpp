// Leaders fail, flow leaves: a noisy-OR over what has gone wrong, in three levels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

// In the order in which the product is taken.
enum class UnwindKind : std::uint8_t {
    BroadDown,
    DownBreak,
    FailD20,
    FailOr,
    FailPd,
    RotationOff,
    TokenSell
};
inline constexpr std::size_t kUnwindKinds = 7;
[[nodiscard]] const char* to_string(UnwindKind kind) noexcept;
[[nodiscard]] double unwind_weight(UnwindKind kind, const UnwindParams& params) noexcept;

// Conditions that are true now.
struct UnwindStanding {
    bool broad_down = false;
    bool down_break = false;
    bool token_sell = false;
};

struct UnwindReading {
    double score = 0.0;                        // u, 0..1
    std::array<double, kUnwindKinds> parts{};  // current weight by kind

    template <class A>
    void archive(A& a) {
        a(score, parts);
    }
};

// 0 quiet, 1 watch, 2 warning, 3 active, with hysteresis against `previous`.
[[nodiscard]] int unwind_level(double score, int previous, bool tokens_falling,
                               const UnwindParams& params) noexcept;

struct UnwindEdge {
    int level = 0;
    int prev = 0;
};

// One per token bucket. Of each kind only the strongest decayed event counts; since all decay
// alike, the strongest one stays the strongest and one slot per kind is exact.
class Unwind {
public:
    // `factor` scales the kind's weight: unconfirmed_factor, member_factor.
    void event(UnixNanos at, UnwindKind kind, double factor, const UnwindParams& params) noexcept;

    // The score at `now`; bucket_factor multiplies it, capped at 1.
    [[nodiscard]] UnwindReading read(UnixNanos now, const UnwindStanding& standing,
                                     const UnwindParams& params,
                                     double bucket_factor = 1.0) const noexcept;

    // Once per minute. A level changes when every one of the last dwell_minutes asked for a
    // higher (lower) one, and then to the nearest of those.
    std::optional<UnwindEdge> minute(double score, bool tokens_falling,
                                     const UnwindParams& params) noexcept;
    [[nodiscard]] int level() const noexcept { return level_; }
    void reset_counters() noexcept { streak_ = 0; }

    template <class A>
    void archive(A& a) {
        a(points_, level_, candidate_, direction_, streak_);
    }

private:
    struct Point {
        double weight = 0.0;  // at `at`
        UnixNanos at;

        template <class A>
        void archive(A& a) {
            a(weight, at);
        }
    };
    std::array<Point, kUnwindKinds> points_{};
    int level_ = 0;
    int candidate_ = 0;
    int direction_ = 0;  // of the running streak
    std::int32_t streak_ = 0;
};

}  // namespace spill
