#include "connectors/simulator/rng.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <doctest/doctest.h>

using namespace spill::sim;

TEST_CASE("the generator is xoshiro256** seeded by splitmix64") {
    // First output of splitmix64 for seed 0, as its authors publish it.
    std::uint64_t state = 0;
    CHECK(splitmix64(state) == 0xE220A8397B1DCDAFULL);
    Rng a(7);
    Rng b(7);
    Rng c(8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        std::uint64_t const value = a.next();
        CHECK(value == b.next());
        differs = differs || value != c.next();
    }
    CHECK(differs);
}

TEST_CASE("named streams of one seed are independent of each other") {
    Rng first(1, "first");
    Rng again(1, "first");
    Rng second(1, "second");
    double product = 0.0;
    for (int i = 0; i < 20'000; ++i) {
        double const x = first.normal();
        CHECK(x == again.normal());
        product += x * second.normal();
    }
    CHECK(std::abs(product / 20'000.0) < 0.03);
}

TEST_CASE("the distributions have the moments that they promise") {
    Rng rng(42);
    constexpr int kDraws = 200'000;
    double sum = 0.0, squares = 0.0, lognormal = 0.0, exponential = 0.0, counts = 0.0;
    double lowest = 1.0, highest = 0.0;
    for (int i = 0; i < kDraws; ++i) {
        double const z = rng.normal();
        sum += z;
        squares += z * z;
        lognormal += rng.lognormal(0.5);
        exponential += rng.exponential(3.0);
        counts += rng.poisson(0.3);
        double const u = rng.uniform();
        lowest = std::min(lowest, u);
        highest = std::max(highest, u);
    }
    CHECK(std::abs(sum / kDraws) < 0.01);
    CHECK(std::abs(squares / kDraws - 1.0) < 0.02);
    CHECK(std::abs(lognormal / kDraws - 1.0) < 0.01);
    CHECK(std::abs(exponential / kDraws - 3.0) < 0.05);
    CHECK(std::abs(counts / kDraws - 0.3) < 0.01);
    CHECK(lowest >= 0.0);
    CHECK(highest < 1.0);
}
