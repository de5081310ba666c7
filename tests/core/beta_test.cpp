#include "core/beta.hpp"

#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

TEST_CASE("G12: beta and correlation of eight steps with a half-life of ten") {
    EwmaBeta beta(10.0);
    std::array const xs{.001, -.002, .0015, .003, -.001, .002, -.0005, .001};
    std::array const ys{.0018, -.0025, .0021, .0052, -.0012, .0031, -.0004, .0010};
    for (std::size_t i = 0; i < xs.size(); ++i) beta.add({.market = xs[i], .asset = ys[i]});
    CHECK(std::abs(*beta.beta() - golden::kG12Beta) < golden::kTolerance);
    CHECK(std::abs(*beta.correlation() - golden::kG12Correlation) < golden::kTolerance);
    CHECK(beta.samples() == 8);
}

TEST_CASE("few samples give a provisional beta of one, many a clipped one") {
    BetaParams const params;
    EwmaBeta beta(780.0);
    CHECK_FALSE(beta.beta().has_value());
    CHECK_FALSE(beta.correlation().has_value());
    for (int i = 0; i < 199; ++i) beta.add({.market = i % 2 == 0 ? .001 : -.001, .asset = .0});
    CHECK(beta.usable(params).provisional);
    CHECK(beta.usable(params).value == 1.0);
    beta.add({.market = .001, .asset = .0});
    CHECK_FALSE(beta.usable(params).provisional);
    CHECK(beta.usable(params).value == 0.0);
    for (int i = 0; i < 4000; ++i) beta.add({.market = .001, .asset = .02});
    CHECK(*beta.beta() > 10.0);
    CHECK(beta.usable(params).value == params.max_beta);
    for (int i = 0; i < 9000; ++i) beta.add({.market = .001, .asset = -.02});
    CHECK(beta.usable(params).value == 0.0);
}
