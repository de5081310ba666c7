// KIS: GET /uapi/domestic-stock/v1/quotations/inquire-time-dailychartprice, tr_id FHKST03010230
//
//   {"rt_cd":"0","msg_cd":"MCA00000","msg1":"...","output2":[{"stck_bsop_date":"20260521",
//    "stck_cntg_hour":"100300","stck_prpr":"93100","stck_oprc":"93000","stck_hgpr":"93100",
//    "stck_lwpr":"92900","cntg_vol":"4021","acml_tr_pbmn":"..."}]}
//
// An answer has the 120 minutes up to an hour of a day, newest first. We ask for them in ascending
// stretches and pass over the hours in which no Korean venue trades. An hour of the future would be
// answered with made-up rows, so none is asked for; the newest row of the running day shows the
// volume of the minute before and is unfinished, hence dropped. Times are Korean.
#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/history/equities.hpp"
#include "connectors/history/equity_body.hpp"
#include "connectors/url_text.hpp"
#include "core/timestamp.hpp"

namespace spill::kis_history {
namespace {

using equity_body::BarFields;
using json::od::array;
using json::od::object;
using json::od::raw_json_string;
using json::od::value;

constexpr std::string_view kVenue = "kis";
constexpr std::int64_t kKoreaAhead = 9 * 60 * kNanosPerMinute;  // of UTC, all year
constexpr std::int64_t kRows = 120;                             // of one answer, a minute each
constexpr std::int64_t kMinutesOfDay = 24 * 60;
constexpr std::int64_t kFirstMinute = 8 * 60;  // of the day, of any venue, in Korea
constexpr std::int64_t kLastMinute = 20 * 60;  // exclusive

// The minutes [from, to) in Korean minutes since the epoch that one request covers.
struct Stretch {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

std::int64_t korean_minute(UnixNanos at) noexcept {
    return minute_of(UnixNanos{at.ns + kKoreaAhead});
}

// The next minute at or after `minute` at which a venue may trade: not at night, not on weekends.
std::int64_t next_open(std::int64_t minute) noexcept {
    while (true) {
        std::int64_t const day = minute / kMinutesOfDay;
        std::int64_t const of_day = minute % kMinutesOfDay;
        if (iso_weekday(day) <= 5 && of_day < kLastMinute) {
            return day * kMinutesOfDay + std::max(of_day, kFirstMinute);
        }
        minute = (day + 1) * kMinutesOfDay;
    }
}

// The stretch of the page that the cursor names; nothing when the span is answered.
std::optional<Stretch> stretch_of(const BarsRequest& request) {
    std::int64_t begin = korean_minute(request.span.from);
    if (!request.cursor.next.empty()) {
        auto const given = parse_uint64(request.cursor.next);
        if (!given || *given > INT32_MAX) return std::nullopt;
        begin = static_cast<std::int64_t>(*given);
    }
    std::int64_t const finished = korean_minute(request.now);  // exclusive: it is running
    std::int64_t const asked = korean_minute(UnixNanos{request.span.to.ns - 1}) + 1;
    std::int64_t const end = std::min(finished, asked);
    begin = next_open(begin);
    if (begin >= end) return std::nullopt;
    std::int64_t const close = begin / kMinutesOfDay * kMinutesOfDay + kLastMinute;
    return Stretch{begin, std::min({begin + kRows, close, end})};
}

// "000660", "000660.KRX" and "000660.NXT" are three views of one stock.
struct MarketCode {
    std::string_view code;
    std::string_view market;
};

MarketCode split(std::string_view symbol) noexcept {
    std::size_t const dot = symbol.find('.');
    if (dot == std::string_view::npos) return {symbol, "UN"};
    return {symbol.substr(0, dot), symbol.substr(dot) == ".NXT" ? "NX" : "J"};
}

// "20260521" and "100300" of Korea.
std::optional<UnixNanos> to_instant(std::string_view date, std::string_view hour) {
    if (date.size() != 8 || hour.size() != 6) return std::nullopt;
    std::string text(date.substr(0, 4));
    text.append("-").append(date.substr(4, 2)).append("-").append(date.substr(6, 2));
    text.append("T").append(hour.substr(0, 2)).append(":").append(hour.substr(2, 2));
    text.append(":").append(hour.substr(4, 2)).append("+09:00");
    return parse_rfc3339(text);
}

BadReason read_bar(value& element, const BarsRequest& request, BarPage& page) {
    object object_of_bar;
    if (element.get_object().get(object_of_bar) != simdjson::SUCCESS) return BadReason::WrongType;
    BarFields fields;
    json::Token date;
    BadReason const bad =
        json::for_each_field(object_of_bar, [&](raw_json_string key, value& field) {
            if (key.unsafe_is_equal("stck_bsop_date")) return json::read_raw(field, date);
            if (key.unsafe_is_equal("stck_cntg_hour")) return json::read_raw(field, fields.time);
            if (key.unsafe_is_equal("stck_oprc")) return json::read_raw(field, fields.open);
            if (key.unsafe_is_equal("stck_hgpr")) return json::read_raw(field, fields.high);
            if (key.unsafe_is_equal("stck_lwpr")) return json::read_raw(field, fields.low);
            if (key.unsafe_is_equal("stck_prpr")) return json::read_raw(field, fields.close);
            if (key.unsafe_is_equal("cntg_vol")) return json::read_raw(field, fields.volume);
            return json::pass_over(field);
        });
    if (bad != BadReason::None) return bad;
    if (date.words().empty()) return BadReason::None;  // the venue pads a short answer
    std::optional<UnixNanos> const start = to_instant(date.words(), fields.time.words());
    std::optional<BarRow> const bar =
        start ? equity_body::to_bar(fields, *start) : std::optional<BarRow>{};
    if (!bar) return BadReason::BadNumber;
    if (equity_body::wanted(*bar, request)) page.rows.push_back(*bar);
    return BadReason::None;
}

}  // namespace

std::optional<std::string> bars_target(const BarsRequest& request) {
    if (request.symbol.empty() || request.span.to <= request.span.from) return std::nullopt;
    std::optional<Stretch> const stretch = stretch_of(request);
    if (!stretch) return std::nullopt;
    std::int64_t const last = stretch->to - 1;
    CivilDate const date = civil_from_days(last / kMinutesOfDay);
    std::int64_t const of_day = last % kMinutesOfDay;
    std::array<char, 32> hour{};  // six digits; room for what the compiler cannot rule out
    std::snprintf(hour.data(), hour.size(), "%02d%02d00", static_cast<int>(of_day / 60) % 24,
                  static_cast<int>(of_day % 60));
    auto const [code, market] = split(request.symbol);
    std::string target = "/uapi/domestic-stock/v1/quotations/inquire-time-dailychartprice";
    target += "?FID_COND_MRKT_DIV_CODE=" + std::string(market) + "&FID_INPUT_ISCD=";
    append_url_text(target, code);
    target += "&FID_INPUT_HOUR_1=" + std::string(hour.data());
    target += "&FID_INPUT_DATE_1=" + std::to_string(yyyymmdd(date));
    return target + "&FID_PW_DATA_INCU_YN=Y&FID_FAKE_TICK_INCU_YN=N";
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    equity_body::Body opened(body);
    object root;
    if (!opened.open(root)) return equity_body::not_readable(kVenue);
    BarPage page;
    json::Token verdict;
    json::Token words;
    BadReason const bad = json::for_each_field(root, [&](raw_json_string key, value& field) {
        if (key.unsafe_is_equal("rt_cd")) return json::read_text(field, verdict);
        if (key.unsafe_is_equal("msg1")) return json::read_text(field, words);
        if (!key.unsafe_is_equal("output2")) return json::pass_over(field);
        array bars;
        if (field.get_array().get(bars) != simdjson::SUCCESS) return json::pass_over(field);
        return json::for_each_element(
            bars, [&](value& element) { return read_bar(element, request, page); });
    });
    if (verdict.words().empty()) return equity_body::not_readable(kVenue);
    if (verdict.words() != "0") return equity_body::refusal(kVenue, words.words());
    if (bad != BadReason::None) return equity_body::not_readable(kVenue);
    equity_body::put_in_order(page.rows);
    std::optional<Stretch> const stretch = stretch_of(request);
    if (!stretch) return page;
    // An answer reaches back over the stretch that was asked for: the rows before it came earlier.
    std::erase_if(page.rows, [&](const BarRow& bar) {
        std::int64_t const minute = korean_minute(bar.start);
        return minute < stretch->from || minute >= stretch->to;
    });
    BarsRequest rest = request;
    rest.cursor.next = std::to_string(stretch->to);
    if (stretch_of(rest)) page.more = rest.cursor;
    return page;
}

std::vector<std::string> headers(const Credentials& credentials) {
    return {"authorization: Bearer " + credentials.token, "appkey: " + credentials.key,
            "appsecret: " + credentials.secret, "tr_id: FHKST03010230", "custtype: P"};
}

}  // namespace spill::kis_history
