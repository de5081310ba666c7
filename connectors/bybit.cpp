// Bybit v5 public streams, spot and linear.
//
//   {"topic":"publicTrade.BTCUSDT","ts":1789299670925,"type":"snapshot","data":[
//    {"i":"2100000000188691533","T":1789299670888,"p":"77140.5","v":"0.000078","S":"Sell",
//     "seq":2189232212,"s":"BTCUSDT","BT":false,"RPI":false}]}
//
// `type` says "snapshot" on every frame and all of them are live. `S` is the taker. Spot ids are
// numbers with holes, linear ids are uuids: neither proves that nothing was lost.
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
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr std::string_view kTradeTopic = "publicTrade.";

struct RowFields {
    Token id, time, price, size, side, symbol, block;
};

struct Envelope {
    Token topic, success, op, message, request_id;
    Token data;
    bool rows_read = false;  // of a trade topic
};

// A 64-bit hash (FNV-1a) of an id that is not a number; never 0, which means "no id".
std::uint64_t hash_id(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (char const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x0000'0100'0000'01b3;
    }
    return hash == 0 ? 1 : hash;
}

void set_id(std::string_view text, TradeRow& row) noexcept {
    row.id_text = text;
    row.id = parse_uint64(text).value_or(0);
    if (row.id == 0) row.id = hash_id(text);
}

BadReason to_id(Token const& token, TradeRow& row) noexcept {
    if (BadReason const bad = json::expect(token, TokenType::Text); bad != BadReason::None) {
        return bad;
    }
    if (token.text().empty()) return BadReason::MissingField;
    set_id(token.text(), row);
    return BadReason::None;
}

Aggressor side_of(std::string_view word) noexcept {
    return word == "Buy" ? Aggressor::Buy : word == "Sell" ? Aggressor::Sell : Aggressor::Unknown;
}

BadReason to_side(Token const& token, Aggressor& out) noexcept {
    if (BadReason const bad = json::expect(token, TokenType::Text); bad != BadReason::None) {
        return bad;
    }
    out = side_of(token.text());
    return out == Aggressor::Unknown ? BadReason::BadSide : BadReason::None;
}

// Frames of 2023 and later have BT; without it a print is an ordinary one.
BadReason to_block(Token const& token, bool& out) noexcept {
    out = token.is(TokenType::True);
    bool const known = out || token.is(TokenType::False) || token.is(TokenType::Absent);
    return known ? BadReason::None : BadReason::WrongType;
}

BadReason read_row_field(raw_json_string key, value& field, RowFields& out) noexcept {
    char const* const name = key.raw();
    if (name[0] != '"' && name[1] == '"') {
        switch (name[0]) {
            case 'i': return json::read_text(field, out.id);
            case 'T': return json::read_raw(field, out.time);
            case 'p': return json::read_raw(field, out.price);
            case 'v': return json::read_raw(field, out.size);
            case 'S': return json::read_raw(field, out.side);
            case 's': return json::read_text(field, out.symbol);
            default: return json::pass_over(field);
        }
    }
    if (key.unsafe_is_equal("BT")) return json::read_raw(field, out.block);
    return json::pass_over(field);
}

BadReason to_row(RowFields const& fields, TradeRow& row) noexcept {
    return json::first_bad({json::to_symbol(fields.symbol, row.symbol),
                            json::to_positive(fields.price, TokenType::Text, row.price.nanos),
                            json::to_positive(fields.size, TokenType::Text, row.size.nanos),
                            json::to_time(fields.time, row.ts_event), to_id(fields.id, row),
                            to_side(fields.side, row.aggressor),
                            to_block(fields.block, row.block)});
}

// The quick look at single fields of a row; false when anything is unusual.
bool quick_id(object& fields, TradeRow& row) noexcept {
    if (!json::quick::text(fields, "i", row.id_text)) return false;
    set_id(row.id_text, row);
    return true;
}
bool quick_time(object& fields, TradeRow& row) noexcept {
    return json::quick::time(fields, "T", row.ts_event);
}
bool quick_price(object& fields, TradeRow& row) noexcept {
    std::string_view digits;
    return json::quick::quoted(fields, "p", digits) &&
           json::quick::positive(digits, row.price.nanos);
}
bool quick_size(object& fields, TradeRow& row) noexcept {
    std::string_view digits;
    return json::quick::quoted(fields, "v", digits) &&
           json::quick::positive(digits, row.size.nanos);
}
bool quick_side(object& fields, TradeRow& row) noexcept {
    std::string_view word;
    if (!json::quick::quoted(fields, "S", word)) return false;
    row.aggressor = side_of(word);
    return row.aggressor != Aggressor::Unknown;
}
bool quick_symbol(object& fields, TradeRow& row) noexcept {
    return json::quick::text(fields, "s", row.symbol);
}
bool quick_block(object& fields, TradeRow& row) noexcept {
    return json::quick::flag(fields, "BT", row.block);
}

// The two paths write the fields of a row in two orders.
enum class RowOrder : std::uint8_t { Spot, Linear };

bool quick_row(object& fields, RowOrder order, TradeRow& row) noexcept {
    switch (order) {
        case RowOrder::Spot:
            return quick_id(fields, row) && quick_time(fields, row) && quick_price(fields, row) &&
                   quick_size(fields, row) && quick_side(fields, row) &&
                   quick_symbol(fields, row) && quick_block(fields, row) &&
                   json::quick::ends(fields);
        case RowOrder::Linear:
            return quick_time(fields, row) && quick_symbol(fields, row) &&
                   quick_side(fields, row) && quick_size(fields, row) && quick_price(fields, row) &&
                   quick_id(fields, row) && quick_block(fields, row) && json::quick::ends(fields);
    }
    return false;
}

// The symbol that a refusal names: "Invalid symbol :[publicTrade.GRAMUSDT]" has GRAMUSDT.
std::string_view refused_symbol(std::string_view message) noexcept {
    std::size_t const open = message.find('[');
    std::size_t from = message.find(kTradeTopic);
    if (from == std::string_view::npos) from = open;
    if (from == std::string_view::npos) return {};
    std::string_view topic = message.substr(from);
    if (topic.front() == '[') topic.remove_prefix(1);
    topic = topic.substr(0, topic.find_first_of("] ,"));
    std::size_t const dot = topic.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : topic.substr(dot + 1);
}

class Bybit final : public json::JsonCodec {
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
        return "{\"req_id\":\"" + std::to_string(request_id) + "\",\"op\":\"ping\"}";
    }

protected:
    bool quick_trades(object& root) noexcept override {
        std::string_view topic;
        if (!json::quick::quoted(root, "topic", topic)) return false;
        if (!topic.starts_with(kTradeTopic)) return false;
        array list;
        if (root.find_field("data").get_array().get(list) != simdjson::SUCCESS) return false;
        BadReason const bad = json::for_each_element(list, [&](value& element) noexcept {
            object fields;
            TradeRow* const row = add_row();
            bool const done = row != nullptr &&
                              element.get_object().get(fields) == simdjson::SUCCESS &&
                              quick_row(fields, order_, *row);
            return done ? BadReason::None : BadReason::MissingField;
        });
        if (bad == BadReason::None) return json::quick::ends(root);
        // The next frame is tried in the other order: a link is on one path only.
        order_ = order_ == RowOrder::Spot ? RowOrder::Linear : RowOrder::Spot;
        return false;
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        BadReason bad = read_envelope(root, envelope);
        if (bad == BadReason::None && is_trade(envelope) && !envelope.rows_read) {
            // `data` came before `topic`, or not at all: the second look knows the topic.
            object again;
            if (envelope.data.is(TokenType::Absent)) {
                bad = BadReason::MissingField;
            } else {
                bad = reopen(again) ? read_envelope(again, envelope) : BadReason::NotJson;
            }
        }
        if (bad != BadReason::None) return json::bad_frame(bad);
        if (envelope.topic.is(TokenType::Absent)) return on_answer(envelope);
        if (is_trade(envelope)) return trades();
        std::string_view const topic = envelope.topic.text();
        if (topic.starts_with("kline.")) return json::frame_of(FrameKind::Candle);
        if (topic == "system.status") return json::frame_of(FrameKind::Status);
        return json::frame_of(FrameKind::Other);
    }

private:
    RowOrder order_ = RowOrder::Spot;

    static bool is_trade(Envelope const& envelope) noexcept {
        return envelope.topic.is(TokenType::Text) && envelope.topic.text().starts_with(kTradeTopic);
    }

    BadReason read_envelope(object& root, Envelope& out) noexcept {
        return json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
            if (key.unsafe_is_equal("topic")) return json::read_text(field, out.topic);
            if (key.unsafe_is_equal("data")) return read_data(field, out);
            if (key.unsafe_is_equal("success")) return json::read_raw(field, out.success);
            if (key.unsafe_is_equal("op")) return json::read_text(field, out.op);
            if (key.unsafe_is_equal("ret_msg")) return json::read_text(field, out.message);
            if (key.unsafe_is_equal("req_id")) return json::read_text(field, out.request_id);
            return json::pass_over(field);
        });
    }

    BadReason read_data(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.data); bad != BadReason::None) return bad;
        if (!is_trade(out)) return BadReason::None;
        if (!out.data.is(TokenType::Array)) return BadReason::WrongType;
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        out.rows_read = true;
        drop_rows();
        return json::for_each_element(list, [&](value& element) noexcept {
            object fields_of_row;
            if (element.get_object().get(fields_of_row) != simdjson::SUCCESS) {
                return BadReason::WrongType;
            }
            RowFields fields;
            BadReason const bad = json::for_each_field(
                fields_of_row, [&](raw_json_string key, value& inner) noexcept {
                    return read_row_field(key, inner, fields);
                });
            if (bad != BadReason::None) return bad;
            TradeRow* const row = add_row();
            return row == nullptr ? BadReason::TooLarge : to_row(fields, *row);
        });
    }

    // Spot answers a ping with op "ping" and ret_msg "pong", private streams with op "pong".
    static Decoded on_answer(Envelope const& envelope) noexcept {
        if (envelope.op.words() == "pong" || envelope.message.words() == "pong") {
            return json::frame_of(FrameKind::Pong);
        }
        Decoded decoded;
        if (envelope.success.is(TokenType::True) && envelope.op.is(TokenType::Text)) {
            decoded.kind = FrameKind::Ack;
            decoded.request_id = json::to_request_id(envelope.request_id);
        } else if (envelope.success.is(TokenType::False)) {
            decoded.kind = FrameKind::Error;
            decoded.request_id = json::to_request_id(envelope.request_id);
            decoded.message = envelope.message.words();
            decoded.symbol = refused_symbol(envelope.message.words());
        }
        return decoded;
    }

    // {"req_id":"1","op":"subscribe","args":["publicTrade.FETUSDT"]}: at most ten topics each.
    static std::vector<std::string> requests(std::string_view op,
                                             std::span<const std::string> symbols,
                                             std::int64_t request_id) {
        constexpr std::size_t kPerRequest = 10;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"req_id\":\"" + std::to_string(request_id++) + "\",\"op\":\"" +
                                std::string(op) + "\",\"args\":[";
            auto const batch = symbols.subspan(from, std::min(kPerRequest, symbols.size() - from));
            for (std::string const& symbol : batch) {
                if (&symbol != batch.data()) frame += ',';
                append_json_string(frame, std::string(kTradeTopic) + symbol);
            }
            frame += "]}";
            frames.push_back(std::move(frame));
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_bybit_codec() { return std::make_unique<Bybit>(); }

}  // namespace spill
