// When volume is not believed: bars that hold the session's sum, and what surges look like.
#include <initializer_list>

#include <doctest/doctest.h>

#include "core/feed_book.hpp"
#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

VolumeGuard after(int bars, bool around_the_clock = false) {
    VolumeGuard guard(around_the_clock);
    for (int i = 0; i < bars; ++i) guard.add(10.0, 0.0);
    return guard;
}

VolumeSuspicion with(VolumeGuard guard, std::initializer_list<double> volumes) {
    for (double const volume : volumes) guard.add(volume, 0.0);
    return guard.suspicion();
}

}  // namespace

TEST_CASE("three bars that hold the session's sum so far among ordinary minutes are cumulative") {
    CHECK(with(after(10), {60.0, 10.0, 70.0, 10.0}) == VolumeSuspicion::None);
    CHECK(with(after(10), {60.0, 10.0, 70.0, 10.0, 80.0}) == VolumeSuspicion::Cumulative);
}

TEST_CASE("a surge is not cumulative: its bars follow each other, or do not grow") {
    CHECK(with(after(10), {60.0, 70.0, 80.0, 90.0}) == VolumeSuspicion::None);
    CHECK(with(after(10), {80.0, 10.0, 70.0, 10.0, 75.0, 10.0, 60.0}) == VolumeSuspicion::None);
}

TEST_CASE("late in a session a single bar of the sum so far is enough, early it is not") {
    CHECK(with(after(59), {590.0}) == VolumeSuspicion::None);
    CHECK(with(after(60), {490.0}) == VolumeSuspicion::Cumulative);
    CHECK(with(after(60), {470.0}) == VolumeSuspicion::None);
}

TEST_CASE("around the clock a bar of the whole day so far is ordinary, a rising sum is not") {
    CHECK(with(after(60, true), {600.0, 10.0, 700.0, 10.0, 800.0}) == VolumeSuspicion::None);
    VolumeGuard rising(true);
    for (int i = 1; i <= VolumeGuard::kMonotoneBlind; ++i) rising.add(i, 0.0);
    CHECK(rising.suspicion() == VolumeSuspicion::Cumulative);
    rising.open_session();
    for (int i = 0; i < 60; ++i) rising.add(10.0, 0.0);
    rising.add(600.0, 0.0);
    CHECK(rising.suspicion() == VolumeSuspicion::None);
}

TEST_CASE("a breakout on suspect volume is triggered and never confirmed") {
    for (bool const suspect : {false, true}) {
        CAPTURE(suspect);
        StockDay day({.bar_minutes = 1});
        day.play(0, 70, 100.5);
        // One minute that carries all volume of the session so far, or none does.
        day.play(70, 71, 101.5, suspect ? 21'000.0 : 480.0);
        day.play(71, 100, 101.5, 480.0);
        CHECK(day.feed_book().suspicion() ==
              (suspect ? VolumeSuspicion::Cumulative : VolumeSuspicion::None));
        CHECK(day.rig.path("MU|PD|up") == (suspect ? "triggered" : "triggered confirmed"));
    }
}

TEST_CASE("a session whose first long bar is not due yet is not dark") {
    StockDay day({.bar_minutes = 5});
    day.play(0, kStockMinutes, 100.5);  // the feed is known to bring bars from here on
    day.close(day.today);
    day.rig.forget();
    day.on(day.today + 1, 0, 5, 100.5);
    CHECK(day.rig.count("semis", "dark") == 0);
    day.on(day.today + 1, 5, 10, 100.5);
    day.close(day.today + 1);
    CHECK(day.rig.count("semis", "dark") == 1);  // nothing more came
}
