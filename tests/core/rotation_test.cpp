#include "core/rotation.hpp"

#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<Rotation>);

namespace {

std::array<RotationToken, 5> const kTokens{{{.031, 1.3, .012, true},
                                            {.024, 1.2, .011, true},
                                            {.009, 1.1, .010, false},
                                            {.018, 1.4, .013, true},
                                            {-.002, 1.2, .012, false}}};

struct Context {
    double r60_btc;
    ThemeView view;
};

std::array<Context, 5> const kContexts{{{.001, {Theme::Up, true, 0.1, false}},
                                        {.022, {Theme::Up, true, 0.1, false}},
                                        {.001, {Theme::Up, false, 7.0, false}},
                                        {.001, {Theme::Up, false, 40.0, false}},
                                        {.001, {Theme::Down, true, 0.5, false}}}};

}  // namespace

TEST_CASE("G10: a bucket beyond BTC is on, a BTC wave is not, and chips agree or not") {
    RotationParams const params;
    for (std::size_t i = 0; i < kContexts.size(); ++i) {
        golden::RotationRow const& row = golden::kG10[i];
        INFO(row.name);
        RotationReading const r = rotation(kTokens, kContexts[i].r60_btc, params);
        CHECK(r.enter == row.on);
        CHECK(r.n == 5);
        CHECK(r.real == row.real);
        CHECK(std::abs(r.breadth - row.breadth) < golden::kTolerance);
        CHECK(std::abs(r.median_z - row.median_z) < golden::kTolerance);
        CHECK(std::abs(r.n_eff - row.n_eff) < golden::kTolerance);
        if (row.on) {
            CHECK(to_string(cross_of(kContexts[i].view, params)) == std::string_view(row.cross));
        }
    }
}

TEST_CASE("two tokens are insufficient and say nothing") {
    RotationReading const r = rotation(std::span(kTokens).first(2), .001, RotationParams{});
    CHECK_FALSE(r.sufficient);
    CHECK_FALSE(r.enter);
    CHECK_FALSE(r.leave);
}

TEST_CASE("a third of the bucket must be real, and two at least") {
    RotationParams const params;
    for (std::size_t n : {3U, 6U, 7U, 9U, 12U}) {
        std::size_t const needed = n <= 6 ? 2 : (n + 2) / 3;
        std::vector<RotationToken> tokens(n, {.03, 1.0, .01, false});
        for (std::size_t i = 0; i < needed; ++i) tokens[i].confirmed = true;
        INFO(n);
        CHECK(rotation(tokens, 0.0, params).enter);
        tokens[0].confirmed = false;
        CHECK_FALSE(rotation(tokens, 0.0, params).enter);
    }
}

TEST_CASE("derivatives alone give a confirmation of their own name") {
    RotationParams const params;
    ThemeView view{Theme::Up, true, 0.0, true};
    CHECK(cross_of(view, params) == Cross::ConfirmedDerivative);
    view.live = false;
    view.age_hours = 20.0;
    CHECK(cross_of(view, params) == Cross::ConfirmedCarried);
    view.age_hours = 20.1;
    CHECK(cross_of(view, params) == Cross::None);
    view = {Theme::Mixed, true, 0.0, false};
    CHECK(cross_of(view, params) == Cross::None);
}

TEST_CASE("the theme is up with a leader and its group, down after a leader failed") {
    CHECK(theme_of({}) == Theme::Mixed);
    CHECK(theme_of({.leader_up = true}) == Theme::Mixed);
    CHECK(theme_of({.leader_up = true, .broad_up = true}) == Theme::Up);
    CHECK(theme_of({.leader_up = true, .leader_failed = true}) == Theme::Down);
    CHECK(theme_of({.broad_down = true}) == Theme::Down);
    CHECK(theme_of({.leader_up = true, .broad_up = true, .leader_failed = true}) == Theme::Up);
}

TEST_CASE("on after five minutes, off after fifteen, and a changed cross is said again") {
    RotationParams const params;
    RotationReading const good = rotation(kTokens, .001, params);
    RotationReading const bad = rotation(kTokens, .022, params);
    REQUIRE(bad.leave);
    Rotation machine;
    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(machine.minute(good, Cross::None, params).has_value());
    }
    auto const on = machine.minute(good, Cross::ConfirmedLive, params);
    REQUIRE(on.has_value());
    CHECK(on->on);
    CHECK_FALSE(on->was_on);
    CHECK(on->cross == Cross::ConfirmedLive);
    CHECK_FALSE(machine.minute(good, Cross::ConfirmedLive, params).has_value());
    auto const changed = machine.minute(good, Cross::ConfirmedCarried, params);
    REQUIRE(changed.has_value());
    CHECK(changed->on);
    CHECK(changed->was_on);
    for (int i = 0; i < 14; ++i) {
        CHECK_FALSE(machine.minute(bad, Cross::ConfirmedCarried, params).has_value());
    }
    auto const off = machine.minute(bad, Cross::ConfirmedCarried, params);
    REQUIRE(off.has_value());
    CHECK_FALSE(off->on);
    CHECK(off->was_on);
    CHECK_FALSE(machine.minute(bad, Cross::None, params).has_value());
}

TEST_CASE("tokens that only fall less than BTC are not real") {
    RotationParams const params;
    std::vector<RotationToken> tokens(5, {-.005, 1.0, .01, true});
    RotationReading const r = rotation(tokens, -.03, params);
    CHECK(r.breadth == 1.0);
    CHECK(r.real == 0);
    CHECK_FALSE(r.enter);
    CHECK(r.leave);
}
