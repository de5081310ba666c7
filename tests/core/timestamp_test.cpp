#include "core/timestamp.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using namespace spill;

namespace {

std::int64_t ns_of(std::string_view text) {
    auto const at = parse_rfc3339(text);
    CAPTURE(text);
    REQUIRE(at.has_value());
    return at->ns;
}

}  // namespace

TEST_CASE("every day from 1600 to 2400 is the day after the one before") {
    CivilDate date{.year = 1600, .month = 1, .day = 1};
    std::int64_t day = days_from_civil(date);
    for (; date.year <= 2400; ++day) {
        REQUIRE(is_valid(date));
        REQUIRE(days_from_civil(date) == day);
        REQUIRE(civil_from_days(day) == date);
        CivilDate next{.year = date.year, .month = date.month, .day = date.day + 1};
        if (!is_valid(next)) next = CivilDate{.year = date.year, .month = date.month + 1, .day = 1};
        if (!is_valid(next)) next = CivilDate{.year = date.year + 1, .month = 1, .day = 1};
        date = next;
    }
    // 800 years are two cycles of 146 097 days; 2400 is a leap year of its own.
    CHECK(day - days_from_civil(CivilDate{.year = 1600, .month = 1, .day = 1}) ==
          2 * 146'097 + 366);
}

TEST_CASE("known days have their numbers and weekdays") {
    CHECK(days_from_civil(CivilDate{.year = 1970, .month = 1, .day = 1}) == 0);
    CHECK(days_from_civil(CivilDate{.year = 2000, .month = 3, .day = 1}) == 11'017);
    CHECK(days_from_civil(CivilDate{.year = 1969, .month = 12, .day = 31}) == -1);
    CHECK(civil_from_days(-719'162) == CivilDate{.year = 1, .month = 1, .day = 1});
    CHECK(iso_weekday(0) == 4);
    CHECK(iso_weekday(-1) == 3);
    CHECK(iso_weekday(-4) == 7);
    CHECK(iso_weekday(-5) == 6);
    CHECK(iso_weekday(days_from_civil(CivilDate{.year = 2026, .month = 5, .day = 26})) == 2);
    CHECK(yyyymmdd(CivilDate{.year = 2026, .month = 5, .day = 6}) == 20'260'506);
}

TEST_CASE("a date that does not exist is refused") {
    CHECK(parse_date("2024-02-29").has_value());
    CHECK(parse_date("2000-02-29").has_value());
    for (std::string_view const text :
         {"2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00",
          "0000-01-01", "2026-1-01", "2026/01/01", "2026-01-011", "20260101", "", "2026-01",
          "+026-01-01", "2026-01-3x"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_date(text).has_value());
    }
    CHECK(format_date(CivilDate{.year = 2026, .month = 5, .day = 6}) == "2026-05-06");
}

TEST_CASE("RFC 3339 is read to the nanosecond") {
    CHECK(ns_of("1970-01-01T00:00:00Z") == 0);
    CHECK(ns_of("2026-05-26T13:30:00Z") == 1'779'802'200'000'000'000);
    CHECK(ns_of("2026-05-26T13:30:00.1Z") - ns_of("2026-05-26T13:30:00Z") == 100'000'000);
    CHECK(ns_of("1970-01-01T00:00:00.123456Z") == 123'456'000);
    CHECK(ns_of("1970-01-01T00:00:00.123456789Z") == 123'456'789);
    CHECK(ns_of("1970-01-01T00:00:00.1234567899999Z") == 123'456'789);
    CHECK(ns_of("1970-01-01T00:00:00.000000000Z") == 0);
    CHECK(ns_of("1969-12-31T23:59:59.5Z") == -500'000'000);
    CHECK(ns_of("2016-12-31T23:59:60Z") == ns_of("2017-01-01T00:00:00Z"));
}

TEST_CASE("an offset moves the instant the other way") {
    CHECK(ns_of("2026-05-26T22:30:00+09:00") == ns_of("2026-05-26T13:30:00Z"));
    CHECK(ns_of("2026-05-26T09:30:00-04:00") == ns_of("2026-05-26T13:30:00Z"));
    CHECK(ns_of("2026-01-01T05:00:00.25+05:45") == ns_of("2025-12-31T23:15:00.250Z"));
    CHECK(ns_of("2026-05-26 13:30:00z") == ns_of("2026-05-26t13:30:00-00:00"));
}

TEST_CASE("what is not RFC 3339 is refused") {
    for (std::string_view const text : {"",
                                        "2026-05-26",
                                        "2026-05-26T13:30:00",
                                        "2026-05-26T13:30Z",
                                        "2026-05-26T13:30:00.Z",
                                        "2026-05-26T24:00:00Z",
                                        "2026-05-26T13:60:00Z",
                                        "2026-05-26T13:30:61Z",
                                        "2026-05-26T13:30:00+0900",
                                        "2026-05-26T13:30:00+24:00",
                                        "2026-05-26T13:30:00+09:60",
                                        "2026-05-26T13:30:00Z ",
                                        "2026-05-26T13:30:00ZZ",
                                        "2026-02-30T13:30:00Z",
                                        "2026-05-26T1:30:00Z",
                                        "2026-05-26T13:30:00.5",
                                        "2026-05-26T13:30:00,5Z",
                                        "2026-05-26_13:30:00Z",
                                        "2026-05-26T13:30:0",
                                        "2026-05-26T13:30:00+",
                                        "1779802200"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}

TEST_CASE("instants beyond 64 bits are refused, the last ones inside are read") {
    CHECK_FALSE(parse_rfc3339("0001-01-01T00:00:00Z").has_value());
    CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:59Z").has_value());
    CHECK(ns_of("2262-04-11T23:47:16.854775807Z") == std::numeric_limits<std::int64_t>::max());
    CHECK_FALSE(parse_rfc3339("2262-04-11T23:47:16.854775808Z").has_value());
    CHECK_FALSE(parse_rfc3339("1677-09-21T00:12:42Z").has_value());
    CHECK(ns_of("1677-09-21T00:12:43.145224192Z") == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(parse_rfc3339("1677-09-21T00:12:43.145224191Z").has_value());
}

TEST_CASE("format_rfc3339 writes the fewest exact digits") {
    CHECK(format_rfc3339(UnixNanos{0}) == "1970-01-01T00:00:00Z");
    CHECK(format_rfc3339(UnixNanos{1'779'802'200'000'000'000}) == "2026-05-26T13:30:00Z");
    CHECK(format_rfc3339(UnixNanos{120'000'000}) == "1970-01-01T00:00:00.120Z");
    CHECK(format_rfc3339(UnixNanos{123'456'000}) == "1970-01-01T00:00:00.123456Z");
    CHECK(format_rfc3339(UnixNanos{1}) == "1970-01-01T00:00:00.000000001Z");
    CHECK(format_rfc3339(UnixNanos{-1}) == "1969-12-31T23:59:59.999999999Z");
    CHECK(format_rfc3339(UnixNanos{std::numeric_limits<std::int64_t>::min()}) ==
          "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("an instant survives the round trip through text") {
    std::uint64_t state = 88'172'645'463'325'252;
    std::array<char, kMaxRfc3339Text> text;
    for (int round = 0; round < 20'000; ++round) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        UnixNanos const at{static_cast<std::int64_t>(state)};
        std::size_t const size = format_rfc3339(at, text.data());
        REQUIRE(size <= kMaxRfc3339Text);
        REQUIRE(parse_rfc3339(std::string_view(text.data(), size)) == at);
    }
}
