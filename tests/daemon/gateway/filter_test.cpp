#include "daemon/gateway/filter.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

using Keys = std::vector<std::string>;
const Keys kNoKeys;
constexpr TypeMask kBreakout = type_bit(SignalType::Breakout);
constexpr TypeMask kVolume = type_bit(SignalType::Volume);

}  // namespace

TEST_CASE("a new filter wants nothing") {
    SignalFilter const filter;
    CHECK(filter.empty());
    CHECK_FALSE(filter.matches(SignalType::Breakout, "MU|PD|up"));
}

TEST_CASE("a key names one signal or all of its instrument or group") {
    CHECK(key_matches("MU", "MU"));
    CHECK(key_matches("MU", "MU|PD|up"));
    CHECK(key_matches("MU|PD", "MU|PD|up"));
    CHECK(key_matches("memory", "memory@XNYS"));
    CHECK_FALSE(key_matches("MU", "MUX|PD|up"));
    CHECK_FALSE(key_matches("MU", "MU.P|PD|up"));
    CHECK_FALSE(key_matches("MU|P", "MU|PD|up"));
    CHECK_FALSE(key_matches("MU|PD|up", "MU"));
}

TEST_CASE("keys narrow their types only, and a whole type outranks its keys") {
    SignalFilter filter;
    REQUIRE(filter.add(kBreakout, Keys{"MU"}));
    REQUIRE(filter.add(kVolume, kNoKeys));
    CHECK(filter.matches(SignalType::Breakout, "MU|PD|up"));
    CHECK_FALSE(filter.matches(SignalType::Breakout, "NVDA|PD|up"));
    CHECK(filter.matches(SignalType::Volume, "TAO"));
    CHECK_FALSE(filter.matches(SignalType::Health, "TAO"));
    REQUIRE(filter.add(kBreakout, kNoKeys));
    CHECK(filter.matches(SignalType::Breakout, "NVDA|PD|up"));
    REQUIRE(filter.add(kBreakout, Keys{"MU"}));
    CHECK(filter.matches(SignalType::Breakout, "NVDA|PD|up"));
}

TEST_CASE("what is taken out is no longer wanted") {
    SignalFilter filter;
    REQUIRE(filter.add(kBreakout, Keys{"MU", "NVDA"}));
    REQUIRE(filter.add(kVolume, kNoKeys));
    REQUIRE(filter.remove(kBreakout, Keys{"MU"}));
    CHECK_FALSE(filter.matches(SignalType::Breakout, "MU"));
    CHECK(filter.matches(SignalType::Breakout, "NVDA"));
    CHECK_FALSE(filter.remove(kVolume, Keys{"TAO"}));
    CHECK_FALSE(filter.remove(type_bit(SignalType::Health), Keys{"TAO"}));
    REQUIRE(filter.remove(kBreakout, Keys{"NVDA"}));
    REQUIRE(filter.remove(kAllTypes, kNoKeys));
    CHECK(filter.empty());
}

TEST_CASE("more keys than allowed change nothing") {
    SignalFilter filter;
    Keys keys;
    for (std::size_t i = 0; i < kMaxKeys; ++i) keys.push_back("K" + std::to_string(i));
    REQUIRE(filter.add(kBreakout, keys));
    CHECK(filter.add(kBreakout, keys));
    CHECK_FALSE(filter.add(kBreakout | kVolume, Keys{"one more"}));
    CHECK_FALSE(filter.matches(SignalType::Breakout, "one more"));
    CHECK_FALSE(filter.matches(SignalType::Volume, "one more"));
}
