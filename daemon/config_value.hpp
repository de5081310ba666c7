// Scalar values of the configuration: text -> value and back, with errors a person can act on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace spill {

// Replaces ${VAR}, ${VAR:-default} and ${VAR:?message}; "$$" stands for one dollar sign. An unset
// variable without a default is an error; an empty one counts as unset for the last two forms.
[[nodiscard]] Result<std::string> expand_environment(std::string_view text);

[[nodiscard]] std::optional<bool> parse_flag(std::string_view text);

// The whole text must be a finite number, or an integer in decimal digits.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// "250 ms", "2 s", "15 min", "1.5 h". A number without a unit is an error, except 0.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// "64 KiB", "1 MiB", "512 B". A number without a unit is an error, except 0.
[[nodiscard]] Result<std::int64_t> parse_bytes(std::string_view text);

// A number and, if there is one, the unit behind it: "15 min" -> {"15", "min"}.
struct NumberWithUnit {
    std::string_view number;
    std::string_view unit;
};
[[nodiscard]] NumberWithUnit split_unit(std::string_view text) noexcept;

// The shortest text that reads back to the same value, in the largest unit that needs no fraction.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds value);
[[nodiscard]] std::string format_bytes(std::int64_t value);
[[nodiscard]] std::string format_number(double value);

}  // namespace spill
