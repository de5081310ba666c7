#include "core/bar.hpp"

#include <limits>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "core/params.hpp"
#include "tests/golden/signals_golden.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using spill::support::trade;

static_assert(std::is_trivially_copyable_v<MinuteBars>);

TEST_CASE("G13: the clock cuts the minutes, late prints only reach the session's volume") {
    MinuteBars bars;
    SessionTotals totals;
    std::vector<MinuteBar> closed;
    std::int64_t next = 0;
    std::int64_t const grace_ms = static_cast<std::int64_t>(ClockParams{}.grace_seconds * 1000);
    for (auto const& in : golden::kG13Inputs) {
        if (in.kind == 't') {
            Event const event = trade({.price = in.price, .size = in.size, .ms = in.ms});
            BarVerdict const verdict = bars.trade(event);
            CHECK((verdict == BarVerdict::Late) == in.late);
            if (verdict == BarVerdict::Late) totals.add_late(event.trade.size);
            continue;
        }
        for (; (next + 1) * 60'000 + grace_ms <= in.ms; ++next) {
            closed.push_back(bars.close_minute(next));
            totals.add_bar(closed.back());
        }
    }
    REQUIRE(closed.size() == golden::kG13Bars.size());
    for (std::size_t i = 0; i < closed.size(); ++i) {
        auto const& row = golden::kG13Bars[i];
        MinuteBar const& bar = closed[i];
        INFO(row.minute);
        CHECK(bar.minute == row.minute);
        CHECK(bar.priced == row.priced);
        CHECK(bar.volume.to_double() == row.volume);
        if (!row.priced) continue;
        CHECK(bar.open == support::price(row.open));
        CHECK(bar.high == support::price(row.high));
        CHECK(bar.low == support::price(row.low));
        CHECK(bar.close == support::price(row.close));
    }
    CHECK(totals.volume.to_double() == golden::kG13SessionVolume);
    CHECK(totals.late == golden::kG13Late);
}

TEST_CASE("of two prints with one time the later arrival is the close, the earlier the open") {
    MinuteBars bars;
    bars.trade(trade({.price = 10.0, .ms = 500}));
    bars.trade(trade({.price = 11.0, .ms = 500}));
    MinuteBar const bar = bars.close_minute(0);
    CHECK(bar.open == support::price(10.0));
    CHECK(bar.close == support::price(11.0));
    CHECK(bar.trades == 2);
}

TEST_CASE("odd lots count as volume and never as price") {
    MinuteBars bars;
    bars.volume_only(trade({.price = 99.0, .size = 3.0, .ms = 100, .aggressor = Aggressor::Buy}));
    MinuteBars only_odd = bars;
    MinuteBar const odd = only_odd.close_minute(0);
    CHECK_FALSE(odd.priced);
    CHECK(odd.volume == support::size(3.0));
    bars.trade(trade({.price = 10.0, .size = 5.0, .ms = 200, .aggressor = Aggressor::Sell}));
    MinuteBar const bar = bars.close_minute(0);
    CHECK(bar.high == support::price(10.0));
    CHECK(bar.volume == support::size(8.0));
    CHECK(bar.buy == support::size(3.0));
    CHECK(bar.sell == support::size(5.0));
    CHECK(bar.priced_volume == support::size(5.0));
    CHECK(bar.notional.to_double() == 50.0);
    CHECK(bar.largest == support::size(5.0));
}

TEST_CASE("a print without volume moves the price only") {
    MinuteBars bars;
    bars.trade(trade({.price = 10.0, .size = 5.0, .flags = trade_flag::kNoVolume}));
    MinuteBar const bar = bars.close_minute(0);
    CHECK(bar.priced);
    CHECK(bar.volume.nanos == 0);
    CHECK(bar.notional.to_double() == 0.0);
}

TEST_CASE("a cancel takes its size back while the minute is open, and is late afterwards") {
    MinuteBars bars;
    bars.trade(trade({.price = 10.0, .size = 5.0, .aggressor = Aggressor::Buy}));
    bars.trade(trade({.price = 12.0, .size = 2.0, .aggressor = Aggressor::Buy}));
    CHECK(bars.cancel(trade({.price = 12.0, .size = 2.0, .aggressor = Aggressor::Buy})) ==
          BarVerdict::Ok);
    MinuteBar const bar = bars.close_minute(0);
    CHECK(bar.volume == support::size(5.0));
    CHECK(bar.buy == support::size(5.0));
    CHECK(bar.high == support::price(12.0));
    CHECK(bars.cancel(trade({.price = 12.0, .size = 2.0})) == BarVerdict::Late);
    bars.cancel(trade({.price = 12.0, .size = 2.0, .ms = 60'000}));
    CHECK(bars.close_minute(1).volume.nanos == 0);
}

TEST_CASE("a print far ahead of the last closed minute is refused and blocks nothing") {
    MinuteBars bars;
    bars.close_minute(9);
    CHECK(bars.trade(trade({.ms = 14 * 60'000})) == BarVerdict::Ahead);
    CHECK(bars.trade(trade({.ms = 13 * 60'000})) == BarVerdict::Ok);
    CHECK(bars.trade(trade({.ms = 10 * 60'000})) == BarVerdict::Ok);
    CHECK(bars.trade(trade({.ms = 9 * 60'000})) == BarVerdict::Late);
    CHECK(bars.close_minute(10).priced);
    CHECK_FALSE(bars.close_minute(11).priced);
    CHECK(bars.closed_to() == 12);
}

TEST_CASE("sums of sizes stop at the largest value instead of wrapping") {
    Quantity const most{std::numeric_limits<std::int64_t>::max()};
    CHECK(saturating_add(most, Quantity{1}) == most);
    CHECK(saturating_add(Quantity{2}, Quantity{3}) == Quantity{5});
}

TEST_CASE("prints of a minute give the same extremes and volume in any order") {
    std::vector<Event> events;
    for (int i = 0; i < 6; ++i) {
        events.push_back(trade({.price = 10.0 + (i * 7) % 5, .size = 1.0 + i, .ms = i * 1000}));
    }
    MinuteBars forward, backward;
    for (auto it = events.begin(); it != events.end(); ++it) forward.trade(*it);
    for (auto it = events.rbegin(); it != events.rend(); ++it) backward.trade(*it);
    MinuteBar const a = forward.close_minute(0);
    MinuteBar const b = backward.close_minute(0);
    CHECK(a.open == b.open);
    CHECK(a.high == b.high);
    CHECK(a.low == b.low);
    CHECK(a.close == b.close);
    CHECK(a.volume == b.volume);
    CHECK(a.notional.attos == b.notional.attos);
}
