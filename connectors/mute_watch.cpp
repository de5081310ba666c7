#include "connectors/mute_watch.hpp"

#include <algorithm>

namespace spill {

void MuteWatch::on_trade(std::size_t slot, LinkTime now) noexcept {
    Row& row = rows_[slot];
    row.last = last_trade_ = now;
    if (row.seconds > 0 && now - row.counted < kSecond) {
        row.others = traded_;
        return;
    }
    ++traded_;
    if (row.seconds > 0) {
        LinkTime const gap = now - row.counted;
        row.mean = row.seconds == 1 ? gap : row.mean + (gap - row.mean) / kWeight;
    }
    row.seconds = std::min(row.seconds + 1, kLearn);
    row.counted = now;
    row.others = traded_;
    if (row.doublings > 0 && ++row.brisk >= kForgive) row.doublings = row.brisk = 0;
}

void MuteWatch::restart(LinkTime now) noexcept {
    for (std::size_t slot = 0; slot < rows_.size(); ++slot) excuse(slot, now);
}

void MuteWatch::excuse(std::size_t slot, LinkTime now) noexcept {
    Row& row = rows_[slot];
    row.last = row.counted = now;
    row.others = traded_;
}

LinkTime MuteWatch::budget(std::size_t slot) const noexcept {
    const Row& row = rows_[slot];
    return std::max(kFloor, row.mean * kFactor) * (1 << row.doublings);
}

std::size_t MuteWatch::find(LinkTime now) noexcept {
    if (now - last_trade_ >= kFloor) return rows_.size();  // the whole link is quiet
    for (std::size_t slot = 0; slot < rows_.size(); ++slot) {
        Row& row = rows_[slot];
        if (row.seconds < kLearn || now - row.last < budget(slot)) continue;
        if (traded_ - row.others < kOthers) continue;
        row.doublings = std::min(row.doublings + 1, kDoublings);
        row.brisk = 0;
        excuse(slot, now);
        return slot;
    }
    return rows_.size();
}

}  // namespace spill
