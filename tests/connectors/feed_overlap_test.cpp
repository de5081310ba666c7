// Handovers and mute symbols over real sockets.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/feed.hpp"
#include "tests/support/fake_venue.hpp"
#include "tests/support/feed_world.hpp"

namespace spill {

using namespace feed_test;

TEST_CASE("a planned cut is bridged: no trade lost, none twice, and no Stale in between") {
    World world;
    world.spec.continuity = Continuity::Ids;
    world.spec.max_life = 500ms;  // the cut
    world.instrument("AAA");
    fake::Script script;
    std::vector<fake::Peer*> peers;
    int next = 1;
    script.on_text = [&](fake::Peer& peer, std::string_view text) {
        grant(peer, text);
        peers.push_back(&peer);
        // Both connections tell the same trades from here on; the new one repeats the last.
        std::string const last = std::to_string(next - 1);
        if (next > 1) peer.send("T AAA " + last + " 5 1700000000 live");
        for (int i = 0; i < 3; ++i, ++next) {
            for (fake::Peer* const to : peers) {
                to->send("T AAA " + std::to_string(next) + " 5 1700000000 live");
            }
        }
    };
    fake::Venue fake(world.io, script);
    auto const feed = world.start({world.link(fake, {"AAA"})});
    LinkStats const& stats = *feed->stats()[0];
    REQUIRE(
        world.run_until([&] { return value(stats.handovers) == 1 && value(stats.trades) == 6; }));
    std::vector<std::uint64_t> ids;
    for (const Event& event : world.sink.of(EventKind::Trade)) ids.push_back(event.trade.trade_id);
    CHECK(ids == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
    CHECK(world.sink.of(EventKind::Feed).size() == 1);
    CHECK(value(stats.duplicates) >= 1);
    CHECK(value(stats.gaps_opened) == 0);
    CHECK(stats.state.load() == static_cast<std::uint8_t>(LinkState::Live));
    CHECK(fake.accepted() == 2);
}

}  // namespace spill
