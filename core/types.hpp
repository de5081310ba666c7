// The strong types that every other header speaks in.
//
// Prices and quantities are 64-bit integers in units of 1e-9 (one "nano"). A double never carries
// money on its way from a venue to a level; features (ATR, RVOL, scores) are doubles and are made
// by the named conversions below. All types are trivially copyable and constexpr.
#pragma once

#include <compare>
#include <cstdint>

namespace spill {

// Nanos per unit: Price{1'000'000'000} is one unit of quote currency.
inline constexpr std::int64_t kNanosPerUnit = 1'000'000'000;

__extension__ typedef __int128 int128;  // sums of price x size overflow 64 bits

// Price in quote currency, 1e-9.
struct Price {
    std::int64_t nanos = 0;
    friend constexpr auto operator<=>(Price, Price) = default;
    [[nodiscard]] constexpr double to_double() const noexcept {
        return static_cast<double>(nanos) / 1e9;
    }
};

// Size in base units (shares, coins, contracts after the instrument's multiplier), 1e-9.
struct Quantity {
    std::int64_t nanos = 0;
    friend constexpr auto operator<=>(Quantity, Quantity) = default;
    [[nodiscard]] constexpr double to_double() const noexcept {
        return static_cast<double>(nanos) / 1e9;
    }
};

// Price x size in quote currency, 1e-18. 128 bits hold a year of any market.
struct Notional {
    int128 attos = 0;
    constexpr Notional& operator+=(Notional other) noexcept {
        attos += other.attos;
        return *this;
    }
    [[nodiscard]] constexpr double to_double() const noexcept {
        return static_cast<double>(attos) / 1e18;
    }
};

[[nodiscard]] constexpr Notional notional(Price price, Quantity size) noexcept {
    return Notional{static_cast<int128>(price.nanos) * size.nanos};
}

// Nanoseconds since 1970-01-01T00:00:00Z on the wall clock of whoever stamped it. Deadlines use
// std::chrono::steady_clock instead; the two never mix.
struct UnixNanos {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(UnixNanos, UnixNanos) = default;
};

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerMinute = 60 * kNanosPerSecond;

// A minute of wall time, numbered from the epoch: minute m covers [m*60 s, (m+1)*60 s).
[[nodiscard]] constexpr std::int64_t minute_of(UnixNanos t) noexcept {
    std::int64_t const q = t.ns / kNanosPerMinute;
    return t.ns % kNanosPerMinute < 0 ? q - 1 : q;
}
[[nodiscard]] constexpr UnixNanos minute_start(std::int64_t minute) noexcept {
    return UnixNanos{minute * kNanosPerMinute};
}

// Dense ids, assigned by the instrument registry in configuration order. Ascending instrument id
// is the processing order of everything that is evaluated per minute.
struct InstrumentId {
    std::uint32_t value = 0xFFFF'FFFF;
    friend constexpr auto operator<=>(InstrumentId, InstrumentId) = default;
    [[nodiscard]] constexpr bool valid() const noexcept { return value != 0xFFFF'FFFF; }
};

// A feed key: one (instrument, venue, source). Baselines, tick filters and dedupe live per feed.
struct FeedId {
    std::uint16_t value = 0xFFFF;
    friend constexpr auto operator<=>(FeedId, FeedId) = default;
    [[nodiscard]] constexpr bool valid() const noexcept { return value != 0xFFFF; }
};

struct VenueId {
    std::uint8_t value = 0xFF;
    friend constexpr auto operator<=>(VenueId, VenueId) = default;
    [[nodiscard]] constexpr bool valid() const noexcept { return value != 0xFF; }
};

// A basket (chips) or a bucket (tokens).
struct GroupId {
    std::uint16_t value = 0xFFFF;
    friend constexpr auto operator<=>(GroupId, GroupId) = default;
    [[nodiscard]] constexpr bool valid() const noexcept { return value != 0xFFFF; }
};

// The side that crossed the spread.
enum class Aggressor : std::uint8_t { Unknown, Buy, Sell };

[[nodiscard]] constexpr const char* to_string(Aggressor aggressor) noexcept {
    switch (aggressor) {
        case Aggressor::Buy: return "buy";
        case Aggressor::Sell: return "sell";
        case Aggressor::Unknown: return "unknown";
    }
    return "unknown";
}

// What share of the market a feed shows (signals.md 2.16 decision 2), worst first so that
// std::max picks the better of two.
enum class Coverage : std::uint8_t {
    Unknown,
    Delayed,
    Derivative,
    SingleVenue,
    VenueSum,
    Consolidated
};

[[nodiscard]] constexpr const char* to_string(Coverage coverage) noexcept {
    switch (coverage) {
        case Coverage::Unknown: return "unknown";
        case Coverage::Delayed: return "delayed";
        case Coverage::Derivative: return "derivative";
        case Coverage::SingleVenue: return "single_venue";
        case Coverage::VenueSum: return "venue_sum";
        case Coverage::Consolidated: return "consolidated";
    }
    return "unknown";
}

// A market's trading calendar. Utc is the 24x7 day of tokens, rolled at 00:00 UTC.
enum class Market : std::uint8_t { Xnys, Xkrx, Utc };
inline constexpr int kMarkets = 3;

[[nodiscard]] constexpr const char* to_string(Market market) noexcept {
    switch (market) {
        case Market::Xnys: return "XNYS";
        case Market::Xkrx: return "XKRX";
        case Market::Utc: return "UTC";
    }
    return "UTC";
}

}  // namespace spill
