// A piecewise linear function of session minutes (0 = the open of the live session).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace spill::sim {

struct Knot {
    double minute = 0.0;
    double value = 0.0;
};

class Curve {
public:
    Curve() = default;
    // REQUIRES ascending minutes.
    explicit Curve(std::vector<Knot> knots) : knots_(std::move(knots)) {}

    [[nodiscard]] bool empty() const noexcept { return knots_.empty(); }
    [[nodiscard]] double first_minute() const noexcept { return knots_.front().minute; }
    [[nodiscard]] double last_minute() const noexcept { return knots_.back().minute; }
    [[nodiscard]] double last_value() const noexcept { return knots_.back().value; }
    // Constant before the first and after the last knot; `otherwise` when there is none.
    [[nodiscard]] double at(double minute, double otherwise = 0.0) const noexcept {
        if (knots_.empty()) return otherwise;
        if (minute <= knots_.front().minute) return knots_.front().value;
        for (std::size_t i = 1; i < knots_.size(); ++i) {
            Knot const& a = knots_[i - 1];
            Knot const& b = knots_[i];
            if (minute >= b.minute) continue;
            return a.value + (b.value - a.value) * (minute - a.minute) / (b.minute - a.minute);
        }
        return knots_.back().value;
    }

private:
    std::vector<Knot> knots_;
};

}  // namespace spill::sim
