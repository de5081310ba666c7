// Coinbase Exchange.
//
//   candles  [[1700000040,7.0,7.3,7.1,7.2,10.5]]    time s, LOW, HIGH, OPEN, CLOSE, volume; newest
//            first; bare numbers; minutes without a trade are absent
//   trades   [{"time":"2023-11-14T22:14:00.123456Z","trade_id":41,"price":"7.2","size":"0.5",
//            "side":"sell"}]                        newest first; `side` is the maker's
//   refusal  {"message":"NotFound"}
//
// Ids are dense per product and `after` means older than, so a page of ids is asked from its upper
// end and pages go upwards.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/history/pages.hpp"
#include "connectors/history/venues.hpp"
#include "core/timestamp.hpp"

namespace spill {
namespace {

using json::TokenType;
using rest::Cells;
using rest::JsonNode;

constexpr rest::PageSize kPage{.minutes = 300};
constexpr std::uint64_t kTrades = 1000;
constexpr std::string_view kName = "coinbase";

std::string product(std::string_view symbol) {
    return "/products/" + rest::encoded(rest::upper_without(symbol, '\0'));
}

std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    UnixNanos const last{window->to.ns - kNanosPerMinute};
    return product(request.symbol) +
           "/candles?granularity=60&start=" + rest::encoded(format_rfc3339(window->from)) +
           "&end=" + rest::encoded(format_rfc3339(last));
}

std::optional<std::string> trades_target(const TradesRequest& request) {
    std::optional<IdRange> const ids = rest::ids_window(request, kTrades);
    if (!ids) return std::nullopt;
    return product(request.symbol) + "/trades?limit=1000&after=" + std::to_string(ids->last + 1);
}

Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> root = rest::read_json(body);
    if (!root || !root->is(TokenType::Object)) return root;
    std::string const& words = root->field("message").text;
    bool const later = words.find("ate limit") != std::string::npos;
    return rest::refused(kName, "", words, later);
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.seconds(node.at(0));
    bar.low = cells.price(node.at(1));
    bar.high = cells.price(node.at(2));
    bar.open = cells.price(node.at(3));
    bar.close = cells.price(node.at(4));
    bar.volume = cells.volume(node.at(5));
    out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.field("price"));
    trade.size = cells.size(node.field("size"));
    trade.ts_event = cells.rfc3339(node.field("time"));
    trade.aggressor = cells.side(node.field("side"), "sell", "buy");
    trade.dense = true;
    trade.id = cells.number(node.field("trade_id"));
    trade.id_text = node.field("trade_id").text;
    out.push_back(std::move(trade));
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    Result<JsonNode> const root = read(body);
    if (!root) return tl::make_unexpected(root.error());
    Result<std::vector<BarRow>> rows = rest::read_bars(kName, *root, read_bar);
    if (!rows) return tl::make_unexpected(rows.error());
    return rest::finish_bars(std::move(*rows), request, kPage);
}

Result<TradePage> parse_trades(std::string_view body, const TradesRequest& request) {
    Result<JsonNode> const root = read(body);
    if (!root) return tl::make_unexpected(root.error());
    Result<std::vector<PastTrade>> rows = rest::read_trades(kName, *root, read_trade);
    if (!rows) return tl::make_unexpected(rows.error());
    TradePage page;
    std::optional<IdRange> const ids = rest::ids_window(request, kTrades);
    if (ids && ids->last < request.ids.last)
        page.more = HistoryCursor{std::to_string(ids->last + 1)};
    page.rows = rest::finish_trades(std::move(*rows), request, true);
    return page;
}

}  // namespace

// Documented: about 10 requests a second, bursts of 15.
HistorySpec coinbase_history() noexcept {
    HistorySpec spec;
    spec.venue = kName;
    spec.host = "api.exchange.coinbase.com";
    spec.requests_per_window = 5;
    spec.bars_per_page = kPage.minutes;
    spec.trades_per_page = static_cast<int>(kTrades);
    spec.trades = TradeHistory::ById;
    spec.bars_target = bars_target;
    spec.parse_bars = parse_bars;
    spec.trades_target = trades_target;
    spec.parse_trades = parse_trades;
    return spec;
}

}  // namespace spill
