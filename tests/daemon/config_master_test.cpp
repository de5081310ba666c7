#include "daemon/config_master.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "connectors/registry.hpp"

#include "daemon/config.hpp"
#include "tests/support/config_faults.hpp"

using namespace spill;
using spill::test::faults_of;
using spill::test::Lines;

namespace {

// Seven lines; the rows of instruments that a test adds begin in line 8.
constexpr std::string_view kBase = R"(venues:
  kraken: {trusted: true}
  binance: {enabled: false}
groups:
  baskets: {semis: {}, memory: {parent: semis}}
  buckets: {infra: {}}
instruments:
)";

ConfigResult with(std::string_view rows) {
    return parse_config(std::string(kBase) + std::string(rows), "f");
}

Lines faults(std::string_view rows) { return faults_of(with(rows)); }

constexpr std::string_view kStock =
    "  - {name: MU, title: Micron, market: XNYS, role: leader, group: memory}\n";
constexpr std::string_view kToken =
    "  - {name: TAO, role: token, group: infra, feeds: [{venue: kraken, symbol: TAO/USD}]}\n";

}  // namespace

TEST_CASE("rows become the registry in the order of the file") {
    ConfigResult const result = with(std::string(kStock) + std::string(kToken));
    REQUIRE(faults_of(result).empty());
    Registry const& registry = result.config.registry;
    REQUIRE(registry.instruments().size() == 2);
    CHECK(registry.instrument(InstrumentId{0}).name == "MU");
    CHECK(registry.instrument(InstrumentId{0}).role == Role::Leader);
    CHECK(registry.instrument(InstrumentId{0}).market == Market::Xnys);
    CHECK(result.config.titles == Lines{"Micron", ""});
    CHECK(registry.group(registry.instrument(InstrumentId{0}).parent).name == "semis");
    REQUIRE(registry.feeds().size() == 1);
    CHECK(registry.feed(FeedId{0}).trusted);
    CHECK(registry.feed(FeedId{0}).coverage == Coverage::SingleVenue);
}

TEST_CASE("a proxy takes after its stock what it does not give itself") {
    ConfigResult const result =
        with(std::string(kStock) + "  - {name: MU.P, proxy_for: MU, lot: 0.01}\n" +
             "  - {name: MU.Q, proxy_for: MU, role: member}\n");
    REQUIRE(faults_of(result).empty());
    Instrument const& proxy = *result.config.registry.find_instrument("MU.P");
    CHECK(proxy.proxy_for == InstrumentId{0});
    CHECK(proxy.market == Market::Xnys);
    CHECK(proxy.role == Role::Leader);
    CHECK(proxy.group == result.config.registry.find_group("memory")->id);
    CHECK(proxy.lot.nanos == 10'000'000);
    CHECK(result.config.registry.find_instrument("MU.Q")->role == Role::Member);
}

TEST_CASE("a disabled venue leaves no feed behind") {
    ConfigResult const result = with(
        "  - {name: TAO, role: token, group: infra, feeds: [{venue: binance, symbol: "
        "TAOUSDT}, {venue: kraken, symbol: TAO/USD}]}\n");
    REQUIRE(faults_of(result).empty());
    CHECK(result.config.registry.feeds().size() == 1);
    CHECK(result.config.registry.venues().size() == 1);
    REQUIRE(result.config.venues.size() == 2);
    CHECK_FALSE(result.config.venues[1].id.valid());
}

TEST_CASE("a name or a symbol that is there twice is refused") {
    CHECK(faults(std::string(kToken) + "  - {name: TAO, role: token, group: infra}\n") ==
          Lines{"f:9:12: instrument \"TAO\" is there twice, first in line 8"});
    CHECK(faults(std::string(kToken) + "  - {name: NEAR, role: token, group: infra, feeds: " +
                 "[{venue: kraken, symbol: TAO/USD}]}\n") ==
          Lines{"f:9:77: symbol \"TAO/USD\" is there twice on kraken, first in line 8 "
                "(instrument TAO)"});
    CHECK(faults("  - {name: TAO, role: token, group: infra, feeds: [{venue: binance, symbol: X},"
                 " {venue: binance, symbol: X}]}\n") ==
          Lines{"f:8:106: symbol \"X\" is there twice on binance, first in line 8 "
                "(instrument TAO)"});
}

TEST_CASE("a reference to what is not there names the nearest that is") {
    CHECK(faults("  - {name: TAO, role: token, group: infra, feeds: [{venue: karken, symbol: "
                 "TAO/USD}]}\n") ==
          Lines{"f:8:60: unknown venue \"karken\" (did you mean \"kraken\"?); it must be listed "
                "in venues"});
    CHECK(faults("  - {name: TAO, role: token, group: inrfa}\n") ==
          Lines{"f:8:37: unknown group \"inrfa\" (did you mean \"infra\"?); it must be listed in "
                "groups"});
    CHECK(faults("  - {name: TAO, role: tokn, group: infra, market: UTC}\n").at(0) ==
          "f:8:23: instrument TAO.role: \"tokn\" is not one of: leader, member, token, benchmark "
          "(did you mean \"token\"?)");
    CHECK(faults(std::string(kStock) + "  - {name: MUX.P, proxy_for: MUX}\n") ==
          Lines{"f:9:30: unknown instrument \"MUX\" (did you mean \"MU\"?); it must be listed in "
                "instruments"});
    CHECK(faults("  - {name: MU.P, proxy_for: MU}\n" + std::string(kStock)) ==
          Lines{"f:8:29: \"MU\" must be listed above its proxy"});
}

TEST_CASE("an unknown venue or parent is refused") {
    std::string known;
    for (const VenueSpec& row : venue_specs()) {
        known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    CHECK(
        faults_of(parse_config("venues:\n  binanse: {}\ninstruments: [{name: BTC, role: "
                               "benchmark}]\n",
                               "f")) ==
        Lines{"f:2:3: unknown venue \"binanse\" (did you mean \"binance\"?); there are: " + known});
    CHECK(faults_of(parse_config("groups: {baskets: {a: {parent: b}, b: {}}}\ninstruments: "
                                 "[{name: BTC, role: benchmark}]\n",
                                 "f")) ==
          Lines{"f:1:32: groups.baskets.a.parent: unknown group \"b\"; a parent is listed above "
                "its parts"});
    CHECK(faults_of(parse_config("groups:\n  buckets: {a: {}}\n  baskets: {a: {}}\ninstruments: "
                                 "[{name: BTC, role: benchmark}]\n",
                                 "f")) == Lines{"f:2:13: group \"a\" is there twice"});
}

TEST_CASE("role, market and group must fit together") {
    CHECK(faults("  - {name: MU, role: leader, group: memory}\n") ==
          Lines{"f:8:5: instrument MU needs a market: XNYS or XKRX"});
    CHECK(faults("  - {name: TAO, role: token, group: memory}\n") ==
          Lines{"f:8:37: \"memory\" is a basket, for stocks, and the role of \"TAO\" is token"});
    CHECK(faults("  - {name: TAO, role: token}\n") ==
          Lines{"f:8:5: \"TAO\" needs a group: a bucket of groups"});
    CHECK(faults("  - {name: TAO, role: token, group: infra, market: XNYS}\n") ==
          Lines{"f:8:52: instrument TAO: the market of a token is UTC, that of a stock is not"});
    CHECK(faults("  - {name: BTC, role: benchmark, group: infra}\n") ==
          Lines{"f:8:41: a benchmark is in no group"});
    CHECK(faults(std::string(kStock) + "  - {name: MU.P, proxy_for: MU, market: XKRX}\n") ==
          Lines{"f:9:41: a proxy has the market of what it stands for: XNYS"});
}

TEST_CASE("a name must be fit for signal keys") {
    CHECK(faults("  - {name: \"A|B\", role: token, group: infra}\n") ==
          Lines{"f:8:12: instrument A|B.name must be of letters, digits, \".\", \"-\" and \"_\""});
    CHECK(faults("  - {role: token, group: infra}\n") ==
          Lines{"f:8:5: \"name\" is missing in instruments"});
    CHECK(faults("  - {name: ABCDEFGHIJKLMNOPQRSTUVWXY, role: token, group: infra}\n") ==
          Lines{"f:8:12: instrument ABCDEFGHIJKLMNOPQRSTUVWXY.name: longer than 24 characters"});
}

TEST_CASE("a feed needs a venue and a symbol and an exact multiplier") {
    CHECK(faults("  - {name: TAO, role: token, group: infra, feeds: [{venue: kraken}]}\n") ==
          Lines{"f:8:52: \"symbol\" is missing in instrument TAO, feed"});
    CHECK(faults("  - {name: TAO, role: token, group: infra, feeds: [{venue: kraken, symbol: a, "
                 "multiplier: 0}]}\n") ==
          Lines{"f:8:91: instrument TAO, feed.multiplier: 0 is out of range, allowed is "
                "0.000000001..1000000000"});
    ConfigResult const result = with(
        "  - {name: TAO, role: token, group: infra, feeds: [{venue: kraken, symbol: a, "
        "multiplier: 0.1, coverage: delayed}]}\n");
    REQUIRE(faults_of(result).empty());
    CHECK(result.config.registry.feed(FeedId{0}).multiplier_e9 == 100'000'000);
    CHECK(result.config.registry.feed(FeedId{0}).coverage == Coverage::Delayed);
}

TEST_CASE("an alias has its days and is nobody else's name") {
    std::string const open = "  - {name: RENDER, role: token, group: infra, aliases: [";
    ConfigResult const result = with(open + "{name: RNDR, until: 2024-07-26}]}\n");
    REQUIRE(faults_of(result).empty());
    REQUIRE(result.config.aliases.size() == 1);
    CHECK(result.config.aliases[0].name == "RNDR");
    CHECK(result.config.aliases[0].until == 20'240'726);
    CHECK(faults(open + "{name: RENDER}]}\n") ==
          Lines{"f:8:64: alias \"RENDER\" is the name of an instrument"});
    CHECK(faults(open + "{name: A, until: 2024-02-30}]}\n") ==
          Lines{"f:8:74: alias.until: expected a date such as 2024-07-26, got \"2024-02-30\""});
    CHECK(faults(open + "{name: A, from: 2024-03-01, until: 2024-03-01}]}\n") ==
          Lines{"f:8:92: until must be later than from"});
    CHECK(faults(open + "{name: A, until: 2024-03-01}, {name: A, from: 2024-03-01}]}\n").empty());
    CHECK(faults(open + "{name: A, until: 2024-03-02}, {name: A, from: 2024-03-01}]}\n") ==
          Lines{"f:8:94: alias \"A\" is there twice for the same days"});
}

TEST_CASE("encryption is switched off towards this machine only") {
    auto const check = [](std::string const& row) {
        return faults_of(parse_config(
            "venues: {kraken: {" + row + "}}\ninstruments: [{name: BTC, role: benchmark}]\n", "f"));
    };
    CHECK(check("tls: false, host: 127.0.0.1").empty());
    CHECK(check("tls: false") == Lines{"f:1:24: venues.kraken.tls: false is only allowed with "
                                       "host 127.0.0.1, ::1 or localhost"});
    CHECK(check("tls: false, host: ws.kraken.com").size() == 1);
    CHECK(check("tls: false, host: 127.evil.example").size() == 1);
}

TEST_CASE("a file that watches nothing is refused") {
    CHECK(faults_of(parse_config("", "f")) ==
          Lines{"f:1:1: \"instruments\" is missing or empty: there is nothing to watch"});
    CHECK(faults("").size() == 1);
    CHECK(faults("  - 7\n") == Lines{"f:8:5: instruments: expected a section, got a value"});
}
