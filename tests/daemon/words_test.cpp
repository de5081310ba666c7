#include "daemon/words.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace spill;

namespace {

Signal signal_of(SignalType type, std::string_view key, const char* state, const char* prev = "") {
    Signal signal;
    signal.type = type;
    signal.key = key;
    signal.state = state;
    signal.prev = prev;
    return signal;
}

Signal breakout(const char* state, const char* kind = "PD", bool up = true,
                const char* prev = "armed") {
    Signal signal = signal_of(SignalType::Breakout,
                              std::string("MU.P|") + kind + (up ? "|up" : "|down"), state, prev);
    signal.evidence.add_text("kind", kind);
    signal.evidence.add("level", 118.2);
    signal.evidence.add("price", 118.314);
    return signal;
}

Signal volume(const char* state) { return signal_of(SignalType::Volume, "TAO", state, "building"); }

}  // namespace

TEST_CASE("a broken level is told with its name, its price and the price that broke it") {
    Signal signal = breakout("triggered");
    CHECK(in_words(signal) == "MU.P breaks above its prior-day high 118.20 at 118.31");
    signal.evidence.add_int("attempt", 2);
    signal.evidence.add_bool("gap", true);
    CHECK(in_words(signal) == "MU.P gaps above its prior-day high 118.20 at 118.31, attempt 2");
    CHECK(in_words(breakout("triggered", "D20", false)) ==
          "MU.P breaks below its 20-session low 118.20 at 118.31");
    CHECK(in_words(breakout("triggered", "OR")) ==
          "MU.P breaks above its opening-range high 118.20 at 118.31");
}

TEST_CASE("a small price shows four decimals") {
    Signal signal = signal_of(SignalType::Breakout, "GRASS|PD|up", "triggered");
    signal.evidence.add_text("kind", "PD");
    signal.evidence.add("level", 0.51234);
    signal.evidence.add("price", 9.99);
    CHECK(in_words(signal) == "GRASS breaks above its prior-day high 0.5123 at 9.9900");
}

TEST_CASE("a confirmation gives its volume and its age") {
    Signal signal = breakout("confirmed");
    signal.evidence.add("rvol15", 3.24);
    signal.evidence.add_int("minutes", 17);
    CHECK(in_words(signal) ==
          "MU.P CONFIRMED above its prior-day high 118.20: held 15 min, volume 3.2x normal, 17 min "
          "after the break");
}

TEST_CASE("a failure says how, and what was lost") {
    Signal fast = breakout("failed", "PD", true, "confirmed");
    fast.evidence.add_text("why", "fast");
    CHECK(in_words(fast) ==
          "MU.P FAILED at its prior-day high 118.20: one close far back below, was confirmed");
    Signal slow = breakout("failed", "PD", false, "triggered");
    slow.evidence.add_text("why", "acceptance");
    CHECK(in_words(slow) ==
          "MU.P FAILED at its prior-day low 118.20: five closes back above, was triggered");
    Signal end = breakout("failed", "PD", true, "triggered");
    end.evidence.add_text("why", "close_below");
    CHECK(in_words(end).find("the session closed back below") != std::string::npos);
}

TEST_CASE("the ends of a breakout have words of their own") {
    CHECK(in_words(breakout("expired")).find("never on real participation") != std::string::npos);
    Signal held = breakout("held");
    held.evidence.add_int("sessions", 3);
    CHECK(in_words(held) == "MU.P held its prior-day high 118.20 into session 3");
    CHECK(in_words(breakout("completed")).ends_with("to the end: completed"));
    CHECK(in_words(breakout("armed")) == "MU.P armed its prior-day high 118.20");
}

TEST_CASE("a token's volume is told from building to quiet") {
    Signal building = volume("building");
    building.evidence.add("r15", 4.05);
    building.evidence.add("c15", 3.5);
    CHECK(in_words(building) == "TAO volume builds: 4.0x normal in 15 min (3.5x across venues)");
    Signal pop = volume("building");
    pop.evidence.add_text("trigger", "price");
    pop.evidence.add("j15", 5.5);
    pop.evidence.add("c15", 9.0);
    CHECK(in_words(pop) == "TAO jumps (5.5 sigma in 15 min), volume 9.0x: real or a headline?");
    Signal real = volume("confirmed");
    real.evidence.add("score", 0.62);
    real.evidence.add("consensus", 5.0);
    real.evidence.add_int("venues", 3);
    real.evidence.add_text("direction", "down");
    real.evidence.add("return60", -0.0213);
    CHECK(in_words(real) ==
          "TAO volume is REAL: score 0.62, 5.0x normal on 3 venues, price down -2.1 % in an hour");
    Signal faded = volume("faded");
    faded.evidence.add_int("age", 75);
    CHECK(in_words(faded) == "TAO volume faded after 75 min");
    Signal quiet = volume("none");
    quiet.evidence.add_text("reason", "quiet");
    CHECK(in_words(quiet) == "TAO is quiet again (quiet)");
}

TEST_CASE("a suspicion gives its reason") {
    Signal headline = volume("suspect");
    headline.evidence.add_text("reason", "headline");
    CHECK(in_words(headline) == "TAO SUSPECT: a headline pop, the volume did not stay");
    Signal block = volume("suspect");
    block.evidence.add_text("reason", "one_trade");
    block.evidence.add("top_trade_share", 0.71);
    CHECK(in_words(block) == "TAO SUSPECT: one trade is 71 % of the hour");
    Signal wash = volume("suspect");
    wash.evidence.add_text("reason", "quality");
    wash.evidence.add("Q", 0.12);
    wash.evidence.add("rvol60", 8.0);
    wash.evidence.add("consensus", 1.5);
    CHECK(in_words(wash) == "TAO SUSPECT: quality 0.12, 8.0x in total but 1.5x across venues");
}

TEST_CASE("doubts about the data stand at the end") {
    Signal signal = breakout("completed");
    signal.provisional = true;
    CHECK(in_words(signal).ends_with(" [provisional]"));
    signal.degraded = true;
    CHECK(in_words(signal).ends_with(" [provisional] [degraded]"));
}

TEST_CASE("a signal without evidence still has words") {
    for (SignalType const type :
         {SignalType::Breakout, SignalType::Participation, SignalType::Volume, SignalType::Rotation,
          SignalType::Unwind, SignalType::Health}) {
        CAPTURE(to_string(type));
        CHECK(in_words(signal_of(type, "memory@XNYS", "on", "off")).find("memory@XNYS") == 0);
    }
}

TEST_CASE("only approaches to a level and retreats from it stay off the screen") {
    CHECK(is_minor(breakout("armed")));
    CHECK(is_minor(breakout("idle")));
    CHECK_FALSE(is_minor(breakout("triggered")));
    CHECK_FALSE(is_minor(signal_of(SignalType::Volume, "TAO", "idle")));
}
