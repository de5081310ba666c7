// A thousand random lives of a link. Whatever happens to it, its promises hold.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;

struct Dice {
    std::uint64_t state;
    std::uint64_t operator()(std::uint64_t sides) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % sides;
    }
};

// One life: random frames, losses, refusals and silences over random times.
struct Life {
    Dice dice;
    Rig rig;
    LinkTime banned_until{0};

    explicit Life(std::uint64_t seed)
        : dice{seed * 2 + 1}, rig(make_spec(seed), make_symbols(seed), seed) {
        rig.start();
        for (int step = 0; step < 400; ++step) {
            rig.run(rig.now + pause());
            disturb();
        }
    }

    static VenueSpec make_spec(std::uint64_t seed) {
        VenueSpec spec = venue(static_cast<AckStyle>(seed % 3));
        spec.heartbeats = seed % 2 == 0;
        spec.symbols_per_request = 1 + static_cast<int>(seed % 4);
        spec.messages_per_second = 1 + static_cast<int>(seed % 7);
        spec.ping_every = seed % 5 == 0 ? 3s : 0s;
        spec.max_life = seed % 6 == 0 ? 5min : 0min;
        spec.dials_per_window = 10;
        spec.dial_window = 60s;
        return spec;
    }
    static std::vector<std::string> make_symbols(std::uint64_t seed) {
        std::vector<std::string> symbols{"AAA"};
        for (std::uint64_t i = 0; i < seed % 9; ++i) symbols.push_back("S" + std::to_string(i));
        return symbols;
    }
    LinkTime pause() {
        switch (dice(10)) {
            case 0: return std::chrono::seconds(dice(90));
            case 1: return 0s;
            default: return std::chrono::milliseconds(dice(2000));
        }
    }
    const std::string& symbol() { return rig.link.symbols()[dice(rig.link.symbols().size())]; }

    void disturb() {
        if (rig.link.state() == LinkState::Dialing) {
            switch (dice(5)) {
                case 0: rig.link.on_dial_failed(rig.now, {}); break;
                case 1: refuse_dial(); break;
                case 2: rig.link.on_phase(rig.now); break;
                default: rig.link.on_open(rig.now); break;
            }
            rig.drain();
            return;
        }
        auto const id = static_cast<std::int64_t>(dice(40)) - 1;
        switch (dice(12)) {
            case 0: rig.link.on_closed(rig.now); break;
            case 1: rig.refuse(id, symbol(), "no " + symbol()); break;
            case 2: rig.refuse(-1, {}, dice(2) == 0 ? "no " + symbol() : "no"); break;
            case 3: rig.ack(id, symbol()); break;
            case 4: rig.ack(-1); break;
            case 5: rig.only(FrameKind::Bad); break;
            case 6: rig.only(FrameKind::Heartbeat); break;
            case 7: rig.link.on_ws_ping(rig.now); break;
            case 8:
                if (dice(20) == 0) rig.only(FrameKind::Notice);
                break;
            default: rig.trade(symbol()); break;
        }
        rig.drain();
    }
    void refuse_dial() {
        DialFailure failure;
        failure.http_status = dice(2) == 0 ? 429 : 503;
        auto const wait = std::chrono::seconds(1 + dice(120));
        failure.retry_after = wait;
        banned_until = rig.now + wait;
        std::size_t const before = rig.count(Kind::Dial);
        rig.link.on_dial_failed(rig.now, failure);
        rig.drain();
        rig.run(banned_until - 1ns);
        REQUIRE(rig.count(Kind::Dial) == before);
    }
};

std::size_t peak(const std::vector<LinkTime>& times, LinkTime length) {
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= length) ++first;
        most = std::max(most, last - first + 1);
    }
    return most;
}

}  // namespace

TEST_CASE(
    "a thousand seeds: no dial in a ban, no budget broken, no symbol live without a connection") {
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        Rig& rig = life.rig;
        REQUIRE(peak(rig.times(Kind::Dial), 60s) <= 10);
        // The budget is the connection's: sends just before and after a reconnect may be closer.
        std::vector<LinkTime> sends;
        for (const Did& did : rig.log) {
            if (did.kind == Kind::Dial) sends.clear();
            if (did.kind != Kind::Send) continue;
            sends.push_back(did.at);
            REQUIRE(peak(sends, 1s) <= static_cast<std::size_t>(rig.spec.messages_per_second));
        }
        bool const up = rig.link.state() == LinkState::Subscribing ||
                        rig.link.state() == LinkState::Live || rig.link.state() == LinkState::Stale;
        for (std::string const& symbol : rig.link.symbols()) REQUIRE((up || !rig.live(symbol)));
    }
}

TEST_CASE("after any past, a venue that behaves gets the link live again within its rules") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        Rig& rig = life.rig;
        LinkTime const end = rig.now + 2h;  // a refused symbol may have to wait for an hour
        std::size_t heard = rig.log.size();
        while (rig.now < end && rig.link.state() != LinkState::Live) {
            rig.run(rig.now + 2s);
            if (rig.link.state() == LinkState::Dialing) rig.open();
            for (; heard < rig.log.size(); ++heard) {
                Did const did = rig.log[heard];
                if (did.kind != Kind::Send || !did.text.starts_with("sub ")) continue;
                std::size_t const space = did.text.rfind(' ');
                std::int64_t const id = std::stoll(did.text.substr(4));
                std::string names = did.text.substr(space + 1) + ",";
                if (rig.spec.ack != AckStyle::PerSymbol) rig.ack(id);
                for (std::size_t at; (at = names.find(',')) != std::string::npos;) {
                    if (rig.spec.ack == AckStyle::PerSymbol) rig.ack(id, names.substr(0, at));
                    rig.trade(names.substr(0, at));
                    names.erase(0, at + 1);
                }
            }
            for (std::string const& symbol : rig.link.symbols()) {
                if (rig.state(symbol) == SymbolState::Acked) rig.trade(symbol);
            }
            if (rig.link.state() != LinkState::Backoff) rig.only(FrameKind::Heartbeat);
        }
        REQUIRE(rig.link.state() == LinkState::Live);
    }
}

TEST_CASE("the same seed lives the same life") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Life const one(seed);
        Life const two(seed);
        REQUIRE(one.rig.log.size() == two.rig.log.size());
        for (std::size_t i = 0; i < one.rig.log.size(); ++i) {
            REQUIRE(one.rig.log[i].at == two.rig.log[i].at);
            REQUIRE(one.rig.log[i].text == two.rig.log[i].text);
        }
    }
}

}  // namespace spill
