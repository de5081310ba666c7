// Coinbase Exchange feed, channels `matches` and `heartbeat`.
//
//   {"type":"match","trade_id":1081862675,"maker_order_id":"f0..","taker_order_id":"e6..",
//    "side":"sell","size":"0.00000001","price":"80691.53","product_id":"BTC-USD",
//    "sequence":134905860111,"time":"2026-08-25T03:35:57.198335Z"}
//
// `side` is the MAKER's: "sell" means that a resting sell was hit, so that the aggressor bought.
// Trade ids are dense per product; `sequence` counts other events too and proves nothing. Type
// `last_match` is the newest earlier trade, sent once at subscribe: history. The heartbeat of each
// second says up to which id the venue has sent matches.
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

constexpr json::SideWords kSides{.buy = "buy", .sell = "sell", .names_maker = true};

struct Envelope {
    Token type;
    Token symbol, id, side, size, price, time;  // of a match
    Token last_id;                              // of a heartbeat
    Token message, reason;                      // of an error
};

BadReason to_row(Envelope const& fields, TradeRow& row) noexcept {
    row.id_text = fields.id.text();
    row.dense = true;
    return json::first_bad({json::to_symbol(fields.symbol, row.symbol),
                            json::to_positive(fields.price, TokenType::Text, row.price.nanos),
                            json::to_positive(fields.size, TokenType::Text, row.size.nanos),
                            json::to_uint64(fields.id, row.id),
                            json::to_rfc3339(fields.time, row.ts_event),
                            json::to_side(fields.side, kSides, row.aggressor)});
}

// The product that a refusal names: "GRAM-USD is not a valid product".
std::string_view refused_symbol(std::string_view reason) noexcept {
    std::size_t const at = reason.find(" is not a valid product");
    if (at == std::string_view::npos) return {};
    std::string_view const before = reason.substr(0, at);
    std::size_t const space = before.rfind(' ');
    return space == std::string_view::npos ? before : before.substr(space + 1);
}

class Coinbase final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t /*first_request_id*/) const override {
        return requests("subscribe", symbols);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t /*first_request_id*/) const override {
        return requests("unsubscribe", symbols);
    }
    // The heartbeat channel keeps the connection busy.
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

protected:
    bool quick_trades(object& root) noexcept override {
        namespace quick = json::quick;
        std::string_view word;
        if (!quick::quoted(root, "type", word) || word != "match") return false;
        TradeRow* const row = add_row();
        if (row == nullptr) return false;
        row->dense = true;
        return quick::uint64(root, "trade_id", row->id_text, row->id) &&
               quick::side(root, "side", kSides, row->aggressor) &&
               quick::text_positive(root, "size", row->size.nanos) &&
               quick::text_positive(root, "price", row->price.nanos) &&
               quick::text(root, "product_id", row->symbol) && quick::quoted(root, "time", word) &&
               json::rfc3339_of(word, row->ts_event) && quick::ends(root);
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        listed_count_ = 0;
        BadReason const bad = json::for_each_field(root, [&](raw_json_string key, value& field) {
            return read_field(key, field, envelope);
        });
        if (bad != BadReason::None) return json::bad_frame(bad);
        std::string_view const type = envelope.type.words();
        if (type == "match") return on_match(envelope, true);
        if (type == "last_match") return on_match(envelope, false);
        if (type == "heartbeat") return on_heartbeat(envelope);
        if (type == "error") return on_error(envelope);
        if (type != "subscriptions") return json::frame_of(FrameKind::Other);
        Decoded decoded = json::frame_of(FrameKind::Ack);
        decoded.subscribed = {listed_.data(), listed_count_};
        return decoded;
    }

private:
    std::array<std::string_view, json::kMaxRows> listed_{};  // products of channel `matches`
    std::size_t listed_count_ = 0;

    BadReason read_field(raw_json_string key, value& field, Envelope& out) noexcept {
        if (key.unsafe_is_equal("type")) return json::read_text(field, out.type);
        if (key.unsafe_is_equal("trade_id")) return json::read_raw(field, out.id);
        if (key.unsafe_is_equal("side")) return json::read_raw(field, out.side);
        if (key.unsafe_is_equal("size")) return json::read_raw(field, out.size);
        if (key.unsafe_is_equal("price")) return json::read_raw(field, out.price);
        if (key.unsafe_is_equal("product_id")) return json::read_text(field, out.symbol);
        if (key.unsafe_is_equal("time")) return json::read_raw(field, out.time);
        if (key.unsafe_is_equal("last_trade_id")) return json::read_raw(field, out.last_id);
        if (key.unsafe_is_equal("message")) return json::read_text(field, out.message);
        if (key.unsafe_is_equal("reason")) return json::read_text(field, out.reason);
        if (key.unsafe_is_equal("channels")) return read_channels(field);
        return json::pass_over(field);
    }

    BadReason read_channels(value& field) noexcept {
        if (!json::raw_token(field).is(TokenType::Array)) return json::pass_over(field);
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_element(list, [&](value& element) noexcept {
            if (!json::raw_token(element).is(TokenType::Object)) return json::pass_over(element);
            return read_channel(element);
        });
    }

    // Keeps the products of a channel only when it is the one of the trades.
    BadReason read_channel(value& element) noexcept {
        object fields;
        if (element.get_object().get(fields) != simdjson::SUCCESS) return BadReason::NotJson;
        std::size_t const before = listed_count_;
        Token name;
        BadReason const bad = json::for_each_field(fields, [&](raw_json_string key, value& field) {
            if (key.unsafe_is_equal("name")) return json::read_text(field, name);
            if (key.unsafe_is_equal("product_ids")) return read_products(field);
            return json::pass_over(field);
        });
        if (name.words() != "matches") listed_count_ = before;
        return bad;
    }

    BadReason read_products(value& field) noexcept {
        if (!json::raw_token(field).is(TokenType::Array)) return json::pass_over(field);
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_element(list, [&](value& element) noexcept {
            Token product;
            BadReason const bad = json::read_text(element, product);
            if (bad != BadReason::None) return bad;
            if (listed_count_ == listed_.size()) return BadReason::TooLarge;
            listed_[listed_count_++] = product.words();
            return BadReason::None;
        });
    }

    Decoded on_match(Envelope const& envelope, bool live) noexcept {
        drop_rows();
        TradeRow* const row = add_row();
        if (row == nullptr) return json::bad_frame(BadReason::TooLarge);
        row->live = live;
        BadReason const bad = to_row(envelope, *row);
        return bad == BadReason::None ? trades() : json::bad_frame(bad);
    }

    // {"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":".."}
    static Decoded on_heartbeat(Envelope const& envelope) noexcept {
        Decoded decoded = json::frame_of(FrameKind::Heartbeat);
        BadReason const bad =
            json::first_bad({json::to_symbol(envelope.symbol, decoded.symbol),
                             json::to_uint64(envelope.last_id, decoded.sent_up_to)});
        return bad == BadReason::None ? decoded : json::bad_frame(bad);
    }

    // {"type":"error","message":"Failed to subscribe","reason":"GRAM-USD is not a valid product"}
    static Decoded on_error(Envelope const& envelope) noexcept {
        Decoded decoded = json::frame_of(FrameKind::Error);
        decoded.message = envelope.message.words();
        decoded.code = envelope.reason.words();
        decoded.symbol = refused_symbol(decoded.code);
        return decoded;
    }

    // {"type":"subscribe","product_ids":["TAO-USD"],"channels":["matches","heartbeat"]}
    static std::vector<std::string> requests(std::string_view type,
                                             std::span<const std::string> symbols) {
        constexpr std::size_t kPerRequest = 100;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"type\":\"" + std::string(type) + "\",\"product_ids\":[";
            json::append_symbols(
                frame, symbols.subspan(from, std::min(kPerRequest, symbols.size() - from)));
            frames.push_back(frame + "],\"channels\":[\"matches\",\"heartbeat\"]}");
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_coinbase_codec() { return std::make_unique<Coinbase>(); }

}  // namespace spill
