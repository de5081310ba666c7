// "Did you mean": the known word that is nearest to a misspelt one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace spill {

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours,
// upper and lower case being equal.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, the first of equals, or empty when none is close enough to be what was
// meant: at most one edit in three characters.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> known);

// " (did you mean \"x\"?)", or empty.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> known);

}  // namespace spill
