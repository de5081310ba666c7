#include "daemon/gateway/gateway.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/gateway_runner.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/ws_client.hpp"

using namespace spill;
using spill::test::GatewayRunner;
using spill::test::WsClient;

namespace {

// One line of a running command, without its end; "" at the end of the output.
std::string line_of(FILE* pipe) {
    char buffer[512];
    if (std::fgets(buffer, sizeof buffer, pipe) == nullptr) return {};
    std::string line(buffer);
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
}

}  // namespace

TEST_CASE("python3-websockets is greeted, acknowledged, served in order and told goodbye") {
    if (std::system("/usr/bin/python3 -c 'import websockets' >/dev/null 2>&1") != 0) {
        return test::skip("python3-websockets subscribes", "python3-websockets is not installed");
    }
    GatewayRunner runner;
    std::string const command =
        "/usr/bin/python3 " SPILL_SOURCE_DIR "/tests/support/ws_subscriber.py " +
        std::to_string(runner.gateway.port()) +
        R"( '{"op":"subscribe","id":1,"types":["breakout","volume"]}' 2>&1)";
    FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    CHECK(line_of(pipe) == "hello e1");
    CHECK(line_of(pipe) == "ack breakout,volume");
    for (std::uint64_t i = 1; i <= 300; ++i) {
        runner.on_pub([&] {
            auto const type = i % 3 == 0 ? SignalType::Rotation : SignalType::Breakout;
            runner.publish(i, type, "MU|PD|up", i);
            runner.gateway.flush();
        });
    }
    for (std::uint64_t i = 1; i <= 300; ++i) {
        if (i % 3 != 0) REQUIRE(line_of(pipe) == std::to_string(i));
    }
    runner.gateway.stop();
    CHECK(line_of(pipe) == "closed 1001 stopping offset=300");
    CHECK(pclose(pipe) == 0);
}

TEST_CASE("one subscriber more than allowed is refused, and let in when one has left") {
    GatewayConfig config = test::small_gateway();
    config.max_subscribers = 2;
    GatewayRunner runner(config);
    std::uint16_t const port = runner.gateway.port();
    WsClient first(port);
    CHECK(first.receive().opcode == 1);
    {
        WsClient second(port);
        CHECK(second.receive().opcode == 1);
        WsClient third(port);
        CHECK(third.reply.starts_with("HTTP/1.1 503 "));
        CHECK(runner.gateway.stats().subscribers == 2);
    }
    // The end of the second one is noticed before its slot is free.
    std::string reply;
    for (int i = 0; i < 1000 && !reply.starts_with("HTTP/1.1 101 "); ++i) {
        WsClient again(port);
        reply = again.reply;
    }
    CHECK(reply.starts_with("HTTP/1.1 101 "));
    CHECK(runner.gateway.stats().refused[static_cast<std::size_t>(Refusal::Limit)] >= 1);
}

TEST_CASE("both halves can run on one thread") {
    boost::asio::io_context io;
    Gateway gateway(io, io, test::small_gateway(), {});
    REQUIRE(gateway.listen().has_value());
    auto guard = boost::asio::make_work_guard(io);
    std::thread thread([&] { io.run(); });
    WsClient client(gateway.port());
    CHECK(client.receive().payload.starts_with("{\"type\":\"hello\""));
    gateway.stop();
    gateway.stop();
    CHECK(client.receive().code() == 1001);
    client.tcp.close();
    guard.reset();
    thread.join();
    CHECK(gateway.stats().subscribers == 0);
}

TEST_CASE("each close code has a label, and a signal beyond the frame's bound is counted") {
    CHECK(std::string(to_string(CloseReason::Slow)) == "4408");
    CHECK(std::string(to_string(CloseReason::GoingAway)) == "1001");
    GatewayRunner runner;
    runner.on_pub([&] {
        runner.publish(1, SignalType::Breakout, "MU", 9000);
        runner.publish(2, SignalType::Breakout, "MU", 8000);
        runner.gateway.flush();
    });
    CHECK(runner.gateway.stats().unencodable == 1);
    CHECK(runner.gateway.stats().published == 2);
    CHECK(runner.gateway.stats().last_offset == 2);
}
