#include "core/feature.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace spill {

double q9(double x) noexcept { return std::floor(x * 1e9 + 0.5) / 1e9; }

double median(std::span<double> scratch) noexcept {
    if (scratch.empty()) return 0.0;
    std::sort(scratch.begin(), scratch.end());
    std::size_t const n = scratch.size();
    if (n % 2 == 1) return scratch[n / 2];
    return 0.5 * (scratch[n / 2 - 1] + scratch[n / 2]);
}

double lower_median(std::span<double> scratch) noexcept {
    if (scratch.empty()) return 0.0;
    std::sort(scratch.begin(), scratch.end());
    return scratch[(scratch.size() - 1) / 2];
}

double n_eff(std::span<const double> x) noexcept {
    double sum = 0.0;
    double squares = 0.0;
    for (double const v : x) {
        sum += v;
        squares += v * v;
    }
    // A sum so small that its squares vanish has no shares to speak of.
    if (!(sum > 0.0) || !(squares > 0.0)) return 0.0;
    return sum * sum / squares;
}

}  // namespace spill
