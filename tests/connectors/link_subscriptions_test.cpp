// The subscription half of Link: what a refusal costs, and whom.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;
using Texts = std::vector<std::string>;

VenueSpec patient(AckStyle ack) {
    VenueSpec spec = venue(ack);
    spec.silence = 24h;
    spec.messages_per_second = 100;
    return spec;
}

}  // namespace

TEST_CASE("a refused subscribe is never live") {
    Rig rig(venue(AckStyle::PerRequest), {"AAA"});
    rig.start();
    rig.open();
    rig.refuse(-1, {}, "Invalid request: request ID must be an unsigned integer");
    rig.run(5s);
    CHECK_FALSE(rig.live("AAA"));
    CHECK(rig.link.state() == LinkState::Subscribing);
    CHECK(rig.state("AAA") == SymbolState::Refused);
    CHECK(rig.link.subscribe_errors() == 1);
}

TEST_CASE("a symbol that is refused by name does not take the others down") {
    Rig rig(patient(AckStyle::PerSymbol));
    rig.start();
    rig.open();
    rig.ack(1, "AAA");
    rig.refuse(1, "BBB", "Currency pair not supported");
    CHECK(rig.link.state() == LinkState::Subscribing);
    rig.ack(1, "CCC");
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.live("AAA"));
    CHECK(rig.live("CCC"));
    CHECK(rig.state("BBB") == SymbolState::Refused);
}

TEST_CASE("a refused symbol is asked for again alone, ever more rarely, and can come back") {
    Rig rig(patient(AckStyle::PerSymbol));
    rig.start();
    rig.open();
    rig.ack(1, "AAA");
    rig.ack(1, "CCC");
    rig.refuse(1, "BBB");
    rig.run(59s);
    CHECK(rig.count(Kind::Send) == 1);
    rig.run(60s);
    CHECK(rig.sent().back() == "sub 2 BBB");
    rig.refuse(2, "BBB");
    rig.run(179s);
    CHECK(rig.count(Kind::Send) == 2);
    rig.run(180s);
    CHECK(rig.sent().back() == "sub 3 BBB");
    rig.ack(3, "BBB");
    CHECK(rig.live("BBB"));
    rig.run(12h);
    CHECK(rig.count(Kind::Send) == 3);
    CHECK(rig.count(Kind::Close) == 0);
}

TEST_CASE("all or nothing: the named topic is dropped and the rest is asked for again") {
    Rig rig(patient(AckStyle::AllOrNothing), {"TAOUSDT", "XTAOUSDT", "GRAMUSDT"});
    rig.start();
    rig.open();
    rig.refuse(-1, {}, "Invalid symbol :[publicTrade.GRAMUSDT,publicTrade.TAOUSDT]");
    CHECK(rig.sent() == Texts{"sub 1 TAOUSDT,XTAOUSDT,GRAMUSDT", "sub 2 XTAOUSDT"});
    rig.ack(2);
    CHECK(rig.live("XTAOUSDT"));
    CHECK(rig.state("TAOUSDT") == SymbolState::Refused);
    CHECK(rig.state("GRAMUSDT") == SymbolState::Refused);
    CHECK(rig.link.state() == LinkState::Live);
}

TEST_CASE("all or nothing without a name: halving finds the one that is refused") {
    std::vector<std::string> symbols;
    for (char c = 'A'; c < 'K'; ++c) symbols.emplace_back(3, c);
    Rig rig(patient(AckStyle::AllOrNothing), symbols);
    rig.start();
    rig.open();
    // The venue: refuses any request with GGG, grants the others.
    std::size_t answered = 0;
    while (answered < rig.sent().size()) {
        std::string const text = rig.sent()[answered++];
        std::int64_t const id = std::stoll(text.substr(4));
        if (text.find("GGG") != std::string::npos) {
            rig.refuse(id, {}, "Param validation failed");
        } else {
            rig.ack(id);
        }
    }
    CHECK(answered <= 10);
    CHECK(rig.state("GGG") == SymbolState::Refused);
    for (std::string const& symbol : symbols) CHECK(rig.live(symbol) == (symbol != "GGG"));
    CHECK(rig.link.state() == LinkState::Live);
}

TEST_CASE("a request that stays unanswered beside answered ones costs only its own symbols") {
    VenueSpec spec = patient(AckStyle::PerRequest);
    spec.symbols_per_request = 1;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    rig.trade("AAA");
    rig.ack(3);
    rig.run(5s);
    CHECK(rig.state("BBB") == SymbolState::Refused);
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.count(Kind::Close) == 0);
}

TEST_CASE("what flows is live even when its own answer never came") {
    VenueSpec spec = patient(AckStyle::PerRequest);
    spec.symbols_per_request = 1;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    rig.trade("BBB");
    rig.run(5s);
    CHECK(rig.live("BBB"));
}

TEST_CASE("requests keep to the batch limit and the message budget") {
    VenueSpec spec = patient(AckStyle::AllOrNothing);
    spec.symbols_per_request = 2;
    spec.messages_per_second = 5;
    std::vector<std::string> symbols;
    for (int i = 0; i < 41; ++i) symbols.push_back("S" + std::to_string(i));
    Rig rig(spec, symbols);
    rig.start();
    rig.open();
    CHECK(rig.count(Kind::Send) == 4);
    rig.ack(1);
    rig.run(10s);
    auto const sends = rig.times(Kind::Send);
    CHECK(sends.size() == 21);
    for (std::size_t i = 4; i < sends.size(); ++i) CHECK(sends[i] - sends[i - 4] >= 1s);
    CHECK(rig.sent().back() == "sub 21 S40");
}

TEST_CASE("a codec with a smaller batch limit than the registry's row is still served") {
    Rig rig(patient(AckStyle::AllOrNothing), {"A", "B", "C", "D", "E"});
    rig.codec.batch = 2;
    rig.start();
    rig.open();
    std::string all;
    for (std::string const& text : rig.sent()) {
        std::string const names = text.substr(text.rfind(' ') + 1);
        CHECK(std::ranges::count(names, ',') <= 1);
        all += names + ",";
    }
    for (char const c : {'A', 'B', 'C', 'D', 'E'}) CHECK(std::ranges::count(all, c) == 1);
}

TEST_CASE("after a reconnect everything is asked for again, and a refused symbol waits its turn") {
    Rig rig(patient(AckStyle::PerSymbol));
    rig.start();
    rig.open();
    rig.ack(1, "AAA");
    rig.refuse(1, "BBB");
    rig.ack(1, "CCC");
    rig.link.on_closed(rig.now);
    CHECK(rig.link.changed().size() == 2);  // two were live
    rig.drain();
    CHECK_FALSE(rig.live("AAA"));
    rig.log.clear();
    rig.run(rig.link.deadline());
    rig.open();
    CHECK(rig.sent() == Texts{"sub 2 AAA,CCC"});
    rig.ack(2, "AAA");
    rig.ack(2, "CCC");
    rig.run(61s);
    CHECK(rig.sent().back() == "sub 3 BBB");
}

TEST_CASE("an error that answers none of our requests changes no symbol") {
    Rig rig(patient(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    rig.refuse(99, {}, "something about AAA");
    rig.refuse(-1, {}, "something about AAA");
    CHECK(rig.live("AAA"));
    CHECK(rig.link.subscribe_errors() == 0);
}

}  // namespace spill
