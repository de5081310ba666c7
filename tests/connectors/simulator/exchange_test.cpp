#include "connectors/simulator/exchange.hpp"

#include <future>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "tests/connectors/simulator/fixture.hpp"
#include "tests/connectors/simulator/ws_probe.hpp"

using namespace spill;
using namespace spill::fixture;

namespace {

// An exchange on its own thread; `on` runs a call there and returns its result.
struct Floor {
    Registry registry = sample_registry();
    std::vector<std::string> venues{"binance", "kraken", "bybit-spot", "bybit-linear"};
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        boost::asio::make_work_guard(io)};
    Exchange exchange{io, registry, venues};
    std::thread thread{[this] { io.run(); }};

    Floor() = default;
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;
    template <class Call>
    auto on(Call call) {
        std::packaged_task<decltype(call())()> task(std::move(call));
        auto result = task.get_future();
        boost::asio::post(io, [&task] { task(); });
        return result.get();
    }
    ~Floor() {
        on([this] { exchange.stop(); });
        work.reset();
        thread.join();
    }
    SimTrade trade(std::string_view name) const {
        SimTrade row;
        row.ts = UnixNanos{1'780'000'000'000'000'000};
        row.feed = registry.find_instrument(name)->feeds.front();
        row.price = Price{100'000'000'000};
        row.size = Quantity{1'000'000'000};
        row.aggressor = Aggressor::Buy;
        row.id = 5;
        return row;
    }
};

constexpr const char* kSubscribeMu =
    R"({"req_id":"1","op":"subscribe","args":["publicTrade.MUUSDT"]})";

}  // namespace

TEST_CASE("the path decides the venue and an unknown one is not found") {
    Floor floor;
    CHECK(simulated_path("kraken", "/v2") == "/kraken/v2");
    CHECK(WsProbe(floor.exchange.port()).upgrade("/kraken/v2") == 101);
    CHECK(WsProbe(floor.exchange.port()).upgrade("/binance/stream") == 101);
    CHECK(WsProbe(floor.exchange.port()).upgrade("/okx/ws") == 404);
    CHECK(WsProbe(floor.exchange.port()).upgrade("/krakenx/v2") == 404);
    WsProbe kraken(floor.exchange.port());
    REQUIRE(kraken.upgrade("/kraken/v2") == 101);
    auto const hello = kraken.read_text();
    REQUIRE(hello.has_value());
    CHECK(hello->find("\"channel\":\"status\"") != std::string::npos);
}

TEST_CASE("a subscriber gets the trades of its symbols only, then the clock") {
    Floor floor;
    WsProbe probe(floor.exchange.port());
    REQUIRE(probe.upgrade("/bybit-linear/v5/public/linear") == 101);
    probe.send(kSubscribeMu);
    auto const ack = probe.read_text();
    REQUIRE(ack.has_value());
    CHECK(ack->find("\"success\":true") != std::string::npos);

    std::vector<SimTrade> const trades{floor.trade("MU.P"), floor.trade("NVDA.P")};
    UnixNanos const now{1'780'000'001'000'000'000};
    floor.on([&] { floor.exchange.publish(trades, now); });
    auto const frame = probe.read();
    REQUIRE(frame.has_value());
    CHECK(frame->opcode == 1);
    CHECK(frame->payload.find("MUUSDT") != std::string::npos);
    auto const clock = probe.read();
    REQUIRE(clock.has_value());
    CHECK(clock->opcode == 9);
    CHECK(clock->payload == "clk:1780000001000000000");

    CHECK_FALSE(floor.on([&] { return floor.exchange.drained(now); }));
    probe.send(clock->payload, 10);
    // The answer to a ping comes after the pong before it has been read.
    probe.send(R"({"op":"ping"})");
    REQUIRE(probe.read_text().has_value());
    CHECK(floor.on([&] { return floor.exchange.drained(now); }));
}

TEST_CASE("the floor is complete when every feed has a subscriber, and no longer when one leaves") {
    Floor floor;
    auto probe = std::make_unique<WsProbe>(floor.exchange.port());
    REQUIRE(probe->upgrade("/kraken/v2") == 101);
    auto const subscribe = [&](WsProbe& link, const std::string& venue) {
        VenueId const id = floor.registry.find_venue(venue)->id;
        for (const Feed& feed : floor.registry.feeds()) {
            if (feed.venue != id) continue;
            if (venue == "kraken") {
                link.send(R"({"method":"subscribe","params":{"channel":"trade","symbol":[")" +
                          feed.symbol + R"("],"snapshot":false}})");
            } else if (venue == "binance") {
                std::string lower = feed.symbol;
                for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
                link.send(R"({"method":"SUBSCRIBE","params":[")" + lower +
                          R"(@aggTrade"],"id":1})");
            } else {
                link.send(R"({"op":"subscribe","args":["publicTrade.)" + feed.symbol + R"("]})");
            }
            REQUIRE(link.read_text().has_value());
        }
    };
    REQUIRE(probe->read_text().has_value());  // the greeting
    subscribe(*probe, "kraken");
    WsProbe binance(floor.exchange.port()), spot(floor.exchange.port()),
        linear(floor.exchange.port());
    REQUIRE(binance.upgrade("/binance/stream") == 101);
    REQUIRE(spot.upgrade("/bybit-spot/v5/public/spot") == 101);
    REQUIRE(linear.upgrade("/bybit-linear/v5/public/linear") == 101);
    subscribe(binance, "binance");
    subscribe(spot, "bybit-spot");
    CHECK_FALSE(floor.on([&] { return floor.exchange.complete(); }));
    subscribe(linear, "bybit-linear");
    CHECK(floor.on([&] { return floor.exchange.complete(); }));
    CHECK(floor.on([&] { return floor.exchange.connections(); }) == 4);
    probe.reset();
    while (floor.on([&] { return floor.exchange.connections(); }) == 4) std::this_thread::yield();
    CHECK_FALSE(floor.on([&] { return floor.exchange.complete(); }));
}

TEST_CASE("a port in use is refused in one line that names it") {
    Floor floor;
    boost::asio::io_context io;
    ExchangeOptions options;
    options.port = floor.exchange.port();
    std::string const port = std::to_string(options.port);
    CHECK_THROWS_WITH_AS(Exchange(io, floor.registry, floor.venues, options),
                         doctest::Contains(port.c_str()), std::runtime_error);
}
