#include "daemon/config_value.hpp"

#include <stdlib.h>  // setenv

#include <chrono>
#include <string>

#include <doctest/doctest.h>

using namespace spill;
using namespace std::chrono_literals;

TEST_CASE("a duration has a unit") {
    CHECK(*parse_duration("2 s") == 2s);
    CHECK(*parse_duration("2s") == 2s);
    CHECK(*parse_duration("250 ms") == 250ms);
    CHECK(*parse_duration("15 min") == 15min);
    CHECK(*parse_duration("1.5 h") == 90min);
    CHECK(*parse_duration("2 d") == 48h);
    CHECK(*parse_duration("7 us") == 7us);
    CHECK(*parse_duration("0") == 0s);
    CHECK(parse_duration("2").error().message == "\"2\" needs a unit: ns, us, ms, s, min, h, d");
    CHECK(parse_duration("2 m").error().message ==
          "wrong unit \"m\", use one of: ns, us, ms, s, min, h, d");
    CHECK(parse_duration("soon").error().code == Errc::InvalidArgument);
    CHECK(parse_duration("").error().code == Errc::InvalidArgument);
    CHECK(parse_duration("1.2.3 s").error().code == Errc::InvalidArgument);
    CHECK(parse_duration("999999999 d").error().code == Errc::OutOfRange);
}

TEST_CASE("a size has a unit") {
    CHECK(*parse_bytes("64 KiB") == 65'536);
    CHECK(*parse_bytes("1 MiB") == 1'048'576);
    CHECK(*parse_bytes("12 B") == 12);
    CHECK(parse_bytes("64 KB").error().message ==
          "wrong unit \"KB\", use one of: B, KiB, MiB, GiB");
    CHECK(parse_bytes("64").error().code == Errc::InvalidArgument);
}

TEST_CASE("durations and sizes print in the largest unit without a fraction") {
    CHECK(format_duration(2s) == "2 s");
    CHECK(format_duration(90min) == "90 min");
    CHECK(format_duration(120min) == "2 h");
    CHECK(format_duration(1500ms) == "1500 ms");
    CHECK(format_duration(0s) == "0 s");
    CHECK(format_bytes(65'536) == "64 KiB");
    CHECK(format_bytes(65'537) == "65537 B");
    for (auto const value : {1ns, 999ns, 1'000ns, 86'400'000'000'000ns}) {
        CHECK(*parse_duration(format_duration(value)) == value);
    }
}

TEST_CASE("a number is the whole text and finite") {
    CHECK(*parse_number("1.5") == 1.5);
    CHECK(*parse_number("-2") == -2);
    CHECK(*parse_number("+3") == 3);
    CHECK(*parse_number("1e3") == 1000);
    for (char const* const text : {"", "1,5", "1.5x", "x", "nan", "inf", "1e999", " 1", "0x10"}) {
        INFO(text);
        CHECK_FALSE(parse_number(text).has_value());
    }
    CHECK(*parse_integer("-12") == -12);
    CHECK_FALSE(parse_integer("1.0").has_value());
    CHECK_FALSE(parse_integer("99999999999999999999").has_value());
    CHECK(*parse_number(format_number(1.0 / 3.0)) == 1.0 / 3.0);
}

TEST_CASE("a flag is true or false and nothing else") {
    CHECK(*parse_flag("true"));
    CHECK_FALSE(*parse_flag("false"));
    CHECK_FALSE(parse_flag("yes").has_value());
    CHECK_FALSE(parse_flag("True").has_value());
}

TEST_CASE("a value may refer to the environment") {
    REQUIRE(::setenv("SPILL_TEST_SET", "value", 1) == 0);
    REQUIRE(::setenv("SPILL_TEST_EMPTY", "", 1) == 0);
    REQUIRE(::unsetenv("SPILL_TEST_UNSET") == 0);
    CHECK(*expand_environment("a ${SPILL_TEST_SET} b ${SPILL_TEST_SET}") == "a value b value");
    CHECK(expand_environment("${SPILL_TEST_EMPTY}")->empty());
    CHECK(*expand_environment("${SPILL_TEST_UNSET:-fallback}") == "fallback");
    CHECK(*expand_environment("${SPILL_TEST_EMPTY:-fallback}") == "fallback");
    CHECK(*expand_environment("${SPILL_TEST_SET:-fallback}") == "value");
    CHECK(*expand_environment("${SPILL_TEST_SET:?give it}") == "value");
    CHECK(expand_environment("${SPILL_TEST_UNSET:?give it}").error().message ==
          "SPILL_TEST_UNSET: give it");
    CHECK(expand_environment("${SPILL_TEST_UNSET}").error().message ==
          "the environment variable SPILL_TEST_UNSET is not set; set it or write "
          "${SPILL_TEST_UNSET:-default}");
}

TEST_CASE("two dollar signs are one and a broken reference is an error") {
    CHECK(*expand_environment("$$5 and $6") == "$5 and $6");
    CHECK(*expand_environment("$${HOME}") == "${HOME}");
    CHECK(expand_environment("${HOME").error().code == Errc::InvalidArgument);
    CHECK(expand_environment("${}").error().code == Errc::InvalidArgument);
    CHECK(expand_environment("${A-B}").error().code == Errc::InvalidArgument);
}
