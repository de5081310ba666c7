#include "connectors/simulator/truth.hpp"

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("a planted row is one JSON object with its texts escaped") {
    Planted row;
    row.scenario = "S1";
    row.key = "MU.P|PD|up";
    row.type = SignalType::Breakout;
    row.start = UnixNanos{1};
    row.deadline = UnixNanos{2};
    row.expect = {"triggered", "confirmed"};
    row.words = "says \"up\"\n";
    CHECK(to_json(row) ==
          R"({"scenario":"S1","type":"breakout","key":"MU.P|PD|up","start":1,"deadline":2,)"
          R"("expect":["triggered","confirmed"],"forbid":[],"words":"says \"up\" "})");
}
