#include "daemon/evaluate_report.hpp"

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("a share has Wilson's interval and a median lies inside its own") {
    Figure const half = share_of({30, 60});
    CHECK(half.value == 0.5);
    CHECK(half.low == doctest::Approx(0.3773).epsilon(0.001));
    CHECK(half.high == doctest::Approx(0.6227).epsilon(0.001));
    CHECK_FALSE(share_of({0, 0}).known);
    Figure const median = median_of({1.0, 2.0, 3.0, 4.0, 100.0}, 1);
    CHECK(median.value == 3.0);
    CHECK(median.low <= 3.0);
    CHECK(median.high >= 3.0);
}

TEST_CASE("a gate passes on its bound, from either side") {
    CHECK(GateResult{"a", 0.75, 0.75, Bound::AtLeast}.pass());
    CHECK_FALSE(GateResult{"a", 0.74, 0.75, Bound::AtLeast}.pass());
    CHECK(GateResult{"a", 0.35, 0.35, Bound::AtMost}.pass());
    CHECK_FALSE(GateResult{"a", 0.36, 0.35, Bound::AtMost}.pass());
}
