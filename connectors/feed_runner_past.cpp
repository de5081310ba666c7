// What was fetched to fill a gap, on its way to the sink. At edges only.
#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "connectors/feed_backfill.hpp"
#include "connectors/feed_runner.hpp"

namespace spill {

UnixNanos FeedRunner::market_now() const noexcept {
    return config_.accept_market_clock && newest_.ns != 0 ? newest_ : feed_wall_now();
}

// Trades first, in the order of time, then the mark that the gap is filled.
PastResult FeedRunner::take_past(FeedId feed, const Backfill& plan) {
    refresh();
    if (!in_batch_) received_ = feed_wall_now();
    GapTracker& gaps = owner_.gaps[feed.value];
    const BackfillGap& gap = plan.gap();
    PastResult result;
    for (const PastTrade& row : plan.rows()) {
        if (publish_past(feed, row)) ++result.rows;
    }
    bool const bars = !plan.bars().empty();
    if (bars && plan.state() == Backfill::State::Filled) {
        result.whole = publish_past_minutes(feed, plan, result.rows);
    }
    bool const by_ids = gaps.proof() == Continuity::Ids;
    if (plan.state() == Backfill::State::Filled && !bars) {
        result.whole = by_ids ? gap.ids.first != 0 : true;
    }
    // Where ids prove it the tracker has seen each of them come; a time span proves the others.
    if (result.whole && (bars || !by_ids)) gaps.fetched(gap.from, gap.to);
    publish_gaps();
    rearm();
    if (!in_batch_ && std::exchange(pushed_, false)) owner_.sink.flush();
    return result;
}

// False when the trade had been seen, or cannot be told from one that was.
bool FeedRunner::publish_past(FeedId feed, const PastTrade& past) noexcept {
    GapTracker& gaps = owner_.gaps[feed.value];
    TradeRow row;
    row.symbol = owner_.registry.feed(feed).symbol;
    row.price = past.price;
    row.ts_event = past.ts_event;
    row.aggressor = past.aggressor;
    row.live = false;
    row.block = past.block;
    row.dense = past.dense;
    row.id = past.id;
    row.id_text = past.id_text;
    row.first_fill = past.first_fill;
    row.last_fill = past.last_fill;
    row.fill_count = past.fill_count;
    row.size = past.size;
    bool const fills = gaps.history(row, now_) == GapTracker::Row::FillsGap;
    if (!fills && (gaps.proof() == Continuity::Ids || row.id == 0)) return false;
    Quantity const size = scaled_size(row.size, owner_.registry.feed(feed).multiplier_e9);
    if (size.nanos <= 0) return false;
    bool const repeat = owner_.dedupe[feed.value].offer(row) == Dedupe::Verdict::Duplicate;
    if (repeat && !fills) return false;
    bump(stats_.backfilled);
    push_trade(feed, row, size);
    return true;
}

// What the venue's minutes hold beyond what was published is published as one print each, which
// moves no price. False when one of them cannot be compared.
bool FeedRunner::publish_past_minutes(FeedId feed, const Backfill& plan, std::uint64_t& rows) {
    const BackfillGap& gap = plan.gap();
    auto const& source = owner_.registry.feed(feed);
    for (const BarRow& bar : plan.bars()) {
        std::int64_t const minute = minute_of(bar.start);
        auto const known = owner_.volumes[feed.value].of(minute);
        if (!known) return false;
        Quantity const whole = scaled_size(bar.volume, source.multiplier_e9);
        if (whole <= *known) continue;
        TradeRow row;
        row.price = bar.close;
        row.size = Quantity{whole.nanos - known->nanos};
        row.live = false;
        row.flags = trade_flag::kNoPrice;
        std::int64_t const last = minute_start(minute + 1).ns - 1;
        row.ts_event = UnixNanos{std::clamp(gap.to.ns, bar.start.ns, last)};
        row.fill_count = std::max<std::uint32_t>(1, bar.trades);
        push_trade(feed, row, row.size);
        ++rows;
    }
    return true;
}

}  // namespace spill
