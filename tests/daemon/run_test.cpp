#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "daemon/commands.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

struct Outcome {
    int code;
    std::string said;
};

// The faults below end before any thread starts; a good run is in tests/e2e/run.py.
Outcome run_with(std::string_view yaml) {
    test::TempDir const dir;
    std::ostringstream text;
    std::streambuf* const saved = std::cerr.rdbuf(text.rdbuf());
    int const code =
        run_daemon({.config = dir.write("c.yaml", yaml), .log_level = {}, .log_format = {}});
    std::cerr.rdbuf(saved);
    start_log({.level = LogLevel::Error, .format = LogFormat::Text});
    return {code, text.str()};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("every fault of the configuration is a line, and the exit code is 78") {
    Outcome const outcome = run_with("gateway: {prot: 1}\ndaemon: {wait: sleep}\n");
    CHECK(outcome.code == exit_code::kConfig);
    CHECK(outcome.said.find("c.yaml:1:11: ") != std::string::npos);
    CHECK(outcome.said.find("c.yaml:2:16: ") != std::string::npos);
    CHECK(outcome.said.find("port") != std::string::npos);
}

TEST_CASE("a folder without calendars is a configuration fault that names the folder") {
    test::TempDir const empty;
    Outcome const outcome = run_with(std::string(test::kSmallYaml) + "calendars: {directory: \"" +
                                     empty.path("none") + "\"}\n");
    CHECK(outcome.code == exit_code::kConfig);
    CHECK(outcome.said.find("none") != std::string::npos);
}

TEST_CASE("with no venue enabled there is nothing to run") {
    std::string yaml{test::kSmallYaml};
    yaml = replaced(yaml, "bybit-linear: {}", "bybit-linear: {enabled: false}");
    yaml = replaced(yaml, "binance: {}", "binance: {enabled: false}");
    yaml = replaced(yaml, "bybit-spot: {}", "bybit-spot: {enabled: false}");
    yaml = replaced(yaml, "{trusted: true}", "{enabled: false}");
    Outcome const outcome = run_with(yaml);
    CHECK(outcome.code == exit_code::kConfig);
    CHECK(outcome.said == "no venue is enabled for any instrument\n");
}
