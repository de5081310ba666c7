// Binance spot market streams.
//
//   {"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1616176861895,"s":"BTCUSDT",
//    "a":640283266,"p":"58942.01000000","q":"0.00035600","f":716849523,"l":716849523,
//    "T":1616176861893,"m":false,"M":true}}
//
// The inner object alone is the raw form. `m` says that the buyer was resting, so true means that
// the seller crossed the spread. Ids are dense per symbol.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/venues.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

// The single-letter fields of an event, whatever the event is.
struct EventFields {
    Token event, symbol, price, size, time, buyer_rests;
    Token trade_id, aggregate_id, first, last;
};

// The long-named fields around or instead of an event.
struct Envelope {
    Token data, result, code, message, id, error;
    EventFields event;  // of `data`, or of the frame itself in the raw form
};

BadReason read_event_field(char letter, value& field, EventFields& out) noexcept {
    switch (letter) {
        case 'e': return json::read_raw(field, out.event);
        case 's': return json::read_text(field, out.symbol);
        case 'p': return json::read_raw(field, out.price);
        case 'q': return json::read_raw(field, out.size);
        case 'T': return json::read_raw(field, out.time);
        case 'm': return json::read_raw(field, out.buyer_rests);
        case 't': return json::read_raw(field, out.trade_id);
        case 'a': return json::read_raw(field, out.aggregate_id);
        case 'f': return json::read_raw(field, out.first);
        case 'l': return json::read_raw(field, out.last);
        default: return json::pass_over(field);
    }
}

BadReason read_event(object& event, EventFields& out) noexcept {
    return json::for_each_field(event, [&](raw_json_string key, value& field) noexcept {
        char const* const name = key.raw();
        return name[0] != '"' && name[1] == '"' ? read_event_field(name[0], field, out)
                                                : json::pass_over(field);
    });
}

// {"error":{"code":2,"msg":"..."},"id":1}: how some gateways nest a refusal.
BadReason read_nested_error(value& field, Envelope& out) noexcept {
    if (BadReason const bad = json::read_raw(field, out.error); bad != BadReason::None) return bad;
    if (!out.error.is(TokenType::Object)) return BadReason::None;
    object error;
    if (field.get_object().get(error) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_field(error, [&](raw_json_string key, value& inner) noexcept {
        if (key.unsafe_is_equal("code")) return json::read_raw(inner, out.code);
        if (key.unsafe_is_equal("msg")) return json::read_text(inner, out.message);
        return json::pass_over(inner);
    });
}

BadReason read_data(value& field, Envelope& out) noexcept {
    if (BadReason const bad = json::read_raw(field, out.data); bad != BadReason::None) return bad;
    if (!out.data.is(TokenType::Object)) return BadReason::None;
    object event;
    if (field.get_object().get(event) != simdjson::SUCCESS) return BadReason::NotJson;
    out.event = EventFields{};
    return read_event(event, out.event);
}

BadReason read_envelope(object& root, Envelope& out) noexcept {
    return json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
        char const* const name = key.raw();
        if (name[0] != '"' && name[1] == '"') {
            // Beside `data` single letters mean nothing.
            bool const raw_form = out.data.is(TokenType::Absent);
            return raw_form ? read_event_field(name[0], field, out.event) : json::pass_over(field);
        }
        if (key.unsafe_is_equal("data")) return read_data(field, out);
        if (key.unsafe_is_equal("stream")) return json::pass_over(field);
        if (key.unsafe_is_equal("result")) return json::read_raw(field, out.result);
        if (key.unsafe_is_equal("id")) return json::read_text(field, out.id);
        if (key.unsafe_is_equal("code")) return json::read_raw(field, out.code);
        if (key.unsafe_is_equal("msg")) return json::read_text(field, out.message);
        if (key.unsafe_is_equal("error")) return read_nested_error(field, out);
        return json::pass_over(field);
    });
}

BadReason set_fill_count(TradeRow& row) noexcept {
    if (row.last_fill < row.first_fill) return BadReason::BadNumber;
    std::uint64_t const more = row.last_fill - row.first_fill;
    if (more >= UINT32_MAX) return BadReason::BadNumber;
    row.fill_count = static_cast<std::uint32_t>(more) + 1;
    return BadReason::None;
}

// The fills f..l inside one aggregated row; -1 stands for "none".
BadReason fill_range(EventFields const& event, TradeRow& row) noexcept {
    if (event.first.text() == "-1" && event.last.text() == "-1") return BadReason::None;
    BadReason const bad = json::first_bad(
        {json::to_uint64(event.first, row.first_fill), json::to_uint64(event.last, row.last_fill)});
    return bad == BadReason::None ? set_fill_count(row) : bad;
}

BadReason to_aggressor(Token const& buyer_rests, Aggressor& out) noexcept {
    out = buyer_rests.is(TokenType::True) ? Aggressor::Sell : Aggressor::Buy;
    return out == Aggressor::Sell ? BadReason::None : json::expect(buyer_rests, TokenType::False);
}

BadReason to_row(EventFields const& event, bool aggregated, TradeRow& row) noexcept {
    Token const& id = aggregated ? event.aggregate_id : event.trade_id;
    row.id_text = id.text();
    row.dense = true;
    return json::first_bad({json::to_symbol(event.symbol, row.symbol),
                            json::to_positive(event.price, TokenType::Text, row.price.nanos),
                            json::to_positive(event.size, TokenType::Text, row.size.nanos),
                            json::to_time(event.time, row.ts_event), json::to_uint64(id, row.id),
                            to_aggressor(event.buyer_rests, row.aggressor),
                            aggregated ? fill_range(event, row) : BadReason::None});
}

// The fields of both kinds of trade in the order in which the venue writes them.
bool quick_row(object& event, bool aggregated, TradeRow& row) noexcept {
    namespace quick = json::quick;
    std::string_view digits;
    if (!quick::text(event, "s", row.symbol)) return false;
    if (!quick::uint64(event, aggregated ? "a" : "t", row.id_text, row.id)) return false;
    if (!quick::quoted(event, "p", digits)) return false;
    if (!quick::positive(digits, row.price.nanos)) return false;
    if (!quick::quoted(event, "q", digits)) return false;
    if (!quick::positive(digits, row.size.nanos)) return false;
    if (aggregated) {
        if (!quick::uint64(event, "f", digits, row.first_fill)) return false;
        if (!quick::uint64(event, "l", digits, row.last_fill)) return false;
        if (set_fill_count(row) != BadReason::None) return false;
    }
    bool buyer_rests = false;
    if (!quick::time(event, "T", row.ts_event)) return false;
    if (!quick::flag(event, "m", buyer_rests)) return false;
    row.aggressor = buyer_rests ? Aggressor::Sell : Aggressor::Buy;
    row.dense = true;
    return quick::ends(event);
}

class Binance final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first_request_id) const override {
        return requests("SUBSCRIBE", symbols, first_request_id);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first_request_id) const override {
        return requests("UNSUBSCRIBE", symbols, first_request_id);
    }
    // The server pings with a websocket frame every 20 s; our own would count against 5 a second.
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

protected:
    bool quick_trades(object& root) noexcept override {
        object event;
        std::string_view name;
        if (root.find_field("data").get_object().get(event) != simdjson::SUCCESS) return false;
        if (!json::quick::quoted(event, "e", name)) return false;
        bool const aggregated = name == "aggTrade";
        if (!aggregated && name != "trade") return false;
        return quick_row(event, aggregated, *add_row()) && json::quick::ends(root);
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        BadReason const bad = read_envelope(root, envelope);
        if (bad != BadReason::None) return json::bad_frame(bad);
        if (envelope.data.is(TokenType::Object)) return on_event(envelope.event);
        if (!envelope.data.is(TokenType::Absent)) return json::frame_of(FrameKind::Other);
        if (!envelope.event.event.is(TokenType::Absent)) return on_event(envelope.event);
        return on_answer(envelope);
    }

private:
    Decoded on_event(EventFields const& event) noexcept {
        if (event.event.is(TokenType::Absent)) return json::frame_of(FrameKind::Other);
        if (!event.event.is(TokenType::Text)) return json::bad_frame(BadReason::WrongType);
        std::string_view const name = event.event.text();
        bool const aggregated = name == "aggTrade";
        if (aggregated || name == "trade") {
            TradeRow* const row = add_row();
            BadReason const bad = to_row(event, aggregated, *row);
            return bad == BadReason::None ? trades() : json::bad_frame(bad);
        }
        if (name == "kline") return json::frame_of(FrameKind::Candle);
        if (name == "blockTrade") return json::frame_of(FrameKind::Block);
        if (name == "serverShutdown") return json::frame_of(FrameKind::Notice);
        return json::frame_of(FrameKind::Other);
    }

    // Code 0 is an error too. A number tells it from the text codes of other venues.
    static Decoded on_answer(Envelope const& envelope) noexcept {
        Decoded decoded;
        decoded.request_id = json::to_request_id(envelope.id);
        if (envelope.code.is(TokenType::Number)) {
            decoded.kind = FrameKind::Error;
            decoded.code = envelope.code.text();
            decoded.message = envelope.message.words();
        } else if (envelope.error.is(TokenType::Object)) {
            decoded.kind = FrameKind::Error;
            decoded.message = envelope.message.words();
        } else if (!envelope.result.is(TokenType::Absent) && !envelope.id.is(TokenType::Absent)) {
            bool const done = envelope.result.is(TokenType::Null);
            decoded.kind = done ? FrameKind::Ack : FrameKind::Info;
        } else {
            decoded.request_id = -1;
        }
        return decoded;
    }

    // {"method":"SUBSCRIBE","params":["taousdt@aggTrade"],"id":1}
    static std::vector<std::string> requests(std::string_view method,
                                             std::span<const std::string> symbols,
                                             std::int64_t request_id) {
        constexpr std::size_t kPerRequest = 200;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"method\":\"" + std::string(method) + "\",\"params\":[";
            auto const batch = symbols.subspan(from, std::min(kPerRequest, symbols.size() - from));
            for (std::string const& symbol : batch) {
                if (&symbol != batch.data()) frame += ',';
                append_stream(frame, symbol);
            }
            frame += "],\"id\":" + std::to_string(request_id++) + "}";
            frames.push_back(std::move(frame));
        }
        return frames;
    }

    // Streams are named in lower case; only ASCII letters have one (symbols may be any UTF-8).
    static void append_stream(std::string& out, std::string_view symbol) {
        std::string name(symbol);
        for (char& c : name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        append_json_string(out, name + "@aggTrade");
    }
};

}  // namespace

std::unique_ptr<Codec> make_binance_codec() { return std::make_unique<Binance>(); }

}  // namespace spill
