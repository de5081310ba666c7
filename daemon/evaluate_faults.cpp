#include "daemon/evaluate_faults.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "connectors/simulator/episode_chips.hpp"
#include "core/engine.hpp"
#include "daemon/evaluate_run.hpp"
#include "daemon/playback.hpp"

namespace spill {
namespace {

using sim::FaultClass;
using sim::FaultKind;

constexpr double kWindowMinutes = 15.0;  // of a hold, and of RVOL15
constexpr int kFaultBatch = 100;         // chips of their own
constexpr int kGroupMembers = 60;        // the most that a basket judges is 64
constexpr std::size_t kShownEdges = 5;   // of a class

bool positive(const Signal& signal) noexcept {
    std::string_view const state = signal.state;
    switch (signal.type) {
        case SignalType::Breakout:
            return state == "triggered" || state == "confirmed" || state == "held";
        case SignalType::Participation: return state == "broad_up" || state == "broad_down";
        case SignalType::Volume: return state == "building" || state == "confirmed";
        case SignalType::Rotation: return state == "on";
        case SignalType::Unwind:
            return state == "active" ||
                   (state == "warning" && signal.prev != std::string_view("active")) ||
                   (state == "watch" && signal.prev == std::string_view("quiet"));
        case SignalType::Health: return false;
    }
    return false;
}

// The calendar with the day cut short.
Calendars with_early_close(const Calendars& calendars, const TradingSession& day) {
    const Calendar& xnys = calendars.of(Market::Xnys);
    std::vector<TradingSession> sessions;
    constexpr int kBefore = 40;
    for (auto at = xnys.at_or_before(day.open); at && sessions.size() < kBefore;
         at = xnys.at_or_before(UnixNanos{at->open.ns - 1})) {
        sessions.push_back(*at);
    }
    TradingSession& cut = sessions.front();
    cut.close = UnixNanos{cut.open.ns + sim::kEarlyCloseMinutes * kNanosPerMinute};
    cut.continuous_end = cut.close;
    cut.shortened = true;
    std::ranges::reverse(sessions);
    if (auto const next = xnys.after(day.open)) sessions.push_back(*next);
    Calendars out = calendars;
    out.by_market[static_cast<std::size_t>(Market::Xnys)] =
        Calendar::from_sessions(std::move(sessions)).value();
    return out;
}

sim::ChipMarket market_of(Registry& registry, const EvaluateOptions& options,
                          const Calendars& calendars) {
    sim::ChipMarketConfig config;
    config.seed = options.seed;
    config.batch = kFaultBatch;
    config.chips = options.episodes;
    config.noise = {options.noise, options.variance_exponent};
    config.calendar = &calendars.of(Market::Xnys);
    if (options.episodes >= 3 && options.episodes <= kGroupMembers) {
        config.group = registry.add_group("chips", GroupId{}, false).value();
    }
    return {registry, config};
}

// The clean day once, and a faulty day of every class beside it.
class FaultBench {
public:
    FaultBench(const EvaluateOptions& options, const Calendars& calendars)
        : calendars_(calendars), seed_(options.seed), at_(options, calendars) {
        play(calendars_, at_.day, clean_);
    }

    struct Result {
        std::vector<PositiveEdge> extra;
        int episodes = 0, with_extra = 0;
    };
    [[nodiscard]] Result judge(const FaultClass& what) const;
    // A session that ends early, or behind a pause, closes where the clean day stood earlier.
    [[nodiscard]] bool held_likewise(const FaultClass& what, const sim::FaultyDay& faulty,
                                     const PositiveEdge& held) const;
    // "extra E07|PD|up confirmed at 14:31, clean 15:02".
    [[nodiscard]] std::string describe(const PositiveEdge& edge) const;

private:
    void play(const Calendars& calendars, const std::vector<Event>& day, PositiveLog& log) const {
        auto const engine = std::make_unique<Engine>(at_.registry, calendars, Params{});
        Playback playback(*engine, log);
        // Published from the first bar on, so that the log knows what earlier days left standing.
        playback.start(at_.history.front(), false);
        for (const Event& event : at_.history) playback.play(event);
        for (const Event& event : day) playback.play(event);
        playback.tick_to(UnixNanos{at_.market.session().close.ns + 5 * kNanosPerMinute});
    }

    const Calendars& calendars_;
    std::uint64_t seed_;
    FaultEpisodes at_;
    PositiveLog clean_;
};

// A gap moves the opening range, whose breakouts are then about another level.
bool comparable(const FaultClass& what, const PositiveEdge& edge) noexcept {
    return what.kind != FaultKind::GapOpen || edge.key.find("|OR|") == std::string::npos;
}

FaultBench::Result FaultBench::judge(const FaultClass& what) const {
    sim::FaultyDay const faulty =
        sim::apply_fault(what, {seed_, at_.market.session(), at_.day, at_.history, at_.targets});
    PositiveLog log;
    bool const early = what.kind == FaultKind::EarlyClose;
    play(early ? with_early_close(calendars_, at_.market.session()) : calendars_, faulty.events,
         log);
    Result result;
    result.episodes = at_.market.size();
    sim::FaultSpan longest{};  // of a group, that of its worst member
    for (const sim::FaultSpan& span : faulty.spans) {
        if (span.to.ns - span.from.ns > longest.to.ns - longest.from.ns) longest = span;
    }
    std::vector<bool> hit(faulty.spans.size());
    for (PositiveEdge const& edge : extra_edges(log, clean_, fault_tolerance(what, longest))) {
        if (!comparable(what, edge)) continue;
        if (edge.state == "held" && held_likewise(what, faulty, edge)) continue;
        result.extra.push_back(edge);
        for (int i = 0; i < at_.market.size(); ++i) {
            auto const at = static_cast<std::size_t>(i);
            if (edge.key.starts_with(at_.market.truth(i).name + "|") && !hit[at]) {
                hit[at] = true;
                ++result.with_extra;
            }
        }
    }
    return result;
}

bool FaultBench::held_likewise(const FaultClass& what, const sim::FaultyDay& faulty,
                               const PositiveEdge& held) const {
    if (what.kind == FaultKind::EarlyClose) {
        return clean_.stood(held.key, held.at) || clean_.first(held.key, "held");
    }
    if (what.kind != FaultKind::Halt) return false;
    for (int i = 0; i < at_.market.size(); ++i) {
        if (!held.key.starts_with(at_.market.truth(i).name + "|")) continue;
        sim::FaultSpan const& span = faulty.spans[static_cast<std::size_t>(i)];
        return clean_.stood(held.key, UnixNanos{held.at.ns - (span.to.ns - span.from.ns)});
    }
    return false;
}

std::string clock_text(UnixNanos at) {
    std::int64_t const minute = minute_of(at) % 1440;
    auto const two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(minute / 60) + ":" + two(minute % 60);
}

std::string FaultBench::describe(const PositiveEdge& edge) const {
    auto const first = clean_.first(edge.key, edge.state);
    return "extra " + edge.key + " " + edge.state + " at " + clock_text(edge.at) + ", clean " +
           (first ? clock_text(*first) : "never");
}

}  // namespace

FaultEpisodes::FaultEpisodes(const EvaluateOptions& options, const Calendars& calendars)
    : market(market_of(registry, options, calendars)), history(market.history()) {
    std::vector<const sim::EpisodeClass*> classes;
    for (const sim::EpisodeClass& what : sim::episode_classes()) {
        if (sim::is_chip(what.kind)) classes.push_back(&what);
    }
    for (int i = 0; i < market.size(); ++i) {
        market.plant(*classes[static_cast<std::size_t>(i) % classes.size()], i);
        const sim::ChipTruth& truth = market.truth(i);
        FeedId const feed = registry.instrument(truth.instrument).feeds.front();
        targets.push_back({truth.instrument, feed, truth.push, truth.level, truth.atr});
    }
    day = market.day();
}

void PositiveLog::on_signal(const Signal& signal) noexcept {
    PositiveEdge edge{std::string(signal.key.view()), signal.state, signal.ts_signal};
    bool const group = signal.type == SignalType::Participation;
    if (group || signal.type == SignalType::Breakout) course_.push_back(edge);
    if (positive(signal)) {
        edges_.push_back(std::move(edge));
    } else if (std::string_view(signal.state) == "failed") {
        failures_.push_back(std::move(edge));
    }
}

std::optional<UnixNanos> PositiveLog::first(const std::string& key, std::string_view state) const {
    for (const PositiveEdge& edge : edges_) {
        if (edge.key == key && edge.state == state) return edge.at;
    }
    return std::nullopt;
}

bool PositiveLog::stood(const std::string& key, UnixNanos at) const {
    // A life that began on an earlier day stands until its first edge of this one.
    bool standing = true;
    UnixNanos since{INT64_MIN};
    for (const PositiveEdge& edge : edges_) {
        if (edge.key != key || edge.at > at) continue;
        if (edge.state == "triggered") standing = false;
        if (edge.state == "confirmed") standing = true;
        since = edge.at;
    }
    bool ends = standing && since.ns != INT64_MIN;
    for (const PositiveEdge& edge : failures_) {
        if (edge.key != key) continue;
        if (edge.at > since && edge.at <= at) return false;
        ends |= edge.at > at;
    }
    return standing && ends;
}

bool PositiveLog::in_force(const std::string& key, std::string_view state, UnixNanos at) const {
    constexpr std::array<std::string_view, 3> kOrder{"triggered", "confirmed", "held"};
    auto const rank = [&](std::string_view word) {
        return static_cast<int>(std::ranges::find(kOrder, word) - kOrder.begin());
    };
    std::string_view now;
    for (const PositiveEdge& edge : course_) {
        if (edge.key == key && edge.at <= at) now = edge.state;
    }
    if (now == state) return true;
    int const wanted = rank(state);
    int const is = rank(now);
    constexpr int kNone = static_cast<int>(kOrder.size());
    return wanted != kNone && is != kNone && is >= wanted;
}

FaultTolerance fault_tolerance(const FaultClass& what, const sim::FaultSpan& span) noexcept {
    double const length = minutes_between(span.from, span.to);
    switch (what.kind) {
        case FaultKind::Halt:
        case FaultKind::ShortOutage: return {kWindowMinutes, kWindowMinutes + length};
        // Counters begin again after it: one more hold.
        case FaultKind::LongOutage: return {kWindowMinutes, 2.0 * kWindowMinutes + length};
        // Neither takes a minute away; a print that is missing moves a close or a trigger, and the
        // worst that this does is to restart one hold.
        case FaultKind::GapOpen:
        case FaultKind::LateDuplicate:
        case FaultKind::BadTick: return {kWindowMinutes, kWindowMinutes};
        // Halved prices are exact; the level in units of the tick is not.
        case FaultKind::Split: return {1.0, 1.0};
        case FaultKind::UnknownSplit:
        case FaultKind::EarlyClose: return {0.0, 0.0};
    }
    return {};
}

std::vector<PositiveEdge> extra_edges(const PositiveLog& faulty, const PositiveLog& clean,
                                      const FaultTolerance& tolerance) {
    std::vector<PositiveEdge> extra;
    std::vector<bool> used(clean.edges().size());
    for (const PositiveEdge& edge : faulty.edges()) {
        bool found = false;
        for (std::size_t i = 0; i < used.size() && !found; ++i) {
            const PositiveEdge& other = clean.edges()[i];
            if (used[i] || other.key != edge.key || other.state != edge.state) continue;
            double const later = minutes_between(other.at, edge.at);
            found = later >= -tolerance.early && later <= tolerance.late;
            used[i] = found;
        }
        if (!found && !clean.in_force(edge.key, edge.state, edge.at)) extra.push_back(edge);
    }
    return extra;
}

void evaluate_faults(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out) {
    Table table{"faults",
                "share of episodes in which the fault alone made a positive edge; each such edge "
                "below, with its minute in UTC",
                {}};
    auto const bench = std::make_unique<FaultBench>(options, calendars);
    for (const FaultClass& what : sim::fault_classes()) {
        FaultBench::Result const result = bench->judge(what);
        table.rows.push_back({std::string(what.scenario) + " " + std::string(what.name),
                              result.episodes,
                              {{"extra", share_of({result.with_extra, result.episodes})}}});
        for (std::size_t i = 0; i < std::min(kShownEdges, result.extra.size()); ++i) {
            table.rows.push_back({bench->describe(result.extra[i]), 1, {}});
        }
        out.gates.push_back(
            {std::string(what.scenario) + " " + std::string(what.name) + " extra positive edges",
             static_cast<double>(result.extra.size()), 0.0, Bound::AtMost});
    }
    out.tables.push_back(std::move(table));
}

}  // namespace spill
