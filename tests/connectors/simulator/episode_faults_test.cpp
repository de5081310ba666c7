#include "connectors/simulator/episode_faults.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "connectors/simulator/episode.hpp"

using namespace spill;
using namespace spill::sim;

namespace {

struct FaultRig {
    TradingSession session;
    std::vector<Event> day;
    std::vector<FaultTarget> targets;

    FaultRig() {
        session.date = kEpisodeDate;
        session.open = UnixNanos{1'780'000'200 * kNanosPerSecond};
        session.close = UnixNanos{session.open.ns + 390 * kNanosPerMinute};
        session.continuous_end = session.close;
        for (std::uint32_t i = 0; i < 2; ++i) {
            UnixNanos const push{session.open.ns + 100 * kNanosPerMinute};
            targets.push_back({InstrumentId{i}, FeedId{static_cast<std::uint16_t>(i)}, push,
                               Price{101 * kNanosPerUnit}, 2.0});
        }
        for (int second = 0; second < 390 * 60; second += 5) {
            for (const FaultTarget& target : targets) {
                PrintSpec print;
                print.instrument = target.instrument;
                print.feed = target.feed;
                print.at = UnixNanos{session.open.ns + second * kNanosPerSecond};
                print.price = 100.0;
                print.tick = 10'000'000;
                print.size = 10.0;
                print.id = static_cast<std::uint64_t>(second) / 5 + 1;
                day.push_back(make_trade(print));
            }
        }
    }
    [[nodiscard]] FaultyDay play(std::string_view word) const {
        const FaultClass* const what = find_fault_class(word);
        REQUIRE(what != nullptr);
        return apply_fault(*what, {7, session, day, {}, targets});
    }
};

std::size_t trades_of(const std::vector<Event>& events) {
    return static_cast<std::size_t>(std::ranges::count(events, EventKind::Trade, &Event::kind));
}

}  // namespace

TEST_CASE("nothing trades between the two status changes of a halt") {
    FaultRig const rig;
    FaultyDay const day = rig.play("S16");
    CHECK(std::ranges::count(day.events, EventKind::Status, &Event::kind) == 4);
    CHECK(trades_of(day.events) < rig.day.size());  // the last ones fall behind the close
    for (const Event& event : day.events) {
        const FaultSpan& span = day.spans[event.instrument.value];
        if (event.kind == EventKind::Trade) {
            CHECK((event.ts_event < span.from || event.ts_event >= span.to));
        }
    }
}

TEST_CASE("an outage names its gap, and back-fill counts as volume only") {
    FaultyDay const day = FaultRig{}.play("outage 10 min");
    int gaps = 0;
    int backfilled = 0;
    for (const Event& event : day.events) {
        const FaultSpan& span = day.spans[event.instrument.value];
        if (event.kind == EventKind::Feed && event.aux == static_cast<int>(FeedState::Gap)) {
            CHECK(event.feed_change.from == span.from);
            CHECK(event.feed_change.to == span.to);
            ++gaps;
        }
        if (event.kind == EventKind::Trade && event.ts_event >= span.from &&
            event.ts_event < span.to) {
            CHECK((event.trade.flags & trade_flag::kBackfill) != 0U);
            CHECK(event.ts_recv > span.to);
            ++backfilled;
        }
    }
    CHECK(gaps == 3);  // one of them says that the gap is filled
    CHECK(backfilled == 120);
}

TEST_CASE("late prints arrive after their time and duplicates do not arrive") {
    FaultRig const rig;
    FaultyDay const day = rig.play("S19");
    CHECK(trades_of(day.events) == rig.day.size());
    CHECK(std::ranges::is_sorted(day.events, {}, &Event::ts_recv));
    auto const late = std::ranges::count_if(
        day.events, [](const Event& event) { return event.ts_recv > event.ts_event; });
    CHECK(late > 100);
}

TEST_CASE("bad ticks are added, five per cent off and never two in a row") {
    FaultRig const rig;
    FaultyDay const day = rig.play("S20");
    CHECK(trades_of(day.events) > rig.day.size());
    std::int64_t last = 0;
    for (const Event& event : day.events) {
        if (event.instrument.value != 0) continue;
        bool const off = event.trade.price.nanos != 100 * kNanosPerUnit;
        if (off) CHECK(last == 100 * kNanosPerUnit);
        if (off)
            CHECK(std::abs(event.trade.price.nanos - 100 * kNanosPerUnit) == 5 * kNanosPerUnit);
        last = event.trade.price.nanos;
    }
}

TEST_CASE("a split halves prices and doubles sizes, and only an announced one says so") {
    FaultyDay const told = FaultRig{}.play("split");
    FaultyDay const untold = FaultRig{}.play("unknown split");
    CHECK(std::ranges::count(told.events, EventKind::Corporate, &Event::kind) == 2);
    CHECK(std::ranges::count(untold.events, EventKind::Corporate, &Event::kind) == 0);
    CHECK(told.events.front().corporate.session == kEpisodeDate);
    CHECK(untold.events.front().trade.price.nanos == 50 * kNanosPerUnit);
    CHECK(untold.events.front().trade.size.nanos == 20 * kNanosPerUnit);
}

TEST_CASE("a gap opens beyond the level and is back soon, an early close ends the day") {
    FaultRig const rig;
    FaultyDay const gap = rig.play("S17");
    CHECK(gap.events.front().trade.price > rig.targets[0].level);
    CHECK(gap.events.back().trade.price.nanos == 100 * kNanosPerUnit);
    FaultyDay const early = rig.play("S22");
    CHECK(early.events.back().ts_event < early.spans[0].from);
    CHECK(find_fault_class("S23") == nullptr);
}
