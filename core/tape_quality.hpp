// Does a venue's tape look like people trading? Four flags against the venue's own calm hours.
//
// Wash trading shows in first digits, repeated sizes, roundness and same-size opposite-side
// neighbours. Each is compared with what this venue looks like when nothing happens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

// Counts of a stretch of tape (the last hour).
struct TapeSample {
    std::uint64_t trades = 0;
    std::array<std::uint64_t, 9> digits{};  // first significant digit 1..9 of the size
    std::uint64_t modal = 0;                // trades of the most frequent size
    std::uint64_t round = 0;                // trades of 1, 2 or 5 times a power of ten
    double pair_volume = 0.0;  // twice the size of every trade that mirrors its predecessor
    double volume = 0.0;
    double largest = 0.0;
};

// Shares of the same things in calm hours.
struct TapeCalm {
    std::array<double, 9> digits{};
    double modal = 0.0;
    double round = 0.0;
    double pair = 0.0;
};

struct TapeFlags {
    std::uint64_t trades = 0;
    double tv = 0.0;  // total-variation distance of the first digits
    double modal_share = 0.0, round_share = 0.0, pair_share = 0.0;
    double f_digit = 0.0, f_size = 0.0, f_round = 0.0, f_pair = 0.0;
    double f_tape = 0.0;  // the largest of the four
};

// None with fewer than min_trades trades.
[[nodiscard]] std::optional<TapeFlags> tape_flags(const TapeSample& sample, const TapeCalm& calm,
                                                  const TapeParams& params) noexcept;

// First significant digit, 0 unless units > 0.
[[nodiscard]] int first_digit(std::int64_t units) noexcept;
// 1, 2 or 5 times a power of ten.
[[nodiscard]] bool is_round(std::int64_t units) noexcept;

// One per token feed. Plain data; 12 slots of five minutes, the last one still filling.
class TapeQuality {
public:
    static constexpr std::size_t kSlots = 12;
    static constexpr std::size_t kSizes = 256;  // bins of the size histogram

    // An accepted, on-time trade. REQUIRES size > 0. O(1).
    void add(Quantity size, Aggressor aggressor) noexcept;
    // At every 5-minute boundary.
    void close_slot() noexcept;
    // Learns the last hour as calm: once per hour in which the token's volume was never other
    // than `none`.
    void learn_hour(const TapeParams& params) noexcept;

    [[nodiscard]] TapeSample sample() const noexcept;  // up to the last hour
    // None before calm_hours have been learned.
    [[nodiscard]] std::optional<TapeCalm> calm(const TapeParams& params) const noexcept;
    [[nodiscard]] std::optional<TapeFlags> flags(const TapeParams& params) const noexcept;

    template <class A>
    void archive(A& a) {
        a(slots_, last_size_, last_aggressor_, calm_);
        a.bounded(current_, kSlots - 1);
    }

private:
    struct Slot {
        std::array<std::uint16_t, kSizes> sizes{};  // saturating
        std::array<std::uint32_t, 9> digits{};
        std::uint32_t trades = 0;
        std::uint32_t round = 0;
        double pair_volume = 0.0, volume = 0.0, largest = 0.0;

        template <class A>
        void archive(A& a) {
            a(sizes, digits, trades, round, pair_volume, volume, largest);
        }
    };
    // Decayed sums of calm hours.
    struct Calm {
        std::array<float, kSizes> sizes{};
        std::array<double, 9> digits{};
        double trades = 0.0, round = 0.0, pair_volume = 0.0, volume = 0.0;
        std::int32_t hours = 0;

        template <class A>
        void archive(A& a) {
            a(sizes, digits, trades, round, pair_volume, volume, hours);
        }
    };

    std::array<Slot, kSlots> slots_{};
    std::size_t current_ = 0;
    std::int64_t last_size_ = 0;
    Aggressor last_aggressor_ = Aggressor::Unknown;
    Calm calm_;
};

}  // namespace spill
