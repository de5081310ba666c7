// Kraken: minutes of the last twelve hours, trades by time from any past.
//
//   OHLC {"error":[],"result":{"TAO/USD":[[1700000040,"7.1","7.3","7.0","7.2","7.15","10.5",12]],
//           "last":1700000040}}                      times in seconds; column 5 is the vwap
//   Trades  {"error":[],"result":{"TAOUSD":[["7.2","0.5",1700000040.1234567,"s","l","",41]],
//           "last":"1700000040123456789"}}           `last` in nanoseconds is the next `since`
//   refusal {"error":["EQuery:Unknown asset pair"]}  with status 200
//
// The name of the result differs from the name that was asked for. Minutes without a trade are rows
// of volume zero. Rows after `last` are not finished.
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

constexpr rest::PageSize kPage{.minutes = 720, .reach = 719};
constexpr std::size_t kTrades = 1000;
constexpr std::string_view kName = "kraken";

std::string pair_of(std::string_view symbol) {
    return rest::encoded(rest::upper_without(symbol, '/'));
}

std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    // Rows after `since`: one minute earlier is asked, and dropped when it comes.
    std::int64_t const since = window->from.ns / kNanosPerSecond - 60;
    return "/0/public/OHLC?pair=" + pair_of(request.symbol) +
           "&interval=1&since=" + std::to_string(since);
}

std::optional<std::string> trades_target(const TradesRequest& request) {
    bool const by_time = rest::has_span(request) && !rest::has_ids(request);
    if (!by_time) return std::nullopt;
    std::string since = request.cursor.next;
    if (since.empty()) since = std::to_string(request.span.from.ns - 1);
    if (!parse_uint64(since)) return std::nullopt;
    return "/0/public/Trades?pair=" + pair_of(request.symbol) + "&since=" + since + "&count=1000";
}

// The `result` of an answer that does not refuse.
Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> const root = rest::read_json(body);
    if (!root) return root;
    JsonNode const& errors = root->field("error");
    if (!errors.is(TokenType::Array)) {
        return fail(Errc::InvalidArgument, "kraken: the answer has no field error");
    }
    for (JsonNode const& error : errors.items) {
        std::string_view const words = error.text;
        if (words.starts_with("W")) continue;  // a warning
        bool const later = words.starts_with("EAPI:Rate limit") || words.starts_with("EService:") ||
                           words.starts_with("EGeneral:Too many requests") ||
                           words.starts_with("EGeneral:Temporary lockout");
        return rest::refused(kName, "", words, later);
    }
    return root->field("result");
}

const JsonNode& rows_of(const JsonNode& result) noexcept {
    for (std::size_t i = 0; i < result.keys.size(); ++i) {
        if (result.keys[i] != "last") return result.items[i];
    }
    return result.field("rows");
}

void read_bar(const JsonNode& node, Cells& cells, std::vector<BarRow>& out) {
    BarRow bar;
    bar.start = cells.seconds(node.at(0));
    bar.open = cells.price(node.at(1));
    bar.high = cells.price(node.at(2));
    bar.low = cells.price(node.at(3));
    bar.close = cells.price(node.at(4));
    bar.volume = cells.volume(node.at(6));
    bar.trades = static_cast<std::uint32_t>(cells.number(node.at(7)));
    out.push_back(bar);
}

void read_trade(const JsonNode& node, Cells& cells, std::vector<PastTrade>& out) {
    PastTrade trade;
    trade.price = cells.price(node.at(0));
    trade.size = cells.size(node.at(1));
    trade.ts_event = cells.seconds(node.at(2));
    trade.aggressor = cells.side(node.at(3), "b", "s");
    trade.dense = true;
    trade.id = cells.number(node.at(6));
    trade.id_text = node.at(6).text;
    out.push_back(std::move(trade));
}

Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    Result<JsonNode> const result = read(body);
    if (!result) return tl::make_unexpected(result.error());
    Result<std::vector<BarRow>> rows = rest::read_bars(kName, rows_of(*result), read_bar);
    if (!rows) return tl::make_unexpected(rows.error());
    Cells cells;
    UnixNanos const last = cells.seconds(result->field("last"));
    if (cells.bad() != BadReason::None) {
        return fail(Errc::InvalidArgument, "kraken: the answer does not say its last bar");
    }
    std::erase_if(*rows, [&](const BarRow& bar) { return bar.start > last; });
    return rest::finish_bars(std::move(*rows), request, kPage);
}

Result<TradePage> parse_trades(std::string_view body, const TradesRequest& request) {
    Result<JsonNode> const result = read(body);
    if (!result) return tl::make_unexpected(result.error());
    Result<std::vector<PastTrade>> rows = rest::read_trades(kName, rows_of(*result), read_trade);
    if (!rows) return tl::make_unexpected(rows.error());
    TradePage page;
    std::string const& last = result->field("last").text;
    bool const full = rows->size() >= kTrades && rows->back().ts_event < request.span.to;
    // A cursor that stands still would ask for the same page for ever.
    if (full && parse_uint64(last) && last != request.cursor.next) page.more = HistoryCursor{last};
    page.rows = rest::finish_trades(std::move(*rows), request, false);
    return page;
}

}  // namespace

// One request a second is known to be safe.
HistorySpec kraken_history() noexcept {
    HistorySpec spec;
    spec.venue = kName;
    spec.host = "api.kraken.com";
    spec.requests_per_window = 2;
    spec.window = std::chrono::seconds{3};
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
