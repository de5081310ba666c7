// Tokens alone, on one bucket.
#include <doctest/doctest.h>

#include "daemon/calendar_file.hpp"
#include "daemon/evaluate.hpp"

using namespace spill;

TEST_CASE("tokens give a row for every class, and made-up volume on one venue never confirms") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    EvaluateOptions options;
    options.episodes = 5;
    Evaluation evaluation;
    evaluate_tokens(options, *calendars, evaluation);
    REQUIRE(evaluation.tables.size() == 2);
    CHECK(evaluation.tables[0].rows.size() == 16);
    CHECK(evaluation.tables[1].rows.size() == 3);
    int washed = 0;
    for (const TableRow& row : evaluation.tables[0].rows) {
        if (!row.name.starts_with("wash 1 venue")) continue;
        CHECK(row.cells[1].figure.value == 0.0);
        ++washed;
    }
    CHECK(washed == 3);
}
