// MEXC v3 spot.
//
//   klines   [[1700000040000,"7.1","7.3","7.0","7.2","10.5",1700000100000,"75.1"]]   oldest first;
//            the closing time is the next minute, not the last millisecond
//   trades   [{"id":null,"price":"7.2","qty":"0.5","quoteQty":"3.6","time":1700000040123,
//            "isBuyerMaker":true,"tradeType":"ASK"}]          newest first, without ids
//   refusal  {"code":-1121,"msg":"Invalid symbol."}
//
// Trades without ids cannot be told from those that the stream brought, so a hole is filled with
// minutes.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/history/pages.hpp"
#include "connectors/history/venues.hpp"

namespace spill {
namespace {

using json::TokenType;
using rest::Cells;
using rest::JsonNode;

// Documented are 1000 rows, users got 500.
constexpr rest::PageSize kPage{.minutes = 500};
constexpr int kTrades = 1000;
constexpr std::string_view kName = "mexc";

std::string symbol_of(std::string_view symbol) {
    return rest::encoded(rest::upper_without(symbol, '\0'));
}

std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    return "/api/v3/klines?symbol=" + symbol_of(request.symbol) +
           "&interval=1m&startTime=" + std::to_string(rest::to_millis(window->from)) +
           "&endTime=" + std::to_string(rest::to_millis(window->to) - 1) + "&limit=500";
}

std::optional<std::string> trades_target(const TradesRequest& request) {
    if (rest::has_ids(request) || !request.cursor.next.empty()) return std::nullopt;
    return "/api/v3/trades?symbol=" + symbol_of(request.symbol) + "&limit=1000";
}

Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> root = rest::read_json(body);
    if (!root || !root->is(TokenType::Object)) return root;
    std::string const& code = root->field("code").text;
    bool const later = code == "429" || code == "510" || code == "500" || code == "503";
    return rest::refused(kName, code, root->field("msg").text, later);
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.millis(node.at(0));
    bar.open = cells.price(node.at(1));
    bar.high = cells.price(node.at(2));
    bar.low = cells.price(node.at(3));
    bar.close = cells.price(node.at(4));
    bar.volume = cells.volume(node.at(5));
    out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.field("price"));
    trade.size = cells.size(node.field("qty"));
    trade.ts_event = cells.millis(node.field("time"));
    JsonNode const& maker = node.field("isBuyerMaker");
    cells.check(maker.is(TokenType::True) || maker.is(TokenType::False), BadReason::BadSide);
    trade.aggressor = maker.is(TokenType::True) ? Aggressor::Sell : Aggressor::Buy;
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
    page.rows = rest::finish_trades(std::move(*rows), request, true);
    return page;
}

}  // namespace

// Documented: weight 500 in 10 seconds for each endpoint; klines cost 1, trades 5.
HistorySpec mexc_history() noexcept {
    HistorySpec spec;
    spec.venue = kName;
    spec.host = "api.mexc.com";
    spec.requests_per_window = 40;
    spec.window = std::chrono::seconds{10};
    spec.bars_per_page = kPage.minutes;
    spec.trades_per_page = kTrades;
    spec.trades = TradeHistory::Recent;
    spec.bars_target = bars_target;
    spec.parse_bars = parse_bars;
    spec.trades_target = trades_target;
    spec.parse_trades = parse_trades;
    return spec;
}

}  // namespace spill
