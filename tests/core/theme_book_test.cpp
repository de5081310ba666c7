#include "core/theme_book.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

UnixNanos hour(double h) {
    return UnixNanos{1'800'000'000 * kNanosPerSecond +
                     static_cast<std::int64_t>(h * 3600.0) * kNanosPerSecond};
}

// A leader, its perpetual and a member, none of which has broken anything.
struct Bench {
    Bench() : world(make(*this)), book(world.registry, params) {
        for (const Instrument& row : world.registry.instruments()) books.emplace_back(row, params);
    }
    static World make(Bench& self) {
        World world;
        VenueId const venue = world.venue("sip");
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        self.mu = world.instrument({.name = "MU", .group = memory});
        self.perp = world.instrument(
            {.name = "MU.P", .role = Role::Leader, .group = memory, .proxy_for = self.mu});
        self.wdc = world.instrument({.name = "WDC", .role = Role::Member, .group = memory});
        world.feed(self.mu, venue);
        world.feed(self.perp, venue, Coverage::Derivative);
        world.feed(self.wdc, venue);
        return world;
    }
    void close_minute(Market market, UnixNanos end) {
        MarketView view;
        view.registry = &world.registry;
        view.instruments = books;
        view.minute = minute_of(end) - 1;
        view.index.fill(-1);
        view.index[static_cast<std::size_t>(market)] = 30;
        book.close_minute(view, {});
    }
    void fail(InstrumentId id, BreakoutState from, BreakoutSide side = BreakoutSide::Up) {
        BreakoutChange change;
        change.side = side;
        change.edge.prev = from;
        change.edge.state = BreakoutState::Failed;
        book.on_breakout(id, change);
    }
    Params params;
    InstrumentId mu, perp, wdc;
    World world;
    std::vector<InstrumentBook> books;
    ThemeBook book;
};

}  // namespace

TEST_CASE("a stock and what stands for it are one leader; members are none") {
    Bench bench;
    CHECK(bench.book.is_leader(bench.mu));
    CHECK(bench.book.is_leader(bench.perp));
    CHECK_FALSE(bench.book.is_leader(bench.wdc));
}

TEST_CASE("before the first session there is no theme, and none is carried") {
    Bench bench;
    ThemeView const view = bench.book.view_at(hour(0));
    CHECK(view.theme == Theme::Mixed);
    CHECK_FALSE(view.live);
    CHECK(view.age_hours > bench.params.rotation.carry_hours);
}

TEST_CASE("a leader's failure after a confirmation turns the theme down, this session and next") {
    for (BreakoutState const from : {BreakoutState::Confirmed, BreakoutState::Held}) {
        Bench bench;
        bench.book.open_session(Market::Xnys, hour(0));
        bench.fail(bench.mu, from);
        bench.close_minute(Market::Xnys, hour(1));
        CHECK(bench.book.theme(Market::Xnys) == Theme::Down);
        bench.book.close_session(Market::Xnys, hour(6));
        bench.book.open_session(Market::Xnys, hour(24));
        bench.close_minute(Market::Xnys, hour(25));
        CHECK(bench.book.theme(Market::Xnys) == Theme::Down);
        bench.book.close_session(Market::Xnys, hour(30));
        bench.book.open_session(Market::Xnys, hour(48));
        bench.close_minute(Market::Xnys, hour(49));
        CHECK(bench.book.theme(Market::Xnys) == Theme::Mixed);
    }
}

TEST_CASE("other failures do not: never confirmed, a member's, or on the way down") {
    Bench bench;
    bench.book.open_session(Market::Xnys, hour(0));
    bench.fail(bench.mu, BreakoutState::Triggered);
    bench.fail(bench.wdc, BreakoutState::Confirmed);
    bench.fail(bench.mu, BreakoutState::Confirmed, BreakoutSide::Down);
    bench.close_minute(Market::Xnys, hour(1));
    CHECK(bench.book.theme(Market::Xnys) == Theme::Mixed);
    CHECK_FALSE(bench.book.leader_down_break());
}

TEST_CASE("a failure that only the perpetual saw rests on a derivative") {
    Bench bench;
    bench.book.open_session(Market::Xnys, hour(0));
    bench.fail(bench.perp, BreakoutState::Confirmed);
    bench.close_minute(Market::Xnys, hour(1));
    CHECK(bench.book.theme(Market::Xnys) == Theme::Down);
    CHECK(bench.book.view_at(hour(1)).derivative_only);
    Bench stock;
    stock.book.open_session(Market::Xnys, hour(0));
    stock.fail(stock.mu, BreakoutState::Confirmed);
    stock.close_minute(Market::Xnys, hour(1));
    CHECK_FALSE(stock.book.view_at(hour(1)).derivative_only);
}

TEST_CASE("a theme is live for ten minutes in session and then ages from its close") {
    Bench bench;
    bench.book.open_session(Market::Xnys, hour(0));
    bench.close_minute(Market::Xnys, hour(1));
    UnixNanos const at = hour(1);
    CHECK(bench.book.view_at(UnixNanos{at.ns + 10 * kNanosPerMinute}).live);
    CHECK_FALSE(bench.book.view_at(UnixNanos{at.ns + 11 * kNanosPerMinute}).live);
    bench.book.close_session(Market::Xnys, hour(6));
    ThemeView const night = bench.book.view_at(hour(16));
    CHECK_FALSE(night.live);
    CHECK(night.age_hours == doctest::Approx(10.0));
}

TEST_CASE("the market in session overrides one that is carried, and the later close wins") {
    Bench bench;
    bench.book.open_session(Market::Xnys, hour(0));
    bench.fail(bench.mu, BreakoutState::Confirmed);
    bench.close_minute(Market::Xnys, hour(1));
    bench.book.close_session(Market::Xnys, hour(6));
    CHECK(bench.book.view_at(hour(10)).theme == Theme::Down);
    bench.book.open_session(Market::Xkrx, hour(11));
    bench.close_minute(Market::Xkrx, hour(12));
    CHECK(bench.book.view_at(hour(12)).theme == Theme::Mixed);
    CHECK(bench.book.view_at(hour(12)).live);
    bench.book.close_session(Market::Xkrx, hour(17));
    CHECK(bench.book.view_at(hour(18)).age_hours == doctest::Approx(1.0));
    CHECK(bench.book.view_at(hour(18)).theme == Theme::Mixed);
}
