#include "core/evidence.hpp"

#include <algorithm>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

TEST_CASE("a session is named by its market and its date") {
    CHECK(session_name(Market::Xnys, 20260526).view() == "XNYS:2026-05-26");
    CHECK(session_name(Market::Utc, 20261231).view() == "UTC:2026-12-31");
    CHECK(session_name(Market::Xkrx, 20300101).view() == "XKRX:2030-01-01");
}

TEST_CASE("an armed breakout says the level only, a triggered one also what has happened since") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.play(10, 12, 100.8, 480.0);
    day.play(12, 40, 101.5, 480.0);
    const Signal* const armed = day.rig.find("MU|PD|up", "armed");
    const Signal* const triggered = day.rig.find("MU|PD|up", "triggered");
    const Signal* const confirmed = day.rig.find("MU|PD|up", "confirmed");
    REQUIRE(armed != nullptr);
    REQUIRE(triggered != nullptr);
    REQUIRE(confirmed != nullptr);
    for (const Signal* const signal : {armed, triggered, confirmed}) {
        CHECK(signal->type == SignalType::Breakout);
        CHECK_FALSE(signal->evidence.overflowed());
        CHECK(words(*signal, "kind") == "PD");
        CHECK(number(*signal, "level") == 101.0);
        CHECK(number(*signal, "level_age") == 1);
        CHECK(number(*signal, "trigger_price") == doctest::Approx(101.04));
    }
    CHECK(armed->evidence.find("rvol15") == nullptr);
    CHECK(armed->evidence.find("baseline") == nullptr);
    CHECK(number(*triggered, "price") == 101.5);
    CHECK(words(*triggered, "baseline") == "ready");
    CHECK(number(*triggered, "baseline_sessions") == 20);
    CHECK(triggered->evidence.find("why") == nullptr);
    CHECK(number(*confirmed, "mfe_atr") == doctest::Approx(0.25));
    CHECK(number(*confirmed, "close_atr") == doctest::Approx(0.25));
    CHECK(number(*confirmed, "rvol15") > 1.5);
    CHECK(number(*confirmed, "vwap") > 100.5);
    CHECK(armed->evidence.find("noise_pos") == nullptr);
    CHECK(number(*triggered, "noise_pos") > 0.0);
    CHECK(number(*confirmed, "noise_pos") > 0.0);
}

TEST_CASE("a failed breakout says why and from which state") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.play(10, 15, 101.5);
    day.play(15, 20, 100.3);
    const Signal* const failed = day.rig.find("MU|PD|up", "failed");
    REQUIRE(failed != nullptr);
    CHECK(words(*failed, "why") == "fast");
    CHECK(words(*failed, "from") == "triggered");
}

TEST_CASE("a signal on incomplete data says that it is degraded") {
    StockDay day;
    day.play(0, 10, 100.5);
    day.rig.gap({day.feed, day.at(10, 1), day.at(8), day.at(9)});
    day.play(10, 12, 101.5);
    REQUIRE(day.rig.find("MU|PD|up", "triggered") != nullptr);
    CHECK(day.rig.find("MU|PD|up", "triggered")->degraded);
}

TEST_CASE("a volume signal shows its parts, each venue, and what it had to do without") {
    TokenDay day;
    day.play(0, 120);
    day.factors = {5.0, 6.0, 7.0};
    day.swing = 2.0;
    day.play(120, 240);
    const Signal* const confirmed = day.rig.find("TAO", "confirmed");
    REQUIRE(confirmed != nullptr);
    CHECK(confirmed->type == SignalType::Volume);
    CHECK(confirmed->session.view() == "UTC:2026-03-20");
    CHECK_FALSE(confirmed->evidence.overflowed());
    int venues = 0;
    double last = 0.0;
    for (const EvidenceItem& item : confirmed->evidence) {
        if (std::string_view(item.name) != "venue_rvol60") continue;
        CHECK(item.feed == day.feeds[static_cast<std::size_t>(venues)]);
        CHECK(item.number > last);
        last = item.number;
        ++venues;
    }
    CHECK(venues == 3);
    double const weakest =
        std::min({number(*confirmed, "M"), number(*confirmed, "P"), number(*confirmed, "T")});
    CHECK(number(*confirmed, "score") == doctest::Approx(weakest * number(*confirmed, "Q")));
    // Three prints a minute and venue are too few for the flags of the tape.
    CHECK(confirmed->evidence.find("f_tape")->kind == EvidenceItem::Kind::Null);
    CHECK(words(*confirmed, "missing") == "tape");
    CHECK(number(*confirmed, "n_trades") == 540);
    CHECK(confirmed->evidence.find("flow")->kind == EvidenceItem::Kind::Null);
    CHECK(words(*confirmed, "baseline") == "ready");
}
