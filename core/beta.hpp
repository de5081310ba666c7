// Beta and correlation of two synchronous return series: zero-mean EWMA, one sample per 5 minutes.
#pragma once

#include <cstdint>
#include <optional>

#include "core/params.hpp"

namespace spill {

struct BetaValue {
    double value = 1.0;
    bool provisional = true;  // too few samples: the value is 1 by decree

    template <class A>
    void archive(A& a) {
        a(value, provisional);
    }
};

// Used one step lagged: read beta() before add() of the same step.
class EwmaBeta {
public:
    EwmaBeta() = default;
    // REQUIRES half_life_samples > 0.
    explicit EwmaBeta(double half_life_samples) noexcept;

    struct Returns {
        double market;  // log return of the regressor (BTC, SPY)
        double asset;
    };
    // Only for steps in which both markets are live.
    void add(const Returns& returns) noexcept;

    // None before the first non-zero market return.
    [[nodiscard]] std::optional<double> beta() const noexcept;
    [[nodiscard]] std::optional<double> correlation() const noexcept;
    [[nodiscard]] std::int64_t samples() const noexcept { return n_; }

    // beta() clipped to [0, max_beta]; 1 and provisional below min_samples.
    [[nodiscard]] BetaValue usable(const BetaParams& params) const noexcept;

    template <class A>
    void archive(A& a) {
        a(xx_, xy_, yy_, n_);
    }

private:
    double decay_ = 0.0;
    double xx_ = 0.0, xy_ = 0.0, yy_ = 0.0;
    std::int64_t n_ = 0;
};

}  // namespace spill
