// What must not depend on what: the order of other instruments' trades, the side of the market,
// the unit of the volumes.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "core/engine.hpp"
#include "tests/support/engine_worlds.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// Knuth's multiplicative generator: the same numbers on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return state_ >> 33U;
    }
    int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }

private:
    std::uint64_t state_;
};

// Three memory stocks with sixteen ordinary sessions behind them.
struct Chips {
    Chips() : rig(make(*this)) {
        for (FeedId const feed : feeds) {
            rig.script(feed, [](Moment now) { return wave(Wave{}, now.index); });
        }
        rig.run(Market::Xnys, {0, 0}, {kToday - 1, kStockMinutes + 2});
        rig.forget();
    }
    static constexpr int kToday = 16;
    static World make(Chips& self) {
        World world;
        VenueId const venue = world.venue("sip");
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        constexpr std::array<const char*, 3> names{"MU", "WDC", "STX"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            InstrumentId const id = world.instrument({.name = names[i], .group = memory});
            self.feeds[i] = world.feed(id, venue);
        }
        return world;
    }
    std::array<FeedId, 3> feeds;
    Rig rig;
};

struct Row {
    std::size_t chip;
    int ms;  // within the minute
    double price, size;
};
using Minutes = std::vector<std::vector<Row>>;

// A random walk around the levels, in steps of a cent, on changing volume.
Minutes random_session(std::uint64_t seed, int minutes) {
    Random random(seed);
    Minutes out(static_cast<std::size_t>(minutes));
    std::array<int, 3> cents{10040, 10060, 10080};
    for (std::size_t m = 0; m < out.size(); ++m) {
        int const drift = (m / 40) % 2 == 0 ? 1 : -1;
        int const volume = 60 + random.below(140);
        for (int i = 0; i < 12; ++i) {
            std::size_t const chip = static_cast<std::size_t>(i) % 3;
            cents[chip] += random.below(7) - 3 + drift;
            out[m].push_back({chip, i * 4000 + random.below(3999), cents[chip] / 100.0,
                              static_cast<double>(volume + random.below(30))});
        }
    }
    return out;
}

void play(Chips& chips, const Minutes& session) {
    for (std::size_t m = 0; m < session.size(); ++m) {
        UnixNanos const start = chips.rig.at(Market::Xnys, {Chips::kToday, static_cast<int>(m)});
        for (const Row& row : session[m]) {
            UnixNanos const at{start.ns + row.ms * std::int64_t{1'000'000}};
            chips.rig.trade({chips.feeds[row.chip], at, row.price, row.size});
        }
        chips.rig.tick(UnixNanos{start.ns + kNanosPerMinute + 2 * kNanosPerSecond});
    }
}

// What was said, without the numbers that count events; sorted, since instruments may speak in
// another order within a minute.
std::vector<std::string> facts(const std::vector<Signal>& signals, bool minute_level) {
    std::vector<std::string> out;
    for (Signal signal : signals) {
        std::string_view const state = signal.state;
        bool const by_trade = state == "triggered" || state == "armed" || state == "idle";
        if (minute_level && by_trade) continue;
        signal.offset = signal.episode = signal.cause_seq = 0;
        signal.ts_signal = UnixNanos{};
        out.push_back(text_of(signal));
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace

TEST_CASE("the order of different instruments' trades within a minute changes no state") {
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        CAPTURE(seed);
        Minutes session = random_session(seed, 200);
        Chips merged;
        play(merged, session);
        Random random(seed + 100);
        for (auto& minute : session) {
            // Each instrument's own order stays.
            std::array<int, 3> ranks{random.below(1000), random.below(1000), random.below(1000)};
            std::ranges::sort(minute, {},
                              [&](const Row& row) { return std::pair(ranks[row.chip], row.ms); });
        }
        Chips grouped;
        play(grouped, session);
        auto const expected = facts(merged.rig.signals(), false);
        CHECK(expected.size() > 20);
        CHECK(facts(grouped.rig.signals(), false) == expected);
    }
}

TEST_CASE("what arrives in another order within the minute closes the same minute") {
    for (std::uint64_t const seed : {4U, 5U, 6U}) {
        CAPTURE(seed);
        Minutes session = random_session(seed, 200);
        Chips ordered;
        play(ordered, session);
        Random random(seed);
        for (auto& minute : session) {
            for (std::size_t i = minute.size() - 1; i > 0; --i) {
                std::swap(minute[i],
                          minute[static_cast<std::size_t>(random.below(static_cast<int>(i + 1)))]);
            }
        }
        Chips shuffled;
        play(shuffled, session);
        for (std::size_t i = 0; i < ordered.feeds.size(); ++i) {
            const FeedBook& a = ordered.rig.engine().feed(ordered.feeds[i]);
            const FeedBook& b = shuffled.rig.engine().feed(shuffled.feeds[i]);
            CHECK(a.counters().held == 0);
            CHECK(b.counters().held == 0);
            CHECK(a.totals().volume == b.totals().volume);
            CHECK(a.totals().vwap() == b.totals().vwap());
            InstrumentId const id{static_cast<std::uint32_t>(i)};
            CHECK(ordered.rig.engine().instrument(id).last() ==
                  shuffled.rig.engine().instrument(id).last());
            CHECK(ordered.rig.engine().instrument(id).range_high() ==
                  shuffled.rig.engine().instrument(id).range_high());
        }
        auto const only = [](const std::vector<Signal>& signals) {
            std::vector<Signal> out;
            for (const Signal& signal : signals) {
                if (signal.type == SignalType::Participation) out.push_back(signal);
            }
            return out;
        };
        CHECK(facts(only(ordered.rig.signals()), true) ==
              facts(only(shuffled.rig.signals()), true));
        CHECK_FALSE(only(ordered.rig.signals()).empty());
    }
}

namespace {

// Keys, states and minutes of all breakouts; `mirrored` swaps the words for the sides.
std::vector<std::string> sides(const Rig& rig, bool mirrored) {
    std::vector<std::string> out;
    for (const Signal& signal : rig.signals()) {
        if (signal.type != SignalType::Breakout) continue;
        std::string key(signal.key.view());
        bool const up = key.ends_with("|up");
        key.resize(key.rfind('|'));
        bool const says_up = up != mirrored;
        out.push_back(std::to_string(signal.ts_event.ns) + " " + key + (says_up ? "|up" : "|down") +
                      " " + signal.prev + ">" + signal.state + " " +
                      std::to_string(number(signal, "mfe_atr")) + " " +
                      std::to_string(number(signal, "dist_atr")) + " " +
                      std::to_string(number(signal, "retests")));
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace

TEST_CASE("mirrored prices swap the sides and change nothing else") {
    for (std::uint64_t const seed : {7U, 8U, 9U}) {
        CAPTURE(seed);
        Minutes session = random_session(seed, 390);
        Chips up;
        play(up, session);
        for (auto& minute : session) {
            for (Row& row : minute) row.price = 200.0 - row.price;
        }
        // The history is its own mirror image but for the order of its high and its low.
        Chips down;
        play(down, session);
        auto const expected = sides(up.rig, false);
        CHECK(expected.size() > 20);
        CHECK(sides(down.rig, true) == expected);
    }
}

TEST_CASE("volumes in another unit change nothing that a stock says") {
    for (double const factor : {8.0, 0.25}) {
        CAPTURE(factor);
        auto const said = [](double unit) {
            StockOptions options;
            for (int d = 0; d < options.history; ++d) {
                options.days[d] = Wave{.volume = (300.0 + 12.0 * d) * unit};
            }
            StockDay day(options);
            day.play(0, 10, 100.5, 300.0 * unit);
            day.play(10, 60, 101.5, 750.0 * unit);
            day.play(60, kStockMinutes, 100.6, 420.0 * unit);
            day.close(day.today);
            CHECK(day.rig.count("MU|PD|up", "confirmed") == 1);
            return text_of(day.rig.signals());
        };
        CHECK(said(1.0) == said(factor));
    }
}

TEST_CASE("volumes in another unit change nothing that a token says") {
    auto const said = [](double unit) {
        TokenDay day({.volumes = {96.0 * unit, 384.0 * unit, 192.0 * unit}});
        day.play(0, 120);
        day.factors.fill(4.0);
        day.swing = 3.0;
        day.play(120, 240);
        day.factors.fill(1.0);
        day.swing = 1.0;
        day.play(240, 400);
        CHECK(day.rig.count("TAO", "building") > 0);
        return text_of(day.rig.signals());
    };
    CHECK(said(1.0) == said(16.0));
}
