// One chip's day, minute by minute, around the level that it breaks or does not break.
//
// Positions are distances from the level in ATR. The free constants of each scenario are drawn
// from the ranges of signals.md 3.1; where the table names none, the range stands in the source.
#pragma once

#include <vector>

#include "connectors/simulator/episode.hpp"

namespace spill::sim {

struct ChipPath {
    std::vector<double> x;       // at the start of minute i; one more than there are minutes
    std::vector<double> volume;  // of minute i, multiples of an ordinary session's mean minute
    int push_minute = 0;         // of the push through the level
    int turn_minute = 0;         // unwind chain: the leader turns down
};

struct ChipPathInput {
    EpisodeKind kind = EpisodeKind::Noise;
    int minutes = 390;
    bool leader = true;      // unwind chain only: the leader, or one of the group
    double previous = -0.5;  // previous close, in ATR from the level
    int chain_turn = 0;      // unwind chain, members: when the leader turns; 0 for the leader
};

// Standard deviation of one session's move, ATR.
inline constexpr double kChipDaySd = 0.6;

// `noise` is the instrument's running volume noise, at the beginning of the day.
[[nodiscard]] ChipPath make_chip_path(const ChipPathInput& input, const NoiseModel& model,
                                      VolumeNoise5m& noise, Rng& rng);

// Mean of (curve x noise)^exponent over a session: divides what a minute's variance gets.
[[nodiscard]] double chip_variance_norm(const NoiseModel& model, const VolumeNoise5m& noise,
                                        int minutes) noexcept;

}  // namespace spill::sim
