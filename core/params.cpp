#include "core/params.hpp"

#include <span>

namespace spill {
namespace {

struct Relation {
    bool holds;
    const char* sentence;
};

const char* first_broken(std::span<const Relation> relations) noexcept {
    for (Relation const& relation : relations) {
        if (!relation.holds) return relation.sentence;
    }
    return nullptr;
}

const char* volume_conflict(const VolumeParams& v) noexcept {
    Relation const relations[] = {
        {v.magnitude_lo < v.magnitude_hi, "volume.magnitude_lo must be below volume.magnitude_hi"},
        {v.magnitude_lo_provisional < v.magnitude_hi,
         "volume.magnitude_lo_provisional must be below volume.magnitude_hi"},
        {v.persistence_lo < v.persistence_hi,
         "volume.persistence_lo must be below volume.persistence_hi"},
        {v.top_trade_lo < v.top_trade_hi, "volume.top_trade_lo must be below volume.top_trade_hi"},
        {v.venue_gap_lo < v.venue_gap_hi, "volume.venue_gap_lo must be below volume.venue_gap_hi"},
        {v.churn_lo < v.churn_hi, "volume.churn_lo must be below volume.churn_hi"},
        {v.single_venue_cap < v.confirm_score,
         "volume.single_venue_cap must be below volume.confirm_score"},
        {v.fade_score < v.confirm_score, "volume.fade_score must be below volume.confirm_score"},
        {v.headline_from <= v.headline_to,
         "volume.headline_from must not be above volume.headline_to"},
    };
    return first_broken(relations);
}

const char* tape_conflict(const TapeParams& t) noexcept {
    Relation const relations[] = {
        {t.digit_lo < t.digit_hi, "tape.digit_lo must be below tape.digit_hi"},
        {t.modal_lo < t.modal_hi, "tape.modal_lo must be below tape.modal_hi"},
        {t.round_lo < t.round_hi, "tape.round_lo must be below tape.round_hi"},
        {t.pair_lo < t.pair_hi, "tape.pair_lo must be below tape.pair_hi"},
    };
    return first_broken(relations);
}

const char* price_conflict(const Params& p) noexcept {
    BaselineParams const& base = p.baseline;
    Relation const relations[] = {
        {p.level.atr_min_true_ranges <= p.level.atr_ready_true_ranges,
         "level.atr_min_true_ranges must not be above level.atr_ready_true_ranges"},
        {base.provisional_sessions <= base.ready_sessions,
         "baseline.provisional_sessions must not be above baseline.ready_sessions"},
        {base.ready_sessions <= base.sessions,
         "baseline.ready_sessions must not be above baseline.sessions"},
        {base.weekend_provisional_sessions <= base.weekend_ready_sessions,
         "baseline.weekend_provisional_sessions must not be above baseline.weekend_ready_sessions"},
        {base.weekend_ready_sessions <= base.weekend_sessions,
         "baseline.weekend_ready_sessions must not be above baseline.weekend_sessions"},
        {p.breakout.arm_atr <= p.breakout.disarm_atr,
         "breakout.arm_atr must not be above breakout.disarm_atr"},
        {p.breakout.fail_atr <= p.breakout.fast_fail_atr,
         "breakout.fail_atr must not be above breakout.fast_fail_atr"},
        {p.participation.breadth_leave <= p.participation.breadth_enter,
         "participation.breadth_leave must not be above participation.breadth_enter"},
        {p.participation.n_eff_leave <= p.participation.n_eff_enter,
         "participation.n_eff_leave must not be above participation.n_eff_enter"},
        {p.rotation.breadth_leave <= p.rotation.breadth_enter,
         "rotation.breadth_leave must not be above rotation.breadth_enter"},
        {p.unwind.watch < p.unwind.warning, "unwind.watch must be below unwind.warning"},
        {p.unwind.warning < p.unwind.active, "unwind.warning must be below unwind.active"},
        {p.unwind.leave < p.unwind.watch, "unwind.leave must be below unwind.watch"},
    };
    return first_broken(relations);
}

}  // namespace

const char* find_conflict(const Params& params) noexcept {
    if (const char* const text = price_conflict(params)) return text;
    if (const char* const text = volume_conflict(params.volume)) return text;
    return tape_conflict(params.tape);
}

}  // namespace spill
