#include "core/tick_filter.hpp"

#include <algorithm>
#include <cmath>

#include "core/feature.hpp"

namespace spill {
namespace {

constexpr double kMadToSigma = 1.4826;  // of a normal distribution

// Median of |2 * sorted[i] - twice_median| times two, without sorting: the distances fall towards
// the middle of a sorted range and rise after it, so a merge from the middle yields them in order.
std::int64_t mad_times_four(std::span<const std::int64_t> sorted,
                            std::int64_t twice_median) noexcept {
    std::size_t const n = sorted.size();
    std::size_t right = n / 2;
    std::size_t left = right;  // one past the next candidate on the left
    std::int64_t previous = 0;
    std::int64_t current = 0;
    for (std::size_t taken = 0; taken <= n / 2; ++taken) {
        previous = current;
        bool const have_left = left > 0;
        bool const have_right = right < n;
        std::int64_t const on_left = have_left ? twice_median - 2 * sorted[left - 1] : 0;
        std::int64_t const on_right = have_right ? 2 * sorted[right] - twice_median : 0;
        if (have_left && (!have_right || on_left <= on_right)) {
            current = on_left;
            --left;
        } else {
            current = on_right;
            ++right;
        }
    }
    return n % 2 == 1 ? 2 * current : previous + current;
}

}  // namespace

TickFilter::Rule TickFilter::rule_for(const TickFilterParams& params, Price tick,
                                      Market market) noexcept {
    Rule rule;
    rule.tick = tick;
    rule.band = market == Market::Utc ? params.band_tokens : params.band_equities;
    rule.mad_factor = params.mad_factor;
    rule.floor_ticks = params.floor_ticks;
    rule.static_limit = market == Market::Xkrx ? params.krx_static_limit : 0.0;
    return rule;
}

std::int64_t TickFilter::twice_median() const noexcept {
    std::size_t const n = size_;
    return n % 2 == 1 ? 2 * sorted_[n / 2] : sorted_[n / 2 - 1] + sorted_[n / 2];
}

double TickFilter::floor_at(std::int64_t twice_median) const noexcept {
    double const center = static_cast<double>(twice_median) / 2e9;
    return std::max(rule_.floor_ticks * rule_.tick.to_double(), rule_.band * center);
}

bool TickFilter::is_normal(std::int64_t price, std::int64_t twice_median,
                           double floor) const noexcept {
    double const distance = static_cast<double>(std::abs(2 * price - twice_median)) / 2e9;
    // Most prints lie within the floor; the MAD, which can only widen it, is then not needed.
    if (q9(distance - floor) <= 0.0) return true;
    std::int64_t const mad4 = mad_times_four({sorted_.data(), size_}, twice_median);
    double const mad = static_cast<double>(mad4) / 4e9;
    double const limit = rule_.mad_factor * kMadToSigma * mad + floor;
    return q9(distance - limit) <= 0.0;
}

void TickFilter::remember(std::int64_t price) noexcept {
    std::size_t n = size_;
    if (n == kRing) {
        std::int64_t const oldest = ring_[head_];
        auto const end = sorted_.begin() + kRing;
        auto const it = std::lower_bound(sorted_.begin(), end, oldest);
        std::move(it + 1, end, it);
        --n;
        ring_[head_] = price;
        head_ = static_cast<std::uint8_t>((head_ + 1U) % kRing);
    } else {
        ring_[(head_ + n) % kRing] = price;
    }
    auto const end = sorted_.begin() + static_cast<std::ptrdiff_t>(n);
    auto const it = std::upper_bound(sorted_.begin(), end, price);
    std::move_backward(it, end, end + 1);
    *it = price;
    size_ = static_cast<std::uint8_t>(n + 1);
}

void TickFilter::reject_held() noexcept {
    for (std::size_t i = 0; i < held_size_; ++i) {
        ++rejected_;
        rejected_volume_ += held_[i].trade.size.to_double();
    }
    held_size_ = 0;
}

void TickFilter::restart() noexcept {
    reject_held();
    size_ = 0;
    head_ = 0;
    jump_size_ = 0;
}

TickVerdict TickFilter::push(const Event& trade, Price reference) noexcept {
    jump_size_ = 0;
    std::int64_t const price = trade.trade.price.nanos;
    bool const possible = price > 0 && price < kMaxNanos && trade.trade.size.nanos > 0;
    bool within = true;
    if (possible && rule_.static_limit > 0.0 && reference.nanos > 0) {
        double const base = reference.to_double();
        double const away = std::abs(trade.trade.price.to_double() - base);
        within = q9(away - rule_.static_limit * base) <= 0.0;
    }
    if (!possible || !within) {
        ++rejected_;
        if (trade.trade.size.nanos > 0) rejected_volume_ += trade.trade.size.to_double();
        return TickVerdict::Drop;
    }
    if (size_ < kMinRing) {
        reject_held();
        remember(price);
        return TickVerdict::Accept;
    }
    std::int64_t const middle = twice_median();
    double const floor = floor_at(middle);
    if (is_normal(price, middle, floor)) {
        reject_held();
        remember(price);
        return TickVerdict::Accept;
    }
    if (held_size_ == kAgree) {
        ++rejected_;
        rejected_volume_ += held_[0].trade.size.to_double();
        std::move(held_.begin() + 1, held_.end(), held_.begin());
        --held_size_;
    }
    held_[held_size_++] = trade;
    if (held_size_ < kAgree) return TickVerdict::Hold;

    std::int64_t lo = price;
    std::int64_t hi = price;
    for (Event const& held : held_) {
        lo = std::min(lo, held.trade.price.nanos);
        hi = std::max(hi, held.trade.price.nanos);
    }
    if (q9(static_cast<double>(hi - lo) / 1e9 - floor) > 0.0) return TickVerdict::Hold;
    size_ = 0;
    head_ = 0;
    for (Event const& held : held_) remember(held.trade.price.nanos);
    held_size_ = 0;
    jump_size_ = kAgree;
    return TickVerdict::AcceptJump;
}

}  // namespace spill
