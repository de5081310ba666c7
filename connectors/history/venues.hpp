// The rows of the table of histories: one file each, read by history.cpp.
#pragma once

#include "connectors/history/history.hpp"

namespace spill {

[[nodiscard]] HistorySpec binance_history() noexcept;
[[nodiscard]] HistorySpec binance_usdm_history() noexcept;
[[nodiscard]] HistorySpec kraken_history() noexcept;
[[nodiscard]] HistorySpec coinbase_history() noexcept;
[[nodiscard]] HistorySpec okx_history() noexcept;
[[nodiscard]] HistorySpec bybit_spot_history() noexcept;
[[nodiscard]] HistorySpec bybit_linear_history() noexcept;
[[nodiscard]] HistorySpec gateio_history() noexcept;
[[nodiscard]] HistorySpec mexc_history() noexcept;

}  // namespace spill
