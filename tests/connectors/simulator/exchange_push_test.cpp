// What the simulated OKX and Coinbase push by themselves: history, heartbeats, notices.
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "connectors/simulator/exchange.hpp"
#include "tests/connectors/simulator/ws_probe.hpp"

using namespace spill;
using spill::fixture::WsProbe;

namespace {

constexpr UnixNanos kNow{1'780'000'001'000'000'000};

Registry two_venues() {
    Registry registry;
    auto const okx = *registry.add_venue("okx", false);
    auto const coinbase = *registry.add_venue("coinbase", false);
    Instrument row;
    row.name = "TAO";
    row.market = Market::Utc;
    row.role = Role::Token;
    row.group = *registry.add_group("infra", GroupId{}, true);
    row.tick = Price{1'000'000};
    auto const instrument = *registry.add_instrument(row);
    for (auto const& [venue, symbol] :
         {std::pair{okx, "TAO-USDT"}, std::pair{coinbase, "TAO-USD"}}) {
        Feed feed;
        feed.instrument = instrument;
        feed.venue = venue;
        feed.symbol = symbol;
        REQUIRE(registry.add_feed(feed).has_value());
    }
    return registry;
}

// An exchange on its own thread; `on` runs a call there and returns its result.
struct Hall {
    Registry registry = two_venues();
    std::vector<std::string> venues{"okx", "coinbase"};
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        boost::asio::make_work_guard(io)};
    Exchange exchange{io, registry, venues};
    std::thread thread{[this] { io.run(); }};

    Hall() = default;
    Hall(const Hall&) = delete;
    Hall& operator=(const Hall&) = delete;
    ~Hall() {
        on([this] { exchange.stop(); });
        work.reset();
        thread.join();
    }
    template <class Call>
    void on(Call call) {
        std::packaged_task<void()> task(std::move(call));
        auto result = task.get_future();
        boost::asio::post(io, [&task] { task(); });
        result.get();
    }
    void publish() {
        std::vector<SimTrade> trades;
        for (FeedId const feed : registry.find_instrument("TAO")->feeds) {
            SimTrade trade;
            trade.ts = kNow;
            trade.feed = feed;
            trade.price = Price{100'000'000'000};
            trade.size = Quantity{1'000'000'000};
            trade.aggressor = Aggressor::Buy;
            trade.id = 41;
            trades.push_back(trade);
        }
        on([&] { exchange.publish(trades, kNow); });
    }
};

std::string next_text(WsProbe& probe) {
    auto const text = probe.read_text();
    REQUIRE(text.has_value());
    return *text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "the simulated OKX pushes its newest trade after the acknowledgement and warns of a cut") {
    Hall hall;
    hall.publish();
    WsProbe probe(hall.exchange.port());
    REQUIRE(probe.upgrade("/okx/ws/v5/public") == 101);
    probe.send(R"({"op":"subscribe","args":[{"channel":"trades","instId":"TAO-USDT"}]})");
    CHECK(contains(next_text(probe), R"("event":"subscribe")"));
    CHECK(contains(next_text(probe), R"("tradeId":"41")"));
    hall.on([&] { hall.exchange.announce_cut("coinbase"); });
    hall.on([&] { hall.exchange.announce_cut("okx"); });
    CHECK(contains(next_text(probe), R"("code":"64008")"));
}

TEST_CASE("the simulated Coinbase pushes a last match and then says its last id every second") {
    Hall hall;
    hall.publish();
    WsProbe probe(hall.exchange.port());
    REQUIRE(probe.upgrade("/coinbase/") == 101);
    probe.send(R"({"type":"subscribe","product_ids":["TAO-USD"],)"
               R"("channels":["matches","heartbeat"]})");
    CHECK(contains(next_text(probe), R"("type":"subscriptions")"));
    CHECK(contains(next_text(probe), R"("type":"last_match","trade_id":41)"));
    std::string const beat = next_text(probe);
    CHECK(contains(beat, R"("type":"heartbeat")"));
    CHECK(contains(beat, R"("last_trade_id":41)"));
}
