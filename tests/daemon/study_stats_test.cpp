#include "daemon/study_stats.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/simulator/rng.hpp"

using namespace spill;
using namespace spill::study;

namespace {

// `days` days of `each` coin flips; all flips of a day agree when `together`.
std::vector<Observation> flips(std::size_t days, std::size_t each, bool together) {
    sim::Rng rng(11);
    std::vector<Observation> out;
    for (std::size_t day = 0; day < days; ++day) {
        bool side = rng.chance(0.5);
        for (std::size_t i = 0; i < each; ++i) {
            if (!together) side = rng.chance(0.5);
            out.push_back({day, side ? 1.0 : 0.0});
        }
    }
    return out;
}

double width(const Estimate& estimate) {
    REQUIRE(estimate.low.has_value());
    return *estimate.high - *estimate.low;
}

}  // namespace

TEST_CASE("a mean and a median are those of the sample, with its days counted") {
    std::vector<Observation> const sample{{0, 1.0}, {0, 2.0}, {2, 3.0}, {5, 10.0}};
    Resampling const how{.days = 6};
    Estimate const mean = estimate(sample, Statistic::Mean, how);
    CHECK(mean.n == 4);
    CHECK(mean.days == 3);
    CHECK(*mean.value == 4.0);
    CHECK(*estimate(sample, Statistic::Median, how).value == 2.5);
    CHECK_FALSE(mean.low.has_value());  // three days are too few for an interval
    CHECK_FALSE(estimate({}, Statistic::Mean, how).value.has_value());
}

TEST_CASE("the interval covers the value and is as wide as theory says for independent flips") {
    auto const sample = flips(200, 5, false);
    Estimate const share = estimate(sample, Statistic::Mean, {.days = 200});
    CHECK(*share.low < *share.value);
    CHECK(*share.value < *share.high);
    double const theory = 2 * 1.96 * 0.5 / std::sqrt(1000.0);
    CHECK(width(share) == doctest::Approx(theory).epsilon(0.15));
}

TEST_CASE("events that share their day widen the interval as if a day were one event") {
    Estimate const share = estimate(flips(200, 5, true), Statistic::Mean, {.days = 200});
    double const theory = 2 * 1.96 * 0.5 / std::sqrt(200.0);
    CHECK(width(share) == doctest::Approx(theory).epsilon(0.15));
}

TEST_CASE("blocks of days widen the interval when neighbouring days agree") {
    std::vector<Observation> sample;
    auto const weeks = flips(60, 1, true);
    for (const Observation& week : weeks) {
        for (std::size_t i = 0; i < 5; ++i) sample.push_back({week.day * 5 + i, week.value});
    }
    double const days = width(estimate(sample, Statistic::Mean, {.days = 300, .block = 1}));
    double const blocks = width(estimate(sample, Statistic::Mean, {.days = 300, .block = 5}));
    CHECK(blocks > 1.5 * days);
}

TEST_CASE("a difference is taken on the same drawn days, so that what both share cancels") {
    auto const a = flips(100, 1, true);
    auto b = a;
    for (Observation& row : b) row.value += 0.25;
    Estimate const gap = difference({b, a}, Statistic::Mean, {.days = 100});
    CHECK(*gap.value == doctest::Approx(0.25));
    CHECK(*gap.low == doctest::Approx(0.25));
    CHECK(*gap.high == doctest::Approx(0.25));
    CHECK_FALSE(difference({a, {}}, Statistic::Mean, {.days = 100}).value.has_value());
}

TEST_CASE("the same seed gives the same interval, another seed another one") {
    std::vector<Observation> sample;
    for (std::size_t day = 0; day < 40; ++day) {
        sample.push_back({day, std::sqrt(static_cast<double>(day))});
    }
    Estimate const one = estimate(sample, Statistic::Mean, {.days = 40, .seed = 1});
    Estimate const same = estimate(sample, Statistic::Mean, {.days = 40, .seed = 1});
    Estimate const other = estimate(sample, Statistic::Mean, {.days = 40, .seed = 2});
    CHECK(*one.low == *same.low);
    CHECK(*one.high == *same.high);
    CHECK((*one.low != *other.low || *one.high != *other.high));
}
