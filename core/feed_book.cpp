#include "core/feed_book.hpp"

#include <algorithm>

namespace spill {
namespace {}  // namespace

const char* to_string(VolumeSuspicion suspicion) noexcept {
    switch (suspicion) {
        case VolumeSuspicion::None: return "none";
        case VolumeSuspicion::Zero: return "zero";
        case VolumeSuspicion::Cumulative: return "cumulative";
    }
    return "none";
}

void VolumeGuard::add(double volume, double expected) noexcept {
    zeros_ = volume > 0.0 ? 0 : zeros_ + 1;
    bool const rises = volume > last_ && last_ > 0.0;
    rising_ = rises ? rising_ + 1 : 1;
    rising_sum_ = rises ? rising_sum_ + volume : volume;
    last_ = volume;
    // A feed may mix both kinds of bar: one that holds most of the session's sum is no minute. Sums
    // only grow, and bars that are sums stand alone among ordinary ones; a surge does neither.
    bool const late = ++bars_ > kFirstBars && honest_sum_ > 0.0 && !around_the_clock_;
    bool const half = late && volume > kHalf * honest_sum_;
    bool const jump = bars_ > kJumpBars && half && volume > kJump * honest_sum_;
    if (!half) {
        honest_sum_ += volume;
    } else if (!was_half_) {
        halves_ = volume >= last_half_ ? halves_ + 1 : 1;
        last_half_ = volume;
    }
    was_half_ = half;
    if (suspicion_ != VolumeSuspicion::None) return;
    if (jump || halves_ >= kHalves) suspicion_ = VolumeSuspicion::Cumulative;
    bool const beyond = expected > 0.0 && rising_sum_ > kBeyond * expected;
    if (rising_ >= kMonotoneBlind || (rising_ >= kMonotoneBars && beyond)) {
        suspicion_ = VolumeSuspicion::Cumulative;
    } else if (zeros_ >= kZeroBars) {
        suspicion_ = VolumeSuspicion::Zero;
    }
}

FeedBook::FeedBook(const Feed& feed, const Instrument& instrument, const Params& params)
    : id_(feed.id),
      coverage_(feed.coverage),
      trusted_(feed.trusted),
      is_token_(instrument.market == Market::Utc),
      filter_(TickFilter::rule_for(params.tick_filter, instrument.tick, instrument.market)),
      slots_per_session_(slots_of(instrument.market)),
      guard_(is_token_),
      slot_coverage_(params.baseline.slot_coverage) {
    baselines_.emplace_back(weekday_shape(params.baseline, slots_per_session_));
    if (instrument.market == Market::Utc) {
        baselines_.emplace_back(weekend_shape(params.baseline, slots_per_session_));
    }
}

TickVerdict FeedBook::price_trade(const Event& trade, Price reference) noexcept {
    accepted_size_ = 0;
    TickVerdict const verdict = filter_.push(trade, reference);
    switch (verdict) {
        case TickVerdict::Accept:
            accepted_ = &trade;
            accepted_size_ = 1;
            break;
        case TickVerdict::AcceptJump:
            accepted_ = filter_.accepted().data();
            accepted_size_ = filter_.accepted().size();
            break;
        case TickVerdict::Hold:
        case TickVerdict::Drop: ++counters_.held; return verdict;
    }
    for (const Event& event : accepted()) {
        if (bars_.trade(event) == BarVerdict::Ok) {
            ++counters_.trades;
            if (is_token_) tape_.add(event.trade.size, static_cast<Aggressor>(event.aux));
        } else {
            late_trade(event.trade.size);  // held until its minute had closed
        }
    }
    last_data_ = std::max(last_data_, minute_of(trade.ts_event));
    bar_length_ = 0;
    return verdict;
}

void FeedBook::late_trade(Quantity size) noexcept {
    totals_.add_late(size);
    ++counters_.late;
}

bool FeedBook::add_bar(const Event& bar, std::int64_t closed_to) noexcept {
    std::int64_t const end = minute_of(bar.ts_event) + bar.aux - 1;
    bar_length_ = bar.aux;
    if (end < closed_to) {
        late_trade(bar.bar.volume);
        return false;
    }
    auto* const slot = std::ranges::find_if(
        pending_, [&](const PendingBar& row) { return row.length == 0 || row.end_minute == end; });
    if (slot == pending_.end()) {
        late_trade(bar.bar.volume);
        return false;
    }
    *slot = PendingBar{bar.bar, end, bar.aux};
    last_data_ = std::max(last_data_, end);
    return true;
}

void FeedBook::set_live(UnixNanos at, bool live) noexcept {
    explicit_ = true;
    if (live && !live_) {
        live_from_ = minute_of(at);
        if (minute_start(live_from_) < at) ++live_from_;  // a part of a minute is not observed
    }
    live_ = live;
}

void FeedBook::add_gap(UnixNanos from, UnixNanos to, bool filled) noexcept {
    std::int64_t const first = minute_of(from);
    std::int64_t const last = minute_of(to);
    if (filled) {
        for (Gap& gap : gaps_) {
            if (gap.open && gap.from_minute >= first && gap.to_minute <= last) gap.open = false;
        }
        return;
    }
    gaps_[gap_at_] = Gap{first, last, true};
    gap_at_ = (gap_at_ + 1) % kGaps;
}

bool FeedBook::gap_within(std::int64_t minute, int minutes) const noexcept {
    return std::ranges::any_of(gaps_, [&](const Gap& gap) {
        return gap.open && gap.from_minute <= minute && gap.to_minute > minute - minutes;
    });
}

void FeedBook::open_session(UnixNanos open, Market market) noexcept {
    totals_ = SessionTotals{};
    guard_.open_session();
    slots_.fill(0.0);
    observed_.fill(0);
    weekend_ = market == Market::Utc && is_weekend(open);
    filter_.restart();
    // The minutes between two sessions are over: without this the first minute of the session would
    // be too far ahead of the last one that was closed, and its trades would be lost.
    if (bars_.closed_to() != INT64_MIN) bars_.close_minute(minute_of(open) - 1);
    if (market != Market::Utc) window_.restart();
}

bool FeedBook::observed_in(std::int64_t minute) const noexcept {
    if (gap_within(minute, 1)) return false;
    if (explicit_) return live_ && live_from_ <= minute;
    if (last_data_ == INT64_MIN) return false;
    return minute - last_data_ <= std::int64_t{kImplicitSilence} * std::max(bar_length_, 1);
}

FeedMinute FeedBook::take_bar(const SessionMinute& at) noexcept {
    std::int64_t const minute = at.minute;
    FeedMinute closed;
    closed.bar.minute = minute;
    closed.observed = observed_in(minute);
    auto* const slot = std::ranges::find_if(pending_, [&](const PendingBar& row) {
        return row.length != 0 && row.end_minute == minute;
    });
    if (slot == pending_.end()) {
        // Between the ends of longer bars there is nothing to judge; at an end without a bar the
        // market did not trade (or the silence grows until it is not observed any more).
        bool const at_end = (minute - last_data_) % bar_length_ == 0;
        closed.length = at_end ? bar_length_ : 0;
        if (!explicit_ && at.index + 1 < bar_length_) {
            // The session's first bar is not due yet: that it is missing means nothing.
            closed.length = 0;
            closed.observed = true;
        }
        return closed;
    }
    const BarBody& body = slot->body;
    guard_.add(body.volume.to_double(),
               baseline().cumulative_at(slots_per_session_ * kSlotMinutes).value_or(0.0));
    closed.length = slot->length;
    closed.observed = !gap_within(minute, slot->length) && (!explicit_ || live_);
    MinuteBar& bar = closed.bar;
    bar.volume = body.volume;
    if (body.volume.nanos > 0) {
        bar.open = body.open;
        bar.high = body.high;
        bar.low = body.low;
        bar.close = body.close;
        bar.priced = true;
        bar.priced_volume = body.volume;
        // A bar has no VWAP of its own: its typical price stands for it.
        std::int64_t const typical =
            body.high.nanos / 3 + body.low.nanos / 3 + body.close.nanos / 3;
        bar.notional = notional(Price{typical}, body.volume);
    }
    slot->length = 0;
    return closed;
}

FeedMinute FeedBook::close_minute(const SessionMinute& at) noexcept {
    FeedMinute closed;
    if (bar_length_ > 0 && last_data_ != INT64_MIN) {
        closed = take_bar(at);
        bars_.close_minute(at.minute);
    } else {
        closed.bar = bars_.close_minute(at.minute);
        closed.observed = observed_in(at.minute);
    }
    book(closed, at);
    return closed;
}

void FeedBook::book(const FeedMinute& closed, const SessionMinute& at) noexcept {
    totals_.add_bar(closed.bar);
    if (closed.length == 0) return;
    std::int32_t const length = std::min(closed.length, at.index + 1);
    double const volume = closed.bar.volume.to_double() / length;
    bool const present = closed.observed && at.trading;
    for (std::int32_t i = length - 1; i >= 0; --i) {
        auto const slot = static_cast<std::size_t>((at.index - i) / kSlotMinutes);
        slots_[slot] += volume;
        observed_[slot] = static_cast<std::uint8_t>(observed_[slot] + (present ? 1 : 0));
        double const expected = baseline().expected_per_minute(static_cast<int>(slot));
        window_.push(at.minute - i, {volume, expected, present && expected > 0.0});
    }
}

void FeedBook::end_minute(const SessionMinute& at) noexcept {
    if (is_token_ && (at.index + 1) % kSlotMinutes == 0) tape_.close_slot();
}

std::optional<double> FeedBook::rvol_cumulative(std::int32_t minutes) const noexcept {
    return spill::rvol_cumulative(baseline(), totals_.volume.to_double(), minutes);
}

void FeedBook::roll_session() noexcept {
    std::array<std::uint8_t, kMaxSlots> present{};
    double total = 0.0;
    bool any = false;
    auto const n = static_cast<std::size_t>(slots_per_session_);
    for (std::size_t i = 0; i < n; ++i) {
        bool const kept = observed_[i] >= slot_coverage_ * kSlotMinutes;
        present[i] = kept ? 1 : 0;
        any = any || kept;
        total += slots_[i];
    }
    if (!any || suspicion() != VolumeSuspicion::None) return;
    baselines_[weekend_ ? baselines_.size() - 1 : 0].add_session(
        std::span<const double>(slots_.data(), n),
        std::span<const std::uint8_t>(present.data(), n));
    week_[week_at_] = total;
    week_at_ = (week_at_ + 1) % week_.size();
}

double FeedBook::week_volume() const noexcept {
    double sum = 0.0;
    for (double const day : week_) sum += day;
    return sum;
}

void FeedBook::scale_volume(double factor) noexcept {
    for (SlotBaseline& baseline : baselines_) baseline.scale(factor);
    for (double& day : week_) day *= factor;
}

}  // namespace spill
