#include <string>

#include <doctest/doctest.h>

#include "tests/support/gateway_runner.hpp"
#include "tests/support/ws_client.hpp"

using namespace spill;
using spill::test::GatewayRunner;
using spill::test::TcpClient;
using spill::test::WsClient;

namespace {

std::string get(GatewayRunner& runner, const std::string& target,
                const std::string& more = "Host: localhost\r\n") {
    TcpClient client(runner.gateway.port());
    client.send("GET " + target + " HTTP/1.1\r\n" + more + "\r\n");
    return client.read_all();
}

std::string body(GatewayRunner& runner, const std::string& target) {
    std::string const reply = get(runner, target);
    return reply.substr(reply.find("\r\n\r\n") + 4);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void say(GatewayRunner& runner, std::uint64_t first, std::uint64_t last, SignalType type,
         const std::string& key) {
    runner.on_pub([&] {
        for (std::uint64_t i = first; i <= last; ++i) {
            runner.publish(i, type, key, i * 3, "armed", "idle");
        }
        runner.gateway.flush();
    });
}

// Answers for "MU" only, as the app does from its own thread.
GatewayHooks explaining() {
    GatewayHooks hooks;
    hooks.explain = [](const std::string& name, const ExplainReply& reply) {
        if (name == "MU") return reply(ExplainOutcome::Answered, R"({"key":"MU","rules":[]})");
        if (name == "late") return reply(ExplainOutcome::Busy, {});
        reply(ExplainOutcome::Unknown, {});
    };
    return hooks;
}

}  // namespace

TEST_CASE("what was said can be paged through without a socket") {
    GatewayConfig config = test::small_gateway();
    config.history_signals = 100;
    GatewayRunner runner(config);
    CHECK(has(body(runner, "/v1/signals"), "\"oldest\":1,\"offset\":0,\"complete\":true"));
    say(runner, 1, 120, SignalType::Breakout, "MU|PD|up");
    std::string const first = body(runner, "/v1/signals?after=30&limit=2");
    CHECK(has(first,
              "\"epoch\":\"e1\",\"oldest\":21,\"offset\":120,\"complete\":true,"
              "\"more\":true,\"next\":32,\"signals\":[{\"epoch\":\"e1\",\"ts_sent\":"));
    CHECK(has(first, "\"offset\":31,"));
    CHECK(has(first, "\"offset\":32,"));
    CHECK_FALSE(has(first, "\"offset\":33,"));
    CHECK(has(body(runner, "/v1/signals?after=118&limit=2"), "\"more\":false,\"next\":120"));
    CHECK(has(body(runner, "/v1/signals?after=1"), "\"complete\":false"));
    CHECK(body(runner, "/v1/signals?after=30&type=volume").ends_with("\"signals\":[]}\n"));
    CHECK(body(runner, "/v1/signals?after=30&key=NVDA").ends_with("\"signals\":[]}\n"));
    CHECK(has(body(runner, "/v1/signals?after=119&key=MU"), "\"offset\":120,"));
}

TEST_CASE("the current state is there without a socket") {
    GatewayRunner runner;
    say(runner, 1, 3, SignalType::Breakout, "MU|PD|up");
    std::string const state = body(runner, "/v1/state");
    CHECK(has(state, "\"states\":[{\"offset\":3,"));
    CHECK_FALSE(has(state, "\"offset\":2,"));
    CHECK(body(runner, "/v1/state?type=volume").ends_with("\"states\":[]}\n"));
}

TEST_CASE("an explanation comes by HTTP and by websocket, or why there is none") {
    GatewayRunner runner(test::small_gateway(), explaining());
    CHECK(body(runner, "/v1/explain?key=MU") == "{\"key\":\"MU\",\"rules\":[]}\n");
    CHECK(has(get(runner, "/v1/explain?key=XX"), "HTTP/1.1 404"));
    CHECK(has(get(runner, "/v1/explain?key=late"), "HTTP/1.1 503"));
    CHECK(has(get(runner, "/v1/explain"), "HTTP/1.1 400"));
    WsClient client(runner.gateway.port());
    client.receive();
    client.text(R"({"op":"explain","id":5,"key":"MU"})");
    CHECK(client.receive().payload == R"({"type":"explain","id":5,"key":"MU","rules":[]})");
    client.text(R"({"op":"explain","id":6,"key":"XX"})");
    CHECK(has(client.receive().payload, R"("id":6,"code":"unknown_key")"));
    client.text(R"({"op":"explain","key":"late"})");
    CHECK(has(client.receive().payload, R"("code":"busy")"));
    client.text(R"({"op":"explain"})");
    CHECK(has(client.receive().payload, R"("code":"missing_field")"));
}

TEST_CASE("the JSON paths are guarded like every other") {
    GatewayRunner runner;
    for (const char* const path : {"/v1/signals", "/v1/state", "/v1/instruments"}) {
        CHECK(has(get(runner, path), "HTTP/1.1 200"));
        CHECK(has(get(runner, path, "Host: evil.example\r\n"), "HTTP/1.1 403"));
        CHECK(has(get(runner, path, "Host: localhost\r\nOrigin: null\r\n"), "HTTP/1.1 403"));
        CHECK(has(get(runner, std::string(path) + "?x=1"), "HTTP/1.1 400"));
    }
}
