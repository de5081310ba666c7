// Binance spot and USD-M: one shape of answers on two hosts.
//
//   klines     [[1700000040000,"7.1","7.3","7.0","7.2","10.5",1700000099999,"75.1",12,"4.5","32.1",
//              "0"]]                                oldest first, the last one is still forming
//   aggTrades  [{"a":41,"p":"7.2","q":"0.5","f":80,"l":81,"T":1700000040123,"m":true,"M":true}]
//   refusal    {"code":-1121,"msg":"Invalid symbol."}
//
// `m`: the buyer was resting. Ids `a` are dense per symbol. Trades by time go by hours until a page
// is full, then on by id.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/history/pages.hpp"
#include "connectors/history/venues.hpp"
#include "core/decimal.hpp"

namespace spill {
namespace {

using json::TokenType;
using rest::Cells;
using rest::JsonNode;

constexpr rest::PageSize kPage{.minutes = 1000};
constexpr std::uint64_t kTrades = 1000;
constexpr std::int64_t kHour = 60 * kNanosPerMinute;

// Which family a function serves.
struct Spot {
    static constexpr std::string_view kName = "binance";
    static constexpr std::string_view kPath = "/api/v3/";
};
struct UsdM {
    static constexpr std::string_view kName = "binance-usdm";
    static constexpr std::string_view kPath = "/fapi/v1/";
};

// Where a page of trades begins: at an id ("i41"), or at a millisecond ("t1700000040000").
struct Place {
    std::optional<std::uint64_t> id{};
    std::int64_t millis = 0;
};

std::optional<Place> place_of(const TradesRequest& request) {
    std::string_view const cursor = request.cursor.next;
    bool const ids = rest::has_ids(request);
    if (!ids && !rest::has_span(request)) return std::nullopt;
    if (cursor.empty()) {
        if (ids) return Place{.id = request.ids.first};
        return Place{.millis = rest::to_millis(request.span.from)};
    }
    std::optional<std::uint64_t> const value = parse_uint64(cursor.substr(1));
    constexpr std::uint64_t kLastMillis = 9'000'000'000'000;
    if (!value) return std::nullopt;
    if (cursor.front() == 'i') return Place{.id = value};
    if (cursor.front() != 't' || ids || *value > kLastMillis) return std::nullopt;
    return Place{.millis = static_cast<std::int64_t>(*value)};
}

// The end of the hour that a page by time asks for.
std::int64_t hour_end(const TradesRequest& request, std::int64_t from) noexcept {
    return std::min(from + kHour / rest::kNanosPerMilli, rest::to_millis_up(request.span.to));
}

template <class Family>
std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    return std::string(Family::kPath) +
           "klines?symbol=" + rest::encoded(rest::upper_without(request.symbol, '\0')) +
           "&interval=1m&startTime=" + std::to_string(rest::to_millis(window->from)) +
           "&endTime=" + std::to_string(rest::to_millis(window->to) - 1) + "&limit=1000";
}

template <class Family>
std::optional<std::string> trades_target(const TradesRequest& request) {
    std::optional<Place> const place = place_of(request);
    if (!place) return std::nullopt;
    std::string const head = std::string(Family::kPath) + "aggTrades?symbol=" +
                             rest::encoded(rest::upper_without(request.symbol, '\0'));
    if (place->id) return head + "&fromId=" + std::to_string(*place->id) + "&limit=1000";
    return head + "&startTime=" + std::to_string(place->millis) +
           "&endTime=" + std::to_string(hour_end(request, place->millis) - 1) + "&limit=1000";
}

template <class Family>
Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> root = rest::read_json(body);
    if (!root || !root->is(TokenType::Object)) return root;
    std::string const& code = root->field("code").text;
    // Too many requests, too many orders, overloaded, internal error.
    bool const later = code == "-1003" || code == "-1015" || code == "-1008" || code == "-1001" ||
                       code == "-1000" || code == "-1007";
    return rest::refused(Family::kName, code, root->field("msg").text, later);
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.millis(node.at(0));
    bar.open = cells.price(node.at(1));
    bar.high = cells.price(node.at(2));
    bar.low = cells.price(node.at(3));
    bar.close = cells.price(node.at(4));
    bar.volume = cells.volume(node.at(5));
    bar.trades = static_cast<std::uint32_t>(cells.number(node.at(8)));
    out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.field("p"));
    trade.size = cells.size(node.field("q"));
    trade.ts_event = cells.millis(node.field("T"));
    JsonNode const& maker = node.field("m");
    cells.check(maker.is(TokenType::True) || maker.is(TokenType::False), BadReason::BadSide);
    trade.aggressor = maker.is(TokenType::True) ? Aggressor::Sell : Aggressor::Buy;
    trade.dense = true;
    trade.id = cells.number(node.field("a"));
    trade.id_text = node.field("a").text;
    trade.first_fill = cells.number(node.field("f"));
    trade.last_fill = cells.number(node.field("l"));
    cells.check(trade.first_fill <= trade.last_fill, BadReason::BadNumber);
    trade.fill_count = static_cast<std::uint32_t>(trade.last_fill - trade.first_fill + 1);
    out.push_back(std::move(trade));
}

template <class Family>
Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    Result<JsonNode> const root = read<Family>(body);
    if (!root) return tl::make_unexpected(root.error());
    Result<std::vector<BarRow>> rows = rest::read_bars(Family::kName, *root, read_bar);
    if (!rows) return tl::make_unexpected(rows.error());
    return rest::finish_bars(std::move(*rows), request, kPage);
}

// A full page goes on by id; an hour that was not full goes on with the next hour.
std::optional<HistoryCursor> after(const TradesRequest& request, const Place& place,
                                   const std::vector<PastTrade>& rows) {
    bool const full = rows.size() >= kTrades;
    if (full) {
        PastTrade const& last = rows.back();
        bool const more =
            rest::has_ids(request) ? last.id < request.ids.last : last.ts_event < request.span.to;
        if (!more) return std::nullopt;
        return HistoryCursor{"i" + std::to_string(last.id + 1)};
    }
    if (place.id) return std::nullopt;
    std::int64_t const end = hour_end(request, place.millis);
    if (end >= rest::to_millis_up(request.span.to)) return std::nullopt;
    return HistoryCursor{"t" + std::to_string(end)};
}

template <class Family>
Result<TradePage> parse_trades(std::string_view body, const TradesRequest& request) {
    Result<JsonNode> const root = read<Family>(body);
    if (!root) return tl::make_unexpected(root.error());
    Result<std::vector<PastTrade>> rows = rest::read_trades(Family::kName, *root, read_trade);
    if (!rows) return tl::make_unexpected(rows.error());
    std::optional<Place> const place = place_of(request);
    TradePage page;
    if (place) page.more = after(request, *place, *rows);
    page.rows = rest::finish_trades(std::move(*rows), request, false);
    return page;
}

template <class Family>
HistorySpec spec_of() noexcept {
    HistorySpec spec;
    spec.venue = Family::kName;
    spec.bars_per_page = kPage.minutes;
    spec.trades_per_page = static_cast<int>(kTrades);
    spec.trades = TradeHistory::ByIdOrTime;
    spec.bars_target = bars_target<Family>;
    spec.parse_bars = parse_bars<Family>;
    spec.trades_target = trades_target<Family>;
    spec.parse_trades = parse_trades<Family>;
    return spec;
}

}  // namespace

// Documented: weight 6000 a minute; klines cost 2, aggTrades 4.
HistorySpec binance_history() noexcept {
    HistorySpec spec = spec_of<Spot>();
    spec.host = "data-api.binance.vision";
    spec.requests_per_window = 10;
    return spec;
}

// Documented: weight 2400 a minute; klines of 1000 cost 5, aggTrades 20.
HistorySpec binance_usdm_history() noexcept {
    HistorySpec spec = spec_of<UsdM>();
    spec.host = "fapi.binance.com";
    spec.requests_per_window = 1;
    return spec;
}

}  // namespace spill
