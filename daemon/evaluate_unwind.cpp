#include "daemon/evaluate_unwind.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "connectors/simulator/episode_chips.hpp"
#include "connectors/simulator/episode_tokens.hpp"
#include "core/engine.hpp"
#include "daemon/playback.hpp"

namespace spill {
namespace {

constexpr int kUnwindBatch = 200;  // markets of their own
constexpr int kChainChips = 5;     // a leader and four that follow
constexpr int kEpisodesPerChain = 5;
constexpr std::int64_t kSaleAfter = 20 * kNanosPerMinute;  // tokens are sold after the turn
constexpr const char* kBucket = "B00";
constexpr std::array<std::string_view, kUnwindLevels> kLevelNames{"watch", "warning", "active"};

struct UnwindTally {
    int chains = 0, ordered = 0;
    std::array<int, kUnwindLevels> reached{};
    std::array<std::vector<double>, kUnwindLevels> minutes;
};

struct ChainSpec {
    const EvaluateOptions& options;
    const Calendars& calendars;
    const sim::EpisodeClass& what;
    int batch = 0;
};

// Chips and tokens of one chain as one stream, history first.
struct ChainMarket {
    Registry registry;
    std::vector<Event> events;
    UnixNanos turn;     // of the leader
    UnixNanos publish;  // the tokens' play begins
};

void make_chain(const ChainSpec& spec, ChainMarket& out) {
    sim::NoiseModel const noise{spec.options.noise, spec.options.variance_exponent};
    sim::ChipMarketConfig chip_config;
    chip_config.seed = spec.options.seed;
    chip_config.batch = spec.batch;
    chip_config.chips = kChainChips;
    chip_config.noise = noise;
    chip_config.calendar = &spec.calendars.of(Market::Xnys);
    chip_config.group = out.registry.add_group("semis", GroupId{}, false).value();
    chip_config.leader = true;
    sim::ChipMarket chips(out.registry, chip_config);
    sim::TokenMarketConfig token_config;
    token_config.seed = spec.options.seed;
    token_config.batch = spec.batch;
    token_config.buckets = 1;
    token_config.noise = noise;
    sim::TokenMarket tokens(out.registry, token_config);

    out.events = chips.history();
    for (int i = 0; i < chips.size(); ++i) chips.plant(spec.what, i);
    std::vector<Event> slot = chips.day();
    auto const append = [&] { out.events.insert(out.events.end(), slot.begin(), slot.end()); };
    append();
    out.turn = chips.truth(0).turn;
    out.publish = tokens.play_start();
    auto const advance_to = [&](UnixNanos end) {
        while (tokens.now() < end) {
            if (tokens.now() < tokens.tape_start()) {
                tokens.next_bars(slot);
            } else {
                tokens.next_trades(slot);
            }
            append();
        }
    };
    advance_to(tokens.play_start());
    tokens.plant_at(spec.what, UnixNanos{out.turn.ns + kSaleAfter});
    advance_to(tokens.play_end());
    sim::sort_events(out.events);
}

void run_chain(const ChainSpec& spec, UnwindTally& tally) {
    auto const market = std::make_unique<ChainMarket>();
    make_chain(spec, *market);
    auto const engine = std::make_unique<Engine>(market->registry, spec.calendars, Params{});
    EdgeLog log;
    Playback playback(*engine, log);
    playback.start(market->events.front(), true);
    bool quiet = true;
    for (const Event& event : market->events) {
        if (quiet && learned_at(event) >= market->publish) {
            playback.publish_from(market->publish);
            quiet = false;
        }
        playback.play(event);
    }
    playback.finish();
    UnwindTimes const times = unwind_times(log, kBucket, market->publish);
    ++tally.chains;
    tally.ordered += in_order(times) ? 1 : 0;
    for (std::size_t i = 0; i < kUnwindLevels; ++i) {
        if (!times[i]) continue;
        ++tally.reached[i];
        tally.minutes[i].push_back(minutes_between(market->turn, *times[i]));
    }
}

}  // namespace

UnwindTimes unwind_times(const EdgeLog& log, const std::string& bucket, UnixNanos from) {
    UnwindTimes times;
    for (std::size_t i = 0; i < kUnwindLevels; ++i) {
        times[i] = log.first_within(bucket, kLevelNames[i], from, UnixNanos{INT64_MAX});
    }
    return times;
}

bool in_order(const UnwindTimes& times) noexcept {
    return std::ranges::all_of(times, [](const auto& at) { return at.has_value(); }) &&
           *times[0] <= *times[1] && *times[1] <= *times[2];
}

void evaluate_unwind(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out) {
    const sim::EpisodeClass& what = *sim::find_episode_class("S15");
    int const chains = std::max(2, options.episodes / kEpisodesPerChain);
    UnwindTally tally;
    for (int i = 0; i < chains; ++i) {
        run_chain({options, calendars, what, kUnwindBatch + i}, tally);
    }
    auto const share = [&](int hits) { return share_of({hits, tally.chains}); };
    Table table{"unwind",
                "share of chains that reached a level; minutes after the leader turned, a level "
                "before it counts too",
                {}};
    table.rows.push_back({std::string(what.name),
                          tally.chains,
                          {{"watch", share(tally.reached[0])},
                           {"warning", share(tally.reached[1])},
                           {"active", share(tally.reached[2])},
                           {"in_order", share(tally.ordered)},
                           {"watch_minutes", median_of(tally.minutes[0], options.seed)},
                           {"warning_minutes", median_of(tally.minutes[1], options.seed)},
                           {"active_minutes", median_of(tally.minutes[2], options.seed)}}});
    out.tables.push_back(std::move(table));
}

}  // namespace spill
