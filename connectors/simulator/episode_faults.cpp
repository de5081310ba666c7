#include "connectors/simulator/episode_faults.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "connectors/dedupe.hpp"
#include "connectors/simulator/episode.hpp"
#include "connectors/simulator/rng.hpp"
#include "core/timestamp.hpp"

namespace spill::sim {
namespace {

using enum FaultKind;

constexpr auto kClasses = std::to_array<FaultClass>({
    {"halt", "S16", Halt, "trading pauses for 5, 10 or 15 minutes around the push"},
    {"gap open", "S17", GapOpen, "opens beyond the level and is back within minutes"},
    {"outage 2 min", "S18", ShortOutage, "the feed is down for two minutes around the push"},
    {"outage 10 min", "S18", LongOutage, "the feed is down for ten minutes around the push"},
    {"late and duplicate", "S19", LateDuplicate, "one print in fifty late, one in thirty twice"},
    {"bad tick", "S20", BadTick, "single prints 5 % off"},
    {"split", "S21", Split, "two shares for one, announced before the open"},
    {"unknown split", "S21", UnknownSplit, "two shares for one, announced by nobody"},
    {"early close", "S22", EarlyClose, "the session ends three and a half hours after its open"},
});

constexpr double kAround = 20.0;  // minutes on either side of the push for a fault's start
constexpr int kBadTicks = 6;      // of a day; half of them around the push
constexpr std::int64_t kTick = 10'000'000;          // nanos
constexpr std::uint64_t kOtherIds = 1'000'000'000;  // beyond every id of the clean day

std::int64_t minutes(double count) noexcept {
    return static_cast<std::int64_t>(count * 60.0) * kNanosPerSecond;
}

constexpr std::int64_t kSlotNanos = 5 * kNanosPerMinute;

std::size_t slot_at(const TradingSession& session, UnixNanos at) noexcept {
    return static_cast<std::size_t>((at.ns - session.open.ns) / kSlotNanos);
}

// One target's trades and what becomes of them.
struct Work {
    const FaultInput& input;
    const FaultTarget& target;
    const std::vector<Event>& trades;
    Rng& rng;
    FaultSpan span;
    std::vector<Event>& out;
};

Event control(const Work& work, EventKind kind, UnixNanos at, std::uint8_t aux) noexcept {
    Event event{};
    event.kind = kind;
    event.ts_event = at;
    event.ts_recv = at;
    event.instrument = work.target.instrument;
    event.feed = work.target.feed;
    event.aux = aux;
    return event;
}

// Starts within kAround of the push, in the continuous session and after the opening range.
FaultSpan span_of(const Work& work, double length) noexcept {
    std::int64_t const first = work.input.session.open.ns + minutes(6.0);
    std::int64_t const last = work.input.session.continuous_end.ns - minutes(length + 20.0);
    std::int64_t const wish = work.target.push.ns + minutes(work.rng.uniform(-kAround, kAround));
    UnixNanos const from{std::clamp(wish, first, last)};
    return {from, UnixNanos{from.ns + minutes(length)}};
}

void keep_outside(Work& work) {
    for (const Event& trade : work.trades) {
        if (trade.ts_event < work.span.from || trade.ts_event >= work.span.to) {
            work.out.push_back(trade);
        }
    }
}

// Medians by slot of the volume in `history`, of one feed.
std::vector<double> slot_medians(const FaultInput& input, FeedId feed) {
    std::size_t const slots = slot_at(input.session, input.session.continuous_end);
    std::vector<std::vector<double>> by_slot(slots);
    for (const Event& bar : input.history) {
        if (bar.feed != feed) continue;
        // Sessions open at one time of the day, or the summer ended in between: slots of 5 minutes.
        std::int64_t const day = kNanosPerDay;
        std::int64_t const since = ((bar.ts_event.ns - input.session.open.ns) % day + day) % day;
        auto const slot = static_cast<std::size_t>(since / kSlotNanos);
        if (slot < slots) by_slot[slot].push_back(bar.bar.volume.to_double());
    }
    std::vector<double> medians(slots, 0.0);
    for (std::size_t i = 0; i < slots; ++i) {
        if (by_slot[i].empty()) continue;
        std::ranges::sort(by_slot[i]);
        std::size_t const n = by_slot[i].size();
        medians[i] = (by_slot[i][(n - 1) / 2] + by_slot[i][n / 2]) / 2.0;
    }
    return medians;
}

// What a trade would have been in size, had it come `pause` later: as the slot has it by the
// history that the judge knows, so that the pause alone tells the two days apart.
Quantity size_after(const Work& work, const std::vector<double>& medians, const Event& trade,
                    std::int64_t pause) noexcept {
    const TradingSession& session = work.input.session;
    std::size_t const last = medians.size() - 1;
    std::size_t const from = std::min(slot_at(session, trade.ts_event), last);
    std::size_t const to = std::min(slot_at(session, UnixNanos{trade.ts_event.ns + pause}), last);
    double const ratio = medians[from] > 0.0 ? medians[to] / medians[from] : 1.0;
    constexpr std::int64_t kStep = 100'000;  // nanos
    double const steps = static_cast<double>(trade.trade.size.nanos / kStep) * ratio;
    return Quantity{std::max<std::int64_t>(1, std::llround(steps)) * kStep};
}

// Nobody trades and nothing is missed: what would have traded in the pause trades after it, in the
// volume of that hour. Pauses are whole slots.
void halt(Work& work) {
    work.span = span_of(work, 5.0 * static_cast<double>(1 + work.rng.below(3)));
    std::int64_t const open = work.input.session.open.ns;
    std::int64_t const off = (work.span.from.ns - open) % kSlotNanos;
    work.span.from.ns -= off;
    work.span.to.ns -= off;
    if (work.span.from.ns - open < 2 * kSlotNanos) {
        std::int64_t const shift = 2 * kSlotNanos - (work.span.from.ns - open);
        work.span.from.ns += shift;
        work.span.to.ns += shift;
    }
    std::vector<double> const medians = slot_medians(work.input, work.target.feed);
    auto const status = [&](UnixNanos at, TradingStatus value) {
        Event event = control(work, EventKind::Status, at, static_cast<std::uint8_t>(value));
        event.status = StatusBody{};
        work.out.push_back(event);
    };
    status(work.span.from, TradingStatus::Halted);
    status(work.span.to, TradingStatus::Continuous);
    std::int64_t const pause = work.span.to.ns - work.span.from.ns;
    for (Event trade : work.trades) {
        if (trade.ts_event >= work.span.from) {
            trade.trade.size = size_after(work, medians, trade, pause);
            trade.ts_event.ns += pause;
            trade.ts_recv = trade.ts_event;
        }
        if (trade.ts_event < work.input.session.close) work.out.push_back(trade);
    }
}

// The prints of the first one to three minutes stand beyond the level by 0.2 to 0.6 ATR.
void gap_open(Work& work) {
    UnixNanos const open = work.input.session.open;
    work.span = {open, UnixNanos{open.ns + minutes(static_cast<double>(1 + work.rng.below(3)))}};
    if (work.trades.empty()) return;
    double const beyond = work.target.level.to_double() +
                          work.rng.uniform(0.2, 0.6) * work.target.atr -
                          work.trades.front().trade.price.to_double();
    Price const shift{std::llround(std::max(0.0, beyond) * 100.0) * kTick};
    for (Event trade : work.trades) {
        if (trade.ts_event < work.span.to) trade.trade.price.nanos += shift.nanos;
        work.out.push_back(trade);
    }
}

// Every second target gets the missing trades back afterwards, as volume.
void outage(Work& work, double length) {
    work.span = span_of(work, length);
    auto const feed = [&](UnixNanos at, FeedState state) {
        Event event = control(work, EventKind::Feed, at, static_cast<std::uint8_t>(state));
        event.feed_change = FeedBody{};
        if (state == FeedState::Gap) {
            event.feed_change.from = work.span.from;
            event.feed_change.to = work.span.to;
        }
        return event;
    };
    UnixNanos const back{work.span.to.ns + kNanosPerSecond};
    work.out.push_back(feed(work.span.from, FeedState::Stale));
    work.out.push_back(feed(work.span.to, FeedState::Live));
    work.out.push_back(feed(work.span.to, FeedState::Gap));
    keep_outside(work);
    if (work.target.instrument.value % 2 != 0) return;
    for (Event trade : work.trades) {
        if (trade.ts_event < work.span.from || trade.ts_event >= work.span.to) continue;
        trade.ts_recv = back;
        trade.trade.flags |= trade_flag::kBackfill;
        work.out.push_back(trade);
    }
    Event filled = feed(UnixNanos{back.ns + 1'000'000}, FeedState::Gap);
    filled.feed_change.filled = 1;
    work.out.push_back(filled);
}

// Half of the late prints come within the grace after their minute, half of them far beyond it.
void late_and_duplicate(Work& work) {
    work.span = {work.input.session.open, work.input.session.close};
    std::vector<Event> sent;
    for (Event trade : work.trades) {
        if (work.rng.chance(0.02)) {
            double const delay =
                work.rng.chance(0.5) ? work.rng.uniform(0.1, 1.9) : work.rng.uniform(2.0, 120.0);
            trade.ts_recv.ns += static_cast<std::int64_t>(delay * 1e3) * 1'000'000;
        }
        sent.push_back(trade);
        if (!work.rng.chance(1.0 / 30.0)) continue;
        trade.ts_recv.ns +=
            static_cast<std::int64_t>(work.rng.uniform(0.0, 30.0) * 1e3) * 1'000'000;
        sent.push_back(trade);
    }
    sort_events(sent);
    Dedupe dedupe;
    for (const Event& event : sent) {
        TradeRow row;
        row.price = event.trade.price;
        row.size = event.trade.size;
        row.ts_event = event.ts_event;
        row.dense = true;
        row.id = event.trade.trade_id;
        if (dedupe.offer(row) != Dedupe::Verdict::Duplicate) work.out.push_back(event);
    }
}

// Never two in a row, and not in the first minute: three prints that agree are a jump by rule, and
// a filter that has seen fewer than five prints cannot judge.
void bad_ticks(Work& work) {
    UnixNanos const first{work.input.session.open.ns + minutes(1.0)};
    work.span = {first, work.input.session.close};
    std::array<UnixNanos, kBadTicks> at{};
    for (std::size_t i = 0; i < at.size(); ++i) {
        std::int64_t const near = work.target.push.ns + minutes(work.rng.uniform(-15.0, 15.0));
        double const share = work.rng.uniform();
        auto const day = static_cast<double>(work.span.to.ns - first.ns);
        std::int64_t const far = first.ns + static_cast<std::int64_t>(share * day);
        at[i] = UnixNanos{std::max(first.ns, i % 2 == 0 ? near : far)};
    }
    std::ranges::sort(at);
    std::size_t next = 0;
    for (const Event& trade : work.trades) {
        work.out.push_back(trade);
        if (next == at.size() || trade.ts_event < at[next]) continue;
        Event bad = trade;
        std::int64_t const off = trade.trade.price.nanos / kBadTickShare / kTick * kTick;
        bad.trade.price.nanos += work.rng.chance(0.5) ? off : -off;
        bad.trade.trade_id = kOtherIds + next;
        work.out.push_back(bad);
        ++next;
    }
}

void split(Work& work, bool announced) {
    work.span = {work.input.session.open, work.input.session.close};
    if (announced) {
        UnixNanos const before{work.input.session.open.ns - minutes(30.0)};
        Event event = control(work, EventKind::Corporate, before, 0);
        event.feed = FeedId{};
        event.corporate = CorporateBody{};
        event.corporate.price_factor_e9 = kNanosPerUnit / 2;
        event.corporate.size_factor_e9 = kNanosPerUnit * 2;
        event.corporate.session = work.input.session.date;
        work.out.push_back(event);
    }
    for (Event trade : work.trades) {
        trade.trade.price.nanos /= 2;
        trade.trade.size.nanos *= 2;
        work.out.push_back(trade);
    }
}

void early_close(Work& work) {
    work.span = {UnixNanos{work.input.session.open.ns + minutes(kEarlyCloseMinutes)},
                 work.input.session.close};
    keep_outside(work);
}

void apply_one(const FaultClass& what, Work& work) {
    switch (what.kind) {
        case Halt: halt(work); break;
        case GapOpen: gap_open(work); break;
        case ShortOutage: outage(work, 2.0); break;
        case LongOutage: outage(work, 10.0); break;
        case LateDuplicate: late_and_duplicate(work); break;
        case BadTick: bad_ticks(work); break;
        case Split: split(work, true); break;
        case UnknownSplit: split(work, false); break;
        case EarlyClose: early_close(work); break;
    }
}

}  // namespace

std::span<const FaultClass> fault_classes() noexcept { return kClasses; }

const FaultClass* find_fault_class(std::string_view word) noexcept {
    auto const it = std::ranges::find_if(
        kClasses, [&](const FaultClass& row) { return row.scenario == word || row.name == word; });
    return it == kClasses.end() ? nullptr : &*it;
}

FaultyDay apply_fault(const FaultClass& what, const FaultInput& input) {
    FaultyDay day;
    for (const FaultTarget& target : input.target) {
        std::vector<Event> trades;
        for (const Event& event : input.day) {
            if (event.instrument == target.instrument) trades.push_back(event);
        }
        Rng rng(input.seed, std::string(what.name) + " " + std::to_string(target.instrument.value));
        Work work{input, target, trades, rng, {}, day.events};
        apply_one(what, work);
        day.spans.push_back(work.span);
    }
    sort_events(day.events);
    return day;
}

}  // namespace spill::sim
