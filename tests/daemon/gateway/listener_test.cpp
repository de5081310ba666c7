#include "daemon/gateway/listener.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/gateway_runner.hpp"
#include "tests/support/ws_client.hpp"

using namespace spill;
using spill::test::GatewayRunner;
using spill::test::TcpClient;

namespace {

std::string ask(GatewayRunner& runner, const std::string& bytes) {
    TcpClient client(runner.gateway.port());
    client.send(bytes);
    return client.read_all();
}

// `%` in the headers stands for our port.
std::string get(GatewayRunner& runner, const std::string& target, std::string headers) {
    std::string const port = std::to_string(runner.gateway.port());
    for (std::size_t at = headers.find('%'); at != std::string::npos; at = headers.find('%')) {
        headers.replace(at, 1, port);
    }
    return ask(runner, "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n");
}

std::string status_of(const std::string& reply) {
    return reply.size() < 12 ? reply : reply.substr(9, 3);
}

std::string body_of(const std::string& reply) { return reply.substr(reply.find("\r\n\r\n") + 4); }

GatewayHooks hooks(Readiness readiness) {
    return GatewayHooks{.metrics_text = [] { return std::string("up 1\n"); },
                        .ready = [readiness] { return readiness; }};
}

}  // namespace

TEST_CASE("the three questions are answered and nothing else") {
    GatewayRunner runner(test::small_gateway(), hooks({.ready = true, .reasons = {}}));
    std::string const host = "Host: 127.0.0.1:%\r\n";
    CHECK(body_of(get(runner, "/metrics", host)) == "up 1\n");
    CHECK(body_of(get(runner, "/healthz", host)) == "ok\n");
    CHECK(body_of(get(runner, "/readyz", host)) == "{\"ready\":true,\"reasons\":[]}\n");
    CHECK(status_of(get(runner, "/version", host)) == "404");
    CHECK(runner.gateway.stats().http_requests == 3);
}

TEST_CASE("a daemon that is not ready says why") {
    GatewayRunner runner(test::small_gateway(),
                         hooks({.ready = false, .reasons = {"kraken: dialing", "\"late\""}}));
    std::string const reply = get(runner, "/readyz", "Host: localhost:%\r\n");
    CHECK(status_of(reply) == "503");
    CHECK(body_of(reply) ==
          "{\"ready\":false,\"reasons\":[\"kraken: dialing\",\"\\\"late\\\"\"]}\n");
}

TEST_CASE("over a real socket only our own host and origin get in") {
    GatewayRunner runner(test::small_gateway(), hooks({}));
    struct Case {
        const char* headers;
        const char* status;
    };
    for (const Case& row : {
             Case{"Host: 127.0.0.1:%\r\n", "200"},
             Case{"Host: localhost:%\r\n", "200"},
             Case{"host:localhost:%\r\n", "200"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://127.0.0.1:%\r\n", "200"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://localhost:%\r\n", "200"},
             Case{"", "400"},
             Case{"Host: 127.0.0.1:%\r\nHost: 127.0.0.1:%\r\n", "400"},
             Case{"Host: 127.0.0.1:%\r\nHost: evil.example\r\n", "400"},
             Case{"Host: evil.example\r\n", "403"},
             Case{"Host: evil.example:%\r\n", "403"},
             Case{"Host: 127.0.0.1.evil:%\r\n", "403"},
             Case{"Host: localhost6:%\r\n", "403"},
             Case{"Host: localhost.:%\r\n", "403"},
             Case{"Host: [::ffff:127.0.0.1]:%\r\n", "403"},
             Case{"Host: [::1]:%\r\n", "403"},
             Case{"Host: 127.1:%\r\n", "403"},
             Case{"Host: 127.0.0.2:%\r\n", "403"},
             Case{"Host: 127.0.0.1:1\r\n", "403"},
             Case{"Host:\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: null\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin:\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://evil.example\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://127.0.0.1.evil:%\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://localhost6:%\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://localhost:1\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: https://127.0.0.1:%\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: http://127.0.0.1:%\r\nOrigin: null\r\n", "403"},
             Case{"Host: 127.0.0.1:%\r\nOrigin: \xff\xfe\r\n", "403"},
         }) {
        CAPTURE(row.headers);
        CHECK(status_of(get(runner, "/healthz", row.headers)) == row.status);
        std::string const upgrade =
            std::string(row.headers) +
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        if (std::string(row.status) == "200") continue;
        CHECK(status_of(get(runner, "/v1/stream", upgrade)) == row.status);
    }
    CHECK(runner.gateway.stats().upgrades == 0);
}

TEST_CASE("broken requests are answered once, with a reason, and counted by it") {
    GatewayRunner runner(test::small_gateway(), hooks({}));
    CHECK(status_of(ask(runner, "\x16\x03\x01 this is TLS")) == "400");
    CHECK(status_of(ask(runner, "GET / HTTP/1.1\r\nX: " + std::string(5000, 'x'))) == "431");
    CHECK(status_of(ask(runner, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")) == "405");
    CHECK(status_of(ask(runner, "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")) == "400");
    auto const count = [&](Refusal refusal) {
        return runner.gateway.stats().refused[static_cast<std::size_t>(refusal)].load();
    };
    CHECK(count(Refusal::Malformed) == 1);
    CHECK(count(Refusal::TooLarge) == 1);
    CHECK(count(Refusal::Method) == 1);
    CHECK(count(Refusal::Body) == 1);
}

TEST_CASE("a thousand half-sent requests do not keep a scrape out") {
    GatewayRunner runner(test::small_gateway(), hooks({}));
    std::vector<TcpClient> slow;
    for (int i = 0; i < 1000; ++i) {
        slow.emplace_back(runner.gateway.port());
        REQUIRE(slow.back().connected());
        slow.back().send("GET /metrics HTTP/1.1\r\nHost: ");
    }
    CHECK(body_of(get(runner, "/metrics", "Host: 127.0.0.1:%\r\n")) == "up 1\n");
    auto const& refused = runner.gateway.stats().refused;
    // Some may have met their deadline already on a busy machine.
    CHECK(refused[static_cast<std::size_t>(Refusal::Evicted)] +
              refused[static_cast<std::size_t>(Refusal::Deadline)] >=
          400);
}

TEST_CASE("the metrics are made once for a storm of scrapes") {
    int made = 0;
    GatewayRunner runner(test::small_gateway(), GatewayHooks{.metrics_text =
                                                                 [&] {
                                                                     ++made;
                                                                     return std::string("up 1\n");
                                                                 },
                                                             .ready = {}});
    constexpr int kScrapes = 200;
    for (int i = 0; i < kScrapes; ++i) get(runner, "/metrics", "Host: 127.0.0.1:%\r\n");
    runner.finish();
    CHECK(made >= 1);
    CHECK(made < kScrapes / 2);
}

TEST_CASE("a port in use is reported with the remedy, and only loopback is listened on") {
    GatewayRunner runner;
    boost::asio::io_context io;
    GatewayConfig config = test::small_gateway();
    config.port = runner.gateway.port();
    Gateway second(io, io, config, {});
    auto const taken = second.listen();
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code == Errc::Unavailable);
    CHECK(taken.error().message.find(std::to_string(config.port)) != std::string::npos);
    for (const char* const address : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
        CAPTURE(address);
        config.address = address;
        Gateway open(io, io, config, {});
        auto const result = open.listen();
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().code == Errc::InvalidArgument);
    }
}
