// The key half of Link: logins, refusals for good, and venues that answer in other ways.
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;
using Texts = std::vector<std::string>;

VenueSpec keyed(LoginStyle login) {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.login = login;
    spec.fatal_codes = "402 409";
    spec.busy_codes = "406";
    spec.one_connection = true;
    return spec;
}

void complain(Rig& rig, std::string_view code, std::string_view words = {}) {
    Decoded decoded;
    decoded.kind = FrameKind::Error;
    decoded.code = code;
    decoded.message = words;
    rig.frame(decoded);
}

void full_state(Rig& rig, std::int64_t id, std::vector<std::string_view> symbols) {
    Decoded decoded;
    decoded.kind = FrameKind::Ack;
    decoded.request_id = id;
    decoded.subscribed = symbols;
    rig.frame(decoded);
}

}  // namespace

TEST_CASE("where we speak first the key goes out on open and subscribing waits for the answer") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    rig.open();
    CHECK(rig.link.state() == LinkState::LoggingIn);
    CHECK(rig.sent() == Texts{"login"});
    rig.only(FrameKind::LoggedIn);
    CHECK(rig.link.state() == LinkState::Subscribing);
    CHECK(rig.sent() == Texts{"login", "sub 1 AAA,BBB,CCC"});
    rig.ack(1);
    CHECK(rig.link.state() == LinkState::Live);
}

TEST_CASE("where the venue greets first the key waits for the greeting") {
    Rig rig(keyed(LoginStyle::OnWelcome));
    rig.start();
    rig.open();
    CHECK(rig.sent().empty());
    rig.run(3s);
    rig.only(FrameKind::Welcome);
    CHECK(rig.sent() == Texts{"login"});
    rig.run(7s);  // each step has its own five seconds
    CHECK(rig.link.state() == LinkState::LoggingIn);
    rig.only(FrameKind::LoggedIn);
    CHECK(rig.sent().size() == 2);
}

TEST_CASE("a login that nobody answers costs five seconds, never more") {
    for (LoginStyle const login : {LoginStyle::OnOpen, LoginStyle::OnWelcome}) {
        Rig rig(keyed(login));
        rig.start();
        rig.open();
        rig.run(4999ms);
        CHECK(rig.link.state() == LinkState::LoggingIn);
        rig.run(5s);
        CHECK(rig.link.state() == LinkState::Backoff);
        CHECK(rig.log.back().text == "no answer to the login");
    }
}

TEST_CASE("a refusal for good stops the link, names the reason, and lasts until the next start") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    rig.open();
    complain(rig, "402", "auth failed");
    CHECK(rig.link.state() == LinkState::Refused);
    CHECK(rig.log.back().text == "the venue refused: 402 auth failed");
    rig.run(24h);
    CHECK(rig.count(Kind::Dial) == 1);
    rig.start();
    CHECK(rig.count(Kind::Dial) == 2);
}

TEST_CASE("a plan that loses its feed while it streams stops the link as well") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    rig.open();
    rig.only(FrameKind::LoggedIn);
    rig.ack(1);
    complain(rig, "409", "insufficient subscription");
    CHECK(rig.link.state() == LinkState::Refused);
    CHECK_FALSE(rig.live("AAA"));
}

TEST_CASE("a passing complaint at the login is tried again") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    rig.open();
    complain(rig, "500", "internal error");
    CHECK(rig.link.state() == LinkState::Backoff);
}

TEST_CASE("an unauthorised upgrade is final where a key is in play and only there") {
    Rig keyed_rig(keyed(LoginStyle::InTarget));
    keyed_rig.start();
    keyed_rig.link.on_dial_failed(keyed_rig.now, {.http_status = 401});
    CHECK(keyed_rig.link.state() == LinkState::Refused);
    Rig open_rig(venue(AckStyle::PerRequest));
    open_rig.start();
    open_rig.link.on_dial_failed(open_rig.now, {.http_status = 401});
    CHECK(open_rig.link.state() == LinkState::Backoff);
}

TEST_CASE("a place that is taken is asked for again after 90 s, and the third time in 5 min ends") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    for (int i = 0; i < 2; ++i) {
        rig.open();
        LinkTime const at = rig.now;
        complain(rig, "406", "connection limit exceeded");
        CHECK(rig.link.state() == LinkState::Backoff);
        CHECK(rig.link.deadline() >= at + 90s);
        rig.run(rig.link.deadline());
    }
    rig.open();
    complain(rig, "406", "connection limit exceeded");
    CHECK(rig.link.state() == LinkState::Refused);
    CHECK(rig.log.back().text.starts_with("another program uses this venue's key"));
}

TEST_CASE("evictions that are far apart do not stop the link") {
    Rig rig(keyed(LoginStyle::OnOpen));
    rig.start();
    for (int i = 0; i < 8; ++i) {
        rig.open();
        complain(rig, "406");
        REQUIRE(rig.link.state() == LinkState::Backoff);
        rig.run(rig.link.deadline());
        rig.link.on_dial_failed(rig.now, {.http_status = 429, .retry_after = 200s});
        rig.drain();
        rig.run(rig.link.deadline());
    }
}

TEST_CASE("an answer with the full state proves what is in it and refuses what is missing") {
    VenueSpec spec = venue(AckStyle::FullState);
    spec.symbols_per_request = 2;
    spec.messages_per_second = 100;
    Rig rig(spec);
    rig.start();
    rig.open();
    full_state(rig, -1, {"AAA", "ZZZ"});
    CHECK(rig.live("AAA"));
    CHECK(rig.state("BBB") == SymbolState::Refused);
    CHECK(rig.state("CCC") == SymbolState::Requested);  // its own answer is still to come
    full_state(rig, -1, {"AAA", "CCC"});
    CHECK(rig.live("CCC"));
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.link.subscribe_errors() == 1);
}

TEST_CASE("where the venue never answers, data is the proof and silence no refusal") {
    VenueSpec spec = venue(AckStyle::Never);
    spec.silence = 60s;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.run(30s);
    CHECK(rig.link.state() == LinkState::Subscribing);
    CHECK(rig.link.subscribe_errors() == 0);
    rig.trade("BBB");
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.live("BBB"));
    CHECK_FALSE(rig.live("AAA"));
    rig.refuse(-1, {}, "Invalid symbol AAA");
    CHECK(rig.state("AAA") == SymbolState::Refused);
    CHECK(rig.live("BBB"));
}

TEST_CASE("the configured silence takes the place of the venue's own") {
    VenueSpec const spec = venue(AckStyle::AllOrNothing);
    Rig rig(spec, {"AAA"}, 1, nullptr, 3s);
    rig.start();
    rig.open();
    rig.ack(1);
    rig.run(2999ms);
    CHECK(rig.link.state() == LinkState::Live);
    rig.run(3s);
    CHECK(rig.link.state() == LinkState::Stale);
}

}  // namespace spill
