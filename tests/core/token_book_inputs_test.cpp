#include "core/token_book.hpp"

#include <cmath>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// Two quiet hours, then `factor` times the volume on all venues and a wider swing.
void surge(TokenDay& day, double factor, int until) {
    day.play(0, 120);
    day.factors.fill(factor);
    day.swing = 2.0;
    day.play(120, until);
}

}  // namespace

TEST_CASE("volume on every venue is confirmed, not before it is fifteen minutes old") {
    TokenDay day;
    surge(day, 6.0, 240);
    CHECK(day.rig.path("TAO") == "building confirmed");
    const Signal& building = *day.rig.find("TAO", "building");
    const Signal& confirmed = *day.rig.find("TAO", "confirmed");
    CHECK(words(building, "trigger") == "volume");
    CHECK(day.minute("building") >= 125);
    CHECK(day.minute("confirmed") - day.minute("building") >= 15);
    CHECK(confirmed.episode == building.episode);
    CHECK(number(confirmed, "score") >= 0.5);
    CHECK(number(confirmed, "venues") == 3);
    CHECK(confirmed.coverage == Coverage::VenueSum);
    CHECK_FALSE(confirmed.provisional);
}

TEST_CASE("ordinary volume says nothing all day") {
    TokenDay day;
    day.play(0, kDayMinutes);
    CHECK(day.rig.path("TAO").empty());
    CHECK(day.token().view().score.rvol60 == doctest::Approx(1.0));
    CHECK(day.token().view().score.consensus == doctest::Approx(1.0));
    CHECK(day.token().view().eligible == 3);
    CHECK(day.token().view().direction == Direction::Flat);
}

TEST_CASE("wash on one venue is never confirmed, whatever its size") {
    for (std::size_t const venue : {0U, 1U, 2U}) {
        CAPTURE(venue);
        TokenDay day;
        day.play(0, 120);
        day.factors[venue] = 20.0;
        day.play(120, 400);
        CHECK(day.rig.count("TAO", "confirmed") == 0);
        CHECK(day.rig.count("TAO", "building") > 0);
        CHECK(day.token().view().score.consensus == doctest::Approx(1.0));
        CHECK(day.token().view().score.rvol60 > 5.0);
    }
}

TEST_CASE("two untrusted venues do not outvote the trusted one") {
    TokenDay day;
    day.play(0, 120);
    day.factors = {1.0, 10.0, 10.0};
    day.play(120, 300);
    CHECK(day.token().view().score.consensus == doctest::Approx(1.0));
    CHECK(day.rig.count("TAO", "confirmed") == 0);
}

TEST_CASE("a venue with less than three percent of the week is not eligible") {
    TokenDay below({.volumes = {100.0, 100.0, 6.0}});
    below.play(0, 61);
    CHECK(below.token().view().eligible == 2);
    TokenDay above({.volumes = {100.0, 100.0, 6.3}});
    above.play(0, 61);
    CHECK(above.token().view().eligible == 3);
}

TEST_CASE("a venue that was watched for less than nine tenths of the hour is not eligible") {
    TokenDay day;
    for (FeedId const feed : day.feeds) {
        day.rig.link(feed, day.rig.at(Market::Utc, {day.today, 0}), FeedState::Live);
    }
    day.play(0, 120);
    REQUIRE(day.token().view().eligible == 3);
    day.rig.link(day.feeds[1], day.rig.at(Market::Utc, {day.today, 120}), FeedState::Stale);
    day.play(120, 126);
    CHECK(day.token().view().eligible == 3);  // 54 of 60
    day.play(126, 127);
    CHECK(day.token().view().eligible == 2);
    CHECK(day.token().view().feeds[1] == day.feeds[2]);
}

TEST_CASE("a single venue stays below the score of a confirmation") {
    TokenDay day({.volumes = {100.0, 1.0, 1.0}});
    surge(day, 8.0, 300);
    CHECK(day.token().view().eligible == 1);
    CHECK(day.token().view().score.score == doctest::Approx(0.49));
    CHECK(day.rig.count("TAO", "building") == 1);
    CHECK(day.rig.count("TAO", "confirmed") == 0);
    CHECK(day.rig.find("TAO", "building")->coverage == Coverage::SingleVenue);
}

TEST_CASE("today's level follows the volume while quiet and is frozen while it is building") {
    TokenDay quiet;
    quiet.factors.fill(1.5);
    quiet.play(0, 600);
    CHECK(quiet.rig.path("TAO").empty());
    CHECK(quiet.token().view().score.level > 1.3);
    CHECK(quiet.token().view().score.level <= 1.5);

    TokenDay day;
    surge(day, 6.0, 140);
    double const frozen = day.token().view().score.level;
    CHECK(day.token().state() == VolumeState::Building);
    day.play(140, 220);
    CHECK(day.token().state() == VolumeState::Confirmed);
    CHECK(day.token().view().score.level == frozen);
}

TEST_CASE("one large trade is not dispersed volume") {
    TokenDay day;
    day.play(0, 180);
    CHECK(day.token().view().score.dispersion == 1.0);
    for (FeedId const feed : day.feeds) {
        day.rig.trade({feed, day.rig.at(Market::Utc, {day.today, 180}, 5), 100.0, 9000.0});
    }
    day.play(180, 200);
    const TokenScore& score = day.token().view().score;
    CHECK(score.top_trade_share == doctest::Approx(9000.0 / (27000.0 + 18000.0)));
    CHECK(score.dispersion == doctest::Approx(1.0 - (0.2 - 0.1) / 0.3));
    CHECK(score.persistence == 0.0);  // all of it in one of twelve blocks
    CHECK(day.rig.count("TAO", "confirmed") == 0);
    day.play(200, 242);
    CHECK(day.token().view().score.dispersion == 1.0);  // an hour later it is forgotten
}

TEST_CASE("a block is in no window") {
    TokenDay day;
    day.play(0, 180);
    double const before = day.token().view().score.rvol60;
    day.rig.trade({day.feeds[0], day.rig.at(Market::Utc, {day.today, 180}, 5), 100.0, 90000.0,
                   trade_flag::kBlock});
    day.play(180, 181);
    CHECK(day.token().view().score.rvol60 == doctest::Approx(before));
    CHECK(day.token().view().score.dispersion == 1.0);
}

TEST_CASE("without a baseline volume is not confirmed, and a short one says so") {
    TokenDay none({.history = 3});
    surge(none, 8.0, 300);
    CHECK(none.token().view().quality == BaselineQuality::None);
    CHECK(none.token().view().eligible == 0);
    CHECK(none.rig.count("TAO", "confirmed") == 0);
    TokenDay some({.history = 9});  // seven weekdays
    surge(some, 8.0, 300);
    CHECK(some.token().view().quality == BaselineQuality::Provisional);
    CHECK(some.rig.count("TAO", "confirmed") == 1);
    CHECK(some.rig.find("TAO", "confirmed")->provisional);
}

TEST_CASE("returns, direction and flow are those of the last hour") {
    TokenDay day;
    day.play(0, 120);
    for (int m = 120; m < 180; ++m) {
        UnixNanos const at = day.rig.at(Market::Utc, {day.today, m}, 20);
        for (FeedId const feed : day.feeds) {
            double const price = 100.0 + (m - 119) * 0.02;
            day.rig.trade({feed, at, price, 60.0, 0, Aggressor::Buy});
            day.rig.trade({feed, at, price, 20.0, 0, Aggressor::Sell});
        }
        day.rig.tick(day.rig.at(Market::Utc, {day.today, m + 1}, 2));
    }
    const TokenView& view = day.token().view();
    CHECK(view.direction == Direction::Up);
    CHECK(*view.r60 == doctest::Approx(std::log(101.2 / 99.95)).epsilon(1e-3));
    CHECK(*view.flow == doctest::Approx(0.5));
    CHECK(view.trades == 60 * 3 * 2);
}

TEST_CASE("a direction has a name") {
    CHECK(std::string_view(to_string(Direction::Up)) == "up");
    CHECK(std::string_view(to_string(Direction::Down)) == "down");
    CHECK(std::string_view(to_string(Direction::Flat)) == "flat");
}

TEST_CASE("volume that stops fades, and its episode ends there") {
    TokenDay day;
    surge(day, 6.0, 240);
    REQUIRE(day.token().state() == VolumeState::Confirmed);
    day.factors.fill(1.0);
    day.swing = 1.0;
    day.play(240, 340);
    CHECK(day.rig.path("TAO") == "building confirmed faded");
    CHECK(day.rig.find("TAO", "faded")->episode == day.rig.find("TAO", "building")->episode);
    // c15 is below one only after the fifteen-minute window has emptied and stayed so.
    CHECK(day.minute("faded") >= 240 + 15);
}
