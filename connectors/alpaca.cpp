// Alpaca market data v2: US stocks, in JSON or msgpack as the upgrade request asked.
//
//   [{"T":"t","i":96921,"S":"ZED","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z",
//     "c":["@","I"],"z":"C"}]
//
// Frames are arrays of elements of mixed types; types that we do not know are passed over, and an
// element that cannot be read does not take the others with it. Prints carry the sale conditions
// of their plan and no aggressor. Corrections and cancels come with the trades, unasked.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/alpaca_batch.hpp"
#include "connectors/alpaca_msgpack.hpp"
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

// Numbers may come as text one day (fractional sizes); both are read as they are written.
AlpacaAmount to_amount(Token const& token) noexcept {
    AlpacaAmount amount;
    TokenType const type = token.is(TokenType::Text) ? TokenType::Text : TokenType::Number;
    amount.bad = json::to_positive(token, type, amount.nanos);
    return amount;
}

AlpacaId to_id(Token const& token) noexcept {
    AlpacaId id;
    id.text = token.text();
    id.bad = json::to_uint64(token, id.value);
    return id;
}

AlpacaTime to_stamp(Token const& token) noexcept {
    AlpacaTime stamp;
    stamp.bad = json::expect(token, TokenType::Text);
    if (stamp.bad != BadReason::None) return stamp;
    std::optional<UnixNanos> const parsed = parse_rfc3339(token.text());
    if (!parsed || parsed->ns < json::kEarliestNanos) {
        stamp.bad = BadReason::BadTime;
    } else {
        stamp.at = *parsed;
    }
    return stamp;
}

// Sale conditions are a list; the `c` of a bar is a number and of no use.
BadReason read_conditions(value& field, AlpacaConditions& out) noexcept {
    Token const token = json::raw_token(field);
    if (token.is(TokenType::Invalid)) return BadReason::NotJson;
    if (!token.is(TokenType::Array)) return BadReason::None;
    array list;
    if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_element(list, [&](value& element) noexcept {
        Token code;
        if (auto const bad = json::read_text(element, code); bad != BadReason::None) return bad;
        out.add(code.words());
        return BadReason::None;
    });
}

BadReason read_words(value& field, std::string_view& out) noexcept {
    Token token;
    BadReason const bad = json::read_text(field, token);
    out = token.words();
    return bad;
}

// `read` turns the token of a scalar into one field of the element.
template <class Out, class Read>
BadReason read_as(value& field, Out& out, Read read) noexcept {
    Token token;
    BadReason const bad = json::read_raw(field, token);
    if (bad == BadReason::None) out = read(token);
    return bad;
}

BadReason read_print(char key, value& field, AlpacaPrint& out) noexcept {
    switch (key) {
        case 'i': return read_as(field, out.id, to_id);
        case 'p': return read_as(field, out.price, to_amount);
        case 's': return read_as(field, out.size, to_amount);
        case 'c': return read_conditions(field, out.conditions);
        default: return json::pass_over(field);
    }
}

BadReason read_short(char key, value& field, AlpacaElement& out) noexcept {
    switch (key) {
        case 'T': return read_words(field, out.type);
        case 'S': return read_words(field, out.symbol);
        case 'x': return read_words(field, out.exchange);
        case 'z': return read_words(field, out.tape);
        case 't': return read_as(field, out.time, to_stamp);
        default: return read_print(key, field, out.print);
    }
}

BadReason read_code(value& field, std::string_view& out) noexcept {
    Token token;
    BadReason const bad = json::read_raw(field, token);
    out = token.text();
    return bad;
}

class AlpacaJson final : public json::JsonCodec {
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

    [[nodiscard]] bool channel_refused() const noexcept { return batch_.channel_refused(); }

protected:
    bool quick_trades(object& /*root*/) noexcept override { return false; }

    // The venue frames even one element in an array: a bare object is not its own.
    Decoded on_object(object& root) noexcept override {
        BadReason const bad = json::for_each_field(
            root, [](raw_json_string, value& field) noexcept { return json::pass_over(field); });
        return bad == BadReason::None ? json::frame_of(FrameKind::Other) : json::bad_frame(bad);
    }

    Decoded on_array(array& root) noexcept override {
        batch_.begin();
        BadReason const bad = json::for_each_element(root, [&](value& element) noexcept {
            if (!json::raw_token(element).is(TokenType::Object)) {
                batch_.add_bad(BadReason::WrongType);
                return json::pass_over(element);
            }
            return read_element(element);
        });
        return bad == BadReason::None ? batch_.result() : json::bad_frame(bad);
    }

private:
    BadReason read_element(value& element) noexcept {
        object fields;
        if (element.get_object().get(fields) != simdjson::SUCCESS) return BadReason::NotJson;
        AlpacaElement out;
        BadReason const bad =
            json::for_each_field(fields, [&](raw_json_string key, value& field) noexcept {
                return read_field(key, field, out);
            });
        if (bad == BadReason::None) batch_.add(out);
        return bad;
    }

    BadReason read_field(raw_json_string key, value& field, AlpacaElement& out) noexcept {
        char const* const name = key.raw();
        if (name[0] != '"' && name[1] == '"') return read_short(name[0], field, out);
        if (name[0] == 'o' && name[1] != '"' && name[2] == '"') {
            return read_print(name[1], field, out.original);
        }
        if (key.unsafe_is_equal("sc")) return read_words(field, out.status);
        if (key.unsafe_is_equal("rc")) return read_words(field, out.reason);
        if (name[0] == 'c' && name[1] != '"' && name[2] == '"') {
            return read_print(name[1], field, out.corrected);
        }
        if (key.unsafe_is_equal("code")) return read_code(field, out.code);
        if (key.unsafe_is_equal("msg")) return read_words(field, out.message);
        if (key.unsafe_is_equal("trades")) return read_symbols(field);
        return json::pass_over(field);
    }

    // {"T":"subscription","trades":["ZED"],"quotes":null,...}: a list may be null or absent.
    BadReason read_symbols(value& field) noexcept {
        Token const token = json::raw_token(field);
        if (token.is(TokenType::Invalid)) return BadReason::NotJson;
        if (!token.is(TokenType::Array)) return BadReason::None;
        array list;
        if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_element(list, [&](value& element) noexcept {
            Token symbol;
            BadReason const bad = json::read_text(element, symbol);
            if (!symbol.words().empty()) batch_.add_subscribed(symbol.words());
            return bad;
        });
    }

    AlpacaBatch batch_;
};

class Alpaca final : public Codec {
public:
    explicit Alpaca(bool statuses) : statuses_(statuses) {}

    Decoded decode(std::string_view frame, bool binary) noexcept override {
        Decoded const decoded = binary ? msgpack_.decode(frame) : json_.decode(frame, false);
        // Not every feed carries statuses: from now on we ask for trades alone.
        if (!binary && decoded.kind == FrameKind::Error && json_.channel_refused()) {
            statuses_ = false;
        }
        return decoded;
    }

    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t /*first_request_id*/) const override {
        return requests("subscribe", symbols);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t /*first_request_id*/) const override {
        return requests("unsubscribe", symbols);
    }
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

    std::string login(const Credentials& credentials) const override {
        std::string frame = R"({"action":"auth","key":)";
        append_json_string(frame, credentials.key);
        frame += ",\"secret\":";
        append_json_string(frame, credentials.secret);
        return frame + '}';
    }

private:
    // {"action":"subscribe","trades":["ZED"],"statuses":["ZED"]}
    std::vector<std::string> requests(std::string_view action,
                                      std::span<const std::string> symbols) const {
        constexpr std::size_t kPerRequest = 100;
        std::vector<std::string> frames;
        for (std::size_t from = 0; from < symbols.size(); from += kPerRequest) {
            std::string list = "[";
            auto const batch = symbols.subspan(from, std::min(kPerRequest, symbols.size() - from));
            for (std::string const& symbol : batch) {
                if (&symbol != batch.data()) list += ',';
                append_json_string(list, symbol);
            }
            list += ']';
            std::string frame = "{\"action\":\"" + std::string(action) + "\",\"trades\":" + list;
            if (statuses_) frame += ",\"statuses\":" + list;
            frames.push_back(frame + '}');
        }
        return frames;
    }

    AlpacaJson json_;
    AlpacaMsgpack msgpack_;
    bool statuses_;
};

}  // namespace

std::unique_ptr<Codec> make_alpaca_codec() { return std::make_unique<Alpaca>(false); }
std::unique_ptr<Codec> make_alpaca_sip_codec() { return std::make_unique<Alpaca>(true); }

}  // namespace spill
