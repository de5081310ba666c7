#include "core/gate.hpp"

#include <cstddef>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("all gates pass only when each one does") {
    Gates gates;
    CHECK(gates.all_pass());
    gates.add({.name = "a", .value = 2.0, .bound = 1.0, .pass = true});
    CHECK(gates.all_pass());
    gates.add({.name = "b", .value = 0.0, .bound = 1.0, .known = false});
    CHECK_FALSE(gates.all_pass());
    CHECK(gates.size() == 2);
}

TEST_CASE("gates beyond the capacity are dropped, not written elsewhere") {
    Gates gates;
    for (std::size_t i = 0; i < 2 * kMaxGates; ++i) {
        gates.add({.name = "g", .value = static_cast<double>(i), .pass = true});
    }
    REQUIRE(gates.size() == kMaxGates);
    CHECK(gates.begin()[kMaxGates - 1].value == static_cast<double>(kMaxGates - 1));
}
