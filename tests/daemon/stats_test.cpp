#include "daemon/stats.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("every duration falls into the step whose edges surround it") {
    for (std::int64_t ns = 1; ns > 0 && ns < (std::int64_t{1} << 40); ns = ns * 9 / 8 + 1) {
        CAPTURE(ns);
        std::size_t const cell = LatencyHistogram::cell_of(ns);
        CHECK(ns <= LatencyHistogram::upper_edge(cell));
        if (cell != 0) CHECK(ns > LatencyHistogram::upper_edge(cell - 1));
    }
    CHECK(LatencyHistogram::cell_of(-5) == 0);
    CHECK(LatencyHistogram::cell_of(0) == 0);
    CHECK(LatencyHistogram::cell_of(std::numeric_limits<std::int64_t>::max()) ==
          LatencyHistogram::kCells - 1);
}

TEST_CASE("a step is at most an eighth wide") {
    for (std::size_t cell = 1; cell + 1 < LatencyHistogram::kCells; ++cell) {
        auto const low = static_cast<double>(LatencyHistogram::upper_edge(cell - 1) + 1);
        auto const high = static_cast<double>(LatencyHistogram::upper_edge(cell));
        CHECK(high / low <= 1.125);
    }
}

TEST_CASE("a quantile is the edge of the step that holds it") {
    LatencyHistogram histogram;
    CHECK(histogram.quantile_ns(0.5) == 0);
    for (int i = 0; i < 99; ++i) histogram.record(10'000);
    histogram.record(5'000'000);
    CHECK(histogram.count() == 100);
    CHECK(histogram.sum_ns() == 99 * 10'000 + 5'000'000);
    CHECK(histogram.quantile_ns(0.0) >= 10'000);
    CHECK(histogram.quantile_ns(0.99) <= 11'250);
    CHECK(histogram.quantile_ns(1.0) >= 5'000'000);
    CHECK(histogram.quantile_ns(1.0) <= 5'625'000);
}

TEST_CASE("signals are counted per type and state, and beyond the bound together") {
    EngineStats stats;
    stats.count_signal(SignalType::Breakout, "triggered");
    stats.count_signal(SignalType::Breakout, "triggered");
    stats.count_signal(SignalType::Volume, "triggered");
    std::vector<std::string> states;
    for (int i = 0; i < 70; ++i) states.push_back("s" + std::to_string(i));
    for (const std::string& state : states) stats.count_signal(SignalType::Unwind, state.c_str());
    std::map<std::string, std::uint64_t> seen;
    stats.for_each_signal([&](SignalType type, std::string_view state, std::uint64_t count) {
        seen[std::string(to_string(type)) + "/" + std::string(state)] += count;
    });
    CHECK(seen["breakout/triggered"] == 2);
    CHECK(seen["volume/triggered"] == 1);
    CHECK(seen["unwind/s0"] == 1);
    CHECK(seen["health/other"] == 70 - (EngineStats::kMaxStates - 2));
}

TEST_CASE("events are counted by kind") {
    EngineStats stats;
    stats.count_event(EventKind::Trade);
    stats.count_event(EventKind::Trade);
    stats.count_event(EventKind::Corporate);
    CHECK(stats.events(EventKind::Trade) == 2);
    CHECK(stats.events(EventKind::Corporate) == 1);
    CHECK(stats.events(EventKind::Clock) == 0);
}
