#include "daemon/gateway/filter.hpp"

#include <cmath>
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

TEST_CASE("thresholds withhold what is worth less, but never how something ended") {
    SignalFilter filter;
    SubscriberRequest request;
    request.types = kBreakout | kVolume;
    request.min_rank[0] = state_rank(SignalType::Breakout, "confirmed");
    request.min_score = 0.5;
    filter.set_thresholds(request);
    auto const breakout = [](const char* state, const char* prev) {
        return worth_of(SignalType::Breakout, state, prev, NAN);
    };
    CHECK_FALSE(filter.worthy(SignalType::Breakout, breakout("triggered", "armed")));
    CHECK(filter.worthy(SignalType::Breakout, breakout("confirmed", "triggered")));
    CHECK(filter.worthy(SignalType::Breakout, breakout("failed", "confirmed")));
    CHECK_FALSE(filter.worthy(SignalType::Breakout, breakout("failed", "triggered")));
    auto const volume = [](const char* state, const char* prev, double score) {
        return worth_of(SignalType::Volume, state, prev, score);
    };
    CHECK_FALSE(filter.worthy(SignalType::Volume, volume("confirmed", "building", 0.4)));
    CHECK(filter.worthy(SignalType::Volume, volume("confirmed", "building", 0.6)));
    CHECK(filter.worthy(SignalType::Volume, volume("faded", "confirmed", 0.1)));
    CHECK(filter.worthy(SignalType::Rotation, worth_of(SignalType::Rotation, "on", "off", 0.1)));
}

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
    for (std::size_t i = 0; i < kMaxFilterKeys; ++i) keys.push_back("K" + std::to_string(i));
    REQUIRE(filter.add(kBreakout, keys));
    CHECK(filter.add(kBreakout, keys));
    CHECK_FALSE(filter.add(kBreakout | kVolume, Keys{"one more"}));
    CHECK_FALSE(filter.matches(SignalType::Breakout, "one more"));
    CHECK_FALSE(filter.matches(SignalType::Volume, "one more"));
}
