#include "connectors/history/history.hpp"

#include <array>

#include "connectors/history/venues.hpp"

namespace spill {

std::span<const HistorySpec> history_specs() noexcept {
    static const std::array kSpecs{
        binance_history(),      binance_usdm_history(), kraken_history(),
        coinbase_history(),     okx_history(),          bybit_spot_history(),
        bybit_linear_history(), gateio_history(),       mexc_history()};
    return kSpecs;
}

const HistorySpec* find_history_spec(std::string_view venue) noexcept {
    for (HistorySpec const& spec : history_specs()) {
        if (spec.venue == venue) return &spec;
    }
    return nullptr;
}

}  // namespace spill
