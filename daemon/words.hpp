// A signal in words that a trader understands.
#pragma once

#include <string>

#include "core/signal.hpp"

namespace spill {

// Without time and name of the stream: "MU.P breaks above its prior-day high 118.20 at 118.31".
[[nodiscard]] std::string in_words(const Signal& signal);

// Approaches to a level and retreats from it: worth a line on the wire, not on a screen.
[[nodiscard]] bool is_minor(const Signal& signal) noexcept;

}  // namespace spill
