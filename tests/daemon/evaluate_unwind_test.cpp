#include "daemon/evaluate_unwind.hpp"

#include <doctest/doctest.h>

#include "daemon/calendar_file.hpp"

using namespace spill;

namespace {

Signal level_of(std::string_view state, std::int64_t minute) {
    Signal signal;
    signal.type = SignalType::Unwind;
    signal.key = std::string_view("B00");
    signal.state = state.data();
    signal.ts_signal = UnixNanos{minute * kNanosPerMinute};
    return signal;
}

}  // namespace

TEST_CASE("the levels of an unwind are in order only if none comes before the one below it") {
    EdgeLog log;
    log.on_signal(level_of("watch", 10));
    log.on_signal(level_of("warning", 20));
    CHECK(!in_order(unwind_times(log, "B00", UnixNanos{0})));
    log.on_signal(level_of("active", 30));
    CHECK(in_order(unwind_times(log, "B00", UnixNanos{0})));
    CHECK(!in_order(unwind_times(log, "B00", UnixNanos{15 * kNanosPerMinute})));
    EdgeLog jumps;
    jumps.on_signal(level_of("active", 10));
    jumps.on_signal(level_of("watch", 20));
    jumps.on_signal(level_of("warning", 21));
    CHECK(!in_order(unwind_times(jumps, "B00", UnixNanos{0})));
}

TEST_CASE("the unwind chain gets a row and no gate") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    EvaluateOptions options;
    options.episodes = 2;
    Evaluation evaluation;
    evaluate_unwind(options, *calendars, evaluation);
    REQUIRE(evaluation.tables.size() == 1);
    REQUIRE(evaluation.tables[0].rows.size() == 1);
    CHECK(evaluation.tables[0].rows[0].episodes == 2);
    CHECK(evaluation.gates.empty());
}
