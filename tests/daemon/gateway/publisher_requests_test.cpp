#include <string>

#include <doctest/doctest.h>

#include "tests/support/gateway_runner.hpp"
#include "tests/support/ws_client.hpp"

using namespace spill;
using spill::test::GatewayRunner;
using spill::test::WsClient;

namespace {

std::string next(WsClient& client) {
    for (;;) {
        WsClient::Message message = client.receive();
        if (message.opcode == 8) return std::to_string(message.code()) + " " + message.reason();
        if (!message.payload.starts_with("{\"type\":\"heartbeat\"")) return message.payload;
    }
}

std::string ask(WsClient& client, const std::string& request) {
    client.text(request);
    return next(client);
}

void say(GatewayRunner& runner, std::uint64_t offset, const std::string& key,
         const std::string& state, const std::string& prev, std::size_t filler = 0) {
    runner.on_pub([&] {
        runner.publish(offset, SignalType::Breakout, key, filler, state, prev);
        runner.gateway.flush();
    });
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// "\"offset\":N" as it stands in the body of a signal.
bool is_signal(const std::string& text, std::uint64_t offset) {
    return has(text, "\"ts_sent\"") && has(text, ",\"offset\":" + std::to_string(offset) + ",");
}

}  // namespace

TEST_CASE("the current state comes first, then everything later, each once") {
    GatewayRunner runner;
    say(runner, 1, "MU|PD|up", "armed", "idle");
    say(runner, 2, "MU|PD|up", "triggered", "armed");
    say(runner, 3, "NVDA|PD|up", "confirmed", "triggered");
    say(runner, 4, "NVDA|PD|up", "failed", "confirmed");
    WsClient client(runner.gateway.port());
    std::string const hello = next(client);
    CHECK(has(hello, "\"offset\":4,\"oldest\":1,"));
    CHECK(ask(client, R"({"op":"subscribe","id":3})").ends_with("\"offset\":4}"));
    std::string const snapshot = next(client);
    CHECK(snapshot.starts_with(R"({"type":"snapshot","id":3,"epoch":"e1","offset":4,"part":1,)"
                               R"("last":true,"complete":true,"states":[{"offset":2,)"));
    CHECK_FALSE(has(snapshot, "NVDA"));  // at rest again
    say(runner, 5, "NVDA|PD|up", "armed", "idle");
    CHECK(is_signal(next(client), 5));
}

TEST_CASE("a long snapshot comes in parts and a threshold holds for it too") {
    GatewayRunner runner;
    for (std::uint64_t i = 1; i <= 60; ++i) {
        say(runner, i, "K" + std::to_string(i), i % 2 == 0 ? "armed" : "confirmed", "idle", 6000);
    }
    WsClient client(runner.gateway.port());
    next(client);
    ask(client, R"({"op":"subscribe","min_state":"confirmed"})");
    std::string const first = next(client);
    CHECK(has(first, "\"part\":1,\"last\":false"));
    std::string const second = next(client);
    CHECK(has(second, "\"part\":2,\"last\":true"));
    for (std::uint64_t i = 1; i <= 60; ++i) {
        std::string const key = "\"key\":\"K" + std::to_string(i) + "\"";
        CHECK((has(first, key) || has(second, key)) == (i % 2 == 1));
    }
}

TEST_CASE("a second subscription gets a snapshot of its own types only, or none on request") {
    GatewayRunner runner;
    say(runner, 1, "MU|PD|up", "armed", "idle");
    WsClient client(runner.gateway.port());
    next(client);
    ask(client, R"({"op":"subscribe","types":["volume"]})");
    CHECK(next(client).ends_with("\"states\":[]}"));
    ask(client, R"({"op":"subscribe","types":["breakout"],"snapshot":false})");
    say(runner, 2, "MU|PD|up", "triggered", "armed");
    CHECK(is_signal(next(client), 2));
}

TEST_CASE("a resume gets exactly what it missed, then the stream goes on") {
    GatewayRunner runner;
    for (std::uint64_t i = 1; i <= 400; ++i) say(runner, i, "MU|PD|up", "armed", "idle");
    WsClient client(runner.gateway.port());
    next(client);
    std::string const ack = ask(client, R"({"op":"resume","id":1,"epoch":"e1","offset":7})");
    CHECK(has(ack, "\"op\":\"resume\""));
    CHECK(ack.ends_with("\"from\":7,\"recovered\":true,\"offset\":400}"));
    say(runner, 401, "MU|PD|up", "idle", "armed");
    for (std::uint64_t i = 8; i <= 401; ++i) REQUIRE(is_signal(next(client), i));
    CHECK(has(ask(client, R"({"op":"resume","epoch":"e1","offset":7})"), "already_subscribed"));
    CHECK(runner.gateway.stats().resumed == 1);
}

TEST_CASE("a resume that cannot be exact says why and starts over with a snapshot") {
    GatewayConfig config = test::small_gateway();
    config.history_signals = 10;
    GatewayRunner runner(config);
    for (std::uint64_t i = 1; i <= 30; ++i) say(runner, i, "MU|PD|up", "armed", "idle");
    for (auto const& [request, reason] :
         {std::pair{R"({"op":"resume","epoch":"e1","offset":19})", "too_old"},
          std::pair{R"({"op":"resume","epoch":"e0","offset":99})", "new_epoch"}}) {
        WsClient client(runner.gateway.port());
        CHECK(has(next(client), "\"oldest\":21,"));
        CHECK(has(ask(client, request),
                  "\"recovered\":false,\"reason\":\"" + std::string(reason) + "\",\"offset\":30}"));
        CHECK(has(next(client), "\"offset\":30,\"part\":1,\"last\":true"));
    }
    WsClient client(runner.gateway.port());
    next(client);
    CHECK(has(ask(client, R"({"op":"resume","epoch":"e1","offset":20})"), "\"recovered\":true"));
    CHECK(is_signal(next(client), 21));
}

TEST_CASE("a resume from the future is closed with 4400 and the last offset") {
    GatewayRunner runner;
    say(runner, 1, "MU|PD|up", "armed", "idle");
    WsClient client(runner.gateway.port());
    next(client);
    CHECK(ask(client, R"({"op":"resume","epoch":"e1","offset":2})") ==
          "4400 future offset, last=1");
}
