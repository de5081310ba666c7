// The scenarios of signals.md 3.1 at the level of events: what is planted, and the noise around it.
//
// An episode is one planted fact on one instrument (or bucket). The generators play many episodes
// at once, each on its own instrument, and know nothing of the rules that will judge them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "connectors/simulator/rng.hpp"
#include "core/event.hpp"
#include "core/types.hpp"

namespace spill::sim {

// yyyymmdd of the Thursday on which every episode plays: an XNYS session whose twenty weekdays
// before it are known to every calendar.
inline constexpr std::int32_t kEpisodeDate = 20260528;

enum class EpisodeKind : std::uint8_t {
    TrueBreak,
    Retest,
    Fake,
    Trap,
    Drift,
    Chop,
    Organic,
    Headline,
    Burst,
    Block,
    Wash,
    Noise,
    RotationWave,
    BtcWave,
    OneToken,
    Unwind
};

enum class WashTape : std::uint8_t { UniformPairs, FixedSizes, Mimic };

// One row of the tables: a kind with its parameters.
struct EpisodeClass {
    std::string_view name;      // "organic x4"
    std::string_view scenario;  // "S7"
    EpisodeKind kind = EpisodeKind::Noise;
    double multiple = 1.0;      // of ordinary volume at the peak
    double ramp_minutes = 0.0;  // to the peak; 0 = 5 to 15 minutes
    WashTape tape = WashTape::UniformPairs;
    int washed_venues = 0;
    std::string_view words;  // what is planted, for people
};

[[nodiscard]] constexpr bool is_chip(EpisodeKind kind) noexcept {
    return kind <= EpisodeKind::Chop;
}

// All classes in the order of the tables. The first of a scenario is what `simulate` plays.
[[nodiscard]] std::span<const EpisodeClass> episode_classes() noexcept;
// nullptr when no class has that scenario or name.
[[nodiscard]] const EpisodeClass* find_episode_class(std::string_view word) noexcept;

// Noise as measured on real 5-minute bars: standard deviations of the logarithm of volume.
struct NoiseModel {
    double scale = 1.0;              // multiplies every standard deviation
    double variance_exponent = 0.7;  // variance of returns goes with volume to this power

    static constexpr double kVenueSd = 0.25;
    static constexpr double kSizeSd = 1.2;      // of one print
    static constexpr double kRoundShare = 0.3;  // prints of 1, 2 or 5 times a power of ten
};

// Standard deviations of the parts of the logarithm of a slot's volume, and what each part keeps
// from one day or slot to the next.
struct VolumeSpread {
    double day_sd, day_memory;
    double slow_sd, slow_memory;
    double fast_sd;
};
// signals.md 3.1, from real bars of tokens.
inline constexpr VolumeSpread kTokenSpread{0.3, 0.8, 0.45, 0.9, 0.5};
// From the real 5-minute bars of six chip stocks, 95 sessions each, against the engine's own
// baseline: day sd .22-.60 with memory .3-.7; within the day sd .31-.53 whose autocorrelation over
// 1, 2, 4 and 12 slots is .5, .35, .23 and 0.
inline constexpr VolumeSpread kChipSpread{0.3, 0.8, 0.3, 0.8, 0.25};

// The volume factor of one instrument, slot by slot.
class VolumeNoise5m {
public:
    VolumeNoise5m() = default;  // without noise until it is assigned
    VolumeNoise5m(const NoiseModel& model, const VolumeSpread& spread, Rng& rng) noexcept;
    void next_day(Rng& rng) noexcept;
    // Of the next slot of five minutes; mean 1 over all days.
    [[nodiscard]] double next_slot(Rng& rng) noexcept;
    // Mean of factor^exponent, which keeps the daily variance where it belongs.
    [[nodiscard]] double mean_power(double exponent) const noexcept;

private:
    [[nodiscard]] double variance() const noexcept;

    VolumeSpread spread_ = kTokenSpread;
    double scale_ = 0.0;
    double day_ = 0.0;
    double slow_ = 0.0;
};

// The nearest of 1, 2, 5 times a power of ten, by logarithm. REQUIRES size > 0.
[[nodiscard]] double round_size(double size) noexcept;

inline constexpr std::size_t kMaxPrints = 128;  // of one minute and feed

// Sizes of `count` prints that add up to about `volume`: lognormal, a share of them rounded.
// REQUIRES 1 <= count <= kMaxPrints.
struct PrintSizes {
    std::array<double, kMaxPrints> size{};
    int count = 0;
};
[[nodiscard]] PrintSizes draw_sizes(double volume, int count, Rng& rng) noexcept;

// One print. Sizes are rounded to 1e-4 base units, prices to the tick, and never become zero.
struct PrintSpec {
    InstrumentId instrument;
    FeedId feed;
    UnixNanos at;
    double price = 0.0;
    std::int64_t tick = 1;  // nanos
    double size = 0.0;
    Aggressor aggressor = Aggressor::Unknown;
    std::uint64_t id = 0;
};
[[nodiscard]] Event make_trade(const PrintSpec& spec) noexcept;

// Sorts by the time at which a consumer learns of the event; ties keep a fixed order by feed.
void sort_events(std::vector<Event>& events);

}  // namespace spill::sim
