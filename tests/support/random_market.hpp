// A small random market for property tests: chips of two markets, tokens on several venues, BTC
// and SPY, with everything that may happen to them: bursts, bad prints, late prints, cancels,
// auctions, halts, splits, gaps, dead feeds, bars instead of trades. Seeded, so it is the same
// everywhere; a caricature, so that a week reaches every state.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/baseline.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"
#include "core/params.hpp"

namespace spill::support {

// SplitMix64: the same numbers on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept {
        state_ += 0x9E37'79B9'7F4A'7C15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9;
        z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EB;
        return z ^ (z >> 31U);
    }
    // 0..n-1
    std::int64_t below(std::int64_t n) noexcept {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n));
    }
    bool one_in(std::int64_t n) noexcept { return below(n) == 0; }
    double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    double around_zero() noexcept { return unit() + unit() + unit() - 1.5; }  // sd 0.5

private:
    std::uint64_t state_;
};

struct RandomMarket {
    Registry registry;
    Calendars calendars;
    Params params;  // short baselines and dwell times
};

namespace random_detail {

inline constexpr std::int64_t kFirstDay = 20'516;  // 2026-03-04, a Wednesday
inline constexpr std::int64_t kDayMinutes = 24 * 60;

struct Hours {
    std::int64_t open, continuous_end, close;  // minutes of the UTC day
};

inline Calendar weekdays(Hours const& hours) {
    std::vector<TradingSession> sessions;
    for (std::int64_t day = kFirstDay; day < kFirstDay + 40; ++day) {
        std::int64_t const first = day * kDayMinutes;
        if (is_weekend(minute_start(first))) continue;
        TradingSession session;
        session.date = utc_date(minute_start(first));
        session.open = minute_start(first + hours.open);
        session.continuous_end = minute_start(first + hours.continuous_end);
        session.close = minute_start(first + hours.close);
        sessions.push_back(session);
    }
    auto calendar = Calendar::from_sessions(std::move(sessions));
    REQUIRE(calendar.has_value());
    return *std::move(calendar);
}

struct Row {
    const char* name;
    Market market;
    Role role;
    GroupId group;
    std::vector<VenueId> venues;
    Coverage coverage = Coverage::SingleVenue;
    InstrumentId proxy_for;
};

inline InstrumentId add(Registry& registry, Row const& row) {
    Instrument instrument;
    instrument.name = row.name;
    instrument.market = row.market;
    instrument.role = row.role;
    instrument.group = row.group;
    instrument.proxy_for = row.proxy_for;
    instrument.tick = Price{kNanosPerUnit / 100};
    InstrumentId const id = registry.add_instrument(std::move(instrument)).value();
    Coverage coverage = row.coverage;
    for (VenueId const venue : row.venues) {
        Feed feed;
        feed.instrument = id;
        feed.venue = venue;
        feed.symbol = row.name;
        feed.coverage = coverage;
        feed.trusted = registry.venue(venue).trusted;
        REQUIRE(registry.add_feed(std::move(feed)).has_value());
        if (row.market != Market::Utc) coverage = Coverage::SingleVenue;
    }
    return id;
}

inline void shorten(Params& params) {
    params.level.donchian_sessions = 3;
    params.level.atr_ready_true_ranges = 3;
    params.level.atr_min_true_ranges = 1;
    params.level.suspect_gap = 0.3;
    params.baseline.sessions = 5;
    params.baseline.weekend_sessions = 4;
    params.baseline.provisional_sessions = params.baseline.weekend_provisional_sessions = 1;
    params.baseline.ready_sessions = params.baseline.weekend_ready_sessions = 2;
    params.breakout.hold_minutes = 3;
    params.breakout.cooldown_minutes = 5;
    params.breakout.hold_sessions_pd = 1;
    params.breakout.rvol15_single_venue = 1.5;
    params.participation.dwell_minutes = 2;
    params.tape.min_trades = 15;
    params.tape.calm_hours = 3;
    params.beta.min_samples = 5;
    params.rotation.dwell_minutes = 1;
    params.rotation.real_min = 1;
    params.rotation.median_z = 0.1;
    params.rotation.breadth_enter = 0.5;
    params.unwind.dwell_minutes = 2;
    params.volume.persistence_hi = 0.4;
    params.volume.top_trade_hi = 0.6;
    params.volume.top_trade_lo = 0.3;
    params.volume.churn_lo = 15.0;
    params.volume.churn_hi = 90.0;
}

}  // namespace random_detail

[[nodiscard]] inline RandomMarket random_market() {
    using random_detail::add;
    RandomMarket market;
    Registry& r = market.registry;
    VenueId const sip = r.add_venue("sip", true).value();
    VenueId const iex = r.add_venue("iex", true).value();
    VenueId const krx = r.add_venue("krx", true).value();
    VenueId const perp = r.add_venue("perp", false).value();
    VenueId const one = r.add_venue("one", true).value();
    VenueId const two = r.add_venue("two", false).value();
    VenueId const three = r.add_venue("three", false).value();
    GroupId const semis = r.add_group("semis", GroupId{}, false).value();
    GroupId const memory = r.add_group("memory", semis, false).value();
    GroupId const gpu = r.add_group("gpu", semis, false).value();
    GroupId const infra = r.add_group("infra", GroupId{}, true).value();
    GroupId const agents = r.add_group("agents", GroupId{}, true).value();
    Coverage const best = Coverage::Consolidated;
    auto const mu = add(r, {"MU", Market::Xnys, Role::Leader, memory, {sip, iex}, best, {}});
    add(r, {"WDC", Market::Xnys, Role::Member, memory, {sip}, best, {}});
    add(r, {"STX", Market::Xnys, Role::Member, memory, {iex}, Coverage::SingleVenue, {}});
    add(r, {"NVDA", Market::Xnys, Role::Leader, gpu, {sip}, best, {}});
    add(r, {"AMD", Market::Xnys, Role::Member, gpu, {sip}, best, {}});
    add(r, {"MU.P", Market::Xnys, Role::Leader, memory, {perp}, Coverage::Derivative, mu});
    add(r, {"SPY", Market::Xnys, Role::Benchmark, GroupId{}, {sip}, best, {}});
    add(r, {"000660", Market::Xkrx, Role::Leader, memory, {krx}, best, {}});
    add(r, {"005930", Market::Xkrx, Role::Member, memory, {krx}, best, {}});
    add(r, {"042700", Market::Xkrx, Role::Member, memory, {krx}, best, {}});
    for (const char* const name : {"TAO", "FIL", "AKT"}) {
        add(r,
            {name, Market::Utc, Role::Token, infra, {one, two, three}, Coverage::SingleVenue, {}});
    }
    for (const char* const name : {"FET", "WLD", "AIXBT"}) {
        add(r, {name, Market::Utc, Role::Token, agents, {one, two}, Coverage::SingleVenue, {}});
    }
    add(r, {"BTC", Market::Utc, Role::Benchmark, GroupId{}, {one, two}, Coverage::SingleVenue, {}});
    market.calendars.by_market = {random_detail::weekdays({870, 960, 960}),
                                  random_detail::weekdays({0, 66, 70}), Calendar::utc()};
    random_detail::shorten(market.params);
    return market;
}

struct Stretch {
    std::uint64_t seed = 1;
    int days = 8;  // from a Wednesday on, UTC
};

// Makes the events of one stretch, minute by minute.
class RandomTape {
public:
    RandomTape(const RandomMarket& market, std::uint64_t seed)
        : market_(&market), dice_(seed), walks_(market.registry.instruments().size()) {}

    std::vector<Event> make(int days) {
        minute_ = random_detail::kFirstDay * random_detail::kDayMinutes;
        publishing_from_ = minute_ + 600;
        put(clock_event(minute_start(minute_), ClockMark::Quiet));
        std::int64_t const end = minute_ + days * random_detail::kDayMinutes;
        for (; minute_ < end; ++minute_) make_minute();
        return std::move(events_);
    }

private:
    struct Walk {
        double price = 100.0;
        double drift = 0.0;
        double volume = 1.0;
    };

    void put(const Event& event) { events_.push_back(event); }
    // Arrival times differ, so that their order is the same for every sorting algorithm.
    void gather(Event event) {
        event.ts_recv.ns += static_cast<std::int64_t>(gathered_.size());
        gathered_.push_back(event);
    }
    Event at_random_second(const Feed& feed, EventKind kind) {
        Event event{};
        event.kind = kind;
        event.instrument = feed.instrument;
        event.feed = feed.id;
        event.ts_event = UnixNanos{minute_start(minute_).ns + dice_.below(kNanosPerMinute)};
        event.ts_recv = UnixNanos{event.ts_event.ns + dice_.below(1'000'000)};
        return event;
    }
    [[nodiscard]] bool open(Market market) const {
        return market_->calendars.of(market).containing(minute_start(minute_)).has_value();
    }

    void make_minute() {
        if (minute_ == publishing_from_)
            put(clock_event(minute_start(minute_), ClockMark::Publish));
        if (minute_ % 30 == 0) mood_ = dice_.around_zero();
        for (const Instrument& row : market_->registry.instruments()) {
            // A few prints outside of the session, which must not matter.
            if (!open(row.market) && !dice_.one_in(200)) continue;
            step(row);
            for (FeedId const id : row.feeds) make_feed(row, market_->registry.feed(id));
            if (dice_.one_in(800)) make_rare(row);
        }
        send_minute();
    }

    // In the order of arrival, a clock every few seconds in between.
    void send_minute() {
        std::ranges::sort(gathered_, {}, &Event::ts_recv);
        UnixNanos const end = minute_start(minute_ + 1);
        auto next = gathered_.begin();
        for (UnixNanos now = minute_start(minute_); now < end;) {
            put(clock_event(now));
            now.ns += (2 + dice_.below(3)) * kNanosPerSecond;
            for (; next != gathered_.end() && (next->ts_recv < now || now >= end); ++next)
                put(*next);
        }
        gathered_.clear();
    }

    void step(const Instrument& row) {
        Walk& walk = walks_[row.id.value];
        bool const token = row.market == Market::Utc;
        if (dice_.one_in(token ? 45 : 25)) {
            bool const wild = dice_.one_in(2);
            walk.drift = (mood_ + dice_.around_zero()) * (wild ? 1.5e-3 : 2e-4);
            walk.volume = wild ? 2.0 + 8.0 * dice_.unit() : 1.0;
        }
        walk.price *= 1.0 + walk.drift + dice_.around_zero() * 6e-4;
        if (walk.price < 60.0) walk.drift = 2e-3;
        if (walk.price > 170.0) walk.drift = -2e-3;
    }

    void make_feed(const Instrument& row, const Feed& feed) {
        if (row.name == "AMD") {  // known from bars of five minutes only
            if (minute_ % 5 == 4) make_bar(row, feed);
            return;
        }
        bool const busy = walks_[row.id.value].volume > 1.0 || row.market != Market::Utc;
        std::int64_t const trades = dice_.below(busy ? 7 : 3);
        for (std::int64_t i = 0; i < trades; ++i) make_trade(row, feed);
        if (dice_.one_in(2000)) make_feed_change(feed);
    }

    void make_trade(const Instrument& row, const Feed& feed) {
        const Walk& walk = walks_[row.id.value];
        Event event = at_random_second(feed, EventKind::Trade);
        event.aux = static_cast<std::uint8_t>(dice_.below(3));
        double price = walk.price * (1.0 + dice_.around_zero() * 2e-4);
        if (dice_.one_in(300)) price *= dice_.one_in(2) ? 1.05 : 0.95;
        event.trade.price = Price{static_cast<std::int64_t>(price * 100.0) * 10'000'000};
        event.trade.size =
            Quantity{(1 + dice_.below(static_cast<std::int64_t>(walk.volume * 40.0))) *
                     (dice_.one_in(3) ? 1'000'000'000 : 137'000'000)};
        event.trade.trade_id = dice_.next();
        event.trade.fill_count = 1;
        if (dice_.one_in(12)) event.trade.flags = 1U << static_cast<unsigned>(dice_.below(10));
        if (dice_.one_in(100)) event.ts_event.ns -= 3 * kNanosPerMinute;
        if (dice_.one_in(400)) event.ts_event.ns += 4 * kNanosPerSecond;
        gather(event);
    }

    void make_bar(const Instrument& row, const Feed& feed) {
        Walk const& walk = walks_[row.id.value];
        Event event = at_random_second(feed, EventKind::Bar);
        event.ts_event = minute_start(minute_ - 4);
        event.aux = 5;
        auto const cents = static_cast<std::int64_t>(walk.price * 100.0);
        auto const price = [&](std::int64_t off) { return Price{(cents + off) * 10'000'000}; };
        std::int64_t const open = dice_.below(21) - 10;
        std::int64_t const high = std::max(open, std::int64_t{0}) + dice_.below(10);
        std::int64_t const low = std::min(open, std::int64_t{0}) - dice_.below(10);
        // On every fourth day the last bars carry the session's sum.
        std::int64_t const day = minute_ / random_detail::kDayMinutes;
        std::int64_t const since_open = minute_ % random_detail::kDayMinutes - 870;
        std::int64_t const volume = day % 4 == 1 && since_open > 60 ? 5000 : dice_.below(500);
        event.bar = BarBody{price(open), price(high), price(low), price(0),
                            Quantity{volume * kNanosPerUnit}};
        gather(event);
    }

    void make_feed_change(const Feed& feed) {
        Event event = at_random_second(feed, EventKind::Feed);
        auto const state = static_cast<FeedState>(dice_.below(3));
        event.aux = static_cast<std::uint8_t>(state);
        event.feed_change = FeedBody{};
        event.feed_change.from = minute_start(minute_ - dice_.below(20));
        event.feed_change.to = minute_start(minute_);
        event.feed_change.filled = dice_.one_in(2) ? 1 : 0;
        gather(event);
        if (state != FeedState::Stale) return;
        event.aux = static_cast<std::uint8_t>(FeedState::Live);
        event.ts_event.ns += dice_.below(kNanosPerSecond);
        if (!dice_.one_in(8)) gather(event);
    }

    void make_rare(const Instrument& row) {
        Event event =
            at_random_second(market_->registry.feed(row.feeds.front()), EventKind::Status);
        event.status = StatusBody{};
        event.aux = static_cast<std::uint8_t>(dice_.below(3));
        gather(event);
        event.aux = static_cast<std::uint8_t>(TradingStatus::Continuous);
        if (!dice_.one_in(5)) gather(event);
        if (row.market == Market::Utc || !dice_.one_in(3)) return;
        event.kind = EventKind::Corporate;
        event.corporate = CorporateBody{};
        event.corporate.price_factor_e9 = dice_.one_in(2) ? 500'000'000 : 1'010'000'000;
        event.corporate.size_factor_e9 = dice_.one_in(2) ? 2'000'000'000 : 1'000'000'000;
        std::int64_t const day = dice_.below(3) * random_detail::kDayMinutes;
        event.corporate.session = utc_date(minute_start(minute_ + day));
        gather(event);
    }

    const RandomMarket* market_;
    Dice dice_;
    std::vector<Walk> walks_;  // by instrument
    std::vector<Event> events_;
    std::vector<Event> gathered_;  // of the minute being made
    std::int64_t minute_ = 0;
    std::int64_t publishing_from_ = 0;
    double mood_ = 0.0;
};

// In the order of a journal.
[[nodiscard]] inline std::vector<Event> random_events(const RandomMarket& market,
                                                      const Stretch& stretch) {
    return RandomTape(market, stretch.seed).make(stretch.days);
}

}  // namespace spill::support
