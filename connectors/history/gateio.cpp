// Gate v4 spot.
//
//   candlesticks  [["1700000040","75.1","7.2","7.3","7.0","7.1","10.5","true"]]   time s, QUOTE
//                 volume, close, high, low, open, BASE volume, finished; oldest first
//   trades        [{"id":"41","create_time":"1700000040","create_time_ms":"1700000040123.456000",
//                 "currency_pair":"TAO_USDT","side":"sell","amount":"0.5","price":"7.2",
//                 "sequence_id":"40"}]                                            newest first
//   refusal       {"label":"INVALID_PARAM_VALUE","message":"..."}
//
// `id` has holes; `sequence_id` is dense per pair and is what the codec reads as `range`. Pages of
// trades are numbered from the newest, so the second page is older than the first.
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

constexpr rest::PageSize kPage{.minutes = 1000, .reach = 9'990};
constexpr std::size_t kTrades = 1000;
constexpr std::uint64_t kPages = 100;  // of one span; the venue offers 100,000 rows
constexpr std::string_view kName = "gateio";

std::string pair_of(std::string_view symbol) {
    return rest::encoded(rest::upper_without(symbol, '\0'));
}

std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    return "/api/v4/spot/candlesticks?currency_pair=" + pair_of(request.symbol) +
           "&interval=1m&from=" + std::to_string(window->from.ns / kNanosPerSecond) +
           "&to=" + std::to_string(window->to.ns / kNanosPerSecond - 60);
}

// The number of this page of trades, from 1.
std::optional<std::uint64_t> page_of(const TradesRequest& request) {
    if (rest::has_ids(request) || !rest::has_span(request)) return std::nullopt;
    if (request.cursor.next.empty()) return 1;
    std::optional<std::uint64_t> const page = parse_uint64(request.cursor.next);
    if (!page || *page < 2 || *page > kPages) return std::nullopt;
    return page;
}

std::optional<std::string> trades_target(const TradesRequest& request) {
    std::optional<std::uint64_t> const page = page_of(request);
    if (!page) return std::nullopt;
    std::int64_t const last = (request.span.to.ns + kNanosPerSecond - 1) / kNanosPerSecond;
    return "/api/v4/spot/trades?currency_pair=" + pair_of(request.symbol) +
           "&limit=1000&from=" + std::to_string(request.span.from.ns / kNanosPerSecond) +
           "&to=" + std::to_string(last) + "&page=" + std::to_string(*page);
}

Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> root = rest::read_json(body);
    if (!root || !root->is(TokenType::Object)) return root;
    std::string const& label = root->field("label").text;
    bool const later = label == "TOO_MANY_REQUESTS" || label == "TOO_FAST" ||
                       label == "SERVER_ERROR" || label == "TOO_BUSY" || label == "INTERNAL";
    return rest::refused(kName, label, root->field("message").text, later);
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.seconds(node.at(0));
    bar.close = cells.price(node.at(2));
    bar.high = cells.price(node.at(3));
    bar.low = cells.price(node.at(4));
    bar.open = cells.price(node.at(5));
    bar.volume = cells.volume(node.at(6));
    JsonNode const& finished = node.at(7);
    bool const yes = finished.text == "true" || finished.is(TokenType::True);
    bool const no = finished.text == "false" || finished.is(TokenType::False);
    cells.check(yes || no, BadReason::MissingField);
    if (yes) out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.field("price"));
    trade.size = cells.size(node.field("amount"));
    trade.ts_event = cells.millis(node.field("create_time_ms"));
    trade.aggressor = cells.side(node.field("side"), "buy", "sell");
    trade.id = cells.number(node.field("id"));
    trade.id_text = node.field("id").text;
    JsonNode const& sequence = node.field("sequence_id");
    if (!sequence.is(TokenType::Absent)) trade.first_fill = cells.number(sequence);
    trade.last_fill = trade.first_fill;
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
    std::optional<std::uint64_t> const number = page_of(request);
    bool const full = rows->size() >= kTrades;
    if (number && full && *number < kPages) page.more = HistoryCursor{std::to_string(*number + 1)};
    page.rows = rest::finish_trades(std::move(*rows), request, true);
    return page;
}

}  // namespace

// Documented: 200 requests in 10 seconds for each endpoint.
HistorySpec gateio_history() noexcept {
    HistorySpec spec;
    spec.venue = kName;
    spec.host = "api.gateio.ws";
    spec.requests_per_window = 80;
    spec.window = std::chrono::seconds{10};
    spec.bars_per_page = kPage.minutes;
    spec.trades_per_page = static_cast<int>(kTrades);
    spec.trades = TradeHistory::ByTime;
    spec.bars_target = bars_target;
    spec.parse_bars = parse_bars;
    spec.trades_target = trades_target;
    spec.parse_trades = parse_trades;
    return spec;
}

}  // namespace spill
