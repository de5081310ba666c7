// Decimal text to 1e-9 fixed point and back, without doubles.
//
// Accepts JSON numbers ("12", "12.5", "1.5e-7", "-2E+3") and, beyond JSON, leading zeros: venues
// write both, quoted or bare. Exact or refused: nothing is ever rounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

enum class DecimalError : std::uint8_t {
    None,
    Empty,
    Malformed,  // not a number: signs, blanks, hex, NaN, a dot without digits on both sides
    TooFine,    // a non-zero digit below 1e-9
    Overflow    // the value in nanos does not fit 64 bits
};

[[nodiscard]] const char* to_string(DecimalError error) noexcept;

// `nanos` is 0 unless `error` is None.
struct DecimalResult {
    std::int64_t nanos = 0;
    DecimalError error = DecimalError::None;
    [[nodiscard]] constexpr bool ok() const noexcept { return error == DecimalError::None; }
};

namespace detail {

inline constexpr std::array<std::int64_t, 10> kPowersOfTen{
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// Any text; what parse_decimal's short path does not take.
[[nodiscard]] DecimalResult parse_decimal_any(std::string_view text) noexcept;

}  // namespace detail

// A minus sign gives a negative value; whether that is allowed is the caller's rule.
// No allocation; text of any length is safe.
[[nodiscard]] inline DecimalResult parse_decimal(std::string_view text) noexcept {
    constexpr std::size_t kShort = 18;  // so many digits cannot overflow the sum
    if (text.empty() || text.size() > kShort) return detail::parse_decimal_any(text);
    std::int64_t digits = 0;
    std::size_t dot = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned const digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
        if (digit <= 9) {
            digits = digits * 10 + static_cast<std::int64_t>(digit);
        } else if (text[i] == '.' && dot == text.size()) {
            dot = i;
        } else {
            return detail::parse_decimal_any(text);
        }
    }
    std::size_t const decimals = dot == text.size() ? 0 : text.size() - dot - 1;
    bool const bare_dot = dot == 0 || dot + 1 == text.size();
    if (bare_dot || decimals > 9) return detail::parse_decimal_any(text);
    DecimalResult result;
    if (__builtin_mul_overflow(digits, detail::kPowersOfTen[9 - decimals], &result.nanos)) {
        return DecimalResult{.nanos = 0, .error = DecimalError::Overflow};
    }
    return result;
}

// For start-up and edges (they allocate on failure). Errors: OutOfRange for TooFine and Overflow,
// else InvalidArgument; the message quotes the text.
[[nodiscard]] Result<Price> price_from(std::string_view text);
[[nodiscard]] Result<Quantity> quantity_from(std::string_view text);

// The longest text that format_decimal writes: "-9223372036.854775808".
inline constexpr std::size_t kMaxDecimalText = 21;

// Writes the shortest exact text ("100", "0.000356", "-0.5") and returns its length.
// REQUIRES kMaxDecimalText bytes at `out`. Nothing is appended, not even a zero byte.
std::size_t format_decimal(std::int64_t nanos, char* out) noexcept;

[[nodiscard]] std::string to_text(Price price);
[[nodiscard]] std::string to_text(Quantity quantity);

// Digits only; leading zeros are allowed. Nothing when empty, not digits, or beyond 64 bits.
[[nodiscard]] inline std::optional<std::uint64_t> parse_uint64(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char const c : text) {
        unsigned const digit = static_cast<unsigned char>(c) - unsigned{'0'};
        if (digit > 9) return std::nullopt;
        if (__builtin_mul_overflow(value, std::uint64_t{10}, &value)) return std::nullopt;
        if (__builtin_add_overflow(value, std::uint64_t{digit}, &value)) return std::nullopt;
    }
    return value;
}

}  // namespace spill
