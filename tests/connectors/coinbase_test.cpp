#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

// Made up, in the venue's form. A resting sell was hit: the aggressor bought.
const std::string kMatch =
    R"({"type":"match","trade_id":44,"maker_order_id":"m","taker_order_id":"t","side":"sell",)"
    R"("size":"0.00044780","price":"7.2500","product_id":"ZED-USD","sequence":900,)"
    R"("time":"2026-01-02T03:04:05.000006Z"})";
const std::string kMatchRow = "trade | ZED-USD 7.25 0.0004478 buy 1767323045000006000 44 ";

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

TEST_CASE("the side of a coinbase match is the maker's, spaced and in any order too") {
    auto const codec = make_coinbase_codec();
    CHECK(decoded(*codec, kMatch) == kMatchRow + "live");
    CHECK(decoded(*codec, test::spaced(kMatch)) == kMatchRow + "live");
    CHECK(decoded(*codec, R"({"time":"2026-01-02T03:04:05.000006Z","product_id":"ZED\u002dUSD",)"
                          R"("price":"7.25","size":"0.0004478","x":{"y":[1]},"side":"sell",)"
                          R"("trade_id":44,"type":"match"})") == kMatchRow + "live");
    CHECK(decoded(*codec, with(kMatch, R"("sell")", R"("buy")")).find(" sell ") !=
          std::string::npos);
    test::Frame const frame(kMatch);
    CHECK(covered_ids(codec->decode(frame.view(), false).trades[0]) == IdRange{44, 44});
}

TEST_CASE("a coinbase last_match is history") {
    auto const codec = make_coinbase_codec();
    CHECK(decoded(*codec, with(kMatch, "match", "last_match")) == kMatchRow + "history");
}

TEST_CASE("a coinbase match with one wrong field is bad and says why") {
    auto const codec = make_coinbase_codec();
    struct Case {
        std::string from, to, result;
    };
    for (Case const& c : std::vector<Case>{
             {R"("product_id":"ZED-USD",)", "", "bad missing_field"},
             {R"("product_id":"ZED-USD")", R"("product_id":null)", "bad wrong_type"},
             {R"("trade_id":44)", R"("trade_id":"44")", "bad wrong_type"},
             {R"("trade_id":44)", R"("trade_id":-4)", "bad bad_number"},
             {R"("side":"sell")", R"("side":"SELL")", "bad bad_side"},
             {R"("size":"0.00044780")", R"("size":0.1)", "bad wrong_type"},
             {R"("size":"0.00044780")", R"("size":"0")", "bad bad_number"},
             {R"("price":"7.2500")", R"("price":"7.2500000001")", "bad overflow"},
             {R"("time":"2026-01-02T03:04:05.000006Z")", R"("time":"0001-01-01T00:00:00Z")",
              "bad bad_time"},
         }) {
        INFO(c.from << " -> " << c.to);
        CHECK(decoded(*codec, with(kMatch, c.from, c.to)) == c.result);
        CHECK(decoded(*codec, with(with(kMatch, c.from, c.to), "match", "last_match")) == c.result);
    }
}

TEST_CASE("a coinbase frame that is cut anywhere gives no trade") {
    auto const codec = make_coinbase_codec();
    for (std::size_t size = 0; size < kMatch.size(); ++size) {
        test::Frame const frame(std::string_view(kMatch).substr(0, size));
        CHECK(codec->decode(frame.view(), false).trades.empty());
    }
    CHECK(decoded(*codec, kMatch + "1") == "bad not_json");
}

TEST_CASE("a coinbase heartbeat says up to which trade the product is complete") {
    auto const codec = make_coinbase_codec();
    std::string const beat = R"({"type":"heartbeat","sequence":90,"last_trade_id":20,)"
                             R"("product_id":"ZED-USD","time":"2026-01-02T03:04:05Z"})";
    test::Frame const frame(beat);
    Decoded const result = codec->decode(frame.view(), false);
    CHECK(result.kind == FrameKind::Heartbeat);
    CHECK(result.symbol == "ZED-USD");
    CHECK(result.sent_up_to == 20);
    CHECK(decoded(*codec, with(beat, R"("product_id":"ZED-USD",)", "")) == "bad missing_field");
    CHECK(decoded(*codec, with(beat, R"("last_trade_id":20)", R"("last_trade_id":"20")")) ==
          "bad wrong_type");
}

TEST_CASE("coinbase answers with all that is subscribed, of which the matches count") {
    auto const codec = make_coinbase_codec();
    CHECK(listed(*codec,
                 R"({"type":"subscriptions","channels":[)"
                 R"({"name":"heartbeat","product_ids":["OLD-USD"],"account_ids":null},)"
                 R"({"product_ids":["B-USD","A-USD"],"name":"matches"}]})") == "B-USD A-USD ");
    CHECK(listed(*codec, R"({"type":"subscriptions","channels":[]})").empty());
    CHECK(listed(*codec, R"({"channels":[{"name":"level2_50","product_ids":["A-USD"]}],)"
                         R"("type":"subscriptions"})")
              .empty());
}

TEST_CASE("coinbase refuses a request whole and names one product") {
    auto const codec = make_coinbase_codec();
    CHECK(decoded(*codec, R"({"type":"error","message":"No","reason":"NOPE-USD is not a valid )"
                          R"(product"})") ==
          "error symbol=NOPE-USD code=NOPE-USD is not a valid product message=No");
    CHECK(decoded(*codec, R"({"type":"error","message":"slow down"})") ==
          "error message=slow down");
    CHECK(decoded(*codec, R"({"type":"ticker","product_id":"ZED-USD","price":"1"})") == "other");
    CHECK(decoded(*codec, R"({"type":"not yet known","data":{"type":"match"}})") == "other");
}

TEST_CASE("coinbase is asked for matches and heartbeats together") {
    auto const codec = make_coinbase_codec();
    std::vector<std::string> const two{"ZED-USD", "A\"B"};
    CHECK(codec->subscribe(two, 3)[0] == R"({"type":"subscribe","product_ids":["ZED-USD","A\"B"],)"
                                         R"("channels":["matches","heartbeat"]})");
    CHECK(codec->unsubscribe({two.data(), 1}, 4)[0] ==
          R"({"type":"unsubscribe","product_ids":["ZED-USD"],"channels":["matches","heartbeat"]})");
    CHECK(codec->ping(5).empty());
    CHECK(codec->subscribe(std::vector<std::string>(101, "A-USD"), 1).size() == 2);
}
