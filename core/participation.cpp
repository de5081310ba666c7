#include "core/participation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/feature.hpp"

namespace spill {

const char* to_string(ParticipationState state) noexcept {
    switch (state) {
        case ParticipationState::Insufficient: return "insufficient";
        case ParticipationState::BroadUp: return "broad_up";
        case ParticipationState::BroadDown: return "broad_down";
        case ParticipationState::NarrowUp: return "narrow_up";
        case ParticipationState::NarrowDown: return "narrow_down";
        case ParticipationState::Mixed: return "mixed";
    }
    return "insufficient";
}

Gates broad_gates(const ParticipationReading& reading, const ParticipationParams& params, bool up,
                  bool staying) noexcept {
    Gates out;
    auto const at_least = [&out](const char* name, double value, double bound) {
        out.add({.name = name, .value = value, .bound = bound, .pass = q9(value) >= bound});
    };
    double const n = reading.n;
    at_least("members", n, params.min_members);
    at_least("breadth", up ? reading.breadth_up : reading.breadth_down,
             staying ? params.breadth_leave : params.breadth_enter);
    at_least("n_eff", up ? reading.n_eff_up : reading.n_eff_down,
             staying ? params.n_eff_leave * n : std::max(params.n_eff_min, params.n_eff_enter * n));
    at_least("volume_share", reading.volume_share, params.volume_share);
    return out;
}

namespace {

ParticipationState classify(const ParticipationReading& r, const ParticipationParams& params,
                            ParticipationState current) noexcept {
    bool const stay_up = current == ParticipationState::BroadUp;
    bool const stay_down = current == ParticipationState::BroadDown;
    if (broad_gates(r, params, true, stay_up).all_pass()) return ParticipationState::BroadUp;
    if (broad_gates(r, params, false, stay_down).all_pass()) return ParticipationState::BroadDown;
    if (q9(r.move_atr) >= params.narrow_atr) return ParticipationState::NarrowUp;
    if (q9(r.move_atr) <= -params.narrow_atr) return ParticipationState::NarrowDown;
    return ParticipationState::Mixed;
}

}  // namespace

ParticipationReading participation(std::span<const ParticipationMember> members,
                                   const ParticipationParams& params,
                                   ParticipationState current) noexcept {
    std::array<double, kMaxGroupMembers> up_moves{};
    std::array<double, kMaxGroupMembers> down_moves{};
    std::size_t n = 0;
    int up = 0, down = 0, above = 0, loud = 0, with_excess = 0;
    double moves = 0.0;
    double excess = 0.0;
    for (ParticipationMember const& m : members) {
        if (!m.eligible || n == kMaxGroupMembers) continue;
        double const move = (m.last - m.prev_close) / m.atr;
        up_moves[n] = std::max(move, 0.0);
        down_moves[n] = std::max(-move, 0.0);
        ++n;
        moves += move;
        if (m.last > m.prev_close && m.last > m.vwap) ++up;
        if (m.last < m.prev_close && m.last < m.vwap) ++down;
        if (m.last > m.or_high) ++above;
        if (m.rvol && q9(*m.rvol) >= params.rvol) ++loud;
        if (m.excess) {
            excess += *m.excess;
            ++with_excess;
        }
    }
    ParticipationReading out;
    out.n = static_cast<std::int32_t>(n);
    if (out.n < params.min_members) return out;
    auto const count = static_cast<double>(n);
    out.breadth_up = up / count;
    out.breadth_down = down / count;
    out.above_or = above / count;
    out.volume_share = loud / count;
    out.n_eff_up = n_eff({up_moves.data(), n});
    out.n_eff_down = n_eff({down_moves.data(), n});
    out.move_atr = moves / count;
    if (with_excess > 0) out.excess_atr = excess / with_excess;
    out.state = classify(out, params, current);
    return out;
}

std::optional<ParticipationEdge> Participation::minute(const ParticipationReading& reading,
                                                       const ParticipationParams& params) noexcept {
    if (reading.state == state_) {
        streak_ = 0;
        return std::nullopt;
    }
    streak_ = reading.state == candidate_ ? streak_ + 1 : 1;
    candidate_ = reading.state;
    if (streak_ < params.dwell_minutes) return std::nullopt;
    ParticipationEdge const edge{.state = candidate_, .prev = state_};
    state_ = candidate_;
    streak_ = 0;
    return edge;
}

}  // namespace spill
