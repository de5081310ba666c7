#include "core/noise.hpp"

#include <algorithm>
#include <cmath>

#include "core/baseline.hpp"
#include "core/error.hpp"

namespace spill {
namespace {

constexpr float kMissing = -1.0F;

}  // namespace

NoiseProfile::NoiseProfile(int slots) : slots_(static_cast<std::size_t>(slots)) {
    SPILL_CHECK(slots >= 1 && slots <= kMaxSlots);
    moves_.assign((kSessions + 1) * slots_, kMissing);
}

void NoiseProfile::note(const SlotClose& slot_close) noexcept {
    bool const known = slot_close.slot >= 0 && static_cast<std::size_t>(slot_close.slot) < slots_;
    if (!known || slot_close.open.nanos <= 0) return;
    double const move = slot_close.close.to_double() / slot_close.open.to_double() - 1.0;
    moves_[at(current_, static_cast<std::size_t>(slot_close.slot))] =
        static_cast<float>(std::abs(move));
}

void NoiseProfile::roll_session() noexcept {
    rows_ = std::min(rows_ + 1, kSessions);
    current_ = (current_ + 1) % (kSessions + 1);
    for (std::size_t b = 0; b < slots_; ++b) moves_[at(current_, b)] = kMissing;
}

std::optional<double> NoiseProfile::sigma(int slot) const noexcept {
    if (slot < 0 || static_cast<std::size_t>(slot) >= slots_) return std::nullopt;
    double sum = 0.0;
    std::size_t n = 0;
    for (std::size_t back = 1; back <= rows_; ++back) {
        std::size_t const row = (current_ + kSessions + 1 - back) % (kSessions + 1);
        double const move = moves_[at(row, static_cast<std::size_t>(slot))];
        if (move < 0.0) continue;
        sum += move;
        ++n;
    }
    if (n < kMinSessions) return std::nullopt;
    return sum / static_cast<double>(n);
}

double noise_position(const NoiseInputs& inputs, BreakoutSide side) noexcept {
    bool const up = side == BreakoutSide::Up;
    Price const reference = up ? std::max(inputs.open, inputs.previous_close)
                               : std::min(inputs.open, inputs.previous_close);
    double const move = inputs.price.to_double() / reference.to_double() - 1.0;
    return (up ? move : -move) / inputs.sigma;
}

}  // namespace spill
