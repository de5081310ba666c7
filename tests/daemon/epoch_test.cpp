#include "daemon/epoch.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("an epoch is 16 hex digits, another one at every start") {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        std::string const epoch = new_epoch();
        CHECK(epoch.size() == 16);
        CHECK(epoch.find_first_not_of("0123456789abcdef") == std::string::npos);
        seen.insert(epoch);
    }
    CHECK(seen.size() == 1000);
}

TEST_CASE("the seed is a function of the epoch") {
    CHECK(seed_from("0123456789abcdef") == seed_from("0123456789abcdef"));
    CHECK(seed_from("0123456789abcdef") != seed_from("0123456789abcdee"));
    CHECK(seed_from("ab") != seed_from("ba"));
    CHECK(seed_from("") != seed_from("0"));
}
