// The publishing half of FeedRunner: rows, states and gaps to events. Hot: no allocation, no lock.
#include <algorithm>
#include <limits>
#include <utility>

#include "connectors/feed_backfill.hpp"
#include "connectors/feed_runner.hpp"

namespace spill {
namespace {

using std::chrono_literals::operator""s;

// Simulated time is not known before the first frame: gaps are said that much later.
constexpr LinkTime kNoTimeYet = 1s;

}  // namespace

Quantity scaled_size(Quantity size, std::int64_t multiplier_e9) noexcept {
    if (multiplier_e9 == kNanosPerUnit) return size;
    int128 const nanos = static_cast<int128>(size.nanos) * multiplier_e9 / kNanosPerUnit;
    if (nanos > std::numeric_limits<std::int64_t>::max()) return {};
    return Quantity{static_cast<std::int64_t>(nanos)};
}

UnixNanos feed_wall_now() noexcept {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return UnixNanos{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

void FeedRunner::publish(const TradeRow& row) noexcept {
    FeedId const feed = table_.find(row.symbol);
    std::uint16_t const slot = feed.valid() ? slot_of_feed_[feed.value] : kNoSlot;
    if (slot == kNoSlot) return bump(stats_.unknown_symbols);
    link_.on_trade(slot);
    if (row.live) mute_.on_trade(slot, now_);
    if (row.live && row.ts_event > newest_) newest_ = row.ts_event;
    // Live comes before the first trade.
    if (!link_.changed().empty() || held_) publish_states();
    // Without an id a trade cannot be told from its twin on the old connection.
    if (row.id == 0 && !leaving_ && owner_.leaving[index_]) return bump(stats_.duplicates);
    GapTracker& gaps = owner_.gaps[feed.value];
    bool fills = false;
    if (!row.live) {
        bump(stats_.history);
        fills = gaps.history(row, now_) == GapTracker::Row::FillsGap;
        if (!fills) return watch_gaps(gaps);
    }
    Quantity const size = scaled_size(row.size, owner_.registry.feed(feed).multiplier_e9);
    if (size.nanos <= 0) {
        return bump(stats_.bad_by_reason[static_cast<std::size_t>(BadReason::Overflow)]);
    }
    Dedupe::Verdict const verdict = owner_.dedupe[feed.value].offer(row);
    bool const repeat = verdict == Dedupe::Verdict::Duplicate;
    // Ids are judged whatever the bounded memory of the dedupe says; sums need a clean stream.
    if (row.live && (!repeat || gaps.proof() == Continuity::Ids)) {
        fills = gaps.live(row, now_) == GapTracker::Row::FillsGap;
    }
    watch_gaps(gaps);
    if (repeat && !fills) return bump(stats_.duplicates);
    if (verdict == Dedupe::Verdict::Late) bump(stats_.late);
    if (fills) bump(stats_.backfilled);
    push_trade(feed, row, size);
    stats_.last_lag_ns.store(received_.ns - row.ts_event.ns, std::memory_order_relaxed);
}

// `size`: of the row in base units.
void FeedRunner::push_trade(FeedId feed, const TradeRow& row, Quantity size) noexcept {
    Event event{};
    event.ts_event = row.ts_event;
    event.ts_recv = received_;
    event.instrument = owner_.registry.feed(feed).instrument;
    event.feed = feed;
    event.kind = EventKind::Trade;
    event.aux = static_cast<std::uint8_t>(row.aggressor);
    event.trade = {.price = row.price,
                   .size = size,
                   .trade_id = row.id,
                   .flags = row.flags | (row.block ? trade_flag::kBlock : 0U) |
                            (row.live ? 0U : trade_flag::kBackfill),
                   .fill_count = row.fill_count};
    push(event);
    bump(stats_.trades);
    bool const volume = (row.flags & (trade_flag::kNoVolume | trade_flag::kCancel)) == 0;
    if (keeps_volumes_ && volume && !row.block) owner_.volumes[feed.value].add(row.ts_event, size);
}

// The first eight characters of the venue's code stand for it.
void FeedRunner::publish(const StatusRow& row) noexcept {
    FeedId const feed = table_.find(row.symbol);
    if (!feed.valid() || slot_of_feed_[feed.value] == kNoSlot) return;
    Event event{};
    event.ts_event = row.ts_event.ns != 0 ? row.ts_event : received_;
    event.ts_recv = received_;
    event.instrument = owner_.registry.feed(feed).instrument;
    event.feed = feed;
    event.kind = EventKind::Status;
    event.aux = static_cast<std::uint8_t>(row.status);
    event.status = StatusBody{};
    for (char const c : row.reason.substr(0, sizeof event.status.reason)) {
        event.status.reason = event.status.reason << 8U | static_cast<unsigned char>(c);
    }
    push(event);
}

void FeedRunner::push(const Event& event) noexcept {
    pushed_ = true;
    if (!owner_.sink.push(event)) bump(stats_.events_dropped);
}

// Tells the sink which feeds came or went. Idempotent: compares with what it was told before.
// Simulated time is known only once this connection has brought a mark or a trade; until then
// the news is held back.
void FeedRunner::publish_states() noexcept {
    if (config_.accept_market_clock && newest_.ns == 0) {
        held_ = true;
    } else if (std::exchange(held_, false)) {
        for (std::size_t slot = 0; slot < published_.size(); ++slot) publish_state(slot);
    } else {
        for (std::uint16_t const slot : link_.changed()) publish_state(slot);
    }
}

void FeedRunner::publish_state(std::size_t slot) noexcept {
    bool const live = link_.live(slot);
    if (live == (published_[slot] != 0)) return;
    published_[slot] = live ? 1 : 0;
    FeedId const feed = feed_of_slot_[slot];
    if (feed.valid()) carry(feed, live);
}

// Two connections may carry a feed during a handover: only the first and the last one are news.
void FeedRunner::carry(FeedId feed, bool live) noexcept {
    std::uint8_t& carriers = owner_.carriers[feed.value];
    carriers = static_cast<std::uint8_t>(live ? carriers + 1 : carriers - 1);
    if (carriers != (live ? 1 : 0)) return;
    auto const count = stats_.symbols_live.load(std::memory_order_relaxed);
    stats_.symbols_live.store(live ? count + 1 : count - 1, std::memory_order_relaxed);
    Event event = feed_event(feed, live ? FeedState::Live : FeedState::Stale);
    event.feed_change = {};
    push(event);
    GapTracker& gaps = owner_.gaps[feed.value];
    if (live) {
        gaps.back(event.ts_event, now_);
    } else {
        gaps.lost();
    }
    watch_gaps(gaps);
}

Event FeedRunner::feed_event(FeedId feed, FeedState state) const noexcept {
    Event event{};
    event.ts_recv = in_batch_ ? received_ : feed_wall_now();
    event.ts_event = config_.accept_market_clock ? newest_ : event.ts_recv;
    event.instrument = owner_.registry.feed(feed).instrument;
    event.feed = feed;
    event.kind = EventKind::Feed;
    event.aux = static_cast<std::uint8_t>(state);
    return event;
}

void FeedRunner::watch_gaps(const GapTracker& tracker) noexcept {
    gaps_at_ = std::min(gaps_at_, tracker.deadline());
}

// Tells the engine of the gaps that opened and of those that were filled, after their trades.
void FeedRunner::publish_gaps() noexcept {
    if (config_.accept_market_clock && newest_.ns == 0) {
        gaps_at_ = now_ + kNoTimeYet;
        return;
    }
    gaps_at_ = LinkTime::max();
    std::uint64_t open = 0;
    for (FeedId const feed : feed_of_slot_) {
        if (!feed.valid()) continue;
        GapTracker& tracker = owner_.gaps[feed.value];
        GapNews news;
        while (tracker.poll(now_, news)) publish_gap(feed, news);
        watch_gaps(tracker);
        open += tracker.open_gaps();
    }
    stats_.gaps_open.store(open, std::memory_order_relaxed);
}

void FeedRunner::publish_gap(FeedId feed, const GapNews& news) noexcept {
    switch (news.kind) {
        case GapNews::Kind::Opened: bump(stats_.gaps_opened); break;
        case GapNews::Kind::Widened: break;
        case GapNews::Kind::Filled: bump(stats_.gaps_filled); break;
        case GapNews::Kind::GivenUp:
            bump(stats_.gaps_given_up);
            return owner_.backfills->closed(feed, news);
    }
    Event event = feed_event(feed, FeedState::Gap);
    event.feed_change = {.from = news.from,
                         .to = news.to,
                         .first_id = news.ids.first,
                         .last_id = news.ids.last,
                         .filled = news.kind == GapNews::Kind::Filled ? 1U : 0U,
                         .reason = static_cast<std::uint32_t>(news.reason)};
    push(event);
    if (news.kind == GapNews::Kind::Filled) return owner_.backfills->closed(feed, news);
    owner_.backfills->opened(index_, feed, news);
}

}  // namespace spill
