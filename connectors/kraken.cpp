// Kraken websocket v2.
//
//   {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy",
//    "price":83744.3,"qty":0.00044780,"ord_type":"limit","trade_id":109116693,
//    "timestamp":"2026-09-25T17:48:26.844359Z"}]}
//
// Prices and sizes are JSON numbers whose trailing zeros are the venue's own: they are read as
// text, never as doubles. `side` is the taker. Type "snapshot" is the last 50 trades: history.
// Ids are dense per symbol.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/venues.hpp"
#include "core/timestamp.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

struct RowFields {
    Token symbol, side, price, size, id, time;
};

struct Envelope {
    Token channel, type, data;
    Token method, success, error, capital_error, symbol, request_id;
    Token system;         // of channel status
    Token result_symbol;  // of an acknowledgement
    bool data_read = false;
};

Aggressor side_of(std::string_view word) noexcept {
    return word == "buy" ? Aggressor::Buy : word == "sell" ? Aggressor::Sell : Aggressor::Unknown;
}

BadReason to_side(Token const& token, Aggressor& out) noexcept {
    if (BadReason const bad = json::expect(token, TokenType::Text); bad != BadReason::None) {
        return bad;
    }
    out = side_of(token.text());
    return out == Aggressor::Unknown ? BadReason::BadSide : BadReason::None;
}

bool stamp_of(std::string_view text, UnixNanos& out) noexcept {
    std::optional<UnixNanos> const parsed = parse_rfc3339(text);
    if (!parsed || parsed->ns < json::kEarliestNanos) return false;
    out = *parsed;
    return true;
}

BadReason to_stamp(Token const& token, UnixNanos& out) noexcept {
    if (BadReason const bad = json::expect(token, TokenType::Text); bad != BadReason::None) {
        return bad;
    }
    return stamp_of(token.text(), out) ? BadReason::None : BadReason::BadTime;
}

BadReason read_row_field(raw_json_string key, value& field, RowFields& out) noexcept {
    if (key.unsafe_is_equal("symbol")) return json::read_text(field, out.symbol);
    if (key.unsafe_is_equal("side")) return json::read_raw(field, out.side);
    if (key.unsafe_is_equal("price")) return json::read_raw(field, out.price);
    if (key.unsafe_is_equal("qty")) return json::read_raw(field, out.size);
    if (key.unsafe_is_equal("trade_id")) return json::read_raw(field, out.id);
    if (key.unsafe_is_equal("timestamp")) return json::read_raw(field, out.time);
    return json::pass_over(field);
}

BadReason to_row(RowFields const& fields, TradeRow& row) noexcept {
    row.id_text = fields.id.text();
    row.dense = true;
    return json::first_bad({json::to_symbol(fields.symbol, row.symbol),
                            json::to_positive(fields.price, TokenType::Number, row.price.nanos),
                            json::to_positive(fields.size, TokenType::Number, row.size.nanos),
                            json::to_uint64(fields.id, row.id), to_stamp(fields.time, row.ts_event),
                            to_side(fields.side, row.aggressor)});
}

// The fields of a trade in the order in which the venue writes them.
bool quick_row(object& fields, bool live, TradeRow& row) noexcept {
    namespace quick = json::quick;
    std::string_view word;
    if (!quick::text(fields, "symbol", row.symbol)) return false;
    if (!quick::quoted(fields, "side", word)) return false;
    row.aggressor = side_of(word);
    if (row.aggressor == Aggressor::Unknown) return false;
    if (!quick::raw(fields, "price", word)) return false;
    if (!quick::positive(word, row.price.nanos)) return false;
    if (!quick::raw(fields, "qty", word)) return false;
    if (!quick::positive(word, row.size.nanos)) return false;
    if (!quick::uint64(fields, "trade_id", row.id_text, row.id)) return false;
    if (!quick::quoted(fields, "timestamp", word)) return false;
    if (!stamp_of(word, row.ts_event)) return false;
    row.dense = true;
    row.live = live;
    return quick::ends(fields);
}

// Reads one text field of an object that holds others, such as `result.symbol` of an answer.
BadReason read_inner(value& field, std::string_view name, Token& out) noexcept {
    object inner;
    if (field.get_object().get(inner) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_field(inner, [&](raw_json_string key, value& member) noexcept {
        return key.unsafe_is_equal(name) ? json::read_text(member, out) : json::pass_over(member);
    });
}

class Kraken final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first_request_id) const override {
        return requests("subscribe", symbols, first_request_id);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first_request_id) const override {
        return requests("unsubscribe", symbols, first_request_id);
    }
    std::string ping(std::int64_t request_id) const override {
        return "{\"method\":\"ping\",\"req_id\":" + std::to_string(request_id) + "}";
    }

protected:
    bool quick_trades(object& root) noexcept override {
        std::string_view channel;
        std::string_view type;
        if (!json::quick::quoted(root, "channel", channel) || channel != "trade") return false;
        if (!json::quick::quoted(root, "type", type)) return false;
        bool const live = type == "update";
        if (!live && type != "snapshot") return false;
        array list;
        if (root.find_field("data").get_array().get(list) != simdjson::SUCCESS) return false;
        BadReason const bad = json::for_each_element(list, [&](value& element) noexcept {
            object fields;
            TradeRow* const row = add_row();
            bool const done = row != nullptr &&
                              element.get_object().get(fields) == simdjson::SUCCESS &&
                              quick_row(fields, live, *row);
            return done ? BadReason::None : BadReason::MissingField;
        });
        return bad == BadReason::None && json::quick::ends(root);
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        BadReason bad = read_envelope(root, envelope);
        if (bad == BadReason::None && wants_data(envelope) && !envelope.data_read) {
            // `data` came before `channel`, or not at all: the second look knows the channel.
            object again;
            if (envelope.data.is(TokenType::Absent)) {
                bad = BadReason::MissingField;
            } else {
                bad = reopen(again) ? read_envelope(again, envelope) : BadReason::NotJson;
            }
        }
        if (bad != BadReason::None) return json::bad_frame(bad);
        return is_refusal(envelope)                      ? on_refusal(envelope)
               : !envelope.channel.is(TokenType::Absent) ? on_channel(envelope)
                                                         : on_answer(envelope);
    }

private:
    static bool wants_data(Envelope const& envelope) noexcept {
        if (!envelope.channel.is(TokenType::Text) || is_refusal(envelope)) return false;
        return envelope.channel.text() == "trade" || envelope.channel.text() == "status";
    }

    // An error inside a REST answer is an array, never a text.
    static bool is_refusal(Envelope const& envelope) noexcept {
        return envelope.error.is(TokenType::Text) || envelope.capital_error.is(TokenType::Text);
    }

    BadReason read_envelope(object& root, Envelope& out) noexcept {
        return json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
            if (key.unsafe_is_equal("channel")) return json::read_text(field, out.channel);
            if (key.unsafe_is_equal("type")) return json::read_text(field, out.type);
            if (key.unsafe_is_equal("data")) return read_data(field, out);
            if (key.unsafe_is_equal("method")) return json::read_text(field, out.method);
            if (key.unsafe_is_equal("result")) return read_result(field, out);
            if (key.unsafe_is_equal("success")) return json::read_raw(field, out.success);
            if (key.unsafe_is_equal("error")) return json::read_text(field, out.error);
            if (key.unsafe_is_equal("Error")) return json::read_text(field, out.capital_error);
            if (key.unsafe_is_equal("symbol")) return json::read_text(field, out.symbol);
            if (key.unsafe_is_equal("req_id")) return json::read_text(field, out.request_id);
            return json::pass_over(field);
        });
    }

    static BadReason read_result(value& field, Envelope& out) noexcept {
        Token const token = json::raw_token(field);
        if (token.is(TokenType::Invalid)) return BadReason::NotJson;
        if (!token.is(TokenType::Object)) return BadReason::None;
        return read_inner(field, "symbol", out.result_symbol);
    }

    BadReason read_data(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.data); bad != BadReason::None) return bad;
        if (!wants_data(out)) return BadReason::None;
        if (!out.data.is(TokenType::Array)) return BadReason::WrongType;
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        out.data_read = true;
        drop_rows();
        bool const trade = out.channel.text() == "trade";
        return json::for_each_element(list, [&](value& element) noexcept {
            return trade ? read_trade(element) : read_status(element, out);
        });
    }

    BadReason read_trade(value& element) noexcept {
        object fields_of_row;
        if (element.get_object().get(fields_of_row) != simdjson::SUCCESS) {
            return BadReason::WrongType;
        }
        RowFields fields;
        BadReason const bad =
            json::for_each_field(fields_of_row, [&](raw_json_string key, value& inner) noexcept {
                return read_row_field(key, inner, fields);
            });
        if (bad != BadReason::None) return bad;
        TradeRow* const row = add_row();
        return row == nullptr ? BadReason::TooLarge : to_row(fields, *row);
    }

    // `connection_id` is beyond 63 bits and nobody's business: it is passed over as text.
    static BadReason read_status(value& element, Envelope& out) noexcept {
        if (!json::raw_token(element).is(TokenType::Object)) return BadReason::WrongType;
        return read_inner(element, "system", out.system);
    }

    Decoded on_channel(Envelope const& envelope) noexcept {
        std::string_view const channel = envelope.channel.text();
        if (channel == "trade") return on_trades(envelope);
        if (channel == "heartbeat") return json::frame_of(FrameKind::Heartbeat);
        if (channel == "ohlc") return json::frame_of(FrameKind::Candle);
        if (channel == "status") {
            Decoded decoded = json::frame_of(FrameKind::Status);
            decoded.message = envelope.system.words();
            return decoded;
        }
        return json::frame_of(FrameKind::Other);
    }

    Decoded on_trades(Envelope const& envelope) noexcept {
        BadReason const bad = json::expect(envelope.type, TokenType::Text);
        if (bad != BadReason::None) return json::bad_frame(bad);
        bool const history = envelope.type.text() == "snapshot";
        if (!history && envelope.type.text() != "update") return json::frame_of(FrameKind::Other);
        for (TradeRow& row : rows()) row.live = !history;
        return trades();
    }

    // {"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,
    //  "symbol":"XBT/USD",...}, or {"Error":"Exceeded msg rate"}
    static Decoded on_refusal(Envelope const& envelope) noexcept {
        Decoded decoded = json::frame_of(FrameKind::Error);
        bool const small = envelope.error.is(TokenType::Text);
        decoded.message = small ? envelope.error.text() : envelope.capital_error.text();
        decoded.symbol = envelope.symbol.words();
        decoded.request_id = json::to_request_id(envelope.request_id);
        return decoded;
    }

    // {"method":"subscribe","result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},
    //  "success":true,...}
    static Decoded on_answer(Envelope const& envelope) noexcept {
        if (envelope.method.text() == "pong") return json::frame_of(FrameKind::Pong);
        if (!envelope.method.is(TokenType::Text)) return json::frame_of(FrameKind::Other);
        Decoded decoded;
        if (envelope.success.is(TokenType::True)) decoded.kind = FrameKind::Ack;
        if (envelope.success.is(TokenType::False)) decoded.kind = FrameKind::Error;
        if (decoded.kind == FrameKind::Other) return decoded;
        decoded.symbol = envelope.result_symbol.words();
        if (decoded.symbol.empty()) decoded.symbol = envelope.symbol.words();
        decoded.request_id = json::to_request_id(envelope.request_id);
        return decoded;
    }

    // {"method":"subscribe","params":{"channel":"trade","symbol":["TAO/USD"],"snapshot":false},
    //  "req_id":1}. The default of `snapshot` is documented both ways, so it is always said.
    static std::vector<std::string> requests(std::string_view method,
                                             std::span<const std::string> symbols,
                                             std::int64_t request_id) {
        constexpr std::size_t kPerRequest = 50;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"method\":\"" + std::string(method) +
                                "\",\"params\":{\"channel\":\"trade\",\"symbol\":[";
            auto const batch = symbols.subspan(from, std::min(kPerRequest, symbols.size() - from));
            for (std::string const& symbol : batch) {
                if (&symbol != batch.data()) frame += ',';
                append_json_string(frame, symbol);
            }
            frame += method == "subscribe" ? "],\"snapshot\":false}" : "]}";
            frame += ",\"req_id\":" + std::to_string(request_id++) + "}";
            frames.push_back(std::move(frame));
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_kraken_codec() { return std::make_unique<Kraken>(); }

}  // namespace spill
