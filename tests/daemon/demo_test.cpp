#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

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

// The faults below end before the day begins; whole days are in tests/e2e/demo.py.
Outcome demo_with(DemoOptions options) {
    std::ostringstream text;
    std::streambuf* const saved = std::cerr.rdbuf(text.rdbuf());
    options.once = true;
    int const code = run_demo(options);
    std::cerr.rdbuf(saved);
    start_log({.level = LogLevel::Error, .format = LogFormat::Text});
    return {code, text.str()};
}

}  // namespace

TEST_CASE("an unknown scenario is refused with the names that there are") {
    test::TempDir const dir;
    DemoOptions options;
    options.config = dir.write("small.yaml", test::kSmallYaml);
    options.scenario = "S99";
    Outcome const outcome = demo_with(options);
    CHECK(outcome.code == exit_code::kUsage);
    CHECK(outcome.said.find("no scenario is called S99") != std::string::npos);
    CHECK(outcome.said.find(" day") != std::string::npos);
    CHECK(std::ranges::count(outcome.said, '\n') == 1);
}

TEST_CASE("a demo on a bad configuration ends with 78") {
    test::TempDir const dir;
    DemoOptions options;
    options.config = dir.write("bad.yaml", "nonsense: 1\n");
    Outcome const outcome = demo_with(options);
    CHECK(outcome.code == exit_code::kConfig);
    CHECK(outcome.said.find("bad.yaml:1:1: ") != std::string::npos);
}

TEST_CASE("a demo whose port is in use ends with 1 and one line") {
    int const taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(taken, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(taken, 1) == 0);
    REQUIRE(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    test::TempDir const dir;
    DemoOptions options;
    options.config = dir.write("small.yaml", test::kSmallYaml);
    options.port = ntohs(address.sin_port);
    Outcome const outcome = demo_with(options);
    close(taken);
    CHECK(outcome.code == exit_code::kFailure);
    CHECK(outcome.said.find(std::to_string(*options.port)) != std::string::npos);
    CHECK(outcome.said.find("is in use") != std::string::npos);
    CHECK(std::ranges::count(outcome.said, '\n') == 1);
}
