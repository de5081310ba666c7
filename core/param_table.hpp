// The one list of thresholds: name, place, unit, range and meaning of every parameter.
//
// Configuration, its documentation and its hash enumerate it; the order is part of the hash.
#pragma once

#include <cstddef>

#include "core/params.hpp"

namespace spill {

template <class P, class F>
void for_each_clock_param(P& p, F&& f) {
    f("clock.grace_seconds", p.clock.grace_seconds, "s", 0.0, 30.0,
      "A minute closes this long after its end");
    f("clock.future_seconds", p.clock.future_seconds, "s", 0.0, 60.0,
      "A trade further ahead of the clock is dropped");
}

template <class P, class F>
void for_each_tick_filter_param(P& p, F&& f) {
    f("tick_filter.mad_factor", p.tick_filter.mad_factor, "robust sigmas", 3.0, 50.0,
      "Accepted deviation from the median of recent prices");
    f("tick_filter.band_equities", p.tick_filter.band_equities, "share", 0.0, 0.1,
      "Floor of the accepted deviation, share of price");
    f("tick_filter.band_tokens", p.tick_filter.band_tokens, "share", 0.0, 0.1,
      "Likewise for tokens");
    f("tick_filter.floor_ticks", p.tick_filter.floor_ticks, "ticks", 0.0, 100.0,
      "Floor of the accepted deviation");
    f("tick_filter.krx_static_limit", p.tick_filter.krx_static_limit, "share", 0.0, 1.0,
      "KRX prints beyond this share of the reference are dropped; 0 = no limit");
}

template <class P, class F>
void for_each_level_param(P& p, F&& f) {
    f("level.opening_range_minutes", p.level.opening_range_minutes, "min", 1, 60,
      "Length of the opening range");
    f("level.donchian_sessions", p.level.donchian_sessions, "sessions", 2, 30,
      "Completed sessions behind the D20 level");
    f("level.atr_ready_true_ranges", p.level.atr_ready_true_ranges, "count", 2, 50,
      "True ranges from which the ATR is Wilder's");
    f("level.atr_min_true_ranges", p.level.atr_min_true_ranges, "count", 1, 50,
      "Fewer true ranges give no ATR and no breakouts");
    f("level.suspect_gap", p.level.suspect_gap, "share", 0.05, 5.0,
      "An overnight gap beyond it without a corporate event disables the session's breakouts");
}

template <class P, class F>
void for_each_baseline_param(P& p, F&& f) {
    f("baseline.sessions", p.baseline.sessions, "sessions", 5, 30, "Stored sessions of a weekday");
    f("baseline.weekend_sessions", p.baseline.weekend_sessions, "sessions", 4, 30,
      "Stored Saturdays and Sundays");
    f("baseline.provisional_sessions", p.baseline.provisional_sessions, "sessions", 1, 30,
      "Fewer give no baseline");
    f("baseline.ready_sessions", p.baseline.ready_sessions, "sessions", 1, 30,
      "Fewer give a provisional baseline");
    f("baseline.weekend_provisional_sessions", p.baseline.weekend_provisional_sessions, "sessions",
      1, 30, "Fewer weekend days give no baseline");
    f("baseline.weekend_ready_sessions", p.baseline.weekend_ready_sessions, "sessions", 1, 30,
      "Fewer weekend days give a provisional baseline");
    f("baseline.median_floor", p.baseline.median_floor, "share", 0.0, 1.0,
      "Floor of a slot's median, share of the mean over slots");
    f("baseline.slot_coverage", p.baseline.slot_coverage, "share", 0.5, 1.0,
      "Connected share from which a slot is stored");
}

template <class P, class F>
void for_each_breakout_param(P& p, F&& f) {
    f("breakout.trigger_buffer_atr", p.breakout.trigger_buffer_atr, "ATR", 0.0, 1.0,
      "A trade this far beyond the level triggers (at least one tick)");
    f("breakout.arm_atr", p.breakout.arm_atr, "ATR", 0.0, 5.0,
      "Distance to the trigger price that arms");
    f("breakout.disarm_atr", p.breakout.disarm_atr, "ATR", 0.0, 5.0,
      "Distance beyond which an armed slot is idle again");
    f("breakout.hold_minutes", p.breakout.hold_minutes, "min", 1, 240,
      "Closes in a row at or beyond the level that a confirmation needs");
    f("breakout.rvol15", p.breakout.rvol15, "ratio", 0.0, 20.0,
      "RVOL of 15 minutes that a confirmation needs");
    f("breakout.rvol15_provisional", p.breakout.rvol15_provisional, "ratio", 0.0, 20.0,
      "Likewise on a provisional baseline");
    f("breakout.rvol15_single_venue", p.breakout.rvol15_single_venue, "ratio", 0.0, 20.0,
      "Likewise on one venue of a fragmented market");
    f("breakout.rvol15_derivative", p.breakout.rvol15_derivative, "ratio", 0.0, 20.0,
      "Likewise on an equity perpetual");
    f("breakout.rvol_cum", p.breakout.rvol_cum, "ratio", 0.0, 20.0,
      "Session volume so far that a confirmation needs");
    f("breakout.fail_atr", p.breakout.fail_atr, "ATR", 0.0, 5.0,
      "A close this far behind the level counts as accepted back");
    f("breakout.fail_minutes", p.breakout.fail_minutes, "min", 1, 240,
      "Such closes in a row that fail the breakout");
    f("breakout.fast_fail_atr", p.breakout.fast_fail_atr, "ATR", 0.0, 5.0,
      "One close this far behind the level fails the breakout");
    f("breakout.carry_fail_atr", p.breakout.carry_fail_atr, "ATR", 0.0, 5.0,
      "fail_atr of a held breakout; fast_fail_atr moves along");
    f("breakout.cooldown_minutes", p.breakout.cooldown_minutes, "min", 0, 1440,
      "Pause after a failure");
    f("breakout.hold_sessions_or", p.breakout.hold_sessions_or, "sessions", 1, 60,
      "Session closes to completion of an opening-range breakout");
    f("breakout.hold_sessions_pd", p.breakout.hold_sessions_pd, "sessions", 1, 60,
      "Likewise of a prior-day breakout");
    f("breakout.hold_sessions_d20", p.breakout.hold_sessions_d20, "sessions", 1, 60,
      "Likewise of a 20-session breakout");
    f("breakout.reset_gap_minutes", p.breakout.reset_gap_minutes, "min", 1, 240,
      "An outage this long resets consecutive counters");
}

template <class P, class F>
void for_each_participation_param(P& p, F&& f) {
    f("participation.start_minutes", p.participation.start_minutes, "min", 0, 240,
      "First evaluation after the open");
    f("participation.min_members", p.participation.min_members, "count", 1, 64,
      "Fewer eligible members are insufficient");
    f("participation.stale_minutes", p.participation.stale_minutes, "min", 1, 60,
      "Oldest last trade of an eligible member");
    f("participation.breadth_enter", p.participation.breadth_enter, "share", 0.0, 1.0,
      "Breadth that makes a broad state");
    f("participation.breadth_leave", p.participation.breadth_leave, "share", 0.0, 1.0,
      "Breadth that keeps a broad state");
    f("participation.n_eff_enter", p.participation.n_eff_enter, "share", 0.0, 1.0,
      "Effective number that makes a broad state, share of n");
    f("participation.n_eff_min", p.participation.n_eff_min, "count", 1.0, 64.0,
      "Floor of the effective number that makes a broad state");
    f("participation.n_eff_leave", p.participation.n_eff_leave, "share", 0.0, 1.0,
      "Effective number that keeps a broad state, share of n");
    f("participation.volume_share", p.participation.volume_share, "share", 0.0, 1.0,
      "Share of members with volume in a broad state");
    f("participation.rvol", p.participation.rvol, "ratio", 0.0, 20.0,
      "RVOL of the session from which a member has volume");
    f("participation.narrow_atr", p.participation.narrow_atr, "ATR", 0.0, 10.0,
      "Mean move that makes a narrow state");
    f("participation.dwell_minutes", p.participation.dwell_minutes, "min", 1, 120,
      "Minutes in a row before a change");
}

template <class P, class F>
void for_each_volume_param(P& p, F&& f) {
    f("volume.venue_share", p.volume.venue_share, "share", 0.0, 1.0,
      "Share of the 7-day volume that makes a venue eligible");
    f("volume.venue_coverage", p.volume.venue_coverage, "share", 0.0, 1.0,
      "Coverage of the last hour that makes a venue eligible");
    f("volume.magnitude_lo", p.volume.magnitude_lo, "ratio", 1.0, 20.0,
      "Consensus RVOL with no magnitude");
    f("volume.magnitude_lo_provisional", p.volume.magnitude_lo_provisional, "ratio", 1.0, 20.0,
      "Likewise on a provisional baseline");
    f("volume.magnitude_hi", p.volume.magnitude_hi, "ratio", 1.0, 100.0,
      "Consensus RVOL with full magnitude");
    f("volume.persistence_lo", p.volume.persistence_lo, "share", 0.0, 1.0,
      "Effective share of the 12 blocks with no persistence");
    f("volume.persistence_hi", p.volume.persistence_hi, "share", 0.0, 1.0,
      "Effective share of the 12 blocks with full persistence");
    f("volume.top_trade_lo", p.volume.top_trade_lo, "share", 0.0, 1.0,
      "Largest trade's share of the hour with full dispersion");
    f("volume.top_trade_hi", p.volume.top_trade_hi, "share", 0.0, 1.0,
      "Largest trade's share of the hour with no dispersion");
    f("volume.venue_gap_lo", p.volume.venue_gap_lo, "ratio", 1.0, 20.0,
      "Total over consensus RVOL from which one venue is suspect");
    f("volume.venue_gap_hi", p.volume.venue_gap_hi, "ratio", 1.0, 20.0,
      "Total over consensus RVOL that is one venue's doing");
    f("volume.churn_lo", p.volume.churn_lo, "ratio", 1.0, 20.0,
      "RVOL over variance ratio from which volume is churn");
    f("volume.churn_hi", p.volume.churn_hi, "ratio", 1.0, 20.0,
      "RVOL over variance ratio that is all churn");
    f("volume.excess_rvol", p.volume.excess_rvol, "ratio", 1.0, 20.0,
      "Total RVOL from which quality is judged");
    f("volume.single_venue_cap", p.volume.single_venue_cap, "score", 0.0, 1.0,
      "Highest score with one eligible venue");
}

template <class P, class F>
void for_each_volume_state_param(P& p, F&& f) {
    f("volume.confirm_score", p.volume.confirm_score, "score", 0.0, 1.0, "Score that confirms");
    f("volume.build_rvol15", p.volume.build_rvol15, "ratio", 1.0, 50.0,
      "RVOL of 15 minutes that starts building");
    f("volume.build_jump", p.volume.build_jump, "sigmas", 1.0, 50.0,
      "15-minute return that starts building");
    f("volume.keep_rvol15", p.volume.keep_rvol15, "ratio", 0.0, 20.0,
      "Consensus RVOL of 15 minutes to confirm and to follow through");
    f("volume.suspect_quality", p.volume.suspect_quality, "score", 0.0, 1.0,
      "Quality at or below it is suspect");
    f("volume.suspect_dispersion", p.volume.suspect_dispersion, "score", 0.0, 1.0,
      "Dispersion at or below it is suspect");
    f("volume.drop_quality", p.volume.drop_quality, "score", 0.0, 1.0,
      "Quality at or below it revokes a confirmation");
    f("volume.fade_score", p.volume.fade_score, "score", 0.0, 1.0, "Score below it fades");
    f("volume.fade_rvol15", p.volume.fade_rvol15, "ratio", 0.0, 20.0,
      "Consensus RVOL of 15 minutes below it fades");
    f("volume.good_minutes", p.volume.good_minutes, "min", 1, 240,
      "Good minutes in a row that confirm");
    f("volume.redeem_minutes", p.volume.redeem_minutes, "min", 1, 240,
      "Good minutes in a row that confirm out of suspect");
    f("volume.bad_minutes", p.volume.bad_minutes, "min", 1, 240,
      "Net flagged minutes that make it suspect");
    f("volume.quiet_minutes", p.volume.quiet_minutes, "min", 1, 240,
      "Quiet minutes in a row that fade it or drop a suspicion");
    f("volume.min_age_volume", p.volume.min_age_volume, "min", 0, 240, "Age before a confirmation");
    f("volume.min_age_price", p.volume.min_age_price, "min", 0, 240,
      "Likewise after a price trigger");
    f("volume.headline_from", p.volume.headline_from, "min", 0, 240,
      "Age from which a price trigger needs volume");
    f("volume.headline_to", p.volume.headline_to, "min", 0, 240,
      "Age after which it is no headline");
    f("volume.patience_minutes", p.volume.patience_minutes, "min", 0, 600,
      "Age without volume that ends building");
    f("volume.max_age_minutes", p.volume.max_age_minutes, "min", 1, 1440,
      "Age that ends building in any case");
    f("volume.cooldown_minutes", p.volume.cooldown_minutes, "min", 0, 1440,
      "Pause after building or suspect ended");
    f("volume.faded_cooldown_minutes", p.volume.faded_cooldown_minutes, "min", 0, 1440,
      "Pause after faded");
    f("volume.level_half_life_slots", p.volume.level_half_life_slots, "slots", 1.0, 2000.0,
      "Half-life of today's activity level, 5-minute slots");
    f("volume.level_step", p.volume.level_step, "ln", 0.1, 10.0,
      "Clip of one observation of the level");
    f("volume.level_cap", p.volume.level_cap, "ratio", 1.0, 10.0, "Clip of the level");
    f("volume.level_floor", p.volume.level_floor, "share", 0.0001, 1.0,
      "Floor of a slot's volume in the level, share of its median");
    f("volume.blowoff_rvol15", p.volume.blowoff_rvol15, "ratio", 1.0, 100.0,
      "Consensus RVOL of 15 minutes that with a jump is a blow-off");
}

template <class P, class F>
void for_each_tape_param(P& p, F&& f) {
    f("tape.min_trades", p.tape.min_trades, "count", 10, 100000,
      "Trades in the last hour; fewer give no flag");
    f("tape.digit_null", p.tape.digit_null, "factor", 0.0, 10.0,
      "99 % point of the digit distance under the null, times sqrt(n)");
    f("tape.digit_lo", p.tape.digit_lo, "share", 0.0, 1.0,
      "Digit distance beyond the null with no flag");
    f("tape.digit_hi", p.tape.digit_hi, "share", 0.0, 1.0,
      "Digit distance beyond the null with a full flag");
    f("tape.modal_lo", p.tape.modal_lo, "share", 0.0, 1.0,
      "Most frequent size beyond the baseline with no flag");
    f("tape.modal_hi", p.tape.modal_hi, "share", 0.0, 1.0,
      "Most frequent size beyond the baseline with a full flag");
    f("tape.round_null", p.tape.round_null, "factor", 0.0, 10.0,
      "Noise of the round share, times sqrt(n)");
    f("tape.round_lo", p.tape.round_lo, "share", 0.0, 1.0,
      "Round share off the baseline with no flag");
    f("tape.round_hi", p.tape.round_hi, "share", 0.0, 1.0,
      "Round share off the baseline with a full flag");
    f("tape.pair_lo", p.tape.pair_lo, "share", 0.0, 1.0,
      "Paired volume beyond the baseline with no flag");
    f("tape.pair_hi", p.tape.pair_hi, "share", 0.0, 1.0,
      "Paired volume beyond the baseline with a full flag");
    f("tape.half_life_hours", p.tape.half_life_hours, "h", 1.0, 2000.0,
      "Half-life of the calm baseline");
    f("tape.calm_hours", p.tape.calm_hours, "h", 1, 2000,
      "Calm hours that must be learned before flags are given");
}

template <class P, class F>
void for_each_beta_param(P& p, F&& f) {
    f("beta.half_life_sessions", p.beta.half_life_sessions, "sessions", 0.1, 250.0,
      "Half-life of beta and correlation");
    f("beta.min_samples", p.beta.min_samples, "count", 1, 100000,
      "Fewer samples give beta 1, provisional");
    f("beta.max_beta", p.beta.max_beta, "ratio", 0.1, 20.0, "Clip of beta");
}

template <class P, class F>
void for_each_rotation_param(P& p, F&& f) {
    f("rotation.min_tokens", p.rotation.min_tokens, "count", 1, 64,
      "Fewer tokens are insufficient");
    f("rotation.real_share", p.rotation.real_share, "share", 0.0, 1.0,
      "Share of the bucket that is confirmed, rising and ahead of BTC");
    f("rotation.real_min", p.rotation.real_min, "count", 1, 64, "Floor of that number");
    f("rotation.breadth_enter", p.rotation.breadth_enter, "share", 0.0, 1.0,
      "Share of tokens ahead of BTC that turns it on");
    f("rotation.breadth_leave", p.rotation.breadth_leave, "share", 0.0, 1.0,
      "Share of tokens ahead of BTC below which it turns off");
    f("rotation.median_z", p.rotation.median_z, "sigmas", 0.0, 10.0,
      "Median move beyond BTC that turns it on");
    f("rotation.beta_error", p.rotation.beta_error, "factor", 0.0, 2.0,
      "Standard error of beta in the move's sigma");
    f("rotation.dwell_minutes", p.rotation.dwell_minutes, "min", 1, 120,
      "Minutes in a row before on");
    f("rotation.leave_minutes", p.rotation.leave_minutes, "min", 1, 240,
      "Minutes in a row before off");
    f("rotation.live_minutes", p.rotation.live_minutes, "min", 1.0, 240.0,
      "Oldest theme that is live");
    f("rotation.carry_hours", p.rotation.carry_hours, "h", 0.0, 200.0,
      "Oldest theme that is carried");
}

template <class P, class F>
void for_each_unwind_param(P& p, F&& f) {
    f("unwind.fail_d20", p.unwind.fail_d20, "weight", 0.0, 1.0, "A failed 20-session breakout");
    f("unwind.fail_pd", p.unwind.fail_pd, "weight", 0.0, 1.0, "A failed prior-day breakout");
    f("unwind.fail_or", p.unwind.fail_or, "weight", 0.0, 1.0, "A failed opening-range breakout");
    f("unwind.down_break", p.unwind.down_break, "weight", 0.0, 1.0,
      "A leader's confirmed down-breakout");
    f("unwind.broad_down", p.unwind.broad_down, "weight", 0.0, 1.0, "The chips are broad_down");
    f("unwind.token_sell", p.unwind.token_sell, "weight", 0.0, 1.0,
      "Tokens fall on confirmed volume");
    f("unwind.rotation_off", p.unwind.rotation_off, "weight", 0.0, 1.0, "A rotation ended");
    f("unwind.unconfirmed_factor", p.unwind.unconfirmed_factor, "factor", 0.0, 1.0,
      "When the failed breakout was only triggered");
    f("unwind.member_factor", p.unwind.member_factor, "factor", 0.0, 1.0,
      "When the stock is no leader");
    f("unwind.token_sell_share", p.unwind.token_sell_share, "share", 0.0, 1.0,
      "Share of the bucket that makes token_sell");
    f("unwind.half_life_hours", p.unwind.half_life_hours, "h", 0.1, 200.0,
      "Half-life of point events");
    f("unwind.watch", p.unwind.watch, "score", 0.0, 1.0, "Level 1");
    f("unwind.warning", p.unwind.warning, "score", 0.0, 1.0, "Level 2");
    f("unwind.active", p.unwind.active, "score", 0.0, 1.0, "Level 3");
    f("unwind.leave", p.unwind.leave, "score", 0.0, 1.0,
      "A level is left this far below its entry");
    f("unwind.dwell_minutes", p.unwind.dwell_minutes, "min", 1, 240,
      "Minutes in a row before a change");
    f("unwind.agents_factor", p.unwind.agents_factor, "factor", 0.1, 5.0,
      "On the score of the agents bucket");
}

// Calls f(name, value, unit, min, max, doc) for every parameter. P is Params or const Params;
// `value` is a reference to its double or std::int32_t, and min and max are of its type; the texts
// are literals. The configuration key is `rules.` followed by the name.
template <class P, class F>
void for_each_param(P& params, F&& f) {
    for_each_clock_param(params, f);
    for_each_tick_filter_param(params, f);
    for_each_level_param(params, f);
    for_each_baseline_param(params, f);
    for_each_breakout_param(params, f);
    for_each_participation_param(params, f);
    for_each_volume_param(params, f);
    for_each_volume_state_param(params, f);
    for_each_tape_param(params, f);
    for_each_beta_param(params, f);
    for_each_rotation_param(params, f);
    for_each_unwind_param(params, f);
}

inline constexpr std::size_t kParamCount = 135;

}  // namespace spill
