// Minute bars of one feed, cut by the journalled clock.
//
// A trade belongs to the minute of its ts_event. Minutes close for everybody at once, when the
// engine says so; a trade for a closed minute is late and never changes a bar.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/event.hpp"
#include "core/types.hpp"

namespace spill {

struct MinuteBar {
    std::int64_t minute = 0;       // minute_of(ts_event) of everything in it
    Price open, high, low, close;  // valid while `priced`
    Quantity volume;               // all sizes, odd lots included, cancels taken off
    Quantity buy, sell;            // by aggressor; the rest is unknown
    Quantity largest;              // largest priced trade
    Notional notional;             // of priced trades
    Quantity priced_volume;        // the sizes behind `notional`
    std::uint32_t trades = 0;      // priced trades
    bool priced = false;           // false: no price in this minute

    template <class A>
    void archive(A& a) {
        a(minute, open, high, low, close, volume, buy, sell, largest, notional, priced_volume,
          trades, priced);
    }
};

enum class BarVerdict : std::uint8_t {
    Ok,
    Late,  // the minute has closed: volume of the session only
    Ahead  // more than kOpen minutes beyond the last closed one: not counted anywhere
};

class MinuteBars {
public:
    static constexpr std::size_t kOpen = 4;  // minutes that can be open at the same time

    // An accepted trade that is eligible for price and for volume (kNoVolume: price only).
    BarVerdict trade(const Event& event) noexcept;
    // Volume without price: odd lots, prints that must not move prices.
    BarVerdict volume_only(const Event& event) noexcept;
    // Takes a size back while its minute is open; price extremes stay.
    BarVerdict cancel(const Event& event) noexcept;

    // Closes `minute` and returns its bar; not `priced` and zero volume when nothing traded.
    // REQUIRES ascending calls; minutes skipped over are discarded.
    MinuteBar close_minute(std::int64_t minute) noexcept;

    // Asks the memory for the bar of `minute`.
    void prefetch(std::int64_t minute) const noexcept {
        auto const n = static_cast<std::int64_t>(kOpen);
        auto const slot = static_cast<std::size_t>(((minute % n) + n) % n);
        auto const* const from = reinterpret_cast<const char*>(&slots_[slot]);
        for (std::size_t at = 0; at < sizeof(Slot); at += 64) __builtin_prefetch(from + at, 1);
    }

    // Every minute below this one is closed.
    [[nodiscard]] std::int64_t closed_to() const noexcept { return closed_to_; }

    template <class A>
    void archive(A& a) {
        a(slots_, closed_to_);
    }

private:
    struct Slot {
        MinuteBar bar;
        UnixNanos first, last;  // ts_event behind open and close
        bool used = false;

        template <class A>
        void archive(A& a) {
            a(bar, first, last, used);
        }
    };
    struct Found {
        Slot* slot;  // nullptr unless the verdict is Ok
        BarVerdict verdict;
    };
    [[nodiscard]] Found find(UnixNanos ts_event) noexcept;

    std::array<Slot, kOpen> slots_{};
    std::int64_t closed_to_ = std::numeric_limits<std::int64_t>::min();
};

// Sums since the session's open: cumulative volume (late prints included) and VWAP (without).
struct SessionTotals {
    Quantity volume;
    Quantity priced_volume;
    Notional notional;
    std::uint64_t late = 0;

    void add_bar(const MinuteBar& bar) noexcept;
    void add_late(Quantity size) noexcept;
    // Volume-weighted average price, price units; 0 before the first priced trade.
    [[nodiscard]] double vwap() const noexcept;

    template <class A>
    void archive(A& a) {
        a(volume, priced_volume, notional, late);
    }
};

// Sums that stop at the largest representable value instead of overflowing.
[[nodiscard]] Quantity saturating_add(Quantity a, Quantity b) noexcept;

}  // namespace spill
