// Breakouts alone, on few chips.
#include <doctest/doctest.h>

#include "daemon/calendar_file.hpp"
#include "daemon/evaluate.hpp"

using namespace spill;

TEST_CASE("breakouts give six classes and an engine that depends on order alone") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    EvaluateOptions options;
    options.episodes = 6;
    Evaluation evaluation;
    evaluate_breakouts(options, *calendars, evaluation);
    REQUIRE(evaluation.tables.size() == 1);
    REQUIRE(evaluation.tables[0].rows.size() == 6);
    for (const TableRow& row : evaluation.tables[0].rows) {
        CHECK(row.episodes == 6);
        CHECK(row.cells[0].figure.value > 0.5);  // triggered
    }
    int equal = 0;
    for (const GateResult& gate : evaluation.gates) {
        if (gate.name == "replay_equal" || gate.name == "permuted_equal") {
            CHECK(gate.pass());
            ++equal;
        }
    }
    CHECK(equal == 2);
}
