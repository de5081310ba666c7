#include "connectors/history/equities.hpp"

#include <array>

namespace spill {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::optional<std::string> iex_bars(const BarsRequest& request) {
    return alpaca_history::bars_target(request, "iex");
}

std::optional<std::string> sip_bars(const BarsRequest& request) {
    return alpaca_history::bars_target(request, "sip");
}

constexpr std::string_view kAlpacaHost = "data.alpaca.markets";
constexpr std::string_view kMassiveHost = "api.massive.com";

// Documented: Alpaca 200 requests a minute on the free plan, which sees the consolidated tape only
// when it is older than 15 minutes; Massive 5 a minute on the free plan; KIS 20 a second.
constexpr std::array kSpecs{
    HistorySpec{.venue = "alpaca-iex",
                .host = kAlpacaHost,
                .requests_per_window = 120,
                .window = minutes{1},
                .bars_per_page = 10'000,
                .bars_target = iex_bars,
                .parse_bars = alpaca_history::parse_bars,
                .headers = alpaca_history::headers},
    HistorySpec{.venue = "alpaca-sip",
                .host = kAlpacaHost,
                .requests_per_window = 120,
                .window = minutes{1},
                .bars_per_page = 10'000,
                .bars_target = sip_bars,
                .parse_bars = alpaca_history::parse_bars,
                .headers = alpaca_history::headers},
    HistorySpec{.venue = "alpaca-delayed",
                .host = kAlpacaHost,
                .requests_per_window = 120,
                .window = minutes{1},
                .bars_per_page = 10'000,
                .bars_target = sip_bars,
                .parse_bars = alpaca_history::parse_bars,
                .headers = alpaca_history::headers},
    HistorySpec{.venue = "massive",
                .host = kMassiveHost,
                .requests_per_window = 4,
                .window = minutes{1},
                .bars_per_page = 50'000,
                .bars_target = massive_history::bars_target,
                .parse_bars = massive_history::parse_bars,
                .headers = massive_history::headers},
    HistorySpec{.venue = "massive-delayed",
                .host = kMassiveHost,
                .requests_per_window = 4,
                .window = minutes{1},
                .bars_per_page = 50'000,
                .bars_target = massive_history::bars_target,
                .parse_bars = massive_history::parse_bars,
                .headers = massive_history::headers},
    HistorySpec{.venue = "kis",
                .host = "openapi.koreainvestment.com",
                .port = "9443",
                .requests_per_window = 15,
                .window = seconds{1},
                .bars_per_page = 120,
                .bars_target = kis_history::bars_target,
                .parse_bars = kis_history::parse_bars,
                .headers = kis_history::headers},
};

}  // namespace

std::span<const HistorySpec> equity_history_specs() noexcept { return kSpecs; }

}  // namespace spill
