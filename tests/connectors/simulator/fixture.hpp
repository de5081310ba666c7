// A registry and calendars for the simulator's tests, and a tape that sums up what was played.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/simulator/market.hpp"
#include "core/calendar.hpp"
#include "core/instrument.hpp"
#include "core/timestamp.hpp"

namespace spill::fixture {

// Every weekday is a session: XNYS 13:30 to 20:00 UTC, XKRX 00:00 to 06:30 UTC.
inline Calendars weekday_calendars() {
    auto const sessions = [](std::int64_t open_minute, std::int64_t close_minute) {
        std::vector<TradingSession> rows;
        std::int64_t const first = days_from_civil({2026, 1, 1});
        for (std::int64_t day = first; day < first + 250; ++day) {
            if (iso_weekday(day) > 5) continue;
            TradingSession row;
            row.date = yyyymmdd(civil_from_days(day));
            row.open = UnixNanos{day * kNanosPerDay + open_minute * kNanosPerMinute};
            row.close = UnixNanos{day * kNanosPerDay + close_minute * kNanosPerMinute};
            row.continuous_end = row.close;
            rows.push_back(row);
        }
        auto calendar = Calendar::from_sessions(std::move(rows));
        REQUIRE(calendar.has_value());
        return *calendar;
    };
    Calendars calendars;
    calendars.by_market[static_cast<std::size_t>(Market::Xnys)] = sessions(810, 1200);
    calendars.by_market[static_cast<std::size_t>(Market::Xkrx)] = sessions(0, 390);
    return calendars;
}

struct ChipRow {
    std::string_view name, group, symbol;
    Role role;
};

inline Registry sample_registry() {
    Registry registry;
    auto const binance = *registry.add_venue("binance", false);
    auto const kraken = *registry.add_venue("kraken", true);
    auto const spot = *registry.add_venue("bybit-spot", false);
    auto const linear = *registry.add_venue("bybit-linear", false);
    auto const semis = *registry.add_group("semis", GroupId{}, false);
    std::map<std::string_view, GroupId> groups;
    for (std::string_view const name : {"memory", "gpu", "equipment", "networking"}) {
        groups[name] = *registry.add_group(std::string(name), semis, false);
    }
    auto const infra = *registry.add_group("infra", GroupId{}, true);
    auto const agents = *registry.add_group("agents", GroupId{}, true);

    auto const add = [&](std::string name, Market market, Role role, GroupId group,
                         std::int64_t tick) {
        Instrument row;
        row.name = std::move(name);
        row.market = market;
        row.role = role;
        row.group = group;
        row.tick = Price{tick};
        return *registry.add_instrument(row);
    };
    auto const watch = [&](InstrumentId instrument, VenueId venue, std::string symbol,
                           Coverage coverage) {
        Feed feed;
        feed.instrument = instrument;
        feed.venue = venue;
        feed.symbol = std::move(symbol);
        feed.coverage = coverage;
        REQUIRE(registry.add_feed(feed).has_value());
    };
    constexpr auto kChips =
        std::to_array<ChipRow>({{"MU.P", "memory", "MUUSDT", Role::Leader},
                                {"SNDK.P", "memory", "SNDKUSDT", Role::Member},
                                {"WDC.P", "memory", "WDCUSDT", Role::Member},
                                {"NVDA.P", "gpu", "NVDAUSDT", Role::Leader},
                                {"AVGO.P", "gpu", "AVGOUSDT", Role::Member},
                                {"AMD.P", "gpu", "AMDSTOCKUSDT", Role::Member},
                                {"TSM.P", "gpu", "TSMUSDT", Role::Member},
                                {"INTC.P", "gpu", "INTCUSDT", Role::Member},
                                {"QCOM.P", "gpu", "QCOMUSDT", Role::Member},
                                {"ARM.P", "gpu", "ARMUSDT", Role::Member},
                                {"AMAT.P", "equipment", "AMATUSDT", Role::Member},
                                {"ASML.P", "equipment", "ASMLUSDT", Role::Member},
                                {"MRVL.P", "networking", "MRVLUSDT", Role::Member},
                                {"DELL.P", "networking", "DELLUSDT", Role::Member}});
    for (ChipRow const& row : kChips) {
        auto const id =
            add(std::string(row.name), Market::Xnys, row.role, groups[row.group], 10'000'000);
        watch(id, linear, std::string(row.symbol), Coverage::Derivative);
    }
    auto const hynix = add("000660.P", Market::Xkrx, Role::Leader, groups["memory"], 10'000'000);
    watch(hynix, linear, "SKHYNIXUSDT", Coverage::Derivative);
    auto const spy = add("SPY.P", Market::Xnys, Role::Benchmark, GroupId{}, 10'000'000);
    watch(spy, linear, "SPYUSDT", Coverage::Derivative);

    auto const token = [&](const std::string& name, GroupId group, std::string_view venues) {
        auto const id =
            add(name, Market::Utc, group.valid() ? Role::Token : Role::Benchmark, group, 100'000);
        if (venues.find('b') != venues.npos) {
            watch(id, binance, name + "USDT", Coverage::SingleVenue);
        }
        if (venues.find('k') != venues.npos) {
            watch(id, kraken, name + "/USD", Coverage::SingleVenue);
        }
        if (venues.find('y') != venues.npos) {
            watch(id, spot, name + "USDT", Coverage::SingleVenue);
        }
    };
    token("BTC", GroupId{}, "bky");
    token("TAO", infra, "bk");
    token("AKT", infra, "k");
    token("GRASS", infra, "ky");
    for (const char* const name : {"RENDER", "FIL", "ICP", "NEAR", "LINK"}) {
        token(name, infra, "bky");
    }
    for (const char* const name : {"FET", "VIRTUAL", "WLD", "AIXBT"}) token(name, agents, "bky");
    return registry;
}

// Everything that a test asks of a played day, per feed and minute since the live start.
struct Tape {
    struct Minute {
        double close = 0.0, high = 0.0, low = 0.0, volume = 0.0;
        double largest = 0.0;
        int trades = 0;
    };
    std::vector<std::vector<Minute>> feeds;  // [feed][minute]
    std::uint64_t trades = 0;
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    UnixNanos start;

    // The close of a minute without trades is the one before.
    [[nodiscard]] double close(FeedId feed, std::size_t minute) const {
        for (std::size_t m = minute + 1; m-- > 0;) {
            if (feeds[feed.value][m].trades > 0) return feeds[feed.value][m].close;
        }
        return 0.0;
    }
    [[nodiscard]] std::size_t minute_of(UnixNanos at) const {
        return static_cast<std::size_t>((at.ns - start.ns) / kNanosPerMinute);
    }
    [[nodiscard]] double volume(FeedId feed, std::size_t from, std::size_t to) const {
        double sum = 0.0;
        for (std::size_t m = from; m < to; ++m) sum += feeds[feed.value][m].volume;
        return sum;
    }
};

inline Tape play(SimMarket& market, const Registry& registry) {
    Tape tape;
    tape.start = market.live_start();
    auto const minutes =
        static_cast<std::size_t>((market.live_end().ns - market.live_start().ns) / kNanosPerMinute);
    tape.feeds.assign(registry.feeds().size(), std::vector<Tape::Minute>(minutes));
    auto const mix = [&](std::int64_t value) {
        tape.hash = (tape.hash ^ static_cast<std::uint64_t>(value)) * 0x100000001b3ULL;
    };
    std::vector<SimTrade> trades;
    while (market.next_second(trades)) {
        for (const SimTrade& trade : trades) {
            Tape::Minute& minute = tape.feeds[trade.feed.value][std::min(
                minutes - 1,
                static_cast<std::size_t>((trade.ts.ns - tape.start.ns) / kNanosPerMinute))];
            double const price = trade.price.to_double();
            minute.high = minute.trades == 0 ? price : std::max(minute.high, price);
            minute.low = minute.trades == 0 ? price : std::min(minute.low, price);
            minute.close = price;
            minute.volume += trade.size.to_double();
            minute.largest = std::max(minute.largest, trade.size.to_double());
            ++minute.trades;
            ++tape.trades;
            mix(trade.ts.ns);
            mix(trade.feed.value);
            mix(trade.price.nanos);
            mix(trade.size.nanos);
            mix(static_cast<std::int64_t>(trade.aggressor));
            mix(static_cast<std::int64_t>(trade.id));
        }
    }
    return tape;
}

// Median volume of each 5-minute slot of the day (288, by UTC) over the weekday history of a feed,
// lifted to the mean as the baselines do.
inline std::vector<double> expected_slots(const std::vector<Event>& history, FeedId feed) {
    std::vector<std::vector<double>> slots(288);
    for (const Event& bar : history) {
        if (bar.feed != feed || iso_weekday(day_number(bar.ts_event)) > 5) continue;
        auto const slot =
            static_cast<std::size_t>(bar.ts_event.ns % kNanosPerDay / (5 * kNanosPerMinute));
        slots[slot].push_back(bar.bar.volume.to_double());
    }
    std::vector<double> medians(288, 0.0);
    double mean_sum = 0.0, median_sum = 0.0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].empty()) continue;
        std::ranges::sort(slots[i]);
        medians[i] = slots[i][slots[i].size() / 2];
        median_sum += medians[i];
        double sum = 0.0;
        for (double const v : slots[i]) sum += v;
        mean_sum += sum / static_cast<double>(slots[i].size());
    }
    for (double& median : medians) median *= mean_sum / median_sum;
    return medians;
}

// Relative volume of the `window` minutes that end with `minute` (of the tape).
inline double rvol(const Tape& tape, const std::vector<double>& slots, FeedId feed,
                   std::size_t minute, std::size_t window) {
    double volume = 0.0, expected = 0.0;
    for (std::size_t m = minute + 1 - window; m <= minute; ++m) {
        std::int64_t const at = tape.start.ns + static_cast<std::int64_t>(m) * kNanosPerMinute;
        volume += tape.feeds[feed.value][m].volume;
        expected += slots[static_cast<std::size_t>(at % kNanosPerDay / (5 * kNanosPerMinute))] / 5;
    }
    return volume / expected;
}

inline MarketConfig config_of(const Registry& registry, const Calendars& calendars,
                              std::uint64_t seed, std::string scenario = "day") {
    MarketConfig config;
    config.seed = seed;
    config.registry = &registry;
    config.calendars = &calendars;
    config.date = 20260526;
    config.scenario = std::move(scenario);
    return config;
}

}  // namespace spill::fixture
