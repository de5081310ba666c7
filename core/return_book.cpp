#include "core/return_book.hpp"

#include <cmath>

namespace spill {
namespace {

constexpr double kStockSlots = 78.0;
constexpr double kTokenSlots = 288.0;

// The first benchmark of a market; stocks of a market without one have none.
InstrumentId first_benchmark(const Registry& registry, Market market) noexcept {
    for (const Instrument& row : registry.instruments()) {
        if (row.role == Role::Benchmark && row.market == market) return row.id;
    }
    return InstrumentId{};
}

}  // namespace

double beta_half_life(Market market, const BetaParams& params) noexcept {
    return params.half_life_sessions * (market == Market::Utc ? kTokenSlots : kStockSlots);
}

ReturnBook::ReturnBook(const Registry& registry, const Params& params) : params_(&params) {
    std::size_t const n = registry.instruments().size();
    previous_.resize(n);
    last_.resize(n);
    lagged_.resize(n);
    betas_.reserve(n);
    benchmarks_.reserve(n);
    for (const Instrument& row : registry.instruments()) {
        betas_.emplace_back(beta_half_life(row.market, params.beta));
        InstrumentId const benchmark = first_benchmark(registry, row.market);
        benchmarks_.push_back(benchmark == row.id ? InstrumentId{} : benchmark);
    }
}

InstrumentId ReturnBook::benchmark_of(InstrumentId id) const noexcept {
    return benchmarks_[id.value];
}

void ReturnBook::mark(InstrumentId id, std::optional<double> close) noexcept {
    auto& previous = previous_[id.value];
    auto& last = last_[id.value];
    last.reset();
    if (close && previous && *previous > 0.0) last = std::log(*close / *previous);
    previous = close;
}

void ReturnBook::finish_step() noexcept {
    for (std::size_t i = 0; i < betas_.size(); ++i) {
        lagged_[i] = betas_[i].usable(params_->beta);
        if (!benchmarks_[i].valid() || !last_[i]) continue;
        auto const& market = last_[benchmarks_[i].value];
        if (market) betas_[i].add({.market = *market, .asset = *last_[i]});
    }
}

}  // namespace spill
