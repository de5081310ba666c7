#include "connectors/simulator/episode.hpp"

#include <cmath>
#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace spill;
using namespace spill::sim;

TEST_CASE("a class is found by its name, or by its scenario's first row") {
    REQUIRE(find_episode_class("S7") != nullptr);
    CHECK(find_episode_class("S7")->name == "organic x6");
    REQUIRE(find_episode_class("organic x3") != nullptr);
    CHECK(find_episode_class("organic x3")->multiple == 3.0);
    CHECK(find_episode_class("S99") == nullptr);
    CHECK(find_episode_class("") == nullptr);
    std::set<std::string_view> names;
    for (const EpisodeClass& row : episode_classes()) names.insert(row.name);
    CHECK(names.size() == episode_classes().size());
}

TEST_CASE("volume noise has the standard deviation of its three parts and follows the scale") {
    auto const sd_of = [](double scale) {
        Rng rng(5);
        double sum = 0.0;
        double squares = 0.0;
        constexpr int kDays = 4'000;
        VolumeNoise5m noise({scale, 0.7}, kTokenSpread, rng);
        for (int day = 0; day < kDays; ++day) {
            noise.next_day(rng);
            double const value = std::log(noise.next_slot(rng));
            sum += value;
            squares += value * value;
        }
        return std::sqrt(squares / kDays - sum * sum / kDays / kDays);
    };
    CHECK(sd_of(1.0) == doctest::Approx(std::sqrt(0.09 + 0.2025 + 0.25)).epsilon(0.05));
    CHECK(sd_of(0.5) == doctest::Approx(0.5 * std::sqrt(0.09 + 0.2025 + 0.25)).epsilon(0.05));
}

TEST_CASE("round sizes are one, two or five times a power of ten") {
    CHECK(round_size(1.3) == doctest::Approx(1.0));
    CHECK(round_size(1.6) == doctest::Approx(2.0));
    CHECK(round_size(33.0) == doctest::Approx(50.0));
    CHECK(round_size(0.08) == doctest::Approx(0.1));
}

TEST_CASE("print sizes add up to about the volume") {
    Rng rng(3);
    double sum = 0.0;
    for (int i = 0; i < 200; ++i) {
        PrintSizes const sizes = draw_sizes(1'000.0, 20, rng);
        CHECK(sizes.count == 20);
        for (int k = 0; k < sizes.count; ++k) sum += sizes.size[static_cast<std::size_t>(k)];
    }
    CHECK(sum / 200.0 == doctest::Approx(1'000.0).epsilon(0.1));
}
