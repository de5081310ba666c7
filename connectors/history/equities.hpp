// The history of the equity venues: minute bars of Alpaca, Massive and KIS.
//
// Trades of the past are not asked for: PastTrade has no place for what a sale condition allows,
// and a minute bar of the venue has applied the conditions already.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/history/history.hpp"

namespace spill {

// One row per venue name. Alpaca's feeds are told apart since a volume of one exchange must never
// be held against the history of all; KIS tells its feeds apart by the symbol.
[[nodiscard]] std::span<const HistorySpec> equity_history_specs() noexcept;

namespace alpaca_history {
// `feed`: iex or sip.
[[nodiscard]] std::optional<std::string> bars_target(const BarsRequest& request,
                                                     std::string_view feed);
[[nodiscard]] Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request);
[[nodiscard]] std::vector<std::string> headers(const Credentials& credentials);
}  // namespace alpaca_history

namespace massive_history {
[[nodiscard]] std::optional<std::string> bars_target(const BarsRequest& request);
[[nodiscard]] Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request);
[[nodiscard]] std::vector<std::string> headers(const Credentials& credentials);
}  // namespace massive_history

namespace kis_history {
[[nodiscard]] std::optional<std::string> bars_target(const BarsRequest& request);
[[nodiscard]] Result<BarPage> parse_bars(std::string_view body, const BarsRequest& request);
// REQUIRES Credentials::token, see kis_keys.hpp.
[[nodiscard]] std::vector<std::string> headers(const Credentials& credentials);
}  // namespace kis_history

}  // namespace spill
