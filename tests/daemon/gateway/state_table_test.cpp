#include "daemon/gateway/state_table.hpp"

#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"

using namespace spill;

namespace {

StateTable::Row row(SignalType type, const std::string& key, std::uint64_t offset = 1) {
    StateTable::Row out;
    out.type = type;
    out.key = FixedText<56>(key);
    out.offset = offset;
    return out;
}

}  // namespace

TEST_CASE("the table holds what was said last about every key of every type") {
    StateTable table(200);
    std::map<std::pair<SignalType, std::string>, std::string> expected;
    std::mt19937 random(7);
    for (std::uint64_t i = 1; i < 5000; ++i) {
        auto const type = static_cast<SignalType>(random() % 6);
        std::string const key = "K" + std::to_string(random() % 30);
        std::string const body = std::to_string(i) + std::string(random() % 50, 'x');
        REQUIRE(table.put(row(type, key, i), body));
        expected[{type, key}] = body;
    }
    REQUIRE(table.rows().size() == expected.size());
    for (std::size_t i = 0; i < table.rows().size(); ++i) {
        const StateTable::Row& held = table.rows()[i];
        std::string const& body = expected.at({held.type, std::string(held.key.view())});
        CHECK(table.body(i) == body);
        CHECK(body.starts_with(std::to_string(held.offset)));
    }
}

TEST_CASE("a new key that finds no room changes nothing, a known one still does") {
    StateTable table(12);
    int fitted = 0;
    while (table.put(row(SignalType::Volume, "K" + std::to_string(fitted)), "a")) ++fitted;
    CHECK(fitted >= 12);
    CHECK(table.put(row(SignalType::Volume, "K0", 9), "b"));
    CHECK(table.body(0) == "b");
    CHECK(table.rows().size() == static_cast<std::size_t>(fitted));
}

TEST_CASE("keeping a state allocates nothing, a new key included") {
    if (!test::AllocCounter::active()) return;
    StateTable table(64);
    test::AllocCounter const counter;
    for (int i = 0; i < 64; ++i) {
        char const key[] = {'K', static_cast<char>('0' + i), '\0'};
        StateTable::Row fresh;
        fresh.key = FixedText<56>(std::string_view(key));
        CHECK(table.put(fresh, "body"));
    }
    CHECK(counter.count() == 0);
}
