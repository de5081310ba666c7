// One breakout: a price against a level, from approach to confirmation to its end.
//
// There is one slot per (instrument, kind, side). Prices enter as integers; inside, everything is
// mapped by the side's sign so that only "up" is written down. `triggered` is decided on the
// trade, every other transition at a minute close or a session close.
#pragma once

#include <cstdint>
#include <optional>

#include "core/gate.hpp"
#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

enum class BreakoutKind : std::uint8_t { OpeningRange, PriorDay, Donchian20 };
inline constexpr int kBreakoutKinds = 3;
enum class BreakoutSide : std::uint8_t { Up, Down };

// Failed, Expired and Completed appear in edges only: the slot itself goes on to Idle.
enum class BreakoutState : std::uint8_t {
    Idle,
    Armed,
    Triggered,
    Confirmed,
    Held,
    Failed,
    Expired,
    Completed
};

enum class BreakoutWhy : std::uint8_t {
    None,
    Fast,          // one close far behind the level
    AcceptedBack,  // several closes in a row behind the level
    CloseBelow,    // the session closed behind the level
    Unconfirmed,   // the session closed beyond the level without a confirmation
    NewLevel       // an armed slot was given another level
};

[[nodiscard]] const char* to_string(BreakoutKind kind) noexcept;    // "OR", "PD", "D20"
[[nodiscard]] const char* to_string(BreakoutSide side) noexcept;    // "up", "down"
[[nodiscard]] const char* to_string(BreakoutState state) noexcept;  // "idle", ...
[[nodiscard]] const char* to_string(BreakoutWhy why) noexcept;      // "", "fast", ...

// A level to break, with the yardstick it is measured with.
struct BreakoutLevel {
    Price price;
    std::int32_t age = 0;  // sessions since the extreme was made; evidence
    double atr = 0.0;      // price units, > 0

    template <class A>
    void archive(A& a) {
        a(price, age, atr);
    }
};

// One closed minute of the leading feed. Not given at all for an absent minute.
struct BreakoutMinute {
    std::int64_t minute = 0;
    Price close;
    std::optional<double> rvol15;
    std::optional<double> rvol_cum;
    std::optional<double> vwap;  // price units
    double rvol15_bound = 1.5;   // by coverage and quality of the baseline
    bool halted = false;         // counters are frozen
    bool degraded = false;       // cannot confirm
    bool may_confirm = true;     // false: coverage or baseline forbid a confirmation
    std::int32_t length = 1;     // minutes; more when the input is a longer bar

    template <class A>
    void archive(A& a) {
        a(minute, close, rvol15, rvol_cum, vwap, rvol15_bound, halted, degraded, may_confirm,
          length);
    }
};

// One transition with everything that is known about the slot at that moment. Prices are as
// traded, not mapped.
struct BreakoutEdge {
    BreakoutState state = BreakoutState::Idle;
    BreakoutState prev = BreakoutState::Idle;
    BreakoutWhy why = BreakoutWhy::None;
    std::int64_t minute = 0;
    BreakoutLevel level;
    double trigger_price = 0.0;  // price units
    Price price;                 // the trade, the minute close or the session close behind it
    double dist_atr = 0.0;       // to the trigger price; negative beyond it
    double close_atr = 0.0;      // (price - level) / ATR in the breakout's direction
    bool gap = false;
    std::int32_t attempt = 0;
    std::optional<double> rvol15, rvol_cum, vwap;  // at a minute close
    double mfe_atr = 0.0;                          // largest excursion beyond the level
    std::int32_t retests = 0;
    std::int64_t minutes = 0;  // since the trigger
    std::int32_t sessions = 0;
};

// Prices strictly between the bounds; empty unless low < high.
struct PriceBand {
    Price low{INT64_MIN};
    Price high{INT64_MAX};
    [[nodiscard]] bool holds(Price price) const noexcept { return price > low && price < high; }
};

class Breakout {
public:
    Breakout() = default;
    Breakout(BreakoutKind kind, BreakoutSide side, Price tick) noexcept
        : kind_(kind), side_(side), tick_(tick) {}

    [[nodiscard]] BreakoutKind kind() const noexcept { return kind_; }
    [[nodiscard]] BreakoutSide side() const noexcept { return side_; }
    [[nodiscard]] BreakoutState state() const noexcept { return state_; }
    [[nodiscard]] const BreakoutLevel& level() const noexcept { return level_; }
    [[nodiscard]] bool has_level() const noexcept { return has_level_; }
    // Triggered, confirmed or held: level and ATR are frozen.
    [[nodiscard]] bool active() const noexcept;

    // Sets the level of a new session (the opening range: when it is complete). Ignored while
    // active. Another price forgets attempts, excursion and cooldown; the same price keeps them.
    // REQUIRES atr > 0.
    std::optional<BreakoutEdge> set_level(std::int64_t minute, const BreakoutLevel& level) noexcept;
    // No level this session (no ATR, suspect corporate action): ignored while active.
    std::optional<BreakoutEdge> clear_level(std::int64_t minute) noexcept;

    // An accepted, on-time trade of continuous trading. O(1).
    std::optional<BreakoutEdge> trade(std::int64_t minute, Price price, bool gap,
                                      const BreakoutParams& params) noexcept;
    // Prices at which trade() does nothing, cooldowns aside: never too wide, a little too narrow so
    // that no rounding matters. Changes only with the slot.
    [[nodiscard]] PriceBand quiet_band(const BreakoutParams& params) const noexcept;
    // True when a trade at `price` would trigger now, cooldown aside: the test for `gap` when the
    // opening range completes.
    [[nodiscard]] bool beyond(Price price, const BreakoutParams& params) const noexcept;

    std::optional<BreakoutEdge> minute(const BreakoutMinute& input,
                                       const BreakoutParams& params) noexcept;
    // `close` is the session's last continuous price or its official close.
    std::optional<BreakoutEdge> session_close(std::int64_t minute, Price close,
                                              const BreakoutParams& params) noexcept;

    // After an outage: consecutive counters start again.
    void reset_counters() noexcept;
    // Corporate action: prices times price_factor_e9 * 1e-9. REQUIRES > 0.
    void scale(std::int64_t price_factor_e9) noexcept;

    // What a trigger still needs: level, beyond_trigger (ATR beyond the trigger price).
    [[nodiscard]] Gates trigger_gates(std::optional<Price> last,
                                      const BreakoutParams& params) const noexcept;
    // What a confirmation still needs: hold, rvol15, rvol_cum, vwap, degraded, eligible.
    [[nodiscard]] Gates gates(const BreakoutMinute& input,
                              const BreakoutParams& params) const noexcept;

    template <class A>
    void archive(A& a) {
        a(state_, has_level_, in_retest_, gap_, has_excursion_, level_, excursion_, mfe_,
          cool_until_, trigger_minute_, attempt_, hold_, below_, retests_, sessions_);
    }

private:
    [[nodiscard]] double sign() const noexcept { return side_ == BreakoutSide::Up ? 1.0 : -1.0; }
    [[nodiscard]] double mapped(Price price) const noexcept { return price.to_double() * sign(); }
    [[nodiscard]] double mapped_level() const noexcept { return mapped(level_.price); }
    [[nodiscard]] double trigger_price(const BreakoutParams& params) const noexcept;
    [[nodiscard]] double distance(Price price, const BreakoutParams& params) const noexcept;
    [[nodiscard]] double close_distance(Price price) const noexcept;
    [[nodiscard]] BreakoutEdge go(BreakoutState next, std::int64_t minute, Price price,
                                  const BreakoutParams& params) noexcept;
    [[nodiscard]] BreakoutEdge fail(BreakoutWhy why, std::int64_t minute, Price price,
                                    const BreakoutParams& params) noexcept;
    void count(double d, double fail_atr, std::int32_t length) noexcept;
    [[nodiscard]] bool confirms(const BreakoutMinute& input,
                                const BreakoutParams& params) const noexcept;
    void reset() noexcept;

    BreakoutKind kind_ = BreakoutKind::OpeningRange;
    BreakoutSide side_ = BreakoutSide::Up;
    BreakoutState state_ = BreakoutState::Idle;
    bool has_level_ = false;
    bool in_retest_ = false;
    bool gap_ = false;
    bool has_excursion_ = false;  // a failed attempt of this level
    Price tick_{1};
    BreakoutLevel level_;
    double excursion_ = 0.0;  // mapped price that the next attempt must beat
    double mfe_ = 0.0;        // price units beyond the level
    std::int64_t cool_until_ = 0;
    std::int64_t trigger_minute_ = 0;
    std::int32_t attempt_ = 0;
    std::int32_t hold_ = 0;   // closes in a row at or beyond the level, minutes
    std::int32_t below_ = 0;  // closes in a row far behind it, minutes
    std::int32_t retests_ = 0;
    std::int32_t sessions_ = 0;
};

}  // namespace spill
