#include "connectors/simulator/simulator.hpp"

#include <cstdint>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/connectors/simulator/fixture.hpp"
#include "tests/connectors/simulator/ws_probe.hpp"

using namespace spill;
using namespace spill::fixture;

namespace {

// One chip on one venue: a whole day over a websocket stays small.
Registry one_chip() {
    Registry registry;
    auto const venue = *registry.add_venue("bybit-linear", false);
    Instrument row;
    row.name = "MU.P";
    row.market = Market::Xnys;
    row.role = Role::Leader;
    row.group = *registry.add_group("semis", GroupId{}, false);
    row.tick = Price{10'000'000};
    Feed feed;
    feed.instrument = *registry.add_instrument(row);
    feed.venue = venue;
    feed.symbol = "MUUSDT";
    feed.coverage = Coverage::Derivative;
    REQUIRE(registry.add_feed(feed).has_value());
    return registry;
}

std::uint64_t count_of(std::string_view text, std::string_view part) {
    std::uint64_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_SUITE_BEGIN("threads");

TEST_CASE("a day waits for its subscriber, is never far ahead of it, and is played to the end") {
    Registry const registry = one_chip();
    Calendars const calendars = weekday_calendars();
    SimulatorOptions options;
    options.market = config_of(registry, calendars, 2, "S1");
    Simulator simulator(options);
    simulator.start();
    CHECK(simulator.trades_sent() == 0);
    WsProbe probe(simulator.port());
    REQUIRE(probe.upgrade("/bybit-linear/v5/public/linear") == 101);
    probe.send(R"({"op":"subscribe","args":["publicTrade.MUUSDT"]})");
    REQUIRE(probe.read_text().has_value());

    std::uint64_t rows = 0;
    std::int64_t clock = 0;
    bool ahead = false;
    std::int64_t const end = simulator.market().live_end().ns;
    while (clock < end) {
        auto const frame = probe.read();
        REQUIRE(frame.has_value());
        if (frame->opcode == 1) rows += count_of(frame->payload, "\"i\":");
        if (frame->opcode != 9) continue;
        std::int64_t const next = std::stoll(frame->payload.substr(4));
        CHECK(next >= clock);
        clock = next;
        // One second may be on its way out while the pong of an older one arrives.
        ahead = ahead || simulator.market_time().ns > clock + 4 * kNanosPerSecond;
        probe.send(frame->payload, 10);
    }
    CHECK_FALSE(ahead);
    while (!simulator.done()) std::this_thread::yield();
    CHECK(rows == simulator.trades_sent());
    CHECK(rows > 3'000);
    simulator.stop();
    CHECK_FALSE(probe.read_text().has_value());
}

TEST_CASE("a simulator that nobody subscribes to can be stopped") {
    Registry const registry = one_chip();
    Calendars const calendars = weekday_calendars();
    SimulatorOptions options;
    options.market = config_of(registry, calendars, 2, "S1");
    Simulator simulator(options);
    simulator.start();
    simulator.stop();
    simulator.stop();
    CHECK_FALSE(simulator.done());
    CHECK(simulator.trades_sent() == 0);
}

TEST_SUITE_END();
