// The small arithmetic that all rules share. No allocation; spans called `scratch` are reordered.
#pragma once

#include <span>

namespace spill {

// Rounds to 1e-9, half up. Every feature goes through it before it meets a threshold, so that an
// ulp of a maths library cannot flip a state.
[[nodiscard]] double q9(double x) noexcept;

struct RampBounds {
    double lo;
    double hi;
};

// 0 at or below lo, 1 at or above hi, linear between. REQUIRES lo < hi.
[[nodiscard]] constexpr double ramp(double x, RampBounds bounds) noexcept {
    if (x <= bounds.lo) return 0.0;
    if (x >= bounds.hi) return 1.0;
    return (x - bounds.lo) / (bounds.hi - bounds.lo);
}

// The mean of the two middle values when the count is even; 0 for an empty span.
[[nodiscard]] double median(std::span<double> scratch) noexcept;

// The smaller of the two middle values when the count is even; 0 for an empty span.
[[nodiscard]] double lower_median(std::span<double> scratch) noexcept;

// Effective number: 1/HHI of the shares, (sum x)^2 / sum x^2; 0 when the sum is not positive.
// REQUIRES x >= 0.
[[nodiscard]] double n_eff(std::span<const double> x) noexcept;

}  // namespace spill
