// Make before break: two connections of one link around an announced cut. Pure.
//
//   Single -> begin() -> Overlap -> Drop the old one when the new one is live, when the old one
//                                   ended by itself, or when the deadline has passed.
//
// While both are up every trade comes twice; the dedupe of the feed takes one of them out.
#pragma once

#include <chrono>
#include <cstdint>

#include "connectors/link_stats.hpp"
#include "connectors/rate_window.hpp"

namespace spill {

class Handover {
public:
    static constexpr LinkTime kDeadline = std::chrono::seconds{30};

    enum class Step : std::uint8_t { Wait, DropOld };

    // REQUIRES no overlap to be going on.
    void begin(LinkTime now) noexcept { until_ = now + kDeadline; }
    [[nodiscard]] bool overlaps() const noexcept { return until_ != LinkTime::max(); }
    // When step() decides without news, LinkTime::max() = never.
    [[nodiscard]] LinkTime deadline() const noexcept { return until_; }

    // REQUIRES overlaps(). DropOld ends the overlap.
    [[nodiscard]] Step step(LinkTime now, LinkState old, LinkState successor) noexcept;

private:
    LinkTime until_ = LinkTime::max();
};

}  // namespace spill
