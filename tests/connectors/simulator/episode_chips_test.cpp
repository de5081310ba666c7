#include "connectors/simulator/episode_chips.hpp"

#include <doctest/doctest.h>

using namespace spill::sim;

TEST_CASE("episodes are named by kind and number, so that names sort as they are made") {
    CHECK(episode_name('E', 7) == "E07");
    CHECK(episode_name('T', 42) == "T42");
    CHECK(episode_name('B', 123) == "B123");
}

TEST_CASE("a calendar that does not know the day is refused") {
    spill::Registry registry;
    spill::Calendar const empty = spill::Calendar::from_sessions({}).value();
    ChipMarketConfig config;
    config.calendar = &empty;
    CHECK_THROWS(ChipMarket(registry, config));
}
