#include "core/engine.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"
#include "tests/support/engine_worlds.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// Ten quiet minutes below yesterday's high, then beyond it at `factor` times the usual volume.
void break_out(StockDay& day, double factor, int until = 40) {
    day.play(0, 10, 100.5);
    day.play(10, until, 101.5, factor * 300.0);
}

double volume_of(const StockDay& day) { return day.feed_book().totals().volume.to_double(); }

}  // namespace

TEST_CASE("before the first event nothing is due, then the first minute's end and the grace") {
    StockDay day({.history = 0});
    Engine const& engine = day.rig.engine();
    CHECK_FALSE(engine.next_close().has_value());
    day.rig.trade({day.feed, day.at(3, 30), 100.0, 10.0});
    CHECK(*engine.next_close() == day.at(4, 2));
    day.rig.tick(day.at(4, 1));
    CHECK(day.feed_book().totals().volume.nanos == 0);
    CHECK(*engine.next_close() == day.at(4, 2));
    day.rig.tick(day.at(4, 2));
    CHECK(day.feed_book().totals().volume == size(10.0));
    CHECK(*engine.next_close() == day.at(5, 2));
}

TEST_CASE("offsets are dense from one, in the order in which the sink was called") {
    StockDay day;
    std::uint64_t const before = day.rig.engine().last_offset();
    break_out(day, 1.6, kStockMinutes);
    day.close(day.today);
    REQUIRE(day.rig.signals().size() > 4);
    std::uint64_t expected = before;
    for (const Signal& signal : day.rig.signals()) CHECK(signal.offset == ++expected);
    CHECK(day.rig.engine().last_offset() == expected);
}

TEST_CASE("no signal is stamped before its cause, and causes never go back") {
    StockDay day;
    break_out(day, 1.6, kStockMinutes);
    std::uint64_t last = 0;
    for (const Signal& signal : day.rig.signals()) {
        CAPTURE(text_of(signal));
        CHECK(signal.ts_signal >= signal.ts_event);
        CHECK(signal.cause_seq >= last);
        CHECK(signal.cause_seq <= day.rig.engine().events());
        last = signal.cause_seq;
    }
}

TEST_CASE("the same events give the same signals, and other events do not") {
    auto const said = [](double factor) {
        StockDay day;
        break_out(day, factor, kStockMinutes);
        day.close(day.today);
        return text_of(day.rig.signals());
    };
    std::string const once = said(1.6);
    CHECK(once == said(1.6));
    CHECK(once != said(1.7));
    CHECK(once.size() > 500);
}

TEST_CASE("between Quiet and Publish the engine learns and says nothing") {
    StockDay loud;
    StockDay quiet;
    break_out(loud, 1.6, 20);
    std::uint64_t const before = quiet.rig.engine().last_offset();
    quiet.rig.tick(quiet.at(-1), ClockMark::Quiet);
    break_out(quiet, 1.6, 20);
    CHECK(quiet.rig.signals().empty());
    CHECK(quiet.rig.engine().last_offset() == before);
    quiet.rig.tick(quiet.at(20, 5), ClockMark::Publish);
    quiet.play(20, 40, 101.5, 480.0);
    loud.play(20, 40, 101.5, 480.0);
    CHECK(quiet.rig.path("MU|PD|up") == "confirmed");
    const Signal& confirmed = *quiet.rig.find("MU|PD|up", "confirmed");
    CHECK(quiet.rig.signals().front().offset == before + 1);
    CHECK(confirmed.ts_event == loud.rig.find("MU|PD|up", "confirmed")->ts_event);
    CHECK(confirmed.episode == loud.rig.find("MU|PD|up", "confirmed")->episode);
}

TEST_CASE("a late trade counts in the session's volume, never in price, window or VWAP") {
    StockDay day;
    day.play(0, 20, 100.5);
    double const volume = volume_of(day);
    double const vwap = day.feed_book().totals().vwap();
    double const window = day.feed_book().window().sums(15).volume;
    day.rig.trade({day.feed, day.at(18, 30), 103.0, 700.0});
    CHECK(volume_of(day) == volume + 700.0);
    CHECK(day.feed_book().totals().vwap() == vwap);
    CHECK(day.feed_book().window().sums(15).volume == window);
    CHECK(day.feed_book().counters().late == 1);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 0);
    CHECK(day.book().last()->to_double() == 100.5);
    // Within the grace the minute is still open.
    day.rig.tick(day.at(21, 1));
    day.rig.trade({day.feed, day.at(20, 59), 100.6, 30.0});
    day.rig.tick(day.at(21, 2));
    CHECK(day.feed_book().counters().late == 1);
    CHECK(day.feed_book().window().sums(1).volume == 30.0);
    CHECK(day.book().last()->to_double() == 100.6);
}

TEST_CASE("a trade far ahead of the clock is dropped and counted") {
    StockDay day;
    day.play(0, 5, 100.9);
    UnixNanos const clock = day.rig.engine().clock();
    double const volume = volume_of(day);
    Event event{};
    event.kind = EventKind::Trade;
    event.feed = day.feed;
    event.instrument = day.mu;
    event.trade = TradeBody{};
    event.trade.price = price(101.1);
    event.trade.size = size(10.0);
    event.ts_event = UnixNanos{clock.ns + 6 * kNanosPerSecond};
    Engine& engine = day.rig.raw_engine();
    engine.apply(event, day.rig);
    CHECK(day.feed_book().counters().future == 1);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 0);
    event.ts_event = UnixNanos{clock.ns + 5 * kNanosPerSecond};
    engine.apply(event, day.rig);
    CHECK(day.feed_book().counters().future == 1);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 1);
    day.rig.tick(day.at(7));
    CHECK(volume_of(day) == volume + 10.0);
}

TEST_CASE("what a print is flagged as decides whether it moves price and whether it counts") {
    struct Row {
        std::string name;
        std::uint32_t flags;
        bool moves_price;
        double volume;
        std::uint64_t late, ineligible;
    };
    using namespace trade_flag;
    for (const Row& row :
         {Row{"regular", 0, true, 50.0, 0, 0}, Row{"block", kBlock, false, 0.0, 0, 1},
          Row{"derived", kDerived, false, 0.0, 0, 1}, Row{"odd lot", kOddLot, false, 50.0, 0, 0},
          Row{"no price", kNoPrice, false, 50.0, 0, 0},
          Row{"no price, no volume", kNoPrice | kNoVolume, false, 0.0, 0, 0},
          Row{"no volume", kNoVolume, true, 0.0, 0, 0},
          Row{"open auction", kOpenAuction, false, 50.0, 0, 0},
          Row{"late report", kLateReport, false, 50.0, 1, 0},
          Row{"backfill", kBackfill, false, 50.0, 1, 0}}) {
        CAPTURE(row.name);
        StockDay day;
        day.play(0, 10, 100.9);
        double const volume = volume_of(day);
        auto const counters = day.feed_book().counters();
        day.rig.trade({day.feed, day.at(10, 20), 101.1, 50.0, row.flags});
        day.rig.tick(day.at(11, 2));
        CHECK((day.rig.count("MU|PD|up", "triggered") == 1) == row.moves_price);
        CHECK((day.book().last()->to_double() == 101.1) == row.moves_price);
        CHECK(volume_of(day) == volume + row.volume);
        CHECK(day.feed_book().counters().late == counters.late + row.late);
        CHECK(day.feed_book().counters().ineligible == counters.ineligible + row.ineligible);
    }
}

TEST_CASE("a cancel takes its size off while the minute is open and leaves the price") {
    StockDay day;
    day.play(0, 10, 100.5);
    double const volume = volume_of(day);
    day.rig.trade({day.feed, day.at(10, 20), 100.7, 50.0});
    day.rig.trade({day.feed, day.at(10, 20), 100.7, 50.0, trade_flag::kCancel});
    day.rig.tick(day.at(11, 2));
    CHECK(volume_of(day) == volume);
    CHECK(day.book().last()->to_double() == 100.7);
}

TEST_CASE("a stock that never moves has no ATR and no breakouts, and the engine goes on") {
    StockOptions options{.history = 8};
    for (int d = 0; d < options.history; ++d) options.days[d] = Wave{.high = 100.0, .low = 100.0};
    StockDay day(options);
    CHECK(day.book().history().size() == 8);
    CHECK_FALSE(day.book().atr().has_value());
    day.play(0, 20, 100.0);
    day.play(20, 60, 100.2, 900.0);
    CHECK(day.rig.path("MU|PD|up").empty());
    CHECK(day.rig.path("MU|OR|up").empty());
}

TEST_CASE("prints outside the session move nothing") {
    StockDay day;
    day.rig.trade({day.feed, day.at(-30), 101.5, 50.0});
    day.play(0, kStockMinutes, 100.5);
    double const volume = volume_of(day);
    CHECK(volume == 300.0 * kStockMinutes);
    day.rig.trade({day.feed, day.at(kStockMinutes, 10), 101.5, 50.0});
    day.close(day.today);
    CHECK(day.feed_book().counters().ineligible == 2);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 0);
    CHECK(day.book().history().last().close.to_double() == 100.5);
}

TEST_CASE("a token's day rolls at midnight and a trade within the grace goes to its own day") {
    TokenDay day({.history = 2});
    day.play(0, kDayMinutes - 1);
    UnixNanos const midnight = day.rig.at(Market::Utc, {day.today + 1, 0});
    std::int32_t const today = day.rig.date(day.today);
    const InstrumentBook& book = day.rig.engine().instrument(day.tao);
    FeedBook const& feed = day.rig.engine().feed(day.feeds[0]);
    day.rig.tick(UnixNanos{midnight.ns - kNanosPerSecond});
    CHECK(book.session().date == today);
    day.rig.trade({day.feeds[0], UnixNanos{midnight.ns + kNanosPerSecond / 2}, 100.1, 7.0});
    day.rig.trade({day.feeds[0], UnixNanos{midnight.ns - kNanosPerSecond / 2}, 100.0, 11.0});
    CHECK(feed.totals().volume.to_double() == doctest::Approx((kDayMinutes - 1) * 100.0));
    auto const sessions = book.history().size();
    day.rig.tick(UnixNanos{midnight.ns + 2 * kNanosPerSecond});
    CHECK(book.history().size() == sessions + 1);
    CHECK(book.history().last().date == today);
    CHECK(book.history().last().volume == doctest::Approx((kDayMinutes - 1) * 100.0 + 11.0));
    CHECK(book.session().date == day.rig.date(day.today + 1));
    day.rig.tick(UnixNanos{midnight.ns + kNanosPerMinute + 2 * kNanosPerSecond});
    CHECK(feed.totals().volume.to_double() == doctest::Approx(7.0));
}

TEST_CASE("when the clocks change, slots still count from the open") {
    World world;
    VenueId const venue = world.venue("sip");
    GroupId const semis = world.group("semis");
    InstrumentId const mu = world.instrument({.name = "MU", .group = semis});
    FeedId const feed = world.feed(mu, venue);
    for (int d = 6; d < kWorldDays; ++d) {
        TradingSession& session = world.session(Market::Xnys, d);
        for (UnixNanos* const at : {&session.open, &session.continuous_end, &session.close}) {
            at->ns -= 60 * kNanosPerMinute;
        }
    }
    Rig rig(std::move(world));
    // The first half hour has ten times the volume of the rest.
    rig.script(feed, [](Moment now) {
        return Print{wave(Wave{}, now.index).price, now.index < 30 ? 3000.0 : 300.0};
    });
    rig.run(Market::Xnys, {0, 0}, {11, kStockMinutes + 2});
    const FeedBook& book = rig.engine().feed(feed);
    REQUIRE(book.baseline().sessions() == 12);
    CHECK(book.baseline().expected(0) == doctest::Approx(15000.0));
    CHECK(book.baseline().expected(5) == doctest::Approx(15000.0));
    CHECK(book.baseline().expected(6) == doctest::Approx(1500.0));
    CHECK(rig.engine().instrument(mu).history().size() == 12);
}

TEST_CASE("one-minute bars give the states that the trades give, at the same minutes") {
    auto const fates = [](int bar_minutes) {
        StockDay day({.bar_minutes = bar_minutes});
        break_out(day, 1.6, 60);
        day.play(60, 70, 100.65);
        day.play(70, 200, 101.2);
        day.play(200, kStockMinutes, 98.5, 900.0);
        day.close(day.today);
        std::string out;
        for (const Signal& signal : day.rig.signals()) {
            if (std::string_view(signal.state) == "triggered" || signal.type == SignalType::Health)
                continue;
            out += std::string(signal.key.view()) + ">" + signal.state + "@" +
                   std::to_string(minute_of(UnixNanos{signal.ts_event.ns - 1})) + "\n";
            CHECK(signal.from_bars == (bar_minutes != 0));
        }
        return out;
    };
    std::string const trades = fates(0);
    CHECK(trades.find("MU|PD|up>confirmed") != std::string::npos);
    CHECK(trades.find("MU|PD|up>failed") != std::string::npos);
    CHECK(trades.find("MU|PD|down>confirmed") != std::string::npos);
    CHECK(trades == fates(1));
}

TEST_CASE("three bars of five minutes hold as fifteen closes do") {
    StockDay day({.bar_minutes = 5});
    break_out(day, 1.6, 40);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
    CHECK(day.rig.find("MU|PD|up", "confirmed")->from_bars);
    CHECK(day.minute("MU|PD|up", "triggered") == 14);
    // The bar that triggers is the first of the three.
    CHECK(day.minute("MU|PD|up", "confirmed") == 24);
}

TEST_CASE("a bar across the session's edge, or of no length, is no bar") {
    StockDay day;
    day.play(0, 5, 100.5);
    Event bar{};
    bar.kind = EventKind::Bar;
    bar.instrument = day.mu;
    bar.feed = day.feed;
    bar.aux = 10;
    bar.ts_event = day.at(kStockMinutes - 5);
    bar.bar = BarBody{price(101.5), price(101.5), price(101.5), price(101.5), size(100.0)};
    day.play(5, kStockMinutes - 5, 100.5);
    day.rig.play(bar);
    CHECK(day.feed_book().counters().ineligible == 1);
    bar.aux = 0;
    day.rig.play(bar);
    CHECK(day.feed_book().counters().ineligible == 1);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 0);
    CHECK_FALSE(day.feed_book().from_bars());
}

TEST_CASE("episodes are one life of one key: dense, never shared") {
    StockDay day;
    break_out(day, 1.6, 30);
    day.play(30, 60, 100.65);
    day.play(60, 200, 102.5, 600.0);
    day.play(200, kStockMinutes, 98.0, 900.0);
    day.close(day.today);
    std::set<std::pair<std::uint64_t, std::string>> owners;
    std::set<std::uint64_t> numbers;
    for (const Signal& signal : day.rig.signals()) {
        if (signal.type != SignalType::Breakout) continue;
        numbers.insert(signal.episode);
        owners.emplace(signal.episode, std::string(signal.key.view()));
    }
    REQUIRE(numbers.size() > 3);
    CHECK(owners.size() == numbers.size());
    CHECK(*numbers.rbegin() - *numbers.begin() + 1 == numbers.size());
}

TEST_CASE("a restored engine goes on as the one that wrote the snapshot") {
    StockDay day;
    StockDay other({.history = 3});
    break_out(day, 1.6, 17);
    std::vector<std::byte> bytes;
    day.rig.engine().snapshot(bytes);
    REQUIRE(other.rig.raw_engine().restore(bytes).has_value());
    day.rig.forget();
    other.rig.forget();
    other.today = day.today;
    for (StockDay* const each : {&day, &other}) {
        each->rig.script(each->feed,
                         [](Moment now) { return Print{now.index < 200 ? 101.5 : 100.2, 480.0}; });
        each->rig.run(Market::Xnys, {day.today, 17}, {day.today + 1, 100});
    }
    CHECK(day.rig.count("MU|PD|up", "confirmed") == 1);
    CHECK(text_of(day.rig.signals()) == text_of(other.rig.signals()));
}

namespace {

class CountingSink final : public SignalSink {
public:
    void on_signal(const Signal&) noexcept override { ++count; }
    int count = 0;
};

}  // namespace

TEST_CASE("after the start nothing allocates: not a trade, not a minute, not a session's roll") {
    if (!test::AllocCounter::active()) return;
    StockDay day;
    day.play(0, 10, 100.5);
    Engine& engine = day.rig.raw_engine();
    CountingSink sink;
    Event event = trade({.price = 101.5, .size = 200.0});
    event.feed = day.feed;
    event.instrument = day.mu;
    test::AllocCounter const counter;
    for (int minute = 10; minute < kStockMinutes; ++minute) {
        for (int second = 0; second < 60; second += 6) {
            engine.apply(clock_event(day.at(minute, second)), sink);
            event.ts_event = event.ts_recv = day.at(minute, second);
            event.trade.price = price(minute < 100 ? 101.5 : 98.5);
            engine.apply(event, sink);
        }
    }
    for (int minute = kStockMinutes; minute < kStockMinutes + 1200; ++minute) {
        engine.apply(clock_event(day.at(minute, 2)), sink);
    }
    CHECK(counter.count() == 0);
    CHECK(sink.count > 5);
    CHECK(day.book().history().last().date == day.rig.date(day.today));
}
