// What is planted, and when.
#include <doctest/doctest.h>

#include "connectors/simulator/episode_tokens.hpp"

using namespace spill;
using namespace spill::sim;

TEST_CASE("a plan starts in the hour after the history and ends inside of the play") {
    Registry registry;
    TokenMarket market(registry, {.seed = 1, .batch = 0, .buckets = 2, .noise = {}});
    for (const EpisodeClass& what : episode_classes()) {
        if (is_chip(what.kind) || what.kind == EpisodeKind::Unwind) continue;
        TokenMarket planted = market;
        planted.plant(what);
        for (int i = 0; i < planted.size(); ++i) {
            const TokenTruth& truth = planted.truth(i);
            CHECK(truth.start >= planted.play_start());
            CHECK(truth.start.ns < planted.play_start().ns + 60 * kNanosPerMinute);
            CHECK(truth.deadline > truth.start);
            CHECK(truth.deadline < planted.play_end());
        }
    }
}
