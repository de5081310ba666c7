// Massive (Polygon) stocks: every print of the consolidated tape.
//
//   [{"ev":"T","sym":"ZED","i":"5096","x":10,"p":161.87,"s":300,"c":[14,41],"t":1651684192462,
//     "q":4009402,"z":3}]
//
// Frames are arrays of elements of mixed events; those that we do not know are passed over, and one
// that cannot be read does not take the others with it. `z` is the tape (3 = Nasdaq), `c` numbers
// of sale conditions, `ds` the size with its fraction where there is one. Neither cancels nor
// corrections are sent. Every topic is acknowledged by itself, and not at all when it is on
// already.
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/sale_condition.hpp"
#include "connectors/venues.hpp"
#include "core/event.hpp"
#include "core/timestamp.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr std::uint64_t kHaltIndicator = 17;
constexpr std::uint64_t kResumeIndicator = 18;

struct Numbers {
    std::array<std::uint64_t, 16> values{};
    std::size_t count = 0;
    bool unreadable = false;

    [[nodiscard]] bool has(std::uint64_t wanted) const noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            if (values[i] == wanted) return true;
        }
        return false;
    }
};

struct Element {
    Token event, symbol, ticker, id, exchange, tape, price, size, exact_size, time;
    Token status, message;
    Numbers conditions, indicators;
};

// A list of numbers; anything else (`c` of a quote is one number, `i` of a print a text) is none.
BadReason read_numbers(value& field, Token& scalar, Numbers& out) noexcept {
    if (auto const bad = json::read_raw(field, scalar); bad != BadReason::None) return bad;
    if (!scalar.is(TokenType::Array)) return BadReason::None;
    array list;
    if (field.get_array().get(list) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_element(list, [&](value& element) noexcept {
        Token number;
        if (auto const bad = json::read_raw(element, number); bad != BadReason::None) return bad;
        std::uint64_t parsed = 0;
        bool const fits = out.count < out.values.size();
        if (!fits || json::to_uint64(number, parsed) != BadReason::None) {
            out.unreadable = true;
        } else {
            out.values[out.count++] = parsed;
        }
        return BadReason::None;
    });
}

// `c` and `z` of bars have other meanings: fractions, which the readers of prints never ask for.
BadReason read_field(raw_json_string key, value& field, Element& out) noexcept {
    char const* const name = key.raw();
    if (name[0] != '"' && name[1] == '"') {
        Token scalar;
        switch (name[0]) {
            case 'i': return read_numbers(field, out.id, out.indicators);
            case 'c': return read_numbers(field, scalar, out.conditions);
            case 'x': return json::read_raw(field, out.exchange);
            case 'z': return json::read_raw(field, out.tape);
            case 'p': return json::read_raw(field, out.price);
            case 's': return json::read_raw(field, out.size);
            case 't': return json::read_raw(field, out.time);
            case 'T': return json::read_text(field, out.ticker);
            default: return json::pass_over(field);
        }
    }
    if (key.unsafe_is_equal("ev")) return json::read_text(field, out.event);
    if (key.unsafe_is_equal("sym")) return json::read_text(field, out.symbol);
    if (key.unsafe_is_equal("ds")) return json::read_raw(field, out.exact_size);
    if (key.unsafe_is_equal("status")) return json::read_text(field, out.status);
    if (key.unsafe_is_equal("message")) return json::read_text(field, out.message);
    return json::pass_over(field);
}

TapePlan plan_of(Token const& tape) noexcept {
    return tape.text() == "3" ? TapePlan::Utdf : TapePlan::Cts;
}

std::uint32_t flags_of(const Numbers& conditions, TapePlan plan) noexcept {
    std::uint32_t flags = conditions.unreadable ? trade_flag::kNoPrice : 0U;
    for (std::size_t i = 0; i < conditions.count; ++i) {
        flags |= massive_sale_flags(plan, conditions.values[i]);
    }
    return flags;
}

// Ids are texts, unique per exchange and trade date; the date changes an hour after midnight UTC.
// A 64-bit hash (FNV-1a) of the three; never 0, which means "no id".
std::uint64_t identity(std::string_view id, std::string_view exchange, UnixNanos at) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    auto const mix = [&hash](std::uint64_t byte) noexcept {
        hash ^= byte;
        hash *= 0x0000'0100'0000'01b3;
    };
    for (char const c : id) mix(static_cast<unsigned char>(c));
    mix(0x100);
    for (char const c : exchange) mix(static_cast<unsigned char>(c));
    mix(static_cast<std::uint64_t>(day_number(UnixNanos{at.ns - 60 * kNanosPerMinute})));
    return hash == 0 ? 1 : hash;
}

BadReason to_size(const Element& element, std::int64_t& nanos) noexcept {
    if (element.exact_size.is(TokenType::Text)) {
        return json::to_positive(element.exact_size, TokenType::Text, nanos);
    }
    return json::to_positive(element.size, TokenType::Number, nanos);
}

BadReason to_row(const Element& element, TradeRow& row) noexcept {
    row.id_text = element.id.words();
    row.flags = flags_of(element.conditions, plan_of(element.tape));
    BadReason const bad = json::first_bad(
        {json::to_symbol(element.symbol, row.symbol),
         json::to_positive(element.price, TokenType::Number, row.price.nanos),
         to_size(element, row.size.nanos), json::to_time(element.time, row.ts_event),
         json::expect(element.id, TokenType::Text)});
    if (bad == BadReason::None) {
        row.id = identity(row.id_text, element.exchange.text(), row.ts_event);
    }
    return bad;
}

// The symbol of "subscribed to: T.BRK.B": behind the first dot of the topic.
std::string_view symbol_in(std::string_view message) noexcept {
    std::size_t const colon = message.rfind(": ");
    if (colon == std::string_view::npos) return {};
    std::string_view const topic = message.substr(colon + 2);
    std::size_t const dot = topic.find('.');
    return dot == std::string_view::npos ? std::string_view{} : topic.substr(dot + 1);
}

class Massive final : public json::JsonCodec {
public:
    Massive() {
        statuses_.reserve(json::kMaxRows);
        subscribed_.reserve(json::kMaxRows);
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
        return request("auth", credentials.key);
    }

protected:
    bool quick_trades(object& /*root*/) noexcept override { return false; }

    // The venue frames even one element in an array: a bare object is an answer of its REST side.
    Decoded on_object(object& root) noexcept override {
        BadReason const bad = json::for_each_field(
            root, [](raw_json_string, value& field) noexcept { return json::pass_over(field); });
        return bad == BadReason::None ? json::frame_of(FrameKind::Other) : json::bad_frame(bad);
    }

    Decoded on_array(array& root) noexcept override {
        statuses_.clear();
        subscribed_.clear();
        control_ = Decoded{};
        candle_ = false;
        bad_ = BadReason::None;
        BadReason const bad = json::for_each_element(root, [&](value& element) noexcept {
            if (json::raw_token(element).is(TokenType::Object)) return read_element(element);
            note_bad(BadReason::WrongType);
            return json::pass_over(element);
        });
        return bad == BadReason::None ? result() : json::bad_frame(bad);
    }

private:
    BadReason read_element(value& element) noexcept {
        object fields;
        if (element.get_object().get(fields) != simdjson::SUCCESS) return BadReason::NotJson;
        Element out;
        BadReason const bad =
            json::for_each_field(fields, [&](raw_json_string key, value& field) noexcept {
                return read_field(key, field, out);
            });
        if (bad == BadReason::None) judge(out);
        return bad;
    }

    void judge(const Element& element) noexcept {
        if (!element.event.is(TokenType::Text)) return note_bad(BadReason::MissingField);
        std::string_view const event = element.event.text();
        if (event == "T") return add_trade(element);
        if (event == "LULD") return add_band(element);
        if (event == "A" || event == "AM") candle_ = true;
        if (event == "status") add_status(element);
    }

    void add_trade(const Element& element) noexcept {
        TradeRow row;
        BadReason const bad = to_row(element, row);
        if (bad != BadReason::None) return note_bad(bad);
        TradeRow* const free = add_row();
        if (free == nullptr) return note_bad(BadReason::TooLarge);
        *free = row;
    }

    // {"ev":"LULD","T":"ZED","h":218.96,"l":198.11,"i":[17],"z":3,"t":1601316752683746,"q":2}: the
    // indicators 17 and 18 are a halt and its end, of stocks listed on Nasdaq. Microseconds.
    void add_band(const Element& element) noexcept {
        bool const halts = element.indicators.has(kHaltIndicator);
        if (!halts && !element.indicators.has(kResumeIndicator)) return;
        StatusRow row;
        BadReason const bad = json::first_bad({json::to_symbol(element.ticker, row.symbol),
                                               json::to_time(element.time, row.ts_event)});
        if (bad != BadReason::None) return note_bad(bad);
        row.status = halts ? TradingStatus::Halted : TradingStatus::Continuous;
        row.reason = "LULD";
        if (statuses_.size() < statuses_.capacity()) statuses_.push_back(row);
    }

    // {"ev":"status","status":"success","message":"subscribed to: T.ZED"}. A frame may hold many;
    // what matters most of them is what the frame says.
    void add_status(const Element& element) noexcept {
        std::string_view const word = element.status.words();
        std::string_view const message = element.message.words();
        if (word == "success") {
            bool const on = message.starts_with("subscribed to: ");
            if (on && subscribed_.size() < subscribed_.capacity()) {
                subscribed_.push_back(symbol_in(message));
            }
            bool const free = control_.kind == FrameKind::Other || control_.kind == FrameKind::Info;
            if (free) control_.kind = on ? FrameKind::Ack : FrameKind::Info;
            return;
        }
        if (control_.kind == FrameKind::Error) return;
        control_ = Decoded{};
        control_.message = message;
        if (word == "connected") {
            control_.kind = FrameKind::Welcome;
        } else if (word == "auth_success") {
            control_.kind = FrameKind::LoggedIn;
        } else if (word == "error" || word == "max_connections" || word.starts_with("auth_")) {
            control_.kind = FrameKind::Error;
            control_.code = word;
            control_.symbol = word == "error" ? symbol_in(message) : std::string_view{};
        } else {
            control_.kind = FrameKind::Status;
        }
    }

    void note_bad(BadReason reason) noexcept {
        if (bad_ == BadReason::None) bad_ = reason;
    }

    Decoded result() noexcept {
        Decoded decoded = control_;
        bool const error = control_.kind == FrameKind::Error;
        if (!error && (!rows().empty() || !statuses_.empty())) {
            decoded = rows().empty() ? json::frame_of(FrameKind::Halt) : trades();
            decoded.statuses = statuses_;
        } else if (control_.kind == FrameKind::Ack) {
            decoded.subscribed = subscribed_;
            decoded.symbol = subscribed_.front();
        } else if (control_.kind == FrameKind::Other) {
            if (candle_) decoded.kind = FrameKind::Candle;
            if (bad_ != BadReason::None) decoded.kind = FrameKind::Bad;
        }
        decoded.bad = bad_;
        return decoded;
    }

    static std::string request(std::string_view action, std::string_view params) {
        std::string frame = "{\"action\":\"" + std::string(action) + "\",\"params\":";
        append_json_string(frame, params);
        return frame + '}';
    }

    // {"action":"subscribe","params":"T.ZED"}: one topic a request, so that each has its answer.
    static std::vector<std::string> requests(std::string_view action,
                                             std::span<const std::string> symbols) {
        std::vector<std::string> frames;
        for (std::string const& symbol : symbols) frames.push_back(request(action, "T." + symbol));
        return frames;
    }

    std::vector<StatusRow> statuses_;
    std::vector<std::string_view> subscribed_;
    Decoded control_;
    bool candle_ = false;
    BadReason bad_ = BadReason::None;
};

}  // namespace

std::unique_ptr<Codec> make_massive_codec() { return std::make_unique<Massive>(); }

}  // namespace spill
