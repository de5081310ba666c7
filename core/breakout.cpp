#include "core/breakout.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/feature.hpp"

namespace spill {

const char* to_string(BreakoutKind kind) noexcept {
    switch (kind) {
        case BreakoutKind::OpeningRange: return "OR";
        case BreakoutKind::PriorDay: return "PD";
        case BreakoutKind::Donchian20: return "D20";
    }
    return "OR";
}

const char* to_string(BreakoutSide side) noexcept {
    switch (side) {
        case BreakoutSide::Up: return "up";
        case BreakoutSide::Down: return "down";
    }
    return "up";
}

const char* to_string(BreakoutState state) noexcept {
    switch (state) {
        case BreakoutState::Idle: return "idle";
        case BreakoutState::Armed: return "armed";
        case BreakoutState::Triggered: return "triggered";
        case BreakoutState::Confirmed: return "confirmed";
        case BreakoutState::Held: return "held";
        case BreakoutState::Failed: return "failed";
        case BreakoutState::Expired: return "expired";
        case BreakoutState::Completed: return "completed";
    }
    return "idle";
}

const char* to_string(BreakoutWhy why) noexcept {
    switch (why) {
        case BreakoutWhy::None: return "";
        case BreakoutWhy::Fast: return "fast";
        case BreakoutWhy::AcceptedBack: return "accepted_back";
        case BreakoutWhy::CloseBelow: return "close_below";
        case BreakoutWhy::Unconfirmed: return "unconfirmed";
        case BreakoutWhy::NewLevel: return "new_level";
    }
    return "";
}

namespace {

std::int32_t sessions_to_complete(BreakoutKind kind, const BreakoutParams& params) noexcept {
    switch (kind) {
        case BreakoutKind::OpeningRange: return params.hold_sessions_or;
        case BreakoutKind::PriorDay: return params.hold_sessions_pd;
        case BreakoutKind::Donchian20: return params.hold_sessions_d20;
    }
    return params.hold_sessions_or;
}

constexpr double kBeyondAllPrices = 9e9;  // units; a Price ends below it

}  // namespace

bool Breakout::active() const noexcept {
    return state_ == BreakoutState::Triggered || state_ == BreakoutState::Confirmed ||
           state_ == BreakoutState::Held;
}

void Breakout::reset() noexcept {
    hold_ = below_ = retests_ = sessions_ = 0;
    mfe_ = 0.0;
    in_retest_ = gap_ = false;
}

double Breakout::trigger_price(const BreakoutParams& params) const noexcept {
    double const base = has_excursion_ ? std::max(mapped_level(), excursion_) : mapped_level();
    return base + std::max(tick_.to_double(), params.trigger_buffer_atr * level_.atr);
}

double Breakout::distance(Price price, const BreakoutParams& params) const noexcept {
    return (trigger_price(params) - mapped(price)) / level_.atr;
}

double Breakout::close_distance(Price price) const noexcept {
    return (mapped(price) - mapped_level()) / level_.atr;
}

PriceBand Breakout::quiet_band(const BreakoutParams& params) const noexcept {
    if (!has_level_) return {};
    // In mapped prices, where up is beyond the level.
    double const margin = 1e-6 * std::abs(mapped_level()) + 2e-9;
    double const trigger = trigger_price(params);
    double low = -kBeyondAllPrices;
    double high = kBeyondAllPrices;
    if (active()) {
        high = mapped_level() + mfe_;
    } else if (state_ == BreakoutState::Armed) {
        low = trigger - params.disarm_atr * level_.atr;
        high = trigger;
    } else {
        high = trigger - params.arm_atr * level_.atr;
    }
    low += margin;
    high -= margin;
    bool const up = side_ == BreakoutSide::Up;
    auto const nanos = [](double price) {
        double const bound = std::clamp(price, -kBeyondAllPrices, kBeyondAllPrices);
        return Price{static_cast<std::int64_t>(bound * 1e9)};
    };
    return up ? PriceBand{nanos(low), nanos(high)} : PriceBand{nanos(-high), nanos(-low)};
}

bool Breakout::beyond(Price price, const BreakoutParams& params) const noexcept {
    return has_level_ && q9(distance(price, params)) <= 0.0;
}

BreakoutEdge Breakout::go(BreakoutState next, std::int64_t minute, Price price,
                          const BreakoutParams& params) noexcept {
    BreakoutEdge edge;
    edge.state = next;
    edge.prev = state_;
    edge.minute = minute;
    edge.level = level_;
    edge.trigger_price = trigger_price(params) * sign();
    edge.price = price;
    edge.dist_atr = distance(price, params);
    edge.close_atr = close_distance(price);
    edge.gap = gap_;
    edge.attempt = attempt_;
    edge.mfe_atr = mfe_ / level_.atr;
    edge.retests = retests_;
    edge.minutes = active() || next == BreakoutState::Triggered ? minute - trigger_minute_ : 0;
    edge.sessions = sessions_;
    switch (next) {
        case BreakoutState::Failed:
        case BreakoutState::Expired:
        case BreakoutState::Completed: state_ = BreakoutState::Idle; break;
        case BreakoutState::Idle:
        case BreakoutState::Armed:
        case BreakoutState::Triggered:
        case BreakoutState::Confirmed:
        case BreakoutState::Held: state_ = next; break;
    }
    return edge;
}

BreakoutEdge Breakout::fail(BreakoutWhy why, std::int64_t minute, Price price,
                            const BreakoutParams& params) noexcept {
    BreakoutEdge edge = go(BreakoutState::Failed, minute, price, params);
    edge.why = why;
    excursion_ = mapped_level() + mfe_;
    has_excursion_ = true;
    cool_until_ = minute + params.cooldown_minutes;
    return edge;
}

std::optional<BreakoutEdge> Breakout::clear_level(std::int64_t minute) noexcept {
    if (active()) return std::nullopt;
    std::optional<BreakoutEdge> edge;
    if (state_ == BreakoutState::Armed) {
        edge = go(BreakoutState::Idle, minute, level_.price, BreakoutParams{});
        edge->why = BreakoutWhy::NewLevel;
    }
    has_level_ = false;
    return edge;
}

std::optional<BreakoutEdge> Breakout::set_level(std::int64_t minute,
                                                const BreakoutLevel& level) noexcept {
    SPILL_CHECK(level.atr > 0.0);
    if (active()) return std::nullopt;
    bool const same_price = level_.price == level.price && level_.atr > 0.0;
    std::optional<BreakoutEdge> const edge = clear_level(minute);
    if (!same_price) {
        has_excursion_ = false;
        attempt_ = 0;
        cool_until_ = minute;
    }
    level_ = level;
    has_level_ = true;
    reset();
    return edge;
}

std::optional<BreakoutEdge> Breakout::trade(std::int64_t minute, Price price, bool gap,
                                            const BreakoutParams& params) noexcept {
    if (active()) {
        mfe_ = std::max(mfe_, mapped(price) - mapped_level());
        return std::nullopt;
    }
    if (!has_level_ || (has_excursion_ && minute < cool_until_)) return std::nullopt;
    double const d = q9(distance(price, params));
    if (d <= 0.0) {
        reset();
        gap_ = gap;
        trigger_minute_ = minute;
        ++attempt_;
        mfe_ = mapped(price) - mapped_level();
        return go(BreakoutState::Triggered, minute, price, params);
    }
    if (state_ == BreakoutState::Idle && d <= params.arm_atr) {
        return go(BreakoutState::Armed, minute, price, params);
    }
    if (state_ == BreakoutState::Armed && d > params.disarm_atr) {
        return go(BreakoutState::Idle, minute, price, params);
    }
    return std::nullopt;
}

void Breakout::count(double d, double fail_atr, std::int32_t length) noexcept {
    hold_ = d >= 0.0 ? hold_ + length : 0;
    below_ = d <= -fail_atr ? below_ + length : 0;
    if (d < 0.0 && !in_retest_) ++retests_;
    in_retest_ = d < 0.0;
}

bool Breakout::confirms(const BreakoutMinute& input, const BreakoutParams& params) const noexcept {
    return gates(input, params).all_pass();
}

std::optional<BreakoutEdge> Breakout::minute(const BreakoutMinute& input,
                                             const BreakoutParams& params) noexcept {
    if (!active() || input.halted) return std::nullopt;
    double const d = q9(close_distance(input.close));
    double const fail_atr = state_ == BreakoutState::Held ? params.carry_fail_atr : params.fail_atr;
    count(d, fail_atr, input.length);

    std::optional<BreakoutEdge> edge;
    if (d <= -params.fast_fail_atr - (fail_atr - params.fail_atr)) {
        edge = fail(BreakoutWhy::Fast, input.minute, input.close, params);
    } else if (below_ >= params.fail_minutes) {
        edge = fail(BreakoutWhy::AcceptedBack, input.minute, input.close, params);
    } else if (state_ == BreakoutState::Triggered && confirms(input, params)) {
        edge = go(BreakoutState::Confirmed, input.minute, input.close, params);
    }
    if (edge) {
        edge->rvol15 = input.rvol15;
        edge->rvol_cum = input.rvol_cum;
        edge->vwap = input.vwap;
    }
    return edge;
}

std::optional<BreakoutEdge> Breakout::session_close(std::int64_t minute, Price close,
                                                    const BreakoutParams& params) noexcept {
    if (!active()) return std::nullopt;
    if (q9(mapped(close) - mapped_level()) < 0.0) {
        return fail(BreakoutWhy::CloseBelow, minute, close, params);
    }
    if (state_ == BreakoutState::Triggered) {
        BreakoutEdge edge = go(BreakoutState::Expired, minute, close, params);
        edge.why = BreakoutWhy::Unconfirmed;
        return edge;
    }
    ++sessions_;
    below_ = 0;
    bool const complete = sessions_ >= sessions_to_complete(kind_, params);
    return go(complete ? BreakoutState::Completed : BreakoutState::Held, minute, close, params);
}

void Breakout::reset_counters() noexcept { hold_ = below_ = 0; }

void Breakout::scale(std::int64_t price_factor_e9) noexcept {
    double const factor = static_cast<double>(price_factor_e9) / 1e9;
    int128 const product = static_cast<int128>(level_.price.nanos) * price_factor_e9;
    level_.price.nanos = static_cast<std::int64_t>((product + kNanosPerUnit / 2) / kNanosPerUnit);
    level_.atr *= factor;
    excursion_ *= factor;
    mfe_ *= factor;
}

Gates Breakout::trigger_gates(std::optional<Price> last,
                              const BreakoutParams& params) const noexcept {
    Gates out;
    out.add({.name = "level", .value = has_level_ ? 1.0 : 0.0, .bound = 1.0, .pass = has_level_});
    bool const known = has_level_ && last.has_value();
    double const past = known ? -distance(*last, params) : 0.0;
    out.add({.name = "beyond_trigger",
             .value = past,
             .bound = 0.0,
             .known = known,
             .pass = known && q9(past) >= 0.0});
    return out;
}

Gates Breakout::gates(const BreakoutMinute& input, const BreakoutParams& params) const noexcept {
    Gates out;
    auto const at_least = [&out](const char* name, std::optional<double> value, double bound) {
        out.add({.name = name,
                 .value = value.value_or(0.0),
                 .bound = bound,
                 .known = value.has_value(),
                 .pass = value.has_value() && q9(*value) >= bound});
    };
    at_least("hold_minutes", static_cast<double>(hold_), static_cast<double>(params.hold_minutes));
    at_least("rvol15", input.rvol15, input.rvol15_bound);
    at_least("rvol_cum", input.rvol_cum, params.rvol_cum);
    std::optional<double> beyond_vwap;
    if (input.vwap) beyond_vwap = mapped(input.close) - *input.vwap * sign();
    at_least("beyond_vwap", beyond_vwap, 0.0);
    at_least("complete_data", input.degraded ? 0.0 : 1.0, 1.0);
    at_least("eligible", input.may_confirm ? 1.0 : 0.0, 1.0);
    return out;
}

}  // namespace spill
