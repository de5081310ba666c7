// Bybit v5, spot and linear: one shape, told apart by `category`, which defaults to linear and is
// therefore always sent and compared. Newest first; `retCode` other than 0 refuses with status 200.
//
//   kline         {"retCode":0,"retMsg":"OK","result":{"category":"spot","symbol":"NEARUSDT",
//                 "list":[["1700000040000","7.1","7.3","7.0","7.2","10.5","75.1"]]}}
//   recent-trade  {"retCode":0,"result":{"category":"spot","list":[{"execId":"41","symbol":
//                 "NEARUSDT","price":"7.2","size":"0.5","side":"Buy","time":"1700000040123",
//                 "isBlockTrade":false}]}}
//
// Of the trades only the newest can be had; their ids have holes. The newest bar is still forming.
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

struct Spot {
    static constexpr std::string_view kName = "bybit-spot";
    static constexpr std::string_view kCategory = "spot";
    static constexpr int kTrades = 60;
};
struct Linear {
    static constexpr std::string_view kName = "bybit-linear";
    static constexpr std::string_view kCategory = "linear";
    static constexpr int kTrades = 1000;
};

template <class Family>
std::string target(std::string_view call, std::string_view symbol) {
    return "/v5/market/" + std::string(call) + "?category=" + std::string(Family::kCategory) +
           "&symbol=" + rest::encoded(rest::upper_without(symbol, '\0'));
}

template <class Family>
std::optional<std::string> bars_target(const BarsRequest& request) {
    std::optional<TimeSpan> const window = rest::bars_window(request, kPage);
    if (!window) return std::nullopt;
    return target<Family>("kline", request.symbol) +
           "&interval=1&start=" + std::to_string(rest::to_millis(window->from)) +
           "&end=" + std::to_string(rest::to_millis(window->to) - 1) + "&limit=1000";
}

template <class Family>
std::optional<std::string> trades_target(const TradesRequest& request) {
    if (rest::has_ids(request) || !request.cursor.next.empty()) return std::nullopt;
    return target<Family>("recent-trade", request.symbol) +
           "&limit=" + std::to_string(Family::kTrades);
}

// The `list` of an answer that does not refuse.
template <class Family>
Result<JsonNode> read(std::string_view body) {
    Result<JsonNode> const root = rest::read_json(body);
    if (!root) return root;
    std::string const& code = root->field("retCode").text;
    if (code != "0") {
        // Too fast (of the key, of the address), service not there, timeout.
        bool const later = code == "10006" || code == "10018" || code == "10016" || code == "10000";
        return rest::refused(Family::kName, code, root->field("retMsg").text, later);
    }
    JsonNode const& result = root->field("result");
    if (result.field("category").text != Family::kCategory) {
        return fail(Errc::InvalidArgument, std::string(Family::kName) +
                                               ": the answer is of category " +
                                               result.field("category").text.substr(0, 20));
    }
    return result.field("list");
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
    trade.size = cells.size(node.field("size"));
    trade.ts_event = cells.millis(node.field("time"));
    trade.aggressor = cells.side(node.field("side"), "Buy", "Sell");
    trade.block = node.field("isBlockTrade").is(TokenType::True);
    trade.id_text = node.field("execId").text;
    cells.check(!trade.id_text.empty(), BadReason::MissingField);
    // As the codec numbers them: the number, or a hash of what is none.
    trade.id = parse_uint64(trade.id_text).value_or(0);
    if (trade.id == 0) trade.id = rest::hash_id(trade.id_text);
    out.push_back(std::move(trade));
}

template <class Family>
Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request) {
    Result<JsonNode> const list = read<Family>(body);
    if (!list) return tl::make_unexpected(list.error());
    Result<std::vector<BarRow>> rows = rest::read_bars(Family::kName, *list, read_bar);
    if (!rows) return tl::make_unexpected(rows.error());
    return rest::finish_bars(std::move(*rows), request, kPage);
}

template <class Family>
Result<TradePage> parse_trades(std::string_view body, const TradesRequest& request) {
    Result<JsonNode> const list = read<Family>(body);
    if (!list) return tl::make_unexpected(list.error());
    Result<std::vector<PastTrade>> rows = rest::read_trades(Family::kName, *list, read_trade);
    if (!rows) return tl::make_unexpected(rows.error());
    TradePage page;
    page.rows = rest::finish_trades(std::move(*rows), request, true);
    return page;
}

// Documented: 600 requests in 5 seconds for an address, which both categories share.
template <class Family>
HistorySpec spec_of() noexcept {
    HistorySpec spec;
    spec.venue = Family::kName;
    spec.host = "api.bybit.com";
    spec.requests_per_window = 50;
    spec.window = std::chrono::seconds{5};
    spec.bars_per_page = kPage.minutes;
    spec.trades_per_page = Family::kTrades;
    spec.trades = TradeHistory::Recent;
    spec.bars_target = bars_target<Family>;
    spec.parse_bars = parse_bars<Family>;
    spec.trades_target = trades_target<Family>;
    spec.parse_trades = parse_trades<Family>;
    spec.forbidden_is_ban = true;
    return spec;
}

}  // namespace

HistorySpec bybit_spot_history() noexcept { return spec_of<Spot>(); }
HistorySpec bybit_linear_history() noexcept { return spec_of<Linear>(); }

}  // namespace spill
