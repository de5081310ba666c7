// Statistics of events that share their day's shocks: a share or a median with an interval from
// resampled days.
//
// Days are drawn in blocks of consecutive ones, since an outcome over several sessions overlaps
// with its neighbours'; a block of one day is the day-clustered interval. Deterministic by seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace spill::study {

inline constexpr int kDraws = 2000;
inline constexpr std::size_t kLeastDays = 5;  // fewer days: no interval

struct Observation {
    std::size_t day = 0;  // index into the days of the study
    double value = 0.0;
};

enum class Statistic : std::uint8_t { Mean, Median };

struct Estimate {
    std::size_t n = 0;     // observations
    std::size_t days = 0;  // on so many days
    std::optional<double> value;
    std::optional<double> low, high;  // 95 % percentile interval
};

struct Resampling {
    std::size_t days = 0;   // days of the study, with and without observations
    std::size_t block = 1;  // consecutive days drawn together
    std::uint64_t seed = 1;
};

[[nodiscard]] Estimate estimate(std::span<const Observation> sample, Statistic statistic,
                                const Resampling& how);

// a - b, both taken from the same drawn days. `n` counts both; `days` is the smaller of the two.
struct Pair {
    std::span<const Observation> a, b;
};
[[nodiscard]] Estimate difference(const Pair& samples, Statistic statistic, const Resampling& how);

}  // namespace spill::study
