#include "core/atr.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace spill {
namespace {

Price scaled(Price price, std::int64_t factor_e9) noexcept {
    int128 const product = static_cast<int128>(price.nanos) * factor_e9;
    return Price{static_cast<std::int64_t>((product + kNanosPerUnit / 2) / kNanosPerUnit)};
}

}  // namespace

double true_range(const SessionBar& bar, Price previous_close) noexcept {
    double const high = bar.high.to_double();
    double const low = bar.low.to_double();
    double const previous = previous_close.to_double();
    return std::max({high - low, std::abs(high - previous), std::abs(low - previous)});
}

void SessionBars::add(const SessionBar& bar) noexcept {
    if (size_ > 0) {
        double const range = true_range(bar, last().close);
        auto const n = static_cast<double>(params_.atr_ready_true_ranges);
        ++true_ranges_;
        if (true_ranges_ <= params_.atr_ready_true_ranges) {
            sum_ += range;
            atr_ = sum_ / static_cast<double>(true_ranges_);
        } else {
            // Wilder's recursion in TA-Lib's order of operations.
            atr_ *= n - 1.0;
            atr_ += range;
            atr_ /= n;
        }
    }
    ring_[head_] = bar;
    head_ = (head_ + 1) % kRing;
    size_ = std::min(size_ + 1, kRing);
}

void SessionBars::scale(const Factors& factors) noexcept {
    double const price_factor = static_cast<double>(factors.price_e9) / 1e9;
    double const size_factor = static_cast<double>(factors.size_e9) / 1e9;
    for (std::size_t i = 0; i < size_; ++i) {
        SessionBar& bar = ring_[(head_ + kRing - 1 - i) % kRing];
        bar.open = scaled(bar.open, factors.price_e9);
        bar.high = scaled(bar.high, factors.price_e9);
        bar.low = scaled(bar.low, factors.price_e9);
        bar.close = scaled(bar.close, factors.price_e9);
        bar.volume *= size_factor;
    }
    sum_ *= price_factor;
    atr_ *= price_factor;
}

std::optional<Atr> SessionBars::atr() const noexcept {
    // A price that has never moved gives no yardstick for breakouts.
    if (true_ranges_ < params_.atr_min_true_ranges || atr_ <= 0.0) return std::nullopt;
    return Atr{.value = atr_, .provisional = true_ranges_ < params_.atr_ready_true_ranges};
}

const SessionBar& SessionBars::last(std::size_t i) const noexcept {
    SPILL_CHECK(i < size_);
    return ring_[(head_ + kRing - 1 - i) % kRing];
}

std::optional<SessionLevel> SessionBars::highest() const noexcept {
    auto const n = static_cast<std::size_t>(params_.donchian_sessions);
    if (size_ < n) return std::nullopt;
    SessionLevel level{.price = last(0).high, .age = 1};
    for (std::size_t i = 1; i < n; ++i) {
        if (last(i).high > level.price) {
            level = {.price = last(i).high, .age = static_cast<std::int32_t>(i) + 1};
        }
    }
    return level;
}

std::optional<SessionLevel> SessionBars::lowest() const noexcept {
    auto const n = static_cast<std::size_t>(params_.donchian_sessions);
    if (size_ < n) return std::nullopt;
    SessionLevel level{.price = last(0).low, .age = 1};
    for (std::size_t i = 1; i < n; ++i) {
        if (last(i).low < level.price) {
            level = {.price = last(i).low, .age = static_cast<std::int32_t>(i) + 1};
        }
    }
    return level;
}

}  // namespace spill
