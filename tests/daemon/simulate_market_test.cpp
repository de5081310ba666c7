#include "daemon/simulate_market.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "daemon/calendar_file.hpp"

using namespace spill;

TEST_CASE("every scenario but the unwind chain can be recorded, and every class by its name") {
    auto const words = recordable();
    for (std::string_view const word :
         {"S1", "S6", "S7", "S14", "S16", "S22", "burst x8", "split"}) {
        CHECK_MESSAGE(std::ranges::count(words, word) == 1, word);
    }
    CHECK(std::ranges::count(words, std::string_view("S15")) == 0);
}

TEST_CASE("what is planted is told in the terms of the signals") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    auto const fake = std::make_unique<Recording>();
    record({"S3", 1, 1.0, 2}, *calendars, *fake);
    REQUIRE(fake->truth.size() == 2);
    CHECK(fake->truth[0].key == "E00|PD|up");
    CHECK(fake->truth[0].expect == std::vector<std::string>{"triggered", "failed"});
    CHECK(fake->truth[0].forbid == std::vector<std::string>{"confirmed"});
    CHECK(fake->truth[0].start > fake->from);
    auto const halt = std::make_unique<Recording>();
    record({"S16", 1, 1.0, 2}, *calendars, *halt);
    REQUIRE(halt->truth.size() == 2);
    CHECK(halt->truth[1].scenario == "S16");
    CHECK(halt->truth[1].deadline > halt->truth[1].start);
}
