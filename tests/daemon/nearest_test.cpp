#include "daemon/nearest.hpp"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("an edit is an insertion, a deletion, a substitution or a swap") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("port", "port") == 0);
    CHECK(edit_distance("prt", "port") == 1);
    CHECK(edit_distance("porrt", "port") == 1);
    CHECK(edit_distance("part", "port") == 1);
    CHECK(edit_distance("prot", "port") == 1);
    CHECK(edit_distance("", "port") == 4);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("upper and lower case are the same letter") {
    CHECK(edit_distance("Kraken", "kraken") == 0);
    CHECK(edit_distance("XNYS", "xnsy") == 1);
}

TEST_CASE("the nearest word wins and the first of equals") {
    constexpr std::array<std::string_view, 4> kKnown{"threads", "wait", "log", "lag"};
    CHECK(nearest("thread", kKnown) == "threads");
    CHECK(nearest("thraeds", kKnown) == "threads");
    CHECK(nearest("lg", kKnown) == "log");
}

TEST_CASE("a word that is like nothing known gets no suggestion") {
    constexpr std::array<std::string_view, 3> kKnown{"threads", "wait", "log"};
    CHECK(nearest("colour", kKnown).empty());
    CHECK(nearest("", kKnown).empty());
    CHECK(nearest("x", kKnown).empty());
    CHECK(nearest(std::string(100'000, 'a'), kKnown).empty());
    CHECK(did_you_mean("colour", kKnown).empty());
    CHECK(did_you_mean("wiat", kKnown) == " (did you mean \"wait\"?)");
}
