// Massive: GET /v2/aggs/ticker/ZED/range/1/minute/FROM/TO, times in milliseconds
//
//   {"ticker":"ZED","resultsCount":1,"adjusted":true,"results":[{"v":642646396.0,"vw":1.469,
//    "o":1.5032,"c":1.4604,"h":1.5064,"l":1.4489,"t":1112331600000,"n":82132}],"status":"OK",
//    "next_url":"https://host/v2/aggs/...?cursor=abc"}
//
// `results` is absent when there is none; the delayed plan says DELAYED instead of OK. Prices and
// sizes are in today's shares. The key goes into a header, so that no address ever holds it.
#include <optional>
#include <string>
#include <string_view>

#include "connectors/history/equities.hpp"
#include "connectors/history/equity_body.hpp"
#include "connectors/url_text.hpp"

namespace spill::massive_history {
namespace {

using equity_body::BarFields;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr std::string_view kVenue = "massive";
constexpr std::int64_t kNanosPerMilli = 1'000'000;

struct Answer {
    BarPage page;
    json::Token status, error, message, next;
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
    UnixNanos start;
    bad = json::to_time(fields.time, start);
    if (bad != BadReason::None) return bad;
    std::optional<BarRow> const bar = equity_body::to_bar(fields, start);
    if (!bar) return BadReason::BadNumber;
    if (equity_body::wanted(*bar, request)) page.rows.push_back(*bar);
    return BadReason::None;
}

// Path and query of an absolute address; empty when it is none.
std::string_view target_of(std::string_view address) noexcept {
    constexpr std::string_view kScheme = "https://";
    if (!address.starts_with(kScheme)) return {};
    std::size_t const slash = address.find('/', kScheme.size());
    return slash == std::string_view::npos ? std::string_view{} : address.substr(slash);
}

}  // namespace

std::optional<std::string> bars_target(const BarsRequest& request) {
    if (request.symbol.empty() || request.span.to <= request.span.from) return std::nullopt;
    if (!request.cursor.next.empty()) return request.cursor.next;
    std::string target = "/v2/aggs/ticker/";
    append_url_text(target, request.symbol);
    target += "/range/1/minute/" + std::to_string(request.span.from.ns / kNanosPerMilli) + '/' +
              std::to_string((request.span.to.ns - 1) / kNanosPerMilli) +
              "?adjusted=true&sort=asc&limit=50000";
    return target;
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    equity_body::Body opened(body);
    object root;
    if (!opened.open(root)) return equity_body::not_readable(kVenue);
    Answer answer;
    BadReason const bad = json::for_each_field(root, [&](raw_json_string key, value& field) {
        if (key.unsafe_is_equal("results")) {
            array bars;
            if (field.get_array().get(bars) != simdjson::SUCCESS) return BadReason::WrongType;
            return json::for_each_element(
                bars, [&](value& element) { return read_bar(element, request, answer.page); });
        }
        if (key.unsafe_is_equal("status")) return json::read_text(field, answer.status);
        if (key.unsafe_is_equal("error")) return json::read_text(field, answer.error);
        if (key.unsafe_is_equal("message")) return json::read_text(field, answer.message);
        if (key.unsafe_is_equal("next_url")) return json::read_text(field, answer.next);
        return json::pass_over(field);
    });
    std::string_view const status = answer.status.words();
    if (bad != BadReason::None || status.empty()) return equity_body::not_readable(kVenue);
    if (status != "OK" && status != "DELAYED") {
        std::string_view const words =
            answer.error.words().empty() ? answer.message.words() : answer.error.words();
        return equity_body::refusal(kVenue, words.empty() ? status : words);
    }
    equity_body::put_in_order(answer.page.rows);
    if (std::string_view const next = target_of(answer.next.words()); !next.empty()) {
        answer.page.more = HistoryCursor{std::string(next)};
    }
    return answer.page;
}

std::vector<std::string> headers(const Credentials& credentials) {
    return {"Authorization: Bearer " + credentials.key};
}

}  // namespace spill::massive_history
