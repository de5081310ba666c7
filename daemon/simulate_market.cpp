#include "daemon/simulate_market.hpp"

#include <algorithm>
#include <string>

#include "connectors/simulator/episode_chips.hpp"
#include "connectors/simulator/episode_faults.hpp"
#include "connectors/simulator/episode_tokens.hpp"
#include "daemon/evaluate_faults.hpp"

namespace spill {
namespace {

using sim::EpisodeKind;

struct Expected {
    SignalType type = SignalType::Breakout;
    std::vector<std::string> states;
    std::vector<std::string> forbidden;
};

// signals.md 3.1, "planted truth -> expected".
Expected expected_of(EpisodeKind kind) {
    switch (kind) {
        case EpisodeKind::TrueBreak:
        case EpisodeKind::Retest:
            return {SignalType::Breakout, {"triggered", "confirmed", "held"}, {}};
        case EpisodeKind::Fake:
            return {SignalType::Breakout, {"triggered", "failed"}, {"confirmed"}};
        case EpisodeKind::Trap: return {SignalType::Breakout, {"triggered", "failed"}, {}};
        case EpisodeKind::Drift:
            return {SignalType::Breakout, {"triggered", "expired"}, {"confirmed"}};
        case EpisodeKind::Chop: return {SignalType::Breakout, {"triggered"}, {}};
        case EpisodeKind::Organic: return {SignalType::Volume, {"building", "confirmed"}, {}};
        case EpisodeKind::Headline:
            return {SignalType::Volume, {"building", "suspect"}, {"confirmed"}};
        case EpisodeKind::Wash: return {SignalType::Volume, {"suspect"}, {"confirmed"}};
        case EpisodeKind::Burst:
        case EpisodeKind::Block:
        case EpisodeKind::Noise: return {SignalType::Volume, {}, {"confirmed"}};
        case EpisodeKind::RotationWave: return {SignalType::Rotation, {"on"}, {}};
        case EpisodeKind::BtcWave:
        case EpisodeKind::OneToken: return {SignalType::Rotation, {}, {"on"}};
        case EpisodeKind::Unwind: return {SignalType::Unwind, {"watch", "warning", "active"}, {}};
    }
    return {};
}

void record_chips(const RecordingSpec& spec, const Calendars& calendars,
                  const sim::EpisodeClass& what, Recording& out) {
    sim::ChipMarketConfig config;
    config.seed = spec.seed;
    config.batch = static_cast<int>(&what - sim::episode_classes().data());
    config.chips = spec.episodes;
    config.noise.scale = spec.noise;
    config.calendar = &calendars.of(Market::Xnys);
    sim::ChipMarket market(out.registry, config);
    out.bars = market.history();
    for (int i = 0; i < market.size(); ++i) market.plant(what, i);
    out.live = market.day();
    out.from = market.session().open;
    Expected const expected = expected_of(what.kind);
    for (int i = 0; i < market.size(); ++i) {
        const sim::ChipTruth& truth = market.truth(i);
        out.truth.push_back({std::string(what.scenario), truth.name + "|PD|up", expected.type,
                             truth.push, UnixNanos{market.session().close.ns + 2 * kNanosPerMinute},
                             expected.states, expected.forbidden, std::string(what.words)});
    }
}

void record_tokens(const RecordingSpec& spec, const sim::EpisodeClass& what, Recording& out) {
    sim::TokenMarketConfig config;
    config.seed = spec.seed;
    config.buckets = (spec.episodes + sim::kTokensPerBucket - 1) / sim::kTokensPerBucket;
    config.noise.scale = spec.noise;
    sim::TokenMarket market(out.registry, config);
    std::vector<Event> slot;
    auto const append = [&](std::vector<Event>& to) {
        to.insert(to.end(), slot.begin(), slot.end());
    };
    while (market.now() < market.tape_start()) {
        market.next_bars(slot);
        append(out.bars);
    }
    while (market.now() < market.play_start()) {
        market.next_trades(slot);
        append(out.live);
    }
    out.from = market.play_start();
    market.plant(what, 0);
    while (market.now() < market.play_end()) {
        market.next_trades(slot);
        append(out.live);
    }
    Expected const expected = expected_of(what.kind);
    bool const bucket = expected.type == SignalType::Rotation;
    for (int i = 0; i < market.size(); i += bucket ? sim::kTokensPerBucket : 1) {
        const sim::TokenTruth& truth = market.truth(i);
        out.truth.push_back({std::string(what.scenario), bucket ? truth.bucket : truth.name,
                             expected.type, truth.start, truth.deadline, expected.states,
                             expected.forbidden, std::string(what.words)});
    }
}

void record_fault(const RecordingSpec& spec, const Calendars& calendars,
                  const sim::FaultClass& what, Recording& out) {
    EvaluateOptions options;
    options.seed = spec.seed;
    options.episodes = spec.episodes;
    options.noise = spec.noise;
    FaultEpisodes episodes(options, calendars);
    sim::FaultyDay day = sim::apply_fault(what, {spec.seed, episodes.market.session(), episodes.day,
                                                 episodes.history, episodes.targets});
    for (int i = 0; i < episodes.market.size(); ++i) {
        sim::FaultSpan const& span = day.spans[static_cast<std::size_t>(i)];
        out.truth.push_back({std::string(what.scenario),
                             episodes.market.truth(i).name,
                             SignalType::Health,
                             span.from,
                             span.to,
                             {},
                             {},
                             std::string(what.words)});
    }
    out.bars = std::move(episodes.history);
    out.live = std::move(day.events);
    out.from = episodes.market.session().open;
    out.early_close = what.kind == sim::FaultKind::EarlyClose;
    out.registry = std::move(episodes.registry);
}

}  // namespace

std::vector<std::string_view> recordable() {
    std::vector<std::string_view> words;
    auto const add = [&](std::string_view word) {
        if (!word.empty() && std::ranges::find(words, word) == words.end()) words.push_back(word);
    };
    auto const plain = [](const sim::EpisodeClass& what) {
        return what.kind != EpisodeKind::Unwind;
    };
    for (const sim::EpisodeClass& what : sim::episode_classes()) {
        if (plain(what)) add(what.scenario);
    }
    for (const sim::FaultClass& what : sim::fault_classes()) add(what.scenario);
    for (const sim::EpisodeClass& what : sim::episode_classes()) {
        if (plain(what)) add(what.name);
    }
    for (const sim::FaultClass& what : sim::fault_classes()) add(what.name);
    return words;
}

void record(const RecordingSpec& spec, const Calendars& calendars, Recording& out) {
    if (const sim::FaultClass* const fault = sim::find_fault_class(spec.scenario)) {
        return record_fault(spec, calendars, *fault, out);
    }
    const sim::EpisodeClass& what = *sim::find_episode_class(spec.scenario);
    if (sim::is_chip(what.kind)) return record_chips(spec, calendars, what, out);
    record_tokens(spec, what, out);
}

}  // namespace spill
