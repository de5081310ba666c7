#include "core/beta.hpp"

#include <algorithm>
#include <cmath>

namespace spill {

EwmaBeta::EwmaBeta(double half_life_samples) noexcept
    : decay_(std::pow(0.5, 1.0 / half_life_samples)) {}

void EwmaBeta::add(const Returns& returns) noexcept {
    double const x = returns.market;
    double const y = returns.asset;
    xx_ = decay_ * xx_ + x * x;
    xy_ = decay_ * xy_ + x * y;
    yy_ = decay_ * yy_ + y * y;
    ++n_;
}

std::optional<double> EwmaBeta::beta() const noexcept {
    if (!(xx_ > 0.0)) return std::nullopt;
    return xy_ / xx_;
}

std::optional<double> EwmaBeta::correlation() const noexcept {
    double const scale = std::sqrt(xx_ * yy_);
    if (!(scale > 0.0)) return std::nullopt;
    return xy_ / scale;
}

BetaValue EwmaBeta::usable(const BetaParams& params) const noexcept {
    auto const value = beta();
    if (n_ < params.min_samples || !value) return BetaValue{};
    return BetaValue{.value = std::clamp(*value, 0.0, params.max_beta), .provisional = false};
}

}  // namespace spill
