#include "core/bar.hpp"

#include <algorithm>

namespace spill {

Quantity saturating_add(Quantity a, Quantity b) noexcept {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.nanos, b.nanos, &sum)) {
        sum = b.nanos > 0 ? std::numeric_limits<std::int64_t>::max()
                          : std::numeric_limits<std::int64_t>::min();
    }
    return Quantity{sum};
}

namespace {

void add_size(MinuteBar& bar, const Event& event) noexcept {
    Quantity const size = event.trade.size;
    bar.volume = saturating_add(bar.volume, size);
    switch (static_cast<Aggressor>(event.aux)) {
        case Aggressor::Buy: bar.buy = saturating_add(bar.buy, size); break;
        case Aggressor::Sell: bar.sell = saturating_add(bar.sell, size); break;
        case Aggressor::Unknown: break;
    }
}

}  // namespace

MinuteBars::Found MinuteBars::find(UnixNanos ts_event) noexcept {
    std::int64_t const minute = minute_of(ts_event);
    if (minute < closed_to_) return {nullptr, BarVerdict::Late};
    auto const n = static_cast<std::int64_t>(kOpen);
    bool const bounded = closed_to_ != std::numeric_limits<std::int64_t>::min();
    if (bounded && minute >= closed_to_ + n) return {nullptr, BarVerdict::Ahead};
    Slot& slot = slots_[static_cast<std::size_t>(((minute % n) + n) % n)];
    if (slot.used && slot.bar.minute != minute) return {nullptr, BarVerdict::Ahead};
    if (!slot.used) {
        slot = Slot{};
        slot.used = true;
        slot.bar.minute = minute;
    }
    return {&slot, BarVerdict::Ok};
}

BarVerdict MinuteBars::trade(const Event& event) noexcept {
    Found const found = find(event.ts_event);
    if (found.slot == nullptr) return found.verdict;
    Slot& slot = *found.slot;
    MinuteBar& bar = slot.bar;
    Price const price = event.trade.price;
    UnixNanos const at = event.ts_event;
    if (!bar.priced) {
        bar.open = bar.high = bar.low = bar.close = price;
        slot.first = slot.last = at;
        bar.priced = true;
    }
    if (at < slot.first) {
        bar.open = price;
        slot.first = at;
    }
    if (at >= slot.last) {  // of equal times the later arrival is the close
        bar.close = price;
        slot.last = at;
    }
    bar.high = std::max(bar.high, price);
    bar.low = std::min(bar.low, price);
    ++bar.trades;
    if ((event.trade.flags & trade_flag::kNoVolume) != 0) return BarVerdict::Ok;
    add_size(bar, event);
    bar.largest = std::max(bar.largest, event.trade.size);
    bar.priced_volume = saturating_add(bar.priced_volume, event.trade.size);
    bar.notional += notional(price, event.trade.size);
    return BarVerdict::Ok;
}

BarVerdict MinuteBars::volume_only(const Event& event) noexcept {
    Found const found = find(event.ts_event);
    if (found.slot != nullptr) add_size(found.slot->bar, event);
    return found.verdict;
}

BarVerdict MinuteBars::cancel(const Event& event) noexcept {
    Found const found = find(event.ts_event);
    if (found.slot == nullptr) return found.verdict;
    MinuteBar& bar = found.slot->bar;
    Quantity const size = std::min(event.trade.size, bar.volume);
    bar.volume.nanos -= size.nanos;
    switch (static_cast<Aggressor>(event.aux)) {
        case Aggressor::Buy: bar.buy.nanos -= std::min(size, bar.buy).nanos; break;
        case Aggressor::Sell: bar.sell.nanos -= std::min(size, bar.sell).nanos; break;
        case Aggressor::Unknown: break;
    }
    return BarVerdict::Ok;
}

MinuteBar MinuteBars::close_minute(std::int64_t minute) noexcept {
    MinuteBar bar;
    bar.minute = minute;
    for (Slot& slot : slots_) {
        if (!slot.used || slot.bar.minute > minute) continue;
        if (slot.bar.minute == minute) bar = slot.bar;
        slot.used = false;
    }
    closed_to_ = std::max(closed_to_, minute + 1);
    return bar;
}

void SessionTotals::add_bar(const MinuteBar& bar) noexcept {
    volume = saturating_add(volume, bar.volume);
    priced_volume = saturating_add(priced_volume, bar.priced_volume);
    notional += bar.notional;
}

void SessionTotals::add_late(Quantity size) noexcept {
    volume = saturating_add(volume, size);
    ++late;
}

double SessionTotals::vwap() const noexcept {
    if (priced_volume.nanos <= 0) return 0.0;
    return notional.to_double() / priced_volume.to_double();
}

}  // namespace spill
