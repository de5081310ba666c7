// Fields that several venues write alike: numbers and times as text, RFC 3339 stamps, sides as
// words. Beside json_scan.hpp, which has the tokens themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "core/timestamp.hpp"

namespace spill::json {

// A count or an id that is written as text.
[[nodiscard]] inline BadReason to_text_uint64(Token const& token, std::uint64_t& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Text); bad != BadReason::None) return bad;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text());
    if (!parsed) return BadReason::BadNumber;
    out = *parsed;
    return BadReason::None;
}

// Milliseconds as text, with or without a fraction: "1790359171119" or "1790359171119.653000".
// What lies below a nanosecond is cut off.
[[nodiscard]] inline bool millis_of(std::string_view text, UnixNanos& out) noexcept {
    constexpr std::size_t kFractionDigits = 6;  // from milliseconds to nanoseconds
    constexpr std::uint64_t kMaxMillis = 9'223'372'036'853;
    std::size_t const dot = text.find('.');
    std::optional<std::uint64_t> const whole = parse_uint64(text.substr(0, dot));
    if (!whole || *whole > kMaxMillis) return false;
    std::int64_t fraction = 0;
    if (dot != std::string_view::npos) {
        std::string_view const digits = text.substr(dot + 1);
        if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
            return false;
        }
        for (std::size_t i = 0; i < kFractionDigits; ++i) {
            fraction = fraction * 10 + (i < digits.size() ? digits[i] - '0' : 0);
        }
    }
    out.ns = static_cast<std::int64_t>(*whole) * 1'000'000 + fraction;
    return out.ns >= kEarliestNanos;
}

[[nodiscard]] inline BadReason to_text_millis(Token const& token, UnixNanos& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Text); bad != BadReason::None) return bad;
    return millis_of(token.text(), out) ? BadReason::None : BadReason::BadTime;
}

[[nodiscard]] inline bool rfc3339_of(std::string_view text, UnixNanos& out) noexcept {
    std::optional<UnixNanos> const parsed = parse_rfc3339(text);
    if (!parsed || parsed->ns < kEarliestNanos) return false;
    out = *parsed;
    return true;
}

[[nodiscard]] inline BadReason to_rfc3339(Token const& token, UnixNanos& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Text); bad != BadReason::None) return bad;
    return rfc3339_of(token.text(), out) ? BadReason::None : BadReason::BadTime;
}

// The two words of a venue for a side, and who the aggressor is when it says the first.
struct SideWords {
    std::string_view buy;
    std::string_view sell;
    bool names_maker = false;  // the word is the side of the resting order
};

[[nodiscard]] inline bool side_of(std::string_view word, SideWords const& words,
                                  Aggressor& out) noexcept {
    bool const buy = word == words.buy;
    if (!buy && word != words.sell) return false;
    out = buy != words.names_maker ? Aggressor::Buy : Aggressor::Sell;
    return true;
}

[[nodiscard]] inline BadReason to_side(Token const& token, SideWords const& words,
                                       Aggressor& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Text); bad != BadReason::None) return bad;
    return side_of(token.text(), words, out) ? BadReason::None : BadReason::BadSide;
}

// Appends `symbols` as the elements of a JSON array, without its brackets.
inline void append_symbols(std::string& out, std::span<const std::string> symbols) {
    for (std::string const& symbol : symbols) {
        if (&symbol != symbols.data()) out += ',';
        append_json_string(out, symbol);
    }
}

namespace quick {

// A decimal above zero that is written as text.
[[nodiscard, gnu::always_inline]] inline bool text_positive(od::object& object,
                                                            std::string_view key,
                                                            std::int64_t& nanos) noexcept {
    std::string_view digits;
    return quoted(object, key, digits) && positive(digits, nanos);
}

[[nodiscard, gnu::always_inline]] inline bool text_uint64(od::object& object, std::string_view key,
                                                          std::string_view& digits,
                                                          std::uint64_t& out) noexcept {
    if (!quoted(object, key, digits)) return false;
    std::optional<std::uint64_t> const parsed = parse_uint64(digits);
    out = parsed.value_or(0);
    return parsed.has_value();
}

[[nodiscard, gnu::always_inline]] inline bool side(od::object& object, std::string_view key,
                                                   SideWords const& words,
                                                   Aggressor& out) noexcept {
    std::string_view word;
    return quoted(object, key, word) && side_of(word, words, out);
}

}  // namespace quick

}  // namespace spill::json
