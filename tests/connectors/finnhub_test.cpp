#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/registry.hpp"
#include "connectors/venues.hpp"
#include "core/event.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using namespace spill::trade_flag;
using test::decoded;

namespace {

std::string frame_of(const std::string& rows) {
    return R"({"data":[)" + rows + R"(],"type":"trade"})";
}

std::string print(const std::string& conditions) {
    return R"({"c":)" + conditions + R"(,"p":129.58,"s":"ZED","t":1772463600250,"v":1.5})";
}

}  // namespace

TEST_CASE("finnhub prints are rows whichever of data and type comes first") {
    auto const codec = make_finnhub_codec();
    std::string const row = "ZED 129.58 1.5 unknown 1772463600250000000  live";
    CHECK(decoded(*codec, frame_of(print("[]") + "," + print("null"))) ==
          "trade | " + row + " | " + row);
    CHECK(decoded(*codec, R"({"type":"trade","data":[)" + print("[]") + "]}") == "trade | " + row);
    CHECK(decoded(*codec, test::spaced(frame_of(print("[]")))) == "trade | " + row);
    CHECK(decoded(*codec, frame_of("")) == "other");
}

TEST_CASE("finnhub conditions that we know keep a print from moving the price") {
    auto const codec = make_finnhub_codec();
    auto const flags = [&](const std::string& conditions) {
        test::Frame const frame(frame_of(print(conditions)));
        Decoded const result = codec->decode(frame.view(), false);
        REQUIRE(result.trades.size() == 1);
        CHECK(result.trades[0].id == 0);
        return result.trades[0].flags;
    };
    CHECK(flags(R"(["1"])") == 0);
    CHECK(flags(R"(["1","8"])") == 0);
    CHECK(flags(R"(["1","12"])") == (kOddLot | kNoPrice));
    CHECK(flags(R"(["1","24"])") == kNoPrice);
    CHECK(flags(R"(["1","8","24","12"])") == (kOddLot | kNoPrice));
}

TEST_CASE("a finnhub print that cannot be read does not take the others with it") {
    auto const codec = make_finnhub_codec();
    for (std::string const bad :
         {R"({"p":0,"s":"ZED","t":1772463600250,"v":1})", R"({"p":1,"s":"ZED","t":5,"v":1})",
          R"({"p":1,"t":1772463600250,"v":1})", "3"}) {
        INFO(bad);
        test::Frame const frame(frame_of(bad + "," + print("[]")));
        Decoded const result = codec->decode(frame.view(), false);
        CHECK(result.trades.size() == 1);
        CHECK(result.bad != BadReason::None);
        CHECK(decoded(*codec, frame_of(bad)).starts_with("bad "));
    }
    CHECK(decoded(*codec, R"({"data":[{"p":1,"s":"ZED"],"type":"trade"})").starts_with("bad "));
}

TEST_CASE("finnhub's ping is no data and wants no answer, its error names nobody") {
    auto const codec = make_finnhub_codec();
    test::Frame const ping(R"({"type":"ping"})");
    Decoded const result = codec->decode(ping.view(), false);
    CHECK(result.kind == FrameKind::Ping);
    CHECK(result.reply.empty());
    CHECK(decoded(*codec, R"({"msg":"Subscribing to too many symbols","type":"error"})") ==
          "error message=Subscribing to too many symbols");
    CHECK(decoded(*codec, R"({"type":"news","data":[]})") == "other");
}

TEST_CASE("finnhub's key is in the address, escaped, and each symbol is asked for by itself") {
    auto const codec = make_finnhub_codec();
    CHECK(codec->target("/", {.key = "a1-Z&x", .secret = ""}) == "/?token=a1-Z%26x");
    std::vector<std::string> const symbols{"ZED", "BINANCE:BTCUSDT"};
    CHECK(codec->subscribe(symbols, 1) ==
          std::vector<std::string>{R"({"type":"subscribe","symbol":"ZED"})",
                                   R"({"type":"subscribe","symbol":"BINANCE:BTCUSDT"})"});
    VenueSpec const& spec = *find_venue_spec("finnhub");
    CHECK(spec.login == LoginStyle::InTarget);
    CHECK(spec.ack == AckStyle::Never);
    CHECK(spec.coverage == Coverage::Unknown);
}
