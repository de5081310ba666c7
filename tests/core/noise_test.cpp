#include "core/noise.hpp"

#include <doctest/doctest.h>

#include "tests/support/trades.hpp"

using namespace spill;
using spill::support::price;

namespace {

void play(NoiseProfile& profile, double close) {
    profile.note({.slot = 1, .open = price(100.0), .close = price(close)});
    profile.roll_session();
}

}  // namespace

TEST_CASE("sigma is the mean move from the open over the sessions before this one") {
    NoiseProfile profile(3);
    for (double const close : {101.0, 99.0, 102.0, 98.0}) play(profile, close);
    CHECK_FALSE(profile.sigma(1).has_value());
    play(profile, 100.0);
    REQUIRE(profile.sigma(1).has_value());
    CHECK(*profile.sigma(1) == doctest::Approx(0.012));
    // The running session is not part of it.
    profile.note({.slot = 1, .open = price(100.0), .close = price(150.0)});
    CHECK(*profile.sigma(1) == doctest::Approx(0.012));
    CHECK_FALSE(profile.sigma(0).has_value());
    CHECK_FALSE(profile.sigma(3).has_value());
    CHECK_FALSE(profile.sigma(-1).has_value());
}

TEST_CASE("after fourteen more sessions the old ones are forgotten, missing ones count nowhere") {
    NoiseProfile profile(3);
    for (int i = 0; i < 5; ++i) play(profile, 150.0);
    for (int i = 0; i < 7; ++i) play(profile, 101.0);
    for (int i = 0; i < 2; ++i) profile.roll_session();
    CHECK(*profile.sigma(1) == doctest::Approx((5 * 0.5 + 7 * 0.01) / 12));
    for (int i = 0; i < 5; ++i) play(profile, 101.0);
    CHECK(*profile.sigma(1) == doctest::Approx(0.01));
}

TEST_CASE("the position is measured from the farther of open and previous close") {
    NoiseInputs inputs{
        .open = price(100.0), .previous_close = price(98.0), .price = price(102.0), .sigma = 0.01};
    CHECK(noise_position(inputs, BreakoutSide::Up) == doctest::Approx(2.0));
    inputs.price = price(96.04);
    CHECK(noise_position(inputs, BreakoutSide::Down) == doctest::Approx(2.0));
    CHECK(noise_position(inputs, BreakoutSide::Up) < 0.0);
}
