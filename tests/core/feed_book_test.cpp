#include "core/feed_book.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/trades.hpp"

using namespace spill;
using namespace spill::support;

namespace {

constexpr std::int64_t kOpenMinute = 29'000'160;  // midnight of a Thursday

// A feed of a stock, or of a token, whose session opens at kOpenMinute.
struct Bench {
    explicit Bench(Market market = Market::Xnys, Params p = {})
        : params(p), book(feed(), instrument(market), params) {
        book.open_session(minute_start(kOpenMinute), market);
    }
    static Feed feed() {
        Feed out;
        out.id = FeedId{0};
        out.instrument = InstrumentId{0};
        out.coverage = Coverage::Consolidated;
        return out;
    }
    static Instrument instrument(Market market) {
        Instrument out;
        out.id = InstrumentId{0};
        out.market = market;
        out.tick = price(0.01);
        return out;
    }
    static Event print(int minute, int second, double at, double volume) {
        return trade(
            {.price = at, .size = volume, .ms = (kOpenMinute + minute) * 60'000 + second * 1000});
    }
    static Event bar(int first, int length, double volume) {
        Event event{};
        event.kind = EventKind::Bar;
        event.aux = static_cast<std::uint8_t>(length);
        event.ts_event = minute_start(kOpenMinute + first);
        event.bar = BarBody{price(100.0), price(102.0), price(99.0), price(101.0), size(volume)};
        return event;
    }
    FeedMinute close(int minute) { return book.close_minute({kOpenMinute + minute, minute, true}); }
    // A session of `volume` a minute, `day` days after the first one, and its roll.
    void session(double volume, int day) {
        for (int m = 0; m < 390; ++m) {
            book.price_trade(print(day * 1440 + m, 10, 100.0, volume), Price{});
            book.close_minute({kOpenMinute + day * 1440 + m, m, true});
        }
        book.roll_session();
    }
    Params params;
    FeedBook book;
};

}  // namespace

TEST_CASE("a guard without an expectation needs thirty rising bars to call volume cumulative") {
    VolumeGuard guard;
    for (int i = 1; i < VolumeGuard::kMonotoneBlind; ++i) guard.add(1000.0 + i, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::None);
    guard.add(1000.0 + VolumeGuard::kMonotoneBlind, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::Cumulative);
}

TEST_CASE("five rising bars beyond three expected sessions are cumulative, four are not") {
    // 3 x 100 is the bound; the rises add up to 310 at the fourth bar and at the fifth.
    for (bool const five : {false, true}) {
        VolumeGuard guard;
        std::vector<double> const four{10.0, 50.0, 100.0, 150.0};
        if (five) guard.add(5.0, 100.0);
        for (double const volume : four) guard.add(volume, 100.0);
        CAPTURE(five);
        CHECK((guard.suspicion() == VolumeSuspicion::Cumulative) == five);
    }
    VolumeGuard small;
    for (double const volume : {56.0, 58.0, 60.0, 62.0, 64.0}) small.add(volume, 100.0);
    CHECK(small.suspicion() == VolumeSuspicion::None);  // 300 is not beyond 300
    small.add(65.0, 100.0);
    CHECK(small.suspicion() == VolumeSuspicion::Cumulative);
}

TEST_CASE("sixty bars in a row without volume are suspect, one share starts them again") {
    VolumeGuard guard;
    for (int i = 0; i < 59; ++i) guard.add(0.0, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::None);
    guard.add(1.0, 0.0);
    for (int i = 0; i < 59; ++i) guard.add(0.0, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::None);
    guard.add(0.0, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::Zero);
}

TEST_CASE("a suspicion stays until the session is over") {
    VolumeGuard guard;
    for (int i = 0; i < 60; ++i) guard.add(0.0, 0.0);
    for (int i = 0; i < 100; ++i) guard.add(10.0, 0.0);
    CHECK(guard.suspicion() == VolumeSuspicion::Zero);
    guard.open_session();
    CHECK(guard.suspicion() == VolumeSuspicion::None);
}

TEST_CASE("a session of suspect volume does not enter the baseline") {
    Bench bench;
    for (int m = 0; m < 390; ++m) {
        bench.book.add_bar(Bench::bar(m, 1, 100.0 * (m + 1)), kOpenMinute + m);
        bench.close(m);
    }
    CHECK(bench.book.suspicion() == VolumeSuspicion::Cumulative);
    bench.book.roll_session();
    CHECK(bench.book.baseline().sessions() == 0);
    CHECK(bench.book.week_volume() == 0.0);
    bench.book.open_session(minute_start(kOpenMinute), Market::Xnys);
    CHECK(bench.book.suspicion() == VolumeSuspicion::None);
}

TEST_CASE("a link that speaks decides what is observed: whole minutes while it is live") {
    Bench bench;
    bench.book.set_live(UnixNanos{minute_start(kOpenMinute).ns + 1}, true);
    CHECK_FALSE(bench.close(0).observed);
    CHECK(bench.close(1).observed);
    CHECK(bench.close(40).observed);  // however silent the market is
    bench.book.set_live(minute_start(kOpenMinute + 41), false);
    CHECK_FALSE(bench.close(41).observed);
    bench.book.set_live(minute_start(kOpenMinute + 42), true);
    CHECK(bench.close(42).observed);
}

TEST_CASE("bare history is observed until it has been silent for more than five minutes") {
    Bench bench;
    CHECK_FALSE(bench.close(0).observed);
    bench.book.price_trade(Bench::print(1, 5, 100.0, 10.0), Price{});
    for (int m = 1; m <= 6; ++m) {
        CAPTURE(m);
        CHECK(bench.close(m).observed);
    }
    CHECK_FALSE(bench.close(7).observed);
}

TEST_CASE("a gap takes its minutes out of what was observed until it is filled") {
    Bench bench;
    bench.book.set_live(minute_start(kOpenMinute), true);
    UnixNanos const from{minute_start(kOpenMinute + 2).ns + 30 * kNanosPerSecond};
    UnixNanos const to{minute_start(kOpenMinute + 3).ns + 5 * kNanosPerSecond};
    bench.book.add_gap(from, to, false);
    CHECK(bench.close(1).observed);
    CHECK_FALSE(bench.close(2).observed);
    CHECK_FALSE(bench.close(3).observed);
    CHECK(bench.close(4).observed);
    CHECK(bench.book.gap_within(kOpenMinute + 17, 15));
    CHECK_FALSE(bench.book.gap_within(kOpenMinute + 18, 15));
    CHECK_FALSE(bench.book.gap_within(kOpenMinute + 1, 15));
    bench.book.add_gap(from, UnixNanos{to.ns - kNanosPerMinute}, true);
    CHECK(bench.book.gap_within(kOpenMinute + 4, 15));  // only a part was filled
    bench.book.add_gap(from, to, true);
    CHECK_FALSE(bench.book.gap_within(kOpenMinute + 4, 15));
}

TEST_CASE("unobserved and halted minutes leave the windows and stay expected in the session") {
    Bench bench;
    for (int day = 0; day < 14; ++day) {
        bench.session(100.0, day);
        bench.book.open_session(minute_start(kOpenMinute + (day + 1) * 1440), Market::Xnys);
    }
    REQUIRE(bench.book.baseline().quality() == BaselineQuality::Ready);
    for (int m = 0; m < 20; ++m) {
        bool const trading = m < 5 || m >= 10;
        if (trading) bench.book.price_trade(Bench::print(14 * 1440 + m, 9, 100.0, 200.0), Price{});
        bench.book.close_minute({kOpenMinute + 14 * 1440 + m, m, trading});
    }
    CHECK(*bench.book.window().rvol(15) == doctest::Approx(2.0));
    CHECK(bench.book.window().present() == 15);
    CHECK(*bench.book.rvol_cumulative(20) == doctest::Approx(1.5));  // 3000 of 2000
    CHECK(bench.book.slot_observed(0) == 5);
    CHECK(bench.book.slot_observed(1) == 0);
    CHECK(bench.book.slot_volume(3) == 1000.0);
}

TEST_CASE("late size counts in the session, not in the window, and is counted") {
    Bench bench;
    bench.book.price_trade(Bench::print(0, 5, 100.0, 40.0), Price{});
    bench.close(0);
    bench.book.late_trade(size(60.0));
    CHECK(bench.book.totals().volume == size(100.0));
    CHECK(bench.book.totals().priced_volume == size(40.0));
    CHECK(bench.book.slot_volume(0) == 40.0);
    CHECK(bench.book.counters().late == 1);
}

TEST_CASE("a bar of five minutes spreads its volume and is judged once, at its end") {
    Bench bench;
    REQUIRE(bench.book.add_bar(Bench::bar(5, 5, 500.0), kOpenMinute + 5));
    CHECK(bench.book.from_bars());
    for (int m = 5; m < 9; ++m) {
        FeedMinute const inside = bench.close(m);
        CHECK(inside.length == 0);
        CHECK_FALSE(inside.bar.priced);
    }
    FeedMinute const end = bench.close(9);
    CHECK(end.length == 5);
    CHECK(end.observed);
    CHECK(end.bar.close == price(101.0));
    CHECK(end.bar.high == price(102.0));
    CHECK(bench.book.slot_volume(1) == doctest::Approx(500.0));
    CHECK(bench.book.slot_observed(1) == 5);
    CHECK(bench.book.totals().vwap() == doctest::Approx((102.0 + 99.0 + 101.0) / 3.0));
}

TEST_CASE("a bar that comes after its last minute was closed is late volume") {
    Bench bench;
    for (int m = 0; m < 6; ++m) bench.close(m);
    CHECK_FALSE(bench.book.add_bar(Bench::bar(1, 5, 70.0), kOpenMinute + 6));
    CHECK(bench.book.counters().late == 1);
    CHECK(bench.book.totals().volume == size(70.0));
    CHECK(bench.book.totals().priced_volume.nanos == 0);
}

TEST_CASE("a lone far print is held, three that agree are taken with all their volume") {
    Bench bench;
    for (int s = 0; s < 15; ++s) {
        CHECK(bench.book.price_trade(Bench::print(0, s, 100.0, 10.0), Price{}) ==
              TickVerdict::Accept);
    }
    CHECK(bench.book.price_trade(Bench::print(0, 20, 104.0, 10.0), Price{}) == TickVerdict::Hold);
    CHECK(bench.book.accepted().empty());
    bench.book.price_trade(Bench::print(0, 21, 104.0, 10.0), Price{});
    CHECK(bench.book.price_trade(Bench::print(0, 22, 104.0, 10.0), Price{}) ==
          TickVerdict::AcceptJump);
    CHECK(bench.book.accepted().size() == 3);
    FeedMinute const minute = bench.close(0);
    CHECK(minute.bar.volume == size(180.0));
    CHECK(minute.bar.high == price(104.0));
    CHECK(bench.book.counters().trades == 18);
    CHECK(bench.book.counters().held == 2);
}

TEST_CASE("the order of arrival within a minute makes no difference to its bar") {
    std::vector<Event> prints;
    for (int s = 0; s < 40; ++s) {
        prints.push_back(Bench::print(0, s, 100.0 + 0.01 * ((s * 7) % 11), 1.0 + s % 5));
    }
    Bench ordered;
    for (const Event& event : prints) ordered.book.price_trade(event, Price{});
    FeedMinute const a = ordered.close(0);
    for (std::size_t step : {7U, 11U, 13U}) {
        CAPTURE(step);
        Bench mixed;
        for (std::size_t i = 0; i < prints.size(); ++i) {
            mixed.book.price_trade(prints[(i * step) % prints.size()], Price{});
        }
        FeedMinute const b = mixed.close(0);
        CHECK(mixed.book.counters().held == 0);
        CHECK(a.bar.open == b.bar.open);
        CHECK(a.bar.high == b.bar.high);
        CHECK(a.bar.low == b.bar.low);
        CHECK(a.bar.close == b.bar.close);
        CHECK(a.bar.volume == b.bar.volume);
        CHECK(a.bar.notional.attos == b.bar.notional.attos);
    }
}

TEST_CASE("tokens keep weekends apart and remember a week of volume") {
    Bench bench(Market::Utc);
    // kOpenMinute is a Thursday: three days later it is Sunday.
    for (int day = 0; day < 9; ++day) {
        std::int64_t const open = kOpenMinute + day * 1440;
        bench.book.open_session(minute_start(open), Market::Utc);
        bool const weekend = is_weekend(minute_start(open));
        for (int m = 0; m < 1440; ++m) {
            bench.book.price_trade(Bench::print(day * 1440 + m, 5, 100.0, weekend ? 10.0 : 20.0),
                                   Price{});
            bench.book.close_minute({open + m, m, true});
        }
        bench.book.roll_session();
        CHECK(bench.book.baseline().expected(0) == (weekend ? 50.0 : 100.0));
    }
    // The last seven days: five weekdays and one weekend.
    CHECK(bench.book.week_volume() == doctest::Approx(1440.0 * (5 * 20.0 + 2 * 10.0)));
    bench.book.scale_volume(0.5);
    CHECK(bench.book.week_volume() == doctest::Approx(720.0 * (5 * 20.0 + 2 * 10.0)));
    CHECK(bench.book.baseline().expected(0) == 50.0);
}

TEST_CASE("a slot that was not watched is stored as missing") {
    Bench bench;
    bench.book.set_live(minute_start(kOpenMinute), true);
    for (int m = 0; m < 390; ++m) {
        if (m == 12) bench.book.set_live(minute_start(kOpenMinute + m), false);
        if (m == 13) bench.book.set_live(minute_start(kOpenMinute + m), true);
        bench.book.price_trade(Bench::print(m, 3, 100.0, 10.0), Price{});
        bench.close(m);
    }
    bench.book.roll_session();
    REQUIRE(bench.book.baseline().sessions() == 1);
    auto const present = bench.book.baseline().present(0);
    CHECK(present[1] == 1);
    CHECK(present[2] == 0);  // four of five minutes
    CHECK(present[3] == 1);
    CHECK(std::count(present.begin(), present.end(), std::uint8_t{1}) == 77);
}
