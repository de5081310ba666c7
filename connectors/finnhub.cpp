// Finnhub trades, the free fallback: prices of US stocks, with a volume of unknown coverage.
//
//   {"data":[{"c":["1","24","12"],"p":129.58,"s":"ZED","t":1672348887666,"v":1}],"type":"trade"}
//
// `type` may come behind `data`. Conditions are the vendor's own numbers: 12 is an odd lot, 24 a
// print of extended hours; what the others mean is not known. There is no aggressor, no id and no
// acknowledgement. The key is part of the address.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/url_text.hpp"
#include "connectors/venues.hpp"
#include "core/event.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

std::uint32_t flag_of(std::string_view condition) noexcept {
    if (condition == "12") return trade_flag::kOddLot | trade_flag::kNoPrice;
    return condition == "24" ? trade_flag::kNoPrice : 0U;
}

// An array of texts, an empty one, or null.
BadReason read_conditions(value& field, std::uint32_t& flags) noexcept {
    Token const token = json::raw_token(field);
    if (token.is(TokenType::Invalid)) return BadReason::NotJson;
    if (!token.is(TokenType::Array)) return BadReason::None;
    array list;
    if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_element(list, [&](value& element) noexcept {
        Token code;
        BadReason const bad = json::read_raw(element, code);
        flags |= flag_of(code.text());
        return bad;
    });
}

class Finnhub final : public json::JsonCodec {
public:
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t /*first_request_id*/) const override {
        return requests("subscribe", symbols);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t /*first_request_id*/) const override {
        return requests("unsubscribe", symbols);
    }
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

    std::string target(std::string_view path, const Credentials& credentials) const override {
        std::string out = std::string(path) + "?token=";
        append_url_text(out, credentials.key);
        return out;
    }

protected:
    bool quick_trades(object& /*root*/) noexcept override { return false; }

    // Rows are read wherever `data` stands; the type decides in the end whether they are trades.
    Decoded on_object(object& root) noexcept override {
        Token type;
        Token message;
        bad_ = BadReason::None;
        BadReason const bad =
            json::for_each_field(root, [&](raw_json_string key, value& field) noexcept {
                if (key.unsafe_is_equal("type")) return json::read_text(field, type);
                if (key.unsafe_is_equal("msg")) return json::read_text(field, message);
                if (key.unsafe_is_equal("data")) return read_data(field);
                return json::pass_over(field);
            });
        if (bad != BadReason::None) return json::bad_frame(bad);
        std::string_view const word = type.words();
        if (word == "trade") return on_trades();
        // The server says that it is alive and wants no answer; that is no data.
        if (word == "ping") return json::frame_of(FrameKind::Ping);
        if (word != "error") return json::frame_of(FrameKind::Other);
        Decoded decoded = json::frame_of(FrameKind::Error);
        decoded.message = message.words();
        return decoded;
    }

private:
    Decoded on_trades() noexcept {
        if (rows().empty() && bad_ != BadReason::None) return json::bad_frame(bad_);
        if (rows().empty()) return json::frame_of(FrameKind::Other);
        Decoded decoded = trades();
        decoded.bad = bad_;
        return decoded;
    }

    BadReason read_data(value& field) noexcept {
        Token const token = json::raw_token(field);
        if (token.is(TokenType::Invalid)) return BadReason::NotJson;
        if (!token.is(TokenType::Array)) return BadReason::None;
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        drop_rows();
        return json::for_each_element(list,
                                      [&](value& element) noexcept { return read_print(element); });
    }

    // A print that cannot be read does not take the others with it.
    BadReason read_print(value& element) noexcept {
        Token symbol;
        Token price;
        Token size;
        Token time;
        std::uint32_t flags = 0;
        if (!json::raw_token(element).is(TokenType::Object)) {
            note_bad(BadReason::WrongType);
            return json::pass_over(element);
        }
        object fields;
        if (element.get_object().get(fields) != simdjson::SUCCESS) return BadReason::NotJson;
        BadReason const broken =
            json::for_each_field(fields, [&](raw_json_string key, value& field) noexcept {
                if (key.unsafe_is_equal("s")) return json::read_text(field, symbol);
                if (key.unsafe_is_equal("p")) return json::read_raw(field, price);
                if (key.unsafe_is_equal("v")) return json::read_raw(field, size);
                if (key.unsafe_is_equal("t")) return json::read_raw(field, time);
                if (key.unsafe_is_equal("c")) return read_conditions(field, flags);
                return json::pass_over(field);
            });
        if (broken != BadReason::None) return broken;
        TradeRow row;
        row.flags = flags;
        BadReason const bad =
            json::first_bad({json::to_symbol(symbol, row.symbol),
                             json::to_positive(price, TokenType::Number, row.price.nanos),
                             json::to_positive(size, TokenType::Number, row.size.nanos),
                             json::to_time(time, row.ts_event)});
        TradeRow* const free = bad == BadReason::None ? add_row() : nullptr;
        if (free == nullptr) {
            note_bad(bad == BadReason::None ? BadReason::TooLarge : bad);
        } else {
            *free = row;
        }
        return BadReason::None;
    }

    void note_bad(BadReason reason) noexcept {
        if (bad_ == BadReason::None) bad_ = reason;
    }

    // {"type":"subscribe","symbol":"ZED"}: one symbol a frame.
    static std::vector<std::string> requests(std::string_view type,
                                             std::span<const std::string> symbols) {
        std::vector<std::string> frames;
        for (std::string const& symbol : symbols) {
            std::string frame = "{\"type\":\"" + std::string(type) + "\",\"symbol\":";
            append_json_string(frame, symbol);
            frames.push_back(frame + '}');
        }
        return frames;
    }

    BadReason bad_ = BadReason::None;
};

}  // namespace

std::unique_ptr<Codec> make_finnhub_codec() { return std::make_unique<Finnhub>(); }

}  // namespace spill
