#include "connectors/simulator/episode_tokens.hpp"

#include <algorithm>
#include <cmath>

#include "connectors/simulator/episode_chips.hpp"
#include "connectors/simulator/profile.hpp"
#include "core/timestamp.hpp"

namespace spill::sim {
namespace {

constexpr std::int64_t kSlot = 5 * kNanosPerMinute;
constexpr std::int64_t kHour = 60 * kNanosPerMinute;
constexpr double kHalfSpread = 0.00008;
constexpr double kBtcPrice = 98'000.0;
constexpr double kBtcPerMinute = 3.0;
constexpr std::int64_t kBtcTick = 100'000'000;

UnixNanos episode_day() noexcept {
    return UnixNanos{days_from_civil({2026, 5, 28}) * kNanosPerDay};
}

std::int64_t tick_for(double price) noexcept {
    double const nanos = 1e9 * std::pow(10.0, std::floor(std::log10(price)) - 4.0);
    return std::max<std::int64_t>(1, std::llround(nanos));
}

Price price_of(double log_price, std::int64_t tick) noexcept {
    std::int64_t const ticks = std::llround(std::exp(log_price) * 1e9 / static_cast<double>(tick));
    return Price{std::max<std::int64_t>(1, ticks) * tick};
}

Quantity quantity(double units) noexcept {
    return Quantity{std::max<std::int64_t>(1, std::llround(units * 1e4)) * 100'000};
}

}  // namespace

TokenMarket::TokenMarket(Registry& registry, const TokenMarketConfig& config) : config_(config) {
    std::array<VenueId, kTokenVenues> venues{};
    for (int v = 0; v < kTokenVenues; ++v) {
        auto const i = static_cast<std::size_t>(v);
        venues[i] = registry.add_venue(kTokenVenueNames[i], v == kTokenVenues - 1).value();
    }
    now_ = UnixNanos{episode_day().ns - kHistoryDays * kNanosPerDay};
    std::string const batch = std::to_string(config.batch);
    Instrument btc;
    btc.name = "BTC";
    btc.role = Role::Benchmark;
    btc.tick = Price{kBtcTick};
    btc_.instrument = registry.add_instrument(btc).value();
    btc_.rng = Rng(config.seed, "btc " + batch);
    btc_.log_price = std::log(kBtcPrice);
    Feed feed;
    feed.instrument = btc_.instrument;
    feed.venue = venues.back();
    feed.symbol = "BTC";
    btc_.feed = registry.add_feed(feed).value();
    for (int i = 0; i < config.buckets * kTokensPerBucket; ++i) {
        std::string const bucket = episode_name('B', i / kTokensPerBucket);
        if (i % kTokensPerBucket == 0) (void)registry.add_group(bucket, GroupId{}, true).value();
        Instrument row;
        row.name = episode_name('T', i);
        row.role = Role::Token;
        row.group = registry.find_group(bucket)->id;
        Rng rng(config.seed, "token " + batch + " " + row.name);
        Token token;
        token.noise = VolumeNoise5m(config.noise, kTokenSpread, rng);
        double const price = std::exp(rng.uniform(std::log(0.5), std::log(400.0)));
        token.tick = tick_for(price);
        row.tick = Price{token.tick};
        token.truth.name = row.name;
        token.truth.bucket = bucket;
        token.truth.instrument = registry.add_instrument(row).value();
        token.log_price = std::log(price);
        token.per_minute = 30'000.0 / price * rng.uniform(0.5, 2.0);
        token.sigma_hour = rng.uniform(0.007, 0.013);
        token.beta = rng.uniform(0.8, 1.6);
        token.share = {rng.uniform(0.30, 0.45), 0.0, 0.0};
        token.share[1] = (1.0 - token.share[0]) * rng.uniform(0.4, 0.6);
        token.share[2] = 1.0 - token.share[0] - token.share[1];
        for (std::size_t v = 0; v < kTokenVenues; ++v) {
            Feed on;
            on.instrument = token.truth.instrument;
            on.venue = venues[v];
            on.symbol = row.name;
            token.feeds[v] = registry.add_feed(on).value();
        }
        token.rng = rng;
        tokens_.push_back(std::move(token));
    }
}

UnixNanos TokenMarket::play_start() const noexcept {
    return UnixNanos{episode_day().ns + 13 * kHour};
}
UnixNanos TokenMarket::tape_start() const noexcept {
    return UnixNanos{play_start().ns - kTapeHours * kHour};
}
UnixNanos TokenMarket::play_end() const noexcept {
    UnixNanos end{play_start().ns + 4 * kHour};
    for (const Token& token : tokens_) {
        end.ns = std::max(end.ns, token.truth.deadline.ns + 10 * kNanosPerMinute);
    }
    return end;
}

double TokenMarket::curve() const noexcept {
    return token_volume_curve(UnixNanos{now_.ns + kSlot / 2});
}

void TokenMarket::begin_slot() {
    double const sd = btc_.sigma_hour / std::sqrt(60.0) * std::pow(curve(), 0.35);
    for (int i = 0; i < 5; ++i) {
        double& r = btc_.returns[static_cast<std::size_t>(i)];
        r = sd * btc_.rng.normal();
        double const since =
            static_cast<double>(now_.ns - btc_.wave_start.ns) / kNanosPerMinute + i;
        bool const inside = btc_.wave != 0.0 && since >= 0.0 && since < btc_.wave_minutes;
        if (inside) r += btc_.wave / btc_.wave_minutes;
    }
    if (now_.ns % kNanosPerDay != 0) return;
    for (Token& token : tokens_) token.noise.next_day(token.rng);
}

void TokenMarket::end_slot() { now_.ns += kSlot; }

double TokenMarket::minutes_since(const Token& token, double minute) const noexcept {
    return static_cast<double>(now_.ns - token.truth.start.ns) / kNanosPerMinute + minute;
}

// The minutes of one slot: log prices at their bounds and volumes over all venues.
void TokenMarket::walk(Token& token, double slot, SlotPath& path, std::array<double, 5>& volume) {
    NoiseModel const& model = config_.noise;
    double const norm = token.noise.mean_power(model.variance_exponent);
    double const ordinary = curve() * slot;
    path[0] = token.log_price;
    for (std::size_t i = 0; i < 5; ++i) {
        double const since = minutes_since(token, static_cast<double>(i));
        double const multiple = token.plan.active ? volume_multiple(token.plan, since) : 1.0;
        volume[i] = token.per_minute * ordinary * multiple;
        // The whole variance goes with volume, the part that BTC brings included.
        double const btc = token.beta * btc_.sigma_hour;
        double const own = token.sigma_hour * token.sigma_hour;
        double const scale = std::pow(ordinary * multiple, model.variance_exponent) / norm;
        double const variance = std::max((own + btc * btc) * scale - btc * btc, 0.1 * own);
        double drift = token.beta * btc_.returns[i];
        if (token.plan.active) drift += planned_return(token.plan, since);
        double const sd = std::sqrt(variance / (60.0 * kMinuteSteps));
        for (std::size_t k = i * kMinuteSteps; k < (i + 1) * kMinuteSteps; ++k) {
            path[k + 1] = path[k] + sd * token.rng.normal() + drift / kMinuteSteps;
        }
    }
    token.log_price = path.back();
}

Event TokenMarket::bar(InstrumentId instrument, FeedId feed) const noexcept {
    Event event{};
    event.kind = EventKind::Bar;
    event.aux = 5;
    event.ts_event = now_;
    event.ts_recv = UnixNanos{now_.ns + kSlot};
    event.instrument = instrument;
    event.feed = feed;
    event.bar = BarBody{};
    return event;
}

void TokenMarket::next_bars(std::vector<Event>& out) {
    out.clear();
    begin_slot();
    SlotPath path{};
    std::array<double, 5> volume{};
    auto const prices = [&](Event& event, std::int64_t tick) {
        auto const [low, high] = std::ranges::minmax(path);
        event.bar.open = price_of(path.front(), tick);
        event.bar.close = price_of(path.back(), tick);
        event.bar.high = price_of(high, tick);
        event.bar.low = price_of(low, tick);
    };
    path[0] = btc_.log_price;
    for (std::size_t k = 0; k + 1 < path.size(); ++k) {
        path[k + 1] = path[k] + btc_.returns[k / kMinuteSteps] / kMinuteSteps;
    }
    btc_.log_price = path.back();
    Event event = bar(btc_.instrument, btc_.feed);
    prices(event, kBtcTick);
    event.bar.volume = quantity(5.0 * kBtcPerMinute * curve() * btc_.rng.lognormal(0.5));
    out.push_back(event);
    for (Token& token : tokens_) {
        walk(token, token.noise.next_slot(token.rng), path, volume);
        double sum = 0.0;
        for (double const v : volume) sum += v;
        for (std::size_t v = 0; v < kTokenVenues; ++v) {
            event = bar(token.truth.instrument, token.feeds[v]);
            prices(event, token.tick);
            double const own = token.rng.lognormal(NoiseModel::kVenueSd * config_.noise.scale);
            event.bar.volume = quantity(sum * token.share[v] * own);
            out.push_back(event);
        }
    }
    end_slot();
}

void TokenMarket::venue_trades(Token& token, int venue, const SlotPath& path,
                               const std::array<double, 5>& volume, std::vector<Event>& out) {
    auto const v = static_cast<std::size_t>(venue);
    double const own = token.rng.lognormal(NoiseModel::kVenueSd * config_.noise.scale);
    for (std::size_t i = 0; i < 5; ++i) {
        double const ordinary = volume[i] / token.per_minute;
        double const rate = token.prints_per_minute * std::min(std::pow(ordinary, 0.7), 12.0);
        PrintSizes const sizes =
            draw_sizes(volume[i] * token.share[v] * own, 1 + token.rng.poisson(rate), token.rng);
        double const* const minute = path.data() + i * kMinuteSteps;
        double const move = minute[kMinuteSteps] - minute[0];
        for (int k = 0; k < sizes.count; ++k) {
            double const when = token.rng.uniform();
            bool const buy = token.rng.chance(0.5 + std::clamp(40.0 * move, -0.2, 0.2));
            PrintSpec print;
            print.instrument = token.truth.instrument;
            print.feed = token.feeds[v];
            print.at = UnixNanos{now_.ns + static_cast<std::int64_t>(i) * kNanosPerMinute +
                                 static_cast<std::int64_t>(when * 60'000.0) * 1'000'000};
            double const at = minute[static_cast<std::size_t>(when * kMinuteSteps)];
            print.price = std::exp(at + (buy ? kHalfSpread : -kHalfSpread));
            print.tick = token.tick;
            print.size = sizes.size[static_cast<std::size_t>(k)];
            print.aggressor = buy ? Aggressor::Buy : Aggressor::Sell;
            print.id = ++token.ids[v];
            out.push_back(make_trade(print));
        }
        wash_trades(token, venue, static_cast<int>(i), std::exp(minute[0]), out);
    }
}

// Made-up prints at the going price, twice as many as the venue's own.
void TokenMarket::wash_trades(Token& token, int venue, int minute, double price,
                              std::vector<Event>& out) {
    auto const v = static_cast<std::size_t>(venue);
    Wash& wash = token.plan.washes[v];
    double const since = minutes_since(token, minute);
    bool const inside = since >= 0.0 && since < token.plan.wash_minutes;
    if (!token.plan.active || wash.multiple <= 0.0 || !inside) return;
    double const volume = token.per_minute * curve() * token.share[v] * wash.multiple;
    int const count = 1 + token.rng.poisson(2.0 * token.prints_per_minute);
    PrintSizes sizes = draw_sizes(volume, count, token.rng);
    std::int64_t const start = now_.ns + minute * kNanosPerMinute;
    PrintSpec print;
    print.instrument = token.truth.instrument;
    print.feed = token.feeds[v];
    print.tick = token.tick;
    for (int k = 0; k < sizes.count; ++k) {
        auto const ms = static_cast<std::int64_t>(token.rng.below(59'000));
        print.at = UnixNanos{start + ms * 1'000'000};
        wash.flip = !wash.flip;
        print.aggressor = wash.flip ? Aggressor::Buy : Aggressor::Sell;
        print.price = price * (1.0 + (wash.flip ? kHalfSpread : -kHalfSpread));
        print.id = ++token.ids[v];
        switch (token.plan.tape) {
            case WashTape::UniformPairs: {
                print.size = volume / count * token.rng.uniform(0.5, 1.5) / 2.0;
                out.push_back(make_trade(print));
                print.at.ns += 1'000'000;
                print.aggressor = wash.flip ? Aggressor::Sell : Aggressor::Buy;
                print.id = ++token.ids[v];
                break;
            }
            case WashTape::FixedSizes:
                if (wash.sizes[0] <= 0.0) wash.sizes = {volume / count, 0.5 * volume / count};
                print.size = wash.sizes[token.rng.chance(0.75) ? 0 : 1];
                break;
            case WashTape::Mimic: print.size = sizes.size[static_cast<std::size_t>(k)]; break;
        }
        out.push_back(make_trade(print));
    }
}

void TokenMarket::block_trade(Token& token, const SlotPath& path, std::vector<Event>& out) {
    Plan const& plan = token.plan;
    bool const due = plan.active && plan.block_venue >= 0 && token.truth.start >= now_ &&
                     token.truth.start.ns < now_.ns + kSlot;
    if (!due) return;
    auto const v = static_cast<std::size_t>(plan.block_venue);
    PrintSpec print;
    print.instrument = token.truth.instrument;
    print.feed = token.feeds[v];
    print.at = token.truth.start;
    print.price = std::exp(path[0]);
    print.tick = token.tick;
    print.size = 60.0 * token.per_minute * curve() * plan.block_hours;
    print.aggressor = Aggressor::Buy;
    print.id = ++token.ids[v];
    out.push_back(make_trade(print));
}

void TokenMarket::btc_trades(std::vector<Event>& out) {
    for (std::size_t i = 0; i < 5; ++i) {
        PrintSizes const sizes =
            draw_sizes(kBtcPerMinute * curve(), 4 + btc_.rng.poisson(6.0), btc_.rng);
        for (int k = 0; k < sizes.count; ++k) {
            double const when = btc_.rng.uniform();
            PrintSpec print;
            print.instrument = btc_.instrument;
            print.feed = btc_.feed;
            print.at = UnixNanos{now_.ns + static_cast<std::int64_t>(i) * kNanosPerMinute +
                                 static_cast<std::int64_t>(when * 60'000.0) * 1'000'000};
            print.price = std::exp(btc_.log_price + btc_.returns[i] * when);
            print.tick = kBtcTick;
            print.size = sizes.size[static_cast<std::size_t>(k)];
            print.aggressor = btc_.rng.chance(0.5) ? Aggressor::Buy : Aggressor::Sell;
            print.id = ++btc_.ids;
            out.push_back(make_trade(print));
        }
        btc_.log_price += btc_.returns[i];
    }
}

void TokenMarket::next_trades(std::vector<Event>& out) {
    out.clear();
    begin_slot();
    btc_trades(out);
    SlotPath path{};
    std::array<double, 5> volume{};
    for (Token& token : tokens_) {
        walk(token, token.noise.next_slot(token.rng), path, volume);
        for (int v = 0; v < kTokenVenues; ++v) venue_trades(token, v, path, volume, out);
        block_trade(token, path, out);
    }
    sort_events(out);
    end_slot();
}

}  // namespace spill::sim
