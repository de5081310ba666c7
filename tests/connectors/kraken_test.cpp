#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

// Made up, in the venue's form.
const std::string kBuy =
    R"({"symbol":"ZED/USD","side":"buy","price":7.2500,"qty":0.00044780,"ord_type":"limit",)"
    R"("trade_id":41,"timestamp":"2026-01-02T03:04:05.000006Z"})";
const std::string kBuyRow = " | ZED/USD 7.25 0.0004478 buy 1767323045000006000 41 ";

std::string frame_of(const std::string& rows, const std::string& type = "update") {
    return R"({"channel":"trade","type":")" + type + R"(","data":[)" + rows + "]}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a kraken trade reads the same spaced and in any order") {
    auto const codec = make_kraken_codec();
    std::string const live = "trade" + kBuyRow + "live";
    CHECK(decoded(*codec, frame_of(kBuy)) == live);
    CHECK(decoded(*codec, test::spaced(frame_of(kBuy))) == live);
    CHECK(decoded(*codec, R"({"data":[)" + kBuy + R"(],"type":"update","channel":"trade"})") ==
          live);
    CHECK(decoded(*codec, frame_of(R"({"trade_id":41,"timestamp":"2026-01-02T03:04:05.000006Z",)"
                                   R"("qty":0.0004478,"x":[],"side":"buy","price":7.25,)"
                                   R"("symbol":"ZED\/USD"})")) == live);
}

TEST_CASE("a kraken snapshot is history and an update is live") {
    auto const codec = make_kraken_codec();
    std::string const sell = with(with(kBuy, "buy", "sell"), "41", "42");
    CHECK(decoded(*codec, frame_of(kBuy + "," + sell, "snapshot")) ==
          "trade" + kBuyRow +
              "history | ZED/USD 7.25 0.0004478 sell 1767323045000006000 42 "
              "history");
    CHECK(decoded(*codec, R"({"data":[)" + kBuy + R"(],"channel":"trade","type":"snapshot"})") ==
          "trade" + kBuyRow + "history");
    CHECK(decoded(*codec, frame_of("", "snapshot")) == "trade");
    CHECK(decoded(*codec, frame_of(kBuy, "correction")) == "other");
    test::Frame const frame(frame_of(kBuy));
    CHECK(codec->decode(frame.view(), false).trades[0].dense);
}

TEST_CASE("kraken numbers are read as decimals, never as doubles") {
    auto const codec = make_kraken_codec();
    auto const price = [&](const std::string& text) {
        return decoded(*codec, frame_of(with(kBuy, "7.2500", text)));
    };
    CHECK(price("9007199.254740993").starts_with("trade | ZED/USD 9007199.254740993 "));
    CHECK(price("7").starts_with("trade | ZED/USD 7 "));
    CHECK(price("72.5e-1") == "trade" + kBuyRow + "live");
    CHECK(price("1.5E-7").starts_with("trade | ZED/USD 0.00000015 "));
    CHECK(price("1e400") == "bad overflow");
    CHECK(price("1e-400") == "bad overflow");
    CHECK(price("0.0") == "bad bad_number");
    CHECK(price("-0") == "bad bad_number");
    CHECK(price("-7.25") == "bad bad_number");
    CHECK(price("7.") == "bad bad_number");
    CHECK(price("NaN") == "bad not_json");
    CHECK(price("\"7.25\"") == "bad wrong_type");
    CHECK(price("1111111111222222222233333333334444444444") == "bad overflow");
}

TEST_CASE("kraken times have any number of fraction digits") {
    auto const codec = make_kraken_codec();
    auto const at = [&](const std::string& text) {
        return decoded(*codec, frame_of(with(kBuy, "2026-01-02T03:04:05.000006Z", text)));
    };
    CHECK(at("2026-01-02T03:04:05Z").find(" 1767323045000000000 ") != std::string::npos);
    CHECK(at("2026-01-02T03:04:05.123456789Z").find(" 1767323045123456789 ") != std::string::npos);
    CHECK(at("1970-01-01T00:00:00Z") == "bad bad_time");
    CHECK(at("0001-01-01T00:00:00Z") == "bad bad_time");
    CHECK(at("yesterday") == "bad bad_time");
    CHECK(at("") == "bad bad_time");
}

TEST_CASE("a kraken row with one wrong field is bad and says why") {
    auto const codec = make_kraken_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("symbol":"ZED/USD",)", "", "bad missing_field"},
             {R"("symbol":"ZED/USD")", R"("symbol":["ZED/USD"])", "bad wrong_type"},
             {R"("side":"buy")", R"("side":"b")", "bad bad_side"},
             {R"("side":"buy",)", "", "bad missing_field"},
             {R"("qty":0.00044780)", R"("qty":0)", "bad bad_number"},
             {R"("qty":0.00044780)", R"("qty":0.00000000001)", "bad overflow"},
             {R"("trade_id":41)", R"("trade_id":4.1)", "bad bad_number"},
             {R"("trade_id":41)", R"("trade_id":"41")", "bad wrong_type"},
         }) {
        INFO(c.from << " -> " << c.to);
        std::string const row = with(kBuy, c.from, c.to);
        CHECK(decoded(*codec, frame_of(row)) == c.result);
        CHECK(decoded(*codec, frame_of(kBuy + "," + row)) == c.result);
    }
    CHECK(decoded(*codec, R"({"channel":"trade","type":"update"})") == "bad missing_field");
    CHECK(decoded(*codec, R"({"channel":"trade","data":[]})") == "bad missing_field");
    CHECK(decoded(*codec, R"({"channel":"trade","type":"update","data":{}})") == "bad wrong_type");
}

TEST_CASE("kraken answers once a symbol") {
    auto const codec = make_kraken_codec();
    CHECK(decoded(*codec, R"({"method":"subscribe","result":{"channel":"trade",)"
                          R"("snapshot":false,"symbol":"ZED/USD"},"success":true,"req_id":6})") ==
          "ack symbol=ZED/USD request=6");
    CHECK(decoded(*codec, R"({"error":"No such pair","method":"subscribe","success":false,)"
                          R"("symbol":"XBT/USD","req_id":6})") ==
          "error symbol=XBT/USD message=No such pair request=6");
    CHECK(decoded(*codec, R"({"error":"EAPI:Slow down","method":"subscribe","success":false})") ==
          "error message=EAPI:Slow down");
    CHECK(decoded(*codec, R"({"Error":"Too fast"})") == "error message=Too fast");
    CHECK(decoded(*codec, R"({"channel":"executions","error":"ESession:None"})") ==
          "error message=ESession:None");
    CHECK(decoded(*codec, R"({"method":"subscribe","success":false})") == "error");
    CHECK(decoded(*codec, R"({"method":"pong","req_id":2})") == "pong");
}

TEST_CASE("kraken says how it is") {
    auto const codec = make_kraken_codec();
    CHECK(decoded(*codec, R"({"channel":"heartbeat"})") == "heartbeat");
    // The connection id is beyond 63 bits, and lists may be missing.
    CHECK(decoded(*codec, R"({"channel":"status","type":"update","data":[{"system":)"
                          R"("maintenance","connection_id":18446744073709551615}]})") ==
          "status message=maintenance");
    CHECK(decoded(*codec, R"({"type":"update","data":[{"system":"online"}],)"
                          R"("channel":"status"})") == "status message=online");
    CHECK(decoded(*codec, R"({"channel":"ohlc","type":"snapshot","data":[{"open":7}]})") ==
          "candle");
    CHECK(decoded(*codec, R"({"channel":"book","type":"update","data":[{"bids":[]}]})") == "other");
}

TEST_CASE("other protocols on kraken's port give no trade") {
    auto const codec = make_kraken_codec();
    CHECK(decoded(*codec, R"([7,[["7.25","1","1700000000.1","b","m",""]],"trade","ZED/USD"])") ==
          "other");
    CHECK(decoded(*codec, R"({"event":"systemStatus","status":"online"})") == "other");
    CHECK(decoded(*codec, R"({"error":[],"result":{"ZEDUSD":[["7","1",1.1,"b","m","",3]]}})") ==
          "other");
    CHECK(decoded(*codec, R"({"feed":"trade","product_id":"PI_ZEDUSD","side":"buy","qty":1,)"
                          R"("price":7})") == "other");
}

TEST_CASE("kraken is always told whether to send a snapshot") {
    auto const codec = make_kraken_codec();
    std::vector<std::string> const two{"ZED/USD", "A\"B/USD"};
    CHECK(codec->subscribe(two, 3)[0] ==
          R"({"method":"subscribe","params":{"channel":"trade","symbol":["ZED/USD","A\"B/USD"],)"
          R"("snapshot":false},"req_id":3})");
    CHECK(codec->unsubscribe(two, 4)[0] ==
          R"({"method":"unsubscribe","params":{"channel":"trade","symbol":["ZED/USD",)"
          R"("A\"B/USD"]},"req_id":4})");
    CHECK(codec->ping(5) == R"({"method":"ping","req_id":5})");
    CHECK(codec->subscribe(std::vector<std::string>(51, "A/USD"), 1).size() == 2);
}

TEST_CASE("every recorded kraken frame says what it is known to say") {
    auto const codec = make_kraken_codec();
    std::size_t const compared = test::check_samples(*codec, "kraken");
    if (compared == 0) return test::skip("kraken samples", "no recorded frames here");
    CHECK(compared > 1100);
}
