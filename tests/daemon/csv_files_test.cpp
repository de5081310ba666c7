#include "daemon/csv_files.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "daemon/playback.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

TEST_CASE("an argument is a path, or a source and a path") {
    CHECK(csv_file("bars.csv").path == "bars.csv");
    CHECK(csv_file("bars.csv").source == "csv");
    CHECK(csv_file("binance=a/bars.csv").path == "a/bars.csv");
    CHECK(csv_file("binance=a/bars.csv").source == "binance");
    CHECK(csv_file("a/day=1/bars.csv").path == "a/day=1/bars.csv");
    CHECK(csv_file("=bars.csv").path == "=bars.csv");
}

TEST_CASE("one symbol from two sources is two feeds, merged by the time their rows were known") {
    test::TempDir const dir;
    Config const config = test::small_config();
    ReplayRegistry registry(config.registry);
    std::string const header = "ts_ns,symbol,open,high,low,close,volume,trades\n";
    auto const one = dir.write("bars_5m_one.csv", header +
                                                      "0,TAOUSDT,1,1,1,1,5,\n"
                                                      "600000000000,TAOUSDT,1,1,1,1,5,\n");
    auto const two = dir.write("bars_5m_two.csv", header + "300000000000,TAOUSDT,1,1,1,1,7,\n");
    std::ostringstream notes;
    auto const events = read_csv_files({"here=" + one, "there=" + two}, registry, notes);
    REQUIRE(events.has_value());
    REQUIRE(events->size() == 3);
    CHECK(learned_at(events->at(0)) < learned_at(events->at(1)));
    CHECK(learned_at(events->at(1)) < learned_at(events->at(2)));
    CHECK(events->at(0).feed == events->at(2).feed);
    CHECK(events->at(0).feed != events->at(1).feed);
    CHECK(events->at(0).instrument == events->at(1).instrument);
    CHECK(notes.str().empty());
}
