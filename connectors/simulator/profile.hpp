// Who trades how: base price, daily range, volume and trade rate of every instrument and feed, and
// the shape of its past sessions.
//
// Prices are planned as offsets x from a base price, in units of one typical daily range:
//   price = base x exp(range x x), rounded to the tick.
// The last kNested sessions of every instrument lie inside one another, so that no level is broken
// on the eve of the day that is played, and the prior high and low are known exactly.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "connectors/simulator/market.hpp"
#include "connectors/simulator/rng.hpp"
#include "core/calendar.hpp"
#include "core/instrument.hpp"

namespace spill::sim {

inline constexpr int kNested = 7;
inline constexpr double kOpeningSwing = 0.36;  // x of the opening range, either way

// Bounded mean-reverting noise of x. The standard deviation is that of the stationary process.
struct PathNoise {
    double sd = 0.0;
    double tau_minutes = 1.0;
    double bound = 1.0;  // |noise| < bound
};
[[nodiscard]] PathNoise path_noise(bool token) noexcept;
// Share of the noise that all tokens (chips) have in common with their benchmark.
[[nodiscard]] double common_weight(bool token) noexcept;
[[nodiscard]] double squash(double x, double bound) noexcept;

// Standard deviations of the logarithm of 5-minute volume (signals.md 3.1 for tokens).
struct VolumeNoise {
    double day = 0.0, day_memory = 0.8;
    double slow = 0.0, slow_memory = 0.9;
    double fast = 0.0;
    double venue = 0.0;
};
[[nodiscard]] VolumeNoise volume_noise(bool token, double scale) noexcept;

struct SessionShape {
    TradingSession session;
    double centre = 0.0;
    double reach = 0.5;  // high = centre + reach, low = centre - reach
};

struct InstrumentProfile {
    InstrumentId id;
    bool played = false;  // has a feed
    bool token = false;   // trades around the clock on UTC days (tokens and their benchmark)
    bool benchmark = false;
    bool live_session = false;  // its market is in session on the day that is played
    bool leader = false;
    double base_price = 0.0;
    double range = 0.0;  // log price per unit of x
    std::int64_t tick = 1;
    std::vector<SessionShape> sessions;  // ascending, all closed before the live start
    // In x, as the last sessions define them.
    double atr = 1.0;
    double prior_high = 0.0, prior_low = 0.0;
    double high20 = 0.0, low20 = 0.0;
};

struct FeedProfile {
    FeedId id;
    InstrumentId instrument;
    double volume_5m = 0.0;  // mean, base units, over the instrument's session
    double trades_per_minute = 0.0;
    double to_venue = 1.0;       // venue units per base unit
    std::int64_t size_step = 1;  // nanos of a venue unit
    bool trusted = false;
};

struct Profiles {
    std::vector<InstrumentProfile> instruments;  // index InstrumentId
    std::vector<FeedProfile> feeds;              // index FeedId
    TradingSession live;                         // the XNYS session that is played
    UnixNanos start, end;

    [[nodiscard]] double minute_at(UnixNanos at) const noexcept {
        return static_cast<double>(at.ns - live.open.ns) / static_cast<double>(kNanosPerMinute);
    }
    [[nodiscard]] UnixNanos time_at(double minute) const noexcept {
        return UnixNanos{live.open.ns + static_cast<std::int64_t>(minute * 60.0) * kNanosPerSecond};
    }
    [[nodiscard]] double close_minute() const noexcept { return minute_at(live.close); }
};

// Throws std::runtime_error when the day cannot be played.
[[nodiscard]] Profiles make_profiles(const MarketConfig& config);

// Mean volume of a moment relative to the mean of the session; deterministic.
[[nodiscard]] double chip_volume_curve(double minute, double session_minutes) noexcept;
[[nodiscard]] double token_volume_curve(UnixNanos at) noexcept;

[[nodiscard]] Price price_at(const InstrumentProfile& profile, double x) noexcept;

// All bars of all feeds before the live start, ordered by (end, feed).
[[nodiscard]] std::vector<Event> make_history(const MarketConfig& config, const Profiles& profiles);

}  // namespace spill::sim
