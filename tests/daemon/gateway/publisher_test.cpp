#include "daemon/gateway/publisher.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"
#include "tests/support/gateway_runner.hpp"
#include "tests/support/ws_client.hpp"

using namespace spill;
using spill::test::GatewayRunner;
using spill::test::WsClient;
using namespace std::string_literals;

namespace {

// The next message that is neither a heartbeat, which may come at any time, nor an empty
// snapshot.
WsClient::Message next(WsClient& client) {
    for (;;) {
        WsClient::Message message = client.receive();
        bool const empty = message.payload.starts_with("{\"type\":\"snapshot\"") &&
                           message.payload.ends_with("\"states\":[]}");
        if (!empty && !message.payload.starts_with("{\"type\":\"heartbeat\"")) return message;
    }
}

// Connects, takes the hello, subscribes and takes the answer.
WsClient subscribed(GatewayRunner& runner, const std::string& request, int receive_buffer = 0) {
    WsClient client(runner.gateway.port(), receive_buffer);
    REQUIRE(next(client).payload.starts_with("{\"type\":\"hello\""));
    client.text(request);
    REQUIRE(next(client).payload.starts_with("{\"type\":\"ack\""));
    return client;
}

void publish(GatewayRunner& runner, std::uint64_t first, std::uint64_t last,
             SignalType type = SignalType::Breakout, const std::string& key = "MU|PD|up",
             std::size_t filler = 0) {
    runner.on_pub([&] {
        for (std::uint64_t i = first; i <= last; ++i) runner.publish(i, type, key, filler);
        runner.gateway.flush();
    });
}

// The offset of a signal, 0 for anything else.
std::uint64_t offset_of(const WsClient::Message& message) {
    std::size_t const at = message.payload.find("\"offset\":");
    bool const signal = message.opcode == 1 && message.payload.starts_with("{\"epoch\":\"e1\"");
    return signal ? std::stoull(message.payload.substr(at + 9)) : 0;
}

std::uint64_t closes(GatewayRunner& runner, CloseReason reason) {
    return runner.gateway.stats().closes[static_cast<std::size_t>(reason)].load();
}

const std::string kAll = R"({"op":"subscribe","id":1})";

}  // namespace

TEST_CASE("nothing is streamed before the first subscribe, and nothing older after it") {
    GatewayRunner runner;
    WsClient client(runner.gateway.port());
    std::string const hello = next(client).payload;
    CHECK(hello.find("\"protocol\":\"spillover.v1\",\"version\":\"1.2.3\",\"epoch\":\"e1\"") !=
          std::string::npos);
    publish(runner, 1, 3);
    client.text(kAll);
    CHECK(next(client).payload.ends_with("\"offset\":3}"));
    publish(runner, 4, 4);
    WsClient::Message const first = next(client);
    CHECK(offset_of(first) == 4);
    CHECK(first.payload.find("\"ts_sent\":1") != std::string::npos);
    CHECK(first.payload.ends_with(R"(,"offset":4,"type":"breakout","key":"MU|PD|up","pad":""})"));
}

TEST_CASE("a subscriber gets the types and keys it asked for, until it takes them back") {
    GatewayRunner runner;
    WsClient client =
        subscribed(runner, R"({"op":"subscribe","types":["breakout"],"keys":["MU"]})");
    publish(runner, 1, 1, SignalType::Volume, "MU");
    publish(runner, 2, 2, SignalType::Breakout, "NVDA|PD|up");
    publish(runner, 3, 3, SignalType::Breakout, "MU|PD|up");
    CHECK(offset_of(next(client)) == 3);
    client.text(R"({"op":"subscribe","types":["volume"]})");
    CHECK(next(client).payload.find("\"types\":[\"volume\"]") != std::string::npos);
    publish(runner, 4, 4, SignalType::Volume, "TAO");
    CHECK(offset_of(next(client)) == 4);
    client.text(R"({"op":"unsubscribe","types":["breakout"]})");
    CHECK(next(client).payload.find("\"op\":\"unsubscribe\"") != std::string::npos);
    publish(runner, 5, 5, SignalType::Breakout, "MU|PD|up");
    publish(runner, 6, 6, SignalType::Volume, "TAO");
    CHECK(offset_of(next(client)) == 6);
}

TEST_CASE("a request that is not understood is rejected and the stream goes on") {
    GatewayRunner runner;
    WsClient client = subscribed(runner, kAll);
    client.text(R"({"op":"subscribe","id":9,"types":["brekout"]})");
    CHECK(next(client).payload ==
          R"({"type":"reject","id":9,"code":"unknown_type",)"
          R"("message":"type is not known: brekout","nearest":"breakout"})");
    client.text(R"({"op":"unsubscribe","types":["volume"],"keys":["TAO"]})");
    CHECK(next(client).payload.find("\"code\":\"not_subscribed\"") != std::string::npos);
    publish(runner, 1, 1);
    CHECK(offset_of(next(client)) == 1);
    CHECK(runner.gateway.stats().rejects_out == 2);
}

TEST_CASE("a request in the same packet as the upgrade is answered") {
    GatewayRunner runner;
    WsClient client(runner.gateway.port(), 0, WsClient::frame(1, kAll));
    CHECK(next(client).payload.starts_with("{\"type\":\"hello\""));
    CHECK(next(client).payload.starts_with("{\"type\":\"ack\""));
}

TEST_CASE("many subscribers get everything in order") {
    GatewayRunner runner;
    std::vector<WsClient> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(subscribed(runner, kAll));
    for (std::uint64_t i = 0; i < 40; ++i) {
        publish(runner, i * 50 + 1, i * 50 + 50);
        for (WsClient& client : clients) {
            for (std::uint64_t k = 1; k <= 50; ++k) {
                REQUIRE(offset_of(next(client)) == i * 50 + k);
            }
        }
    }
    // Everything that gathers goes in one write.
    CHECK(runner.gateway.stats().frames_sent == 20 * 2000);
    CHECK(runner.gateway.stats().sends < 20 * 2000 / 10);
}

TEST_CASE("a subscriber that never reads is closed with its last offset, beside others unharmed") {
    GatewayConfig config = test::small_gateway();
    config.send_buffer_bytes = 16 * 1024;
    config.outbox_messages = 64;
    GatewayRunner runner(config);
    WsClient good = subscribed(runner, kAll);
    WsClient slow = subscribed(runner, kAll, 4096);
    std::uint64_t sent = 0;
    for (; closes(runner, CloseReason::Slow) == 0 && sent < 20'000; ++sent) {
        publish(runner, sent + 1, sent + 1, SignalType::Breakout, "MU", 1000);
        REQUIRE(offset_of(next(good)) == sent + 1);
    }
    REQUIRE(closes(runner, CloseReason::Slow) == 1);
    std::uint64_t last = 0;
    WsClient::Message message = next(slow);
    for (; message.opcode == 1; message = next(slow)) {
        REQUIRE(offset_of(message) == last + 1);
        ++last;
    }
    CHECK(message.code() == 4408);
    CHECK(message.reason() == "slow offset=" + std::to_string(last));
    CHECK(last < sent);
    CHECK(next(slow).opcode == 0);
    publish(runner, sent + 1, sent + 1);
    CHECK(offset_of(next(good)) == sent + 1);
}

TEST_CASE("a subscriber that breaks the protocol is told with which code") {
    GatewayRunner runner;
    struct Case {
        std::string bytes;
        unsigned code;
        CloseReason reason;
    };
    std::string flood;
    for (int i = 0; i < 25; ++i) flood += WsClient::frame(1, "{}");
    for (const Case& row : {
             Case{"\x81\x02hi", 1002, CloseReason::Protocol},
             Case{"\xC1\x80\x01\x02\x03\x04", 1002, CloseReason::Protocol},
             Case{WsClient::frame(3, ""), 1002, CloseReason::Protocol},
             Case{WsClient::frame(0, "x"), 1002, CloseReason::Protocol},
             Case{WsClient::frame(8, "x"), 1002, CloseReason::Protocol},
             Case{WsClient::frame(8, "\x03\xED"), 1002, CloseReason::Protocol},
             Case{WsClient::frame(2, "x"), 1003, CloseReason::Unsupported},
             Case{WsClient::frame(1, "\xff"), 1007, CloseReason::BadText},
             Case{flood, 1008, CloseReason::Policy},
             Case{"\x81\xff\0\0\0\0\0\x01\0\x01\x01\x02\x03\x04"s, 1009, CloseReason::TooBig},
             Case{WsClient::frame(8, ""), 0, CloseReason::Normal},
             Case{WsClient::frame(8, "\x03\xE8"), 1000, CloseReason::Normal},
             Case{WsClient::frame(8,
                                  "\x03\xE9"
                                  "bye"),
                  1001, CloseReason::GoingAway},
         }) {
        CAPTURE(row.code);
        std::uint64_t const before = closes(runner, row.reason);
        WsClient client(runner.gateway.port());
        REQUIRE(next(client).opcode == 1);
        client.tcp.send(row.bytes);
        WsClient::Message message = next(client);
        while (message.opcode == 1) message = next(client);
        CHECK(message.opcode == 8);
        CHECK(message.code() == row.code);
        CHECK(next(client).opcode == 0);
        CHECK(closes(runner, row.reason) == before + 1);
    }
}

TEST_CASE("a ping is answered with its payload and a pong is not answered") {
    GatewayRunner runner;
    WsClient client = subscribed(runner, kAll);
    client.tcp.send(WsClient::frame(10, "unasked") + WsClient::frame(9, "payload"));
    WsClient::Message const pong = next(client);
    CHECK(pong.opcode == 10);
    CHECK(pong.payload == "payload");
}

TEST_CASE("a subscribed bot hears the last offset when there is nothing else to say") {
    GatewayConfig config = test::small_gateway();
    config.heartbeat = std::chrono::milliseconds(1);
    GatewayRunner runner(config);
    WsClient client = subscribed(runner, kAll);
    publish(runner, 1, 5);
    for (std::uint64_t i = 1; i <= 5; ++i) CHECK(offset_of(next(client)) == i);
    CHECK(client.receive().payload.starts_with("{\"type\":\"heartbeat\",\"offset\":5,\"ts\":1"));
}

TEST_CASE("publishing and sending allocate nothing") {
    if (!test::AllocCounter::active()) return;
    GatewayRunner runner;
    std::vector<WsClient> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(subscribed(runner, kAll));
    std::string const body = R"({"v":1,"offset":1,"type":"breakout","key":"MU|PD|up"})";
    SignalFacts facts{.offset = 1, .type = SignalType::Breakout, .key = "MU|PD|up"};
    facts.state = "armed";
    std::uint64_t allocations = 1;
    runner.on_pub([&] {
        runner.gateway.publish(body, facts);
        runner.gateway.flush();
        test::AllocCounter const counter;
        for (std::uint64_t i = 2; i < 300; ++i) {
            facts.offset = i;
            runner.gateway.publish(body, facts);
            if (i % 10 == 0) runner.gateway.flush();
        }
        runner.gateway.flush();
        allocations = counter.count();
    });
    CHECK(allocations == 0);
    for (WsClient& client : clients) CHECK(next(client).opcode == 1);
}

TEST_CASE("stopping sends what has gathered, then 1001 with the final offset") {
    GatewayRunner runner;
    WsClient client = subscribed(runner, kAll);
    WsClient idle(runner.gateway.port());
    REQUIRE(next(idle).opcode == 1);
    runner.on_pub([&] { runner.publish(1, SignalType::Breakout, "MU"); });
    runner.gateway.stop();
    CHECK(offset_of(next(client)) == 1);
    for (WsClient* const each : {&client, &idle}) {
        WsClient::Message const last = next(*each);
        CHECK(last.code() == 1001);
        CHECK(last.reason() == "stopping offset=1");
        CHECK(next(*each).opcode == 0);
    }
    client.tcp.close();
    idle.tcp.close();
    runner.finish();
    CHECK(runner.gateway.stats().subscribers == 0);
    CHECK(closes(runner, CloseReason::GoingAway) == 2);
}
