// The unwind chain (S15): leader fails, group falls, tokens are sold; do the levels come in order?
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "core/calendar.hpp"
#include "core/types.hpp"
#include "daemon/evaluate.hpp"
#include "daemon/evaluate_run.hpp"

namespace spill {

inline constexpr std::size_t kUnwindLevels = 3;

// When a bucket first reached watch, warning and active.
using UnwindTimes = std::array<std::optional<UnixNanos>, kUnwindLevels>;

[[nodiscard]] UnwindTimes unwind_times(const EdgeLog& log, const std::string& bucket,
                                       UnixNanos from);
// All three, none before the one below it.
[[nodiscard]] bool in_order(const UnwindTimes& times) noexcept;

// Appends a table without a gate: the specification names none. One chain in five episodes, each
// with a market and a history of its own.
void evaluate_unwind(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out);

}  // namespace spill
