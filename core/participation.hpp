// How many members of a basket carry the move: breadth, effective number, volume.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/gate.hpp"
#include "core/params.hpp"

namespace spill {

// One member of a basket on one market. Prices in price units.
struct ParticipationMember {
    double last = 0.0;
    double prev_close = 0.0;
    double vwap = 0.0;
    double or_high = 0.0;          // of the opening range
    double atr = 0.0;              // > 0 while eligible
    std::optional<double> rvol;    // session volume so far, ratio
    std::optional<double> excess;  // (r - beta * r_market) / (ATR / prev_close); evidence
    bool eligible = false;  // session open, not halted, fresh trade, ATR and previous close known

    template <class A>
    void archive(A& a) {
        a(last, prev_close, vwap, or_high, atr, rvol, excess, eligible);
    }
};

enum class ParticipationState : std::uint8_t {
    Insufficient,
    BroadUp,
    BroadDown,
    NarrowUp,
    NarrowDown,
    Mixed
};
[[nodiscard]] const char* to_string(ParticipationState state) noexcept;

// Evidence of one minute. With fewer than min_members only n is set.
struct ParticipationReading {
    ParticipationState state = ParticipationState::Insufficient;
    std::int32_t n = 0;
    double breadth_up = 0.0, breadth_down = 0.0, above_or = 0.0, volume_share = 0.0;
    double n_eff_up = 0.0, n_eff_down = 0.0;
    double move_atr = 0.0;  // mean (last - previous close) / ATR
    std::optional<double> excess_atr;

    template <class A>
    void archive(A& a) {
        a(state, n, breadth_up, breadth_down, above_or, volume_share, n_eff_up, n_eff_down,
          move_atr, excess_atr);
    }
};

// What a broad state still needs: members, breadth, n_eff, volume_share. `staying` chooses the
// bounds for leaving the state instead of those for entering it.
[[nodiscard]] Gates broad_gates(const ParticipationReading& reading,
                                const ParticipationParams& params, bool up, bool staying) noexcept;

inline constexpr std::size_t kMaxGroupMembers = 64;

// `current` chooses between the bounds for entering a broad state and those for leaving it.
// Members beyond kMaxGroupMembers are ignored.
[[nodiscard]] ParticipationReading participation(
    std::span<const ParticipationMember> members, const ParticipationParams& params,
    ParticipationState current = ParticipationState::Insufficient) noexcept;

struct ParticipationEdge {
    ParticipationState state = ParticipationState::Insufficient;
    ParticipationState prev = ParticipationState::Insufficient;
};

// A change needs the same other state for dwell_minutes in a row.
class Participation {
public:
    std::optional<ParticipationEdge> minute(const ParticipationReading& reading,
                                            const ParticipationParams& params) noexcept;
    [[nodiscard]] ParticipationState state() const noexcept { return state_; }
    // At a session's open.
    void restart() noexcept { *this = Participation{}; }
    void reset_counters() noexcept { streak_ = 0; }

    template <class A>
    void archive(A& a) {
        a(state_, candidate_, streak_);
    }

private:
    ParticipationState state_ = ParticipationState::Insufficient;
    ParticipationState candidate_ = ParticipationState::Insufficient;
    std::int32_t streak_ = 0;
};

}  // namespace spill
