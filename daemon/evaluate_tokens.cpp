// Token classes S7..S14: one history for all of them, kept as a snapshot of the engine; every
// class continues from it with its own plan.
#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <span>
#include <stdexcept>

#include "connectors/simulator/episode_tokens.hpp"
#include "core/engine.hpp"
#include "daemon/evaluate.hpp"
#include "daemon/evaluate_run.hpp"
#include "daemon/playback.hpp"

namespace spill {
namespace {

using sim::EpisodeClass;
using sim::EpisodeKind;

constexpr int kBucketDraws = 5;  // plantings of the bucket classes on one history
constexpr std::size_t kSlots = 288;

bool is_bucket(EpisodeKind kind) noexcept {
    return kind == EpisodeKind::RotationWave || kind == EpisodeKind::BtcWave ||
           kind == EpisodeKind::OneToken;
}

// "Volume of the hour above twice the median of its slots", over all venues.
class NaiveHour {
public:
    explicit NaiveHour(std::size_t instruments) : slots_(instruments), live_(instruments) {}
    void learn(const std::vector<Event>& bars) {
        if (bars.empty() || weekend(bars.front().ts_event)) return;
        std::vector<double> sums(slots_.size());
        for (const Event& bar : bars) sums[bar.instrument.value] += bar.bar.volume.to_double();
        std::size_t const slot = slot_of(bars.front().ts_event);
        for (std::size_t i = 0; i < sums.size(); ++i) slots_[i][slot].push_back(sums[i]);
    }
    void close() {
        for (auto& instrument : slots_) {
            for (std::vector<double>& values : instrument) std::ranges::sort(values);
        }
    }
    void begin() {
        for (Live& live : live_) live = Live{};
    }
    // Five minutes of trades; keeps when the rule first held at or after `from`.
    void add(const std::vector<Event>& trades, UnixNanos slot) {
        std::vector<double> sums(slots_.size());
        for (const Event& trade : trades) {
            sums[trade.instrument.value] += trade.trade.size.to_double();
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            Live& live = live_[i];
            const std::vector<double>& values = slots_[i][slot_of(slot)];
            double const middle = values.empty() ? 0.0 : values[values.size() / 2];
            live.hour.emplace_back(sums[i], middle);
            if (live.hour.size() > 12) live.hour.pop_front();
            double volume = 0.0;
            double expected = 0.0;
            for (const auto& [v, e] : live.hour) {
                volume += v;
                expected += e;
            }
            if (live.hour.size() == 12 && volume > 2.0 * expected) {
                live.held.push_back(UnixNanos{slot.ns + 5 * kNanosPerMinute});
            }
        }
    }
    [[nodiscard]] bool held(InstrumentId id, UnixNanos from, UnixNanos to) const {
        return std::ranges::any_of(live_[id.value].held,
                                   [&](UnixNanos at) { return at >= from && at <= to; });
    }

private:
    struct Live {
        std::deque<std::pair<double, double>> hour;  // volume and its median, by slot
        std::vector<UnixNanos> held;
    };
    static std::size_t slot_of(UnixNanos at) noexcept {
        return static_cast<std::size_t>(at.ns / kNanosPerMinute % 1440 / 5);
    }
    static bool weekend(UnixNanos at) noexcept {
        std::int64_t const day = (at.ns / (1440 * kNanosPerMinute) + 4) % 7;
        return day == 0 || day == 6;
    }
    std::vector<std::array<std::vector<double>, kSlots>> slots_;
    std::vector<Live> live_;
};

// What one class gave.
struct TokenTally {
    int episodes = 0, confirmed = 0, suspect = 0, building = 0, naive = 0;
    std::vector<double> building_minutes, confirmed_minutes;
};

struct BucketTally {
    int episodes = 0, on = 0;
    std::vector<double> minutes;
};

class TokenBench {
public:
    TokenBench(const EvaluateOptions& options, const Calendars& calendars)
        : market_(registry_, config_of(options)),
          engine_(std::make_unique<Engine>(registry_, calendars, Params{})),
          naive_(registry_.instruments().size()) {
        Playback playback(*engine_, log_);
        bool started = false;
        while (market_.now() < market_.play_start()) {
            bool const bars = market_.now() < market_.tape_start();
            if (bars) {
                market_.next_bars(events_);
                naive_.learn(events_);
            } else {
                market_.next_trades(events_);
            }
            if (!started) playback.start(events_.front(), true);
            started = true;
            for (const Event& event : events_) playback.play(event);
        }
        playback.tick_to(market_.play_start());
        naive_.close();
        engine_->snapshot(snapshot_);
    }

    // The market after the class was played from the end of the history.
    sim::TokenMarket play(const EpisodeClass& what, int draw) {
        sim::TokenMarket market = market_;
        market.plant(what, draw);
        if (auto const restored = engine_->restore(snapshot_); !restored) {
            throw std::runtime_error(restored.error().message);
        }
        log_.clear();
        naive_.begin();
        Playback playback(*engine_, log_);
        playback.publish_from(market.play_start());
        while (market.now() < market.play_end()) {
            UnixNanos const slot = market.now();
            market.next_trades(events_);
            naive_.add(events_, slot);
            for (const Event& event : events_) playback.play(event);
        }
        playback.finish();
        return market;
    }

    TokenTally tally_tokens(const EpisodeClass& what) {
        sim::TokenMarket const market = play(what, 0);
        TokenTally tally;
        for (int i = 0; i < market.size(); ++i) judge(market.truth(i), tally);
        return tally;
    }

    BucketTally tally_buckets(const EpisodeClass& what) {
        BucketTally tally;
        for (int draw = 0; draw < kBucketDraws; ++draw) {
            sim::TokenMarket const market = play(what, draw);
            for (int i = 0; i < market.size(); i += sim::kTokensPerBucket) {
                const sim::TokenTruth& truth = market.truth(i);
                ++tally.episodes;
                auto const at = log_.first_within(truth.bucket, "on", truth.start, truth.deadline);
                if (!at) continue;
                ++tally.on;
                tally.minutes.push_back(minutes_between(truth.start, *at));
            }
        }
        return tally;
    }

private:
    static sim::TokenMarketConfig config_of(const EvaluateOptions& options) {
        sim::TokenMarketConfig config;
        config.seed = options.seed;
        config.buckets = (options.episodes + sim::kTokensPerBucket - 1) / sim::kTokensPerBucket;
        config.noise = {options.noise, options.variance_exponent};
        return config;
    }
    void judge(const sim::TokenTruth& truth, TokenTally& tally) const {
        auto const within = [&](std::string_view state) {
            return log_.first_within(truth.name, state, truth.start, truth.deadline);
        };
        ++tally.episodes;
        if (auto const at = within("building")) {
            ++tally.building;
            tally.building_minutes.push_back(minutes_between(truth.start, *at));
        }
        if (auto const at = within("confirmed")) {
            ++tally.confirmed;
            tally.confirmed_minutes.push_back(minutes_between(truth.start, *at));
        }
        tally.suspect += within("suspect") ? 1 : 0;
        tally.naive += naive_.held(truth.instrument, truth.start, truth.deadline) ? 1 : 0;
    }

    Registry registry_;
    sim::TokenMarket market_;
    std::unique_ptr<Engine> engine_;
    NaiveHour naive_;
    EdgeLog log_;
    std::vector<std::byte> snapshot_;
    std::vector<Event> events_;
};

TableRow row_of(const EpisodeClass& what, const TokenTally& tally, std::uint64_t seed) {
    auto const share = [&](int hits) { return share_of({hits, tally.episodes}); };
    return {std::string(what.name),
            tally.episodes,
            {{"building", share(tally.building)},
             {"confirmed", share(tally.confirmed)},
             {"suspect", share(tally.suspect)},
             {"building_minutes", median_of(tally.building_minutes, seed)},
             {"confirmed_minutes", median_of(tally.confirmed_minutes, seed)},
             {"naive_rvol60", share(tally.naive)}}};
}

void add_gates(const EpisodeClass& what, const TokenTally& tally, Evaluation& out) {
    double const n = tally.episodes;
    double const confirmed = tally.confirmed / n;
    std::string const name(what.name);
    switch (what.kind) {
        case EpisodeKind::Organic:
            if (name == "organic x6") {
                out.gates.push_back({name + " confirmed", confirmed, 0.90, Bound::AtLeast});
            }
            if (name == "organic x4") {
                out.gates.push_back({name + " confirmed", confirmed, 0.65, Bound::AtLeast});
                Figure const delay = median_of(tally.building_minutes, 1);
                out.gates.push_back({name + " building minutes", delay.known ? delay.value : 1e3,
                                     25.0, Bound::AtMost});
            }
            break;
        case EpisodeKind::Wash:
            out.gates.push_back({name + " suspect", tally.suspect / n, 0.75, Bound::AtLeast});
            [[fallthrough]];
        case EpisodeKind::Headline:
        case EpisodeKind::Burst:
        case EpisodeKind::Block:
        case EpisodeKind::Noise:
            out.gates.push_back({name + " confirmed", confirmed, 0.05, Bound::AtMost});
            break;
        case EpisodeKind::TrueBreak:
        case EpisodeKind::Retest:
        case EpisodeKind::Fake:
        case EpisodeKind::Trap:
        case EpisodeKind::Drift:
        case EpisodeKind::Chop:
        case EpisodeKind::RotationWave:
        case EpisodeKind::BtcWave:
        case EpisodeKind::OneToken:
        case EpisodeKind::Unwind: break;
    }
}

}  // namespace

void evaluate_tokens(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out) {
    Table tokens{"volume", "share of episodes that reached a state; minutes after the start", {}};
    Table buckets{"rotation", "share of buckets that went on; minutes after the start", {}};
    auto const bench = std::make_unique<TokenBench>(options, calendars);
    for (const EpisodeClass& what : sim::episode_classes()) {
        if (sim::is_chip(what.kind) || what.kind == EpisodeKind::Unwind) continue;
        if (!is_bucket(what.kind)) {
            TokenTally const tally = bench->tally_tokens(what);
            tokens.rows.push_back(row_of(what, tally, options.seed));
            add_gates(what, tally, out);
            continue;
        }
        BucketTally const tally = bench->tally_buckets(what);
        buckets.rows.push_back({std::string(what.name),
                                tally.episodes,
                                {{"on", share_of({tally.on, tally.episodes})},
                                 {"on_minutes", median_of(tally.minutes, options.seed)}}});
        double const on = static_cast<double>(tally.on) / tally.episodes;
        if (what.kind == EpisodeKind::RotationWave) {
            out.gates.push_back({"rotation wave on", on, 0.95, Bound::AtLeast});
        } else if (what.kind == EpisodeKind::BtcWave) {
            out.gates.push_back({"BTC wave on", on, 0.10, Bound::AtMost});
        }
    }
    out.tables.push_back(std::move(tokens));
    out.tables.push_back(std::move(buckets));
}

}  // namespace spill
