// Breakout classes S1..S6: one engine a class, one chip an episode, judged at the prior-day high.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>

#include "connectors/simulator/episode_chips.hpp"
#include "core/engine.hpp"
#include "daemon/evaluate.hpp"
#include "daemon/evaluate_run.hpp"
#include "daemon/playback.hpp"

namespace spill {
namespace {

using sim::EpisodeKind;

constexpr double kConfirmMinutes = 40.0;  // S1: "confirmed <= 40 min"

// What one class gave.
struct ChipTally {
    int episodes = 0;
    int triggered = 0, confirmed = 0, in_time = 0, failed = 0, expired = 0, busy = 0;
    int minute_volume = 0, five_minutes = 0, crossed = 0;
    std::vector<double> confirm_minutes, fail_minutes;
};

// The plain rules that the engine is compared with; they know the same medians by slot. The volume
// of the crossing minute is judged once, five-minute closes all day.
class NaiveRules {
public:
    NaiveRules(const std::vector<Event>& history, UnixNanos open) : open_(open) {
        for (const Event& bar : history) {
            auto const slot = static_cast<int>(bar.ts_event.ns / kNanosPerMinute % 1440 / 5);
            slots_[{bar.instrument.value, slot}].push_back(bar.bar.volume.to_double());
        }
        for (auto& [key, values] : slots_) {
            auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
            std::nth_element(values.begin(), middle, values.end());
            median_[key] = *middle;
        }
    }
    struct Verdict {
        bool crossed = false, minute_volume = false, five_minutes = false;
    };
    // `trades` are one instrument's of the day, in order.
    [[nodiscard]] Verdict judge(const std::vector<const Event*>& trades, Price level) const {
        Verdict verdict;
        std::map<std::int64_t, std::pair<double, Price>> minutes;  // volume, last price
        std::int64_t crossing = INT64_MAX;                         // the minute of the first cross
        for (const Event* trade : trades) {
            std::int64_t const at = minute_of(trade->ts_event);
            auto& [volume, last] = minutes[at];
            volume += trade->trade.size.to_double();
            last = trade->trade.price;
            bool const beyond = last > level && at - minute_of(open_) >= 5;
            if (beyond) crossing = std::min(crossing, at);
            verdict.crossed |= beyond;
        }
        double five = 0.0;
        for (const auto& [minute, bar] : minutes) {
            five += bar.first;
            std::int64_t const index = minute - minute_of(open_);
            auto const slot = static_cast<int>(minute % 1440 / 5);
            auto const it = median_.find({trades.front()->instrument.value, slot});
            double const expected = it == median_.end() ? 0.0 : it->second;
            bool const above = index >= 5 && bar.second > level;
            verdict.minute_volume |= minute == crossing && bar.first > 2.0 * expected / 5.0;
            if (index % 5 == 4) {
                verdict.five_minutes |= above && five > 2.0 * expected;
                five = 0.0;
            }
        }
        return verdict;
    }

private:
    UnixNanos open_;
    std::map<std::pair<std::uint32_t, int>, std::vector<double>> slots_;
    std::map<std::pair<std::uint32_t, int>, double> median_;
};

void judge_chip(const sim::ChipTruth& truth, const EdgeLog& log, ChipTally& tally) {
    std::string const key = truth.name + "|PD|up";
    ++tally.episodes;
    auto const triggered = log.first(key, "triggered");
    if (!triggered) return;
    ++tally.triggered;
    tally.busy += log.count(key, "triggered") > 2 ? 1 : 0;
    if (auto const at = log.first(key, "confirmed")) {
        double const delay = minutes_between(*triggered, *at);
        ++tally.confirmed;
        tally.in_time += delay <= kConfirmMinutes ? 1 : 0;
        tally.confirm_minutes.push_back(delay);
    }
    if (auto const at = log.first(key, "failed")) {
        ++tally.failed;
        tally.fail_minutes.push_back(minutes_between(*triggered, *at));
    }
    tally.expired += log.first(key, "expired") ? 1 : 0;
}

struct DayRun {
    const Registry& registry;
    const Calendars& calendars;
    const std::vector<Event>& history;
    const std::vector<Event>& day;
    const TradingSession& session;
};

void play_day(const DayRun& run, EdgeLog& log) {
    auto const engine = std::make_unique<Engine>(run.registry, run.calendars, Params{});
    Playback playback(*engine, log);
    playback.start(run.history.front(), true);
    for (const Event& event : run.history) playback.play(event);
    playback.publish_from(run.session.open);
    for (const Event& event : run.day) playback.play(event);
    playback.tick_to(UnixNanos{run.session.close.ns + 5 * kNanosPerMinute});
}

// Whether the edges depended on anything but the order of each instrument's own trades.
struct OrderCheck {
    bool repeated = true, permuted = true;
};

void check_order(const DayRun& run, const EdgeLog& log, OrderCheck& order) {
    EdgeLog again;
    play_day(run, again);
    order.repeated &= again.all() == log.all();
    std::vector<Event> by_instrument = run.day;
    // Trades change places between two closes of a minute; the closes stay where they are.
    auto const place = [](const Event& event) {
        auto const grace = static_cast<std::int64_t>(ClockParams{}.grace_seconds * 1e9);
        return std::tuple(minute_of(UnixNanos{event.ts_event.ns - grace}), event.instrument.value,
                          event.ts_event.ns, event.trade.trade_id);
    };
    std::ranges::sort(by_instrument, {}, place);
    EdgeLog permuted;
    play_day({run.registry, run.calendars, run.history, by_instrument, run.session}, permuted);
    order.permuted &= permuted.minute_level() == log.minute_level();
}

ChipTally run_class(const EvaluateOptions& options, const Calendars& calendars,
                    const sim::EpisodeClass& what, OrderCheck& order) {
    Registry registry;
    sim::ChipMarketConfig config;
    config.seed = options.seed;
    config.batch = static_cast<int>(&what - sim::episode_classes().data());
    config.chips = options.episodes;
    config.noise = {options.noise, options.variance_exponent};
    config.calendar = &calendars.of(Market::Xnys);
    sim::ChipMarket market(registry, config);
    std::vector<Event> const history = market.history();
    for (int i = 0; i < market.size(); ++i) market.plant(what, i);
    std::vector<Event> const day = market.day();

    EdgeLog log;
    play_day({registry, calendars, history, day, market.session()}, log);
    check_order({registry, calendars, history, day, market.session()}, log, order);

    NaiveRules const naive(history, market.session().open);
    std::vector<std::vector<const Event*>> trades(registry.instruments().size());
    for (const Event& event : day) trades[event.instrument.value].push_back(&event);
    ChipTally tally;
    for (int i = 0; i < market.size(); ++i) {
        const sim::ChipTruth& truth = market.truth(i);
        judge_chip(truth, log, tally);
        auto const plain = naive.judge(trades[truth.instrument.value], truth.level);
        tally.crossed += plain.crossed ? 1 : 0;
        tally.minute_volume += plain.minute_volume ? 1 : 0;
        tally.five_minutes += plain.five_minutes ? 1 : 0;
    }
    return tally;
}

TableRow row_of(const sim::EpisodeClass& what, const ChipTally& tally, std::uint64_t seed) {
    auto const share = [&](int hits) { return share_of({hits, tally.episodes}); };
    TableRow row;
    row.name = what.name;
    row.episodes = tally.episodes;
    row.cells = {{"triggered", share(tally.triggered)},
                 {"confirmed", share(tally.confirmed)},
                 {"confirmed_40min", share(tally.in_time)},
                 {"failed", share(tally.failed)},
                 {"expired", share(tally.expired)},
                 {"over_2_triggers", share(tally.busy)},
                 {"confirm_minutes", median_of(tally.confirm_minutes, seed)},
                 {"fail_minutes", median_of(tally.fail_minutes, seed)},
                 {"naive_cross", share(tally.crossed)},
                 {"naive_cross_rvol1", share(tally.minute_volume)},
                 {"naive_close5_rvol5", share(tally.five_minutes)}};
    return row;
}

void add_gates(const std::map<EpisodeKind, ChipTally>& by, Evaluation& out) {
    auto const share = [&](std::initializer_list<EpisodeKind> kinds, int ChipTally::* member) {
        double hits = 0.0, all = 0.0;
        for (EpisodeKind const kind : kinds) {
            hits += by.at(kind).*member;
            all += by.at(kind).episodes;
        }
        return hits / all;
    };
    using enum EpisodeKind;
    double const found = share({TrueBreak, Retest}, &ChipTally::confirmed);
    double const wrong = share({Fake, Trap, Drift, Chop}, &ChipTally::confirmed);
    double const precision = found + wrong > 0.0 ? found / (found + wrong) : 0.0;
    out.gates.push_back({"breakout_precision", precision, 0.75, Bound::AtLeast});
    out.gates.push_back({"breakout_recall", found, 0.80, Bound::AtLeast});
    out.gates.push_back(
        {"breakout_fail_recall", share({Fake, Trap}, &ChipTally::failed), 0.95, Bound::AtLeast});
    out.gates.push_back({"breakout_false_fail", share({TrueBreak, Retest}, &ChipTally::failed),
                         0.35, Bound::AtMost});
}

}  // namespace

void evaluate_breakouts(const EvaluateOptions& options, const Calendars& calendars,
                        Evaluation& out) {
    Table table{"breakout",
                "share of episodes that reached a state; minutes are medians after the trigger",
                {}};
    std::map<EpisodeKind, ChipTally> by;
    OrderCheck order;
    for (const sim::EpisodeClass& what : sim::episode_classes()) {
        if (!sim::is_chip(what.kind)) continue;
        ChipTally const tally = run_class(options, calendars, what, order);
        table.rows.push_back(row_of(what, tally, options.seed));
        by[what.kind] = tally;
    }
    out.tables.push_back(std::move(table));
    add_gates(by, out);
    out.gates.push_back({"replay_equal", order.repeated ? 1.0 : 0.0, 1.0, Bound::AtLeast});
    out.gates.push_back({"permuted_equal", order.permuted ? 1.0 : 0.0, 1.0, Bound::AtLeast});
}

}  // namespace spill
