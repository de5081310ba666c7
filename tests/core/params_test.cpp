#include "core/params.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include <doctest/doctest.h>

#include "core/param_table.hpp"

using namespace spill;

TEST_CASE("every default lies within its range and has a unit and a meaning") {
    Params params;
    std::size_t count = 0;
    std::set<std::string> names;
    for_each_param(params, [&](const char* name, auto& value, const char* unit, auto min, auto max,
                               const char* doc) {
        static_assert(std::is_same_v<std::remove_reference_t<decltype(value)>, decltype(min)> ||
                      std::is_same_v<std::remove_reference_t<decltype(value)>, std::int32_t>);
        INFO(name);
        ++count;
        CHECK(names.insert(name).second);
        CHECK(min < max);
        CHECK(value >= min);
        CHECK(value <= max);
        CHECK(std::string_view(unit).size() > 0);
        CHECK(std::string_view(doc).size() > 5);
    });
    CHECK(count == kParamCount);
}

TEST_CASE("the table reaches every member of Params") {
    // Each parameter is eight bytes or four; what the table visits plus padding is the struct.
    Params params;
    std::size_t bytes = 0;
    for_each_param(params, [&](const char*, auto& value, const char*, auto, auto, const char*) {
        bytes += sizeof(value);
        value = std::remove_reference_t<decltype(value)>(1);
    });
    CHECK(bytes <= sizeof(Params));
    // At most one padding hole of four bytes per run of integers: twelve rules, a few runs each.
    CHECK(sizeof(Params) - bytes < 100);
    CHECK(params.breakout.rvol15 == 1.0);
    CHECK(params.unwind.agents_factor == 1.0);
}

TEST_CASE("a const Params can be enumerated") {
    Params const params;
    double sum = 0.0;
    for_each_param(params,
                   [&](const char* name, const auto& value, const char*, auto, auto, const char*) {
                       if (std::string_view(name) == "breakout.hold_minutes")
                           sum = static_cast<double>(value);
                   });
    CHECK(sum == 15.0);
}

TEST_CASE("the defaults do not conflict, and a reversed ramp is named") {
    Params params;
    CHECK(find_conflict(params) == nullptr);
    params.volume.churn_lo = 5.0;
    REQUIRE(find_conflict(params) != nullptr);
    CHECK(std::string_view(find_conflict(params)).find("volume.churn_lo") !=
          std::string_view::npos);
    params = Params{};
    params.tape.pair_hi = 0.05;
    REQUIRE(find_conflict(params) != nullptr);
    CHECK(std::string_view(find_conflict(params)).find("tape.pair_hi") != std::string_view::npos);
    params = Params{};
    params.unwind.warning = 0.2;
    REQUIRE(find_conflict(params) != nullptr);
    CHECK(std::string_view(find_conflict(params)).find("unwind.warning") != std::string_view::npos);
}
