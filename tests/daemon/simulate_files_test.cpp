#include "daemon/simulate_files.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "daemon/calendar_file.hpp"

using namespace spill;

TEST_CASE("the command names the events only when there are some") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    auto const recording = std::make_unique<Recording>();
    record({"S16", 1, 1.0, 2}, *calendars, *recording);
    CHECK(replay_command(*recording, "d") ==
          "spilloverd replay -c d/config.yaml --from 2026-05-28T13:30:00Z "
          "d/bars_5m_history.csv d/events.csv d/trades.csv");
    std::erase_if(recording->live, [](const Event& e) { return e.kind != EventKind::Trade; });
    CHECK(replay_command(*recording, "d").find("events.csv") == std::string::npos);
}

TEST_CASE("a directory that cannot be written to is named") {
    auto const recording = std::make_unique<Recording>();
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    record({"S1", 1, 1.0, 2}, *calendars, *recording);
    auto const written = write_recording(*recording, "/nonexistent/dir");
    REQUIRE(!written.has_value());
    CHECK(written.error().message.find("/nonexistent/dir/bars_5m_history.csv") == 0);
}
