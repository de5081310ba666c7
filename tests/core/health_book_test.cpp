#include "core/health_book.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/engine_worlds.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using namespace spill::support;

TEST_CASE("every state of every kind has a word, and the words of one kind differ") {
    struct Row {
        HealthKind kind;
        std::vector<std::string> words;
    };
    for (const Row& row : {Row{HealthKind::Link, {"unknown", "live", "stale"}},
                           Row{HealthKind::Gap, {"none", "open", "filled"}},
                           Row{HealthKind::Baseline, {"none", "provisional", "ready"}},
                           Row{HealthKind::Volume, {"ok", "suspect_volume", "suspect_volume"}},
                           Row{HealthKind::Status, {"continuous", "halted", "auction"}},
                           Row{HealthKind::Source, {"steady", "source_changed"}},
                           Row{HealthKind::Corporate, {"ok", "suspect_corporate"}},
                           Row{HealthKind::Group, {"unknown", "complete", "partial", "dark"}}}) {
        for (std::size_t i = 0; i < row.words.size(); ++i) {
            CHECK(health_state(row.kind, static_cast<std::uint8_t>(i)) == row.words[i]);
        }
    }
}

TEST_CASE("a link's state is said when it changes") {
    StockDay day({.history = 1, .linked = true});
    day.play(0, 2, 100.0);
    CHECK(day.rig.path("MU@sip").empty());  // it was live before
    day.rig.link(day.feed, day.at(2), FeedState::Live);
    CHECK(day.rig.path("MU@sip").empty());
    day.rig.link(day.feed, day.at(3), FeedState::Stale);
    day.rig.link(day.feed, day.at(4), FeedState::Stale);
    day.rig.link(day.feed, day.at(5), FeedState::Live);
    CHECK(day.rig.path("MU@sip") == "stale live");
    const Signal& stale = *day.rig.find("MU@sip", "stale");
    CHECK(std::string_view(stale.prev) == "live");
    CHECK(stale.ts_event == day.at(3));
    CHECK(stale.coverage == Coverage::Consolidated);
}

TEST_CASE("every gap is an edge of its own, with its borders") {
    StockDay day({.history = 1});
    day.play(0, 5, 100.0);
    day.rig.gap({day.feed, day.at(5), day.at(1), day.at(2)});
    day.rig.gap({day.feed, day.at(5, 1), day.at(3), day.at(4)});
    day.rig.gap({day.feed, day.at(5, 2), day.at(1), day.at(2), true});
    CHECK(day.rig.path("MU@sip|gap") == "open open filled");
    const Signal& open = *day.rig.find("MU@sip|gap", "open");
    CHECK(number(open, "from") == static_cast<double>(day.at(1).ns));
    CHECK(number(open, "to") == static_cast<double>(day.at(2).ns));
}

TEST_CASE("trading status is said once per change") {
    StockDay day({.history = 1});
    day.play(0, 5, 100.0);
    day.rig.status(day.feed, day.at(5), TradingStatus::Continuous);
    day.rig.status(day.feed, day.at(6), TradingStatus::Halted);
    day.rig.status(day.feed, day.at(7), TradingStatus::Halted);
    day.rig.status(day.feed, day.at(8), TradingStatus::Auction);
    day.rig.status(day.feed, day.at(9), TradingStatus::Continuous);
    CHECK(day.rig.path("MU|status") == "halted auction continuous");
}

TEST_CASE("a baseline is said to be provisional after five sessions and ready after fourteen") {
    StockDay day({.history = 0});
    std::string expected;
    for (int d = 0; d < 15; ++d) {
        CAPTURE(d);
        day.on(d, 0, kStockMinutes, 100.0);
        day.close(d);
        if (d == 4) expected = "provisional";
        if (d == 13) expected = "provisional ready";
        CHECK(day.rig.path("MU@sip|baseline") == expected);
    }
}

TEST_CASE("volume that never comes is suspect after an hour of bars, and well again next session") {
    StockDay day({.history = 8, .bar_minutes = 1});
    Event bar{};
    bar.kind = EventKind::Bar;
    bar.aux = 1;
    bar.instrument = day.mu;
    bar.feed = day.feed;
    for (int m = 0; m < 61; ++m) {
        bar.ts_event = day.at(m);
        bar.bar = BarBody{price(100.0), price(100.0), price(100.0), price(100.0), Quantity{}};
        day.rig.tick(day.at(m + 1));
        day.rig.raw_engine().apply(bar, day.rig);
        day.rig.tick(day.at(m + 1, 2));
        CHECK(day.rig.count("MU@sip|volume", "suspect_volume") == (m >= 59 ? 1 : 0));
    }
    CHECK(words(*day.rig.find("MU@sip|volume", "suspect_volume"), "reason") == "zero");
    day.on(day.today + 1, 0, 2, 100.0);
    CHECK(day.rig.path("MU@sip|volume") == "suspect_volume ok");
}

TEST_CASE("a split that nobody announced is said, and over with the session") {
    StockDay day;
    day.play(0, kStockMinutes, 50.0, 600.0);
    CHECK(day.rig.path("MU|corporate") == "suspect_corporate");
    day.close(day.today);
    day.on(day.today + 1, 0, 3, 50.0);
    CHECK(day.rig.path("MU|corporate") == "suspect_corporate ok");
}

namespace {

// Two stocks of one basket, both with links that are live.
struct Pair {
    Pair() : rig(make(*this)) {
        for (FeedId const feed : feeds) {
            rig.link(feed, rig.at(Market::Xnys, {0, -1}), FeedState::Live);
        }
    }
    static World make(Pair& self) {
        World world;
        VenueId const venue = world.venue("sip");
        GroupId const semis = world.group("semis");
        for (std::size_t i = 0; i < 2; ++i) {
            self.feeds[i] = world.feed(
                world.instrument({.name = i == 0 ? "MU" : "WDC", .group = semis}), venue);
        }
        return world;
    }
    void play(int from, int to) { rig.run(Market::Xnys, {0, from}, {0, to}); }
    void link(std::size_t i, int minute, FeedState state) {
        rig.link(feeds[i], rig.at(Market::Xnys, {0, minute}), state);
    }
    std::array<FeedId, 2> feeds;
    Rig rig;
};

}  // namespace

TEST_CASE("a group's state changes after five equal minutes, and counts who is seen") {
    Pair pair;
    pair.play(0, 4);
    CHECK(pair.rig.path("semis").empty());
    pair.play(4, 5);
    CHECK(pair.rig.path("semis") == "complete");
    pair.link(0, 5, FeedState::Stale);
    pair.play(5, 9);
    pair.link(0, 9, FeedState::Live);  // back after four minutes
    pair.play(9, 20);
    CHECK(pair.rig.path("semis") == "complete");
    pair.link(1, 20, FeedState::Stale);
    pair.play(20, 25);
    CHECK(pair.rig.path("semis") == "complete partial");
    const Signal& partial = *pair.rig.find("semis", "partial");
    CHECK(number(partial, "members") == 2);
    CHECK(number(partial, "observed") == 1);
    pair.link(0, 25, FeedState::Stale);
    pair.play(25, 30);
    CHECK(pair.rig.path("semis") == "complete partial dark");
    CHECK(pair.rig.minute(Market::Xnys, "semis", "dark") == 29);
}

TEST_CASE("two other states that take turns change nothing") {
    Pair pair;
    pair.play(0, 5);
    pair.link(0, 5, FeedState::Stale);
    for (int m = 5; m < 25; m += 3) {
        pair.link(1, m, m % 2 == 0 ? FeedState::Stale : FeedState::Live);
        pair.play(m, m + 3);
    }
    CHECK(pair.rig.path("semis") == "complete");
}

TEST_CASE("a group out of session says nothing") {
    Pair pair;
    pair.play(0, kStockMinutes);
    for (std::size_t i = 0; i < 2; ++i) pair.link(i, kStockMinutes + 2, FeedState::Stale);
    pair.rig.tick(pair.rig.at(Market::Xnys, {0, kStockMinutes + 60}));
    CHECK(pair.rig.path("semis") == "complete");
}
