// Which of an instrument's feeds leads.
#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include "core/engine.hpp"
#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// MU on a consolidated tape and on one exchange.
struct TwoFeeds {
    explicit TwoFeeds(bool exchange_first = false) : rig(make(*this, exchange_first)) {
        for (FeedId const feed : {tape, exchange}) {
            rig.link(feed, rig.at(Market::Xnys, {0, -1}), FeedState::Live);
        }
        rig.script(tape, [this](Moment now) { return print(now, tape_on, tape_price); });
        rig.script(exchange, [](Moment now) { return print(now, true, 0.0); });
        rig.run(Market::Xnys, {0, 0}, {15, kStockMinutes + 2});
        rig.forget();
    }
    void play(int from, int to) { rig.run(Market::Xnys, {16, from}, {16, to}); }
    static std::optional<Print> print(Moment now, bool on, double price) {
        if (!on) return std::nullopt;
        if (now.day < 16) return wave(Wave{}, now.index);
        return Print{price > 0.0 ? price : 100.4, 300.0};
    }
    static World make(TwoFeeds& self, bool exchange_first) {
        World world;
        VenueId const sip = world.venue("sip");
        VenueId const iex = world.venue("iex");
        GroupId const semis = world.group("semis");
        self.mu = world.instrument({.name = "MU", .group = semis});
        if (exchange_first) self.exchange = world.feed(self.mu, iex, Coverage::SingleVenue);
        self.tape = world.feed(self.mu, sip, Coverage::Consolidated);
        if (!exchange_first) self.exchange = world.feed(self.mu, iex, Coverage::SingleVenue);
        return world;
    }
    InstrumentId mu;
    FeedId tape, exchange;
    bool tape_on = true;
    double tape_price = 100.5;
    Rig rig;
};

}  // namespace

TEST_CASE("the feed with the better coverage leads, wherever it stands in the configuration") {
    for (bool const exchange_first : {false, true}) {
        CAPTURE(exchange_first);
        TwoFeeds two(exchange_first);
        two.play(0, 10);
        CHECK(two.rig.engine().instrument(two.mu).last()->to_double() == 100.5);
        CHECK(two.rig.path("MU|source").empty());
    }
}

TEST_CASE("when the leading feed is down for two minutes the next one leads and says so") {
    TwoFeeds two;
    two.play(0, 10);
    two.tape_on = false;
    two.rig.link(two.tape, two.rig.at(Market::Xnys, {16, 10}, 30), FeedState::Stale);
    two.play(10, 12);
    REQUIRE(two.rig.path("MU|source") == "source_changed");
    const Signal& change = *two.rig.find("MU|source", "source_changed");
    CHECK(words(change, "from") == "sip");
    CHECK(words(change, "to") == "iex");
    CHECK(words(change, "to_coverage") == "single_venue");
    CHECK(two.rig.minute(Market::Xnys, "MU|source", "source_changed") == 11);
    CHECK(two.rig.engine().instrument(two.mu).last()->to_double() == 100.4);
}

TEST_CASE("the better feed takes the lead back after five observed minutes, not before") {
    TwoFeeds two;
    two.play(0, 10);
    two.rig.link(two.tape, two.rig.at(Market::Xnys, {16, 10}), FeedState::Stale);
    two.play(10, 15);
    two.rig.forget();
    two.rig.link(two.tape, two.rig.at(Market::Xnys, {16, 15}), FeedState::Live);
    two.play(15, 19);
    CHECK(two.rig.path("MU|source").empty());
    two.play(19, 25);
    CHECK(two.rig.path("MU|source") == "source_changed");
    CHECK(words(two.rig.signals().back(), "to") == "sip");
    CHECK(two.rig.minute(Market::Xnys, "MU|source", "source_changed") == 19);
}
