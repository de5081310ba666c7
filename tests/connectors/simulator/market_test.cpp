#include "connectors/simulator/market.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/connectors/simulator/fixture.hpp"

using namespace spill;
using namespace spill::fixture;

namespace {

struct World {
    Registry registry = sample_registry();
    Calendars calendars = weekday_calendars();
};

FeedId first_feed(const Registry& registry, std::string_view name) {
    return registry.find_instrument(name)->feeds.front();
}

// High of the last whole session (chips) or UTC day (tokens) before the live start.
double prior_high(const std::vector<Event>& history, const SimMarket& market, FeedId feed,
                  bool token) {
    std::int64_t last = 0;
    for (const Event& bar : history) {
        if (bar.feed == feed) last = std::max(last, day_number(bar.ts_event));
    }
    if (token) last = day_number(market.live_start()) - 1;
    double high = 0.0;
    for (const Event& bar : history) {
        if (bar.feed == feed && day_number(bar.ts_event) == last) {
            high = std::max(high, bar.bar.high.to_double());
        }
    }
    return high;
}

const Planted* find_row(const SimMarket& market, std::string_view scenario, SignalType type) {
    for (const Planted& row : market.truth()) {
        if (row.scenario == scenario && row.type == type && !row.expect.empty()) return &row;
    }
    return nullptr;
}

std::string instrument_of(const Planted& row) { return row.key.substr(0, row.key.find('|')); }

}  // namespace

TEST_CASE("one seed gives one market, another seed another") {
    World const world;
    auto const hash = [&](std::uint64_t seed) {
        SimMarket market(config_of(world.registry, world.calendars, seed));
        return play(market, world.registry).hash;
    };
    std::uint64_t const first = hash(7);
    CHECK(first == hash(7));
    CHECK(first != hash(8));
}

TEST_CASE("the history is ordered, over before the start, and long enough for ready baselines") {
    World const world;
    SimMarket const market(config_of(world.registry, world.calendars, 3));
    std::vector<Event> const history = market.history();
    std::vector<std::set<std::int64_t>> days(world.registry.feeds().size());
    UnixNanos last{0};
    for (const Event& bar : history) {
        CHECK_MESSAGE(bar.kind == EventKind::Bar, "only bars");
        UnixNanos const end{bar.ts_event.ns + bar.aux * kNanosPerMinute};
        REQUIRE(end == bar.ts_recv);
        REQUIRE(end >= last);
        REQUIRE(end <= market.live_start());
        REQUIRE(bar.bar.low <= std::min(bar.bar.open, bar.bar.close));
        REQUIRE(bar.bar.high >= std::max(bar.bar.open, bar.bar.close));
        REQUIRE(bar.bar.volume.nanos > 0);
        last = end;
        days[bar.feed.value].insert(day_number(bar.ts_event));
    }
    for (const Feed& feed : world.registry.feeds()) {
        const Instrument& row = world.registry.instrument(feed.instrument);
        CHECK(days[feed.id.value].size() >= (row.market == Market::Utc ? 29U : 20U));
        if (row.market == Market::Utc) continue;
        const Calendar& calendar = world.calendars.of(row.market);
        bool inside = true;
        for (const Event& bar : history) {
            if (bar.feed == feed.id) inside = inside && calendar.containing(bar.ts_event);
        }
        CHECK_MESSAGE(inside, row.name << " has bars in its primary session only");
    }
}

TEST_CASE("trades come in order, on the tick, with dense ids, and few enough for a demo") {
    World const world;
    SimMarket market(config_of(world.registry, world.calendars, 5));
    std::vector<std::uint64_t> last_id(world.registry.feeds().size(), 0);
    std::vector<SimTrade> trades;
    std::uint64_t count = 0;
    while (market.next_second(trades)) {
        UnixNanos last{0};
        for (const SimTrade& trade : trades) {
            REQUIRE(trade.ts >= last);
            REQUIRE(trade.ts < market.now());
            REQUIRE(trade.ts.ns >= market.now().ns - kNanosPerSecond);
            REQUIRE(trade.ts.ns % 1'000'000 == 0);
            last = trade.ts;
            const Instrument& row =
                world.registry.instrument(world.registry.feed(trade.feed).instrument);
            REQUIRE(trade.price.nanos > 0);
            REQUIRE(trade.price.nanos % row.tick.nanos == 0);
            REQUIRE(trade.size.nanos > 0);
            REQUIRE(trade.size.nanos % 10 == 0);
            std::uint64_t& id = last_id[trade.feed.value];
            REQUIRE((id == 0 || trade.id == id + 1));
            id = trade.id;
            ++count;
        }
    }
    CHECK(market.now() == market.live_end());
    CHECK(count > 100'000);
    CHECK(count < 1'500'000);
}

TEST_CASE("a planted true breakout stands above its level on the volume that its gates ask for") {
    World const world;
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        SimMarket market(config_of(world.registry, world.calendars, seed));
        std::vector<Event> const history = market.history();
        Tape const tape = play(market, world.registry);
        int seen = 0;
        for (const Planted& row : market.truth()) {
            bool const demanded = !row.expect.empty() && row.key.ends_with("|PD|up");
            if (!demanded || (row.scenario != "S1" && row.scenario != "S2")) continue;
            ++seen;
            FeedId const feed = first_feed(world.registry, instrument_of(row));
            double const level = prior_high(history, market, feed, false);
            std::vector<double> const slots = expected_slots(history, feed);
            std::size_t const deadline = tape.minute_of(row.deadline);
            double best = 0.0;
            int hold = 0, longest = 0;
            for (std::size_t m = tape.minute_of(row.start); m <= deadline; ++m) {
                hold = tape.close(feed, m) >= level ? hold + 1 : 0;
                longest = std::max(longest, hold);
                if (hold >= 15) best = std::max(best, rvol(tape, slots, feed, m, 15));
            }
            CHECK_MESSAGE(longest >= 15, row.words);
            CHECK_MESSAGE(best >= 2.25, row.words);
            double lowest = 1e18;
            for (std::size_t m = deadline; m < tape.minute_of(market.live_end()) - 6; ++m) {
                lowest = std::min(lowest, tape.close(feed, m));
            }
            CHECK_MESSAGE(lowest > level, row.words << ": stays above");
        }
        CHECK(seen >= 3);
    }
}

TEST_CASE("fakes and traps end inside their range, drifts end above it without volume") {
    World const world;
    SimMarket market(config_of(world.registry, world.calendars, 4));
    std::vector<Event> const history = market.history();
    Tape const tape = play(market, world.registry);
    int fakes = 0, traps = 0, drifts = 0;
    for (const Planted& row : market.truth()) {
        if (row.expect.empty() || row.type != SignalType::Breakout) continue;
        bool const fake = row.scenario == "S3", trap = row.scenario == "S4";
        bool const drift = row.scenario == "S5";
        if (!fake && !trap && !drift) continue;
        FeedId const feed = first_feed(world.registry, instrument_of(row));
        double const level = prior_high(history, market, feed, false);
        std::vector<double> const slots = expected_slots(history, feed);
        double highest = 0.0, best = 0.0;
        for (std::size_t m = tape.minute_of(row.start); m < tape.minute_of(row.deadline); ++m) {
            highest = std::max(highest, tape.feeds[feed.value][m].high);
            best = std::max(best, rvol(tape, slots, feed, m, 15));
        }
        CHECK_MESSAGE(highest > level * 1.0008, row.words);
        double const end = tape.close(feed, tape.minute_of(row.deadline) - (drift ? 5 : 1));
        if (drift) {
            CHECK_MESSAGE(end > level, row.words);
            CHECK_MESSAGE(best < 2.0, row.words);
            ++drifts;
        } else {
            CHECK_MESSAGE(end < level * 0.996, row.words);
            CHECK_MESSAGE((trap ? best >= 2.25 : best < 2.0), row.words);
            ++(trap ? traps : fakes);
        }
    }
    CHECK(fakes == 2);
    CHECK(traps == 1);
    CHECK(drifts == 1);
}

TEST_CASE("who is not planned to break stays inside yesterday's range") {
    World const world;
    SimMarket market(config_of(world.registry, world.calendars, 6));
    std::vector<Event> const history = market.history();
    std::set<std::string> planned;
    for (const Planted& row : market.truth()) {
        if (row.type == SignalType::Breakout) planned.insert(instrument_of(row));
    }
    Tape const tape = play(market, world.registry);
    int quiet = 0;
    for (const Feed& feed : world.registry.feeds()) {
        const Instrument& row = world.registry.instrument(feed.instrument);
        if (planned.contains(row.name)) continue;
        ++quiet;
        double const level = prior_high(history, market, feed.id, row.market == Market::Utc);
        double highest = 0.0;
        for (auto const& minute : tape.feeds[feed.id.value]) {
            highest = std::max(highest, minute.high);
        }
        CHECK_MESSAGE(highest < level, row.name);
    }
    CHECK(quiet > 10);
}

TEST_CASE("an organic move is many times its volume on every venue, made-up volume on one") {
    World const world;
    SimMarket market(config_of(world.registry, world.calendars, 9));
    std::vector<Event> const history = market.history();
    Tape const tape = play(market, world.registry);
    int organic = 0;
    for (const Planted& row : market.truth()) {
        if (row.scenario != "S7" || row.type != SignalType::Volume) continue;
        ++organic;
        std::size_t const hour_on = tape.minute_of(row.start) + 80;
        for (FeedId const feed : world.registry.find_instrument(row.key)->feeds) {
            std::vector<double> const slots = expected_slots(history, feed);
            CHECK_MESSAGE(rvol(tape, slots, feed, hour_on, 60) > 3.0, row.words);
        }
    }
    CHECK(organic >= 3);
    const Planted* const wash = find_row(market, "S9", SignalType::Volume);
    REQUIRE(wash != nullptr);
    std::size_t const hour_on = tape.minute_of(wash->start) + 65;
    for (FeedId const feed : world.registry.find_instrument(wash->key)->feeds) {
        double const ratio = rvol(tape, expected_slots(history, feed), feed, hour_on, 60);
        bool const washed = ratio > 5.0;
        CHECK((washed || ratio < 3.0));
        CHECK_FALSE((washed && world.registry.feed(feed).trusted));
    }
    const Planted* const block = find_row(market, "S11", SignalType::Volume);
    REQUIRE(block != nullptr);
    double largest = 0.0, total = 0.0;
    std::size_t const from = tape.minute_of(block->start);
    for (FeedId const feed : world.registry.find_instrument(block->key)->feeds) {
        total += tape.volume(feed, from, from + 60);
        for (std::size_t m = from; m < from + 60; ++m) {
            largest = std::max(largest, tape.feeds[feed.value][m].largest);
        }
    }
    CHECK(largest / total > 0.4);
}

TEST_CASE("every scenario can be played and plants what it is named after") {
    World const world;
    for (std::string_view const name : scenario_names()) {
        SimMarket const market(config_of(world.registry, world.calendars, 11, std::string(name)));
        bool const planted = std::ranges::any_of(market.truth(), [](const Planted& row) {
            return !row.expect.empty() || !row.forbid.empty();
        });
        CHECK_MESSAGE(planted, name);
        for (const Planted& row : market.truth()) {
            CHECK(row.start >= market.live_start());
            CHECK(row.deadline <= market.live_end());
            CHECK(row.start < row.deadline);
        }
    }
}

TEST_CASE("what cannot be played is refused in one line") {
    World const world;
    MarketConfig config = config_of(world.registry, world.calendars, 1, "S99");
    CHECK_THROWS_WITH_AS(SimMarket{config}, doctest::Contains("S99"), std::runtime_error);
    config.scenario = "day";
    config.date = 20260524;  // a Sunday
    CHECK_THROWS_WITH_AS(SimMarket{config}, doctest::Contains("20260524"), std::runtime_error);
    config.date = 20260105;  // no history before it
    CHECK_THROWS_WITH_AS(SimMarket{config}, doctest::Contains("calendar"), std::runtime_error);
    config.date = 20260526;
    config.noise = -1.0;
    CHECK_THROWS_WITH_AS(SimMarket{config}, doctest::Contains("noise"), std::runtime_error);
    Registry const empty;
    config.noise = 1.0;
    config.registry = &empty;
    CHECK_THROWS_WITH_AS(SimMarket{config}, doctest::Contains("feed"), std::runtime_error);
}

TEST_CASE("a bucket of two tokens and no chips is a market too") {
    Registry registry;
    auto const venue = *registry.add_venue("kraken", true);
    auto const bucket = *registry.add_group("infra", GroupId{}, true);
    for (const char* const name : {"TAO", "FIL"}) {
        Instrument row;
        row.name = name;
        row.role = Role::Token;
        row.group = bucket;
        Feed feed;
        feed.instrument = *registry.add_instrument(row);
        feed.venue = venue;
        feed.symbol = std::string(name) + "/USD";
        REQUIRE(registry.add_feed(feed).has_value());
    }
    Calendars const calendars = weekday_calendars();
    for (std::string_view const name : scenario_names()) {
        SimMarket market(config_of(registry, calendars, 1, std::string(name)));
        std::vector<SimTrade> trades;
        for (int i = 0; i < 300; ++i) CHECK(market.next_second(trades));
    }
}
