// At most `count` things in any window: the one mechanism behind dial budgets, message pacing and
// the error budget. Pure: time is an argument (steady, since any fixed start).
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace spill {

// Steady time since the start of the feed. Never wall time.
using LinkTime = std::chrono::nanoseconds;

class RateWindow {
public:
    RateWindow(std::size_t count, LinkTime window)
        : times_(count == 0 ? 1 : count, LinkTime::min()), window_(window) {}

    // The first time at or after `now` at which one more is allowed.
    [[nodiscard]] LinkTime next(LinkTime now) const noexcept {
        LinkTime const oldest = times_[at_];
        if (oldest == LinkTime::min() || oldest + window_ <= now) return now;
        return oldest + window_;
    }
    [[nodiscard]] bool allowed(LinkTime now) const noexcept { return next(now) == now; }

    // Counts one. Beyond the budget the oldest is forgotten, so the window stays strict.
    void note(LinkTime now) noexcept {
        times_[at_] = now;
        at_ = at_ + 1 == times_.size() ? 0 : at_ + 1;
    }

    void clear() noexcept { times_.assign(times_.size(), LinkTime::min()); }

private:
    std::vector<LinkTime> times_;  // a ring, oldest at at_
    LinkTime window_;
    std::size_t at_ = 0;
};

}  // namespace spill
