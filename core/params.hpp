// Every threshold of the rules, with its default.
//
// The numbers come from measurements on real bars and on planted ground truth; they are not
// custom. Each member is a configuration key `rules.<struct>.<member>`; param_table.hpp lists
// them once, with unit and range, for the configuration, its documentation and its hash.
#pragma once

#include <cstdint>

namespace spill {

struct ClockParams {
    double grace_seconds = 2.0;   // a minute closes this long after its end, s, 0..30
    double future_seconds = 5.0;  // a trade further ahead of the clock is dropped, s, 0..60
};

struct TickFilterParams {
    double mad_factor = 8.0;         // accepted deviation in robust sigmas, 3..50
    double band_equities = 0.0025;   // floor of the accepted deviation, share of price, 0..0.1
    double band_tokens = 0.005;      // likewise for tokens
    double floor_ticks = 3.0;        // floor of the accepted deviation, ticks, 0..100
    double krx_static_limit = 0.30;  // KRX prints beyond this share of the reference drop, 0..1
};

struct LevelParams {
    std::int32_t opening_range_minutes = 5;   // minutes, 1..60
    std::int32_t donchian_sessions = 20;      // completed sessions, 2..30
    std::int32_t atr_ready_true_ranges = 14;  // 14: fewer are provisional, 2..50
    std::int32_t atr_min_true_ranges = 5;     // fewer give no ATR at all, 1..50
    double suspect_gap = 0.40;  // an overnight gap beyond it without a corporate event, 0.05..5
};

struct BaselineParams {
    std::int32_t sessions = 20;                     // kept sessions of a weekday, 5..30
    std::int32_t weekend_sessions = 8;              // kept Saturdays and Sundays, 4..30
    std::int32_t provisional_sessions = 5;          // fewer: no baseline, 1..30
    std::int32_t ready_sessions = 14;               // fewer: provisional, 1..30
    std::int32_t weekend_provisional_sessions = 4;  // likewise on weekends
    std::int32_t weekend_ready_sessions = 8;        // likewise on weekends
    double median_floor = 0.1;                      // of the mean slot median, share, 0..1
    double slot_coverage = 0.9;  // connected share of a slot that is kept, 0.5..1
};

struct BreakoutParams {
    double trigger_buffer_atr = 0.02;    // beyond the level, ATR, 0..1
    double arm_atr = 0.25;               // distance to the trigger price, ATR, 0..5
    double disarm_atr = 0.40;            // back to idle beyond it, ATR, 0..5
    std::int32_t hold_minutes = 15;      // closes in a row at or beyond the level, 1..240
    double rvol15 = 1.5;                 // to confirm, ratio, 0..20
    double rvol15_provisional = 2.0;     // likewise on a short baseline
    double rvol15_single_venue = 2.25;   // likewise on one venue of a fragmented market
    double rvol15_derivative = 2.0;      // likewise on an equity perpetual
    double rvol_cum = 1.0;               // session volume so far, ratio, 0..20
    double fail_atr = 0.15;              // a close that far back counts against it, ATR, 0..5
    std::int32_t fail_minutes = 5;       // such closes in a row that fail it, 1..240
    double fast_fail_atr = 0.30;         // one close that far back fails it, ATR, 0..5
    double carry_fail_atr = 0.25;        // fail_atr for `held`, ATR, 0..5
    std::int32_t cooldown_minutes = 30;  // after a failure, 0..1440
    std::int32_t hold_sessions_or = 1;   // session closes to `completed`, 1..60
    std::int32_t hold_sessions_pd = 3;   // likewise
    std::int32_t hold_sessions_d20 = 5;  // likewise
    std::int32_t reset_gap_minutes = 5;  // an outage that resets the counters, 1..240
};

struct ParticipationParams {
    std::int32_t start_minutes = 10;  // first evaluation after the open, minutes, 0..240
    std::int32_t min_members = 3;     // fewer are `insufficient`, 1..100
    std::int32_t stale_minutes = 5;   // oldest last trade of an eligible member, minutes, 1..60
    double breadth_enter = 0.60;      // share of members, 0..1
    double breadth_leave = 0.50;      // likewise
    double n_eff_enter = 0.5;         // effective number as a share of n, 0..1
    double n_eff_min = 2.0;           // effective number, floor when entering, 1..100
    double n_eff_leave = 0.4;         // effective number as a share of n, 0..1
    double volume_share = 0.5;        // share of members with RVOL at or above `rvol`, 0..1
    double rvol = 1.0;                // session volume so far, ratio, 0..20
    double narrow_atr = 0.25;         // mean move that is a narrow state, ATR, 0..10
    std::int32_t dwell_minutes = 5;   // minutes in a row before a change, 1..120
};

struct VolumeParams {
    double venue_share = 0.03;              // of the 7-day volume, to be eligible, 0..1
    double venue_coverage = 0.9;            // of the last 60 minutes, to be eligible, 0..1
    double magnitude_lo = 1.5;              // consensus RVOL with no magnitude, ratio, 1..20
    double magnitude_lo_provisional = 2.0;  // likewise on a short baseline
    double magnitude_hi = 6.0;              // consensus RVOL with full magnitude, ratio, 1..100
    double persistence_lo = 0.15;           // effective share of the 12 blocks, 0..1
    double persistence_hi = 0.60;           // likewise
    double top_trade_lo = 0.10;             // largest trade as a share of the hour, 0..1
    double top_trade_hi = 0.40;             // likewise
    double venue_gap_lo = 1.5;              // total over consensus RVOL, ratio, 1..20
    double venue_gap_hi = 3.0;              // likewise
    double churn_lo = 1.8;                  // RVOL over variance ratio, 1..20
    double churn_hi = 4.0;                  // likewise
    double excess_rvol = 1.5;               // total RVOL from which quality is judged, ratio, 1..20
    double single_venue_cap = 0.49;         // highest score with one eligible venue, 0..1
    double confirm_score = 0.50;            // score, 0..1
    double build_rvol15 = 3.0;           // consensus or total RVOL15 that starts it, ratio, 1..50
    double build_jump = 3.5;             // 15-minute return that starts it, sigmas, 1..50
    double keep_rvol15 = 1.5;            // consensus RVOL15 to confirm and to follow through
    double suspect_quality = 0.40;       // Q at or below it is suspect, 0..1
    double suspect_dispersion = 0.20;    // T at or below it is suspect, 0..1
    double drop_quality = 0.30;          // Q at or below it revokes a confirmation, 0..1
    double fade_score = 0.20;            // score below it fades, 0..1
    double fade_rvol15 = 1.0;            // consensus RVOL15 below it fades, ratio, 0..20
    std::int32_t good_minutes = 3;       // minutes in a row to confirm, 1..240
    std::int32_t redeem_minutes = 30;    // likewise out of `suspect`
    std::int32_t bad_minutes = 10;       // net minutes to `suspect`, 1..240
    std::int32_t quiet_minutes = 15;     // minutes in a row to fade or to drop a suspicion
    std::int32_t min_age_volume = 15;    // age before a confirmation, minutes, 0..240
    std::int32_t min_age_price = 30;     // likewise after a price trigger
    std::int32_t headline_from = 15;     // age from which a price trigger needs volume, minutes
    std::int32_t headline_to = 60;       // age after which it is no headline, minutes
    std::int32_t patience_minutes = 60;  // age without volume that ends `building`
    std::int32_t max_age_minutes = 180;  // age that ends `building` in any case
    std::int32_t cooldown_minutes = 30;  // after `none`
    std::int32_t faded_cooldown_minutes = 60;  // after `faded`
    double level_half_life_slots = 36.0;       // of today's activity level, 5-minute slots
    double level_step = 1.5;                   // clip of one observation, ln units, 0.1..10
    double level_cap = 2.0;                    // clip of the level, ratio, 1..10
    double level_floor = 0.02;                 // floor of a slot's volume, share of median, 0..1
    double blowoff_rvol15 = 6.0;               // with `build_jump`: evidence `blowoff`, ratio
};

struct TapeParams {
    std::int32_t min_trades = 200;   // in the last hour; fewer give no flag, 10..100000
    double digit_null = 1.85;        // 99 % point of the digit distance times sqrt(n), 0..10
    double digit_lo = 0.05;          // digit distance beyond the null, 0..1
    double digit_hi = 0.20;          // likewise
    double modal_lo = 0.10;          // most frequent size, share beyond the baseline, 0..1
    double modal_hi = 0.35;          // likewise
    double round_null = 0.75;        // of the round share times sqrt(n), 0..10
    double round_lo = 0.08;          // round share away from the baseline, 0..1
    double round_hi = 0.20;          // likewise
    double pair_lo = 0.10;           // paired volume share beyond the baseline, 0..1
    double pair_hi = 0.40;           // likewise
    double half_life_hours = 168.0;  // of the calm baseline, hours, 1..2000
    std::int32_t calm_hours = 72;    // learned hours before flags are given, 1..2000
};

struct BetaParams {
    double half_life_sessions = 10.0;  // sessions, 0.1..250
    std::int32_t min_samples = 200;    // fewer: beta 1, provisional, 1..100000
    double max_beta = 3.0;             // clip, 0.1..20
};

struct RotationParams {
    std::int32_t min_tokens = 3;      // fewer are `insufficient`, 1..100
    double real_share = 1.0 / 3.0;    // of the bucket confirmed and rising, share, 0..1
    std::int32_t real_min = 2;        // tokens confirmed and rising, floor, 1..100
    double breadth_enter = 0.6;       // share of tokens ahead of BTC, 0..1
    double breadth_leave = 0.4;       // likewise
    double median_z = 0.8;            // median move beyond BTC, sigmas, 0..10
    double beta_error = 0.25;         // standard error of beta in z, 0..2
    std::int32_t dwell_minutes = 5;   // minutes in a row before `on`, 1..120
    std::int32_t leave_minutes = 15;  // minutes in a row before `off`, 1..240
    double live_minutes = 10.0;       // oldest theme that is `live`, minutes, 1..240
    double carry_hours = 20.0;        // oldest theme that is `carried`, hours, 0..200
};

struct UnwindParams {
    double fail_d20 = 0.50;               // weight of a failed 20-session breakout, 0..1
    double fail_pd = 0.40;                // weight of a failed prior-day breakout, 0..1
    double fail_or = 0.20;                // weight of a failed opening-range breakout, 0..1
    double down_break = 0.35;             // weight of a leader's confirmed down-breakout, 0..1
    double broad_down = 0.35;             // weight of the group's broad_down, 0..1
    double token_sell = 0.45;             // weight of confirmed volume with falling prices, 0..1
    double rotation_off = 0.25;           // weight of a rotation that ended, 0..1
    double unconfirmed_factor = 0.5;      // when the failed breakout was only triggered, 0..1
    double member_factor = 0.5;           // when the stock is no leader, 0..1
    double token_sell_share = 1.0 / 3.0;  // of the bucket sold on confirmed volume, 0..1
    double half_life_hours = 6.0;         // of point events, hours, 0.1..200
    double watch = 0.30;                  // level 1, 0..1
    double warning = 0.55;                // level 2, 0..1
    double active = 0.75;                 // level 3, 0..1
    double leave = 0.10;                  // a level is left this far below its entry, 0..1
    std::int32_t dwell_minutes = 10;      // minutes in a row before a change, 1..240
    double agents_factor = 1.25;          // on the score of the agents bucket, 0.1..5
};

struct Params {
    ClockParams clock;
    TickFilterParams tick_filter;
    LevelParams level;
    BaselineParams baseline;
    BreakoutParams breakout;
    ParticipationParams participation;
    VolumeParams volume;
    TapeParams tape;
    BetaParams beta;
    RotationParams rotation;
    UnwindParams unwind;
};

// Each value within its range is not enough: a ramp needs lo < hi, a hysteresis its order. The
// first violated relation as a sentence that names both keys (a literal), or nullptr.
[[nodiscard]] const char* find_conflict(const Params& params) noexcept;

}  // namespace spill
