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
    R"({"instId":"ZED-USDT","tradeId":"44","px":"7.250","sz":"0.0004478","side":"buy",)"
    R"("ts":"1767323045006","count":"3","source":"0","seqId":9007199254740995})";
const std::string kBuyRow = " | ZED-USDT 7.25 0.0004478 buy 1767323045006000000 44 ";

std::string frame_of(const std::string& rows, const std::string& channel = "trades") {
    return R"({"arg":{"channel":")" + channel + R"(","instId":"ZED-USDT"},"data":[)" + rows + "]}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string ack(const std::string& connection, const std::string& event = "subscribe") {
    return R"({"event":")" + event +
           R"(","arg":{"channel":"trades","instId":"ZED-USDT"},"connId":")" + connection + "\"}";
}

}  // namespace

TEST_CASE("an okx trade covers the ids of its fills, spaced and in any order too") {
    auto const codec = make_okx_codec();
    std::string const live = "trade" + kBuyRow + "live fills=42..44";
    CHECK(decoded(*codec, frame_of(kBuy)) == live);
    CHECK(decoded(*codec, test::spaced(frame_of(kBuy))) == live);
    CHECK(decoded(*codec, R"({"data":[)" + kBuy +
                              R"(],"x":1,"arg":{"instId":"Q","channel":"trades"}})") == live);
    CHECK(decoded(*codec, frame_of(R"({"count":"3","ts":"1767323045006","side":"buy",)"
                                   R"("sz":"0.00044780","px":"7.25","tradeId":"44",)"
                                   R"("instId":"ZED-\u0055SDT"})")) == live);
    test::Frame const frame(frame_of(kBuy));
    CHECK(covered_ids(codec->decode(frame.view(), false).trades[0]) == IdRange{42, 44});
}

TEST_CASE("an okx row without a count is one fill") {
    auto const codec = make_okx_codec();
    test::Frame const frame(frame_of(with(kBuy, R"("count":"3",)", "")));
    Decoded const result = codec->decode(frame.view(), false);
    REQUIRE(result.trades.size() == 1);
    CHECK(covered_ids(result.trades[0]) == IdRange{44, 44});
    CHECK(decoded(*codec, frame_of(kBuy, "trades-all")).starts_with("trade" + kBuyRow));
}

TEST_CASE("the first okx trade after the first acknowledgement is history") {
    auto const codec = make_okx_codec();
    std::string const sell = with(with(kBuy, "buy", "sell"), "44", "47");
    auto const state = [&](const std::string& text) {
        test::Frame const frame(text);
        Decoded const result = codec->decode(frame.view(), false);
        std::string out;
        for (TradeRow const& row : result.trades) out += row.live ? 'L' : 'H';
        return out;
    };
    CHECK(state(frame_of(kBuy)) == "L");
    CHECK(decoded(*codec, ack("c1")) == "ack symbol=ZED-USDT");
    CHECK(state(ack("c1")).empty());
    CHECK(state(frame_of(kBuy + "," + sell)) == "HL");
    // Acknowledged again on the same connection: nothing is pushed again.
    CHECK(state(ack("c1")).empty());
    CHECK(state(frame_of(sell)) == "L");
    // On another connection the newest trade comes again.
    CHECK(state(ack("c2")).empty());
    CHECK(state(with(frame_of(sell), R"("count":"3",)", "")) == "H");
    CHECK(state(frame_of(sell)) == "L");
    // And after it was left and asked for anew.
    CHECK(state(ack("c2", "unsubscribe")).empty());
    CHECK(state(ack("c2")).empty());
    CHECK(state(frame_of(sell)) == "H");
    // Other instruments and channels have no say in it.
    CHECK(state(with(ack("c2"), "ZED", "AAA")).empty());
    CHECK(state(with(ack("c3"), "trades", "tickers")).empty());
    CHECK(state(frame_of(sell)) == "L");
}

TEST_CASE("an okx row with one wrong field is bad and says why") {
    auto const codec = make_okx_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("instId":"ZED-USDT",)", "", "bad missing_field"},
             {R"("instId":"ZED-USDT")", R"("instId":7)", "bad wrong_type"},
             {R"("tradeId":"44")", R"("tradeId":44)", "bad wrong_type"},
             {R"("tradeId":"44")", R"("tradeId":"4x")", "bad bad_number"},
             {R"("px":"7.250")", R"("px":7.25)", "bad wrong_type"},
             {R"("px":"7.250")", R"("px":"0")", "bad bad_number"},
             {R"("sz":"0.0004478")", R"("sz":"0.00000000001")", "bad overflow"},
             {R"("sz":"0.0004478")", R"("sz":"-1")", "bad bad_number"},
             {R"("side":"buy")", R"("side":"BUY")", "bad bad_side"},
             {R"("ts":"1767323045006")", R"("ts":"1767323045")", "bad bad_time"},
             {R"("ts":"1767323045006")", R"("ts":1767323045006)", "bad wrong_type"},
             {R"("count":"3")", R"("count":"0")", "bad bad_number"},
             {R"("count":"3")", R"("count":"45")", "bad bad_number"},
             {R"("count":"3")", R"("count":3)", "bad wrong_type"},
         }) {
        INFO(c.from << " -> " << c.to);
        std::string const row = with(kBuy, c.from, c.to);
        CHECK(decoded(*codec, frame_of(row)) == c.result);
        CHECK(decoded(*codec, frame_of(kBuy + "," + row)) == c.result);
    }
    CHECK(decoded(*codec, R"({"arg":{"channel":"trades"}})") == "bad missing_field");
    CHECK(decoded(*codec, R"({"arg":{"channel":"trades"},"data":{}})") == "bad wrong_type");
    CHECK(decoded(*codec, R"({"arg":{"channel":"trades"},"data":[7]})") == "bad wrong_type");
}

TEST_CASE("an okx frame that is cut anywhere gives no trade") {
    auto const codec = make_okx_codec();
    std::string const whole = frame_of(kBuy);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        CHECK(codec->decode(frame.view(), false).trades.empty());
    }
    CHECK(decoded(*codec, whole + "}") == "bad not_json");
}

TEST_CASE("okx refuses by name, warns before a cut and answers pings with a word") {
    auto const codec = make_okx_codec();
    CHECK(decoded(*codec, R"({"id":"6","event":"error","code":"60018","msg":"No channel:trades,)"
                          R"(instId:NOPE-USDT here.","connId":"c"})") ==
          "error symbol=NOPE-USDT code=60018 "
          "message=No channel:trades,instId:NOPE-USDT here. request=6");
    CHECK(decoded(*codec, R"({"event":"error","code":"60012","msg":"Bad: instId:ZED-USDT"})") ==
          "error code=60012 message=Bad: instId:ZED-USDT");
    CHECK(decoded(*codec, R"({"event":"notice","code":"64008","msg":"soon"})") ==
          "notice code=64008 message=soon");
    CHECK(decoded(*codec, R"({"event":"channel-conn-count","connCount":"2"})") == "info");
    CHECK(decoded(*codec, R"({"event":"channel-conn-count-error","connCount":"30"})") ==
          "error code=channel-conn-count-error");
    CHECK(decoded(*codec, R"({"event":"login","code":"0"})") == "other");
    CHECK(decoded(*codec, "pong") == "pong");
    CHECK(decoded(*codec, "pong!") == "bad not_json");
    CHECK(decoded(*codec, "ping") == "bad not_json");
    CHECK(decoded(*codec, "") == "bad empty");
    CHECK(decoded(*codec, "pong", true) == "bad not_text");
}

TEST_CASE("okx frames that are not ours give no trade") {
    auto const codec = make_okx_codec();
    CHECK(decoded(*codec, frame_of(R"(["1","2"])", "candle1m")) == "candle");
    CHECK(decoded(*codec, R"({"arg":{"channel":"status"},"data":[{"state":"ongoing"}]})") ==
          "status");
    CHECK(decoded(*codec, frame_of(R"({"bids":[]})", "books5")) == "other");
    CHECK(decoded(*codec, R"({"table":"spot/trade","data":[]})") == "other");
    CHECK(decoded(*codec, R"({"arg":"trades","data":[]})") == "other");
}

TEST_CASE("okx is asked for many instruments at once and pinged with a word") {
    auto const codec = make_okx_codec();
    std::vector<std::string> const two{"ZED-USDT", "A\"B"};
    CHECK(codec->subscribe(two, 3)[0] ==
          R"({"id":"3","op":"subscribe","args":[{"channel":"trades","instId":"ZED-USDT"},)"
          R"({"channel":"trades","instId":"A\"B"}]})");
    CHECK(codec->unsubscribe({two.data(), 1}, 4)[0] ==
          R"({"id":"4","op":"unsubscribe","args":[{"channel":"trades","instId":"ZED-USDT"}]})");
    CHECK(codec->ping(5) == "ping");
    CHECK(codec->subscribe(std::vector<std::string>(101, "A-USDT"), 1).size() == 2);
}

TEST_CASE("every recorded okx frame says what it is known to say") {
    auto const codec = make_okx_codec();
    std::size_t const compared = test::check_samples(*codec, "okx");
    if (compared == 0) return test::skip("okx samples", "no recorded frames here");
    CHECK(compared > 290);
}
