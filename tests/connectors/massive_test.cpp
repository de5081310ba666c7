#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/registry.hpp"
#include "connectors/venues.hpp"
#include "core/event.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using namespace spill::trade_flag;
using test::decoded;

namespace {

std::string print(const std::string& more) {
    return R"({"ev":"T","sym":"ZED","i":"5c","x":4,"p":161.875,"t":1772463600250,"q":9)" + more +
           "}";
}

std::string status(const std::string& word, const std::string& message) {
    return R"({"ev":"status","status":")" + word + R"(","message":")" + message + R"("})";
}

std::uint32_t flags_of(Codec& codec, const std::string& more) {
    test::Frame const frame("[" + print(more) + "]");
    Decoded const result = codec.decode(frame.view(), false);
    REQUIRE(result.trades.size() == 1);
    return result.trades[0].flags;
}

}  // namespace

TEST_CASE("a massive print is a row without an aggressor, of the exact size where it is given") {
    auto const codec = make_massive_codec();
    CHECK(decoded(*codec, "[" + print(R"(,"s":300,"z":3)") + "]") ==
          "trade | ZED 161.875 300 unknown 1772463600250000000 5c live");
    CHECK(decoded(*codec, test::spaced("[" + print(R"(,"s":0,"ds":"0.5","z":3)") + "]")) ==
          "trade | ZED 161.875 0.5 unknown 1772463600250000000 5c live");
    CHECK(decoded(*codec, "[" + print(R"(,"s":0,"z":3)") + "]") == "bad bad_number");
}

TEST_CASE("massive conditions are read by the tape, and their absence is regular") {
    auto const codec = make_massive_codec();
    CHECK(flags_of(*codec, R"(,"s":1,"z":3)") == 0);
    CHECK(flags_of(*codec, R"(,"s":1,"z":3,"c":[])") == 0);
    CHECK(flags_of(*codec, R"(,"s":1,"z":3,"c":[14,41])") == 0);
    CHECK(flags_of(*codec, R"(,"s":1,"z":1,"c":[14,37,41])") == (kNoPrice | kOddLot));
    CHECK(flags_of(*codec, R"(,"s":1,"z":3,"c":[0,12])") == kNoPrice);
    CHECK(flags_of(*codec, R"(,"s":1,"z":3,"c":[16])") == (kNoPrice | kNoVolume));
    CHECK(flags_of(*codec, R"(,"s":1,"z":3,"c":[25])") == kOpenAuction);
    CHECK(flags_of(*codec, R"(,"s":1,"z":1,"c":[777])") == kNoPrice);
    CHECK(flags_of(*codec, R"(,"s":1,"z":1,"c":["x"])") == kNoPrice);
}

TEST_CASE("a massive id is the same print only on the same exchange and day") {
    auto const codec = make_massive_codec();
    auto const id = [&](const std::string& rest) {
        test::Frame const frame(R"([{"ev":"T","sym":"ZED","p":1,"s":1,)" + rest + "}]");
        Decoded const result = codec->decode(frame.view(), false);
        REQUIRE(result.trades.size() == 1);
        return result.trades[0].id;
    };
    std::uint64_t const one = id(R"("i":"71","x":4,"t":1772463600000)");
    CHECK(one != 0);
    CHECK(id(R"("i":"71","x":4,"t":1772463609000)") == one);
    CHECK(id(R"("i":"72","x":4,"t":1772463600000)") != one);
    CHECK(id(R"("i":"71","x":10,"t":1772463600000)") != one);
    CHECK(id(R"("i":"71","x":4,"t":1772550000000)") != one);
}

TEST_CASE("a massive element that cannot be read does not take the others with it") {
    auto const codec = make_massive_codec();
    std::string const good = print(R"(,"s":1)");
    for (std::string const bad :
         {R"({"ev":"T","sym":"ZED","i":"1","p":"x","s":1,"t":1772463600000})",
          R"({"ev":"T","sym":"ZED","i":"1","p":1,"s":1,"t":17724})", R"({"sym":"ZED"})", "null",
          R"({"ev":"T","sym":"ZED","i":1,"p":1,"s":1,"t":1772463600000})"}) {
        INFO(bad);
        test::Frame const frame("[" + bad + "," + good + "]");
        Decoded const result = codec->decode(frame.view(), false);
        CHECK(result.kind == FrameKind::Trade);
        CHECK(result.trades.size() == 1);
        CHECK(result.bad != BadReason::None);
        CHECK(decoded(*codec, "[" + bad + "]").starts_with("bad "));
    }
}

TEST_CASE("a massive frame that is cut anywhere gives no trade") {
    auto const codec = make_massive_codec();
    std::string const whole = "[" + print(R"(,"s":1)") + "," + print(R"(,"s":2)") + "]";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        CHECK(codec->decode(frame.view(), false).trades.empty());
    }
}

TEST_CASE("massive statuses drive the login and the subscriptions") {
    auto const codec = make_massive_codec();
    auto const one = [&](const std::string& word, const std::string& message) {
        return decoded(*codec, "[" + status(word, message) + "]");
    };
    CHECK(one("connected", "hello") == "welcome message=hello");
    CHECK(one("auth_success", "in") == "logged_in message=in");
    CHECK(one("auth_failed", "no") == "error code=auth_failed message=no");
    CHECK(one("auth_timeout", "slow") == "error code=auth_timeout message=slow");
    CHECK(one("max_connections", "full") == "error code=max_connections message=full");
    CHECK(one("success", "subscribed to: T.BRK.B") == "ack symbol=BRK.B");
    CHECK(one("success", "unsubscribed to: T.ZED") == "info");
    CHECK(one("error", "not allowed: T.ZED") ==
          "error symbol=ZED code=error message=not allowed: T.ZED");
    CHECK(one("news", "soon") == "status message=soon");
}

TEST_CASE("a massive frame with several acknowledgements names every symbol") {
    auto const codec = make_massive_codec();
    test::Frame const frame("[" + status("success", "unsubscribed to: T.YAK") + "," +
                            status("success", "subscribed to: T.ZED") + "," +
                            status("success", "subscribed to: T.BRK.B") + "]");
    Decoded const result = codec->decode(frame.view(), false);
    CHECK(result.kind == FrameKind::Ack);
    REQUIRE(result.subscribed.size() == 2);
    CHECK(result.subscribed[0] == "ZED");
    CHECK(result.subscribed[1] == "BRK.B");
}

TEST_CASE("a massive halt indicator is a status, a bar is no volume") {
    auto const codec = make_massive_codec();
    auto const band = [&](const std::string& indicators) {
        test::Frame const frame(R"([{"ev":"LULD","T":"ZED","h":2,"l":1,"i":[)" + indicators +
                                R"(],"z":3,"t":1772463600000001,"q":1}])");
        Decoded const result = codec->decode(frame.view(), false);
        if (result.statuses.empty()) return std::string(to_string(result.kind));
        CHECK(result.kind == FrameKind::Halt);
        CHECK(result.statuses[0].ts_event.ns == 1'772'463'600'000'001'000);
        bool const halted = result.statuses[0].status == TradingStatus::Halted;
        return std::string(result.statuses[0].symbol) + (halted ? " halted" : " open");
    };
    CHECK(band("21,17") == "ZED halted");
    CHECK(band("18") == "ZED open");
    CHECK(band("21") == "other");
    CHECK(decoded(*codec, R"([{"ev":"AM","sym":"ZED","v":12.5,"z":12.0,"c":1.5,"s":1,"e":2}])") ==
          "candle");
    CHECK(decoded(*codec, R"([{"ev":"Q","sym":"ZED","c":1,"i":[604],"bp":1}])") == "other");
    CHECK(decoded(*codec, R"({"status":"OK","results":[]})") == "other");
}

TEST_CASE("massive requests hold one topic each, and the key goes in the login") {
    auto const codec = make_massive_codec();
    std::vector<std::string> const symbols{"ZED", "BRK.B"};
    CHECK(codec->subscribe(symbols, 1) ==
          std::vector<std::string>{R"({"action":"subscribe","params":"T.ZED"})",
                                   R"({"action":"subscribe","params":"T.BRK.B"})"});
    CHECK(codec->unsubscribe(symbols, 1)[0] == R"({"action":"unsubscribe","params":"T.ZED"})");
    CHECK(codec->login({.key = "k1", .secret = ""}) == R"({"action":"auth","params":"k1"})");
    VenueSpec const& spec = *find_venue_spec("massive");
    CHECK(spec.fatal_codes == "auth_failed");
    CHECK(spec.busy_codes == "max_connections");
}

TEST_CASE("decoding massive frames allocates nothing after the first") {
    auto const codec = make_massive_codec();
    test::Frame const frame("[" + print(R"(,"s":1,"c":[14,41])") + "]");
    REQUIRE(codec->decode(frame.view(), false).trades.size() == 1);
    test::AllocCounter const counter;
    std::size_t rows = 0;
    for (int i = 0; i < 100; ++i) rows += codec->decode(frame.view(), false).trades.size();
    CHECK(counter.count() == 0);
    CHECK(rows == 100);
}
