#include "core/feature.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("q9 rounds half up, so that a value a hair below a threshold meets it") {
    CHECK(q9(1.5 - 1e-12) == 1.5);
    CHECK(q9(1.5 - 1e-8) < 1.5);
    CHECK(q9(-0.3000000000001) == -0.3);
    CHECK(q9(0.0) == 0.0);
}

TEST_CASE("medians of odd and even counts") {
    std::vector<double> odd{3, 1, 2};
    std::vector<double> even{4, 1, 3, 2};
    CHECK(median(odd) == 2.0);
    CHECK(median(even) == 2.5);
    CHECK(lower_median(odd) == 2.0);
    CHECK(lower_median(even) == 2.0);
    CHECK(median({}) == 0.0);
    CHECK(lower_median({}) == 0.0);
}

TEST_CASE("the effective number counts equal shares fully and dominated ones hardly") {
    CHECK(n_eff(std::array{2.0, 2.0, 2.0, 2.0}) == 4.0);
    CHECK(n_eff(std::array{1.0, 0.0, 0.0}) == 1.0);
    CHECK(n_eff(std::array{0.0, 0.0}) == 0.0);
    CHECK(n_eff({}) == 0.0);
    CHECK(n_eff(std::array{1e-200, 1e-200}) == 0.0);
}

TEST_CASE("a ramp is flat outside its bounds and linear inside") {
    CHECK(ramp(1.0, {2.0, 4.0}) == 0.0);
    CHECK(ramp(2.0, {2.0, 4.0}) == 0.0);
    CHECK(ramp(3.0, {2.0, 4.0}) == 0.5);
    CHECK(ramp(4.0, {2.0, 4.0}) == 1.0);
    CHECK(ramp(9.0, {2.0, 4.0}) == 1.0);
}
