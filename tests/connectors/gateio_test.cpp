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
const std::string kSell =
    R"({"id":44,"id_market":44,"create_time":1767323045,"create_time_ms":"1767323045006.4578",)"
    R"("side":"sell","currency_pair":"ZED_USDT","amount":"16.4700000000","price":"0.470500",)"
    R"("range":"42-44","trade_mode":0})";
const std::string kSellRow = " | ZED_USDT 0.4705 16.47 sell 1767323045006457800 44 ";

std::string frame_of(const std::string& row, const std::string& channel = "spot.trades") {
    return R"({"time":1767323045,"time_ms":1767323045007,"channel":")" + channel +
           R"(","event":"update","result":)" + row + "}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

IdRange ids_of(const std::string& text) {
    auto const codec = make_gateio_codec();
    test::Frame const frame(text);
    Decoded const result = codec->decode(frame.view(), false);
    REQUIRE(result.trades.size() == 1);
    return covered_ids(result.trades[0]);
}

}  // namespace

TEST_CASE("a gate trade covers its range, spaced and in any order too") {
    auto const codec = make_gateio_codec();
    std::string const live = "trade" + kSellRow + "live fills=42..44";
    CHECK(decoded(*codec, frame_of(kSell)) == live);
    CHECK(decoded(*codec, test::spaced(frame_of(kSell))) == live);
    CHECK(decoded(*codec, R"({"result":)" + kSell +
                              R"(,"new":[{}],"event":"update","channel":"spot.trades"})") == live);
    CHECK(decoded(*codec, frame_of(R"({"range":"42-44","price":"0.4705","amount":"16.47",)"
                                   R"("currency_pair":"ZED\u005fUSDT","side":"sell",)"
                                   R"("create_time_ms":"1767323045006.4578","id":44})")) == live);
    CHECK(ids_of(frame_of(kSell)) == IdRange{42, 44});
}

TEST_CASE("a gate row without a range proves nothing") {
    CHECK(ids_of(frame_of(with(kSell, R"("range":"42-44",)", ""))) == IdRange{});
}

TEST_CASE("gate times are milliseconds with any fraction") {
    auto const codec = make_gateio_codec();
    auto const at = [&](const std::string& text) {
        std::string const out = decoded(*codec, frame_of(with(kSell, "1767323045006.4578", text)));
        std::size_t const from = out.find("sell ");
        return from == std::string::npos ? out : out.substr(from + 5, 19);
    };
    CHECK(at("1767323045006") == "1767323045006000000");
    CHECK(at("1767323045006.0") == "1767323045006000000");
    CHECK(at("1767323045006.653000") == "1767323045006653000");
    CHECK(at("1767323045006.1234569") == "1767323045006123456");
    CHECK(at("1767323045006.") == "bad bad_time");
    CHECK(at("1767323045006.-1") == "bad bad_time");
    CHECK(at("1767323045.006") == "bad bad_time");
    CHECK(at("99999999999999.0") == "bad bad_time");
    CHECK(at("") == "bad bad_time");
}

TEST_CASE("a gate row with one wrong field is bad and says why") {
    auto const codec = make_gateio_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("currency_pair":"ZED_USDT",)", "", "bad missing_field"},
             {R"("currency_pair":"ZED_USDT")", R"("currency_pair":1)", "bad wrong_type"},
             {R"("id":44,"id_market")", R"("id":"44","id_market")", "bad wrong_type"},
             {R"("id":44,"id_market")", R"("id_market")", "bad missing_field"},
             {R"("side":"sell")", R"("side":"SELL")", "bad bad_side"},
             {R"("amount":"16.4700000000")", R"("amount":16.47)", "bad wrong_type"},
             {R"("amount":"16.4700000000")", R"("amount":"0.0")", "bad bad_number"},
             {R"("price":"0.470500")", R"("price":"0.0000000001")", "bad overflow"},
             {R"("range":"42-44")", R"("range":"44-42")", "bad bad_number"},
             {R"("range":"42-44")", R"("range":"42")", "bad bad_number"},
             {R"("range":"42-44")", R"("range":"1-9999999999")", "bad bad_number"},
             {R"("range":"42-44")", R"("range":42)", "bad wrong_type"},
         }) {
        INFO(c.from << " -> " << c.to);
        CHECK(decoded(*codec, frame_of(with(kSell, c.from, c.to))) == c.result);
    }
    CHECK(decoded(*codec, frame_of("[" + kSell + "]")) == "bad wrong_type");
    CHECK(decoded(*codec, R"({"channel":"spot.trades","event":"update"})") == "bad missing_field");
}

TEST_CASE("a gate frame that is cut anywhere gives no trade") {
    auto const codec = make_gateio_codec();
    std::string const whole = frame_of(kSell);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        CHECK(codec->decode(frame.view(), false).trades.empty());
    }
    CHECK(decoded(*codec, whole + "{}") == "bad not_json");
}

TEST_CASE("gate answers once a request, and its error decides") {
    auto const codec = make_gateio_codec();
    std::string const head = R"({"time":1,"id":6,"channel":"spot.trades","event":"subscribe",)"
                             R"("payload":["NOPE_USDT"],)";
    CHECK(decoded(*codec, head + R"("result":{"status":"success"}})") == "ack request=6");
    CHECK(decoded(*codec, head + R"("error":null,"result":{"status":"success"}})") ==
          "ack request=6");
    CHECK(decoded(*codec, head + R"("error":{"code":2,"message":"unknown currency pair: )"
                                 R"(NOPE_USDT"},"result":{"status":"fail"}})") ==
          "error symbol=NOPE_USDT code=2 message=unknown currency pair: NOPE_USDT request=6");
    CHECK(decoded(*codec, head + R"("error":{"code":1,"message":"bad payload"}})") ==
          "error code=1 message=bad payload request=6");
    CHECK(decoded(*codec, head + R"("result":{"status":"fail"}})") == "error request=6");
    CHECK(decoded(*codec, R"({"channel":"spot.trades","event":"unsubscribe","id":7,)"
                          R"("result":{"status":"success"}})") == "ack request=7");
}

TEST_CASE("gate announces an upgrade in a frame without a channel") {
    auto const codec = make_gateio_codec();
    CHECK(decoded(*codec, R"({"type":"upgrade","msg":"soon"})") == "notice message=soon");
    CHECK(decoded(*codec, R"({"time":1,"channel":"spot.pong","event":"","error":null})") == "pong");
    CHECK(decoded(*codec, frame_of(R"({"t":"1","v":"9","a":"2"})", "spot.candlesticks")) ==
          "candle");
    CHECK(decoded(*codec, frame_of(kSell, "spot.trades_v2")) == "other");
    CHECK(decoded(*codec, frame_of(R"([{"size":-90}])", "futures.trades")) == "other");
    CHECK(decoded(*codec, R"({"method":"trades.update","params":["ZED_USDT",[]],"id":null})") ==
          "other");
}

TEST_CASE("gate requests and pings carry the time that the codec was told") {
    auto const codec = make_gateio_codec();
    codec->set_wall_clock(UnixNanos{1'767'323'045'999'999'999});
    std::vector<std::string> const two{"ZED_USDT", "A\"B"};
    CHECK(codec->subscribe(two, 3)[0] ==
          R"({"time":1767323045,"id":3,"channel":"spot.trades","event":"subscribe",)"
          R"("payload":["ZED_USDT","A\"B"]})");
    CHECK(codec->unsubscribe({two.data(), 1}, 4)[0] ==
          R"({"time":1767323045,"id":4,"channel":"spot.trades","event":"unsubscribe",)"
          R"("payload":["ZED_USDT"]})");
    CHECK(codec->ping(5) == R"({"time":1767323045,"channel":"spot.ping"})");
    CHECK(codec->subscribe(std::vector<std::string>(51, "A_USDT"), 1).size() == 2);
}

TEST_CASE("every recorded gate frame says what it is known to say") {
    auto const codec = make_gateio_codec();
    std::size_t const compared = test::check_samples(*codec, "gateio");
    if (compared == 0) return test::skip("gate samples", "no recorded frames here");
    CHECK(compared > 170);
}
