// OKX v5 public streams, channel `trades`.
//
//   {"arg":{"channel":"trades","instId":"TAO-USDT"},"data":[{"instId":"TAO-USDT",
//    "tradeId":"130639474","px":"412.3","sz":"0.5","side":"buy","ts":"1630048897897","count":"3",
//    "source":"0","seqId":1234}]}
//
// `side` is the taker. `tradeId` is the last of `count` fills whose ids are dense per instrument.
// At subscribe the newest trade is pushed once as if it were live. It needs no clock to be told:
// it is the first trade of an instrument after the first acknowledgement of it on a connection.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_fields.hpp"
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

constexpr json::SideWords kSides{.buy = "buy", .sell = "sell"};

struct RowFields {
    Token symbol, id, price, size, side, time, count;
};

struct Envelope {
    Token channel, symbol;  // of `arg`
    Token data, event, code, message, connection, request_id;
    bool rows_read = false;
};

bool is_trades(std::string_view channel) noexcept {
    return channel == "trades" || channel == "trades-all";
}

// The fills of a row; the ids end with its own. Rows without `count` are single fills.
bool set_fills(std::uint64_t count, TradeRow& row) noexcept {
    if (count == 0 || count > row.id || count > std::numeric_limits<std::uint32_t>::max()) {
        return false;
    }
    row.first_fill = row.id - count + 1;
    row.last_fill = row.id;
    row.fill_count = static_cast<std::uint32_t>(count);
    return true;
}

BadReason to_fills(Token const& token, TradeRow& row) noexcept {
    std::uint64_t count = 1;
    if (!token.is(TokenType::Absent)) {
        BadReason const bad = json::to_text_uint64(token, count);
        if (bad != BadReason::None) return bad;
    }
    return set_fills(count, row) ? BadReason::None : BadReason::BadNumber;
}

BadReason read_row_field(raw_json_string key, value& field, RowFields& out) noexcept {
    if (key.unsafe_is_equal("instId")) return json::read_text(field, out.symbol);
    if (key.unsafe_is_equal("tradeId")) return json::read_raw(field, out.id);
    if (key.unsafe_is_equal("px")) return json::read_raw(field, out.price);
    if (key.unsafe_is_equal("sz")) return json::read_raw(field, out.size);
    if (key.unsafe_is_equal("side")) return json::read_raw(field, out.side);
    if (key.unsafe_is_equal("ts")) return json::read_raw(field, out.time);
    if (key.unsafe_is_equal("count")) return json::read_raw(field, out.count);
    return json::pass_over(field);
}

BadReason to_row(RowFields const& fields, TradeRow& row) noexcept {
    row.id_text = fields.id.text();
    BadReason const bad = json::first_bad(
        {json::to_symbol(fields.symbol, row.symbol), json::to_text_uint64(fields.id, row.id),
         json::to_positive(fields.price, TokenType::Text, row.price.nanos),
         json::to_positive(fields.size, TokenType::Text, row.size.nanos),
         json::to_side(fields.side, kSides, row.aggressor),
         json::to_text_millis(fields.time, row.ts_event)});
    return bad != BadReason::None ? bad : to_fills(fields.count, row);
}

// The fields of a trade in the order in which the venue writes them.
bool quick_row(object& fields, TradeRow& row) noexcept {
    namespace quick = json::quick;
    std::string_view digits;
    std::uint64_t count = 0;
    return quick::text(fields, "instId", row.symbol) &&
           quick::text_uint64(fields, "tradeId", row.id_text, row.id) &&
           quick::text_positive(fields, "px", row.price.nanos) &&
           quick::text_positive(fields, "sz", row.size.nanos) &&
           quick::side(fields, "side", kSides, row.aggressor) &&
           quick::quoted(fields, "ts", digits) && json::millis_of(digits, row.ts_event) &&
           quick::text_uint64(fields, "count", digits, count) && set_fills(count, row) &&
           quick::ends(fields);
}

// The instrument that a refusal names: "... channel:trades,instId:GRAM-USDT doesn't exist".
std::string_view refused_symbol(std::string_view message) noexcept {
    constexpr std::string_view kName = "instId:";
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::size_t const at = message.find(kName);
    if (at == std::string_view::npos) return {};
    std::string_view const rest = message.substr(at + kName.size());
    return rest.substr(0, rest.find_first_not_of(kLetters));
}

// Which instruments were acknowledged on this connection, and which of them have yet to push the
// newest earlier trade. Known by a hash of their name; beyond the bound nothing is history.
class FirstPushes {
public:
    void acknowledged(std::string_view connection, std::string_view symbol) noexcept {
        if (!connection.empty() && hash(connection) != connection_) {
            connection_ = hash(connection);
            size_ = waiting_ = 0;
        }
        std::uint64_t const name = hash(symbol);
        if (find(name) != size_ || size_ == entries_.size()) return;
        entries_[size_++] = {name, true};
        ++waiting_;
    }

    void forget(std::string_view symbol) noexcept {
        std::size_t const at = find(hash(symbol));
        if (at == size_) return;
        if (entries_[at].waiting) --waiting_;
        entries_[at] = entries_[--size_];
    }

    // True once for each acknowledged instrument.
    [[nodiscard]] bool take(std::string_view symbol) noexcept {
        if (waiting_ == 0) return false;
        std::size_t const at = find(hash(symbol));
        if (at == size_ || !entries_[at].waiting) return false;
        entries_[at].waiting = false;
        --waiting_;
        return true;
    }

private:
    struct Entry {
        std::uint64_t name = 0;
        bool waiting = false;
    };

    static std::uint64_t hash(std::string_view text) noexcept {
        std::uint64_t sum = 0xcbf2'9ce4'8422'2325;  // FNV-1a
        for (char const c : text) {
            sum = (sum ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3;
        }
        return sum;
    }
    [[nodiscard]] std::size_t find(std::uint64_t name) const noexcept {
        std::size_t at = 0;
        while (at < size_ && entries_[at].name != name) ++at;
        return at;
    }

    std::array<Entry, 1024> entries_{};
    std::size_t size_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t connection_ = 0;
};

class Okx final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first_request_id) const override {
        return requests("subscribe", symbols, first_request_id);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first_request_id) const override {
        return requests("unsubscribe", symbols, first_request_id);
    }
    // Control pings do not count there: it wants this word within 30 s.
    std::string ping(std::int64_t /*request_id*/) const override { return "ping"; }

protected:
    bool quick_trades(object& root) noexcept override {
        object arg;
        std::string_view channel;
        if (root.find_field("arg").get_object().get(arg) != simdjson::SUCCESS) return false;
        if (!json::quick::quoted(arg, "channel", channel) || channel != "trades") return false;
        if (!json::quick::ends(arg)) return false;
        array list;
        if (root.find_field("data").get_array().get(list) != simdjson::SUCCESS) return false;
        BadReason const bad = json::for_each_element(list, [&](value& element) noexcept {
            object fields;
            TradeRow* const row = add_row();
            bool const done = row != nullptr &&
                              element.get_object().get(fields) == simdjson::SUCCESS &&
                              quick_row(fields, *row);
            return done ? BadReason::None : BadReason::MissingField;
        });
        if (bad != BadReason::None || !json::quick::ends(root)) return false;
        mark_history();
        return true;
    }

    Decoded on_object(object& root) noexcept override {
        Envelope envelope;
        BadReason bad = read_envelope(root, envelope);
        bool const trade = is_trades(envelope.channel.words());
        if (bad == BadReason::None && trade && envelope.event.is(TokenType::Absent) &&
            !envelope.rows_read) {
            // `data` came before `arg`, or not at all: the second look knows the channel.
            object again;
            if (envelope.data.is(TokenType::Absent)) {
                bad = BadReason::MissingField;
            } else {
                bad = reopen(again) ? read_envelope(again, envelope) : BadReason::NotJson;
            }
        }
        if (bad != BadReason::None) return json::bad_frame(bad);
        if (envelope.event.is(TokenType::Text)) return on_event(envelope);
        if (trade && envelope.rows_read) {
            mark_history();
            return trades();
        }
        std::string_view const channel = envelope.channel.words();
        if (channel.starts_with("candle")) return json::frame_of(FrameKind::Candle);
        if (channel == "status") return json::frame_of(FrameKind::Status);
        return json::frame_of(FrameKind::Other);
    }

    // The answer to our ping is the bare word.
    Decoded on_words(std::string_view frame) noexcept override {
        return frame == "pong" ? json::frame_of(FrameKind::Pong)
                               : json::bad_frame(BadReason::NotJson);
    }

private:
    FirstPushes pushes_;

    // Rows of one frame are in time order: only the first of an instrument can be the push.
    void mark_history() noexcept {
        for (TradeRow& row : rows()) row.live = !pushes_.take(row.symbol);
    }

    BadReason read_envelope(object& root, Envelope& out) noexcept {
        return json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
            if (key.unsafe_is_equal("arg")) return read_arg(field, out);
            if (key.unsafe_is_equal("data")) return read_data(field, out);
            if (key.unsafe_is_equal("event")) return json::read_text(field, out.event);
            if (key.unsafe_is_equal("code")) return json::read_text(field, out.code);
            if (key.unsafe_is_equal("msg")) return json::read_text(field, out.message);
            if (key.unsafe_is_equal("connId")) return json::read_text(field, out.connection);
            if (key.unsafe_is_equal("id")) return json::read_text(field, out.request_id);
            return json::pass_over(field);
        });
    }

    static BadReason read_arg(value& field, Envelope& out) noexcept {
        if (!json::raw_token(field).is(TokenType::Object)) return json::pass_over(field);
        object arg;
        if (field.get_object().get(arg) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_field(arg, [&](raw_json_string key, value& member) noexcept {
            if (key.unsafe_is_equal("channel")) return json::read_text(member, out.channel);
            if (key.unsafe_is_equal("instId")) return json::read_text(member, out.symbol);
            return json::pass_over(member);
        });
    }

    BadReason read_data(value& field, Envelope& out) noexcept {
        if (auto const bad = json::read_raw(field, out.data); bad != BadReason::None) return bad;
        if (!is_trades(out.channel.words())) return BadReason::None;
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

    // {"id":"1","event":"subscribe","arg":{"channel":"trades","instId":"TAO-USDT"},"connId":"a4"}
    Decoded on_event(Envelope const& envelope) noexcept {
        std::string_view const event = envelope.event.text();
        bool const added = event == "subscribe";
        if (added || event == "unsubscribe") {
            Decoded decoded = json::frame_of(FrameKind::Ack);
            decoded.request_id = json::to_request_id(envelope.request_id);
            if (!is_trades(envelope.channel.words())) return decoded;
            decoded.symbol = envelope.symbol.words();
            if (added) pushes_.acknowledged(envelope.connection.words(), decoded.symbol);
            if (!added) pushes_.forget(decoded.symbol);
            return decoded;
        }
        if (event == "error") return on_refusal(envelope);
        // Comes after a success and takes it back.
        if (event == "channel-conn-count-error") {
            Decoded decoded = json::frame_of(FrameKind::Error);
            decoded.code = event;
            return decoded;
        }
        if (event == "channel-conn-count") return json::frame_of(FrameKind::Info);
        if (event != "notice") return json::frame_of(FrameKind::Other);
        Decoded decoded = json::frame_of(FrameKind::Notice);
        decoded.code = envelope.code.words();
        decoded.message = envelope.message.words();
        return decoded;
    }

    // {"event":"error","code":"60018","msg":"Wrong URL or channel:trades,instId:X doesn't exist"}.
    // A request that cannot be read (60012) is repeated in the words: they accuse nobody.
    static Decoded on_refusal(Envelope const& envelope) noexcept {
        Decoded decoded = json::frame_of(FrameKind::Error);
        decoded.code = envelope.code.words();
        decoded.message = envelope.message.words();
        decoded.request_id = json::to_request_id(envelope.request_id);
        if (decoded.code != "60012") decoded.symbol = refused_symbol(decoded.message);
        return decoded;
    }

    // {"id":"1","op":"subscribe","args":[{"channel":"trades","instId":"TAO-USDT"}]}. Operations are
    // counted by the hour, so that as many as a request may hold go in one.
    static std::vector<std::string> requests(std::string_view op,
                                             std::span<const std::string> symbols,
                                             std::int64_t request_id) {
        constexpr std::size_t kPerRequest = 100;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string frame = "{\"id\":\"" + std::to_string(request_id++) + "\",\"op\":\"" +
                                std::string(op) + "\",\"args\":[";
            auto const batch = symbols.subspan(from, std::min(kPerRequest, symbols.size() - from));
            for (std::string const& symbol : batch) {
                if (&symbol != batch.data()) frame += ',';
                frame += "{\"channel\":\"trades\",\"instId\":";
                append_json_string(frame, symbol);
                frame += '}';
            }
            frame += "]}";
            frames.push_back(std::move(frame));
        }
        return frames;
    }
};

}  // namespace

std::unique_ptr<Codec> make_okx_codec() { return std::make_unique<Okx>(); }

}  // namespace spill
