// Announced cuts with overlap, mute symbols, and what the links of one venue share.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;

Link::Config overlapping(const VenueSpec& spec, const Codec& codec, RateWindow& gate) {
    return {.spec = &spec,
            .codec = &codec,
            .symbols = {"AAA", "BBB"},
            .feed_dials = &gate,
            .seed = 1,
            .overlap = true};
}

// The kinds of the actions that wait, taken.
std::vector<Kind> take(Link& link) {
    std::vector<Kind> kinds;
    for (LinkAction const& action : link.actions()) kinds.push_back(action.kind);
    link.taken();
    return kinds;
}

Decoded of(FrameKind kind) {
    Decoded decoded;
    decoded.kind = kind;
    return decoded;
}

}  // namespace

TEST_CASE("an announced cut asks once for a successor and keeps the connection") {
    VenueSpec const spec = venue(AckStyle::AllOrNothing);
    WordCodec const codec;
    RateWindow gate(5, 1s);
    Link link(overlapping(spec, codec, gate));
    link.start(0s);
    link.on_open(0s);
    link.on_frame(0s, of(FrameKind::Ack));
    take(link);
    for (LinkTime at = 1s; at < 70s; at += 1s) link.on_frame(at, of(FrameKind::Trade));
    link.on_frame(70s, of(FrameKind::Notice));
    CHECK(take(link) == std::vector<Kind>{Kind::Renew});
    link.on_frame(71s, of(FrameKind::Notice));
    CHECK(take(link).empty());
    CHECK(link.state() == LinkState::Live);
}

TEST_CASE("a venue that announces a cut on every connect gets no successor") {
    VenueSpec const spec = venue(AckStyle::AllOrNothing);
    WordCodec const codec;
    RateWindow gate(5, 1s);
    Link link(overlapping(spec, codec, gate));
    link.start(0s);
    link.on_open(0s);
    link.on_frame(0s, of(FrameKind::Ack));
    take(link);
    link.on_frame(1s, of(FrameKind::Notice));
    CHECK(take(link) == std::vector<Kind>{Kind::Close});
    CHECK(link.state() == LinkState::Backoff);
}

TEST_CASE("a mute symbol is taken back and asked for anew, alone, and only data proves it") {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.messages_per_second = 100;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    rig.link.resubscribe(rig.now, rig.link.slot_of("BBB"));
    rig.drain();
    CHECK(rig.sent() == std::vector<std::string>{"sub 1 AAA,BBB,CCC", "unsub 2 BBB", "sub 3 BBB"});
    CHECK_FALSE(rig.live("BBB"));
    CHECK(rig.live("AAA"));
    rig.ack(2);
    rig.ack(3);
    CHECK_FALSE(rig.live("BBB"));
    CHECK(rig.link.state() == LinkState::Live);
    rig.trade("BBB");
    CHECK(rig.live("BBB"));
}

TEST_CASE("with full-state answers the taking back is not mistaken for a refusal") {
    VenueSpec spec = venue(AckStyle::FullState);
    spec.messages_per_second = 100;
    Rig rig(spec);
    auto const answer = [&](std::vector<std::string_view> symbols) {
        Decoded decoded = of(FrameKind::Ack);
        decoded.subscribed = symbols;
        rig.frame(decoded);
    };
    rig.start();
    rig.open();
    answer({"AAA", "BBB", "CCC"});
    rig.link.resubscribe(rig.now, rig.link.slot_of("BBB"));
    rig.drain();
    answer({"AAA", "CCC"});
    CHECK(rig.state("BBB") == SymbolState::Requested);
    answer({"AAA", "BBB", "CCC"});
    CHECK(rig.state("BBB") == SymbolState::Acked);
    rig.trade("BBB");
    CHECK(rig.live("BBB"));
    CHECK(rig.link.subscribe_errors() == 0);
}

TEST_CASE("a successor takes over what its predecessor proved and the venue accepted") {
    Rig rig(venue(AckStyle::PerRequest));
    rig.start();
    rig.open();
    rig.link.adopt(rig.link.slot_of("AAA"));
    CHECK_FALSE(rig.live("AAA"));  // not accepted yet
    rig.ack(1);
    rig.link.adopt(rig.link.slot_of("AAA"));
    CHECK(rig.live("AAA"));
    CHECK_FALSE(rig.live("BBB"));
}

TEST_CASE("a ban of one link is a ban of all links of its venue") {
    VenueSpec const spec = venue(AckStyle::AllOrNothing);
    WordCodec const codec;
    RateWindow gate(5, 1s);
    VenueGate shared(spec);
    Link::Config config = overlapping(spec, codec, gate);
    config.venue = &shared;
    Link one(config);
    Link two(config);
    one.start(0s);
    one.on_dial_failed(0s, {.http_status = 429, .retry_after = 100s});
    two.start(1s);
    CHECK(take(two).empty());
    CHECK(two.state() == LinkState::Banned);
    CHECK(two.deadline() > 100s);
    two.tick(two.deadline());
    CHECK(take(two) == std::vector<Kind>{Kind::Dial});
}

}  // namespace spill
