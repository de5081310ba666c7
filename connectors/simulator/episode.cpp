#include "connectors/simulator/episode.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace spill::sim {
namespace {

using enum EpisodeKind;

constexpr auto kClasses = std::to_array<EpisodeClass>({
    {"true breakout", "S1", TrueBreak, 1, 0, {}, 0, "a breakout on volume that goes on"},
    {"true with retest", "S2", Retest, 1, 0, {}, 0, "a breakout that comes back to -0.03 ATR"},
    {"fake", "S3", Fake, 1, 0, {}, 0, "above the level on ordinary volume, soon back inside"},
    {"trap", "S4", Trap, 1, 0, {}, 0, "above the level on volume, soon back inside"},
    {"drift", "S5", Drift, 1, 0, {}, 0, "drifts above the level without volume"},
    {"chop", "S6", Chop, 1, 0, {}, 0, "to and fro across the level"},
    {"organic x6", "S7", Organic, 6, 0, {}, 0, "six times the volume on all venues"},
    {"organic x4", "S7", Organic, 4, 0, {}, 0, "four times the volume on all venues"},
    {"organic x3", "S7", Organic, 3, 0, {}, 0, "three times the volume on all venues"},
    {"organic x4 ramp 1h", "S7", Organic, 4, 60, {}, 0, "four times the volume within an hour"},
    {"organic x5 ramp 4h", "S7", Organic, 5, 240, {}, 0, "five times the volume in four hours"},
    {"headline x1.3", "S8", Headline, 1.3, 0, {}, 0, "a jump of 6-8 sigma, hardly any volume"},
    {"headline x4", "S8", Headline, 4, 0, {}, 0, "a jump of 6-8 sigma, volume gone in minutes"},
    {"headline x8", "S8", Headline, 8, 0, {}, 0, "a jump of 6-8 sigma, volume gone in minutes"},
    {"wash 1 venue uniform", "S9", Wash, 1, 0, WashTape::UniformPairs, 1, "paired made-up prints"},
    {"wash 1 venue fixed", "S9", Wash, 1, 0, WashTape::FixedSizes, 1, "made-up prints of one size"},
    {"wash 1 venue mimic", "S9", Wash, 1, 0, WashTape::Mimic, 1, "lifelike made-up prints"},
    {"wash 2 venues fixed", "S10", Wash, 1, 0, WashTape::FixedSizes, 2, "one size on two venues"},
    {"wash 2 venues mimic", "S10", Wash, 1, 0, WashTape::Mimic, 2, "lifelike on two venues"},
    {"burst x8", "S11", Burst, 8, 0, {}, 0, "eight times the volume for five minutes"},
    {"block", "S11", Block, 1, 0, {}, 0, "one print of one to three hours' volume"},
    {"noise", "", Noise, 1, 0, {}, 0, "nothing"},
    {"rotation wave", "S12", RotationWave, 5, 0, {}, 0, "a bucket rises on volume, without BTC"},
    {"BTC wave", "S13", BtcWave, 2.8, 0, {}, 0, "BTC rises 3 % and tokens follow"},
    {"one token", "S14", OneToken, 6, 0, {}, 0, "one token of the bucket rises on volume"},
    {"unwind chain", "S15", Unwind, 6, 0, {}, 0, "leader fails, group falls, tokens are sold"},
});

}  // namespace

std::span<const EpisodeClass> episode_classes() noexcept { return kClasses; }

const EpisodeClass* find_episode_class(std::string_view word) noexcept {
    auto const it = std::ranges::find_if(kClasses, [&](const EpisodeClass& row) {
        return !word.empty() && (row.scenario == word || row.name == word);
    });
    return it == kClasses.end() ? nullptr : &*it;
}

VolumeNoise5m::VolumeNoise5m(const NoiseModel& model, const VolumeSpread& spread, Rng& rng) noexcept
    : spread_(spread), scale_(model.scale) {
    day_ = spread.day_sd * rng.normal();
    slow_ = spread.slow_sd * rng.normal();
}

void VolumeNoise5m::next_day(Rng& rng) noexcept {
    double const a = spread_.day_memory;
    day_ = a * day_ + spread_.day_sd * std::sqrt(1.0 - a * a) * rng.normal();
}

double VolumeNoise5m::next_slot(Rng& rng) noexcept {
    double const a = spread_.slow_memory;
    slow_ = a * slow_ + spread_.slow_sd * std::sqrt(1.0 - a * a) * rng.normal();
    double const log = scale_ * (day_ + slow_ + spread_.fast_sd * rng.normal());
    return std::exp(log - 0.5 * variance());
}

double VolumeNoise5m::mean_power(double exponent) const noexcept {
    return std::exp(0.5 * variance() * exponent * (exponent - 1.0));
}

double VolumeNoise5m::variance() const noexcept {
    return scale_ * scale_ *
           (spread_.day_sd * spread_.day_sd + spread_.slow_sd * spread_.slow_sd +
            spread_.fast_sd * spread_.fast_sd);
}

double round_size(double size) noexcept {
    double const unit = std::pow(10.0, std::floor(std::log10(size)));
    double const m = size / unit;
    if (m < std::sqrt(2.0)) return unit;
    if (m < std::sqrt(10.0)) return 2.0 * unit;
    if (m < std::sqrt(50.0)) return 5.0 * unit;
    return 10.0 * unit;
}

PrintSizes draw_sizes(double volume, int count, Rng& rng) noexcept {
    PrintSizes out;
    out.count = std::clamp(count, 1, static_cast<int>(kMaxPrints));
    double sum = 0.0;
    for (int i = 0; i < out.count; ++i) {
        double& size = out.size[static_cast<std::size_t>(i)];
        size = std::exp(NoiseModel::kSizeSd * rng.normal());
        sum += size;
    }
    for (int i = 0; i < out.count; ++i) {
        double& size = out.size[static_cast<std::size_t>(i)];
        size *= volume / sum;
        if (rng.chance(NoiseModel::kRoundShare)) size = round_size(size);
    }
    return out;
}

Event make_trade(const PrintSpec& spec) noexcept {
    constexpr double kStep = 1e5;  // nanos: sizes of 0.0001
    Event event{};
    event.kind = EventKind::Trade;
    event.ts_event = spec.at;
    event.ts_recv = spec.at;
    event.instrument = spec.instrument;
    event.feed = spec.feed;
    event.aux = static_cast<std::uint8_t>(spec.aggressor);
    std::int64_t const ticks = std::llround(spec.price * 1e9 / static_cast<double>(spec.tick));
    event.trade.price = Price{std::max<std::int64_t>(1, ticks) * spec.tick};
    std::int64_t const steps = std::llround(spec.size * 1e9 / kStep);
    event.trade.size =
        Quantity{std::max<std::int64_t>(1, steps) * static_cast<std::int64_t>(kStep)};
    event.trade.trade_id = spec.id;
    event.trade.fill_count = 1;
    return event;
}

void sort_events(std::vector<Event>& events) {
    // Positions are sorted, not events: they are 64 bytes, and the order of equals must be fixed.
    std::vector<std::uint32_t> order(events.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return std::tuple(events[a].ts_recv, events[a].feed, a) <
               std::tuple(events[b].ts_recv, events[b].feed, b);
    });
    std::vector<Event> sorted;
    sorted.reserve(events.size());
    for (std::uint32_t const at : order) sorted.push_back(events[at]);
    events.swap(sorted);
}

}  // namespace spill::sim
