#include "core/unwind.hpp"

#include <cmath>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<Unwind>);

namespace {

UnixNanos hours(double h) {
    return UnixNanos{static_cast<std::int64_t>(std::llround((1000.0 + h) * 3600e9))};
}

}  // namespace

TEST_CASE("G11: the score decays with six hours and the levels follow with hysteresis") {
    UnwindParams const params;
    Unwind unwind;
    int level = 0;
    std::size_t fed = 0;
    for (auto const& row : golden::kG11) {
        INFO(row.hour);
        if (fed == 0 && row.hour >= 0.0) {
            unwind.event(hours(0.0), UnwindKind::FailPd, 1.0, params);
            ++fed;
        }
        if (fed == 1 && row.hour >= 1.0) {
            unwind.event(hours(1.0), UnwindKind::FailOr, params.unconfirmed_factor, params);
            ++fed;
        }
        if (fed == 2 && row.hour >= 3.0) {
            unwind.event(hours(3.0), UnwindKind::RotationOff, 1.0, params);
            ++fed;
        }
        UnwindStanding const standing{.broad_down = row.broad_down, .token_sell = row.token_sell};
        double const score = unwind.read(hours(row.hour), standing, params).score;
        bool const falling = row.hour >= 2.0 && row.hour <= 7.0;
        level = unwind_level(score, level, falling, params);
        CHECK(std::abs(score - row.score) < golden::kTolerance);
        CHECK(level == row.level);
    }
    CHECK(fed == 3);
}

TEST_CASE("of one kind only the strongest event counts, now and later") {
    UnwindParams const params;
    Unwind a, b;
    a.event(hours(0), UnwindKind::FailD20, 1.0, params);
    b.event(hours(0), UnwindKind::FailD20, 1.0, params);
    b.event(hours(1), UnwindKind::FailD20, 0.5, params);
    CHECK(a.read(hours(9), {}, params).score == b.read(hours(9), {}, params).score);
    b.event(hours(7), UnwindKind::FailD20, 0.5, params);
    CHECK(b.read(hours(7), {}, params).score == doctest::Approx(0.25));
    CHECK(b.read(hours(13), {}, params).score == doctest::Approx(0.125));
}

TEST_CASE("each kind contributes its own weight") {
    UnwindParams const params;
    for (std::size_t k = 0; k < kUnwindKinds; ++k) {
        Unwind unwind;
        auto const kind = static_cast<UnwindKind>(k);
        unwind.event(hours(0), kind, 1.0, params);
        UnwindReading const r = unwind.read(hours(0), {}, params);
        CHECK(r.score == doctest::Approx(unwind_weight(kind, params)));
        CHECK(r.parts[k] == unwind_weight(kind, params));
    }
    Unwind quiet;
    CHECK(quiet.read(hours(0), {.down_break = true}, params).score ==
          doctest::Approx(params.down_break));
}

TEST_CASE("the bucket factor raises the score, at most to one") {
    UnwindParams const params;
    Unwind unwind;
    unwind.event(hours(0), UnwindKind::FailPd, 1.0, params);
    CHECK(unwind.read(hours(0), {}, params, params.agents_factor).score == doctest::Approx(0.5));
    CHECK(unwind.read(hours(0), {}, params, 5.0).score == 1.0);
}

TEST_CASE("level three needs falling tokens to enter and to stay") {
    UnwindParams const params;
    CHECK(unwind_level(0.9, 0, false, params) == 2);
    CHECK(unwind_level(0.9, 0, true, params) == 3);
    CHECK(unwind_level(0.66, 3, true, params) == 3);
    CHECK(unwind_level(0.66, 3, false, params) == 2);
    CHECK(unwind_level(0.46, 2, false, params) == 2);
    CHECK(unwind_level(0.44, 2, false, params) == 1);
    CHECK(unwind_level(0.46, 1, false, params) == 1);
    CHECK(unwind_level(0.19, 1, false, params) == 0);
}

TEST_CASE("a level changes after ten minutes that all ask for it, to the nearest of them") {
    UnwindParams const params;
    Unwind unwind;
    for (int i = 0; i < 9; ++i) CHECK_FALSE(unwind.minute(0.8, true, params).has_value());
    CHECK_FALSE(unwind.minute(0.1, true, params).has_value());
    for (int i = 0; i < 9; ++i) {
        CHECK_FALSE(unwind.minute(i == 4 ? 0.4 : 0.8, true, params).has_value());
    }
    auto const first = unwind.minute(0.8, true, params);
    REQUIRE(first.has_value());
    CHECK(first->level == 1);
    CHECK(first->prev == 0);
    std::vector<int> levels;
    for (int i = 0; i < 10; ++i) {
        if (auto const edge = unwind.minute(0.8, true, params)) levels.push_back(edge->level);
    }
    CHECK(levels == std::vector<int>{3});
    for (int i = 0; i < 10; ++i) unwind.minute(0.0, false, params);
    CHECK(unwind.level() == 0);
}
