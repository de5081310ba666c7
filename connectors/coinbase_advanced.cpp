// Coinbase Advanced Trade, channel `market_trades`.
//
//   {"channel":"market_trades","client_id":"","timestamp":"..","sequence_num":2,"events":[{
//    "type":"update","trades":[{"product_id":"ETH-USDT","trade_id":"22381691","price":"2375.56",
//    "size":"0.5","time":"2024-10-04T07:13:31.088388Z","side":"BUY"}]}]}
//
// `side` is taken for the MAKER's, as on the Exchange feed; implementations differ, so that the
// Exchange feed is the one to prefer. Ids are dense per product. A frame has the newest trade
// first: rows are handed on in the order of their ids. Type "snapshot" is history. The channel is
// cut after a minute without trades unless `heartbeats` is subscribed too; that request, repeated,
// is our ping.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_fields.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/venues.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr json::SideWords kSides{.buy = "BUY", .sell = "SELL", .names_maker = true};
constexpr std::string_view kTrades = "market_trades";

struct RowFields {
    Token symbol, id, side, size, price, time;
};

struct Envelope {
    Token channel, events, type, message, reason;
};

BadReason read_row_field(raw_json_string key, value& field, RowFields& out) noexcept {
    if (key.unsafe_is_equal("product_id")) return json::read_text(field, out.symbol);
    if (key.unsafe_is_equal("trade_id")) return json::read_raw(field, out.id);
    if (key.unsafe_is_equal("price")) return json::read_raw(field, out.price);
    if (key.unsafe_is_equal("size")) return json::read_raw(field, out.size);
    if (key.unsafe_is_equal("time")) return json::read_raw(field, out.time);
    if (key.unsafe_is_equal("side")) return json::read_raw(field, out.side);
    return json::pass_over(field);
}

BadReason to_row(RowFields const& fields, TradeRow& row) noexcept {
    row.id_text = fields.id.text();
    row.dense = true;
    return json::first_bad({json::to_symbol(fields.symbol, row.symbol),
                            json::to_positive(fields.price, TokenType::Text, row.price.nanos),
                            json::to_positive(fields.size, TokenType::Text, row.size.nanos),
                            json::to_text_uint64(fields.id, row.id),
                            json::to_rfc3339(fields.time, row.ts_event),
                            json::to_side(fields.side, kSides, row.aggressor)});
}

// The fields of a trade in the order in which the venue writes them.
bool quick_row(object& fields, bool live, TradeRow& row) noexcept {
    namespace quick = json::quick;
    std::string_view word;
    row.dense = true;
    row.live = live;
    return quick::text(fields, "product_id", row.symbol) &&
           quick::text_uint64(fields, "trade_id", row.id_text, row.id) &&
           quick::text_positive(fields, "price", row.price.nanos) &&
           quick::text_positive(fields, "size", row.size.nanos) &&
           quick::quoted(fields, "time", word) && json::rfc3339_of(word, row.ts_event) &&
           quick::side(fields, "side", kSides, row.aggressor) && quick::ends(fields);
}

class CoinbaseAdvanced final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t /*first_request_id*/) const override {
        return requests("subscribe", symbols);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t /*first_request_id*/) const override {
        return requests("unsubscribe", symbols);
    }
    std::string ping(std::int64_t /*request_id*/) const override {
        return R"({"type":"subscribe","channel":"heartbeats"})";
    }

protected:
    bool quick_trades(object& root) noexcept override {
        std::string_view channel;
        if (!json::quick::quoted(root, "channel", channel) || channel != kTrades) return false;
        array events;
        if (root.find_field("events").get_array().get(events) != simdjson::SUCCESS) return false;
        BadReason const bad = json::for_each_element(events, [&](value& element) noexcept {
            return quick_event(element) ? BadReason::None : BadReason::MissingField;
        });
        if (bad != BadReason::None || !json::quick::ends(root)) return false;
        oldest_first();
        return true;
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        listed_count_ = 0;
        BadReason bad = read_envelope(root, envelope);
        if (bad == BadReason::None && envelope.channel.words() == kTrades) {
            bad = json::expect(envelope.events, TokenType::Array);
        }
        if (bad != BadReason::None) return json::bad_frame(bad);
        std::string_view const channel = envelope.channel.words();
        if (channel == kTrades) {
            oldest_first();
            return trades();
        }
        drop_rows();
        if (channel == "heartbeats") return json::frame_of(FrameKind::Heartbeat);
        if (channel == "subscriptions") {
            Decoded decoded = json::frame_of(FrameKind::Ack);
            decoded.subscribed = {listed_.data(), listed_count_};
            return decoded;
        }
        if (envelope.type.words() != "error") return json::frame_of(FrameKind::Other);
        Decoded decoded = json::frame_of(FrameKind::Error);
        decoded.message = envelope.message.words();
        decoded.code = envelope.reason.words();
        return decoded;
    }

private:
    std::array<std::string_view, json::kMaxRows> listed_{};  // products of `market_trades`
    std::size_t listed_count_ = 0;

    bool quick_event(value& element) noexcept {
        object event;
        std::string_view type;
        if (element.get_object().get(event) != simdjson::SUCCESS) return false;
        if (!json::quick::quoted(event, "type", type)) return false;
        bool const live = type == "update";
        if (!live && type != "snapshot") return false;
        array list;
        if (event.find_field("trades").get_array().get(list) != simdjson::SUCCESS) return false;
        BadReason const bad = json::for_each_element(list, [&](value& row_element) noexcept {
            object fields;
            TradeRow* const row = add_row();
            bool const done = row != nullptr &&
                              row_element.get_object().get(fields) == simdjson::SUCCESS &&
                              quick_row(fields, live, *row);
            return done ? BadReason::None : BadReason::MissingField;
        });
        return bad == BadReason::None && json::quick::ends(event);
    }

    // Sorts in place, without memory; frames of one trade are sorted as they are.
    void oldest_first() noexcept { std::ranges::sort(rows(), {}, &TradeRow::id); }

    BadReason read_envelope(object& root, Envelope& out) noexcept {
        return json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
            if (key.unsafe_is_equal("channel")) return json::read_text(field, out.channel);
            if (key.unsafe_is_equal("type")) return json::read_text(field, out.type);
            if (key.unsafe_is_equal("message")) return json::read_text(field, out.message);
            if (key.unsafe_is_equal("reason")) return json::read_text(field, out.reason);
            if (key.unsafe_is_equal("events")) return read_events(field, out);
            return json::pass_over(field);
        });
    }

    BadReason read_events(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.events); bad != BadReason::None) return bad;
        if (!out.events.is(TokenType::Array)) return BadReason::None;
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        drop_rows();
        return json::for_each_element(list, [&](value& element) noexcept {
            if (!json::raw_token(element).is(TokenType::Object)) return json::pass_over(element);
            return read_event(element);
        });
    }

    // Only events of `market_trades` have a field `trades`, wherever the channel is named.
    BadReason read_event(value& element) noexcept {
        object event;
        if (element.get_object().get(event) != simdjson::SUCCESS) return BadReason::NotJson;
        std::size_t const before = rows().size();
        Token type;
        bool has_trades = false;
        BadReason const bad = json::for_each_field(event, [&](raw_json_string key, value& field) {
            if (key.unsafe_is_equal("type")) return json::read_text(field, type);
            if (key.unsafe_is_equal("subscriptions")) return read_subscriptions(field);
            if (!key.unsafe_is_equal("trades")) return json::pass_over(field);
            has_trades = true;
            return read_trades(field);
        });
        if (bad != BadReason::None || !has_trades) return bad;
        if (!type.is(TokenType::Text)) return json::expect(type, TokenType::Text);
        for (TradeRow& row : rows().subspan(before)) row.live = type.text() == "update";
        return BadReason::None;
    }

    BadReason read_trades(value& field) noexcept {
        array list;
        if (!json::raw_token(field).is(TokenType::Array)) return BadReason::WrongType;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
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

    // {"subscriptions":{"market_trades":["ETH-USDT"],"heartbeats":["heartbeats"]}}
    BadReason read_subscriptions(value& field) noexcept {
        object channels;
        if (!json::raw_token(field).is(TokenType::Object)) return json::pass_over(field);
        if (field.get_object().get(channels) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_field(channels, [&](raw_json_string key, value& list_field) noexcept {
            Token const token = json::raw_token(list_field);
            if (!key.unsafe_is_equal(kTrades.data()) || !token.is(TokenType::Array)) {
                return json::pass_over(list_field);
            }
            array list;
            if (list_field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
            return json::for_each_element(list, [&](value& element) noexcept {
                Token product;
                BadReason const bad = json::read_text(element, product);
                if (bad != BadReason::None) return bad;
                if (listed_count_ == listed_.size()) return BadReason::TooLarge;
                listed_[listed_count_++] = product.words();
                return BadReason::None;
            });
        });
    }

    // {"type":"subscribe","product_ids":["TAO-USD"],"channel":"market_trades"}
    static std::vector<std::string> requests(std::string_view type,
                                             std::span<const std::string> symbols) {
        constexpr std::size_t kPerRequest = 100;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"type\":\"" + std::string(type) + "\",\"product_ids\":[";
            json::append_symbols(
                frame, symbols.subspan(from, std::min(kPerRequest, symbols.size() - from)));
            frames.push_back(frame + "],\"channel\":\"" + std::string(kTrades) + "\"}");
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_coinbase_advanced_codec() {
    return std::make_unique<CoinbaseAdvanced>();
}

}  // namespace spill
