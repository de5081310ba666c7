#include "core/token_book.hpp"

#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include "core/tape_quality.hpp"
#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// An hour as on any day, then `factor` times the volume on the venues that `on` names, with the
// price swinging along, until `until`.
void surge(TokenDay& day, double factor, int until, std::array<bool, 3> on = {true, true, true}) {
    day.play(0, 60);
    for (std::size_t v = 0; v < on.size(); ++v) day.factors[v] = on[v] ? factor : 1.0;
    day.swing = std::sqrt(factor);
    day.play(60, until);
}

}  // namespace

TEST_CASE("volume on all venues builds, is confirmed and fades") {
    TokenDay day;
    surge(day, 6.0, 180);
    CHECK(day.rig.path("TAO") == "building confirmed");
    const Signal& building = *day.rig.find("TAO", "building");
    const Signal& confirmed = *day.rig.find("TAO", "confirmed");
    CHECK(day.minute("building") < 72);
    CHECK(day.minute("confirmed") >= day.minute("building") + 15);
    CHECK(building.episode == confirmed.episode);
    CHECK(confirmed.coverage == Coverage::VenueSum);
    CHECK(number(confirmed, "score") >= 0.5);
    CHECK(number(confirmed, "venues") == 3);
    CHECK(words(building, "trigger") == "volume");
    CHECK_FALSE(confirmed.provisional);
    CHECK_FALSE(confirmed.degraded);
    day.factors.fill(1.0);
    day.swing = 1.0;
    day.play(180, 330);
    CHECK(day.rig.path("TAO") == "building confirmed faded");
    CHECK(day.rig.find("TAO", "faded")->episode == confirmed.episode);
}

TEST_CASE("a day as any other says nothing") {
    TokenDay day;
    day.play(0, kDayMinutes);
    CHECK(day.rig.path("TAO").empty());
    CHECK(day.token().view().eligible == 3);
    CHECK(day.token().view().quality == BaselineQuality::Ready);
    CHECK(day.token().view().minute.c15 == doctest::Approx(1.0));
}

TEST_CASE("a token without a baseline builds nothing") {
    TokenDay day({.history = 2});
    surge(day, 8.0, 180);
    CHECK(day.rig.count("TAO", "confirmed") == 0);
    CHECK(day.token().view().eligible == 0);
    CHECK_FALSE(day.token().view().minute.may_confirm);
}

TEST_CASE("on a provisional baseline the score asks for more and the signal says so") {
    TokenDay ready;
    surge(ready, 6.0, 180);
    TokenDay young({.history = 8});
    surge(young, 6.0, 180);
    REQUIRE(young.rig.count("TAO", "confirmed") == 1);
    CHECK(young.rig.find("TAO", "confirmed")->provisional);
    CHECK(young.minute("confirmed") > ready.minute("confirmed"));
}

TEST_CASE("one venue alone is not confirmed: its score stops at 0.49") {
    TokenDay day({.volumes = {100.0, 1.0, 1.0}});  // the others have less than 3 % each
    surge(day, 8.0, 240);
    CHECK(day.token().view().eligible == 1);
    CHECK(day.token().view().score.score == doctest::Approx(0.49));
    CHECK(day.rig.count("TAO", "building") == 1);
    CHECK(day.rig.count("TAO", "confirmed") == 0);
    CHECK(day.rig.find("TAO", "building")->coverage == Coverage::SingleVenue);
}

TEST_CASE("a venue needs three percent of the week and nine tenths of the hour") {
    TokenDay day({.volumes = {100.0, 6.3, 6.2}});  // 5.6 and 5.5 % of the week
    day.play(0, 30);
    CHECK(day.token().view().eligible == 3);
    UnixNanos const when = day.rig.at(Market::Utc, {day.today, 30});
    day.rig.link(day.feeds[1], when, FeedState::Stale);
    day.factors[1] = 0.0;
    day.play(30, 36);
    CHECK(day.token().view().eligible == 3);
    day.play(36, 37);
    CHECK(day.token().view().eligible == 2);

    TokenDay small({.volumes = {100.0, 3.2, 3.1}});  // 3.01 and 2.92 %
    small.play(0, 2);
    CHECK(small.token().view().eligible == 2);
}

TEST_CASE("volume on one venue alone is never confirmed, and is suspect") {
    for (std::size_t venue = 0; venue < TokenDay::kVenues; ++venue) {
        CAPTURE(venue);
        TokenDay day;
        std::array<bool, 3> only{};
        only[venue] = true;
        surge(day, 12.0, 300, only);
        CHECK(day.rig.count("TAO", "building") >= 1);
        CHECK(day.rig.count("TAO", "confirmed") == 0);
        CHECK(day.rig.count("TAO", "suspect") >= 1);
        CHECK(words(*day.rig.find("TAO", "suspect"), "reason") == "quality");
    }
}

TEST_CASE("volume that only untrusted venues show is capped by the trusted one") {
    TokenDay day;
    surge(day, 8.0, 300, {false, true, true});
    CHECK(day.token().view().score.consensus < 1.1);
    CHECK(day.rig.count("TAO", "confirmed") == 0);
}

TEST_CASE("when a confirmed token's other venues fall silent it stays confirmed, not more") {
    TokenDay day;
    surge(day, 6.0, 150);
    REQUIRE(day.rig.path("TAO") == "building confirmed");
    UnixNanos const when = day.rig.at(Market::Utc, {day.today, 150});
    for (std::size_t v : {1U, 2U}) {
        day.rig.link(day.feeds[v], when, FeedState::Stale);
        day.factors[v] = 0.0;
    }
    day.play(150, 200);
    CHECK(day.token().view().eligible == 1);
    CHECK(day.token().view().score.score <= 0.49);
    CHECK(day.rig.path("TAO") == "building confirmed");
}

TEST_CASE("delayed and unknown feeds can trigger but never confirm") {
    for (Coverage const coverage : {Coverage::Delayed, Coverage::Unknown}) {
        CAPTURE(to_string(coverage));
        TokenDay day({.coverage = coverage});
        surge(day, 6.0, 180);
        CHECK(day.rig.path("TAO") == "building");
        CHECK(day.token().view().score.score > 0.5);
    }
}

TEST_CASE("today's activity is not learned while volume is building or confirmed") {
    TokenDay day;
    surge(day, 6.0, 360);
    REQUIRE(day.rig.path("TAO") == "building confirmed");
    double const level = day.token().view().score.level;
    day.play(360, 600);
    REQUIRE(day.rig.path("TAO") == "building confirmed");
    CHECK(day.token().view().score.level == level);
}

TEST_CASE("activity that grows without an event becomes today's level") {
    TokenDay day;
    day.factors.fill(1.8);
    day.play(0, 600);
    CHECK(day.rig.path("TAO").empty());
    CHECK(day.token().view().score.level > 1.5);
    CHECK(day.token().view().score.level < 1.8);
}

TEST_CASE("one large trade is one trade: suspect, never confirmed") {
    TokenOptions options;
    options.params.volume.churn_lo = 19.0;  // the price stands still: not what is tested here
    options.params.volume.churn_hi = 20.0;
    TokenDay day(options);
    day.play(0, 70);
    // Every venue is busy, but half of the hour is one print.
    for (std::size_t v = 0; v < TokenDay::kVenues; ++v) {
        day.rig.trade({day.feeds[v], day.rig.at(Market::Utc, {day.today, 70}, 5), 100.0,
                       v == 0 ? 30'000.0 : 6'000.0});
    }
    day.play(70, 150);
    REQUIRE(day.rig.count("TAO", "building") >= 1);
    CHECK(day.rig.count("TAO", "confirmed") == 0);
    REQUIRE(day.rig.count("TAO", "suspect") == 1);
    CHECK(words(*day.rig.find("TAO", "suspect"), "reason") == "one_trade");
}

TEST_CASE("a negotiated block is no volume at all") {
    TokenDay day;
    day.play(0, 70);
    day.rig.trade({day.feeds[0], day.rig.at(Market::Utc, {day.today, 70}, 5), 100.0, 50'000.0,
                   trade_flag::kBlock});
    day.play(70, 150);
    CHECK(day.rig.path("TAO").empty());
}

TEST_CASE("a jump of the price alone builds, and is a headline when no volume follows") {
    TokenDay day;
    day.play(0, 60);
    UnixNanos const when = day.rig.at(Market::Utc, {day.today, 60}, 5);
    for (FeedId const feed : day.feeds) {
        for (int i = 0; i < 3; ++i) {
            day.rig.trade({feed, UnixNanos{when.ns + i * 1'000'000}, 104.0, 1.0});
        }
        day.rig.script(feed, [&](Moment now) {
            double const step = (now.index % 2 == 0 ? 0.0005 : -0.0005);
            return Print{104.0 * (1.0 + step), 100.0};
        });
    }
    day.play(60, 150);
    REQUIRE(day.rig.count("TAO", "building") >= 1);
    const Signal& building = *day.rig.find("TAO", "building");
    CHECK(words(building, "trigger") == "price");
    CHECK(number(building, "j15") >= 3.5);
    REQUIRE(day.rig.count("TAO", "suspect") == 1);
    CHECK(words(*day.rig.find("TAO", "suspect"), "reason") == "headline");
    CHECK(day.rig.count("TAO", "confirmed") == 0);
}

TEST_CASE("a calm hour teaches the tape sixty minutes of trades") {
    // Three prints a minute. Sizes of the hour's first five minutes differ from all others: their
    // share of the modal size tells how much of the hour was learned.
    TokenOptions options{.history = 0};
    options.params.tape.calm_hours = 1;
    options.params.tape.min_trades = 100;
    TokenDay day(options);
    day.factors.fill(0.5);
    day.play(0, 5);
    day.factors.fill(1.0);
    day.play(5, 60);
    auto const calm = day.rig.engine().feed(day.feeds[0]).tape().calm(options.params.tape);
    REQUIRE(calm.has_value());
    CHECK(calm->modal == doctest::Approx(55.0 / 60.0));
}

TEST_CASE("an hour in which volume was building teaches the tape nothing") {
    TokenOptions options;
    options.params.tape.calm_hours = 18 * 24 + 2;
    options.params.tape.min_trades = 100;
    TokenDay day(options);
    surge(day, 6.0, 120);
    REQUIRE(day.rig.count("TAO", "building") == 1);
    const TapeQuality& tape = day.rig.engine().feed(day.feeds[0]).tape();
    CHECK_FALSE(tape.calm(options.params.tape).has_value());
    options.params.tape.calm_hours -= 1;
    CHECK(tape.calm(options.params.tape).has_value());
}

TEST_CASE("flow is bought minus sold over the hour, and evidence only") {
    TokenDay day;
    day.play(0, 60);
    CHECK_FALSE(day.token().view().flow.has_value());
    UnixNanos const when = day.rig.at(Market::Utc, {day.today, 60}, 5);
    day.rig.trade({day.feeds[0], when, 100.0, 30.0, 0, Aggressor::Buy});
    day.rig.trade({day.feeds[1], when, 100.0, 10.0, 0, Aggressor::Sell});
    day.play(60, 61);
    CHECK(*day.token().view().flow == doctest::Approx(0.5));
}

TEST_CASE("an outage of five minutes starts a token's good minutes again") {
    // One good minute less than a confirmation needs, then the outage of the leading venue.
    TokenDay clean;
    surge(clean, 6.0, 180);
    int const confirmed = clean.minute("confirmed");
    REQUIRE(confirmed > 0);
    TokenDay day;
    UnixNanos const start = day.rig.at(Market::Utc, {day.today, 0});
    for (FeedId const feed : day.feeds) day.rig.link(feed, start, FeedState::Live);
    surge(day, 6.0, confirmed);
    for (FeedId const feed : day.feeds) {
        day.rig.link(feed, day.rig.at(Market::Utc, {day.today, confirmed}), FeedState::Stale);
    }
    day.factors.fill(0.0);
    day.play(confirmed, confirmed + 5);
    for (FeedId const feed : day.feeds) {
        day.rig.link(feed, day.rig.at(Market::Utc, {day.today, confirmed + 5}), FeedState::Live);
    }
    day.factors.fill(6.0);
    day.play(confirmed + 5, confirmed + 20);
    CHECK(day.minute("confirmed") == confirmed + 5 + 2);
}
