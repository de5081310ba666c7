#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

// Made up, in the venue's form; the side is the maker's.
const std::string kNewer = R"({"product_id":"ZED-USD","trade_id":"45","price":"7.26","size":"2.0",)"
                           R"("time":"2026-01-02T03:04:05.1Z","side":"SELL"})";
const std::string kOlder =
    R"({"product_id":"ZED-USD","trade_id":"44","price":"7.2500","size":"0.5",)"
    R"("time":"2026-01-02T03:04:05Z","side":"BUY"})";
const std::string kNewerRow = " | ZED-USD 7.26 2 buy 1767323045100000000 45 ";
const std::string kOlderRow = " | ZED-USD 7.25 0.5 sell 1767323045000000000 44 ";

std::string event_of(const std::string& rows, const std::string& type = "update") {
    return R"({"type":")" + type + R"(","trades":[)" + rows + "]}";
}

std::string frame_of(const std::string& events) {
    return R"({"channel":"market_trades","client_id":"","timestamp":"2026-01-02T03:04:05Z",)"
           R"("sequence_num":2,"events":[)" +
           events + "]}";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string listed(Codec& codec, const std::string& text) {
    test::Frame const frame(text);
    Decoded const result = codec.decode(frame.view(), false);
    CHECK(result.kind == FrameKind::Ack);
    std::string out;
    for (std::string_view const symbol : result.subscribed) out += std::string(symbol) + ' ';
    return out;
}

}  // namespace

TEST_CASE("coinbase advanced trades come oldest first, spaced and in any order too") {
    auto const codec = make_coinbase_advanced_codec();
    std::string const both = frame_of(event_of(kNewer + "," + kOlder));
    std::string const live = "trade" + kOlderRow + "live" + kNewerRow + "live";
    CHECK(decoded(*codec, both) == live);
    CHECK(decoded(*codec, test::spaced(both)) == live);
    CHECK(decoded(*codec, R"({"events":[{"trades":[)" + kNewer + "," + kOlder +
                              R"(],"type":"update"}],"channel":"market_trades"})") == live);
    CHECK(decoded(*codec, frame_of("")) == "trade");
}

TEST_CASE("a coinbase advanced snapshot is history, event by event") {
    auto const codec = make_coinbase_advanced_codec();
    std::string const mixed = event_of(kOlder, "snapshot") + "," + event_of(kNewer);
    std::string const result = "trade" + kOlderRow + "history" + kNewerRow + "live";
    CHECK(decoded(*codec, frame_of(mixed)) == result);
    CHECK(decoded(*codec, test::spaced(frame_of(mixed))) == result);
    CHECK(decoded(*codec, with(frame_of(mixed), R"("channel":"market_trades",)", "")) == "other");
    CHECK(decoded(*codec, frame_of(event_of(kOlder, "correction"))) ==
          "trade" + kOlderRow + "history");
}

TEST_CASE("a coinbase advanced row with one wrong field is bad and says why") {
    auto const codec = make_coinbase_advanced_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("product_id":"ZED-USD",)", "", "bad missing_field"},
             {R"("trade_id":"44")", R"("trade_id":44)", "bad wrong_type"},
             {R"("trade_id":"44")", R"("trade_id":"x")", "bad bad_number"},
             {R"("price":"7.2500")", R"("price":7.25)", "bad wrong_type"},
             {R"("size":"0.5")", R"("size":"-0.5")", "bad bad_number"},
             {R"("size":"0.5")", R"("size":"0.00000000001")", "bad overflow"},
             {R"("side":"BUY")", R"("side":"buy")", "bad bad_side"},
             {R"("time":"2026-01-02T03:04:05Z")", R"("time":"soon")", "bad bad_time"},
         }) {
        INFO(c.from << " -> " << c.to);
        std::string const row = with(kOlder, c.from, c.to);
        CHECK(decoded(*codec, frame_of(event_of(kNewer + "," + row))) == c.result);
    }
    CHECK(decoded(*codec, R"({"channel":"market_trades"})") == "bad missing_field");
    CHECK(decoded(*codec, R"({"channel":"market_trades","events":{}})") == "bad wrong_type");
    CHECK(decoded(*codec, frame_of(R"({"trades":[]})")) == "bad missing_field");
    CHECK(decoded(*codec, frame_of(R"({"type":"update","trades":{}})")) == "bad wrong_type");
}

TEST_CASE("a coinbase advanced frame that is cut anywhere gives no trade") {
    auto const codec = make_coinbase_advanced_codec();
    std::string const whole = frame_of(event_of(kNewer + "," + kOlder));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        CHECK(codec->decode(frame.view(), false).trades.empty());
    }
}

TEST_CASE("coinbase advanced lists what is subscribed, beats and complains") {
    auto const codec = make_coinbase_advanced_codec();
    CHECK(listed(*codec, R"({"channel":"subscriptions","events":[{"subscriptions":{)"
                         R"("heartbeats":["heartbeats"],"market_trades":["B-USD","A-USD"]}}]})") ==
          "B-USD A-USD ");
    CHECK(listed(*codec, R"({"channel":"subscriptions","events":[{"subscriptions":{)"
                         R"("heartbeats":["heartbeats"]}}]})")
              .empty());
    CHECK(decoded(*codec, R"({"channel":"heartbeats","events":[{"heartbeat_counter":"7"}]})") ==
          "heartbeat");
    CHECK(decoded(*codec, R"({"type":"error","message":"no"})") == "error message=no");
    CHECK(decoded(*codec, R"({"channel":"l2_data","events":[{"type":"update","updates":[]}]})") ==
          "other");
}

TEST_CASE("coinbase advanced is asked one channel a frame, and its ping keeps it open") {
    auto const codec = make_coinbase_advanced_codec();
    std::vector<std::string> const two{"ZED-USD", "A\"B"};
    CHECK(codec->subscribe(two, 3)[0] ==
          R"({"type":"subscribe","product_ids":["ZED-USD","A\"B"],"channel":"market_trades"})");
    CHECK(codec->unsubscribe({two.data(), 1}, 4)[0] ==
          R"({"type":"unsubscribe","product_ids":["ZED-USD"],"channel":"market_trades"})");
    CHECK(codec->ping(5) == R"({"type":"subscribe","channel":"heartbeats"})");
    CHECK(codec->subscribe(std::vector<std::string>(101, "A-USD"), 1).size() == 2);
}
