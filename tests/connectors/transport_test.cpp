#include "connectors/transport.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/support/fake_venue.hpp"

namespace spill {
namespace {

using namespace std::chrono_literals;

// Writes down what a connection tells.
struct Listener final : WsHandler {
    int phases = 0, opens = 0, batches = 0;
    std::vector<std::string> messages, pings;
    std::optional<WsClosed> closed;

    void on_phase() override { ++phases; }
    void on_open() override { ++opens; }
    void on_message(std::string_view message, bool) noexcept override {
        messages.emplace_back(message);
    }
    void on_ping(std::string_view payload) noexcept override { pings.emplace_back(payload); }
    void on_batch_end() noexcept override { ++batches; }
    void on_closed(const WsClosed& why) override { closed = why; }
};

// Runs the loop until `done`, and for three seconds at most.
template <class Done>
bool run_until(boost::asio::io_context& io, Done done) {
    auto const limit = std::chrono::steady_clock::now() + 3s;
    while (!done() && std::chrono::steady_clock::now() < limit) {
        io.restart();
        io.run_one_for(20ms);
    }
    return done();
}

struct Line {
    boost::asio::io_context io;
    Listener listener;
    std::unique_ptr<WsConnection> connection;

    void dial(const std::string& host, const std::string& port, bool tls = false) {
        connection = spill::dial(io,
                                 {.host = host,
                                  .port = port,
                                  .path = "/stream",
                                  .max_message_bytes = 4096,
                                  .tls = tls ? make_tls_context() : nullptr},
                                 listener);
    }
    bool open() {
        return run_until(io, [&] { return listener.opens > 0 || listener.closed.has_value(); }) &&
               listener.opens == 1;
    }
    bool ended() {
        return run_until(io, [&] { return listener.closed.has_value(); });
    }
};

// Trusts `authority` as long as it lives.
struct Trust {
    explicit Trust(const fake::Authority& authority) {
        ::setenv("SSL_CERT_FILE", authority.file().c_str(), 1);
    }
    ~Trust() { ::unsetenv("SSL_CERT_FILE"); }
};

// Why a TLS dial to a venue with this certificate ended, empty when it opened.
std::string refusal(const fake::Certificate& certificate, const std::string& host) {
    Line line;
    fake::Venue venue(line.io, {}, certificate);
    line.dial(host, venue.port(), true);
    if (line.open()) return {};
    REQUIRE(line.listener.closed.has_value());
    CHECK(line.listener.closed->reason == LinkClose::Tls);
    return line.listener.closed->detail;
}

}  // namespace

TEST_CASE("a plain connection to loopback carries text both ways and says who it is") {
    Line line;
    fake::Script script;
    script.on_text = [](fake::Peer& peer, std::string_view text) {
        peer.send("echo " + std::string(text));
    };
    fake::Venue venue(line.io, script);
    line.dial("127.0.0.1", venue.port());
    REQUIRE(line.open());
    CHECK(line.listener.phases == 1);
    line.connection->send("one");
    line.connection->send("two");
    REQUIRE(run_until(
        line.io, [&] { return line.listener.messages.size() == 2 && line.listener.batches > 0; }));
    CHECK(line.listener.messages == std::vector<std::string>{"echo one", "echo two"});
    CHECK(line.listener.batches <= 2);
    CHECK(venue.user_agent().starts_with("spilloverd/"));
    CHECK(venue.host() == "127.0.0.1:" + venue.port());
}

TEST_CASE("plain text to any address but loopback is refused before a byte is sent") {
    Line line;
    line.dial("192.0.2.1", "80");  // TEST-NET-1, nobody's
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::NotLocal);
}

TEST_CASE("messages that are at hand share a batch, and every batch ends") {
    Line line;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) {
        for (int i = 0; i < 500; ++i) peer.send("m" + std::to_string(i));
    };
    fake::Venue venue(line.io, script);
    line.dial("127.0.0.1", venue.port());
    REQUIRE(run_until(line.io, [&] { return line.listener.messages.size() == 500; }));
    CHECK(line.listener.messages.back() == "m499");
    int const before = line.listener.batches;
    run_until(line.io, [&] { return line.listener.batches > before; });
    CHECK(line.listener.batches >= 1);
    CHECK(line.listener.batches <= 500);
}

TEST_CASE("a websocket ping is passed on with its payload, in order with the messages") {
    Line line;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) {
        peer.send("before");
        peer.ping("clk:42");
    };
    fake::Venue venue(line.io, script);
    line.dial("127.0.0.1", venue.port());
    REQUIRE(run_until(line.io, [&] { return !line.listener.pings.empty(); }));
    CHECK(line.listener.pings == std::vector<std::string>{"clk:42"});
    CHECK(line.listener.messages == std::vector<std::string>{"before"});
}

TEST_CASE("an HTTP refusal gives its status and the time that the venue asks for") {
    Line line;
    fake::Script script;
    script.http_status = 429;
    script.retry_after = "37";
    fake::Venue venue(line.io, script);
    line.dial("127.0.0.1", venue.port());
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Upgrade);
    CHECK(line.listener.closed->http_status == 429);
    CHECK(line.listener.closed->retry_after == 37s);
    CHECK(line.listener.opens == 0);
}

TEST_CASE("a Retry-After that is a past date means now, and nonsense means nothing") {
    for (bool const date : {true, false}) {
        Line line;
        fake::Script script;
        script.http_status = 503;
        script.retry_after = date ? "Wed, 21 Oct 2015 07:28:00 GMT" : "soon";
        fake::Venue venue(line.io, script);
        line.dial("127.0.0.1", venue.port());
        REQUIRE(line.ended());
        CHECK(line.listener.closed->retry_after.has_value() == date);
        if (date) CHECK(line.listener.closed->retry_after == 0s);
    }
}

TEST_CASE("nobody listening is refused, an unknown name is not resolved") {
    std::string port;
    {
        boost::asio::io_context io;
        port = fake::Venue(io, {}).port();
    }
    Line line;
    line.dial("127.0.0.1", port);
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Refused);
}

TEST_CASE("a close frame without the end of the stream is told at once") {
    Line line;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) { peer.close_frame(); };
    fake::Venue venue(line.io, script);
    auto const start = std::chrono::steady_clock::now();
    line.dial("127.0.0.1", venue.port());
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Peer);
    CHECK(line.listener.closed->detail == "close 1001");
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("an orderly end and a reset both end the connection") {
    for (bool const orderly : {true, false}) {
        Line line;
        fake::Script script;
        script.on_text = [=](fake::Peer& peer, std::string_view) {
            orderly ? peer.close() : peer.reset();
        };
        fake::Venue venue(line.io, script);
        line.dial("127.0.0.1", venue.port());
        REQUIRE(line.open());
        line.connection->send("go");
        REQUIRE(line.ended());
        CHECK((line.listener.closed->reason == LinkClose::Peer ||
               line.listener.closed->reason == LinkClose::Lost));
    }
}

TEST_CASE("a message beyond the bound ends the connection as a breach of protocol") {
    Line line;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) { peer.send(std::string(5000, 'x')); };
    fake::Venue venue(line.io, script);
    line.dial("127.0.0.1", venue.port());
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Protocol);
    CHECK(line.listener.messages.empty());
}

TEST_CASE("after close nothing is told any more, and the loop runs dry") {
    Line line;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) { peer.send("x"); };
    {
        fake::Venue venue(line.io, script);
        line.dial("127.0.0.1", venue.port());
        REQUIRE(line.open());
        line.connection->close();
        line.connection.reset();
    }
    line.io.restart();
    line.io.run_for(3s);
    CHECK(line.io.stopped());
    CHECK_FALSE(line.listener.closed.has_value());
}

TEST_CASE("a handler may destroy its connection inside any call") {
    struct Fickle final : WsHandler {
        std::unique_ptr<WsConnection> connection;
        int calls = 0;
        void drop() { ++calls, connection.reset(); }
        void on_phase() override {}
        void on_open() override {}
        void on_message(std::string_view, bool) noexcept override { drop(); }
        void on_ping(std::string_view) noexcept override {}
        void on_batch_end() noexcept override { drop(); }
        void on_closed(const WsClosed&) override { drop(); }
    } fickle;
    boost::asio::io_context io;
    fake::Script script;
    script.on_open = [](fake::Peer& peer) { peer.send("x"), peer.send("y"); };
    fake::Venue venue(io, script);
    fickle.connection =
        dial(io, {.host = "127.0.0.1", .port = venue.port(), .path = "/", .tls = nullptr}, fickle);
    CHECK(run_until(io, [&] { return fickle.calls > 0; }));
    io.restart();
    io.run_for(50ms);
    CHECK(fickle.calls == 1);
}

TEST_CASE("TLS: the right name under a trusted authority is accepted, with its name in SNI") {
    fake::Authority const authority;
    Trust const trust(authority);
    Line line;
    fake::Script script;
    script.require_sni = true;
    script.on_open = [](fake::Peer& peer) { peer.send("secret"); };
    fake::Venue venue(line.io, script, authority.issue({.dns = {"localhost"}, .ip = {}}));
    line.dial("localhost", venue.port(), true);
    REQUIRE(line.open());
    CHECK(line.listener.phases == 2);
    CHECK(venue.server_name() == "localhost");
    CHECK(run_until(line.io, [&] { return !line.listener.messages.empty(); }));
}

TEST_CASE("TLS: an address that the certificate names is accepted, without SNI") {
    fake::Authority const authority;
    Trust const trust(authority);
    Line line;
    fake::Venue venue(line.io, {}, authority.issue({.dns = {}, .ip = {"127.0.0.1"}}));
    line.dial("127.0.0.1", venue.port(), true);
    CHECK(line.open());
    CHECK(venue.server_name().empty());
}

TEST_CASE("TLS: every certificate that is not good is refused") {
    fake::Authority const authority;
    fake::Authority const stranger;
    fake::CertificateSpec const good{.dns = {"localhost"}, .ip = {}};
    Trust const trust(authority);
    auto expired = good;
    expired.from = -48h;
    expired.to = -24h;
    CHECK(refusal(authority.issue(expired), "localhost") == "certificate: certificate has expired");
    auto early = good;
    early.from = 24h;
    early.to = 48h;
    CHECK(refusal(authority.issue(early), "localhost") ==
          "certificate: certificate is not yet valid");
    CHECK_FALSE(refusal(authority.issue({.dns = {"example.org"}, .ip = {}}), "localhost").empty());
    CHECK_FALSE(refusal(authority.issue(good), "127.0.0.1").empty());
    CHECK_FALSE(refusal(stranger.issue(good), "localhost").empty());
    CHECK_FALSE(refusal(fake::Authority::self_signed(good), "localhost").empty());
    CHECK(refusal(authority.issue(good), "localhost").empty());
}

TEST_CASE("TLS: a server that demands a name refuses a dial by address") {
    fake::Authority const authority;
    Trust const trust(authority);
    Line line;
    fake::Script script;
    script.require_sni = true;
    fake::Venue venue(line.io, script, authority.issue({.dns = {}, .ip = {"127.0.0.1"}}));
    line.dial("127.0.0.1", venue.port(), true);
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Tls);
}

TEST_CASE("TLS: a plain server is not mistaken for a venue") {
    fake::Authority const authority;
    Trust const trust(authority);
    Line line;
    fake::Venue venue(line.io, {});
    line.dial("127.0.0.1", venue.port(), true);
    REQUIRE(line.ended());
    CHECK(line.listener.closed->reason == LinkClose::Tls);
}

}  // namespace spill
