// `spilloverd simulate`: the planted scenarios of `evaluate` as files for `spilloverd replay`.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "daemon/simulate_market.hpp"

namespace spill {

struct SimulateOptions {
    std::string scenario;  // a word of recordable(), or "all"
    std::uint64_t seed = 1;
    std::string output;  // a directory that does not exist or is empty
    double noise = 1.0;  // factor on the standard deviations of volume, 0..3
    int episodes = kSimulatedEpisodes;
};

// Writes the files, with "all" one directory a scenario, and prints the command that judges them.
// kOk, kUsage (unknown scenario, option out of range), kFailure (directory in use, writing failed).
[[nodiscard]] int run_simulate(const SimulateOptions& options, std::ostream& out,
                               std::ostream& err);

}  // namespace spill
