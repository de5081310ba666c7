#include "connectors/link.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;

// The most dials in any window of `length`.
std::size_t peak(std::vector<LinkTime> times, LinkTime length) {
    std::ranges::sort(times);
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= length) ++first;
        most = std::max(most, last - first + 1);
    }
    return most;
}

}  // namespace

TEST_CASE("a link dials at start, subscribes when open and is live with its first data") {
    Rig rig(venue(AckStyle::PerRequest));
    CHECK(rig.link.state() == LinkState::Idle);
    rig.start();
    CHECK(rig.link.state() == LinkState::Dialing);
    CHECK(rig.count(Kind::Dial) == 1);
    rig.open();
    CHECK(rig.link.state() == LinkState::Subscribing);
    CHECK(rig.sent() == std::vector<std::string>{"sub 1 AAA,BBB,CCC"});
    rig.ack(1);
    CHECK(rig.link.state() == LinkState::Subscribing);
    CHECK_FALSE(rig.live("AAA"));  // this venue's ack proves nothing
    rig.trade("BBB");
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.live("BBB"));
    CHECK_FALSE(rig.live("AAA"));
}

TEST_CASE("data before the acknowledgement makes the symbol live, the link waits for the answer") {
    Rig rig(venue(AckStyle::PerRequest));
    rig.start();
    rig.open();
    rig.trade("AAA");
    CHECK(rig.live("AAA"));
    CHECK(rig.link.state() == LinkState::Subscribing);
    rig.ack(1);
    CHECK(rig.link.state() == LinkState::Live);
}

TEST_CASE("a venue that takes all or nothing proves every symbol with one acknowledgement") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(-1);  // the id may be missing
    CHECK(rig.live("AAA"));
    CHECK(rig.live("CCC"));
    CHECK(rig.link.state() == LinkState::Live);
}

TEST_CASE("silence is armed from connect: a venue that never sends data is left") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    rig.run(9999ms);
    CHECK(rig.link.state() == LinkState::Live);
    rig.run(10s);
    CHECK(rig.link.state() == LinkState::Stale);
    CHECK_FALSE(rig.live("AAA"));
    rig.run(12s);
    CHECK(rig.link.state() == LinkState::Backoff);
    CHECK(rig.count(Kind::Close) == 1);
}

TEST_CASE("a mute venue that pongs, pings and acknowledges is stale within its silence budget") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    rig.trade("AAA");
    for (int i = 0; i < 99; ++i) {
        rig.run(rig.now + 100ms);
        rig.link.on_ws_ping(rig.now);
        rig.only(FrameKind::Pong);
        rig.only(FrameKind::Ping);
        rig.only(FrameKind::Status);
        rig.only(FrameKind::Other);
        rig.ack(1);
    }
    CHECK(rig.link.state() == LinkState::Live);
    rig.run(10s);
    CHECK(rig.link.state() == LinkState::Stale);
}

TEST_CASE("data within the grace brings a stale link back without a reconnect") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    rig.run(11s);
    CHECK_FALSE(rig.live("AAA"));
    rig.only(FrameKind::Heartbeat);
    CHECK(rig.link.state() == LinkState::Live);
    CHECK(rig.live("AAA"));
    rig.run(20s);
    CHECK(rig.count(Kind::Close) == 0);
}

TEST_CASE("a quiet market raises no storm, and brisk trading makes the budget tight again") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    LinkTime const end = 2h;
    while (rig.now < end) {
        if (rig.link.state() == LinkState::Dialing) {
            rig.open();
            rig.ack(-1);
        }
        rig.run(std::min(end, rig.link.deadline()));
    }
    // 10, 20, 40, 80 and then 160 s at most once each: 2 h / 160 s = 45.
    CHECK(rig.count(Kind::Dial) < 52);
    CHECK(rig.link.silence_budget() == 160s);
    while (rig.link.state() != LinkState::Dialing) rig.run(rig.link.deadline());
    rig.open();
    rig.ack(-1);
    for (int i = 0; i <= link_rules::kBriskMessages; ++i) {
        rig.run(rig.now + 100ms);
        rig.trade("AAA");
    }
    CHECK(rig.link.silence_budget() == 10s);
}

TEST_CASE("where the venue sends heartbeats the budget never widens") {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.heartbeats = true;
    Rig rig(spec);
    rig.start();
    for (int i = 0; i < 5; ++i) {
        rig.open();
        rig.ack(-1);
        LinkTime const opened = rig.now;
        rig.run(opened + 12s);
        CHECK(rig.link.state() == LinkState::Backoff);
        rig.run(rig.link.deadline());
    }
    CHECK(rig.link.silence_budget() == 10s);
}

TEST_CASE("a flood of pings neither keeps a link alive nor gets more answers than the budget") {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.messages_per_second = 5;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    Decoded ping;
    ping.kind = FrameKind::Ping;
    ping.reply = "pong";
    for (int i = 0; i < 10'000; ++i) {
        rig.run(rig.now + 900us);
        rig.frame(ping);
    }
    CHECK(peak(rig.times(Kind::Send), 1s) <= 4);
    CHECK(rig.count(Kind::Send) <= 41);
    rig.run(10s);
    CHECK(rig.link.state() == LinkState::Stale);
}

TEST_CASE("our application ping goes out on time and not more often") {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.silence = 1000s;
    spec.ping_every = 20s;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    rig.run(61s);
    CHECK(rig.sent() ==
          std::vector<std::string>{"sub 1 AAA,BBB,CCC", "ping 2", "ping 3", "ping 4"});
}

TEST_CASE("each step of dialling has five seconds") {
    Rig rig(venue(AckStyle::PerRequest));
    rig.start();
    rig.run(4s);
    rig.link.on_phase(rig.now);  // TCP is there
    rig.run(8s);
    rig.link.on_phase(rig.now);  // TLS is there
    rig.run(12999ms);
    CHECK(rig.link.state() == LinkState::Dialing);
    rig.run(13s);
    CHECK(rig.link.state() == LinkState::Backoff);
    CHECK(rig.count(Kind::Close) == 1);
}

TEST_CASE("a venue that does not answer the subscribe within five seconds is left") {
    Rig rig(venue(AckStyle::PerSymbol));
    rig.start();
    rig.open();
    rig.run(5s);
    CHECK(rig.link.state() == LinkState::Backoff);
    CHECK(rig.link.subscribe_errors() == 1);
    CHECK(rig.log.back().text == "no answer to subscribe");
}

TEST_CASE("the first retry comes within half a second, later ones spread up to thirty seconds") {
    VenueSpec spec = venue(AckStyle::PerRequest);
    std::vector<LinkTime> late;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Rig rig(spec, {"AAA"}, seed);
        rig.auto_fail = true;
        rig.start();
        rig.run(300s);
        auto const dials = rig.times(Kind::Dial);
        REQUIRE(dials.size() > 8);
        REQUIRE(dials[1] - dials[0] <= 500ms);
        for (std::size_t i = 1; i < dials.size(); ++i) {
            LinkTime const wait = dials[i] - dials[i - 1];
            REQUIRE(wait >= 250ms);
            REQUIRE(wait <= 30s);
            if (i > 8) late.push_back(wait);
        }
    }
    auto const [least, most] = std::ranges::minmax(late);
    CHECK(least < 3s);  // full jitter survives the cap
    CHECK(most > 27s);
}

TEST_CASE("the backoff starts anew only after a minute of Live") {
    auto const second_wait = [](LinkTime lived) {
        LinkTime most{0};
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            Rig rig(venue(AckStyle::AllOrNothing), {"AAA"}, seed);
            rig.auto_fail = true;
            rig.start();
            rig.run(100s);  // several failures: the ceiling is at its cap
            rig.auto_fail = false;
            while (rig.link.state() != LinkState::Dialing) rig.run(rig.link.deadline());
            rig.open();
            LinkTime const opened = rig.now;
            rig.ack(-1);
            for (LinkTime at = 0s; at < lived; at += 1s) {
                rig.trade("AAA");
                rig.run(opened + at + 1s);
            }
            rig.link.on_closed(rig.now);
            most = std::max(most, rig.link.deadline() - rig.now);
        }
        return most;
    };
    CHECK(second_wait(50s) > 10s);
    CHECK(second_wait(61s) <= 500ms);
}

TEST_CASE(
    "twelve venues that drop together are dialled again spread out, all within five seconds") {
    RateWindow gate(link_rules::kFeedDials, link_rules::kFeedDialWindow);
    std::vector<std::unique_ptr<Rig>> rigs;
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.silence = 60s;
    for (std::uint64_t i = 0; i < 12; ++i) {
        rigs.push_back(std::make_unique<Rig>(spec, std::vector<std::string>{"AAA"}, i, &gate));
    }
    auto const step_all = [&](LinkTime until) {
        for (LinkTime at = rigs[0]->now; at <= until; at += 1ms) {
            for (auto& rig : rigs) {
                rig->run(at);
                if (rig->link.state() == LinkState::Dialing) rig->come_up();
            }
        }
    };
    for (auto& rig : rigs) rig->start();
    step_all(10s);
    for (auto& rig : rigs) {
        REQUIRE(rig->link.state() == LinkState::Live);
        rig->log.clear();
        rig->link.on_closed(rig->now);
        rig->drain();
    }
    step_all(15s);
    std::vector<LinkTime> dials;
    for (auto& rig : rigs) {
        CHECK(rig->link.state() == LinkState::Live);
        for (LinkTime const at : rig->times(Kind::Dial)) dials.push_back(at);
    }
    REQUIRE(dials.size() == 12);
    CHECK(peak(dials, 1s) <= 5);
    CHECK(std::ranges::max(dials) - std::ranges::min(dials) >= 500ms);
}

TEST_CASE("a ban is honoured to the second that the venue names") {
    for (int const status : {429, 418, 403, 503}) {
        Rig rig(venue(AckStyle::PerRequest));
        rig.start();
        rig.link.on_dial_failed(rig.now, {.http_status = status, .retry_after = 77s});
        rig.drain();
        CHECK(rig.link.state() == LinkState::Banned);
        rig.run(77s - 1ns);
        CHECK(rig.count(Kind::Dial) == 1);
        rig.run(78s);
        CHECK(rig.count(Kind::Dial) == 2);
    }
}

TEST_CASE("refusals without a time keep us away as long as the venue is known to want") {
    struct Row {
        int status;
        LinkTime at_least;
    };
    for (Row const row : {Row{429, 60s}, Row{418, 120s}, Row{403, 600s}, Row{406, 90s}}) {
        Rig rig(venue(AckStyle::PerRequest));
        rig.start();
        rig.link.on_dial_failed(rig.now, {.http_status = row.status});
        rig.drain();
        CHECK(rig.link.deadline() >= row.at_least);
        CHECK(rig.link.deadline() <= row.at_least + 1s);
    }
}

TEST_CASE("ten minutes of refusal cost at most twenty dials, whatever the status") {
    for (int const status : {400, 401, 403, 404, 406, 418, 429, 451, 500, 502, 503}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            Rig rig(venue(AckStyle::PerRequest), {"AAA"}, seed);
            rig.auto_fail = true;
            rig.failure = {.http_status = status};
            rig.start();
            rig.run(600s);
            REQUIRE(rig.count(Kind::Dial) <= 20);
            REQUIRE(rig.count(Kind::Dial) >= 1);
        }
    }
}

TEST_CASE("the venue's dial budget holds whatever the failures are") {
    VenueSpec spec = venue(AckStyle::PerRequest);
    spec.dials_per_window = 5;
    spec.dial_window = 300s;
    Rig rig(spec);
    rig.auto_fail = true;
    rig.start();
    rig.run(3600s);
    CHECK(peak(rig.times(Kind::Dial), 300s) <= 5);
    CHECK(rig.count(Kind::Dial) > 50);
}

TEST_CASE("twenty bad frames in a minute are borne, one more costs the connection") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    for (int i = 0; i < 20; ++i) rig.only(FrameKind::Bad);
    CHECK(rig.count(Kind::Close) == 0);
    rig.only(FrameKind::Bad);
    CHECK(rig.count(Kind::Close) == 1);
    CHECK(rig.link.state() == LinkState::Backoff);
}

TEST_CASE("bad frames that are spread over time are only counted") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    for (int i = 0; i < 100; ++i) {
        rig.run(rig.now + 3s);
        rig.trade("AAA");
        rig.only(FrameKind::Bad);
    }
    CHECK(rig.count(Kind::Close) == 0);
}

TEST_CASE("an announced cut is dialled again at once, a venue that announces in circles is not") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    for (int i = 0; i < 61; ++i) {
        rig.run(rig.now + 1s);
        rig.trade("AAA");
    }
    rig.only(FrameKind::Notice);
    CHECK(rig.count(Kind::Close) == 1);
    CHECK(rig.link.deadline() - rig.now <= 250ms);
    LinkTime last{0};
    for (int i = 0; i < 8; ++i) {
        rig.run(rig.link.deadline());
        rig.open();
        rig.only(FrameKind::Notice);
        last = std::max(last, rig.link.deadline() - rig.now);
    }
    CHECK(last > 1s);
}

TEST_CASE("a link is renewed before the venue's planned cut") {
    VenueSpec spec = venue(AckStyle::AllOrNothing);
    spec.max_life = 1h;
    Rig rig(spec);
    rig.start();
    rig.open();
    rig.ack(1);
    while (rig.count(Kind::Close) == 0 && rig.now < 2h) {
        rig.run(rig.now + 5s);
        if (rig.link.state() == LinkState::Live) rig.trade("AAA");
    }
    CHECK(rig.now <= 1h + 5s);
    CHECK(rig.now >= 57min);
}

TEST_CASE("stop closes and dials no more") {
    Rig rig(venue(AckStyle::AllOrNothing));
    rig.start();
    rig.open();
    rig.ack(1);
    rig.link.stop(rig.now);
    CHECK_FALSE(rig.link.changed().empty());
    rig.drain();
    CHECK(rig.log.back().kind == Kind::Close);
    CHECK_FALSE(rig.live("AAA"));
    CHECK(rig.link.deadline() == LinkTime::max());
    rig.link.stop(rig.now);
    CHECK(rig.link.actions().empty());
}

}  // namespace spill
