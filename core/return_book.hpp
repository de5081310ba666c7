// Five-minute log returns of every instrument, and what they say about each other: beta to BTC
// or SPY, and how chips and a token bucket move together (evidence only).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/beta.hpp"
#include "core/instrument.hpp"
#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

class ReturnBook {
public:
    ReturnBook(const Registry& registry, const Params& params);

    // The close of a minute that ends a 5-minute slot; no price = the instrument is not trading.
    void mark(InstrumentId id, std::optional<double> close) noexcept;
    // At a session's open: no return reaches over the night.
    void forget(InstrumentId id) noexcept { previous_[id.value].reset(); }
    // After every instrument was marked: betas learn this step.
    void finish_step() noexcept;

    // Of the last step; none unless both ends traded.
    [[nodiscard]] std::optional<double> last(InstrumentId id) const noexcept {
        return last_[id.value];
    }
    // To BTC for tokens, to SPY for stocks; as it was before the last step.
    [[nodiscard]] BetaValue beta(InstrumentId id) const noexcept { return lagged_[id.value]; }
    // Invalid when the configuration has no such benchmark.
    [[nodiscard]] InstrumentId benchmark_of(InstrumentId id) const noexcept;

    template <class A>
    void archive(A& a) {
        a(previous_, last_, betas_, lagged_);
    }

private:
    const Params* params_;
    std::vector<std::optional<double>> previous_, last_;  // by instrument
    std::vector<EwmaBeta> betas_;
    std::vector<BetaValue> lagged_;
    std::vector<InstrumentId> benchmarks_;  // by instrument
};

// Half-life of betas and correlations, in 5-minute samples of one market.
[[nodiscard]] double beta_half_life(Market market, const BetaParams& params) noexcept;

}  // namespace spill
