// What the JSON codecs share: one pass over a frame in place, every scalar checked as it goes by.
//
// A codec walks each object once and picks fields by name, so the order in which a venue writes
// them costs nothing (Bybit has two orders on two paths) and a frame that is cut or garbled
// anywhere is noticed before a trade leaves. No exceptions, no copies: tokens are views into the
// frame, except texts with a backslash, which simdjson unescapes into its own buffer.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/codec.hpp"
#include "core/decimal.hpp"
#include "core/types.hpp"

namespace spill::json {

namespace od = simdjson::ondemand;

inline constexpr std::size_t kMaxFrameBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxRows = 1024;  // of one frame; Bybit's documented bound

static_assert(Codec::kPadding >= simdjson::SIMDJSON_PADDING);

enum class TokenType : std::uint8_t {
    Absent,  // the field is not there
    Invalid,
    Text,
    Number,
    True,
    False,
    Null,
    Object,
    Array
};

// One value as the venue wrote it: a text without its quotes, a number as its digits.
struct Token {
    TokenType type = TokenType::Absent;
    std::string_view text;

    [[nodiscard]] bool is(TokenType other) const noexcept { return type == other; }
};

[[nodiscard]] inline bool is_json_number(std::string_view text) noexcept {
    std::size_t i = 0;
    auto const digits = [&]() noexcept {
        std::size_t const from = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
        return i - from;
    };
    if (i < text.size() && text[i] == '-') ++i;
    std::size_t const first = i;
    std::size_t const whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (digits() == 0) return false;
    }
    return i == text.size();
}

// Reads a scalar and leaves a container where it is (to be walked or skipped by the caller).
[[nodiscard]] inline Token read_token(od::value& value) noexcept {
    std::string_view raw = value.raw_json_token();
    while (raw.size() > 1) {
        char const last = raw.back();
        if (last != ' ' && last != '\n' && last != '\r' && last != '\t') break;
        raw.remove_suffix(1);
    }
    if (raw.empty()) return Token{.type = TokenType::Invalid, .text = {}};
    switch (raw.front()) {
        case '"': {
            if (raw.size() < 2 || raw.back() != '"') break;
            std::string_view text = raw.substr(1, raw.size() - 2);
            if (text.find('\\') != std::string_view::npos) {
                if (value.get_string().get(text) != simdjson::SUCCESS) break;
            }
            return Token{.type = TokenType::Text, .text = text};
        }
        case '{': return Token{.type = TokenType::Object, .text = {}};
        case '[': return Token{.type = TokenType::Array, .text = {}};
        case 't':
            if (raw == "true") return Token{.type = TokenType::True, .text = raw};
            break;
        case 'f':
            if (raw == "false") return Token{.type = TokenType::False, .text = raw};
            break;
        case 'n':
            if (raw == "null") return Token{.type = TokenType::Null, .text = raw};
            break;
        default:
            if (is_json_number(raw)) return Token{.type = TokenType::Number, .text = raw};
            break;
    }
    return Token{.type = TokenType::Invalid, .text = {}};
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

// A field that nobody wants must still be JSON. Containers are checked for balance only.
[[nodiscard]] inline BadReason pass_over(od::value& value) noexcept {
    return read_token(value).is(TokenType::Invalid) ? BadReason::NotJson : BadReason::None;
}

[[nodiscard]] inline BadReason read_into(od::value& value, Token& out) noexcept {
    out = read_token(value);
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
    out = token.text;
    return out.empty() ? BadReason::MissingField : BadReason::None;
}

// A price or a size: above zero, exact in 1e-9. `type` is how the venue writes it.
[[nodiscard]] inline BadReason to_positive(Token const& token, TokenType type,
                                           std::int64_t& nanos) noexcept {
    if (BadReason const bad = expect(token, type); bad != BadReason::None) return bad;
    DecimalResult const parsed = parse_decimal(token.text);
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
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text);
    if (!parsed) return BadReason::BadNumber;
    out = *parsed;
    return BadReason::None;
}

// No venue has existed before this (1973-03-03): seconds read as milliseconds fall below it.
inline constexpr std::int64_t kEarliestNanos = 100'000'000'000'000'000;

// A venue time in milliseconds or in microseconds; its magnitude says which.
[[nodiscard]] inline BadReason to_time(Token const& token, UnixNanos& out) noexcept {
    if (BadReason const bad = expect(token, TokenType::Number); bad != BadReason::None) return bad;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text);
    constexpr std::uint64_t kLastMillis = 9'223'372'036'854;
    constexpr std::uint64_t kFirstMicros = 100'000'000'000'000;
    constexpr std::uint64_t kLastMicros = 9'223'372'036'854'775;
    if (!parsed) return BadReason::BadTime;
    if (*parsed <= kLastMillis) {
        out.ns = static_cast<std::int64_t>(*parsed) * 1'000'000;
    } else if (*parsed >= kFirstMicros && *parsed <= kLastMicros) {
        out.ns = static_cast<std::int64_t>(*parsed) * 1'000;
    } else {
        return BadReason::BadTime;
    }
    return out.ns >= kEarliestNanos ? BadReason::None : BadReason::BadTime;
}

// Our request ids are numbers; a venue may hand them back as text. -1 when it is not one of ours.
[[nodiscard]] inline std::int64_t to_request_id(Token const& token) noexcept {
    if (!token.is(TokenType::Number) && !token.is(TokenType::Text)) return -1;
    std::optional<std::uint64_t> const parsed = parse_uint64(token.text);
    constexpr auto kMax = static_cast<std::uint64_t>(INT64_MAX);
    return parsed && *parsed <= kMax ? static_cast<std::int64_t>(*parsed) : -1;
}

[[nodiscard]] inline Decoded bad_frame(BadReason reason) noexcept {
    Decoded decoded;
    decoded.kind = FrameKind::Bad;
    decoded.bad = reason;
    return decoded;
}

[[nodiscard]] inline Decoded frame_of(FrameKind kind) noexcept {
    Decoded decoded;
    decoded.kind = kind;
    return decoded;
}

// The steps that every JSON venue has in common; a venue says what an object means.
class JsonCodec : public Codec {
public:
    JsonCodec() : rows_(kMaxRows) {
        // Larger frames make the parser grow once; steady state allocates nothing.
        if (parser_.allocate(kFirstCapacity) != simdjson::SUCCESS) throw std::bad_alloc();
    }

    [[nodiscard]] Decoded decode(std::string_view frame, bool binary) noexcept final {
        if (binary) return bad_frame(BadReason::NotText);
        if (frame.empty()) return bad_frame(BadReason::Empty);
        if (frame.size() > kMaxFrameBytes) return bad_frame(BadReason::TooLarge);
        row_count_ = 0;
        if (BadReason const bad = open(frame); bad != BadReason::None) return bad_frame(bad);
        od::json_type type{};
        if (document_.type().get(type) != simdjson::SUCCESS) return bad_frame(BadReason::NotJson);
        if (type != od::json_type::object) return not_an_object(type);
        od::object root;
        if (document_.get_object().get(root) != simdjson::SUCCESS) {
            return bad_frame(BadReason::NotJson);
        }
        Decoded decoded = on_object(root);
        if (decoded.kind != FrameKind::Bad && !at_end()) return bad_frame(BadReason::NotJson);
        return decoded;
    }

protected:
    // Walks `root` to its end, unless the result is Bad.
    [[nodiscard]] virtual Decoded on_object(od::object& root) noexcept = 0;

    // Starts over, for a frame whose fields come in an order that needs a second look.
    [[nodiscard]] bool reopen(od::object& root) noexcept {
        document_.rewind();
        return document_.get_object().get(root) == simdjson::SUCCESS;
    }

    // The next free row, or nullptr when the frame has more than kMaxRows.
    [[nodiscard]] TradeRow* add_row() noexcept {
        if (row_count_ == rows_.size()) return nullptr;
        TradeRow& row = rows_[row_count_++];
        row = TradeRow{};
        return &row;
    }
    [[nodiscard]] std::span<TradeRow> rows() noexcept { return {rows_.data(), row_count_}; }
    void drop_rows() noexcept { row_count_ = 0; }

    [[nodiscard]] Decoded trades() noexcept {
        Decoded decoded = frame_of(FrameKind::Trade);
        decoded.trades = rows();
        return decoded;
    }

private:
    static constexpr std::size_t kFirstCapacity = std::size_t{1} << 16U;

    [[nodiscard]] BadReason open(std::string_view frame) noexcept {
        if (frame.size() > parser_.capacity() &&
            parser_.allocate(std::bit_ceil(frame.size())) != simdjson::SUCCESS) {
            return BadReason::TooLarge;
        }
        auto const error = parser_.iterate(frame.data(), frame.size(), frame.size() + kPadding)
                               .get(document_);
        if (error == simdjson::SUCCESS) return BadReason::None;
        if (error == simdjson::EMPTY) return BadReason::Empty;
        return error == simdjson::UTF8_ERROR ? BadReason::Utf8 : BadReason::NotJson;
    }

    // simdjson says OUT_OF_BOUNDS exactly when the last token has been consumed, no more.
    [[nodiscard]] bool at_end() noexcept {
        return document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }

    // Arrays are some other protocol (Kraken v1); a lone scalar is JSON and nobody's frame.
    [[nodiscard]] Decoded not_an_object(od::json_type type) noexcept {
        if (type == od::json_type::array) {
            od::array array;
            if (document_.get_array().get(array) != simdjson::SUCCESS) {
                return bad_frame(BadReason::NotJson);
            }
            BadReason const bad = for_each_element(array, pass_over);
            if (bad != BadReason::None || !at_end()) return bad_frame(BadReason::NotJson);
            return frame_of(FrameKind::Other);
        }
        bool const valid = is_scalar(type) && at_end();
        return valid ? frame_of(FrameKind::Other) : bad_frame(BadReason::NotJson);
    }

    [[nodiscard]] bool is_scalar(od::json_type type) noexcept {
        switch (type) {
            case od::json_type::string: return document_.get_string().error() == simdjson::SUCCESS;
            case od::json_type::number: return document_.get_double().error() == simdjson::SUCCESS;
            case od::json_type::boolean: return document_.get_bool().error() == simdjson::SUCCESS;
            case od::json_type::null: return document_.is_null().error() == simdjson::SUCCESS;
            case od::json_type::array:
            case od::json_type::object: return false;
        }
        return false;
    }

    od::parser parser_;
    od::document document_;
    std::vector<TradeRow> rows_;
    std::size_t row_count_ = 0;
};

}  // namespace spill::json
