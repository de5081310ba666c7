// Gaps on their way from a connection to the sink.
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include "connectors/continuity.hpp"
#include "connectors/feed.hpp"
#include "tests/support/fake_venue.hpp"
#include "tests/support/feed_world.hpp"

namespace spill {

using namespace feed_test;

TEST_CASE("a hole in the ids is told in band, and the rows that fill it come before the mark") {
    World world;
    world.spec.continuity = Continuity::Ids;
    world.instrument("AAA");
    fake::Script script;
    fake::Peer* venue = nullptr;
    script.on_text = [&](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        venue = &peer;
        peer.send("T AAA 1 5 1700000000 live;T AAA 4 5 1700000003 live");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(world.run_until([&] { return value(stats.gaps_opened) == 1; }));
    Event const opened = world.sink.events.back();
    CHECK(opened.kind == EventKind::Feed);
    CHECK(opened.aux == static_cast<std::uint8_t>(FeedState::Gap));
    CHECK(opened.feed_change.first_id == 2);
    CHECK(opened.feed_change.last_id == 3);
    CHECK(opened.feed_change.filled == 0);
    CHECK(opened.feed_change.from.ns == 1'700'000'000 * kNanosPerSecond);
    CHECK(opened.feed_change.to.ns == 1'700'000'003 * kNanosPerSecond);
    CHECK(value(stats.gaps_open) == 1);
    CHECK(std::string_view(stats.proof) == "ids");
    venue->send("T AAA 2 5 1700000001 history;T AAA 3 5 1700000002 live");
    REQUIRE(world.run_until([&] { return value(stats.gaps_filled) == 1; }));
    std::size_t const n = world.sink.events.size();
    CHECK(world.sink.events[n - 3].trade.trade_id == 2);
    CHECK((world.sink.events[n - 3].trade.flags & trade_flag::kBackfill) != 0);
    CHECK(world.sink.events[n - 2].trade.trade_id == 3);
    CHECK(world.sink.events[n - 1].feed_change.filled == 1);
    CHECK(value(stats.gaps_open) == 0);
    CHECK(value(stats.backfilled) == 2);
}

TEST_CASE("where nothing is proven a lost connection is a gap by time") {
    World world;
    world.instrument("AAA");
    fake::Script script;
    fake::Peer* venue = nullptr;
    script.on_text = [&](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        venue = &peer;
        peer.send("T AAA 1 5 1700000000 live");
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(world.run_until([&] { return value(stats.trades) == 1; }));
    venue->close();
    REQUIRE(world.run_until([&] { return value(stats.gaps_opened) == 1; }));
    auto const states = world.sink.of(EventKind::Feed);
    REQUIRE(states.size() == 4);
    CHECK(states[3].aux == static_cast<std::uint8_t>(FeedState::Gap));
    CHECK(states[3].feed_change.from.ns == 1'700'000'000 * kNanosPerSecond);
    CHECK(states[3].feed_change.to == states[2].ts_event);
    CHECK(states[3].feed_change.reason == static_cast<std::uint32_t>(GapReason::Outage));
}

}  // namespace spill
