// Reading the JSON of the venues: tokens, walks over fields, and what a token must be.
//
// No exceptions, no copies: tokens are views into the frame, except texts with a backslash, which
// simdjson resolves into its own buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "connectors/codec.hpp"
#include "core/decimal.hpp"
#include "core/types.hpp"

namespace spill::json {

namespace od = simdjson::ondemand;

inline constexpr std::size_t kMaxFrameBytes = std::size_t{1} << 20U;  // of a frame

enum class TokenType : std::uint8_t {
    Absent,  // the field is not there
    Invalid,
    Text,
    Number,  // begins like one; whoever wants its value parses it
    True,
    False,
    Null,
    Object,
    Array
};

// One value as the venue wrote it: a text without its quotes, a number as its characters.
class Token {
public:
    constexpr Token() = default;
    constexpr Token(TokenType type, std::string_view text) noexcept
        : data_(text.data()), size_(static_cast<std::uint32_t>(text.size())), type_(type) {}

    [[nodiscard]] constexpr bool is(TokenType other) const noexcept { return type_ == other; }
    [[nodiscard]] constexpr std::string_view text() const noexcept { return {data_, size_}; }
    // Empty unless it is a text: for the words of a venue that are only handed on.
    [[nodiscard]] constexpr std::string_view words() const noexcept {
        return is(TokenType::Text) ? text() : std::string_view{};
    }

private:
    char const* data_ = nullptr;
    std::uint32_t size_ = 0;  // a frame is at most kMaxFrameBytes
    TokenType type_ = TokenType::Absent;
};

// Reads a scalar as it stands, with backslashes, and leaves a container where it is (to be walked
// or skipped by the caller). For fields whose parser refuses a backslash anyway.
[[nodiscard]] inline Token raw_token(od::value& value) noexcept {
    std::string_view raw = value.raw_json_token();
    while (raw.size() > 1 && static_cast<unsigned char>(raw.back()) <= ' ') raw.remove_suffix(1);
    if (raw.empty()) return {TokenType::Invalid, {}};
    switch (raw.front()) {
        case '"':
            if (raw.size() < 2 || raw.back() != '"') break;
            return {TokenType::Text, raw.substr(1, raw.size() - 2)};
        case '{': return {TokenType::Object, {}};
        case '[': return {TokenType::Array, {}};
        case 't':
            if (raw == "true") return {TokenType::True, raw};
            break;
        case 'f':
            if (raw == "false") return {TokenType::False, raw};
            break;
        case 'n':
            if (raw == "null") return {TokenType::Null, raw};
            break;
        default:
            if (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9')) {
                return {TokenType::Number, raw};
            }
            break;
    }
    return {TokenType::Invalid, {}};
}

// The same for names and words, in which a backslash is legal: it is resolved here.
[[nodiscard]] inline Token text_token(od::value& value) noexcept {
    Token const raw = raw_token(value);
    if (!raw.is(TokenType::Text) || raw.text().find('\\') == std::string_view::npos) return raw;
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return {TokenType::Invalid, {}};
    return {TokenType::Text, text};
}

// Calls visit(key, value) for every field: key is an od::raw_json_string, value an od::value& of
// which visit reads what it wants. The walk ends when visit returns a reason, or at the end.
template <class Visit>
[[nodiscard]] BadReason for_each_field(od::object& object, Visit&& visit) noexcept {
    for (auto entry : object) {
        od::field field;
        if (std::move(entry).get(field) != simdjson::SUCCESS) return BadReason::NotJson;
        BadReason const bad = visit(field.key(), field.value());
        if (bad != BadReason::None) return bad;
    }
    return BadReason::None;
}

// The same for the elements of an array: visit(value).
template <class Visit>
[[nodiscard]] BadReason for_each_element(od::array& array, Visit&& visit) noexcept {
    for (auto entry : array) {
        od::value value;
        if (entry.get(value) != simdjson::SUCCESS) return BadReason::NotJson;
        BadReason const bad = visit(value);
        if (bad != BadReason::None) return bad;
    }
    return BadReason::None;
}

// A field that nobody wants must still look like JSON; what is inside a container is checked for
// balance only.
[[nodiscard]] inline BadReason pass_over(od::value& value) noexcept {
    return raw_token(value).is(TokenType::Invalid) ? BadReason::NotJson : BadReason::None;
}

[[nodiscard]] inline BadReason read_raw(od::value& value, Token& out) noexcept {
    out = raw_token(value);
    return out.is(TokenType::Invalid) ? BadReason::NotJson : BadReason::None;
}

[[nodiscard]] inline BadReason read_text(od::value& value, Token& out) noexcept {
    out = text_token(value);
    return out.is(TokenType::Invalid) ? BadReason::NotJson : BadReason::None;
}

// The checks below turn tokens into fields of a row; each says why it cannot.

// The first reason of several checks, in the order written.
[[nodiscard]] constexpr BadReason first_bad(std::initializer_list<BadReason> reasons) noexcept {
    for (BadReason const reason : reasons) {
        if (reason != BadReason::None) return reason;
    }
    return BadReason::None;
}

[[nodiscard]] inline BadReason expect(Token const& token, TokenType type) noexcept {
    if (token.is(type)) return BadReason::None;
    return token.is(TokenType::Absent) ? BadReason::MissingField : BadReason::WrongType;
}

[[nodiscard]] inline BadReason to_symbol(Token const& token, std::string_view& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Text); bad != BadReason::None) return bad;
    out = token.text();
    return out.empty() ? BadReason::MissingField : BadReason::None;
}

// A price or a size: above zero, exact in 1e-9. `type` is how the venue writes it.
[[nodiscard]] inline BadReason to_positive(Token const& token, TokenType type,
                                           std::int64_t& nanos) noexcept {
    if (BadReason const bad = expect(token, type); bad != BadReason::None) return bad;
    DecimalResult const parsed = parse_decimal(token.text());
    switch (parsed.error) {
        case DecimalError::None: break;
        case DecimalError::Empty:
        case DecimalError::Malformed: return BadReason::BadNumber;
        case DecimalError::TooFine:
        case DecimalError::Overflow: return BadReason::Overflow;
    }
    nanos = parsed.nanos;
    return nanos > 0 ? BadReason::None : BadReason::BadNumber;
}

[[nodiscard]] inline BadReason to_uint64(Token const& token, std::uint64_t& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Number); bad != BadReason::None) return bad;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text());
    if (!parsed) return BadReason::BadNumber;
    out = *parsed;
    return BadReason::None;
}

// No venue has existed before this (1973-03-03): seconds read as milliseconds fall below it.
inline constexpr std::int64_t kEarliestNanos = 100'000'000'000'000'000;

// A venue time in milliseconds or in microseconds; its magnitude says which.
[[nodiscard]] inline BadReason to_nanos(std::uint64_t time, UnixNanos& out) noexcept {
    constexpr std::uint64_t kLastMillis = 9'223'372'036'854;
    constexpr std::uint64_t kFirstMicros = 100'000'000'000'000;
    constexpr std::uint64_t kLastMicros = 9'223'372'036'854'775;
    if (time <= kLastMillis) {
        out.ns = static_cast<std::int64_t>(time) * 1'000'000;
    } else if (time >= kFirstMicros && time <= kLastMicros) {
        out.ns = static_cast<std::int64_t>(time) * 1'000;
    } else {
        return BadReason::BadTime;
    }
    return out.ns >= kEarliestNanos ? BadReason::None : BadReason::BadTime;
}

[[nodiscard]] inline BadReason to_time(Token const& token, UnixNanos& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Number); bad != BadReason::None) return bad;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text());
    return parsed ? to_nanos(*parsed, out) : BadReason::BadTime;
}

// Our request ids are numbers; a venue may hand them back as text. -1 when it is not one of ours.
[[nodiscard]] inline std::int64_t to_request_id(Token const& token) noexcept {
    if (!token.is(TokenType::Number) && !token.is(TokenType::Text)) return -1;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text());
    constexpr auto kMax = static_cast<std::uint64_t>(INT64_MAX);
    return parsed && *parsed <= kMax ? static_cast<std::int64_t>(*parsed) : -1;
}

// The quick look: each finds a field at or after the place where the last look-up ended, and is
// false when the field is not there or is anything but the plain form of what is expected. They are
// inlined by force: with the key known, comparing it is one instruction instead of a call.
namespace quick {

[[nodiscard, gnu::always_inline]] inline bool raw(od::object& object, std::string_view key,
                                                  std::string_view& out) noexcept {
    od::value value;
    if (object.find_field(key).get(value) != simdjson::SUCCESS) return false;
    out = value.raw_json_token();
    return true;
}

// The inside of a text without backslashes.
[[nodiscard, gnu::always_inline]] inline bool quoted(od::object& object, std::string_view key,
                                                     std::string_view& out) noexcept {
    if (!raw(object, key, out)) return false;
    if (out.size() < 3 || out.front() != '"' || out.back() != '"') return false;
    out = out.substr(1, out.size() - 2);
    return true;
}

[[nodiscard, gnu::always_inline]] inline bool text(od::object& object, std::string_view key,
                                                   std::string_view& out) noexcept {
    return quoted(object, key, out) && out.find('\\') == std::string_view::npos;
}

[[nodiscard, gnu::always_inline]] inline bool positive(std::string_view digits,
                                                       std::int64_t& nanos) noexcept {
    DecimalResult const parsed = parse_decimal(digits);
    nanos = parsed.nanos;
    return parsed.ok() && nanos > 0;
}

[[nodiscard, gnu::always_inline]] inline bool uint64(od::object& object, std::string_view key,
                                                     std::string_view& digits,
                                                     std::uint64_t& out) noexcept {
    if (!raw(object, key, digits)) return false;
    std::optional<std::uint64_t> const parsed = parse_uint64(digits);
    out = parsed.value_or(0);
    return parsed.has_value();
}

[[nodiscard, gnu::always_inline]] inline bool time(od::object& object, std::string_view key,
                                                   UnixNanos& out) noexcept {
    std::string_view digits;
    std::uint64_t value = 0;
    return uint64(object, key, digits, value) && to_nanos(value, out) == BadReason::None;
}

[[nodiscard, gnu::always_inline]] inline bool flag(od::object& object, std::string_view key,
                                                   bool& out) noexcept {
    std::string_view word;
    if (!raw(object, key, word)) return false;
    out = word == "true";
    return out || word == "false";
}

// Goes over the remaining fields; what they hold is checked for structure only.
[[nodiscard, gnu::always_inline]] inline bool ends(od::object& object) noexcept {
    constexpr std::string_view kNoField = "\x01";  // no JSON key has a bare control character
    return object.find_field(kNoField).error() == simdjson::NO_SUCH_FIELD;
}

}  // namespace quick

}  // namespace spill::json
