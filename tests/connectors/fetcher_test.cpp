#include "connectors/fetcher.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/ban_store.hpp"
#include "tests/support/fake_rest.hpp"

using namespace spill;
using namespace std::chrono_literals;

namespace {

struct Rig {
    boost::asio::io_context io;
    HistorySpec spec{.venue = "model", .host = "127.0.0.1", .requests_per_window = 100};
    HistoryStats stats;
    std::vector<Result<void>> ends;
    std::string body;

    FetcherConfig config(const fake::RestServer& server) {
        return {.spec = &spec,
                .host = "127.0.0.1",
                .port = server.port(),
                .prefix = {},
                .tls = nullptr,
                .phase = 300ms,
                .whole = 900ms,
                .backoff = 5ms};
    }
    void ask(Fetcher& fetcher, const std::string& target) {
        fetcher.get(
            target,
            [this](std::string_view text) -> Result<void> {
                body = text;
                if (text == "slow down") return fail(Errc::Unavailable, "slow down");
                if (text == "no such pair") return fail(Errc::InvalidArgument, "no such pair");
                return {};
            },
            [this](const Result<void>& end) { ends.push_back(end); });
    }
    bool run_until(std::size_t count, std::chrono::milliseconds limit = 5s) {
        auto const until = std::chrono::steady_clock::now() + limit;
        while (ends.size() < count && std::chrono::steady_clock::now() < until) {
            io.restart();
            io.run_one_for(10ms);
        }
        return ends.size() >= count;
    }
};

}  // namespace

TEST_CASE("a question is answered once, with the body whole, and says who asks") {
    Rig rig;
    std::string const big(300'000, 'x');
    fake::RestServer server(rig.io,
                            [&](const std::string&) { return fake::RestReply{.body = big}; });
    rig.spec.headers = [](const Credentials& key) {
        return std::vector<std::string>{"X-Key: " + key.key};
    };
    FetcherConfig config = rig.config(server);
    config.credentials.key = "k1";
    config.prefix = "/model";
    Fetcher fetcher(rig.io, config, rig.stats);
    rig.ask(fetcher, "/bars?a=1");
    CHECK(rig.ends.empty());
    REQUIRE(rig.run_until(1));
    CHECK(rig.ends[0].has_value());
    CHECK(rig.body == big);
    CHECK(server.targets() == std::vector<std::string>{"/model/bars?a=1"});
    CHECK(server.last_head().find("X-Key: k1") != std::string::npos);
    CHECK(server.last_head().find("User-Agent: spilloverd/") != std::string::npos);
    CHECK(rig.stats.requests.load() == 1);
}

TEST_CASE("a refusal is final and repeats the venue's words") {
    Rig rig;
    fake::RestServer server(rig.io, [](const std::string& target) {
        if (target == "/bad") return fake::RestReply{.status = 400, .body = "Invalid\nsymbol"};
        return fake::RestReply{.body = "no such pair"};
    });
    Fetcher fetcher(rig.io, rig.config(server), rig.stats);
    rig.ask(fetcher, "/bad");
    rig.ask(fetcher, "/in200");
    REQUIRE(rig.run_until(2));
    CHECK(rig.ends[0].error().code == Errc::InvalidArgument);
    CHECK(rig.ends[0].error().message == "HTTP 400 Invalid symbol");
    CHECK(rig.ends[1].error().message == "no such pair");
    CHECK(server.targets().size() == 2);
    CHECK(rig.stats.failures.load() == 2);
}

TEST_CASE("too fast waits as long as the venue says and asks again; others keep their turn") {
    Rig rig;
    int asked = 0;
    fake::RestServer server(rig.io, [&](const std::string&) {
        if (++asked == 1) return fake::RestReply{.status = 429, .headers = "Retry-After: 1\r\n"};
        return fake::RestReply{.body = "ok"};
    });
    Fetcher fetcher(rig.io, rig.config(server), rig.stats);
    auto const begin = std::chrono::steady_clock::now();
    rig.ask(fetcher, "/one");
    rig.ask(fetcher, "/two");
    REQUIRE(rig.run_until(2));
    CHECK(std::chrono::steady_clock::now() - begin >= 1s);
    CHECK(server.targets() == std::vector<std::string>{"/one", "/one", "/two"});
    CHECK(rig.stats.retries.load() == 1);
}

TEST_CASE("a wait that is too long is not waited for") {
    Rig rig;
    fake::RestServer server(rig.io, [&](const std::string&) {
        return fake::RestReply{.status = 429, .headers = "Retry-After: 3600\r\n"};
    });
    Fetcher fetcher(rig.io, rig.config(server), rig.stats);
    rig.ask(fetcher, "/one");
    REQUIRE(rig.run_until(1));
    CHECK(rig.ends[0].error().code == Errc::Unavailable);
    CHECK(server.targets().size() == 1);
}

TEST_CASE("no answer is tried again a bounded number of times") {
    Rig rig;
    fake::RestReply reply{.body = "cut short"};
    SUBCASE("cut inside the head") { reply.cut_after = 10; }
    SUBCASE("cut inside the body") { reply.cut_after = 60; }
    SUBCASE("silent beyond the deadline of the phase") { reply.silent = true; }
    fake::RestServer server(rig.io, [&](const std::string&) { return reply; });
    Fetcher fetcher(rig.io, rig.config(server), rig.stats);
    rig.ask(fetcher, "/one");
    REQUIRE(rig.run_until(1));
    CHECK(rig.ends[0].error().code == Errc::Unavailable);
    CHECK(server.targets().size() == static_cast<std::size_t>(Fetcher::kAttempts));
    CHECK(rig.body.empty());
}

TEST_CASE("a body beyond the bound is not read") {
    Rig rig;
    fake::RestServer server(rig.io, [](const std::string&) {
        return fake::RestReply{.body = std::string(100'000, 'x')};
    });
    std::optional<HttpAnswer> answer;
    auto const exchange = http_get(rig.io,
                                   {.host = "127.0.0.1",
                                    .port = server.port(),
                                    .target = "/",
                                    .headers = {},
                                    .max_body_bytes = 50'000,
                                    .tls = nullptr},
                                   [&](HttpAnswer got) { answer = std::move(got); });
    rig.io.run_for(2s);
    REQUIRE(answer);
    CHECK(answer->status == 0);
    CHECK(answer->detail.find("body limit") != std::string::npos);
}

TEST_CASE("a ban ends what waits, reaches the links, and outlives the process") {
    Rig rig;
    std::string const directory =
        (std::filesystem::temp_directory_path() / ("spill_fetch_" + std::to_string(::getpid())))
            .string();
    std::filesystem::create_directories(directory);
    BanStore bans(directory);
    VenueSpec venue;
    VenueGate gate(venue);
    fake::RestServer server(rig.io, [](const std::string&) {
        return fake::RestReply{.status = 418, .headers = "Retry-After: 120\r\n"};
    });
    FetcherConfig config = rig.config(server);
    config.bans = &bans;
    config.gate = &gate;
    {
        Fetcher fetcher(rig.io, config, rig.stats);
        rig.ask(fetcher, "/one");
        rig.ask(fetcher, "/two");
        REQUIRE(rig.run_until(2));
        CHECK(rig.ends[0].error().code == Errc::Unavailable);
        CHECK(gate.banned_until > fetcher.now() + 110s);
        rig.ask(fetcher, "/three");
        REQUIRE(rig.run_until(3));
    }
    config.gate = nullptr;
    Fetcher reborn(rig.io, config, rig.stats);
    rig.ask(reborn, "/four");
    REQUIRE(rig.run_until(4));
    CHECK(rig.ends[3].error().code == Errc::Unavailable);
    CHECK(server.targets() == std::vector<std::string>{"/one"});
    CHECK(rig.stats.bans.load() == 1);
    std::filesystem::remove_all(directory);
}

TEST_CASE("questions stay within the venue's budget") {
    Rig rig;
    rig.spec.requests_per_window = 2;
    rig.spec.window = 1s;
    std::vector<std::chrono::steady_clock::time_point> times;
    fake::RestServer server(rig.io, [&](const std::string&) {
        times.push_back(std::chrono::steady_clock::now());
        return fake::RestReply{.body = "ok"};
    });
    Fetcher fetcher(rig.io, rig.config(server), rig.stats);
    for (int i = 0; i < 4; ++i) rig.ask(fetcher, "/q");
    REQUIRE(rig.run_until(4));
    CHECK(times[2] - times[0] >= 900ms);
    CHECK(times[3] - times[1] >= 900ms);
}

TEST_CASE("an answer over TLS counts only from a venue that proves its name") {
    Rig rig;
    fake::Authority const authority;
    fake::Authority const stranger;
    ::setenv("SSL_CERT_FILE", authority.file().c_str(), 1);
    fake::Certificate certificate;
    bool good = false;
    SUBCASE("the right name") {
        certificate = authority.issue({.dns = {}, .ip = {"127.0.0.1"}});
        good = true;
    }
    SUBCASE("another name") { certificate = authority.issue({.dns = {}, .ip = {"127.0.0.2"}}); }
    SUBCASE("a stranger's word") { certificate = stranger.issue({.dns = {}, .ip = {"127.0.0.1"}}); }
    fake::RestServer server(
        rig.io, [](const std::string&) { return fake::RestReply{.body = "ok"}; }, certificate);
    FetcherConfig config = rig.config(server);
    config.tls = make_tls_context();
    Fetcher fetcher(rig.io, config, rig.stats);
    rig.ask(fetcher, "/one");
    REQUIRE(rig.run_until(1));
    CHECK(rig.ends[0].has_value() == good);
    CHECK((rig.body == "ok") == good);
    if (!good) CHECK(rig.ends[0].error().message.find("certificate") != std::string::npos);
    ::unsetenv("SSL_CERT_FILE");
}

TEST_CASE("a fetcher that goes takes its questions with it") {
    Rig rig;
    fake::RestServer server(rig.io,
                            [](const std::string&) { return fake::RestReply{.body = "ok"}; });
    {
        Fetcher fetcher(rig.io, rig.config(server), rig.stats);
        rig.ask(fetcher, "/one");
        rig.io.run_one_for(10ms);
        rig.ask(fetcher, "/two");
    }
    rig.io.restart();
    rig.io.run_for(50ms);
    CHECK(rig.ends.empty());
}
