#include "connectors/simulator/curve.hpp"

#include <doctest/doctest.h>

using spill::sim::Curve;

TEST_CASE("a curve is linear between its knots and constant outside them") {
    Curve const curve({{10.0, 1.0}, {20.0, 3.0}, {40.0, 2.0}});
    CHECK(curve.at(0.0) == 1.0);
    CHECK(curve.at(15.0) == doctest::Approx(2.0));
    CHECK(curve.at(20.0) == doctest::Approx(3.0));
    CHECK(curve.at(30.0) == doctest::Approx(2.5));
    CHECK(curve.at(99.0) == 2.0);
    CHECK(Curve().at(5.0, 7.0) == 7.0);
}
