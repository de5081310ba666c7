#include "connectors/mute_watch.hpp"

#include <cstdint>

#include <doctest/doctest.h>

namespace spill {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;

// Slot 0 is the one under watch, slot 1 trades every 400 ms.
struct Pair {
    MuteWatch watch{2};
    LinkTime now{0};
    int found = 0;
    LinkTime first_found{0};

    // `every` = pause between the trades of slot 0; zero = it is silent.
    void run(LinkTime length, LinkTime every, bool other = true) {
        LinkTime const end = now + length;
        LinkTime next = now;
        for (; now < end; now += 200ms) {
            if (other && now % 400ms == LinkTime::zero()) watch.on_trade(1, now);
            if (every.count() > 0 && now >= next) {
                watch.on_trade(0, now);
                next = now + every;
            }
            if (now % 1000ms != LinkTime::zero()) continue;
            while (watch.find(now) == 0) {
                if (found++ == 0) first_found = now;
            }
        }
    }
};

}  // namespace

TEST_CASE("a brisk symbol that goes mute beside others is found within thirty seconds") {
    Pair pair;
    pair.run(60s, 200ms);
    CHECK(pair.found == 0);
    LinkTime const muted = pair.now;
    pair.run(40s, 0s);
    CHECK(pair.found >= 1);
    CHECK(pair.first_found - muted <= 30s);
}

TEST_CASE("the other symbols are never blamed") {
    Pair pair;
    pair.run(60s, 200ms);
    for (int i = 0; i < 100; ++i, pair.now += 1s) {
        pair.watch.on_trade(1, pair.now);
        CHECK(pair.watch.find(pair.now) != 1);
    }
}

TEST_CASE("a slow symbol has the patience of its own rate") {
    Pair pair;
    pair.run(5min, 15s);
    CHECK(pair.watch.budget(0) > 250s);
    pair.run(4min, 0s);
    CHECK(pair.found == 0);
}

TEST_CASE("a market that calms down costs few resubscriptions, and recovers its tight budget") {
    Pair pair;
    pair.run(60s, 200ms);
    pair.run(60min, 0s);
    CHECK(pair.found >= 4);
    CHECK(pair.found <= 16);
    CHECK(pair.watch.budget(0) >= MuteWatch::kFloor * 16);
    pair.run(2min, 200ms);
    CHECK(pair.watch.budget(0) <= 30s);
}

TEST_CASE("when the whole link is quiet no symbol is mute") {
    Pair pair;
    pair.run(60s, 200ms);
    pair.run(10min, 0s, false);
    CHECK(pair.found == 0);
}

TEST_CASE("a symbol that is hardly known is not judged") {
    Pair pair;
    pair.run(8s, 200ms);
    pair.run(10min, 0s);
    CHECK(pair.found == 0);
}

TEST_CASE("a new connection and a closed market start the clock anew") {
    Pair pair;
    pair.run(60s, 200ms);
    for (int i = 0; i < 20; ++i) {
        pair.watch.excuse(0, pair.now);
        pair.run(5s, 0s);
    }
    CHECK(pair.found == 0);
    pair.watch.restart(pair.now);
    pair.run(10s, 0s);
    CHECK(pair.found == 0);
    pair.run(40s, 0s);
    CHECK(pair.found >= 1);
}

}  // namespace spill
