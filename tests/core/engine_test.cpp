#include "core/engine.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "core/timestamp.hpp"
#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

double session_volume(const StockDay& day) { return day.feed_book().totals().volume.to_double(); }

// The states of every key without what differs between prints and bars.
std::string states(const Rig& rig) {
    std::string out;
    for (const Signal& signal : rig.signals()) {
        if (signal.type == SignalType::Health) continue;
        out += std::string(signal.key.view()) + " " + signal.prev + ">" + signal.state + " @" +
               std::to_string(minute_of(UnixNanos{signal.ts_event.ns - 1})) + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("a trade within the grace joins its minute, a later one only the session's volume") {
    StockDay day;
    day.play(0, 1, 100.0);
    // The clock stands at 1:02. Minute 1 is open until 2:02.
    day.rig.trade({day.feed, day.at(1, 30), 100.0, 10.0});
    day.rig.tick(day.at(2, 1));
    day.rig.trade({day.feed, day.at(1, 59), 100.1, 7.0});
    day.rig.tick(day.at(2, 2));
    CHECK(session_volume(day) == 317.0);
    CHECK(day.book().last()->to_double() == 100.1);
    CHECK(day.feed_book().slot_volume(0) == 317.0);
    double const vwap = day.feed_book().totals().vwap();
    day.rig.trade({day.feed, day.at(1, 59), 100.2, 1000.0});
    CHECK(session_volume(day) == 1317.0);
    CHECK(day.feed_book().totals().vwap() == vwap);
    CHECK(day.feed_book().counters().late == 1);
    day.rig.tick(day.at(3, 2));
    CHECK(day.feed_book().slot_volume(0) == 317.0);
    CHECK(day.book().last()->to_double() == 100.1);
}

TEST_CASE("a late print triggers nothing") {
    StockDay day;
    day.play(0, 10, 100.5);
    for (int i = 0; i < 5; ++i) day.rig.trade({day.feed, day.at(9, 50), 102.0, 100.0});
    CHECK(day.rig.path("MU|PD|up").empty());
}

TEST_CASE("a backfilled trade restores volume and no price") {
    StockDay day;
    day.play(0, 10, 100.5);
    double const before = session_volume(day);
    for (int i = 0; i < 5; ++i) {
        day.rig.trade({day.feed, day.at(10, 20), 102.0, 100.0, trade_flag::kBackfill});
    }
    CHECK(session_volume(day) == before + 500.0);
    CHECK(day.rig.path("MU|PD|up").empty());
}

TEST_CASE("what is no ordinary print moves no price; odd lots count as volume, blocks do not") {
    struct Row {
        std::uint32_t flag;
        bool counts;
    };
    for (Row const& row :
         {Row{trade_flag::kOddLot, true}, Row{trade_flag::kLateReport, true},
          Row{trade_flag::kNoPrice, true}, Row{trade_flag::kNoPrice | trade_flag::kNoVolume, false},
          Row{trade_flag::kBlock, false}, Row{trade_flag::kDerived, false},
          Row{trade_flag::kCloseAuction, true}}) {
        CAPTURE(row.flag);
        StockDay day;
        day.play(0, 10, 100.5);
        double const before = session_volume(day);
        for (int i = 0; i < 5; ++i) {
            day.rig.trade({day.feed, day.at(10, 5 + i), 102.0, 10.0, row.flag});
        }
        day.rig.tick(day.at(11, 2));
        CHECK(day.rig.path("MU|PD|up").empty());
        CHECK(day.book().last()->to_double() == 100.5);
        CHECK(session_volume(day) == before + (row.counts ? 50.0 : 0.0));
    }
}

TEST_CASE("a cancel takes volume back while its minute is open, and later is only counted") {
    StockDay day;
    day.play(0, 10, 100.5);
    double const before = session_volume(day);
    day.rig.trade({day.feed, day.at(10, 5), 100.6, 80.0});
    day.rig.trade({day.feed, day.at(10, 5), 100.6, 50.0, trade_flag::kCancel});
    day.rig.tick(day.at(11, 2));
    CHECK(session_volume(day) == before + 30.0);
    CHECK(day.book().last()->to_double() == 100.6);  // price extremes stay
    day.rig.trade({day.feed, day.at(10, 5), 100.6, 20.0, trade_flag::kCancel});
    CHECK(session_volume(day) == before + 30.0);
}

TEST_CASE("a print from the future is dropped and counted") {
    StockDay day;
    day.play(0, 1, 100.0);
    Event event = clock_event(day.at(1, 30));
    event.kind = EventKind::Trade;
    event.aux = 0;
    event.feed = day.feed;
    event.instrument = day.mu;
    event.trade = TradeBody{};
    event.trade.price = Price{100 * kNanosPerUnit};
    event.trade.size = Quantity{kNanosPerUnit};
    day.rig.apply(event);  // without the clocks before it: they stand at 1:02
    CHECK(day.feed_book().counters().future == 1);
}

TEST_CASE("a minute without a trade carries the close forward while the feed lives") {
    StockDay day({.linked = true});
    day.play(0, 10, 100.5);
    day.play(10, 15, 101.5, 3000.0);
    day.silence(15, 40);
    CHECK(day.minute("MU|PD|up", "confirmed") == 24);
}

TEST_CASE("bare history is not observed after five silent minutes") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.play(10, 15, 101.5, 3000.0);
    day.silence(15, 40);
    // Minutes 10 to 14 and 15 to 19 count; then nobody knows.
    CHECK(day.rig.path("MU|PD|up") == "triggered");
    day.play(40, 54, 101.5, 600.0);
    CHECK(day.rig.path("MU|PD|up") == "triggered");
    day.play(54, 55, 101.5, 600.0);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
}

TEST_CASE("UTC days roll at midnight and every trade goes to its own day") {
    TokenDay day;
    day.play(0, kDayMinutes - 1);
    int const today = day.today;
    UnixNanos const before = day.rig.at(Market::Utc, {today, kDayMinutes - 1}, 59);
    UnixNanos const after = day.rig.at(Market::Utc, {today + 1, 0}, 1);
    const FeedBook& feed = day.rig.engine().feed(day.feeds[0]);
    int const days = feed.baseline().sessions();
    day.rig.trade({day.feeds[0], before, 100.0, 5.0});
    day.rig.trade({day.feeds[0], after, 100.0, 3.0});    // 00:00:01, yesterday still open
    day.rig.trade({day.feeds[0], before, 100.0, 11.0});  // yesterday's, within the grace
    day.rig.tick(UnixNanos{after.ns + kNanosPerSecond});
    // The day is Saturday now: the weekday table has one session more.
    day.rig.tick(UnixNanos{after.ns + 2 * kNanosPerMinute});
    CHECK(feed.totals().volume.to_double() == 3.0);
    CHECK(feed.slot_volume(0) == 3.0);
    day.rig.run_days(today + 1, today + 2);  // the weekend
    day.rig.run(Market::Utc, {today + 3, 0}, {today + 3, 2});
    CHECK(feed.baseline().sessions() == days + 1);
    auto const yesterday = feed.baseline().volumes(feed.baseline().sessions() - 1);
    CHECK(yesterday[287] == doctest::Approx(4 * 100.0 + 16.0));
}

TEST_CASE("weekends have a table of their own") {
    TokenOptions options{.history = 12};  // the second Friday is the last day
    TokenDay day(options);
    const FeedBook& feed = day.rig.engine().feed(day.feeds[0]);
    day.play(0, 1);  // day 12, a Saturday
    CHECK(feed.baseline().sessions() == 2);
    CHECK(feed.baseline().quality() == BaselineQuality::None);
    day.play(1, kDayMinutes);
    day.rig.run_days(day.today + 1, day.today + 1);
    day.rig.run(Market::Utc, {day.today + 2, 0}, {day.today + 2, 1});  // Monday
    CHECK(feed.baseline().sessions() == 10);
    CHECK(feed.baseline().quality() == BaselineQuality::Provisional);
}

TEST_CASE("slots are counted from the open, also when summer time moves it") {
    World world;
    VenueId const venue = world.venue("sip");
    InstrumentId const mu = world.instrument({.name = "MU"});
    FeedId const feed = world.feed(mu, venue);
    for (int d = 0; d < 10; ++d) {  // winter: an hour later in UTC
        TradingSession& session = world.session(Market::Xnys, d);
        for (UnixNanos* const at : {&session.open, &session.continuous_end, &session.close}) {
            at->ns += 60 * kNanosPerMinute;
        }
    }
    Rig rig(world);
    // Each slot has its own volume.
    rig.script(feed, [](Moment now) { return Print{100.0, 100.0 + now.index / 5}; });
    rig.run_days(0, 19);
    const SlotBaseline& baseline = rig.engine().feed(feed).baseline();
    REQUIRE(baseline.sessions() == 20);
    for (int slot : {0, 11, 12, 77}) {
        CAPTURE(slot);
        CHECK(baseline.expected(slot) == doctest::Approx(5 * (100.0 + slot)));
        for (int row = 0; row < 20; ++row) {
            CHECK(baseline.volumes(row)[static_cast<std::size_t>(slot)] ==
                  doctest::Approx(5 * (100.0 + slot)));
        }
    }
}

TEST_CASE("volume of one leading feed is never held against the expectation of another") {
    World world;
    InstrumentId const mu = world.instrument({.name = "MU"});
    FeedId const sip = world.feed(mu, world.venue("sip"));
    FeedId const iex = world.feed(mu, world.venue("iex"), Coverage::SingleVenue);
    Rig rig(world);
    for (FeedId const feed : {sip, iex}) {
        rig.link(feed, rig.at(Market::Xnys, {0, -1}), FeedState::Live);
        rig.script(feed, [feed](Moment now) {
            return Print{wave({}, now.index).price, feed.value == 0 ? 300.0 : 10.0};
        });
    }
    rig.run(Market::Xnys, {0, 0}, {19, kStockMinutes + 2});
    rig.forget();
    auto const flat = [&](double price) {
        for (FeedId const feed : {sip, iex}) {
            rig.script(feed, [=](Moment) { return Print{price, feed.value == 0 ? 600.0 : 30.0}; });
        }
    };
    auto const run = [&](int from, int to) { rig.run(Market::Xnys, {20, from}, {20, to}); };
    flat(100.5);
    run(0, 10);
    rig.link(sip, rig.at(Market::Xnys, {20, 10}), FeedState::Stale);
    rig.script(sip, [](Moment) { return std::nullopt; });
    run(10, 12);
    rig.script(iex, [](Moment) { return Print{101.5, 30.0}; });
    run(12, 13);
    REQUIRE(rig.count("MU|PD|up", "triggered") == 1);
    CHECK(rig.find("MU|PD|up", "triggered")->coverage == Coverage::SingleVenue);
    CHECK(rig.count("MU|source", "source_changed") == 1);
    run(13, 30);
    REQUIRE(rig.count("MU|PD|up", "confirmed") == 1);
    CHECK(number(*rig.find("MU|PD|up", "confirmed"), "rvol15") == doctest::Approx(3.0));
    rig.link(sip, rig.at(Market::Xnys, {20, 30}), FeedState::Live);
    flat(101.5);
    run(30, 34);
    CHECK(rig.path("MU|source").find(' ') == std::string::npos);
    run(34, 36);
    rig.script(sip, [](Moment) { return Print{100.2, 600.0}; });
    run(36, 37);
    CHECK(rig.count("MU|PD|up", "failed") == 1);
    CHECK(rig.find("MU|PD|up", "failed")->coverage == Coverage::Consolidated);
}

TEST_CASE("minute bars made of the same prints give the same states at the same minutes") {
    auto const play = [](StockDay& day) {
        day.play(0, 5, 100.2);
        day.play(5, 10, 100.6);
        day.play(10, 30, 101.5, 480.0);
        day.play(30, 36, 100.65);
        day.play(36, 70, 101.2, 250.0);
        day.play(70, 100, 101.9, 700.0);
        day.play(100, 130, 98.4, 900.0);
        day.play(130, kStockMinutes, 98.2, 300.0);
        day.close(day.today);
    };
    StockDay prints;
    play(prints);
    StockDay bars({.bar_minutes = 1});
    play(bars);
    std::string const expected = states(prints.rig);
    CHECK(expected.find("MU|PD|up confirmed>failed") != std::string::npos);
    CHECK(expected.find("MU|PD|down triggered>confirmed") != std::string::npos);
    CHECK(states(bars.rig) == expected);
    CHECK(std::ranges::all_of(bars.rig.signals(), &Signal::from_bars));
    CHECK(std::ranges::none_of(prints.rig.signals(), &Signal::from_bars));
}

TEST_CASE("bars of five minutes trigger, confirm and fail by counting five minutes each") {
    StockDay day({.bar_minutes = 5});
    day.play(0, 10, 100.5);
    day.play(10, 40, 101.5, 480.0);
    day.play(40, 45, 100.65);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed failed");
    CHECK(day.minute("MU|PD|up", "triggered") == 14);
    CHECK(day.minute("MU|PD|up", "confirmed") == 24);
    CHECK(day.minute("MU|PD|up", "failed") == 44);
    CHECK(words(*day.rig.find("MU|PD|up", "failed"), "why") == "accepted_back");
    CHECK(day.book().range_high()->to_double() == 100.5);
    day.play(45, kStockMinutes, 100.0);
    day.close(day.today);
    CHECK(day.feed_book().baseline().present(day.feed_book().baseline().sessions() - 1)[20] == 1);
    CHECK(day.book().history().last().date == day.rig.date(day.today));
}

TEST_CASE("a bar high enough triggers although it closed lower") {
    StockDay day({.bar_minutes = 5});
    day.play(0, 10, 100.5);
    day.play(10, 12, 101.2);
    day.play(12, 15, 100.8);
    CHECK(day.rig.path("MU|PD|up") == "triggered");
    CHECK(number(*day.rig.find("MU|PD|up", "triggered"), "price") == 101.2);
}

TEST_CASE("between Quiet and Publish the engine learns and says nothing") {
    StockDay day;
    std::uint64_t const before = day.rig.engine().last_offset();
    day.rig.tick(day.at(-1), ClockMark::Quiet);
    day.play(0, 10, 100.5);
    day.play(10, 12, 101.5, 480.0);
    CHECK(day.rig.signals().empty());
    CHECK(day.rig.engine().last_offset() == before);
    CHECK(day.book().slot(BreakoutKind::PriorDay, BreakoutSide::Up).state() ==
          BreakoutState::Triggered);
    day.rig.tick(day.at(12, 3), ClockMark::Publish);
    day.play(12, 30, 101.5, 480.0);
    REQUIRE(day.rig.path("MU|PD|up") == "confirmed");
    CHECK(day.rig.signals().front().offset == before + 1);
}

TEST_CASE("offsets are dense, times never run before their cause, and prev continues state") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.play(10, 40, 101.5, 480.0);
    day.play(40, 80, 100.0, 480.0);
    day.play(80, 120, 98.5, 700.0);
    day.play(120, kStockMinutes, 100.9);
    day.close(day.today);
    REQUIRE(day.rig.signals().size() > 12);
    std::uint64_t offset = day.rig.signals().front().offset;
    std::map<std::string, std::string> last;
    std::set<std::string> terminal{"failed", "expired", "completed"};
    for (const Signal& signal : day.rig.signals()) {
        CHECK(signal.offset == offset++);
        CHECK(signal.ts_signal >= signal.ts_event);
        CHECK_FALSE(signal.evidence.overflowed());
        if (signal.type != SignalType::Breakout) continue;
        std::string const key(signal.key.view());
        if (last.contains(key)) {
            std::string const expected = terminal.contains(last[key]) ? "idle" : last[key];
            CHECK(signal.prev == expected);
        }
        last[key] = signal.state;
    }
}

TEST_CASE("the same input twice gives the same bytes") {
    auto const run = [] {
        TokenDay day({.history = 8});
        day.play(0, 60);
        day.factors.fill(6.0);
        day.swing = 2.5;
        day.play(60, 300);
        return text_of(day.rig.signals());
    };
    std::string const first = run();
    CHECK(first.find("building>confirmed") != std::string::npos);
    CHECK(run() == first);
}

TEST_CASE("clocks between the closes change nothing") {
    auto const run = [](bool every_second) {
        StockDay day;
        for (int minute = 0; minute < 60; ++minute) {
            day.play(minute, minute + 1, minute < 10 ? 100.5 : 101.5, 480.0);
            for (int s = 3; every_second && s < 10; ++s) day.rig.tick(day.at(minute + 1, s));
        }
        std::string out;
        for (Signal signal : day.rig.signals()) {
            signal.cause_seq = 0;  // counts the clocks
            out += text_of(signal);
        }
        return out;
    };
    std::string const sparse = run(false);
    CHECK(sparse.find("confirmed") != std::string::npos);
    CHECK(run(true) == sparse);
}
