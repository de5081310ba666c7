// What was published of each of the last minutes of one feed: what a venue's minute bar holds
// beyond it was missing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/types.hpp"

namespace spill {

class MinuteVolumes {
public:
    static constexpr std::int64_t kMinutes = 32;

    // REQUIRES size >= 0. A minute that is forgotten already is ignored.
    void add(UnixNanos ts, Quantity size) noexcept {
        std::int64_t const minute = minute_of(ts);
        if (first_ < 0) first_ = minute;
        Slot& slot = slots_[static_cast<std::size_t>(minute % kMinutes)];
        if (slot.minute > minute) return;
        if (slot.minute < minute) slot = {minute, 0};
        slot.nanos += size.nanos;
        if (minute > newest_) newest_ = minute;
    }
    // Nothing for the minute in which the feed began, whose start was not seen, for those before
    // it, and for those that are forgotten.
    [[nodiscard]] std::optional<Quantity> of(std::int64_t minute) const noexcept {
        if (first_ < 0 || minute <= first_ || minute <= newest_ - kMinutes) return std::nullopt;
        const Slot& slot = slots_[static_cast<std::size_t>(minute % kMinutes)];
        return Quantity{slot.minute == minute ? slot.nanos : 0};
    }

private:
    struct Slot {
        std::int64_t minute = -1;
        std::int64_t nanos = 0;
    };
    std::array<Slot, static_cast<std::size_t>(kMinutes)> slots_{};
    std::int64_t first_ = -1;
    std::int64_t newest_ = -1;
};

}  // namespace spill
