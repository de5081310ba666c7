#include "connectors/feed.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/fake_venue.hpp"
#include "tests/support/feed_world.hpp"

namespace spill {

using namespace feed_test;

TEST_CASE("a trade becomes an event after the feed's Live, scaled to base units") {
    World world;
    world.instrument("AAA");
    world.instrument("CON", kNanosPerUnit / 10);  // contracts of a tenth
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        peer.send("T CON 41 5000000000 1700000000 live;T AAA 42 3 1700000001 block");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA", "CON"})});
    REQUIRE(
        world.run_until([&] { return world.sink.events.size() == 4 && world.sink.flushes > 0; }));
    auto const& events = world.sink.events;
    CHECK(events[0].kind == EventKind::Feed);
    CHECK(events[0].aux == static_cast<std::uint8_t>(FeedState::Live));
    CHECK(events[1].kind == EventKind::Feed);
    CHECK(events[2].kind == EventKind::Trade);
    CHECK(events[2].instrument.value == 1);
    CHECK(events[2].feed.value == 1);
    CHECK(events[2].trade.price == Price{7});
    CHECK(events[2].trade.size == Quantity{500'000'000});
    CHECK(events[2].trade.trade_id == 41);
    CHECK(events[2].trade.fill_count == 3);
    CHECK(events[2].trade.flags == 0);
    CHECK(events[2].aux == static_cast<std::uint8_t>(Aggressor::Sell));
    CHECK(events[2].ts_event.ns == 1'700'000'000 * kNanosPerSecond);
    CHECK(events[2].ts_recv > events[2].ts_event);
    CHECK(events[3].trade.flags == trade_flag::kBlock);
    LinkStats const& stats = *feed->stats()[0];
    CHECK(stats.venue == "plain");
    CHECK(value(stats.trades) == 2);
    CHECK(value(stats.messages) == 2);
    CHECK(value(stats.symbols_live) == 2);
    CHECK(value(stats.last_data_unix_ns) == static_cast<std::uint64_t>(events[2].ts_recv.ns));
}

TEST_CASE(
    "what must not count is counted apart: history, repeats, strangers, overflow, bad frames") {
    World world;
    world.instrument("AAA");
    world.instrument("BIG", 1000 * kNanosPerUnit);
    world.instrument("TINY", 1);
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        peer.send("T AAA 1 5 1700000000 history");
        peer.send("T AAA 2 5 1700000000 live;T AAA 2 5 1700000000 live");
        peer.send("T ZZZ 3 5 1700000000 live");
        peer.send("T BIG 4 9223372036854775807 1700000000 live");
        peer.send("T TINY 4 1 1700000000 live");
        peer.send("T AAA 9 5 1700000100 live;T AAA 8 5 1700000000 live");
        peer.send("?");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA", "BIG", "TINY"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(world.run_until([&] { return value(stats.messages) == 8; }));
    CHECK(world.sink.of(EventKind::Trade).size() == 3);
    CHECK(value(stats.history) == 1);
    CHECK(value(stats.duplicates) == 1);
    CHECK(value(stats.unknown_symbols) == 1);
    CHECK(value(stats.late) == 1);
    CHECK(value(stats.bad_by_reason[static_cast<std::size_t>(BadReason::Overflow)]) == 2);
    CHECK(value(stats.bad_by_reason[static_cast<std::size_t>(BadReason::NotJson)]) == 1);
    CHECK(value(stats.frames_by_kind[static_cast<std::size_t>(FrameKind::Trade)]) == 6);
}

TEST_CASE("a lost link is Stale in band, comes back by itself, and repeats nothing") {
    World world;
    world.instrument("AAA");
    fake::Script script;
    int connection = 0;
    script.on_text = [&](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        peer.send("T AAA 1 5 1700000000 live");
        if (++connection == 1) return peer.close();
        peer.send("T AAA 2 5 1700000001 live");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    REQUIRE(world.run_until([&] {
        return value(feed->stats()[0]->messages) >= 3 &&
               world.sink.events.back().kind == EventKind::Trade &&
               world.sink.events.back().trade.trade_id == 2;
    }));
    auto const states = world.sink.of(EventKind::Feed);
    REQUIRE(states.size() == 3);
    CHECK(states[0].aux == static_cast<std::uint8_t>(FeedState::Live));
    CHECK(states[1].aux == static_cast<std::uint8_t>(FeedState::Stale));
    CHECK(states[2].aux == static_cast<std::uint8_t>(FeedState::Live));
    std::vector<std::uint64_t> ids;
    for (const Event& event : world.sink.of(EventKind::Trade)) ids.push_back(event.trade.trade_id);
    CHECK(ids.back() == 2);
    CHECK(std::ranges::count(ids, 1U) == 1);
    CHECK(value(feed->stats()[0]->dials) == 2);
    CHECK(value(feed->stats()[0]->closes) == 1);
}

TEST_CASE("a mute venue that answers and pings is found by the data clock alone") {
    World world;
    world.spec.silence = 400ms;
    world.instrument("AAA");
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        for (int i = 0; i < 100; ++i) peer.ping("x");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    REQUIRE(world.run_until([&] { return world.sink.of(EventKind::Feed).size() == 2; }));
    CHECK(world.sink.events[1].aux == static_cast<std::uint8_t>(FeedState::Stale));
    CHECK(world.states.back() == LinkState::Stale);
    CHECK(value(feed->stats()[0]->symbols_live) == 0);
}

TEST_CASE("a refused symbol is named and the others live") {
    World world;
    world.instrument("AAA");
    world.instrument("BAD");
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        if (text.find("BAD") == std::string_view::npos) return grant(peer, text);
        std::string_view rest = text;
        next_word(rest);
        peer.send("err " + std::string(next_word(rest)) + " Invalid symbol :[trade.BAD]");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA", "BAD"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(world.run_until([&] { return value(stats.symbols_live) == 1; }));
    CHECK(stats.refused == std::vector<std::string>{"BAD"});
    CHECK(value(stats.symbols_refused) == 1);
    CHECK(world.refusals == std::vector<std::string>{"BAD"});
    CHECK(stats.state.load() == static_cast<std::uint8_t>(LinkState::Live));
}

TEST_CASE("the market clock is the least over the links that are up, and only when asked for") {
    World world;
    world.instrument("AAA");
    world.instrument("BBB");
    std::vector<fake::Peer*> peers;
    fake::Script script;
    script.on_open = [&](fake::Peer& peer) { peers.push_back(&peer); };
    script.on_text = grant;
    fake::Venue fake(world.io, script);
    auto first = world.link(fake, {"AAA"});
    auto second = world.link(fake, {"BBB"});
    first.accept_market_clock = second.accept_market_clock = true;
    auto const feed = world.start({first, second, world.link(fake, {})});
    REQUIRE(world.run_until([&] { return peers.size() == 3; }));
    auto const settled = [&](std::size_t clocks) {
        return world.run_until([&] { return world.sink.clocks.size() >= clocks; });
    };
    // Dials are made in order and accepted in order; whichever is which, the least counts.
    for (fake::Peer* peer : peers) peer->ping("clk:100");
    REQUIRE(settled(1));
    for (fake::Peer* peer : peers) peer->ping("clk:90");  // never back
    for (fake::Peer* peer : peers) peer->ping("clk:300x");
    for (fake::Peer* peer : peers) peer->ping("clk:200");
    REQUIRE(settled(2));
    CHECK(world.sink.clocks == std::vector<UnixNanos>{UnixNanos{100}, UnixNanos{200}});
}

TEST_CASE("a link that goes down leaves the market clock to the others") {
    World world;
    world.instrument("AAA");
    world.instrument("BBB");
    fake::Peer* slow = nullptr;
    fake::Peer* fast = nullptr;
    fake::Script slow_script;
    slow_script.on_open = [&](fake::Peer& peer) { slow = &peer, peer.ping("clk:10"); };
    slow_script.on_text = grant;
    fake::Script fast_script;
    fast_script.on_open = [&](fake::Peer& peer) { fast = &peer, peer.ping("clk:10"); };
    fast_script.on_text = grant;
    fake::Venue slow_venue(world.io, slow_script);
    fake::Venue fast_venue(world.io, fast_script);
    auto first = world.link(slow_venue, {"AAA"});
    auto second = world.link(fast_venue, {"BBB"});
    first.accept_market_clock = second.accept_market_clock = true;
    auto const feed = world.start({first, second});
    REQUIRE(world.run_until(
        [&] { return slow != nullptr && fast != nullptr && !world.sink.clocks.empty(); }));
    fast->ping("clk:500");
    slow->ping("clk:20");
    REQUIRE(world.run_until([&] { return world.sink.clocks.back().ns == 20; }));
    slow->reset();
    CHECK(world.run_until([&] { return world.sink.clocks.back().ns == 500; }));
}

TEST_CASE("in simulated time a feed is Live only from the first mark of its connection") {
    World world;
    world.instrument("AAA");
    fake::Peer* last = nullptr;
    fake::Script script;
    script.on_text = [&](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        last = &peer;
    };
    fake::Venue fake(world.io, script);
    auto config = world.link(fake, {"AAA"});
    config.accept_market_clock = true;
    auto const feed = world.start({config});
    auto const live_state = [&] {
        return feed->stats()[0]->state.load() == static_cast<std::uint8_t>(LinkState::Live);
    };
    REQUIRE(world.run_until(live_state));
    CHECK(world.sink.events.empty());
    last->ping("clk:1000");
    REQUIRE(world.run_until([&] { return world.sink.events.size() == 1; }));
    CHECK(world.sink.events[0].ts_event.ns == 1000);
    last->reset();
    REQUIRE(world.run_until([&] { return world.sink.events.size() == 2; }));
    CHECK(world.sink.events[1].ts_event.ns == 1000);  // Stale, as of what was known
    REQUIRE(world.run_until(live_state));
    CHECK(world.sink.events.size() == 2);
    last->ping("clk:5000");
    REQUIRE(world.run_until([&] { return world.sink.events.size() == 3; }));
    CHECK(world.sink.events[2].aux == static_cast<std::uint8_t>(FeedState::Live));
    CHECK(world.sink.events[2].ts_event.ns == 5000);
}

TEST_CASE("a sink that is full costs events, which are counted") {
    World world;
    world.instrument("AAA");
    world.sink.full = true;
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        peer.send("T AAA 1 5 1700000000 live");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    CHECK(world.run_until([&] { return value(feed->stats()[0]->events_dropped) == 2; }));
}

TEST_CASE("a link that speaks nonsense is left after its error budget") {
    World world;
    world.instrument("AAA");
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        for (int i = 0; i < 21; ++i) peer.send("nonsense");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    CHECK(world.run_until([&] { return value(feed->stats()[0]->closes) == 1; }));
}

TEST_CASE("an HTTP ban is shown and not dialled into") {
    World world;
    world.instrument("AAA");
    fake::Script script;
    script.http_status = 429;
    script.retry_after = "3600";
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(world.run_until(
        [&] { return stats.state.load() == static_cast<std::uint8_t>(LinkState::Banned); }));
    world.run_until([] { return false; }, 600ms);
    CHECK(value(stats.dials) == 1);
    CHECK(value(stats.dial_failures) == 1);
    CHECK(fake.accepted() == 1);
}

TEST_CASE("stop says goodbye on every link, tells the sink and lets the loop run dry") {
    World world;
    world.instrument("AAA");
    fake::Script script;
    script.on_text = grant;
    auto fake = std::make_unique<fake::Venue>(world.io, script);
    auto feed = world.start({world.link(*fake, {"AAA"})});
    REQUIRE(world.run_until([&] { return value(feed->stats()[0]->symbols_live) == 1; }));
    feed->stop();
    feed->stop();
    CHECK(world.sink.events.back().aux == static_cast<std::uint8_t>(FeedState::Stale));
    CHECK(feed->stats()[0]->state.load() == static_cast<std::uint8_t>(LinkState::Idle));
    fake.reset();
    world.io.restart();
    world.io.run_for(3s);
    CHECK(world.io.stopped());
    feed.reset();
}

}  // namespace spill
