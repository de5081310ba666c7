#include "core/instrument.hpp"

#include <string>

#include <doctest/doctest.h>

#include "core/event.hpp"
#include "core/signal.hpp"

using namespace spill;

namespace {

Registry two_venues() {
    Registry registry;
    auto const kraken = registry.add_venue("kraken", true);
    auto const binance = registry.add_venue("binance", false);
    auto const infra = registry.add_group("infra", GroupId{}, true);
    Instrument row;
    row.name = "TAO";
    row.role = Role::Token;
    row.group = *infra;
    auto const tao = registry.add_instrument(row);
    Feed feed;
    feed.instrument = *tao;
    feed.venue = *kraken;
    feed.symbol = "TAO/USD";
    REQUIRE(registry.add_feed(feed).has_value());
    feed.venue = *binance;
    feed.symbol = "TAOUSDT";
    REQUIRE(registry.add_feed(feed).has_value());
    return registry;
}

}  // namespace

TEST_CASE("a symbol resolves on its own venue only") {
    Registry const registry = two_venues();
    SymbolTable const kraken(registry, registry.find_venue("kraken")->id);
    SymbolTable const binance(registry, registry.find_venue("binance")->id);
    CHECK(kraken.find("TAO/USD").value == 0);
    CHECK_FALSE(kraken.find("TAOUSDT").valid());
    CHECK_FALSE(kraken.find("tao/usd").valid());
    CHECK(binance.find("TAOUSDT").value == 1);
    CHECK(registry.feed(FeedId{0}).trusted);
    CHECK_FALSE(registry.feed(FeedId{1}).trusted);
    CHECK(registry.instrument(InstrumentId{0}).feeds.size() == 2);
}

TEST_CASE("a table finds every one of many symbols") {
    Registry registry;
    auto const venue = registry.add_venue("v", false);
    for (int i = 0; i < 1000; ++i) {
        Instrument row;
        row.name = "I" + std::to_string(i);
        Feed feed;
        feed.instrument = *registry.add_instrument(row);
        feed.venue = *venue;
        feed.symbol = "S" + std::to_string(i);
        REQUIRE(registry.add_feed(feed).has_value());
    }
    SymbolTable const table(registry, *venue);
    CHECK(table.size() == 1000);
    for (std::uint16_t i = 0; i < 1000; ++i) {
        CHECK(table.find("S" + std::to_string(i)).value == i);
    }
    CHECK_FALSE(table.find("S1000").valid());
}

TEST_CASE("what does not fit together is refused by name") {
    Registry registry = two_venues();
    CHECK(registry.add_venue("kraken", false).error().code == Errc::Duplicate);
    Feed feed;
    feed.instrument = InstrumentId{0};
    feed.venue = VenueId{0};
    feed.symbol = "TAO/USD";
    auto const twice = registry.add_feed(feed);
    REQUIRE_FALSE(twice.has_value());
    CHECK(twice.error().message.find("TAO/USD") != std::string::npos);
    feed.symbol = "X";
    feed.multiplier_e9 = 0;
    CHECK(registry.add_feed(feed).error().code == Errc::OutOfRange);
    feed.instrument = InstrumentId{7};
    CHECK(registry.add_feed(feed).error().code == Errc::NotFound);
    Instrument row;
    row.name = "NEAR";
    row.tick = Price{0};
    CHECK(registry.add_instrument(row).error().code == Errc::OutOfRange);
}

TEST_CASE("evidence beyond its bound is dropped and says so") {
    Evidence evidence;
    for (std::size_t i = 0; i < kMaxEvidence; ++i) evidence.add("x", 1.0);
    CHECK_FALSE(evidence.overflowed());
    evidence.add("y", 2.0);
    CHECK(evidence.overflowed());
    CHECK(evidence.size() == kMaxEvidence);
    CHECK(evidence.find("y") == nullptr);
}
