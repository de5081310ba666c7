// Alpaca: GET /v2/stocks/bars
//
//   {"bars":{"ZED":[{"t":"2021-10-15T16:00:00Z","o":3378.14,"h":3380.815,"l":3376.3001,
//    "c":3379.72,"v":211689,"n":5435,"vw":3379.041755}]},"next_page_token":null}
//
// Prices and sizes are in today's shares (adjustment=split). A page that turns out to be the last
// may still name a next one.
#include <optional>
#include <string>
#include <string_view>

#include "connectors/history/equities.hpp"
#include "connectors/history/equity_body.hpp"
#include "connectors/url_text.hpp"
#include "core/timestamp.hpp"

namespace spill::alpaca_history {
namespace {

using equity_body::BarFields;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr std::string_view kVenue = "alpaca";

struct Answer {
    BarPage page;
    json::Token message, token;
};

BadReason read_bar(value& element, const BarsRequest& request, BarPage& page) {
    object object_of_bar;
    if (element.get_object().get(object_of_bar) != simdjson::SUCCESS) return BadReason::WrongType;
    BarFields fields;
    BadReason bad = json::for_each_field(object_of_bar, [&](raw_json_string key, value& field) {
        if (key.unsafe_is_equal("t")) return json::read_raw(field, fields.time);
        if (key.unsafe_is_equal("o")) return json::read_raw(field, fields.open);
        if (key.unsafe_is_equal("h")) return json::read_raw(field, fields.high);
        if (key.unsafe_is_equal("l")) return json::read_raw(field, fields.low);
        if (key.unsafe_is_equal("c")) return json::read_raw(field, fields.close);
        if (key.unsafe_is_equal("v")) return json::read_raw(field, fields.volume);
        if (key.unsafe_is_equal("n")) return json::read_raw(field, fields.trades);
        return json::pass_over(field);
    });
    if (bad != BadReason::None) return bad;
    std::optional<UnixNanos> const start = parse_rfc3339(fields.time.words());
    std::optional<BarRow> const bar =
        start ? equity_body::to_bar(fields, *start) : std::optional<BarRow>{};
    if (!bar) return BadReason::BadNumber;
    if (equity_body::wanted(*bar, request)) page.rows.push_back(*bar);
    return BadReason::None;
}

// The lists of all symbols that the page holds; ours is one of them.
BadReason read_bars(value& field, const BarsRequest& request, BarPage& page) {
    if (!json::raw_token(field).is(json::TokenType::Object)) return json::pass_over(field);
    object symbols;
    if (field.get_object().get(symbols) != simdjson::SUCCESS) return BadReason::NotJson;
    return json::for_each_field(symbols, [&](raw_json_string key, value& list) {
        if (!key.unsafe_is_equal(request.symbol)) return json::pass_over(list);
        array bars;
        if (list.get_array().get(bars) != simdjson::SUCCESS) return BadReason::WrongType;
        return json::for_each_element(
            bars, [&](value& element) { return read_bar(element, request, page); });
    });
}

}  // namespace

std::optional<std::string> bars_target(const BarsRequest& request, std::string_view feed) {
    if (request.symbol.empty() || request.span.to <= request.span.from) return std::nullopt;
    std::string target = "/v2/stocks/bars?timeframe=1Min&adjustment=split&sort=asc&limit=10000";
    target += "&feed=" + std::string(feed) + "&symbols=";
    append_url_text(target, request.symbol);
    target += "&start=";
    append_url_text(target, format_rfc3339(request.span.from));
    target += "&end=";  // inclusive
    append_url_text(target, format_rfc3339(UnixNanos{request.span.to.ns - 1}));
    if (!request.cursor.next.empty()) {
        target += "&page_token=";
        append_url_text(target, request.cursor.next);
    }
    return target;
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    equity_body::Body opened(body);
    object root;
    if (!opened.open(root)) return equity_body::not_readable(kVenue);
    Answer answer;
    bool has_bars = false;
    BadReason const bad = json::for_each_field(root, [&](raw_json_string key, value& field) {
        if (key.unsafe_is_equal("bars")) {
            has_bars = true;
            return read_bars(field, request, answer.page);
        }
        if (key.unsafe_is_equal("message")) return json::read_text(field, answer.message);
        if (key.unsafe_is_equal("next_page_token")) return json::read_text(field, answer.token);
        return json::pass_over(field);
    });
    if (!answer.message.words().empty()) {
        return equity_body::refusal(kVenue, answer.message.words());
    }
    if (bad != BadReason::None || !has_bars) return equity_body::not_readable(kVenue);
    equity_body::put_in_order(answer.page.rows);
    if (!answer.token.words().empty()) {
        answer.page.more = HistoryCursor{std::string(answer.token.words())};
    }
    return answer.page;
}

std::vector<std::string> headers(const Credentials& credentials) {
    return {"APCA-API-KEY-ID: " + credentials.key, "APCA-API-SECRET-KEY: " + credentials.secret};
}

}  // namespace spill::alpaca_history
