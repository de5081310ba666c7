#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

// Made up, in the order in which the spot path writes the fields.
const std::string kSpotRow =
    R"({"i":"2300000000000000007","T":1700000000004,"p":"7.25","v":"2.5","S":"Sell",)"
    R"("seq":5,"s":"ZEDUSDT","BT":false,"RPI":true})";
// The same print in the order of the linear path, which has uuids.
const std::string kLinearRow =
    R"({"T":1700000000004,"s":"ZEDUSDT","S":"Sell","v":"2.5","p":"7.250","L":"MinusTick",)"
    R"("i":"0a1b2c3d-0000-4000-8000-00000000000f","BT":false,"seq":5})";
const std::string kUuid = "0a1b2c3d-0000-4000-8000-00000000000f";
const std::string kPrint = "ZEDUSDT 7.25 2.5 sell 1700000000004000000 ";

std::string frame_of(const std::string& rows) {
    return R"({"topic":"publicTrade.ZEDUSDT","ts":1700000000040,"type":"snapshot","data":[)" +
           rows + "]}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a bybit snapshot is live, in both orders of its fields") {
    auto const codec = make_bybit_codec();
    std::string const spot = "trade | " + kPrint + "2300000000000000007 live";
    std::string const linear = "trade | " + kPrint + kUuid + " live";
    // Orders may alternate: each frame is read for itself.
    for (int i = 0; i < 3; ++i) {
        CHECK(decoded(*codec, frame_of(kSpotRow)) == spot);
        CHECK(decoded(*codec, frame_of(kLinearRow)) == linear);
        CHECK(decoded(*codec, frame_of(kLinearRow)) == linear);
        CHECK(decoded(*codec, test::spaced(frame_of(kSpotRow))) == spot);
    }
    CHECK(decoded(*codec, R"({"data":[)" + kSpotRow +
                              R"(],"type":"snapshot","x":1,"topic":"publicTrade.ZEDUSDT"})") ==
          spot);
}

TEST_CASE("a numeric bybit id is itself, a uuid becomes a hash, neither is dense") {
    auto const codec = make_bybit_codec();
    test::Frame const spot(frame_of(kSpotRow));
    Decoded result = codec->decode(spot.view(), false);
    REQUIRE(result.trades.size() == 1);
    CHECK(result.trades[0].id == 2'300'000'000'000'000'007ULL);
    CHECK_FALSE(result.trades[0].dense);
    test::Frame const linear(frame_of(kLinearRow + "," + kLinearRow));
    result = codec->decode(linear.view(), false);
    REQUIRE(result.trades.size() == 2);
    CHECK(result.trades[0].id_text == kUuid);
    CHECK(result.trades[0].id != 0);
    CHECK(result.trades[0].id == result.trades[1].id);
    std::uint64_t const before = result.trades[0].id;
    test::Frame const other(frame_of(with(kLinearRow, "000f", "000e")));
    CHECK(codec->decode(other.view(), false).trades[0].id != before);
    // FNV-1a of "a", as its authors publish it: ids on old tapes must keep their hash.
    test::Frame const letter(frame_of(with(kSpotRow, "2300000000000000007", "a")));
    CHECK(codec->decode(letter.view(), false).trades[0].id == 0xaf63'dc4c'8601'ec8cULL);
}

TEST_CASE("a bybit block trade stays a row and is marked") {
    auto const codec = make_bybit_codec();
    std::string const block = with(kSpotRow, R"("BT":false)", R"("BT":true)");
    CHECK(decoded(*codec, frame_of(kSpotRow + "," + block)) ==
          "trade | " + kPrint + "2300000000000000007 live | " + kPrint +
              "2300000000000000007 live block");
    std::string const old = with(kSpotRow, R"(,"BT":false,"RPI":true)", "");
    CHECK(decoded(*codec, frame_of(old)) == "trade | " + kPrint + "2300000000000000007 live");
}

TEST_CASE("a bybit frame holds up to 1024 rows, all or nothing") {
    auto const codec = make_bybit_codec();
    std::string rows = kSpotRow;
    for (int i = 1; i < 1024; ++i) rows += "," + kSpotRow;
    test::Frame const full(frame_of(rows));
    CHECK(codec->decode(full.view(), false).trades.size() == 1024);
    CHECK(decoded(*codec, frame_of(rows + "," + kSpotRow)) == "bad too_large");
    std::string const last_bad = kSpotRow + "," + with(kSpotRow, "Sell", "sell");
    CHECK(decoded(*codec, frame_of(last_bad)) == "bad bad_side");
    CHECK(decoded(*codec, frame_of("")) == "trade");
    CHECK(decoded(*codec, frame_of(kSpotRow + ",7")) == "bad wrong_type");
}

TEST_CASE("a bybit row with one wrong field is bad and says why") {
    auto const codec = make_bybit_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("i":"2300000000000000007",)", "", "bad missing_field"},
             {R"("i":"2300000000000000007")", R"("i":"")", "bad missing_field"},
             {R"("i":"2300000000000000007")", R"("i":7)", "bad wrong_type"},
             {R"("T":1700000000004)", R"("T":"1700000000004")", "bad wrong_type"},
             {R"("T":1700000000004)", R"("T":1)", "bad bad_time"},
             {R"("p":"7.25")", R"("p":"1e400")", "bad overflow"},
             {R"("v":"2.5")", R"("v":"-2.5")", "bad bad_number"},
             {R"("v":"2.5")", R"("v":2.5)", "bad wrong_type"},
             {R"("S":"Sell")", R"("S":"None")", "bad bad_side"},
             {R"("S":"Sell")", R"("S":true)", "bad wrong_type"},
             {R"("s":"ZEDUSDT",)", "", "bad missing_field"},
             {R"("BT":false)", R"("BT":0)", "bad wrong_type"},
             {R"("BT":false)", R"("BT":nope)", "bad not_json"},
         }) {
        INFO(c.from << " -> " << c.to);
        CHECK(decoded(*codec, frame_of(with(kSpotRow, c.from, c.to))) == c.result);
    }
    CHECK(decoded(*codec, R"({"topic":"publicTrade.ZEDUSDT","type":"snapshot"})") ==
          "bad missing_field");
    CHECK(decoded(*codec, R"({"topic":"publicTrade.ZEDUSDT","data":{}})") == "bad wrong_type");
}

TEST_CASE("a bybit refusal names the symbol when the venue does") {
    auto const codec = make_bybit_codec();
    CHECK(decoded(*codec, R"({"success":false,"ret_msg":"Invalid symbol :[publicTrade.NOPE]",)"
                          R"("conn_id":"c","req_id":"4","op":"subscribe"})") ==
          "error symbol=NOPE message=Invalid symbol :[publicTrade.NOPE] request=4");
    CHECK(decoded(*codec, R"({"success":false,"ret_msg":"bad [orderbook.50.NOPE]"})") ==
          "error symbol=NOPE message=bad [orderbook.50.NOPE]");
    CHECK(decoded(*codec, R"({"success":false,"ret_msg":"args size >10","op":"subscribe"})") ==
          "error message=args size >10");
    CHECK(decoded(*codec, R"({"success":false,"ret_msg":"odd ["})") == "error message=odd [");
    CHECK(decoded(*codec, R"({"success":false,"ret_msg":null})") == "error");
}

TEST_CASE("bybit answers: acks by text or number, pongs of two kinds") {
    auto const codec = make_bybit_codec();
    CHECK(decoded(*codec, R"({"success":true,"ret_msg":"subscribe","req_id":"12",)"
                          R"("op":"subscribe"})") == "ack request=12");
    CHECK(decoded(*codec, R"({"success":true,"ret_msg":"","req_id":12,"op":"subscribe"})") ==
          "ack request=12");
    CHECK(decoded(*codec, R"({"success":true,"ret_msg":"","op":"unsubscribe"})") == "ack");
    CHECK(decoded(*codec, R"({"success":true,"ret_msg":"pong","req_id":"1","op":"ping"})") ==
          "pong");
    CHECK(decoded(*codec, R"({"req_id":"1","op":"pong","args":["1700000000000"]})") == "pong");
    CHECK(decoded(*codec, R"({"success":true})") == "other");
}

TEST_CASE("what is not a print on bybit is named and gives no trade") {
    auto const codec = make_bybit_codec();
    CHECK(decoded(*codec, R"({"topic":"kline.1.ZEDUSDT","data":[{"open":"7"}],"ts":1})") ==
          "candle");
    CHECK(decoded(*codec, R"({"topic":"system.status","ts":1,"data":[]})") == "status");
    CHECK(decoded(*codec, R"({"topic":"orderbook.1.ZEDUSDT","type":"delta","data":{"b":[]}})") ==
          "other");
    // Two retired protocols.
    CHECK(decoded(*codec, R"({"topic":"trade","params":{"symbol":"ZEDUSDT"},)"
                          R"("data":{"v":"1","t":1,"p":"7","q":"1","m":true}})") == "other");
    CHECK(decoded(*codec, R"({"topic":"trade.ZEDUSDT","data":[{"symbol":"ZEDUSDT",)"
                          R"("price":"7","size":1,"side":"Buy"}]})") == "other");
}

TEST_CASE("bybit is asked for ten topics at a time") {
    auto const codec = make_bybit_codec();
    std::vector<std::string> symbols;
    for (int i = 0; i < 11; ++i) symbols.push_back("S" + std::to_string(i));
    auto const frames = codec->subscribe(symbols, 3);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].starts_with(R"({"req_id":"3","op":"subscribe","args":["publicTrade.S0",)"));
    CHECK(frames[1] == R"({"req_id":"4","op":"subscribe","args":["publicTrade.S10"]})");
    CHECK(codec->unsubscribe(symbols, 5)[1] ==
          R"({"req_id":"6","op":"unsubscribe","args":["publicTrade.S10"]})");
    CHECK(codec->ping(9) == R"({"req_id":"9","op":"ping"})");
}

TEST_CASE("every recorded bybit frame says what it is known to say") {
    auto const codec = make_bybit_codec();
    std::size_t const compared = test::check_samples(*codec, "bybit");
    if (compared == 0) return test::skip("bybit samples", "no recorded frames here");
    CHECK(compared > 20);
}
