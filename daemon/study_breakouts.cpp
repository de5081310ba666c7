// Breakouts: do they last, and does volume tell which?
#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "daemon/study_metrics.hpp"

namespace spill::study {
namespace {

constexpr std::array kHorizons{1, 3, 5};

struct Class {
    const char* name;
    bool (*holds)(const Episode&);
    std::string_view pd5, d20_5;  // published shares through +5, side up
};

// The published study told its classes apart after 15 minutes; the engine's own ends are shown
// beside them. `expired` has its first close beyond the level by definition.
constexpr std::array kClasses{
    Class{"confirmed", [](const Episode& e) { return e.confirmed; }, "0.42", "0.39"},
    Class{"held 15 min, not confirmed", [](const Episode& e) { return e.held && !e.confirmed; },
          "0.29", "0.19"},
    Class{"not held 15 min", [](const Episode& e) { return !e.held && !e.confirmed; }, "0.05",
          "0.06"},
    Class{"expired (closed beyond, not confirmed)", [](const Episode& e) { return e.expired; }, "",
          ""},
    Class{"failed that session, not confirmed",
          [](const Episode& e) { return e.failed && !e.confirmed; }, "", ""},
    Class{"every cross", [](const Episode&) { return true; }, "", ""},
};

struct Bucket {
    const char* name;
    double from, to;
    std::string_view up;  // published, its two samples
};
constexpr std::array kBuckets{Bucket{"rvol15 < 0.75", -1.0, 0.75, "0.32 / 0.37"},
                              Bucket{"rvol15 0.75-1", 0.75, 1.0, ""},
                              Bucket{"rvol15 1-1.5", 1.0, 1.5, "0.28 / 0.27"},
                              Bucket{"rvol15 1.5-2", 1.5, 2.0, "0.33 / 0.25"},
                              Bucket{"rvol15 >= 2", 2.0, 1e300, "0.23 / 0.17"}};

// The sessions on which anything was triggered or closed in one market, ascending.
class Days {
public:
    Days(const Inputs& in, Market market) {
        for (const Instrument& row : in.registry.instruments()) {
            if (row.market != market) continue;
            for (const SessionClose& close : in.log.closes[row.id.value]) {
                dates_.push_back(close.date);
            }
        }
        for (const Episode& episode : in.log.episodes) {
            if (episode.market == market) dates_.push_back(episode.session);
        }
        std::ranges::sort(dates_);
        dates_.erase(std::unique(dates_.begin(), dates_.end()), dates_.end());
    }
    [[nodiscard]] std::size_t size() const { return dates_.size(); }
    [[nodiscard]] std::size_t index(std::int32_t date) const {
        return static_cast<std::size_t>(std::ranges::lower_bound(dates_, date) - dates_.begin());
    }

private:
    std::vector<std::int32_t> dates_;
};

using Chosen = std::vector<const Episode*>;

struct Section {
    const Inputs& in;
    const Days& days;
    std::string name;
    bool reference = false;  // the published numbers are of XNYS, side up
    [[nodiscard]] Resampling resampling(std::size_t block) const {
        return {.days = days.size(), .block = block, .seed = in.seed};
    }
};

std::vector<Observation> outcomes(const Section& section, const Chosen& episodes, int sessions) {
    std::vector<Observation> out;
    for (const Episode* const episode : episodes) {
        auto const stayed = stayed_beyond(*episode, sessions, section.in);
        if (stayed) out.push_back({section.days.index(episode->session), *stayed ? 1.0 : 0.0});
    }
    return out;
}

void persistence(const Section& section, const Chosen& episodes, BreakoutKind kind,
                 Report& report) {
    bool const prior_day = kind == BreakoutKind::PriorDay;
    std::array<std::array<std::vector<Observation>, kHorizons.size()>, kClasses.size()> found;
    Resampling const how = section.resampling(kBlockSessions);
    for (std::size_t c = 0; c < kClasses.size(); ++c) {
        Chosen members;
        std::ranges::copy_if(episodes, std::back_inserter(members),
                             [&](const Episode* e) { return kClasses[c].holds(*e); });
        for (std::size_t h = 0; h < kHorizons.size(); ++h) {
            found[c][h] = outcomes(section, members, kHorizons[h]);
            bool const published = section.reference && kHorizons[h] == 5;
            report.rows.push_back(
                {section.name, kClasses[c].name,
                 fmt::format("all closes beyond, +{}", kHorizons[h]),
                 estimate(found[c][h], Statistic::Mean, how),
                 published ? (prior_day ? kClasses[c].pd5 : kClasses[c].d20_5) : "", "1.1"});
        }
    }
    for (std::size_t const other : {std::size_t{1}, std::size_t{3}}) {
        for (std::size_t h = 0; h < kHorizons.size(); ++h) {
            bool const published = section.reference && kHorizons[h] == 5 && other == 1;
            std::string_view const reference =
                prior_day ? "+0.13 [+0.06, +0.20]" : "+0.20 [+0.09, +0.30]";
            report.rows.push_back({section.name,
                                   fmt::format("confirmed - {}", kClasses[other].name),
                                   fmt::format("difference, +{}", kHorizons[h]),
                                   difference({found[0][h], found[other][h]}, Statistic::Mean, how),
                                   published ? reference : "", "1.1"});
        }
    }
}

void failure_by_volume(const Section& section, const Chosen& episodes, Report& report) {
    for (const Bucket& bucket : kBuckets) {
        std::vector<Observation> sample;
        for (const Episode* const episode : episodes) {
            if (!episode->held || !episode->rvol15_at_hold) continue;
            double const rvol = *episode->rvol15_at_hold;
            if (rvol < bucket.from || rvol >= bucket.to) continue;
            sample.push_back({section.days.index(episode->session), episode->failed ? 1.0 : 0.0});
        }
        report.rows.push_back({section.name, bucket.name, "failed that session, after 15 min held",
                               estimate(sample, Statistic::Mean, section.resampling(1)),
                               section.reference ? bucket.up : "", "1.1"});
    }
}

Chosen select(const Log& log, const std::function<bool(const Episode&)>& wanted) {
    Chosen out;
    for (const Episode& episode : log.episodes) {
        if (wanted(episode)) out.push_back(&episode);
    }
    return out;
}

void activity(const Inputs& in, const Days& days, Market market, Report& report) {
    std::int64_t symbol_days = 0;
    for (const Instrument& row : in.registry.instruments()) {
        if (row.market == market) symbol_days += in.log.level_sessions[row.id.value];
    }
    for (BreakoutKind const kind :
         {BreakoutKind::OpeningRange, BreakoutKind::PriorDay, BreakoutKind::Donchian20}) {
        Section const section{in, days, fmt::format("{} {}", to_string(market), to_string(kind))};
        const auto& edges =
            in.log.edges[static_cast<std::size_t>(market)][static_cast<std::size_t>(kind)];
        for (BreakoutState const state : {BreakoutState::Triggered, BreakoutState::Confirmed,
                                          BreakoutState::Failed, BreakoutState::Expired}) {
            std::int64_t const n = edges[static_cast<std::size_t>(state)];
            Estimate count;
            count.n = static_cast<std::size_t>(n);
            count.days = days.size();
            if (symbol_days > 0) {
                count.value = static_cast<double>(n) / static_cast<double>(symbol_days);
            }
            report.rows.push_back(
                {section.name, to_string(state), "edges per symbol-day", count, "", ""});
        }
        std::vector<Observation> flips;
        for (const Episode& episode : in.log.episodes) {
            if (episode.market != market || episode.kind != kind) continue;
            flips.push_back({days.index(episode.session), episode.flipped ? 1.0 : 0.0});
        }
        report.rows.push_back({section.name, "triggered", "other side triggered later that session",
                               estimate(flips, Statistic::Mean, section.resampling(1)), "", ""});
    }
}

}  // namespace

std::optional<bool> stayed_beyond(const Episode& episode, int sessions, const Inputs& in) {
    const auto& closes = in.log.closes[episode.instrument.value];
    const Calendar& calendar = in.calendars.of(episode.market);
    auto it = std::ranges::lower_bound(closes, episode.session, {}, &SessionClose::date);
    std::int32_t date = episode.session;
    UnixNanos open = episode.open;
    bool stayed = true;
    for (int i = 0; i <= sessions; ++i, ++it) {
        // A hole in the data is unknown, never held.
        if (it == closes.end() || it->date != date) return std::nullopt;
        bool const beyond = episode.side == BreakoutSide::Up ? it->close >= episode.level
                                                             : it->close <= episode.level;
        stayed = stayed && beyond;
        auto const next = calendar.after(open);
        if (!next) return i == sessions ? std::optional(stayed) : std::nullopt;
        date = next->date;
        open = next->open;
    }
    return stayed;
}

void breakout_rows(const Inputs& in, Report& report) {
    for (Market const market : {Market::Xnys, Market::Xkrx, Market::Utc}) {
        Days const days(in, market);
        auto const any = std::ranges::any_of(in.log.episodes,
                                             [&](const Episode& e) { return e.market == market; });
        if (!any) continue;
        for (BreakoutKind const kind : {BreakoutKind::PriorDay, BreakoutKind::Donchian20}) {
            for (BreakoutSide const side : {BreakoutSide::Up, BreakoutSide::Down}) {
                Section const section{
                    in, days,
                    fmt::format("{} {} {}", to_string(market), to_string(kind), to_string(side)),
                    market == Market::Xnys && side == BreakoutSide::Up};
                persistence(section,
                            select(in.log,
                                   [&](const Episode& e) {
                                       return e.market == market && e.kind == kind &&
                                              e.side == side;
                                   }),
                            kind, report);
            }
        }
        for (BreakoutSide const side : {BreakoutSide::Up, BreakoutSide::Down}) {
            Section const section{in, days,
                                  fmt::format("{} PD+D20 {}", to_string(market), to_string(side)),
                                  market == Market::Xnys && side == BreakoutSide::Up};
            failure_by_volume(section,
                              select(in.log,
                                     [&](const Episode& e) {
                                         return e.market == market && e.side == side &&
                                                e.kind != BreakoutKind::OpeningRange;
                                     }),
                              report);
        }
        activity(in, days, market, report);
    }
}

}  // namespace spill::study
