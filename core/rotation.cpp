#include "core/rotation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/feature.hpp"

namespace spill {

Theme theme_of(const ThemeInputs& inputs) noexcept {
    if (inputs.leader_up && inputs.broad_up) return Theme::Up;
    if (inputs.leader_failed || inputs.broad_down) return Theme::Down;
    return Theme::Mixed;
}

const char* to_string(Cross cross) noexcept {
    switch (cross) {
        case Cross::None: return "none";
        case Cross::ConfirmedLive: return "confirmed_live";
        case Cross::ConfirmedCarried: return "confirmed_carried";
        case Cross::ConfirmedDerivative: return "confirmed_derivative";
        case Cross::Contradicted: return "contradicted";
    }
    return "none";
}

Cross cross_of(const ThemeView& view, const RotationParams& params) noexcept {
    bool const carried = !view.live && q9(view.age_hours) <= params.carry_hours;
    if (!view.live && !carried) return Cross::None;
    switch (view.theme) {
        case Theme::Mixed: return Cross::None;
        case Theme::Down: return Cross::Contradicted;
        case Theme::Up: break;
    }
    if (carried) return Cross::ConfirmedCarried;
    return view.derivative_only ? Cross::ConfirmedDerivative : Cross::ConfirmedLive;
}

Gates rotation_gates(const RotationReading& reading, const RotationParams& params) noexcept {
    Gates out;
    auto const at_least = [&out](const char* name, double value, double bound) {
        out.add({.name = name, .value = value, .bound = bound, .pass = q9(value) >= bound});
    };
    // The share is rounded before the ceiling so that a third of three is one.
    auto const share = static_cast<std::int32_t>(
        std::ceil(q9(params.real_share * static_cast<double>(reading.n))));
    at_least("tokens", reading.n, params.min_tokens);
    at_least("real", reading.real, std::max(params.real_min, share));
    at_least("breadth", reading.breadth, params.breadth_enter);
    at_least("median_z", reading.median_z, params.median_z);
    return out;
}

RotationReading rotation(std::span<const RotationToken> tokens, double r60_btc,
                         const RotationParams& params) noexcept {
    std::size_t const n = std::min(tokens.size(), kMaxBucketTokens);
    std::array<double, kMaxBucketTokens> rel{};
    std::array<double, kMaxBucketTokens> z{};
    std::array<double, kMaxBucketTokens> ahead_z{};
    RotationReading out;
    out.n = static_cast<std::int32_t>(n);
    out.sufficient = out.n >= params.min_tokens;
    if (!out.sufficient) return out;
    int ahead = 0;
    double const beta_error = params.beta_error * r60_btc;
    for (std::size_t i = 0; i < n; ++i) {
        RotationToken const& token = tokens[i];
        rel[i] = token.r60 - token.beta * r60_btc;
        z[i] = rel[i] / std::sqrt(token.sigma60 * token.sigma60 + beta_error * beta_error);
        ahead_z[i] = std::max(z[i], 0.0);
        if (rel[i] > 0.0) ++ahead;
        if (token.confirmed && token.r60 > 0.0 && rel[i] > 0.0) ++out.real;
    }
    out.breadth = ahead / static_cast<double>(n);
    out.n_eff = n_eff({ahead_z.data(), n});
    out.median_z = median({z.data(), n});
    out.median_rel = median({rel.data(), n});
    out.enter = rotation_gates(out, params).all_pass();
    out.leave = out.real < 1 || q9(out.breadth) < params.breadth_leave;
    return out;
}

std::optional<RotationEdge> Rotation::minute(const RotationReading& reading, Cross cross,
                                             const RotationParams& params) noexcept {
    bool const was_on = on_;
    bool const pushes = on_ ? reading.sufficient && reading.leave : reading.enter;
    streak_ = pushes ? streak_ + 1 : 0;
    if (streak_ >= (on_ ? params.leave_minutes : params.dwell_minutes)) {
        on_ = !on_;
        streak_ = 0;
    }
    bool const cross_changed = cross != cross_;
    cross_ = cross;
    if (on_ == was_on && !(on_ && cross_changed)) return std::nullopt;
    return RotationEdge{.on = on_, .was_on = was_on, .cross = cross};
}

}  // namespace spill
