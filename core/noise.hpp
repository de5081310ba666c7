// How far a price usually is from its open at this time of the session: evidence of a breakout.
//
// sigma(t) is the mean over the last 14 sessions of |price at t / open - 1|. A breakout at
// noise_pos 1 stands at the edge of where the price is on an ordinary day; it is no condition.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/breakout.hpp"
#include "core/types.hpp"

namespace spill {

// One per instrument. Allocates in the constructor only.
class NoiseProfile {
public:
    static constexpr std::size_t kSessions = 14;
    static constexpr std::size_t kMinSessions = 5;  // that have the slot

    // REQUIRES 1 <= slots <= kMaxSlots.
    explicit NoiseProfile(int slots);

    // The last close of a 5-minute slot of the running session. REQUIRES open > 0; a slot that is
    // not noted is missing.
    struct SlotClose {
        int slot;  // 0..slots-1; others are ignored
        Price open;
        Price close;
    };
    void note(const SlotClose& at) noexcept;
    // The running session joins the history; the oldest one beyond kSessions is forgotten.
    void roll_session() noexcept;

    // Share of the open; none with fewer than kMinSessions sessions that have this slot.
    [[nodiscard]] std::optional<double> sigma(int slot) const noexcept;

    template <class A>
    void archive(A& a) {
        a.bounded(rows_, kSessions);
        a.bounded(current_, kSessions);
        a(moves_);
    }

private:
    [[nodiscard]] std::size_t at(std::size_t row, std::size_t slot) const noexcept {
        return row * slots_ + slot;
    }

    std::size_t slots_;
    std::size_t rows_ = 0;      // completed sessions, at most kSessions
    std::size_t current_ = 0;   // ring row of the running session
    std::vector<float> moves_;  // (kSessions + 1) rows; negative: missing
};

struct NoiseInputs {
    Price open;  // of the session
    Price previous_close;
    Price price;         // to be placed
    double sigma = 0.0;  // of this slot, > 0
};

// (price / reference - 1) / sigma in the breakout's direction; the reference is the larger (down:
// the smaller) of open and previous close. REQUIRES both > 0.
[[nodiscard]] double noise_position(const NoiseInputs& inputs, BreakoutSide side) noexcept;

}  // namespace spill
