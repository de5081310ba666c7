#include "core/token_volume.hpp"

#include <algorithm>
#include <cmath>

#include "core/feature.hpp"

namespace spill {

const char* to_string(ScorePart part) noexcept {
    switch (part) {
        case ScorePart::Magnitude: return "M";
        case ScorePart::Persistence: return "P";
        case ScorePart::Dispersion: return "T";
    }
    return "M";
}

const char* to_string(VolumeState state) noexcept {
    switch (state) {
        case VolumeState::None: return "none";
        case VolumeState::Building: return "building";
        case VolumeState::Confirmed: return "confirmed";
        case VolumeState::Suspect: return "suspect";
        case VolumeState::Faded: return "faded";
    }
    return "none";
}

const char* to_string(VolumeTrigger trigger) noexcept {
    switch (trigger) {
        case VolumeTrigger::None: return "";
        case VolumeTrigger::Volume: return "volume";
        case VolumeTrigger::Price: return "price";
    }
    return "";
}

const char* to_string(VolumeReason reason) noexcept {
    switch (reason) {
        case VolumeReason::None: return "";
        case VolumeReason::Quality: return "quality";
        case VolumeReason::OneTrade: return "one_trade";
        case VolumeReason::Headline: return "headline";
        case VolumeReason::Quiet: return "quiet";
        case VolumeReason::NoFollowThrough: return "no_follow_through";
    }
    return "";
}

double consensus_rvol(std::span<const VenueRvol> venues) noexcept {
    std::array<double, kMaxTokenVenues> scratch{};
    std::size_t const n = std::min(venues.size(), kMaxTokenVenues);
    bool any_trusted = false;
    double best_trusted = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        scratch[i] = venues[i].rvol;
        if (!venues[i].trusted) continue;
        best_trusted = any_trusted ? std::max(best_trusted, venues[i].rvol) : venues[i].rvol;
        any_trusted = true;
    }
    double const middle = lower_median({scratch.data(), n});
    return any_trusted ? std::min(middle, best_trusted) : middle;
}

namespace {

constexpr double kTiny = 1e-9;         // keeps logarithms finite
constexpr double kMinVariance = 1e-6;  // likewise, of the variance ratio

double log_ramp(double ratio, RampBounds bounds) noexcept {
    return ramp(std::log(std::max(ratio, kTiny)), {std::log(bounds.lo), std::log(bounds.hi)});
}

// Sums over the venues that have an expectation.
struct Totals {
    std::array<VenueRvol, kMaxTokenVenues> venues{};
    std::array<double, kMaxTokenVenues> excess{};  // volume beyond the expectation
    std::array<std::optional<double>, kMaxTokenVenues> tape{};
    std::size_t size = 0;
    RvolWindow::Blocks blocks;
    double volume = 0.0;
    double expected = 0.0;
};

Totals total(const TokenWindow& window) noexcept {
    Totals out;
    for (std::size_t i = 0; i < std::min(window.size, kMaxTokenVenues); ++i) {
        TokenWindow::Venue const& venue = window.venues[i];
        double volume = 0.0;
        double expected = 0.0;
        for (std::size_t j = 0; j < RvolWindow::kBlocks; ++j) {
            volume += venue.blocks.volume[j];
            expected += venue.blocks.expected[j];
        }
        if (!(expected > 0.0)) continue;
        out.venues[out.size] = {.rvol = volume / expected, .trusted = venue.trusted};
        out.excess[out.size] = std::max(0.0, volume - expected);
        out.tape[out.size] = venue.f_tape;
        ++out.size;
        for (std::size_t j = 0; j < RvolWindow::kBlocks; ++j) {
            out.blocks.volume[j] += venue.blocks.volume[j];
            out.blocks.expected[j] += venue.blocks.expected[j];
        }
        out.volume += volume;
        out.expected += expected;
    }
    return out;
}

void rate_quality(const Totals& totals, const TokenWindow& window, const VolumeParams& params,
                  TokenScore& out) noexcept {
    if (totals.size >= 2) {
        out.f_venue = log_ramp(out.rvol60 / std::max(out.consensus, kTiny),
                               {params.venue_gap_lo, params.venue_gap_hi});
    }
    out.churn_known = window.variance_ratio.has_value();
    if (out.churn_known && q9(out.rvol60) >= params.excess_rvol) {
        out.f_churn = log_ramp(out.rvol60 / std::max(*window.variance_ratio, kMinVariance),
                               {params.churn_lo, params.churn_hi});
    }
    double weight = 0.0;
    double weighted = 0.0;
    for (std::size_t i = 0; i < totals.size; ++i) {
        if (!totals.tape[i]) continue;
        out.tape_known = true;
        weight += totals.excess[i];
        weighted += totals.excess[i] * *totals.tape[i];
    }
    out.f_tape = weight > 0.0 ? weighted / weight : 0.0;
    out.quality = 1.0 - std::max({out.f_venue, out.f_churn, out.f_tape});
}

}  // namespace

TokenScore token_score(const TokenWindow& window, const VolumeParams& params) noexcept {
    TokenScore out;
    Totals const totals = total(window);
    out.level = std::exp(std::clamp(window.level, 0.0, std::log(params.level_cap)));
    out.venues = totals.size;
    if (totals.size == 0) return out;
    out.rvol60 = totals.volume / totals.expected;
    out.consensus = consensus_rvol({totals.venues.data(), totals.size});

    double const lo = window.provisional ? params.magnitude_lo_provisional : params.magnitude_lo;
    out.magnitude = log_ramp(out.consensus / out.level, {lo, params.magnitude_hi});

    std::array<double, RvolWindow::kBlocks> surplus{};
    for (std::size_t j = 0; j < surplus.size(); ++j) {
        surplus[j] = std::max(0.0, totals.blocks.volume[j] - out.level * totals.blocks.expected[j]);
    }
    out.n_eff_time = n_eff(surplus);
    out.persistence =
        ramp(out.n_eff_time / RvolWindow::kBlocks, {params.persistence_lo, params.persistence_hi});

    out.top_trade_share = totals.volume > 0.0 ? window.largest_trade / totals.volume : 0.0;
    out.dispersion = 1.0 - ramp(out.top_trade_share, {params.top_trade_lo, params.top_trade_hi});
    rate_quality(totals, window, params, out);

    double least = out.magnitude;
    if (out.persistence < least) {
        least = out.persistence;
        out.weakest = ScorePart::Persistence;
    }
    if (out.dispersion < least) {
        least = out.dispersion;
        out.weakest = ScorePart::Dispersion;
    }
    out.score = out.quality * least;
    if (totals.size == 1) out.score = std::min(out.score, params.single_venue_cap);
    return out;
}

double ActivityLevel::close_slot(const Slot& slot, bool frozen,
                                 const VolumeParams& params) noexcept {
    if (!(slot.median > 0.0)) return 0.0;
    double const y =
        std::log(std::max(slot.volume, params.level_floor * slot.median) / slot.median);
    if (frozen) return y;
    double const a = 1.0 - std::pow(0.5, 1.0 / params.level_half_life_slots);
    double const cap = std::log(params.level_cap);
    double const step = std::clamp(y - level_, -params.level_step, params.level_step);
    level_ = std::clamp(level_ + a * step, -cap, cap);
    return y;
}

double ActivityLevel::ratio() const noexcept { return std::exp(std::max(0.0, level_)); }

bool is_blowoff(const VolumeMinute& input, const VolumeParams& params) noexcept {
    return q9(input.c15) > params.blowoff_rvol15 && q9(input.j15) >= params.build_jump;
}

VolumeEdge TokenVolume::go(VolumeState next, VolumeReason reason,
                           const VolumeMinute& input) noexcept {
    VolumeEdge const edge{.state = next,
                          .prev = state_,
                          .trigger = trigger_,
                          .reason = reason,
                          .age = age_,
                          .at = input};
    state_ = next;
    return edge;
}

std::optional<VolumeEdge> TokenVolume::start(const VolumeMinute& input,
                                             const VolumeParams& params) noexcept {
    if (cooling_ && input.minute < cool_until_) return std::nullopt;
    cooling_ = false;
    state_ = VolumeState::None;
    bool const volume =
        q9(input.c15) >= params.build_rvol15 || q9(input.r15) >= params.build_rvol15;
    if (!volume && q9(input.j15) < params.build_jump) return std::nullopt;
    age_ = bad_ = good_ = quiet_ = 0;
    trigger_ = volume ? VolumeTrigger::Volume : VolumeTrigger::Price;
    return go(VolumeState::Building, VolumeReason::None, input);
}

VolumeReason TokenVolume::flag(const VolumeMinute& input,
                               const VolumeParams& params) const noexcept {
    bool const excess = q9(input.rt) >= params.excess_rvol;
    if (excess && q9(input.quality) <= params.suspect_quality) return VolumeReason::Quality;
    if (excess && q9(input.dispersion) <= params.suspect_dispersion) return VolumeReason::OneTrade;
    bool const news = state_ == VolumeState::Building && trigger_ == VolumeTrigger::Price &&
                      age_ >= params.headline_from && age_ <= params.headline_to;
    if (news && q9(input.c15) < params.keep_rvol15) return VolumeReason::Headline;
    return VolumeReason::None;
}

std::int32_t TokenVolume::min_age(const VolumeParams& params) const noexcept {
    return trigger_ == VolumeTrigger::Price ? params.min_age_price : params.min_age_volume;
}

void TokenVolume::count(const VolumeMinute& input, VolumeReason flagged,
                        const VolumeParams& params) noexcept {
    bool const clean = flagged == VolumeReason::None;
    bool const good = clean && input.may_confirm && q9(input.score) >= params.confirm_score &&
                      q9(input.c15) >= params.keep_rvol15;
    bad_ = clean ? std::max(0, bad_ - input.length) : bad_ + input.length;
    good_ = good ? good_ + input.length : 0;
    bool const calm =
        state_ == VolumeState::Suspect
            ? q9(input.c15) < params.keep_rvol15 && q9(input.rt) < params.excess_rvol
            : q9(input.c15) < params.fade_rvol15 || q9(input.score) < params.fade_score;
    quiet_ = calm ? quiet_ + input.length : 0;
}

std::optional<VolumeEdge> TokenVolume::minute(const VolumeMinute& input,
                                              const VolumeParams& params) noexcept {
    if (input.degraded) return std::nullopt;
    if (!level_frozen()) return start(input, params);
    age_ += input.length;
    VolumeReason const flagged = flag(input, params);
    count(input, flagged, params);

    auto const cool_down = [&](std::int32_t minutes) {
        cooling_ = true;
        cool_until_ = input.minute + minutes;
    };
    if (state_ == VolumeState::Building) {
        if (good_ >= params.good_minutes && age_ >= min_age(params)) {
            quiet_ = 0;
            return go(VolumeState::Confirmed, VolumeReason::None, input);
        }
        if (bad_ >= params.bad_minutes) {
            good_ = quiet_ = 0;
            return go(VolumeState::Suspect, flagged, input);
        }
        bool const tired = age_ >= params.patience_minutes && q9(input.c15) < params.keep_rvol15;
        if (tired || age_ >= params.max_age_minutes) {
            cool_down(params.cooldown_minutes);
            return go(VolumeState::None, VolumeReason::NoFollowThrough, input);
        }
        return std::nullopt;
    }
    if (state_ == VolumeState::Suspect) {
        if (good_ >= params.redeem_minutes) {
            quiet_ = 0;
            return go(VolumeState::Confirmed, VolumeReason::None, input);
        }
        if (quiet_ >= params.quiet_minutes) {
            cool_down(params.cooldown_minutes);
            return go(VolumeState::None, VolumeReason::Quiet, input);
        }
        return std::nullopt;
    }
    if (q9(input.quality) <= params.drop_quality && bad_ >= params.bad_minutes) {
        good_ = 0;
        return go(VolumeState::Suspect, VolumeReason::Quality, input);
    }
    if (quiet_ >= params.quiet_minutes) {
        cool_down(params.faded_cooldown_minutes);
        return go(VolumeState::Faded, VolumeReason::None, input);
    }
    return std::nullopt;
}

Gates TokenVolume::gates(const VolumeMinute& input, const VolumeParams& params) const noexcept {
    Gates out;
    auto const at_least = [&out](const char* name, double value, double bound) {
        out.add({.name = name, .value = value, .bound = bound, .pass = q9(value) >= bound});
    };
    at_least("score", input.score, params.confirm_score);
    at_least("c15", input.c15, params.keep_rvol15);
    at_least("age", age_, min_age(params));
    bool const redeeming = state_ == VolumeState::Suspect;
    at_least("good_minutes", good_, redeeming ? params.redeem_minutes : params.good_minutes);
    at_least("clean", flag(input, params) == VolumeReason::None ? 1.0 : 0.0, 1.0);
    at_least("complete_data", input.degraded ? 0.0 : 1.0, 1.0);
    at_least("eligible", input.may_confirm ? 1.0 : 0.0, 1.0);
    return out;
}

}  // namespace spill
