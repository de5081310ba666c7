#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

// Made up, in the venue's form: a trade of 2.5 at 7.25 that a seller started.
const std::string kTradeBody =
    R"({"e":"trade","E":1700000000005,"s":"ZEDUSDT","t":41,"p":"7.25000000","q":"2.50000000",)"
    R"("T":1700000000004,"m":true,"M":true})";
const std::string kTradeRow = "trade | ZEDUSDT 7.25 2.5 sell 1700000000004000000 41 live";
const std::string kAggregateBody =
    R"({"e":"aggTrade","E":1700000000005,"s":"ZEDUSDT","a":9,"p":"7.25","q":"10","f":100,)"
    R"("l":104,"T":1700000000004,"m":false,"M":true})";

std::string combined(const std::string& body) {
    return R"({"stream":"zedusdt@trade","data":)" + body + "}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a binance trade reads the same combined, raw, spaced and in any order") {
    auto const codec = make_binance_codec();
    CHECK(decoded(*codec, combined(kTradeBody)) == kTradeRow);
    CHECK(decoded(*codec, kTradeBody) == kTradeRow);
    CHECK(decoded(*codec, test::spaced(combined(kTradeBody))) == kTradeRow);
    CHECK(decoded(*codec, R"({"data":)" + kTradeBody + R"(,"stream":"zedusdt@trade"})") ==
          kTradeRow);
    CHECK(decoded(*codec, R"({"m":true,"T":1700000000004,"q":"2.5","p":"7.25","t":41,)"
                          R"("s":"ZEDUSDT","st":7,"new":{"x":[1]},"e":"trade"})") == kTradeRow);
}

TEST_CASE("a resting buyer means that the seller crossed the spread") {
    auto const codec = make_binance_codec();
    test::Frame const sell(combined(kTradeBody));
    CHECK(codec->decode(sell.view(), false).trades[0].aggressor == Aggressor::Sell);
    test::Frame const buy(combined(with(kTradeBody, R"("m":true)", R"("m":false)")));
    CHECK(codec->decode(buy.view(), false).trades[0].aggressor == Aggressor::Buy);
}

TEST_CASE("an aggregated row carries its fills and a dense id") {
    auto const codec = make_binance_codec();
    for (std::string const& text : {combined(kAggregateBody), kAggregateBody}) {
        test::Frame const frame(text);
        Decoded const result = codec->decode(frame.view(), false);
        REQUIRE(result.trades.size() == 1);
        TradeRow const& row = result.trades[0];
        CHECK(row.id == 9);
        CHECK(row.id_text == "9");
        CHECK(row.dense);
        CHECK(row.first_fill == 100);
        CHECK(row.last_fill == 104);
        CHECK(row.fill_count == 5);
    }
    CHECK(decoded(*codec, with(kAggregateBody, R"("l":104)", R"("l":99)")) == "bad bad_number");
    CHECK(decoded(*codec, with(kAggregateBody, R"("l":104)", R"("l":18446744073709551615)")) ==
          "bad bad_number");
    std::string const none = with(with(kAggregateBody, "100", "-1"), "104", "-1");
    CHECK(decoded(*codec, none) == "trade | ZEDUSDT 7.25 10 buy 1700000000004000000 9 live");
}

TEST_CASE("binance times are milliseconds or microseconds by their magnitude") {
    auto const codec = make_binance_codec();
    auto const at = [&](const std::string& time) {
        return decoded(*codec, combined(with(kTradeBody, "1700000000004,\"m\"", time + ",\"m\"")));
    };
    CHECK(at("1700000000004567") == "trade | ZEDUSDT 7.25 2.5 sell 1700000000004567000 41 live");
    CHECK(at("1700000000004") == kTradeRow);
    CHECK(at("0") == "bad bad_time");
    CHECK(at("1700000000") == "bad bad_time");           // seconds
    CHECK(at("1700000000004567890") == "bad bad_time");  // nanoseconds
    CHECK(at("9223372036855") == "bad bad_time");
    CHECK(at("-1700000000004") == "bad bad_time");
    CHECK(at("1.7e12") == "bad bad_time");
    CHECK(at("\"1700000000004\"") == "bad wrong_type");
}

TEST_CASE("binance ids keep all their digits") {
    auto const codec = make_binance_codec();
    auto const id = [&](const std::string& text) {
        return decoded(*codec, combined(with(kTradeBody, R"("t":41)", R"("t":)" + text)));
    };
    CHECK(id("9007199254740993").find(" 9007199254740993 ") != std::string::npos);
    CHECK(id("18446744073709551615").find(" 18446744073709551615 ") != std::string::npos);
    CHECK(id("18446744073709551616") == "bad bad_number");
    CHECK(id("-1") == "bad bad_number");
    CHECK(id("\"41\"") == "bad wrong_type");
}

TEST_CASE("what is not a print on binance is named and gives no trade") {
    auto const codec = make_binance_codec();
    CHECK(decoded(*codec, R"({"e":"blockTrade","E":1700000000005,"s":"ZEDUSDT","t":3,"p":"7",)"
                          R"("q":"900","T":1700000000004,"m":true})") == "block");
    CHECK(decoded(*codec, combined(R"({"e":"kline","s":"ZEDUSDT","k":{"t":1700000000000,)"
                                   R"("o":"7","c":"7","h":"7","l":"7","v":"1","x":true}})")) ==
          "candle");
    CHECK(decoded(*codec, R"({"e":"serverShutdown","E":1700000000005})") == "notice");
    CHECK(decoded(*codec, R"({"stream":"!serverShutdown","data":{"e":"serverShutdown",)"
                          R"("E":1700000000005}})") == "notice");
    CHECK(decoded(*codec, combined(R"([{"e":"24hrTicker","s":"ZEDUSDT","p":"1","q":"2"}])")) ==
          "other");
    CHECK(decoded(*codec, combined(R"({"u":5,"s":"ZEDUSDT","b":"7","B":"1","a":"8","A":"1"})")) ==
          "other");
    CHECK(
        decoded(*codec, combined(R"({"e":"depthUpdate","s":"ZEDUSDT","b":[["7","1"]],"a":[]})")) ==
        "other");
}

TEST_CASE("binance answers: a null result is an ack, another result is information") {
    auto const codec = make_binance_codec();
    CHECK(decoded(*codec, R"({"result":null,"id":12})") == "ack request=12");
    CHECK(decoded(*codec, R"({"result":null,"id":"12"})") == "ack request=12");
    CHECK(decoded(*codec, R"({"result":null,"id":"x-1"})") == "ack");
    CHECK(decoded(*codec, R"({"result":null,"id":null})") == "ack");
    CHECK(decoded(*codec, R"({"result":["zedusdt@trade"],"id":3})") == "info request=3");
    CHECK(decoded(*codec, R"({"id":4,"result":true})") == "info request=4");
}

TEST_CASE("a binance error has a code, and zero is one") {
    auto const codec = make_binance_codec();
    CHECK(decoded(*codec, R"({"code":0,"msg":"No such property","id":7})") ==
          "error code=0 message=No such property request=7");
    CHECK(decoded(*codec, R"({"code":2,"msg":"Say \"SUBSCRIBE\""})") ==
          "error code=2 message=Say \"SUBSCRIBE\"");
    CHECK(decoded(*codec, R"({"error":{"code":3,"msg":"Not JSON"},"id":8})") ==
          "error code=3 message=Not JSON request=8");
    CHECK(decoded(*codec, R"({"event":"error","code":"60012","msg":"Elsewhere"})") == "other");
}

TEST_CASE("a binance symbol may be any text") {
    auto const codec = make_binance_codec();
    CHECK(decoded(*codec, combined(with(kTradeBody, "ZEDUSDT", "\xE5\xB8\x81USDT")))
              .starts_with("trade | \xE5\xB8\x81USDT 7.25"));
    CHECK(decoded(*codec, combined(with(kTradeBody, "ZEDUSDT", R"(ZED\u0055SDT)"))) == kTradeRow);
    CHECK(decoded(*codec, combined(with(kTradeBody, "ZEDUSDT", ""))) == "bad missing_field");
    CHECK(decoded(*codec, combined(with(kTradeBody, "ZEDUSDT", "\xC3\x28"))) == "bad utf8");
}

TEST_CASE("a binance trade with one wrong field is bad, says why and gives nothing") {
    auto const codec = make_binance_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("p":"7.25000000")", R"("p":7.25)", "bad wrong_type"},
             {R"("p":"7.25000000")", R"("p":null)", "bad wrong_type"},
             {R"("p":"7.25000000")", R"("p":["7.25"])", "bad wrong_type"},
             {R"("p":"7.25000000",)", "", "bad missing_field"},
             {R"("p":"7.25000000")", R"("p":"")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"NaN")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"-7.25")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"-0")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"0.00000000")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"7\u002e25")", "bad bad_number"},
             {R"("p":"7.25000000")", R"("p":"1234567890123456789012345678901234567890")",
              "bad overflow"},
             {R"("p":"7.25000000")", R"("p":"0.00000000001")", "bad overflow"},
             {R"("p":"7.25000000")", R"("p":7.25 7)", "bad not_json"},
             {R"("q":"2.50000000")", R"("q":"0")", "bad bad_number"},
             {R"("m":true)", R"("m":"true")", "bad wrong_type"},
             {R"("m":true)", R"("m":truth)", "bad not_json"},
             {R"("m":true,)", "", "bad missing_field"},
             {R"("t":41,)", "", "bad missing_field"},
             {R"("T":1700000000004,)", "", "bad missing_field"},
             {R"("s":"ZEDUSDT",)", "", "bad missing_field"},
             {R"("s":"ZEDUSDT")", R"("s":7)", "bad wrong_type"},
             {R"("e":"trade")", R"("e":1)", "bad wrong_type"},
         }) {
        INFO(c.from << " -> " << c.to);
        CHECK(decoded(*codec, combined(with(kTradeBody, c.from, c.to))) == c.result);
        CHECK(decoded(*codec, with(kTradeBody, c.from, c.to)) == c.result);
    }
    CHECK(decoded(*codec, combined(kTradeBody)) == kTradeRow);
}

TEST_CASE("binance is asked for aggregated trades in lower case, in batches") {
    auto const codec = make_binance_codec();
    std::vector<std::string> const two{"ZEDUSDT", "Q\xC3\x84USDT"};
    auto const frames = codec->subscribe(two, 5);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0] ==
          "{\"method\":\"SUBSCRIBE\",\"params\":[\"zedusdt@aggTrade\","
          "\"q\xC3\x84usdt@aggTrade\"],\"id\":5}");
    CHECK(codec->unsubscribe(two, 6)[0].starts_with(R"({"method":"UNSUBSCRIBE")"));
    std::vector<std::string> const many(401, "AUSDT");
    auto const split = codec->subscribe(many, 10);
    REQUIRE(split.size() == 3);
    CHECK(split[2] == R"({"method":"SUBSCRIBE","params":["ausdt@aggTrade"],"id":12})");
    CHECK(codec->subscribe({}, 1).empty());
    CHECK(codec->ping(1).empty());
}

TEST_CASE("every recorded binance frame says what it is known to say") {
    auto const codec = make_binance_codec();
    std::size_t const compared = test::check_samples(*codec, "binance");
    if (compared == 0) return test::skip("binance samples", "no recorded frames here");
    CHECK(compared > 1500);
}
