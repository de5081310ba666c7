#include "connectors/simulator/episode_tokens.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace spill;
using namespace spill::sim;

TEST_CASE("a token market repeats with its seed, in order of time") {
    auto const play = [](std::uint64_t seed) {
        Registry registry;
        TokenMarket market(registry, {.seed = seed, .batch = 0, .buckets = 1, .noise = {}});
        std::vector<Event> events;
        market.next_trades(events);
        REQUIRE(!events.empty());
        for (std::size_t i = 1; i < events.size(); ++i) {
            REQUIRE(events[i - 1].ts_event <= events[i].ts_event);
        }
        std::int64_t hash = 0;
        for (const Event& event : events) {
            hash = hash * 31 % 1'000'000'007 + event.trade.price.nanos % 1'000'003;
        }
        return hash;
    };
    CHECK(play(1) == play(1));
    CHECK(play(1) != play(2));
}
