#include "core/unwind.hpp"

#include <algorithm>
#include <cmath>

#include "core/feature.hpp"

namespace spill {

const char* to_string(UnwindKind kind) noexcept {
    switch (kind) {
        case UnwindKind::BroadDown: return "broad_down";
        case UnwindKind::DownBreak: return "down_break";
        case UnwindKind::FailD20: return "fail_d20";
        case UnwindKind::FailOr: return "fail_or";
        case UnwindKind::FailPd: return "fail_pd";
        case UnwindKind::RotationOff: return "rotation_off";
        case UnwindKind::TokenSell: return "token_sell";
    }
    return "broad_down";
}

double unwind_weight(UnwindKind kind, const UnwindParams& params) noexcept {
    switch (kind) {
        case UnwindKind::BroadDown: return params.broad_down;
        case UnwindKind::DownBreak: return params.down_break;
        case UnwindKind::FailD20: return params.fail_d20;
        case UnwindKind::FailOr: return params.fail_or;
        case UnwindKind::FailPd: return params.fail_pd;
        case UnwindKind::RotationOff: return params.rotation_off;
        case UnwindKind::TokenSell: return params.token_sell;
    }
    return 0.0;
}

namespace {

constexpr double kNanosPerHour = 3600e9;

double decay(UnixNanos from, UnixNanos to, const UnwindParams& params) noexcept {
    double const hours =
        static_cast<double>(std::max<std::int64_t>(to.ns - from.ns, 0)) / kNanosPerHour;
    return std::pow(0.5, hours / params.half_life_hours);
}

bool stands(UnwindKind kind, const UnwindStanding& standing) noexcept {
    switch (kind) {
        case UnwindKind::BroadDown: return standing.broad_down;
        case UnwindKind::DownBreak: return standing.down_break;
        case UnwindKind::TokenSell: return standing.token_sell;
        case UnwindKind::FailD20:
        case UnwindKind::FailOr:
        case UnwindKind::FailPd:
        case UnwindKind::RotationOff: return false;
    }
    return false;
}

int level_at(double score, bool tokens_falling, double slack, const UnwindParams& params) noexcept {
    double const u = q9(score);
    if (u >= q9(params.active - slack) && tokens_falling) return 3;
    if (u >= q9(params.warning - slack)) return 2;
    return u >= q9(params.watch - slack) ? 1 : 0;
}

}  // namespace

int unwind_level(double score, int previous, bool tokens_falling,
                 const UnwindParams& params) noexcept {
    int const enter = level_at(score, tokens_falling, 0.0, params);
    if (enter > previous) return enter;
    return std::min(previous, level_at(score, tokens_falling, params.leave, params));
}

void Unwind::event(UnixNanos at, UnwindKind kind, double factor,
                   const UnwindParams& params) noexcept {
    Point& point = points_[static_cast<std::size_t>(kind)];
    double const weight = unwind_weight(kind, params) * factor;
    if (weight >= point.weight * decay(point.at, at, params)) point = {.weight = weight, .at = at};
}

UnwindReading Unwind::read(UnixNanos now, const UnwindStanding& standing,
                           const UnwindParams& params, double bucket_factor) const noexcept {
    UnwindReading out;
    double left = 1.0;
    for (std::size_t k = 0; k < kUnwindKinds; ++k) {
        auto const kind = static_cast<UnwindKind>(k);
        Point const& point = points_[k];
        double weight = point.weight > 0.0 ? point.weight * decay(point.at, now, params) : 0.0;
        if (stands(kind, standing)) weight = std::max(weight, unwind_weight(kind, params));
        out.parts[k] = weight;
        left *= 1.0 - weight;
    }
    out.score = std::min(1.0, (1.0 - left) * bucket_factor);
    return out;
}

std::optional<UnwindEdge> Unwind::minute(double score, bool tokens_falling,
                                         const UnwindParams& params) noexcept {
    int const wanted = unwind_level(score, level_, tokens_falling, params);
    int const direction = wanted > level_ ? 1 : wanted < level_ ? -1 : 0;
    if (direction == 0) {
        streak_ = 0;
        return std::nullopt;
    }
    bool const goes_on = streak_ > 0 && direction == direction_;
    int const nearest = direction > 0 ? std::min(candidate_, wanted) : std::max(candidate_, wanted);
    candidate_ = goes_on ? nearest : wanted;
    direction_ = direction;
    streak_ = goes_on ? streak_ + 1 : 1;
    if (streak_ < params.dwell_minutes) return std::nullopt;
    UnwindEdge const edge{.level = candidate_, .prev = level_};
    level_ = candidate_;
    streak_ = 0;
    return edge;
}

}  // namespace spill
