// What each scenario plants on tokens. Ranges that signals.md 3.1 leaves open stand here.
#include <algorithm>
#include <cmath>

#include "connectors/simulator/episode_tokens.hpp"

namespace spill::sim {
namespace {

// Minutes after the start (and after the ramp) in which a signal counts.
constexpr double kWindow = 150.0;

UnixNanos plus_minutes(UnixNanos at, double minutes) noexcept {
    return UnixNanos{at.ns + static_cast<std::int64_t>(minutes * 60.0) * kNanosPerSecond};
}

double sign(Rng& rng) noexcept { return rng.chance(0.5) ? 1.0 : -1.0; }

}  // namespace

double TokenMarket::volume_multiple(const Plan& plan, double since) const noexcept {
    if (since < 0.0) return 1.0;
    switch (plan.kind) {
        case EpisodeKind::Organic:
        case EpisodeKind::RotationWave:
        case EpisodeKind::BtcWave:
        case EpisodeKind::OneToken:
        case EpisodeKind::Unwind: {
            double const up = std::min(1.0, since / plan.ramp);
            double const left = plan.ramp + plan.hold + 30.0 - since;
            double const down = std::clamp(left / 30.0, 0.0, 1.0);
            return 1.0 + (plan.multiple - 1.0) * up * down;
        }
        case EpisodeKind::Headline:
            return 1.0 + (plan.multiple - 1.0) * std::pow(0.5, since / plan.half_life);
        case EpisodeKind::Burst: return since < 5.0 ? plan.multiple : 1.0;
        case EpisodeKind::Block:
        case EpisodeKind::Wash:
        case EpisodeKind::Noise:
        case EpisodeKind::TrueBreak:
        case EpisodeKind::Retest:
        case EpisodeKind::Fake:
        case EpisodeKind::Trap:
        case EpisodeKind::Drift:
        case EpisodeKind::Chop: return 1.0;
    }
    return 1.0;
}

// What the plan adds to the log return of the minute that begins `since` minutes after the start.
double TokenMarket::planned_return(const Plan& plan, double since) const noexcept {
    if (since < 0.0) return 0.0;
    double r = 0.0;
    if (plan.jump != 0.0) {
        if (since < plan.jump_minutes) {
            r += plan.jump / plan.jump_minutes;
        } else if (since < plan.jump_minutes + 60.0) {
            r -= plan.retrace * plan.jump / 60.0;
        }
    }
    if (plan.rise != 0.0 && since < plan.rise_minutes) r += plan.rise / plan.rise_minutes;
    return r;
}

void TokenMarket::plan_wash(Token& token, const EpisodeClass& what) {
    Plan& plan = token.plan;
    plan.tape = what.tape;
    plan.wash_minutes = token.rng.uniform(90.0, 150.0);
    // The sum over all venues rises to four to six times the ordinary.
    double const excess = token.rng.uniform(3.0, 5.0);
    std::size_t const first = what.washed_venues > 1 ? 0 : token.rng.below(2);
    double washed = 0.0;
    for (int k = 0; k < what.washed_venues; ++k) {
        washed += token.share[first + static_cast<std::size_t>(k)];
    }
    for (int k = 0; k < what.washed_venues; ++k) {
        plan.washes[first + static_cast<std::size_t>(k)].multiple = excess / washed;
    }
}

void TokenMarket::plan_single(Token& token, const EpisodeClass& what) {
    Rng& rng = token.rng;
    Plan& plan = token.plan;
    plan = Plan{};
    plan.active = true;
    plan.kind = what.kind;
    plan.multiple = what.multiple;
    plan.ramp = what.ramp_minutes > 0.0 ? what.ramp_minutes : rng.uniform(5.0, 15.0);
    double const slow = what.ramp_minutes;
    plan.hold = rng.uniform(150.0, 240.0);
    plan.half_life = rng.uniform(3.5, 4.5);
    switch (what.kind) {
        case EpisodeKind::Organic:
            // Half a sigma to one and a half per hour of the wave, either way.
            plan.rise_minutes = plan.ramp + plan.hold;
            plan.rise = sign(rng) * rng.uniform(0.5, 1.5) * token.sigma_hour *
                        std::sqrt(plan.rise_minutes / 60.0);
            break;
        case EpisodeKind::Headline:
            plan.jump = sign(rng) * rng.uniform(6.0, 8.0) * sigma15(token);
            plan.jump_minutes = rng.uniform(1.0, 3.0);
            plan.retrace = rng.uniform(0.0, 0.4);
            break;
        case EpisodeKind::Wash: plan_wash(token, what); break;
        case EpisodeKind::Block:
            plan.block_venue = static_cast<int>(rng.below(kTokenVenues));
            plan.block_hours = rng.uniform(1.0, 3.0);
            break;
        case EpisodeKind::Burst:
        case EpisodeKind::Noise:
        case EpisodeKind::RotationWave:
        case EpisodeKind::BtcWave:
        case EpisodeKind::OneToken:
        case EpisodeKind::Unwind:
        case EpisodeKind::TrueBreak:
        case EpisodeKind::Retest:
        case EpisodeKind::Fake:
        case EpisodeKind::Trap:
        case EpisodeKind::Drift:
        case EpisodeKind::Chop: break;
    }
    token.truth.start = plus_minutes(play_start(), std::floor(rng.uniform(0.0, 60.0)));
    token.truth.deadline = plus_minutes(token.truth.start, slow + kWindow);
}

// Rotation: all five tokens trade 4-6 times their volume and gain 4-6 sigmas of an hour beyond BTC
// within 80-120 minutes. BTC wave: BTC gains 3 % in 60-100 minutes, tokens follow with their beta
// on 1.8-3.8 times their volume (in 50 real hours with BTC up by 1.8 % or more, the median over
// nine tokens was 2.8, and their own returns spread 1.4 times as wide as usual, which is 2.8^.35).
// One token: it alone gains, the others do nothing.
void TokenMarket::plan_bucket(int first, const EpisodeClass& what, UnixNanos start) {
    for (int i = first; i < first + kTokensPerBucket; ++i) {
        Token& token = tokens_[static_cast<std::size_t>(i)];
        Rng& rng = token.rng;
        Plan& plan = token.plan;
        plan = Plan{};
        plan.kind = what.kind;
        plan.active = what.kind != EpisodeKind::OneToken || i == first;
        plan.multiple = what.multiple + rng.uniform(-1.0, 1.0);
        plan.ramp = rng.uniform(10.0, 30.0);
        plan.hold = rng.uniform(150.0, 200.0);
        plan.rise_minutes = rng.uniform(80.0, 120.0);
        if (what.kind == EpisodeKind::BtcWave) {
            // The followers trade as long as BTC moves.
            plan.hold = btc_.wave_minutes - plan.ramp;
        } else {
            plan.rise = rng.uniform(4.0, 6.0) * token.sigma_hour;
        }
        if (what.kind == EpisodeKind::Unwind) plan.rise *= -1.2;
        token.truth.start = start;
        token.truth.deadline = plus_minutes(start, kWindow);
    }
}

void TokenMarket::restart_streams(const EpisodeClass& what, int draw) {
    std::string const stream = std::string(what.name) + " " + std::to_string(config_.batch) + " " +
                               std::to_string(draw) + " ";
    for (Token& token : tokens_) token.rng = Rng(config_.seed, stream + token.truth.name);
    btc_.rng = Rng(config_.seed, stream + "btc");
    btc_.wave = 0.0;
}

void TokenMarket::plant(const EpisodeClass& what, int draw) {
    restart_streams(what, draw);
    bool const bucket = what.kind == EpisodeKind::RotationWave ||
                        what.kind == EpisodeKind::BtcWave || what.kind == EpisodeKind::OneToken;
    if (!bucket) {
        for (Token& token : tokens_) plan_single(token, what);
        return;
    }
    UnixNanos const wave = plus_minutes(play_start(), std::floor(btc_.rng.uniform(0.0, 60.0)));
    if (what.kind == EpisodeKind::BtcWave) {
        btc_.wave = std::log(1.03);
        btc_.wave_minutes = btc_.rng.uniform(60.0, 100.0);
        btc_.wave_start = wave;
    }
    for (int first = 0; first < size(); first += kTokensPerBucket) {
        Rng& rng = tokens_[static_cast<std::size_t>(first)].rng;
        double const minutes = std::floor(rng.uniform(0.0, 60.0));
        bool const own = what.kind != EpisodeKind::BtcWave;
        plan_bucket(first, what, own ? plus_minutes(play_start(), minutes) : wave);
    }
}

void TokenMarket::plant_at(const EpisodeClass& what, UnixNanos start) {
    restart_streams(what, 0);
    for (int first = 0; first < size(); first += kTokensPerBucket) plan_bucket(first, what, start);
}

}  // namespace spill::sim
