#include "daemon/evaluate_naive_rotation.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace spill;

TEST_CASE("the plain rule wants the mean and three tokens in five") {
    CHECK(naive_rotation(std::array{0.02, 0.03, 0.03, -0.001, 0.0}));
    CHECK(!naive_rotation(std::array{0.2, -0.001, 0.03, -0.001, 0.0}));
    CHECK(!naive_rotation(std::array{0.015, 0.015, 0.014, 0.015, 0.015}));
    CHECK(!naive_rotation({}));
}

TEST_CASE("the plain rule takes a wave of BTC for a rotation") {
    EvaluateOptions options;
    options.episodes = 10;
    Evaluation evaluation;
    evaluate_naive_rotation(options, evaluation);
    REQUIRE(evaluation.tables.size() == 1);
    REQUIRE(evaluation.tables[0].rows.size() == 3);
    CHECK(evaluation.tables[0].rows[1].name == "BTC wave");
    CHECK(evaluation.tables[0].rows[1].episodes == 10);
    CHECK(evaluation.tables[0].rows[1].cells[0].figure.value > 0.5);
    CHECK(evaluation.gates.empty());
}
