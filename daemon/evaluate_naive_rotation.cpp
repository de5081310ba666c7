#include "daemon/evaluate_naive_rotation.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <string>
#include <vector>

#include "connectors/simulator/episode_tokens.hpp"
#include "core/event.hpp"
#include "daemon/evaluate_run.hpp"

namespace spill {
namespace {

constexpr int kDraws = 5;  // plantings on one history, as many as evaluate_tokens makes
constexpr std::size_t kSlotsPerHour = 12;

struct NaiveTally {
    int episodes = 0, on = 0;
    std::vector<double> minutes;
};

bool bucket_kind(sim::EpisodeKind kind) noexcept {
    return kind == sim::EpisodeKind::RotationWave || kind == sim::EpisodeKind::BtcWave ||
           kind == sim::EpisodeKind::OneToken;
}

// Last prices by slot, of the last hour and now.
class HourOfPrices {
public:
    explicit HourOfPrices(std::size_t instruments) : last_(instruments) {}
    void add(const std::vector<Event>& trades) {
        for (const Event& trade : trades) {
            last_[trade.instrument.value] = trade.trade.price.to_double();
        }
        slots_.push_back(last_);
        if (slots_.size() > kSlotsPerHour + 1) slots_.pop_front();
    }
    [[nodiscard]] bool full() const noexcept { return slots_.size() > kSlotsPerHour; }
    [[nodiscard]] double move(InstrumentId id) const {
        double const before = slots_.front()[id.value];
        return before > 0.0 ? slots_.back()[id.value] / before - 1.0 : 0.0;
    }

private:
    std::vector<double> last_;
    std::deque<std::vector<double>> slots_;
};

// The first minute at which the rule fires in each bucket, within its episode.
void play_draw(sim::TokenMarket market, const sim::EpisodeClass& what, int draw,
               HourOfPrices prices, NaiveTally& tally) {
    market.plant(what, draw);
    std::vector<Event> trades;
    std::vector<bool> fired(static_cast<std::size_t>(market.buckets()));
    tally.episodes += market.buckets();
    while (market.now() < market.play_end()) {
        market.next_trades(trades);
        prices.add(trades);
        if (!prices.full()) continue;
        for (int bucket = 0; bucket < market.buckets(); ++bucket) {
            int const first = bucket * sim::kTokensPerBucket;
            const sim::TokenTruth& truth = market.truth(first);
            bool const inside = market.now() >= truth.start && market.now() <= truth.deadline;
            if (!inside || fired[static_cast<std::size_t>(bucket)]) continue;
            std::vector<double> returns;
            for (int i = first; i < first + sim::kTokensPerBucket; ++i) {
                returns.push_back(prices.move(market.truth(i).instrument));
            }
            if (!naive_rotation(returns)) continue;
            fired[static_cast<std::size_t>(bucket)] = true;
            ++tally.on;
            tally.minutes.push_back(minutes_between(truth.start, market.now()));
        }
    }
}

}  // namespace

bool naive_rotation(std::span<const double> returns) noexcept {
    if (returns.empty()) return false;
    auto const n = static_cast<double>(returns.size());
    auto const rose =
        static_cast<double>(std::ranges::count_if(returns, [](double r) { return r > 0.0; }));
    return std::accumulate(returns.begin(), returns.end(), 0.0) / n > kNaiveMean &&
           rose / n >= kNaiveBreadth;
}

void evaluate_naive_rotation(const EvaluateOptions& options, Evaluation& out) {
    Registry registry;
    sim::TokenMarketConfig config;
    config.seed = options.seed;
    config.buckets = (options.episodes + sim::kTokensPerBucket - 1) / sim::kTokensPerBucket;
    config.noise = {options.noise, options.variance_exponent};
    sim::TokenMarket market(registry, config);
    HourOfPrices prices(registry.instruments().size());
    std::vector<Event> events;
    while (market.now() < market.play_start()) {
        if (market.now() < market.tape_start()) {
            market.next_bars(events);
            continue;
        }
        market.next_trades(events);
        prices.add(events);
    }
    Table table{"rotation_naive",
                "share of buckets whose mean move of an hour passed 1.5 % with three in five up; "
                "minutes after the start",
                {}};
    for (const sim::EpisodeClass& what : sim::episode_classes()) {
        if (!bucket_kind(what.kind)) continue;
        NaiveTally tally;
        for (int draw = 0; draw < kDraws; ++draw) play_draw(market, what, draw, prices, tally);
        table.rows.push_back({std::string(what.name),
                              tally.episodes,
                              {{"on", share_of({tally.on, tally.episodes})},
                               {"on_minutes", median_of(tally.minutes, options.seed)}}});
    }
    out.tables.push_back(std::move(table));
}

}  // namespace spill
