// The plain rule beside rotation: the bucket's mean move of an hour and how many tokens share it.
#pragma once

#include <span>

#include "daemon/evaluate.hpp"

namespace spill {

inline constexpr double kNaiveMean = 0.015;   // of the returns of an hour
inline constexpr double kNaiveBreadth = 0.6;  // share of tokens that rose

// `returns` of one hour, one a token.
[[nodiscard]] bool naive_rotation(std::span<const double> returns) noexcept;

// Appends a table without gates: how often the rule fires on the buckets that `evaluate_tokens`
// plays, within the same minutes.
void evaluate_naive_rotation(const EvaluateOptions& options, Evaluation& out);

}  // namespace spill
