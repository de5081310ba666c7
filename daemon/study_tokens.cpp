// Token volume: what the hour after `confirmed` looked like, beside naive thresholds.
#include <algorithm>
#include <array>

#include "daemon/study_metrics.hpp"

namespace spill::study {
namespace {

constexpr std::int64_t kDayMinutes = 1440;

struct Rule {
    const char* name;
    bool (*holds)(const TokenSample&);
    std::string_view median, strong, collapsed;  // published
};
constexpr std::array kRules{
    Rule{"rvol60 > 3", [](const TokenSample& s) { return s.rvol60 > 3.0; }, "2.39", "0.60", "0.17"},
    Rule{"rvol60 > 2", [](const TokenSample& s) { return s.rvol60 > 2.0; }, "1.67", "0.38", "0.31"},
    Rule{"rvol5 > 3", [](const TokenSample& s) { return s.rvol5 > 3.0; }, "1.04", "0.16", "0.62"},
    Rule{"every full hour", [](const TokenSample& s) { return s.minute % 60 == 0; }, "", "", ""}};

class TokenStudy {
public:
    TokenStudy(const Inputs& in, Report& report) : in_(in), report_(report) {
        for (const auto& samples : in.log.samples) {
            for (const TokenSample& sample : samples) {
                days_.push_back(day_of(sample.minute));
                if (!sample.cuts && sample.venues >= 2) least_venues_ = 2;
            }
        }
        std::ranges::sort(days_);
        days_.erase(std::unique(days_.begin(), days_.end()), days_.end());
    }

    void run() {
        if (days_.empty()) return;
        section_ = least_venues_ == 2 ? "tokens on two venues and more" : "tokens on one venue";
        if (least_venues_ < 2) {
            report_.notes.emplace_back(
                "no token has two eligible venues here: its score is capped at 0.49 and none of "
                "them can be confirmed");
        }
        add_rates();
        add_after_confirmed();
        for (const Rule& rule : kRules) add_rule(rule);
    }

private:
    using Samples = std::vector<TokenSample>;

    // The minute that a slot ends with belongs to the day before when it is midnight.
    static std::int64_t day_of(std::int64_t end) { return (end - 1) / kDayMinutes; }
    [[nodiscard]] std::size_t index(std::int64_t day) const {
        return static_cast<std::size_t>(std::ranges::lower_bound(days_, day) - days_.begin());
    }
    [[nodiscard]] bool usable(const TokenSample& sample) const {
        return !sample.cuts && sample.venues >= least_venues_;
    }
    [[nodiscard]] Resampling resampling() const {
        return {.days = days_.size(), .block = 1, .seed = in_.seed};
    }
    // nullptr when that minute was not sampled.
    static const TokenSample* at(const Samples& samples, std::int64_t minute) {
        auto const it = std::ranges::lower_bound(samples, minute, {}, &TokenSample::minute);
        return it != samples.end() && it->minute == minute ? &*it : nullptr;
    }

    void add(const char* subject, const char* measure, const std::vector<Observation>& sample,
             Statistic statistic, std::string_view reference) {
        report_.rows.push_back({section_, subject, measure,
                                estimate(sample, statistic, resampling()), reference, "3.3"});
    }

    void add_next_hour(const char* subject, const std::vector<Observation>& sample,
                       const Rule& published) {
        auto const share = [&](auto&& holds) {
            std::vector<Observation> out = sample;
            for (Observation& row : out) row.value = holds(row.value) ? 1.0 : 0.0;
            return out;
        };
        add(subject, "next-hour RVOL, median", sample, Statistic::Median, published.median);
        add(subject, "next-hour RVOL >= 2, share", share([](double v) { return v >= 2.0; }),
            Statistic::Mean, published.strong);
        add(subject, "next-hour RVOL < 1.25, share", share([](double v) { return v < 1.25; }),
            Statistic::Mean, published.collapsed);
    }

    void add_rates() {
        std::array<std::vector<Observation>, 2> counts;  // building, confirmed
        for (std::size_t i = 0; i < in_.log.samples.size(); ++i) {
            std::vector<std::int32_t> slots(days_.size());
            for (const TokenSample& sample : in_.log.samples[i]) {
                if (usable(sample)) ++slots[index(day_of(sample.minute))];
            }
            for (std::size_t day = 0; day < slots.size(); ++day) {
                if (slots[day] < kTokenDaySlots) continue;
                std::array<double, 2> n{};
                for (const TokenEdge& edge : in_.log.token_edges) {
                    if (edge.instrument.value != i || days_[day] != day_of(edge.minute)) continue;
                    if (edge.state == VolumeState::Building) ++n[0];
                    if (edge.state == VolumeState::Confirmed) ++n[1];
                }
                counts[0].push_back({day, n[0]});
                counts[1].push_back({day, n[1]});
            }
        }
        add("building", "per token-day", counts[0], Statistic::Mean, "2 to 3");
        add("confirmed", "per token-day", counts[1], Statistic::Mean, "0.30 to 0.46");
    }

    void add_after_confirmed() {
        std::vector<Observation> next, minutes;
        for (auto it = in_.log.token_edges.begin(); it != in_.log.token_edges.end(); ++it) {
            if (it->state != VolumeState::Confirmed) continue;
            const TokenSample* const later =
                at(in_.log.samples[it->instrument.value], it->minute + kNextHour);
            std::size_t const day = index(day_of(it->minute));
            if (later != nullptr && usable(*later)) next.push_back({day, later->rvol60});
            auto const end = std::find_if(
                std::next(it), in_.log.token_edges.end(),
                [&](const TokenEdge& edge) { return edge.instrument == it->instrument; });
            if (end == in_.log.token_edges.end()) continue;
            minutes.push_back({day, static_cast<double>(end->minute - it->minute)});
        }
        add("confirmed", "minutes in the state, mean", minutes, Statistic::Mean, "90 to 128");
        Rule const published{"", nullptr, "3.02", "0.73", "0.07"};
        add_next_hour("confirmed", next, published);
    }

    // The onset of a condition, at most once an hour and token.
    void add_rule(const Rule& rule) {
        std::vector<Observation> next;
        for (const Samples& samples : in_.log.samples) {
            std::int64_t last = INT64_MIN / 2;
            for (std::size_t i = 1; i < samples.size(); ++i) {
                const TokenSample& now = samples[i];
                const TokenSample& before = samples[i - 1];
                if (!usable(now) || !usable(before) || !rule.holds(now) || rule.holds(before)) {
                    continue;
                }
                if (now.minute - last < kNextHour) continue;
                last = now.minute;
                const TokenSample* const later = at(samples, now.minute + kNextHour);
                if (later == nullptr || !usable(*later)) continue;
                next.push_back({index(day_of(now.minute)), later->rvol60});
            }
        }
        add_next_hour(rule.name, next, rule);
    }

    const Inputs& in_;
    Report& report_;
    std::vector<std::int64_t> days_;
    std::uint32_t least_venues_ = 1;
    std::string section_;
};

}  // namespace

void token_rows(const Inputs& in, Report& report) { TokenStudy(in, report).run(); }

}  // namespace spill::study
