// `spilloverd evaluate`: planted truth against the production engine, with gates.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "core/calendar.hpp"
#include "daemon/evaluate_report.hpp"

namespace spill {

inline constexpr int kMinEpisodes = 2;
inline constexpr int kMaxEpisodes = 1'000;

struct EvaluateOptions {
    std::uint64_t seed = 2;          // a fixed seed of the gates
    int episodes = 60;               // of each class, kMinEpisodes..kMaxEpisodes
    double noise = 1.0;              // factor on the standard deviations of volume, 0..3
    double variance_exponent = 0.7;  // variance of returns goes with volume to this power, 0..1
    bool json = false;
};

// Each appends its table and its gates. Throws std::runtime_error when the calendars do not cover
// the day on which the episodes play.
void evaluate_breakouts(const EvaluateOptions& options, const Calendars& calendars,
                        Evaluation& out);
void evaluate_tokens(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out);

// Prints tables and gates. kOk, kFailure when a gate fails, kUsage for an option out of range. The
// same options give the same bytes.
[[nodiscard]] int run_evaluate(const EvaluateOptions& options, std::ostream& out,
                               std::ostream& err);

}  // namespace spill
