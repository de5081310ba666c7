// Gate v4 spot, channel `spot.trades`.
//
//   {"time":1790359171,"time_ms":1790359171120,"channel":"spot.trades","event":"update","result":{
//    "id":220643714,"id_market":220643714,"create_time":1790359171,
//    "create_time_ms":"1790359171119.653000","side":"sell","currency_pair":"TAO_USDT",
//    "amount":"0.002984","price":"412.9","range":"220643714-220643714","trade_mode":0}}
//
// `side` is the taker. One push may merge several fills: `range` has their ids, dense per pair.
// `id` was a counter of all pairs for years: it tells trades apart and proves nothing. Rows of
// before 2025 have no range. There is no history at subscribe.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
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
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr json::SideWords kSides{.buy = "buy", .sell = "sell"};
constexpr std::string_view kTrades = "spot.trades";

struct RowFields {
    Token symbol, id, price, size, side, time, range;
};

struct Envelope {
    Token channel, event, type, result, request_id;
    Token status;         // of an answer's `result`
    Token error;          // an object when refused, null or absent when all is well
    Token code, message;  // of `error`
    Token words;          // of a notice
    RowFields row;
};

// "501-503": the fills that one push merges.
bool set_range(std::string_view text, TradeRow& row) noexcept {
    std::size_t const dash = text.find('-');
    if (dash == std::string_view::npos) return false;
    std::optional<std::uint64_t> const first = parse_uint64(text.substr(0, dash));
    std::optional<std::uint64_t> const last = parse_uint64(text.substr(dash + 1));
    if (!first || !last || *first == 0 || *last < *first) return false;
    if (*last - *first >= std::numeric_limits<std::uint32_t>::max()) return false;
    row.first_fill = *first;
    row.last_fill = *last;
    row.fill_count = static_cast<std::uint32_t>(*last - *first + 1);
    return true;
}

BadReason to_range(Token const& token, TradeRow& row) noexcept {
    if (token.is(TokenType::Absent)) return BadReason::None;
    if (BadReason const bad = json::expect(token, TokenType::Text); bad != BadReason::None) {
        return bad;
    }
    return set_range(token.text(), row) ? BadReason::None : BadReason::BadNumber;
}

BadReason to_row(RowFields const& fields, TradeRow& row) noexcept {
    row.id_text = fields.id.text();
    return json::first_bad(
        {json::to_symbol(fields.symbol, row.symbol), json::to_uint64(fields.id, row.id),
         json::to_positive(fields.price, TokenType::Text, row.price.nanos),
         json::to_positive(fields.size, TokenType::Text, row.size.nanos),
         json::to_side(fields.side, kSides, row.aggressor),
         json::to_text_millis(fields.time, row.ts_event), to_range(fields.range, row)});
}

// The fields of a trade in the order in which the venue writes them.
bool quick_row(object& fields, TradeRow& row) noexcept {
    namespace quick = json::quick;
    std::string_view digits;
    return quick::uint64(fields, "id", row.id_text, row.id) &&
           quick::quoted(fields, "create_time_ms", digits) &&
           json::millis_of(digits, row.ts_event) &&
           quick::side(fields, "side", kSides, row.aggressor) &&
           quick::text(fields, "currency_pair", row.symbol) &&
           quick::text_positive(fields, "amount", row.size.nanos) &&
           quick::text_positive(fields, "price", row.price.nanos) &&
           quick::quoted(fields, "range", digits) && set_range(digits, row) && quick::ends(fields);
}

// The pair that a refusal names: "unknown currency pair: GRAM_USDT".
std::string_view refused_symbol(std::string_view message) noexcept {
    constexpr std::string_view kName = "currency pair: ";
    std::size_t const at = message.find(kName);
    if (at == std::string_view::npos) return {};
    std::string_view const rest = message.substr(at + kName.size());
    return rest.substr(0, rest.find_first_of(" ,;"));
}

class Gateio final : public json::JsonCodec {
public:
    void set_wall_clock(UnixNanos now) noexcept override { now_ = now; }

    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first_request_id) const override {
        return requests("subscribe", symbols, first_request_id);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first_request_id) const override {
        return requests("unsubscribe", symbols, first_request_id);
    }
    std::string ping(std::int64_t /*request_id*/) const override {
        return "{\"time\":" + seconds() + ",\"channel\":\"spot.ping\"}";
    }

protected:
    bool quick_trades(object& root) noexcept override {
        std::string_view word;
        if (!json::quick::quoted(root, "channel", word) || word != kTrades) return false;
        if (!json::quick::quoted(root, "event", word) || word != "update") return false;
        object fields;
        if (root.find_field("result").get_object().get(fields) != simdjson::SUCCESS) return false;
        TradeRow* const row = add_row();
        return row != nullptr && quick_row(fields, *row) && json::quick::ends(root);
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        BadReason const bad = json::for_each_field(root, [&](raw_json_string key, value& field) {
            return read_field(key, field, envelope);
        });
        if (bad != BadReason::None) return json::bad_frame(bad);
        // The one frame that names neither channel nor event.
        if (envelope.type.words() == "upgrade") {
            Decoded decoded = json::frame_of(FrameKind::Notice);
            decoded.message = envelope.words.words();
            return decoded;
        }
        std::string_view const channel = envelope.channel.words();
        std::string_view const event = envelope.event.words();
        if (channel.ends_with(".pong")) return json::frame_of(FrameKind::Pong);
        if (event == "subscribe" || event == "unsubscribe") return on_answer(envelope);
        if (event != "update") return json::frame_of(FrameKind::Other);
        if (channel == "spot.candlesticks") return json::frame_of(FrameKind::Candle);
        return channel == kTrades ? on_trade(envelope) : json::frame_of(FrameKind::Other);
    }

private:
    UnixNanos now_;

    static BadReason read_field(raw_json_string key, value& field, Envelope& out) noexcept {
        if (key.unsafe_is_equal("channel")) return json::read_text(field, out.channel);
        if (key.unsafe_is_equal("event")) return json::read_text(field, out.event);
        if (key.unsafe_is_equal("result")) return read_result(field, out);
        if (key.unsafe_is_equal("error")) return read_error(field, out);
        if (key.unsafe_is_equal("id")) return json::read_raw(field, out.request_id);
        if (key.unsafe_is_equal("type")) return json::read_text(field, out.type);
        if (key.unsafe_is_equal("msg")) return json::read_text(field, out.words);
        return json::pass_over(field);
    }

    // A trade or the result of a request: the channel may be known only later.
    static BadReason read_result(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.result); bad != BadReason::None) return bad;
        if (!out.result.is(TokenType::Object)) return BadReason::None;
        object inner;
        if (field.get_object().get(inner) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_field(inner, [&](raw_json_string key, value& member) noexcept {
            RowFields& row = out.row;
            if (key.unsafe_is_equal("id")) return json::read_raw(member, row.id);
            if (key.unsafe_is_equal("create_time_ms")) return json::read_raw(member, row.time);
            if (key.unsafe_is_equal("side")) return json::read_raw(member, row.side);
            if (key.unsafe_is_equal("currency_pair")) return json::read_text(member, row.symbol);
            if (key.unsafe_is_equal("amount")) return json::read_raw(member, row.size);
            if (key.unsafe_is_equal("price")) return json::read_raw(member, row.price);
            if (key.unsafe_is_equal("range")) return json::read_raw(member, row.range);
            if (key.unsafe_is_equal("status")) return json::read_text(member, out.status);
            return json::pass_over(member);
        });
    }

    static BadReason read_error(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.error); bad != BadReason::None) return bad;
        if (!out.error.is(TokenType::Object)) return BadReason::None;
        object inner;
        if (field.get_object().get(inner) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_field(inner, [&](raw_json_string key, value& member) noexcept {
            if (key.unsafe_is_equal("code")) return json::read_raw(member, out.code);
            if (key.unsafe_is_equal("message")) return json::read_text(member, out.message);
            return json::pass_over(member);
        });
    }

    Decoded on_trade(Envelope const& envelope) noexcept {
        BadReason const type = json::expect(envelope.result, TokenType::Object);
        if (type != BadReason::None) return json::bad_frame(type);
        drop_rows();
        TradeRow* const row = add_row();
        if (row == nullptr) return json::bad_frame(BadReason::TooLarge);
        BadReason const bad = to_row(envelope.row, *row);
        return bad == BadReason::None ? trades() : json::bad_frame(bad);
    }

    // {"id":1,"channel":"spot.trades","event":"subscribe","error":{"code":2,"message":"unknown
    //  currency pair: X"},"result":{"status":"fail"}}: `error` decides, and may be null.
    static Decoded on_answer(Envelope const& envelope) noexcept {
        bool const refused =
            envelope.error.is(TokenType::Object) || envelope.status.words() == "fail";
        Decoded decoded = json::frame_of(refused ? FrameKind::Error : FrameKind::Ack);
        decoded.request_id = json::to_request_id(envelope.request_id);
        if (!refused) return decoded;
        if (envelope.code.is(TokenType::Number)) decoded.code = envelope.code.text();
        decoded.message = envelope.message.words();
        decoded.symbol = refused_symbol(decoded.message);
        return decoded;
    }

    std::string seconds() const { return std::to_string(now_.ns / kNanosPerSecond); }

    // {"time":1779235200,"id":1,"channel":"spot.trades","event":"subscribe",
    //  "payload":["TAO_USDT"]}: refused when its time is off by more than a minute.
    std::vector<std::string> requests(std::string_view event, std::span<const std::string> symbols,
                                      std::int64_t request_id) const {
        constexpr std::size_t kPerRequest = 50;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"time\":" + seconds() +
                                ",\"id\":" + std::to_string(request_id++) + ",\"channel\":\"" +
                                std::string(kTrades) + "\",\"event\":\"" + std::string(event) +
                                "\",\"payload\":[";
            json::append_symbols(
                frame, symbols.subspan(from, std::min(kPerRequest, symbols.size() - from)));
            frames.push_back(frame + "]}");
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_gateio_codec() { return std::make_unique<Gateio>(); }

}  // namespace spill
