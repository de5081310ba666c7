// OKX v5 spot. Answers come newest first, everything is text.
//
//   history-candles  {"code":"0","msg":"","data":[["1700000040000","7.1","7.3","7.0","7.2","10.5",
//                    "75.1","75.1","1"]]}        volume in base units (spot), then twice in quote;
//                    the last column is "0" for a bar that is not finished
//   history-trades   {"code":"0","msg":"","data":[{"instId":"TAO-USDT","side":"sell","sz":"0.5",
//                    "px":"7.2","tradeId":"41","ts":"1700000040123"}]}
//   refusal          {"code":"51001","msg":"Instrument ID does not exist","data":[]}  status 200
//
// `after` means older than and `before` newer than, both without the named row itself. Only the
// newest day is in `candles`, all of it in `history-candles`. Ids are dense per instrument.
#include <cstdint>
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

// The older text of the venue says 100 rows of history; asking for more loses the rest.
constexpr rest::PageSize kPage{.minutes = 100};
constexpr std::uint64_t kTrades = 100;
constexpr std::string_view kName = "okx";
constexpr std::int64_t kRecentMinutes = 1'400;  // below the 1440 bars of `candles`

std::string symbol_of(std::string_view symbol) {
    return rest::encoded(rest::upper_without(symbol, '\0'));
}

std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    bool const recent = request.now.ns - window->from.ns < kRecentMinutes * kNanosPerMinute;
    return std::string("/api/v5/market/") + (recent ? "candles" : "history-candles") +
           "?instId=" + symbol_of(request.symbol) +
           "&bar=1m&after=" + std::to_string(rest::to_millis(window->to)) +
           "&before=" + std::to_string(rest::to_millis(window->from) - 1) + "&limit=100";
}

std::optional<std::string> trades_target(const TradesRequest& request) {
    std::optional<IdRange> const ids = rest::ids_window(request, kTrades);
    if (!ids) return std::nullopt;
    return "/api/v5/market/history-trades?instId=" + symbol_of(request.symbol) +
           "&type=1&after=" + std::to_string(ids->last + 1) + "&limit=100";
}

// The `data` of an answer that does not refuse.
Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> const root = rest::read_json(body);
    if (!root) return root;
    std::string const& code = root->field("code").text;
    if (code != "0") {
        // Too fast, timeout, overloaded, service closed for maintenance.
        bool const later = code == "50011" || code == "50004" || code == "50013" ||
                           code == "50001" || code == "50026" || code == "50061";
        return rest::refused(kName, code, root->field("msg").text, later);
    }
    return root->field("data");
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.millis(node.at(0));
    bar.open = cells.price(node.at(1));
    bar.high = cells.price(node.at(2));
    bar.low = cells.price(node.at(3));
    bar.close = cells.price(node.at(4));
    bar.volume = cells.volume(node.at(5));
    std::uint64_t const finished = cells.number(node.at(8));
    cells.check(finished <= 1, BadReason::BadNumber);
    if (finished == 1) out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.field("px"));
    trade.size = cells.size(node.field("sz"));
    trade.ts_event = cells.millis(node.field("ts"));
    trade.aggressor = cells.side(node.field("side"), "buy", "sell");
    trade.id = cells.number(node.field("tradeId"));
    trade.id_text = node.field("tradeId").text;
    JsonNode const& count = node.field("count");
    std::uint64_t const fills = count.is(TokenType::Absent) ? 1 : cells.number(count);
    cells.check(fills >= 1 && fills <= trade.id && fills <= UINT32_MAX, BadReason::BadNumber);
    trade.fill_count = static_cast<std::uint32_t>(fills);
    trade.first_fill = trade.id - fills + 1;
    trade.last_fill = trade.id;
    out.push_back(std::move(trade));
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    Result<JsonNode> const data = read(body);
    if (!data) return tl::make_unexpected(data.error());
    Result<std::vector<BarRow>> rows = rest::read_bars(kName, *data, read_bar);
    if (!rows) return tl::make_unexpected(rows.error());
    return rest::finish_bars(std::move(*rows), request, kPage);
}

Result<TradePage> parse_trades(std::string_view body, const TradesRequest& request) {
    Result<JsonNode> const data = read(body);
    if (!data) return tl::make_unexpected(data.error());
    Result<std::vector<PastTrade>> rows = rest::read_trades(kName, *data, read_trade);
    if (!rows) return tl::make_unexpected(rows.error());
    TradePage page;
    std::optional<IdRange> const ids = rest::ids_window(request, kTrades);
    if (ids && ids->last < request.ids.last)
        page.more = HistoryCursor{std::to_string(ids->last + 1)};
    page.rows = rest::finish_trades(std::move(*rows), request, true);
    return page;
}

}  // namespace

// Documented: 20 requests in 2 seconds for either history; trades reach back three months.
HistorySpec okx_history() noexcept {
    HistorySpec spec;
    spec.venue = kName;
    spec.host = "www.okx.com";
    spec.requests_per_window = 8;
    spec.window = std::chrono::seconds{2};
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
