#include "connectors/simulator/episode_path.hpp"

#include <algorithm>
#include <cmath>

#include "connectors/simulator/profile.hpp"

namespace spill::sim {
namespace {

int whole(double minutes) noexcept { return static_cast<int>(std::lround(minutes)); }

class PathMaker {
public:
    PathMaker(const ChipPathInput& input, const NoiseModel& model, VolumeNoise5m& noise, Rng& rng)
        : input_(input), model_(model), noise_(noise), rng_(rng) {
        auto const n = static_cast<std::size_t>(input.minutes);
        path_.x.assign(n + 1, 0.0);
        plan_.assign(n, 1.0);
    }

    ChipPath make();

private:
    struct Push {
        int at = 0;      // minute of the push
        int length = 0;  // minutes
        double top = 0.0;
    };
    [[nodiscard]] double& x(int minute) noexcept {
        return path_.x[static_cast<std::size_t>(std::clamp(minute, 0, input_.minutes))];
    }
    void volume(int from, int to, double multiple) noexcept {
        for (int i = std::max(from, 0); i < std::min(to, input_.minutes); ++i) {
            plan_[static_cast<std::size_t>(i)] = multiple;
        }
    }
    void book_volume();
    [[nodiscard]] double step(int minute) noexcept {
        auto const i = static_cast<std::size_t>(std::clamp(minute, 0, input_.minutes - 1));
        return sd_[i] * rng_.normal();
    }
    // From where the path stands at `from` to `target` at `to`, diffusing on the way.
    void bridge(int from, int to, double target);
    void straight(int from, int to, double target);
    void diffuse(int from, double per_minute);
    // Pulled to `centre` with the time constant tau, standard deviation sd.
    struct Pull {
        double centre, tau, sd;
    };
    void revert(int from, int to, const Pull& pull);
    // Below the level until the push; then through it.
    Push approach(double earliest, double latest, double low, double high);

    void true_break(bool retest);
    void false_break(bool on_volume);
    void drift();
    void chop();
    void chain();

    const ChipPathInput& input_;
    const NoiseModel& model_;
    VolumeNoise5m& noise_;
    Rng& rng_;
    ChipPath path_;
    std::vector<double> plan_;  // planted multiple of each minute
    std::vector<double> sd_;    // of each minute's move, ATR
};

void PathMaker::book_volume() {
    double const norm = chip_variance_norm(model_, noise_, input_.minutes);
    double slot = 1.0;
    for (int i = 0; i < input_.minutes; ++i) {
        if (i % 5 == 0) slot = noise_.next_slot(rng_);
        double const curve = chip_volume_curve(i + 0.5, input_.minutes);
        double const volume = curve * slot * plan_[static_cast<std::size_t>(i)];
        path_.volume.push_back(volume);
        double const variance = std::pow(volume, model_.variance_exponent) / norm;
        sd_.push_back(kChipDaySd * std::sqrt(variance / 390.0));
    }
}

void PathMaker::bridge(int from, int to, double target) {
    to = std::min(to, input_.minutes);
    if (to <= from) return;
    double const start = x(from);
    double walk = 0.0;
    for (int i = from; i < to; ++i) {
        walk += step(i);
        x(i + 1) = walk;
    }
    double const miss = walk - (target - start);
    double const length = to - from;
    for (int i = from + 1; i <= to; ++i) x(i) = start + x(i) - miss * (i - from) / length;
}

void PathMaker::straight(int from, int to, double target) {
    double const start = x(from);
    double const length = to - from;
    for (int i = from + 1; i <= std::min(to, input_.minutes); ++i) {
        x(i) = start + (target - start) * (i - from) / length;
    }
}

void PathMaker::diffuse(int from, double per_minute) {
    for (int i = from; i < input_.minutes; ++i) x(i + 1) = x(i) + per_minute + step(i);
}

void PathMaker::revert(int from, int to, const Pull& pull) {
    for (int i = from; i < std::min(to, input_.minutes); ++i) {
        x(i + 1) = x(i) + (pull.centre - x(i)) / pull.tau +
                   pull.sd * std::sqrt(2.0 / pull.tau) * rng_.normal();
    }
}

PathMaker::Push PathMaker::approach(double earliest, double latest, double low, double high) {
    constexpr double kCap = -0.03;  // nothing crosses before the push
    Push push;
    push.at = whole(rng_.uniform(earliest, latest));
    push.length = whole(rng_.uniform(2.0, 6.0));
    push.top = rng_.uniform(low, high);
    path_.push_minute = push.at;
    x(0) = -rng_.uniform(0.35, 0.7);
    bridge(0, push.at, -0.04);
    for (int i = 0; i <= push.at; ++i) {
        if (x(i) > kCap) x(i) = std::max(2.0 * kCap - x(i), -1.0);
    }
    straight(push.at, push.at + push.length, push.top);
    return push;
}

// Push of 0.1-0.2 ATR; then a drift of 0.10-0.20 ATR an hour. Volume 1.9-3.2 for one to two hours,
// a little above ordinary afterwards. A retest of -0.03 ATR follows within 5 to 15 minutes.
void PathMaker::true_break(bool retest) {
    double const multiple = rng_.uniform(1.9, 3.2);
    double const lasts = rng_.uniform(60.0, 120.0);
    double const after = rng_.uniform(1.1, 1.5);
    int const at = whole(rng_.uniform(30.0, 150.0));
    volume(at - 2, at + whole(lasts), multiple);
    volume(at + whole(lasts), input_.minutes, after);
    book_volume();
    Push const push = approach(at, at, 0.1, 0.2);
    int from = push.at + push.length;
    if (retest) {
        int const back = from + whole(rng_.uniform(5.0, 15.0));
        bridge(from, back, 0.02);
        straight(back, back + 2, -0.03);
        from = back + 2 + whole(rng_.uniform(3.0, 6.0));
        straight(back + 2, from, rng_.uniform(0.05, 0.12));
    }
    diffuse(from, rng_.uniform(0.10, 0.20) / 60.0);
}

// Back at the level 10 to 30 minutes after the push, 0.2-0.3 ATR below it 5 to 12 minutes later,
// and around 0.35-0.6 ATR below for the rest of the day.
void PathMaker::false_break(bool on_volume) {
    double const multiple = on_volume ? rng_.uniform(1.9, 3.2) : rng_.uniform(0.8, 1.2);
    double const back = rng_.uniform(10.0, 30.0);
    int const at = whole(rng_.uniform(30.0, 150.0));
    if (!on_volume) volume(0, input_.minutes, multiple);
    if (on_volume) volume(at - 2, at + whole(back) + 10, multiple);
    book_volume();
    Push const push = approach(at, at, 0.1, 0.2);
    int const crossed = push.at + std::max(whole(back), push.length + 2);
    bridge(push.at + push.length, crossed, 0.0);
    int const inside = crossed + whole(rng_.uniform(5.0, 12.0));
    bridge(crossed, inside, -rng_.uniform(0.2, 0.3));
    revert(inside, input_.minutes, {-rng_.uniform(0.35, 0.6), 30.0, 0.12});
}

void PathMaker::drift() {
    volume(0, input_.minutes, rng_.uniform(0.7, 1.0));
    book_volume();
    Push const push = approach(60.0, 180.0, 0.03, 0.06);
    diffuse(push.at + push.length, rng_.uniform(0.05, 0.10) / 60.0);
}

void PathMaker::chop() {
    volume(0, input_.minutes, rng_.uniform(0.8, 1.2));
    book_volume();
    Push const push = approach(30.0, 120.0, 0.03, 0.08);
    Pull const pull{rng_.uniform(-0.03, 0.03), rng_.uniform(6.0, 10.0), rng_.uniform(0.05, 0.08)};
    revert(push.at + push.length, input_.minutes, pull);
}

// The leader breaks out, turns 100-130 minutes later and fails; the group falls half an hour after
// the turn, to 0.6-0.9 ATR below its previous close.
void PathMaker::chain() {
    int const at = whole(rng_.uniform(25.0, 40.0));
    int const turn = input_.leader ? at + whole(rng_.uniform(100.0, 130.0)) : input_.chain_turn;
    int const fall = turn + 30;
    double const bottom = std::min(input_.previous, -0.3) - rng_.uniform(0.6, 0.9);
    if (input_.leader) volume(at - 2, turn, rng_.uniform(2.2, 3.2));
    volume(turn, input_.minutes, rng_.uniform(1.4, 2.2));
    book_volume();
    path_.turn_minute = turn;
    if (input_.leader) {
        Push const push = approach(at, at, 0.12, 0.2);
        bridge(push.at + push.length, turn, 0.35);
        bridge(turn, turn + 20, -0.35);
        bridge(turn + 20, fall + 60, bottom);
    } else {
        path_.push_minute = at;
        x(0) = input_.previous + rng_.uniform(-0.1, 0.1);
        bridge(0, fall, std::min(input_.previous + rng_.uniform(-0.1, 0.2), -0.1));
        bridge(fall, fall + 60, bottom);
    }
    revert(fall + 60, input_.minutes, {bottom, 30.0, 0.08});
}

ChipPath PathMaker::make() {
    switch (input_.kind) {
        case EpisodeKind::TrueBreak: true_break(false); break;
        case EpisodeKind::Retest: true_break(true); break;
        case EpisodeKind::Fake: false_break(false); break;
        case EpisodeKind::Trap: false_break(true); break;
        case EpisodeKind::Drift: drift(); break;
        case EpisodeKind::Chop: chop(); break;
        case EpisodeKind::Unwind: chain(); break;
        case EpisodeKind::Organic:
        case EpisodeKind::Headline:
        case EpisodeKind::Burst:
        case EpisodeKind::Block:
        case EpisodeKind::Wash:
        case EpisodeKind::Noise:
        case EpisodeKind::RotationWave:
        case EpisodeKind::BtcWave:
        case EpisodeKind::OneToken:
            book_volume();
            x(0) = input_.previous;
            diffuse(0, 0.0);
            break;
    }
    return std::move(path_);
}

}  // namespace

double chip_variance_norm(const NoiseModel& model, const VolumeNoise5m& noise,
                          int minutes) noexcept {
    double sum = 0.0;
    for (int i = 0; i < minutes; ++i) {
        sum += std::pow(chip_volume_curve(i + 0.5, minutes), model.variance_exponent);
    }
    return sum / minutes * noise.mean_power(model.variance_exponent);
}

ChipPath make_chip_path(const ChipPathInput& input, const NoiseModel& model, VolumeNoise5m& noise,
                        Rng& rng) {
    return PathMaker(input, model, noise, rng).make();
}

}  // namespace spill::sim
