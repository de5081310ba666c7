// MEXC v3 spot, channel `aggre.deals`: data in binary protobuf, control in JSON text, one socket.
//
//   PushDataV3ApiWrapper { 1: "spot@public.aggre.deals.v3.api.pb@100ms@ZEDUSDT"  3: "ZEDUSDT"
//                          6: 1700000000020
//                          314 { 1 { 1: "7.25" 2: "2.5" 3: 2 4: 1700000000004 5: "41X0_42X0" } } }
//   {"id":0,"code":0,"msg":"spot@public.aggre.deals.v3.api.pb@100ms@ZEDUSDT"}
//
// Of a deal 3 is the side that crossed the spread: 1 buy, 2 sell. Refusals carry code 0 too, so the
// words decide. Wrappers without a body and bodies without deals are legal and hold no trade.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/protobuf_scan.hpp"
#include "connectors/venues.hpp"

namespace spill {
namespace {

using protobuf::Field;
using protobuf::Reader;
using protobuf::Step;
using protobuf::Wire;

constexpr std::uint32_t kDeals = 314;
constexpr std::uint32_t kKline = 308;
constexpr std::string_view kChannel = "spot@public.aggre.deals.v3.api.pb@100ms@";

// A 64-bit hash (FNV-1a) of a pair of ids; never 0, which means "no id".
std::uint64_t hash_pair(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (char const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x0000'0100'0000'01b3;
    }
    return hash == 0 ? 1 : hash;
}

// Protobuf does not check its texts, and ours go on into JSON.
bool is_utf8(std::string_view text) noexcept {
    return simdjson::validate_utf8(text.data(), text.size());
}

BadReason to_amount(Field const& field, std::int64_t& nanos) noexcept {
    if (field.wire != Wire::Bytes) return BadReason::WrongType;
    json::Token const text(json::TokenType::Text, field.bytes);
    return json::to_positive(text, json::TokenType::Text, nanos);
}

BadReason to_side(Field const& field, Aggressor& out) noexcept {
    if (field.wire != Wire::Varint) return BadReason::WrongType;
    if (field.varint != 1 && field.varint != 2) return BadReason::BadSide;
    out = field.varint == 1 ? Aggressor::Buy : Aggressor::Sell;
    return BadReason::None;
}

BadReason read_deal_field(Field const& field, TradeRow& row) noexcept {
    switch (field.number) {
        case 1: return to_amount(field, row.price.nanos);
        case 2: return to_amount(field, row.size.nanos);
        case 3: return to_side(field, row.aggressor);
        case 4:
            if (field.wire != Wire::Varint) return BadReason::WrongType;
            return json::to_nanos(field.varint, row.ts_event);
        case 5:
            if (field.wire != Wire::Bytes) return BadReason::WrongType;
            if (!is_utf8(field.bytes)) return BadReason::Utf8;
            row.id_text = field.bytes;
            row.id = row.id_text.empty() ? 0 : hash_pair(row.id_text);
            return BadReason::None;
        default: return BadReason::None;
    }
}

BadReason read_deal(std::string_view message, TradeRow& row) noexcept {
    Reader reader(message);
    Field field;
    Step step = reader.next(field);
    for (; step == Step::Field; step = reader.next(field)) {
        if (BadReason const bad = read_deal_field(field, row); bad != BadReason::None) return bad;
    }
    if (step == Step::Torn) return BadReason::WrongType;
    bool const whole = row.price.nanos > 0 && row.size.nanos > 0 && row.ts_event.ns > 0 &&
                       row.aggressor != Aggressor::Unknown;
    return whole ? BadReason::None : BadReason::MissingField;
}

// The text after the last '@' of a channel: its symbol.
std::string_view symbol_of(std::string_view channel) noexcept {
    std::size_t const at = channel.rfind('@');
    return at == std::string_view::npos ? std::string_view{} : channel.substr(at + 1);
}

// The JSON half of the socket. No trade comes as text.
class MexcControl final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> /*symbols*/,
                                       std::int64_t /*first_request_id*/) const override {
        return {};
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> /*symbols*/,
                                         std::int64_t /*first_request_id*/) const override {
        return {};
    }
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

protected:
    bool quick_trades(json::od::object& /*root*/) noexcept override { return false; }

    Decoded on_object(json::od::object& root) noexcept override {
        json::Token id;
        json::Token code;
        json::Token message;
        BadReason const bad = json::for_each_field(
            root, [&](json::od::raw_json_string key, json::od::value& field) noexcept {
                if (key.unsafe_is_equal("id")) return json::read_raw(field, id);
                if (key.unsafe_is_equal("code")) return json::read_raw(field, code);
                if (key.unsafe_is_equal("msg")) return json::read_text(field, message);
                return json::pass_over(field);
            });
        if (bad != BadReason::None) return json::bad_frame(bad);
        bool const answer = code.is(json::TokenType::Number) && message.is(json::TokenType::Text);
        if (!answer) return json::frame_of(FrameKind::Other);
        Decoded decoded = on_answer(code.text(), message.text());
        decoded.request_id = json::to_request_id(id);
        return decoded;
    }

private:
    static Decoded on_answer(std::string_view code, std::string_view words) noexcept {
        Decoded decoded;
        bool const channel = words.starts_with("spot@");
        if (code == "0" && words == "PONG") {
            decoded.kind = FrameKind::Pong;
        } else if (code == "0" && channel) {
            decoded.kind = FrameKind::Ack;
            // Several channels in one answer name no single symbol.
            if (words.find(',') == std::string_view::npos) decoded.symbol = symbol_of(words);
        } else {
            decoded.kind = FrameKind::Error;
            decoded.code = code;
            decoded.message = words;
            std::size_t const open = words.find('[');
            std::size_t const close = words.find(']');
            if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
                decoded.symbol = symbol_of(words.substr(open + 1, close - open - 1));
            }
        }
        return decoded;
    }
};

class Mexc final : public Codec {
public:
    Mexc() : rows_(json::kMaxRows) {}

    Decoded decode(std::string_view frame, bool binary) noexcept override {
        if (!binary) return control_.decode(frame, false);
        if (frame.empty()) return json::bad_frame(BadReason::Empty);
        if (frame.size() > json::kMaxFrameBytes) return json::bad_frame(BadReason::TooLarge);
        row_count_ = 0;
        return on_wrapper(frame);
    }

    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first_request_id) const override {
        return requests("SUBSCRIPTION", symbols, first_request_id);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first_request_id) const override {
        return requests("UNSUBSCRIPTION", symbols, first_request_id);
    }
    std::string ping(std::int64_t /*request_id*/) const override { return R"({"method":"PING"})"; }

private:
    // The symbol may come after the body, so bodies are read once the wrapper is known.
    Decoded on_wrapper(std::string_view frame) noexcept {
        Reader reader(frame);
        Field field;
        std::string_view channel;
        std::string_view symbol;
        Field body;
        Step step = reader.next(field);
        for (; step == Step::Field; step = reader.next(field)) {
            bool const bytes = field.wire == Wire::Bytes;
            if (field.number == 1 && bytes) channel = field.bytes;
            if (field.number == 3 && bytes) symbol = field.bytes;
            if (field.number >= 301 && field.number <= 315 && bytes) body = field;
        }
        if (step == Step::Torn) return json::bad_frame(BadReason::WrongType);
        if (channel.empty()) return json::bad_frame(BadReason::MissingField);
        if (body.number == kKline) return json::frame_of(FrameKind::Candle);
        if (body.number == kDeals) {
            return on_deals(body.bytes, symbol.empty() ? symbol_of(channel) : symbol);
        }
        return json::frame_of(FrameKind::Other);
    }

    Decoded on_deals(std::string_view message, std::string_view symbol) noexcept {
        if (symbol.empty()) return json::bad_frame(BadReason::MissingField);
        if (!is_utf8(symbol)) return json::bad_frame(BadReason::Utf8);
        Reader reader(message);
        Field field;
        Step step = reader.next(field);
        for (; step == Step::Field; step = reader.next(field)) {
            if (field.number != 1) continue;
            if (field.wire != Wire::Bytes) return json::bad_frame(BadReason::WrongType);
            if (row_count_ == rows_.size()) return json::bad_frame(BadReason::TooLarge);
            TradeRow& row = rows_[row_count_++];
            row = TradeRow{};
            row.symbol = symbol;
            BadReason const bad = read_deal(field.bytes, row);
            if (bad != BadReason::None) return json::bad_frame(bad);
        }
        if (step == Step::Torn) return json::bad_frame(BadReason::WrongType);
        if (row_count_ == 0) return json::frame_of(FrameKind::Other);
        Decoded decoded = json::frame_of(FrameKind::Trade);
        decoded.trades = {rows_.data(), row_count_};
        return decoded;
    }

    // One symbol a request: the answer then names the one symbol that it is about.
    // {"method":"SUBSCRIPTION","params":["spot@public.aggre.deals.v3.api.pb@100ms@TAOUSDT"],"id":1}
    static std::vector<std::string> requests(std::string_view method,
                                             std::span<const std::string> symbols,
                                             std::int64_t request_id) {
        std::vector<std::string> frames;
        for (std::string const& symbol : symbols) {
            std::string frame = "{\"method\":\"" + std::string(method) + "\",\"params\":[";
            append_json_string(frame, std::string(kChannel) + symbol);
            frame += "],\"id\":" + std::to_string(request_id++) + "}";
            frames.push_back(std::move(frame));
        }
        return frames;
    }

    MexcControl control_;
    std::vector<TradeRow> rows_;
    std::size_t row_count_ = 0;
};

}  // namespace

std::unique_ptr<Codec> make_mexc_codec() { return std::make_unique<Mexc>(); }

}  // namespace spill
