#include "connectors/alpaca_msgpack.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <system_error>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"

namespace spill {
namespace {

using msgpack::Item;
using msgpack::Kind;
using msgpack::Reader;

constexpr std::size_t kFloatText = 32;  // "-1.7976931348623157e+308" and some

// The number that the venue meant is the shortest decimal that rounds to the float.
template <class Float>
AlpacaAmount from_float(Float value) noexcept {
    AlpacaAmount amount;
    std::array<char, kFloatText> text{};
    amount.bad = BadReason::BadNumber;
    if (!std::isfinite(value)) return amount;
    auto const [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return amount;
    std::string_view const digits{text.data(), static_cast<std::size_t>(end - text.data())};
    json::Token const token(json::TokenType::Number, digits);
    amount.bad = json::to_positive(token, json::TokenType::Number, amount.nanos);
    return amount;
}

AlpacaAmount from_number(std::uint64_t number) noexcept {
    constexpr auto kMost =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / kNanosPerUnit);
    AlpacaAmount amount;
    if (number > kMost) {
        amount.bad = BadReason::Overflow;
    } else {
        amount.nanos = static_cast<std::int64_t>(number) * kNanosPerUnit;
        amount.bad = number > 0 ? BadReason::None : BadReason::BadNumber;
    }
    return amount;
}

AlpacaAmount to_amount(const Item& item) noexcept {
    if (item.is(Kind::Unsigned)) return from_number(item.number);
    if (item.is(Kind::Single)) return from_float(item.single());
    if (item.is(Kind::Double)) return from_float(item.real());
    AlpacaAmount amount;
    amount.bad = item.is(Kind::Negative) ? BadReason::BadNumber : BadReason::WrongType;
    return amount;
}

AlpacaTime to_stamp(const Item& item) noexcept {
    AlpacaTime stamp;
    if (!item.is(Kind::Stamp)) {
        stamp.bad = BadReason::WrongType;
    } else if (item.at.ns < json::kEarliestNanos) {
        stamp.bad = BadReason::BadTime;
    } else {
        stamp.at = item.at;
        stamp.bad = BadReason::None;
    }
    return stamp;
}

// A text field; anything else leaves it empty. What belongs to a container is passed over.
bool read_words(Reader& reader, std::string_view& out) noexcept {
    Item const item = reader.next();
    if (item.is(Kind::Text)) out = item.bytes;
    return !item.is(Kind::Torn) && reader.skip(item);
}

bool read_conditions(Reader& reader, AlpacaConditions& out) noexcept {
    Item const list = reader.next();
    if (list.is(Kind::Torn)) return false;
    if (!list.is(Kind::Array)) return reader.skip(list);
    for (std::uint64_t i = 0; i < list.children; ++i) {
        std::string_view code;
        if (!read_words(reader, code)) return false;
        out.add(code);
    }
    return true;
}

bool skip_value(Reader& reader) noexcept {
    Item const item = reader.next();
    return !item.is(Kind::Torn) && reader.skip(item);
}

}  // namespace

Decoded AlpacaMsgpack::decode(std::string_view frame) noexcept {
    if (frame.empty()) return json::bad_frame(BadReason::Empty);
    if (frame.size() > json::kMaxFrameBytes) return json::bad_frame(BadReason::TooLarge);
    batch_.begin();
    Reader reader(frame);
    Item const list = reader.next();
    if (!list.is(Kind::Array)) {
        bool const whole = !list.is(Kind::Torn) && reader.skip(list) && reader.at_end();
        return whole ? json::frame_of(FrameKind::Other) : json::bad_frame(BadReason::WrongType);
    }
    for (std::uint64_t i = 0; i < list.children; ++i) {
        Item const element = reader.next();
        bool const read =
            element.is(Kind::Map) ? read_element(reader, element) : reader.skip(element);
        if (!read || element.is(Kind::Torn)) return json::bad_frame(BadReason::WrongType);
        if (!element.is(Kind::Map)) batch_.add_bad(BadReason::WrongType);
    }
    return reader.at_end() ? batch_.result() : json::bad_frame(BadReason::WrongType);
}

// False when the frame is torn.
bool AlpacaMsgpack::read_element(Reader& reader, const Item& map) noexcept {
    AlpacaElement out;
    for (std::uint64_t i = 0; i < map.children / 2; ++i) {
        Item const key = reader.next();
        if (key.is(Kind::Torn) || !reader.skip(key)) return false;
        if (!read_field(reader, key.is(Kind::Text) ? key.bytes : std::string_view{}, out)) {
            return false;
        }
    }
    batch_.add(out);
    return true;
}

bool AlpacaMsgpack::read_field(Reader& reader, std::string_view key, AlpacaElement& out) noexcept {
    if (key == "T") return read_words(reader, out.type);
    if (key == "S") return read_words(reader, out.symbol);
    if (key == "x") return read_words(reader, out.exchange);
    if (key == "z") return read_words(reader, out.tape);
    if (key == "sc") return read_words(reader, out.status);
    if (key == "rc") return read_words(reader, out.reason);
    if (key == "msg") return read_words(reader, out.message);
    if (key == "t" || key == "code") {
        Item const item = reader.next();
        if (key == "t") out.time = to_stamp(item);
        if (key == "code" && item.is(Kind::Unsigned)) out.code = batch_.id_text(item.number);
        return !item.is(Kind::Torn) && reader.skip(item);
    }
    if (key == "trades") {
        Item const list = reader.next();
        if (list.is(Kind::Torn)) return false;
        if (!list.is(Kind::Array)) return reader.skip(list);
        for (std::uint64_t i = 0; i < list.children; ++i) {
            std::string_view symbol;
            if (!read_words(reader, symbol)) return false;
            if (!symbol.empty()) batch_.add_subscribed(symbol);
        }
        return true;
    }
    if (key.size() == 1) return read_print(reader, key[0], out.print);
    if (key.size() == 2 && key[0] == 'o') return read_print(reader, key[1], out.original);
    if (key.size() == 2 && key[0] == 'c') return read_print(reader, key[1], out.corrected);
    return skip_value(reader);
}

bool AlpacaMsgpack::read_print(Reader& reader, char key, AlpacaPrint& out) noexcept {
    if (key == 'c') return read_conditions(reader, out.conditions);
    if (key != 'i' && key != 'p' && key != 's') return skip_value(reader);
    Item const item = reader.next();
    if (key == 'i') out.id = to_id(item);
    if (key == 'p') out.price = to_amount(item);
    if (key == 's') out.size = to_amount(item);
    return !item.is(Kind::Torn) && reader.skip(item);
}

AlpacaId AlpacaMsgpack::to_id(const Item& item) noexcept {
    AlpacaId id;
    id.bad = item.is(Kind::Unsigned) ? BadReason::None : BadReason::WrongType;
    if (id.bad != BadReason::None) return id;
    id.value = item.number;
    id.text = batch_.id_text(item.number);
    return id;
}

}  // namespace spill
