// The two worlds that most tests of the engine need: one stock, and one token on three venues,
// each after some ordinary sessions.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "tests/support/engine_fixture.hpp"

namespace spill::support {

// MU of the memory basket. Every session of its history runs from 100 to 101, 99 and back at 300
// shares a minute: ATR 2, yesterday's high 101 and low 99. Today is day `history`.
struct StockOptions {
    Coverage coverage = Coverage::Consolidated;
    Market market = Market::Xnys;
    int history = 21;
    Params params{};
    bool linked = false;             // the feed's link speaks: live from day 0
    int bar_minutes = 0;             // today and the days after it come as bars
    std::map<int, Wave> days{};      // sessions that are not ordinary
    std::map<int, int> minutes{};    // sessions that close early
    std::vector<int> silent_days{};  // sessions without a print
};

class StockDay {
public:
    explicit StockDay(const StockOptions& options = {})
        : options_(options), rig(world_of(*this)), today(options.history) {
        if (options_.linked) rig.link(feed, rig.at(options_.market, {0, -1}), FeedState::Live);
        rig.script(feed, [this](Moment now) { return print(now); });
        if (options_.history > 0) {
            rig.run(options_.market, {0, 0}, {options_.history - 1, kStockMinutes + 2});
        }
        rig.script(feed, [this](Moment now) { return print(now); }, options_.bar_minutes);
        rig.forget();
    }

    // Minutes [from, to) of today; other days are played with on().
    void play(int from, int to, double price, double volume = 300.0) {
        on(today, from, to, price, volume);
    }
    // No print in [from, to) of today.
    void silence(int from, int to) {
        now_.reset();
        rig.run(options_.market, {today, from}, {today, to});
    }
    void on(int day, int from, int to, double price, double volume = 300.0) {
        now_ = Print{price, volume};
        rig.run(options_.market, {day, from}, {day, to});
    }
    // Past the session's roll.
    void close(int day) {
        now_.reset();
        rig.run(options_.market, {day, kStockMinutes}, {day, kStockMinutes + 2});
    }
    [[nodiscard]] UnixNanos at(int index, int seconds = 0) const {
        return rig.at(options_.market, {today, index}, seconds);
    }
    [[nodiscard]] const InstrumentBook& book() const { return rig.engine().instrument(mu); }
    [[nodiscard]] const FeedBook& feed_book() const { return rig.engine().feed(feed); }
    [[nodiscard]] int minute(std::string_view key, std::string_view state) const {
        return rig.minute(options_.market, key, state);
    }

private:
    StockOptions options_;  // before the rig, which is built from it
    std::optional<Print> now_;

public:
    InstrumentId mu;
    FeedId feed;
    Rig rig;
    int today;

private:
    static World world_of(StockDay& self) {
        World world;
        world.params = self.options_.params;
        VenueId const venue = world.venue("sip");
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        self.mu = world.instrument(
            {.name = "MU", .market = self.options_.market, .role = Role::Leader, .group = memory});
        self.feed = world.feed(self.mu, venue, self.options_.coverage);
        for (auto const& [day, minutes] : self.options_.minutes) {
            TradingSession& session = world.session(self.options_.market, day);
            session.close = UnixNanos{session.open.ns + minutes * kNanosPerMinute};
            session.continuous_end = session.close;
            session.shortened = true;
        }
        return world;
    }
    std::optional<Print> print(Moment now) const {
        if (now.day >= options_.history) return now_;
        for (int const day : options_.silent_days) {
            if (day == now.day) return std::nullopt;
        }
        bool const closing = options_.market == Market::Xkrx && now.index >= 380;
        if (closing) return std::nullopt;
        auto const other = options_.days.find(now.day);
        Wave shape = other == options_.days.end() ? Wave{} : other->second;
        if (auto const early = options_.minutes.find(now.day); early != options_.minutes.end()) {
            shape.minutes = early->second;
        }
        return wave(shape, now.index);
    }
};

// TAO of the infra bucket on three venues, the first of them trusted, 100 coins a minute each, at
// a price that swings by a tenth of a percent. History of 18 days: 14 weekdays, so that today (a
// Friday) has a ready baseline.
struct TokenOptions {
    int history = 18;
    std::array<double, 3> volumes{100.0, 100.0, 100.0};  // a minute
    Coverage coverage = Coverage::SingleVenue;           // of every venue
    Params params{};
};

class TokenDay {
public:
    static constexpr std::size_t kVenues = 3;
    explicit TokenDay(const TokenOptions& options = {})
        : options_(options), rig(world_of(*this)), today(options.history) {
        for (std::size_t v = 0; v < kVenues; ++v) {
            rig.script(feeds[v], [this, v](Moment now) { return print(v, now); });
        }
        factors.fill(1.0);
        if (options_.history > 0) rig.run_days(0, options_.history - 1);
        rig.forget();
    }
    // Minutes [from, to) of today with the current factors, swing and drift.
    void play(int from, int to) { rig.run(Market::Utc, {today, from}, {today, to}); }
    [[nodiscard]] int minute(std::string_view state) const {
        return rig.minute(Market::Utc, "TAO", state);
    }
    [[nodiscard]] const TokenBook& token() const { return *rig.engine().token(tao); }

private:
    TokenOptions options_;

public:
    InstrumentId tao;
    std::array<FeedId, kVenues> feeds;
    std::array<double, kVenues> factors{};  // on the volume of each venue, 0 = no prints
    double swing = 1.0;                     // factor on the price's swing
    Rig rig;
    int today;

private:
    static World world_of(TokenDay& self) {
        World world;
        world.params = self.options_.params;
        GroupId const infra = world.group("infra", GroupId{}, true);
        self.tao = world.instrument(
            {.name = "TAO", .market = Market::Utc, .role = Role::Token, .group = infra});
        constexpr std::array<const char*, kVenues> names{"kraken", "binance", "okx"};
        for (std::size_t v = 0; v < kVenues; ++v) {
            VenueId const venue = world.venue(names[v], v == 0);
            self.feeds[v] = world.feed(self.tao, venue, self.options_.coverage);
        }
        return world;
    }
    std::optional<Print> print(std::size_t venue, Moment now) const {
        // One minute in 97 swings wider: squared returns have a tail, as real ones do.
        double const wide = now.index % 97 == 0 ? 0.004 : 0.001;
        double const step = (now.index % 2 == 0 ? 0.5 : -0.5) * wide * swing;
        return Print{100.0 * (1.0 + step), options_.volumes[venue] * factors[venue]};
    }
};

}  // namespace spill::support
