#include "daemon/app.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/history/history.hpp"
#include "connectors/simulator/simulator.hpp"
#include "daemon/epoch.hpp"
#include "daemon/log.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = 8s;
// A sanitizer makes everything several times slower.
std::chrono::milliseconds stop_budget() { return test::AllocCounter::active() ? 1000ms : 5000ms; }

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The whole answer to GET `path`, empty when there is none.
std::string http_get(std::uint16_t port, const std::string& path) {
    int const fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(fd >= 0);
    timeval const patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in const to = loopback(port);
    std::string answer;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
        std::string const request =
            "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
            std::array<char, 4096> bytes{};
            for (;;) {
                auto const n = recv(fd, bytes.data(), bytes.size(), 0);
                if (n <= 0) break;
                answer.append(bytes.data(), static_cast<std::size_t>(n));
            }
        }
    }
    close(fd);
    return answer;
}

template <class F>
bool eventually(F&& condition) {
    for (auto const until = Clock::now() + kPatience; Clock::now() < until;) {
        if (condition()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return condition();
}

// A simulated day and the options of an app that watches it.
struct Market {
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    std::unique_ptr<Simulator> simulator;

    Market() {
        start_log({.level = LogLevel::Error, .format = LogFormat::Text});
        SimulatorOptions sim;
        sim.market.registry = &config.registry;
        sim.market.calendars = &calendars;
        sim.market.date = 20260526;
        sim.market.history_sessions = 20;
        simulator = std::make_unique<Simulator>(sim);
    }
    AppOptions options() {
        AppOptions options;
        options.config = &config;
        options.calendars = &calendars;
        options.links = *links_of(config);
        for (LinkConfig& link : options.links) {
            link.host = "127.0.0.1";
            link.port = std::to_string(simulator->port());
            link.path = simulated_path(link.spec->name, link.spec->path);
            link.tls = false;
            link.accept_market_clock = true;
        }
        options.seed = 1;
        options.epoch = new_epoch();
        options.market_clock = true;
        options.history = simulator->market().history();
        options.publish_from = simulator->market().live_start();
        return options;
    }
};

// Live, several signals, figures over HTTP, and a quick end.
void runs_and_stops(ThreadPlan plan, WaitMode wait, int feed_threads) {
    Market market;
    market.config.daemon.wait = wait;
    market.config.daemon.feed_threads = feed_threads;
    App app(market.options(), {plan, "test"});
    REQUIRE(app.start().has_value());
    REQUIRE(app.port() != 0);
    CHECK(http_get(app.port(), "/healthz").starts_with("HTTP/1.1 200"));
    market.simulator->start();
    CHECK(eventually([&] { return http_get(app.port(), "/readyz").starts_with("HTTP/1.1 200"); }));
    CHECK(eventually([&] {
        auto const links = app.links();
        bool const trade = std::ranges::all_of(links, [](const LinkReport& link) {
            return link.trades > 0 && link.symbols_live == link.symbols_wanted;
        });
        return trade && app.published() >= 3 && app.latency_ns(0.5) > 0;
    }));
    CHECK(app.latency_ns(0.5) > 0);
    REQUIRE(app.links().size() == 4);
    for (const LinkReport& link : app.links()) {
        CAPTURE(link.venue);
        CHECK(link.state == LinkState::Live);
        CHECK(link.symbols_live == link.symbols_wanted);
        CHECK(link.trades > 0);
    }
    std::string const metrics = http_get(app.port(), "/metrics");
    CHECK(metrics.starts_with("HTTP/1.1 200"));
    for (const std::string part :
         {"spillover_ready 1\n", "queue=\"events\"", "queue=\"signals\"", "venue=\"kraken\"",
          "stage=\"receive_to_apply\"", "stage=\"receive_to_publish\""}) {
        CAPTURE(part);
        CHECK(metrics.find(part) != std::string::npos);
    }
    auto const before = Clock::now();
    app.stop();
    CHECK(Clock::now() - before < stop_budget());
    CHECK(http_get(app.port(), "/healthz").empty());
    app.stop();
}

DaemonConfig daemon_config(ThreadPlan threads, WaitMode wait) {
    DaemonConfig config;
    config.threads = threads;
    config.wait = wait;
    return config;
}

}  // namespace

TEST_CASE("the thread plan follows the cores unless the configuration decides") {
    auto const plan = [](ThreadPlan threads, WaitMode wait, unsigned cores) -> std::string {
        auto const choice = choose_plan(daemon_config(threads, wait), cores);
        return choice ? std::string(to_string(choice->plan)) + ", " + choice->why : "refused";
    };
    using enum ThreadPlan;
    CHECK(plan(Auto, WaitMode::Hybrid, 1) == "inline, 1 core");
    CHECK(plan(Auto, WaitMode::Hybrid, 2) == "inline, 2 cores");
    CHECK(plan(Auto, WaitMode::Park, 3) == "inline, 3 cores");
    CHECK(plan(Auto, WaitMode::Park, 4) == "split, 4 cores");
    CHECK(plan(Auto, WaitMode::Spin, 64) == "split, 64 cores");
    CHECK(plan(Inline, WaitMode::Hybrid, 64) == "inline, 64 cores");
    CHECK(plan(Split, WaitMode::Hybrid, 1) == "split, 1 core");
    // Nothing spins in the inline plan.
    CHECK(plan(Inline, WaitMode::Spin, 1) == "inline, 1 core");
    CHECK(plan(Auto, WaitMode::Spin, 2) == "inline, 2 cores");
    CHECK(plan(Split, WaitMode::Spin, 1) == "refused");
    CHECK(plan(Split, WaitMode::Spin, 2) == "refused");
    CHECK(plan(Split, WaitMode::Spin, 3) == "split, 3 cores");
}

TEST_CASE("a plan that would leave no core is refused with the remedy") {
    auto const refused = choose_plan(daemon_config(ThreadPlan::Split, WaitMode::Spin), 2);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::InvalidArgument);
    CHECK(refused.error().message.find("use wait: hybrid, or threads: inline") !=
          std::string::npos);
}

TEST_CASE("every enabled venue gets its links, at most so many symbols each") {
    Config config = test::small_config();
    auto links = links_of(config);
    REQUIRE(links.has_value());
    REQUIRE(links->size() == 4);
    std::vector<std::string> names;
    for (const LinkConfig& link : *links) {
        names.emplace_back(link.spec->name);
        CHECK(link.tls);
        CHECK(link.symbols.size() == 1);
        CHECK_FALSE(link.accept_market_clock);
        CHECK(link.host == link.spec->host);
        CHECK(link.port == link.spec->port);
        CHECK(link.path == link.spec->path);
        CHECK(link.silence.count() == 0);
        REQUIRE(link.history != nullptr);
        CHECK(link.history->venue == link.spec->name);
        CHECK(link.backfill);
    }
    CHECK(names == std::vector<std::string>{"bybit-linear", "binance", "bybit-spot", "kraken"});
    CHECK(links->back().symbols.front() == "TAO/USD");

    config.venues[1].enabled = false;
    config.venues[3].host = "127.0.0.1";
    config.venues[3].port = 9;
    config.venues[3].path = "/x";
    config.venues[3].tls = false;
    config.venues[3].silence = std::chrono::seconds{7};
    links = links_of(config);
    REQUIRE(links.has_value());
    REQUIRE(links->size() == 3);
    CHECK(links->back().host == "127.0.0.1");
    CHECK(links->back().port == "9");
    CHECK(links->back().path == "/x");
    CHECK_FALSE(links->back().tls);
    CHECK(links->back().silence == std::chrono::seconds{7});
    CHECK(links->back().history == nullptr);  // without TLS nobody outside is asked

    config.venues[3].rest_host = "127.0.0.1";
    config.venues[3].rest_port = 8;
    config.venues[3].backfill = false;
    links = links_of(config);
    REQUIRE(links.has_value());
    CHECK(links->back().history != nullptr);
    CHECK(links->back().rest_host == "127.0.0.1");
    CHECK(links->back().rest_port == "8");
    CHECK_FALSE(links->back().backfill);

    for (VenueSettings& venue : config.venues) venue.enabled = false;
    links = links_of(config);
    REQUIRE_FALSE(links.has_value());
    CHECK(links.error().message == "no venue is enabled for any instrument");
}

TEST_CASE("a venue's key comes from its file or its variable, and is needed where it logs in") {
    Config config = test::small_config();
    VenueSettings& venue = config.venues[1];
    venue.name = "alpaca-iex";
    auto links = links_of(config);
    REQUIRE_FALSE(links.has_value());
    CHECK(links.error().message == "venue alpaca-iex needs a key: set key_file or key_env");
    REQUIRE(::setenv("SPILL_TEST_KEY", "k-1", 1) == 0);
    REQUIRE(::setenv("SPILL_TEST_SECRET", "s-2", 1) == 0);
    venue.key_env = "SPILL_TEST_KEY";
    venue.secret_env = "SPILL_TEST_SECRET";
    links = links_of(config);
    REQUIRE(links.has_value());
    CHECK((*links)[1].credentials.key == "k-1");
    CHECK((*links)[1].credentials.secret == "s-2");
    venue.key_file = "key";
    CHECK(links_of(config).error().message ==
          "venue alpaca-iex: give key_file or key_env, not both");
    venue.key_file.clear();
    REQUIRE(::unsetenv("SPILL_TEST_KEY") == 0);
    CHECK(links_of(config).error().message ==
          "venue alpaca-iex: its key file or variable is empty");
}

TEST_CASE("more symbols than a link may have are spread over more links") {
    ConfigResult shipped = load_config(std::string(SPILL_SOURCE_DIR) + "/config.yaml");
    REQUIRE(shipped.ok());
    std::size_t feeds = shipped.config.registry.feeds().size();
    for (VenueSettings& venue : shipped.config.venues) venue.max_symbols_per_link = 5;
    auto const links = links_of(shipped.config);
    REQUIRE(links.has_value());
    CHECK(links->size() >= (feeds + 4) / 5);
    for (const LinkConfig& link : *links) {
        CHECK_FALSE(link.symbols.empty());
        CHECK(link.symbols.size() <= 5);
        feeds -= link.symbols.size();
    }
    CHECK(feeds == 0);
}

TEST_CASE("a port in use is one line that names the port and the remedy") {
    int const taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(bind(taken, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(taken, 1) == 0);
    REQUIRE(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    Config config = test::small_config();
    config.gateway.port = ntohs(address.sin_port);
    Calendars const calendars = test::real_calendars();
    {
        AppOptions options;
        options.config = &config;
        options.calendars = &calendars;
        options.links = *links_of(config);
        options.epoch = new_epoch();
        App app(std::move(options), {ThreadPlan::Inline, "test"});
        auto const started = app.start();
        REQUIRE_FALSE(started.has_value());
        CHECK(started.error().code == Errc::Unavailable);
        const std::string& line = started.error().message;
        CHECK(line.find(std::to_string(config.gateway.port)) != std::string::npos);
        CHECK(line.find("is in use") != std::string::npos);
        CHECK(line.find("choose another") != std::string::npos);
        CHECK(line.find('\n') == std::string::npos);
        app.stop();
    }
    close(taken);
}

TEST_SUITE_BEGIN("threads");

TEST_CASE("the inline plan goes live, serves its figures and stops at once") {
    runs_and_stops(ThreadPlan::Inline, WaitMode::Hybrid, 1);
}

TEST_CASE("the split plan with parking threads goes live and stops at once") {
    runs_and_stops(ThreadPlan::Split, WaitMode::Park, 1);
}

TEST_CASE("the split plan with two feed threads goes live and stops at once") {
    runs_and_stops(ThreadPlan::Split, WaitMode::Hybrid, 2);
}

// Nothing happens here that could wake the core but the stop itself.
TEST_CASE("an idle daemon stops in both plans, as often as it is started") {
    Config config = test::small_config();
    for (VenueSettings& venue : config.venues) {
        venue.host = "127.0.0.1";
        venue.port = 1;
        venue.tls = false;
    }
    config.daemon.wait = WaitMode::Park;
    Calendars const calendars = test::real_calendars();
    for (int round = 0; round < 10; ++round) {
        AppOptions options;
        options.config = &config;
        options.calendars = &calendars;
        options.links = *links_of(config);
        options.epoch = new_epoch();
        App app(std::move(options), {round % 2 == 0 ? ThreadPlan::Split : ThreadPlan::Inline, "x"});
        REQUIRE(app.start().has_value());
        std::string const ready = http_get(app.port(), "/readyz");
        CHECK(ready.starts_with("HTTP/1.1 503"));
        CHECK(ready.find("link kraken is ") != std::string::npos);
        auto const before = Clock::now();
        app.stop();
        CHECK(Clock::now() - before < stop_budget());
    }
}

TEST_SUITE_END();
