// What happens on the day: a plan per instrument, and the truth that follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/simulator/curve.hpp"
#include "connectors/simulator/profile.hpp"
#include "connectors/simulator/truth.hpp"

namespace spill::sim {

enum class WashStyle : std::uint8_t { UniformPairs, FixedSizes, Mimic };

// Volume on one feed that changes no price.
struct Wash {
    FeedId feed;
    Curve multiple;  // of the feed's ordinary volume, on top of it; 0 = none
    WashStyle style = WashStyle::UniformPairs;
};

// One single print.
struct Block {
    FeedId feed;
    double minute = 0.0;
    double hours = 0.0;  // size in hours of the token's ordinary volume over all venues
};

struct Disturbance {
    enum class Kind : std::uint8_t {
        Silence,    // no print from `from` to `to` (halt, outage)
        BadTicks,   // single prints 5 % away, one in 200
        Disordered  // one in 20 prints is stamped up to 1.5 s early, one in 20 is sent twice
    };
    Kind kind = Kind::Silence;
    FeedId feed;
    double from = 0.0, to = 0.0;
};

struct InstrumentPlan {
    // Offset in x. Empty: the instrument follows the common curve. Otherwise it leaves the common
    // curve at the first knot and moves with it again (by differences) after the last.
    Curve path;
    Curve volume;             // multiple of ordinary volume; empty = the common one
    double path_noise = 1.0;  // gain of the bounded noise
    double volume_noise = 1.0;
    bool loose = false;              // twice the bound of noise: heavy volume moves the price
    double variance_exponent = 0.7;  // variance goes with volume to this power
};

struct DayPlan {
    std::vector<InstrumentPlan> instruments;  // index InstrumentId
    Curve chips;                              // common offset of chips
    Curve chip_volume;                        // common multiple of chip volume
    Curve bucket;                             // common offset of the tokens of `moving_bucket`
    Curve btc;  // offset of the token benchmark; tokens follow with their beta
    GroupId moving_bucket;
    std::vector<Wash> washes;
    std::vector<Block> blocks;
    std::vector<Disturbance> disturbances;
    std::vector<Planted> truth;

    [[nodiscard]] double chip_offset(InstrumentId id, double minute) const noexcept;
};

// Throws std::runtime_error when the scenario is unknown or the registry has nothing to play it.
[[nodiscard]] DayPlan make_plan(const MarketConfig& config, const Profiles& profiles);

}  // namespace spill::sim
