#include "connectors/simulator/episode_path.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace spill;
using namespace spill::sim;

namespace {

ChipPath path_of(EpisodeKind kind, std::uint64_t seed) {
    Rng rng(seed);
    NoiseModel const model;
    VolumeNoise5m noise(model, kChipSpread, rng);
    ChipPathInput input;
    input.kind = kind;
    return make_chip_path(input, model, noise, rng);
}

}  // namespace

TEST_CASE("a breakout stays below its level until the push and is through it after") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        ChipPath const path = path_of(EpisodeKind::TrueBreak, seed);
        REQUIRE(path.x.size() == path.volume.size() + 1);
        auto const push = path.x.begin() + path.push_minute;
        CHECK(std::ranges::all_of(path.x.begin(), push, [](double x) { return x < 0.0; }));
        CHECK(*std::max_element(push, push + 7) >= 0.1);
    }
}

TEST_CASE("a fake and a trap are back below the level, and only the trap has volume") {
    double fake = 0.0;
    double trap = 0.0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        for (EpisodeKind const kind : {EpisodeKind::Fake, EpisodeKind::Trap}) {
            ChipPath const path = path_of(kind, seed);
            CHECK(path.x[static_cast<std::size_t>(path.push_minute) + 60] < 0.0);
            double& sum = kind == EpisodeKind::Fake ? fake : trap;
            for (int i = 0; i < 10; ++i) {
                sum += path.volume[static_cast<std::size_t>(path.push_minute + i)];
            }
        }
    }
    CHECK(trap > 1.8 * fake);
}
