#include "core/instrument_book.hpp"

#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// Ten quiet minutes below yesterday's high, then beyond it at `factor` times the usual volume.
void break_out(StockDay& day, double factor, int until = 40) {
    day.play(0, 10, 100.5);
    day.play(10, until, 101.5, factor * 300.0);
}

}  // namespace

TEST_CASE("a breakout is triggered on its print and confirmed by fifteen closes on volume") {
    StockDay day;
    break_out(day, 1.6);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
    const Signal* const triggered = day.rig.find("MU|PD|up", "triggered");
    const Signal* const confirmed = day.rig.find("MU|PD|up", "confirmed");
    REQUIRE(confirmed != nullptr);
    CHECK(triggered->ts_event == day.at(10, 40));
    CHECK(confirmed->ts_event == day.at(25));
    CHECK(triggered->episode == confirmed->episode);
    CHECK(number(*confirmed, "level") == 101.0);
    CHECK(number(*confirmed, "atr") == doctest::Approx(2.0));
    CHECK(number(*confirmed, "rvol15") == doctest::Approx(1.6));
    CHECK(number(*confirmed, "minutes") == 14);
    CHECK(number(*confirmed, "gap") == 0);
    CHECK_FALSE(confirmed->provisional);
    CHECK_FALSE(confirmed->degraded);
    CHECK_FALSE(confirmed->from_bars);
    CHECK(confirmed->session.view() == "XNYS:2026-03-23");
}

TEST_CASE("without volume a breakout that stands at the close expires unconfirmed") {
    StockDay day;
    break_out(day, 1.4, kStockMinutes);
    day.close(day.today);
    CHECK(day.rig.path("MU|PD|up") == "triggered expired");
    CHECK(words(*day.rig.find("MU|PD|up", "expired"), "why") == "unconfirmed");
}

TEST_CASE("with too few sessions there is no ATR, no level and no breakout") {
    StockDay day({.history = 5});
    CHECK_FALSE(day.book().atr().has_value());
    break_out(day, 5.0);
    CHECK(day.rig.path("MU|PD|up").empty());
    CHECK(day.rig.path("MU|OR|up").empty());
}

TEST_CASE("a price that never moved has no ATR and breaks nothing") {
    StockOptions options{.history = 8};
    for (int d = 0; d < 8; ++d) options.days[d] = Wave{.high = 100.0, .low = 100.0};
    StockDay day(options);
    break_out(day, 3.0);
    CHECK_FALSE(day.book().atr().has_value());
    CHECK(day.rig.path("MU|PD|up").empty());
}

TEST_CASE("without a baseline a breakout is triggered but never confirmed") {
    StockOptions options{.history = 8};
    options.params.baseline.provisional_sessions = 9;
    StockDay day(options);
    break_out(day, 8.0, 60);
    CHECK(day.rig.path("MU|PD|up") == "triggered");
    CHECK(words(*day.rig.find("MU|PD|up", "triggered"), "baseline") == "none");
}

TEST_CASE("on a provisional baseline a confirmation needs twice the usual volume and says so") {
    StockDay quiet({.history = 8});
    break_out(quiet, 1.9);
    CHECK(quiet.rig.path("MU|PD|up") == "triggered");
    StockDay loud({.history = 8});
    break_out(loud, 2.05);
    CHECK(loud.rig.path("MU|PD|up") == "triggered confirmed");
    CHECK(loud.rig.find("MU|PD|up", "confirmed")->provisional);
    CHECK(loud.rig.find("MU|PD|up", "triggered")->provisional);
}

TEST_CASE("coverage decides how much volume a confirmation needs, and whether it can be had") {
    struct Row {
        Coverage coverage;
        double too_little, enough;  // 0 = never enough
    };
    for (Row const& row :
         {Row{Coverage::Consolidated, 1.45, 1.55}, Row{Coverage::SingleVenue, 2.2, 2.3},
          Row{Coverage::Derivative, 1.95, 2.05}, Row{Coverage::Delayed, 9.0, 0.0},
          Row{Coverage::Unknown, 9.0, 0.0}}) {
        CAPTURE(to_string(row.coverage));
        StockDay less({.coverage = row.coverage});
        break_out(less, row.too_little);
        CHECK(less.rig.path("MU|PD|up") == "triggered");
        CHECK(less.rig.find("MU|PD|up", "triggered")->coverage == row.coverage);
        if (row.enough == 0.0) continue;
        StockDay more({.coverage = row.coverage});
        break_out(more, row.enough);
        CHECK(more.rig.path("MU|PD|up") == "triggered confirmed");
    }
}

TEST_CASE(
    "an open beyond the level triggers on the first print after the opening range, as a gap") {
    StockDay day;
    day.play(0, 5, 101.5);
    CHECK(day.rig.path("MU|PD|up").empty());
    day.play(5, 20, 101.5, 600.0);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
    const Signal& triggered = *day.rig.find("MU|PD|up", "triggered");
    CHECK(number(triggered, "gap") == 1);
    CHECK(triggered.ts_event == day.at(5, 10));
    CHECK(day.minute("MU|PD|up", "confirmed") == 19);
}

TEST_CASE("the opening range is the high and low of the first five minutes") {
    StockDay day;
    day.play(0, 2, 100.2);
    day.play(2, 4, 100.6);
    CHECK_FALSE(day.book().range_high().has_value());
    day.play(4, 5, 100.4);
    CHECK(day.book().range_high()->to_double() == 100.6);
    CHECK(day.book().range_low()->to_double() == 100.2);
    day.play(5, 6, 100.65, 300.0);
    CHECK(day.rig.count("MU|OR|up", "triggered") == 1);
    CHECK(number(*day.rig.find("MU|OR|up", "triggered"), "level") == 100.6);
}

TEST_CASE("an opening range with an unobserved minute is no level") {
    StockDay day({.linked = true});
    day.rig.link(day.feed, day.at(1), FeedState::Stale);
    day.silence(0, 3);
    day.rig.link(day.feed, day.at(3), FeedState::Live);
    day.play(3, 10, 100.2);
    CHECK(day.book().opening_range_complete());
    CHECK_FALSE(day.book().range_high().has_value());
    day.play(10, 12, 100.8);
    CHECK(day.rig.path("MU|OR|up").empty());
}

TEST_CASE("a session that was joined late is no history") {
    StockDay day({.history = 0});
    day.play(60, kStockMinutes, 100.0);
    day.close(0);
    CHECK(day.book().history().size() == 0);
    CHECK(day.feed_book().baseline().sessions() == 1);
    CHECK(day.feed_book().baseline().present(0)[11] == 0);
    CHECK(day.feed_book().baseline().present(0)[12] == 1);
    for (int d = 1; d < 3; ++d) {
        day.on(d, 0, kStockMinutes, 100.0);
        day.close(d);
    }
    CHECK(day.book().history().size() == 2);
}

TEST_CASE("yesterday's levels come from yesterday or not at all") {
    StockDay day({.silent_days = {20}});
    break_out(day, 2.0);
    CHECK_FALSE(day.book().previous_close().has_value());
    CHECK(day.rig.path("MU|PD|up").empty());
    CHECK(day.rig.path("MU|D20|up").empty());
    // The opening range is today's and needs the ATR only.
    CHECK(day.rig.path("MU|OR|up") == "armed triggered confirmed");
}

TEST_CASE("the 20-session level says how old it is") {
    StockOptions options;
    options.days[13] = Wave{.high = 103.0};
    StockDay day(options);
    day.play(0, 10, 100.5);
    day.play(10, 20, 101.5, 400.0);
    CHECK(day.rig.path("MU|PD|up") == "triggered");
    CHECK(day.rig.path("MU|D20|up").empty());
    day.play(20, 30, 103.2, 400.0);
    REQUIRE(day.rig.count("MU|D20|up", "triggered") == 1);
    const Signal& triggered = *day.rig.find("MU|D20|up", "triggered");
    CHECK(number(triggered, "level") == 103.0);
    CHECK(number(triggered, "level_age") == 8);
}

TEST_CASE("a session that closes early has 42 slots and is a day like any other") {
    StockDay day({.minutes = {{20, 210}}});
    const SlotBaseline& baseline = day.feed_book().baseline();
    REQUIRE(baseline.sessions() == 20);
    CHECK(baseline.present(19)[41] == 1);
    CHECK(baseline.present(19)[42] == 0);
    CHECK(baseline.expected(60) == doctest::Approx(1500.0));
    CHECK(day.book().history().last().date == day.rig.date(20));
    break_out(day, 1.6);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
}

TEST_CASE("a halt freezes every counter and its minutes are in no window") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.play(10, 17, 101.5, 560.0);
    day.rig.status(day.feed, day.at(17), TradingStatus::Halted);
    day.silence(17, 27);
    day.rig.status(day.feed, day.at(27), TradingStatus::Continuous);
    day.play(27, 40, 101.5, 560.0);
    // Seven closes before the halt and eight after it.
    CHECK(day.minute("MU|PD|up", "confirmed") == 34);
    day.play(40, kStockMinutes, 101.5, 300.0);
    day.close(day.today);
    const SlotBaseline& baseline = day.feed_book().baseline();
    auto const row = baseline.present(baseline.sessions() - 1);
    CHECK(row[2] == 1);  // minutes 10 to 14
    CHECK(row[3] == 0);  // 15 to 19
    CHECK(row[4] == 0);
    CHECK(row[6] == 1);
}

TEST_CASE("after a halt the first print is believed however far it is") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.rig.status(day.feed, day.at(10), TradingStatus::Halted);
    day.silence(10, 15);
    day.rig.status(day.feed, day.at(15), TradingStatus::Continuous);
    day.rig.trade({day.feed, day.at(15, 1), 106.0, 100.0});
    CHECK(day.rig.count("MU|PD|up", "triggered") == 1);
    CHECK(day.feed_book().counters().held == 0);
}

TEST_CASE("nothing is triggered during a halt") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.rig.status(day.feed, day.at(10), TradingStatus::Halted);
    day.play(10, 15, 101.5);
    CHECK(day.rig.path("MU|PD|up").empty());
}

TEST_CASE("halted into the close, the session closes at the last continuous price, degraded") {
    StockDay day({.linked = true});
    day.play(0, 10, 100.5);
    day.play(10, 40, 101.5, 480.0);
    day.rig.status(day.feed, day.at(40), TradingStatus::Halted);
    day.silence(40, kStockMinutes);
    day.close(day.today);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed held");
    REQUIRE(day.rig.count("MU|PD|up", "held") == 1);
    CHECK(day.rig.find("MU|PD|up", "held")->degraded);
    CHECK(day.book().history().last().close.to_double() == 101.5);
}

TEST_CASE("an outage of five minutes starts the closes again, a shorter one only stops them") {
    StockDay longer({.linked = true});
    longer.play(0, 10, 100.5);
    longer.play(10, 17, 101.5, 600.0);
    longer.rig.link(longer.feed, longer.at(17), FeedState::Stale);
    longer.silence(17, 22);
    longer.rig.link(longer.feed, longer.at(22), FeedState::Live);
    longer.play(22, 40, 101.5, 600.0);
    CHECK(longer.minute("MU|PD|up", "confirmed") == 36);

    StockDay shorter({.linked = true});
    shorter.play(0, 10, 100.5);
    shorter.play(10, 17, 101.5, 600.0);
    shorter.rig.link(shorter.feed, shorter.at(17), FeedState::Stale);
    shorter.silence(17, 21);
    shorter.rig.link(shorter.feed, shorter.at(21), FeedState::Live);
    shorter.play(21, 40, 101.5, 600.0);
    CHECK(shorter.minute("MU|PD|up", "confirmed") == 28);
}

TEST_CASE("a gap in the data blocks a confirmation until it has left the window") {
    StockDay day;
    break_out(day, 1.6, 12);
    day.rig.gap({day.feed, day.at(12, 1), day.at(11, 5), day.at(11, 30)});
    day.play(12, 40, 101.5, 480.0);
    CHECK(day.minute("MU|PD|up", "confirmed") == 26);

    StockDay filled;
    break_out(filled, 1.6, 12);
    filled.rig.gap({filled.feed, filled.at(12, 1), filled.at(11, 5), filled.at(11, 30)});
    filled.rig.gap({filled.feed, filled.at(12, 2), filled.at(11, 5), filled.at(11, 30), true});
    filled.play(12, 40, 101.5, 480.0);
    CHECK(filled.minute("MU|PD|up", "confirmed") == 24);
}

namespace {

StockOptions korean() { return {.market = Market::Xkrx, .linked = true}; }

}  // namespace

TEST_CASE("the minutes of a closing auction are absent and its official price closes the session") {
    StockDay beyond(korean());
    CHECK(beyond.book().previous_close()->to_double() == wave(Wave{}, 379).price);
    break_out(beyond, 1.2, 380);
    beyond.silence(380, kStockMinutes);
    beyond.rig.trade(
        {beyond.feed, beyond.at(kStockMinutes, 5), 101.2, 5000.0, trade_flag::kCloseAuction});
    beyond.close(beyond.today);
    CHECK(beyond.rig.path("MU|PD|up") == "triggered expired");
    CHECK(beyond.book().history().last().close.to_double() == 101.2);

    StockDay behind(korean());
    break_out(behind, 1.2, 380);
    behind.silence(380, kStockMinutes);
    behind.rig.trade(
        {behind.feed, behind.at(kStockMinutes, 5), 100.9, 5000.0, trade_flag::kCloseAuction});
    behind.close(behind.today);
    CHECK(behind.rig.path("MU|PD|up") == "triggered failed");
    CHECK(words(*behind.rig.find("MU|PD|up", "failed"), "why") == "close_below");
}

TEST_CASE("closes of the auction's minutes hold nothing") {
    StockDay day(korean());
    day.play(0, 370, 100.5);
    day.play(370, 380, 101.5, 900.0);
    day.rig.run(Market::Xkrx, {day.today, 380}, {day.today, kStockMinutes});
    day.close(day.today);
    CHECK(day.rig.path("MU|PD|up") == "triggered expired");
}

TEST_CASE("a Korean print beyond the static limit is no print") {
    StockDay day(korean());
    day.play(0, 1, 131.0);
    CHECK_FALSE(day.book().last_trade_minute() == minute_of(day.at(0)));
    day.play(1, 2, 129.0);
    CHECK(day.book().last_trade_minute() == minute_of(day.at(1)));
}

TEST_CASE("a session that ends in an outage says nothing about its close") {
    StockDay day({.linked = true});
    break_out(day, 1.6, 370);
    day.rig.link(day.feed, day.at(370), FeedState::Stale);
    day.silence(370, kStockMinutes);
    day.close(day.today);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
}

TEST_CASE("a split that was announced moves levels, ATR and volumes, and nothing else happens") {
    StockDay day;
    CorporateBody const split{.price_factor_e9 = kNanosPerUnit / 2,
                              .size_factor_e9 = 2 * kNanosPerUnit,
                              .session = day.rig.date(day.today)};
    day.rig.corporate(day.mu, day.at(-60), split);
    day.play(0, 10, 50.25, 600.0);
    CHECK(day.rig.path("MU|PD|up").empty());
    CHECK(day.rig.path("MU|PD|down").empty());
    CHECK(day.book().previous_close()->to_double() == 50.0);
    CHECK(day.book().atr()->value == doctest::Approx(1.0));
    CHECK(day.feed_book().baseline().expected(3) == doctest::Approx(3000.0));
    CHECK_FALSE(day.book().suspect_corporate());
    day.play(10, 30, 50.75, 1.6 * 600.0);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed");
    CHECK(number(*day.rig.find("MU|PD|up", "confirmed"), "level") == 50.5);
}

TEST_CASE("a split nobody announced switches the stock's breakouts off for the session") {
    StockDay day;
    day.play(0, 30, 50.25, 600.0);
    CHECK(day.book().suspect_corporate());
    CHECK(day.rig.path("MU|PD|down").empty());
    day.play(30, kStockMinutes, 49.0, 2000.0);
    day.close(day.today);
    for (const char* const key : {"MU|PD|down", "MU|D20|down", "MU|OR|down", "MU|OR|up"}) {
        CAPTURE(key);
        CHECK(day.rig.count(key, "triggered") == 0);
    }
}

TEST_CASE("a held breakout does not fail on a split that nobody announced") {
    StockDay day;
    break_out(day, 1.6, kStockMinutes);
    day.close(day.today);
    REQUIRE(day.rig.path("MU|PD|up") == "triggered confirmed held");
    day.on(day.today + 1, 0, kStockMinutes, 50.75, 600.0);
    day.close(day.today + 1);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed held");
}

TEST_CASE("a held breakout lives through a reverse split before the day's first print") {
    StockDay day({.linked = true});
    break_out(day, 1.6, kStockMinutes);
    day.close(day.today);
    REQUIRE(day.rig.path("MU|PD|up") == "triggered confirmed held");
    int const next = day.today + 1;
    day.rig.corporate(day.mu, day.rig.at(Market::Xnys, {next, -60}),
                      {.price_factor_e9 = 10 * kNanosPerUnit,
                       .size_factor_e9 = kNanosPerUnit / 10,
                       .session = day.rig.date(next)});
    day.rig.run(Market::Xnys, {next, 0}, {next, 3});  // nobody has traded yet
    day.on(next, 3, kStockMinutes, 1015.0, 30.0);
    day.close(next);
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed held held");
    CHECK(number(day.rig.signals().back(), "level") != 101.0);
}

TEST_CASE("a held breakout carries over nights and completes: OR after one, PD after three") {
    StockDay day;
    break_out(day, 1.6, kStockMinutes);
    day.close(day.today);
    CHECK(day.rig.path("MU|OR|up") == "armed triggered confirmed completed");
    for (int d = day.today + 1; d < day.today + 3; ++d) {
        day.on(d, 0, kStockMinutes, 101.5);
        day.close(d);
    }
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed held held completed");
    const Signal& completed = *day.rig.find("MU|PD|up", "completed");
    CHECK(number(completed, "sessions") == 3);
    CHECK(completed.episode == day.rig.find("MU|PD|up", "triggered")->episode);
}

TEST_CASE("a breakout that comes back fails, and names the episode that was triggered") {
    StockDay day;
    break_out(day, 1.6, 30);
    day.play(30, 45, 100.65);  // 0.175 ATR behind the level
    CHECK(day.rig.path("MU|PD|up") == "triggered confirmed failed");
    const Signal& failed = *day.rig.find("MU|PD|up", "failed");
    CHECK(words(failed, "why") == "accepted_back");
    CHECK(words(failed, "from") == "confirmed");
    CHECK(day.minute("MU|PD|up", "failed") == 34);
    CHECK(failed.episode == day.rig.find("MU|PD|up", "triggered")->episode);
    // After the cooldown only a price beyond the failed excursion triggers again.
    day.play(45, 70, 101.3);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 1);
    day.play(70, 72, 101.6);
    CHECK(day.rig.count("MU|PD|up", "triggered") == 2);
    std::uint64_t last = 0;
    for (const Signal& signal : day.rig.signals()) {
        if (signal.key.view() == "MU|PD|up" && std::string_view(signal.state) == "triggered") {
            last = signal.episode;
            if (signal.episode != failed.episode) CHECK(number(signal, "attempt") == 2);
        }
    }
    CHECK(last != failed.episode);
}

TEST_CASE("the gates of a slot say what a confirmation still needs") {
    StockDay day;
    break_out(day, 1.4);
    Gates const gates = day.book().gates(BreakoutKind::PriorDay, BreakoutSide::Up);
    REQUIRE(gates.size() == 6);
    for (const Gate& gate : gates) {
        CAPTURE(gate.name);
        CHECK(gate.pass == (std::string_view(gate.name) != "rvol15"));
    }
}
