#include "daemon/evaluate_run.hpp"

#include <doctest/doctest.h>

using namespace spill;

namespace {

Signal edge(const char* state, std::int64_t minute) {
    Signal signal;
    signal.type = SignalType::Breakout;
    signal.key = FixedText<56>("MU|PD|up");
    signal.state = state;
    signal.ts_signal = minute_start(minute);
    return signal;
}

}  // namespace

TEST_CASE("a log finds the first edge of a key, within bounds that belong to it") {
    EdgeLog log;
    log.on_signal(edge("triggered", 10));
    log.on_signal(edge("failed", 20));
    log.on_signal(edge("triggered", 30));
    CHECK(log.first("MU|PD|up", "triggered")->ns == minute_start(10).ns);
    CHECK_FALSE(log.first("MU|PD|up", "confirmed"));
    CHECK_FALSE(log.first("WDC|PD|up", "triggered"));
    CHECK(log.count("MU|PD|up", "triggered") == 2);
    auto const later =
        log.first_within("MU|PD|up", "triggered", minute_start(11), minute_start(30));
    REQUIRE(later);
    CHECK(later->ns == minute_start(30).ns);
    CHECK_FALSE(log.first_within("MU|PD|up", "failed", minute_start(21), minute_start(40)));
}

TEST_CASE("the minute level forgets what a single trade makes") {
    EdgeLog a;
    a.on_signal(edge("armed", 9));
    a.on_signal(edge("failed", 20));
    EdgeLog b;
    b.on_signal(edge("failed", 20));
    CHECK(a.minute_level() == b.minute_level());
    CHECK(a.all() != b.all());
    EdgeLog c;
    c.on_signal(edge("failed", 21));
    CHECK(c.minute_level() != b.minute_level());
}
