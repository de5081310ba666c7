#include "daemon/evaluate_faults.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "daemon/calendar_file.hpp"

using namespace spill;

namespace {

Signal edge_of(std::string_view state, std::int64_t minute) {
    Signal signal;
    signal.type = SignalType::Breakout;
    signal.key = std::string_view("E01|PD|up");
    signal.state = state.data();
    signal.ts_signal = UnixNanos{minute * kNanosPerMinute};
    return signal;
}

}  // namespace

TEST_CASE("an edge is extra without a counterpart in time, and a counterpart serves once") {
    PositiveLog clean;
    clean.on_signal(edge_of("triggered", 10));
    PositiveLog faulty;
    faulty.on_signal(edge_of("triggered", 12));
    faulty.on_signal(edge_of("triggered", 13));
    faulty.on_signal(edge_of("confirmed", 14));
    faulty.on_signal(edge_of("armed", 14));
    clean.on_signal(edge_of("failed", 11));
    auto const extra = extra_edges(faulty, clean, {0.0, 5.0});
    REQUIRE(extra.size() == 2);
    CHECK(extra[0].at.ns == 13 * kNanosPerMinute);
    CHECK(extra[1].state == "confirmed");
    CHECK(extra_edges(faulty, clean, {0.0, 1.0}).size() == 3);
    CHECK(extra_edges(clean, faulty, {1.0, 0.0}).size() == 1);
}

TEST_CASE("a breakout that comes late to the state of the clean day is not extra") {
    PositiveLog clean;
    clean.on_signal(edge_of("triggered", 10));
    clean.on_signal(edge_of("confirmed", 25));
    PositiveLog faulty;
    faulty.on_signal(edge_of("triggered", 20));
    faulty.on_signal(edge_of("confirmed", 90));
    CHECK(extra_edges(faulty, clean, {0.0, 1.0}).empty());
    clean.on_signal(edge_of("failed", 80));
    CHECK(extra_edges(faulty, clean, {0.0, 1.0}).size() == 1);
    CHECK(clean.in_force("E01|PD|up", "triggered", UnixNanos{30 * kNanosPerMinute}));
    CHECK(!clean.in_force("E01|PD|up", "held", UnixNanos{30 * kNanosPerMinute}));
    CHECK(!clean.in_force("E02|PD|up", "triggered", UnixNanos{30 * kNanosPerMinute}));
}

TEST_CASE("a confirmed breakout stands until it fails") {
    PositiveLog log;
    log.on_signal(edge_of("triggered", 5));
    CHECK(!log.stood("E01|PD|up", UnixNanos{9 * kNanosPerMinute}));
    log.on_signal(edge_of("confirmed", 10));
    log.on_signal(edge_of("failed", 20));
    CHECK(log.stood("E01|PD|up", UnixNanos{15 * kNanosPerMinute}));
    CHECK(!log.stood("E01|PD|up", UnixNanos{25 * kNanosPerMinute}));
}

TEST_CASE("every fault has its row and its gate, and an unknown split says nothing at all") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    EvaluateOptions options;
    options.episodes = 6;
    Evaluation evaluation;
    evaluate_faults(options, *calendars, evaluation);
    REQUIRE(evaluation.gates.size() == sim::fault_classes().size());
    auto const gate = std::ranges::find(evaluation.gates, "S21 unknown split extra positive edges",
                                        &GateResult::name);
    REQUIRE(gate != evaluation.gates.end());
    CHECK(gate->pass());
}
