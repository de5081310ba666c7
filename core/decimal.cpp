#include "core/decimal.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace spill {
namespace {

constexpr unsigned digit_of(char c) noexcept {
    return static_cast<unsigned char>(c) - unsigned{'0'};
}

// 10^0 .. 10^19: every power that 64 unsigned bits hold.
constexpr auto kUnsignedPowers = [] {
    std::array<std::uint64_t, 20> powers{};
    std::uint64_t power = 1;
    for (std::uint64_t& entry : powers) {
        entry = power;
        power *= 10;  // the last product wraps and is not stored
    }
    return powers;
}();

// The significant digits of a number, without leading and trailing zeros.
//
// Invariant: the digits pushed so far are `value` followed by `zeros` zeros, as long as `length`
// (digits of `value`) is at most kMaxLength. Beyond that `value` is meaningless: more significant
// digits than 19 are either too large or too fine, and only `length` is needed to tell which.
struct Significand {
    static constexpr std::int64_t kMaxLength = 19;
    std::uint64_t value = 0;
    std::int64_t length = 0;
    std::int64_t zeros = 0;

    void push(unsigned digit) noexcept {
        if (digit == 0) {
            if (length != 0) ++zeros;
            return;
        }
        if (length + zeros + 1 <= kMaxLength) {
            value = value * kUnsignedPowers[static_cast<std::size_t>(zeros + 1)] + digit;
        }
        length += zeros + 1;
        zeros = 0;
    }
};

constexpr DecimalResult failure(DecimalError error) noexcept {
    return DecimalResult{.nanos = 0, .error = error};
}

// value x 10^shift with its sign, where value has no trailing zeros.
DecimalResult scaled(const Significand& digits, std::int64_t shift, bool negative) noexcept {
    if (digits.length == 0) return DecimalResult{};
    if (digits.length + shift > Significand::kMaxLength) return failure(DecimalError::Overflow);
    if (shift < 0) return failure(DecimalError::TooFine);
    std::uint64_t magnitude = 0;
    if (__builtin_mul_overflow(digits.value, kUnsignedPowers[static_cast<std::size_t>(shift)],
                               &magnitude)) {
        return failure(DecimalError::Overflow);
    }
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (magnitude > kMax + (negative ? 1U : 0U)) return failure(DecimalError::Overflow);
    std::uint64_t const twos_complement = negative ? 0U - magnitude : magnitude;
    return DecimalResult{.nanos = static_cast<std::int64_t>(twos_complement),
                         .error = DecimalError::None};
}

// Reads "[+-]digits" from `at` to the end of `text`. False when that is not what is there.
bool read_exponent(std::string_view text, std::size_t at, std::int64_t* exponent) noexcept {
    // Larger ones saturate: with text shorter than this the outcome is the same.
    constexpr std::int64_t kSaturated = 1'000'000'000'000;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    if (at == text.size()) return false;
    std::int64_t value = 0;
    for (; at < text.size(); ++at) {
        unsigned const digit = digit_of(text[at]);
        if (digit > 9) return false;
        if (value < kSaturated) value = value * 10 + static_cast<std::int64_t>(digit);
    }
    *exponent = negative ? -value : value;
    return true;
}

Result<std::int64_t> nanos_from(std::string_view text) {
    DecimalResult const parsed = parse_decimal(text);
    if (parsed.ok()) return parsed.nanos;
    constexpr std::size_t kQuoted = 40;
    std::string message = "'";
    for (char const c : text.substr(0, kQuoted)) {
        message += static_cast<unsigned char>(c) < 0x20 ? '?' : c;  // a message is one line
    }
    if (text.size() > kQuoted) message += "...";
    message += "' is ";
    message += to_string(parsed.error);
    switch (parsed.error) {
        case DecimalError::None:
        case DecimalError::Empty:
        case DecimalError::Malformed: return fail(Errc::InvalidArgument, std::move(message));
        case DecimalError::TooFine:
        case DecimalError::Overflow: break;
    }
    return fail(Errc::OutOfRange, std::move(message));
}

}  // namespace

const char* to_string(DecimalError error) noexcept {
    switch (error) {
        case DecimalError::None: return "a decimal number";
        case DecimalError::Empty: return "empty where a decimal number is needed";
        case DecimalError::Malformed: return "not a decimal number";
        case DecimalError::TooFine: return "finer than 0.000000001";
        case DecimalError::Overflow: return "beyond 9223372036.854775807";
    }
    return "not a decimal number";
}

namespace detail {

DecimalResult parse_decimal_any(std::string_view text) noexcept {
    if (text.empty()) return failure(DecimalError::Empty);
    std::size_t at = 0;
    bool const negative = text[0] == '-';
    if (negative) ++at;

    Significand digits;
    std::size_t const whole_begin = at;
    for (; at < text.size() && digit_of(text[at]) <= 9; ++at) digits.push(digit_of(text[at]));
    if (at == whole_begin) return failure(DecimalError::Malformed);

    std::int64_t decimals = 0;
    if (at < text.size() && text[at] == '.') {
        std::size_t const fraction_begin = ++at;
        for (; at < text.size() && digit_of(text[at]) <= 9; ++at) digits.push(digit_of(text[at]));
        if (at == fraction_begin) return failure(DecimalError::Malformed);
        decimals = static_cast<std::int64_t>(at - fraction_begin);
    }

    std::int64_t exponent = 0;
    if (at < text.size()) {
        bool const has_exponent = text[at] == 'e' || text[at] == 'E';
        if (!has_exponent || !read_exponent(text, at + 1, &exponent)) {
            return failure(DecimalError::Malformed);
        }
    }
    return scaled(digits, digits.zeros - decimals + exponent + 9, negative);
}

}  // namespace detail

Result<Price> price_from(std::string_view text) {
    return nanos_from(text).map([](std::int64_t nanos) { return Price{nanos}; });
}

Result<Quantity> quantity_from(std::string_view text) {
    return nanos_from(text).map([](std::int64_t nanos) { return Quantity{nanos}; });
}

std::size_t format_decimal(std::int64_t nanos, char* out) noexcept {
    char* at = out;
    std::uint64_t magnitude = static_cast<std::uint64_t>(nanos);
    if (nanos < 0) {
        *at++ = '-';
        magnitude = 0U - magnitude;
    }
    constexpr auto kUnit = static_cast<std::uint64_t>(kNanosPerUnit);
    at = std::to_chars(at, out + kMaxDecimalText, magnitude / kUnit).ptr;
    std::uint64_t fraction = magnitude % kUnit;
    if (fraction == 0) return static_cast<std::size_t>(at - out);
    *at++ = '.';
    // Nine digits from the left until nothing is left: trailing zeros are never written.
    for (std::uint64_t unit = kUnit / 10; fraction != 0; unit /= 10) {
        *at++ = static_cast<char>('0' + static_cast<int>(fraction / unit));
        fraction %= unit;
    }
    return static_cast<std::size_t>(at - out);
}

std::string to_text(Price price) {
    std::array<char, kMaxDecimalText> text;
    return std::string(text.data(), format_decimal(price.nanos, text.data()));
}

std::string to_text(Quantity quantity) {
    std::array<char, kMaxDecimalText> text;
    return std::string(text.data(), format_decimal(quantity.nanos, text.data()));
}

}  // namespace spill
