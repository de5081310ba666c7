#include "connectors/simulator/dialect.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;
using namespace spill::sim;

namespace {

constexpr UnixNanos kAt{1'780'000'000'123'000'000};

bool only_tao(const std::string& symbol) { return symbol == "TAOUSDT" || symbol == "TAO/USD"; }

Answer ask(Dialect dialect, std::string_view text) {
    return answer(dialect, parse_request(dialect, text), only_tao, kAt);
}

SimTrade sample_trade() {
    SimTrade trade;
    trade.ts = kAt;
    trade.feed = FeedId{3};
    trade.price = Price{420'100'000'000};
    trade.size = Quantity{1'250'000'000};
    trade.aggressor = Aggressor::Sell;
    trade.id = 77;
    return trade;
}

std::string frame_of(Dialect dialect, std::string_view symbol) {
    SimTrade const trade = sample_trade();
    std::vector<std::string> frames;
    append_trade_frames(dialect, symbol, std::span(&trade, 1), frames);
    REQUIRE(frames.size() == 1);
    return frames.front();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("Binance answers once a request and says nothing about an unknown symbol") {
    Answer const out =
        ask(Dialect::Binance, R"({"method":"SUBSCRIBE","params":["taousdt@aggTrade",)"
                              R"("nopeusdt@aggTrade","taousdt@kline_1m"],"id":7})");
    REQUIRE(out.frames.size() == 1);
    CHECK(out.frames.front() == R"({"result":null,"id":7})");
    REQUIRE(out.accepted.size() == 1);
    CHECK(out.accepted.front() == "TAOUSDT");
    CHECK(contains(ask(Dialect::Binance, "{").frames.front(), R"("code":3)"));
    CHECK(contains(ask(Dialect::Binance, R"({"method":"SUBSCRIB","id":1})").frames.front(),
                   R"("code": 2)"));
}

TEST_CASE("Kraken answers per symbol and refuses the unknown one alone") {
    Answer const out =
        ask(Dialect::Kraken, R"({"method":"subscribe","params":{"channel":"trade",)"
                             R"("symbol":["XBT/USD","TAO/USD"],"snapshot":false},"req_id":4})");
    REQUIRE(out.frames.size() == 2);
    CHECK(contains(out.frames[0], R"("error":"Currency pair not supported XBT/USD")"));
    CHECK(contains(out.frames[0], R"("symbol":"XBT/USD")"));
    CHECK(contains(out.frames[1], R"("success":true)"));
    CHECK(contains(out.frames[1], R"("req_id":4)"));
    CHECK(out.accepted == std::vector<std::string>{"TAO/USD"});
    CHECK(contains(ask(Dialect::Kraken, R"({"method":"ping","req_id":9})").frames.front(),
                   R"("method":"pong")"));
    CHECK(contains(greeting(Dialect::Kraken), R"("system":"online")"));
    CHECK(heartbeat(Dialect::Kraken) == R"({"channel":"heartbeat"})");
}

TEST_CASE("Bybit refuses a whole request for one bad symbol and names it") {
    Answer const bad = ask(Dialect::BybitSpot, R"({"req_id":"1","op":"subscribe",)"
                                               R"("args":["publicTrade.TAOUSDT",)"
                                               R"("publicTrade.NOPEUSDT"]})");
    REQUIRE(bad.frames.size() == 1);
    CHECK(contains(bad.frames.front(), R"("success":false)"));
    CHECK(contains(bad.frames.front(), "Invalid symbol :[publicTrade.NOPEUSDT]"));
    CHECK(contains(bad.frames.front(), R"("req_id":"1")"));
    CHECK(bad.accepted.empty());
    Answer const good = ask(Dialect::BybitLinear, R"({"req_id":"2","op":"subscribe",)"
                                                  R"("args":["publicTrade.TAOUSDT"]})");
    CHECK(contains(good.frames.front(), R"("success":true,"ret_msg":"")"));
    CHECK(good.accepted == std::vector<std::string>{"TAOUSDT"});
    std::string many = R"({"op":"subscribe","args":[)";
    for (int i = 0; i < 11; ++i)
        many += std::string(i == 0 ? "" : ",") + R"("publicTrade.TAOUSDT")";
    CHECK(contains(ask(Dialect::BybitSpot, many + "]}").frames.front(), "args size"));
    CHECK(ask(Dialect::BybitLinear, many + "]}").accepted.size() == 11);
    CHECK(contains(ask(Dialect::BybitSpot, R"({"req_id":"p","op":"ping"})").frames.front(),
                   R"("ret_msg":"pong")"));
}

TEST_CASE("each venue writes a sale as its own documents do") {
    std::string const binance = frame_of(Dialect::Binance, "TAOUSDT");
    CHECK(contains(binance, R"("stream":"taousdt@aggTrade")"));
    CHECK(contains(binance, R"("p":"420.10000000","q":"1.25000000")"));
    CHECK(contains(binance, R"("T":1780000000123,"m":true)"));
    std::string const kraken = frame_of(Dialect::Kraken, "TAO/USD");
    CHECK(contains(kraken, R"("side":"sell","price":420.1,"qty":1.25000000)"));
    CHECK(contains(kraken, R"(.123000Z")"));
    CHECK(contains(kraken, R"("trade_id":77)"));
    std::string const spot = frame_of(Dialect::BybitSpot, "TAOUSDT");
    CHECK(contains(spot, R"("topic":"publicTrade.TAOUSDT")"));
    CHECK(contains(spot, R"("i":"2100000000000000231")"));
    CHECK(contains(spot, R"("S":"Sell")"));
    std::string const linear = frame_of(Dialect::BybitLinear, "MUUSDT");
    CHECK(contains(linear, R"("L":"ZeroPlusTick")"));
    std::size_t const id = linear.find(R"("i":")") + 5;
    CHECK(linear[id + 8] == '-');
    CHECK(linear[id + 23] == '-');
    CHECK(linear[id + 36] == '"');
}

TEST_CASE("frames are split at the venue's bound and keep every row") {
    std::vector<SimTrade> const trades(1030, sample_trade());
    std::vector<std::string> frames;
    append_trade_frames(Dialect::BybitLinear, "MUUSDT", trades, frames);
    CHECK(frames.size() == 2);
    frames.clear();
    append_trade_frames(Dialect::Kraken, "TAO/USD", trades, frames);
    CHECK(frames.size() == 21);
    frames.clear();
    append_trade_frames(Dialect::Binance, "TAOUSDT", trades, frames);
    CHECK(frames.size() == 1030);
}

TEST_CASE("a venue name maps to its dialect") {
    CHECK(dialect_of("binance") == Dialect::Binance);
    CHECK(dialect_of("bybit-linear") == Dialect::BybitLinear);
    CHECK(dialect_of("okx") == Dialect::Okx);
    CHECK(dialect_of("gateio") == Dialect::Gateio);
    CHECK(dialect_of("coinbase") == Dialect::Coinbase);
    CHECK_FALSE(dialect_of("nowhere").has_value());
}
