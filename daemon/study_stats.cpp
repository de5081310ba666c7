#include "daemon/study_stats.hpp"

#include <algorithm>
#include <numeric>

#include "connectors/simulator/rng.hpp"

namespace spill::study {
namespace {

std::optional<double> apply(std::vector<double>& values, Statistic statistic) {
    if (values.empty()) return std::nullopt;
    switch (statistic) {
        case Statistic::Mean:
            return std::accumulate(values.begin(), values.end(), 0.0) /
                   static_cast<double>(values.size());
        case Statistic::Median: break;
    }
    auto const half = static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), values.begin() + half, values.end());
    double const upper = values[static_cast<std::size_t>(half)];
    if (values.size() % 2 == 1) return upper;
    return (upper + *std::max_element(values.begin(), values.begin() + half)) / 2.0;
}

// The observations of each day of the study.
class ByDay {
public:
    ByDay(std::span<const Observation> sample, std::size_t days) : values_(days) {
        for (const Observation& row : sample) values_[row.day].push_back(row.value);
    }
    [[nodiscard]] std::size_t occupied() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(values_, [](const auto& day) { return !day.empty(); }));
    }
    [[nodiscard]] std::optional<double> of(std::span<const std::size_t> drawn,
                                           Statistic statistic) const {
        std::vector<double> pool;
        for (std::size_t const day : drawn) {
            pool.insert(pool.end(), values_[day].begin(), values_[day].end());
        }
        return apply(pool, statistic);
    }

private:
    std::vector<std::vector<double>> values_;
};

std::vector<std::size_t> all_days(std::size_t days) {
    std::vector<std::size_t> out(days);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

// As many days as the study has, in blocks that wrap around its end.
void draw(std::vector<std::size_t>& out, const Resampling& how, sim::Rng& rng) {
    out.clear();
    while (out.size() < how.days) {
        std::size_t const start = rng.below(how.days);
        for (std::size_t i = 0; i < how.block && out.size() < how.days; ++i) {
            out.push_back((start + i) % how.days);
        }
    }
}

template <class Value>
void add_interval(Estimate& result, const Resampling& how, Value&& value_of) {
    if (!result.value || result.days < kLeastDays) return;
    sim::Rng rng(how.seed, "study");
    std::vector<std::size_t> drawn;
    std::vector<double> values;
    for (int i = 0; i < kDraws; ++i) {
        draw(drawn, how, rng);
        if (auto const value = value_of(drawn)) values.push_back(*value);
    }
    if (values.size() < kDraws / 2) return;
    std::ranges::sort(values);
    auto const at = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    result.low = at(0.025);
    result.high = at(0.975);
}

}  // namespace

Estimate estimate(std::span<const Observation> sample, Statistic statistic, const Resampling& how) {
    Estimate result;
    if (how.days == 0) return result;
    ByDay const days(sample, how.days);
    result.n = sample.size();
    result.days = days.occupied();
    result.value = days.of(all_days(how.days), statistic);
    add_interval(result, how, [&](const auto& drawn) { return days.of(drawn, statistic); });
    return result;
}

Estimate difference(const Pair& samples, Statistic statistic, const Resampling& how) {
    Estimate result;
    if (how.days == 0) return result;
    ByDay const a(samples.a, how.days);
    ByDay const b(samples.b, how.days);
    result.n = samples.a.size() + samples.b.size();
    result.days = std::min(a.occupied(), b.occupied());
    auto const value_of = [&](std::span<const std::size_t> drawn) -> std::optional<double> {
        auto const left = a.of(drawn, statistic);
        auto const right = b.of(drawn, statistic);
        if (!left || !right) return std::nullopt;
        return *left - *right;
    };
    result.value = value_of(all_days(how.days));
    add_interval(result, how, value_of);
    return result;
}

}  // namespace spill::study
