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

std::string print(const std::string& more, const std::string& conditions = R"(["@"])",
                  const std::string& tape = "C") {
    return R"({"T":"t","i":71,"S":"ZED","x":"V","p":12.5,"s":40,)"
           R"("t":"2026-03-02T15:00:00.25Z","c":)" +
           conditions + R"(,"z":")" + tape + '"' + more + '}';
}

std::string text(std::string_view value) {
    return static_cast<char>(0xA0U | value.size()) + std::string(value);
}

// {"T":"t","S":"ZED","x":"V","z":"C","i":71,"p":<price>,"s":40,"c":["@"],"t":2026-03-02T15:00:00Z}
std::string packed_print(const std::string& price) {
    std::string const time = {'\xd6', '\xff', '\x69', '\xa5', '\xa5', '\xf0'};
    return '\x89' + text("T") + text("t") + text("S") + text("ZED") + text("x") + text("V") +
           text("z") + text("C") + text("i") + "\x47" + text("p") + price + text("s") + "\x28" +
           text("c") + "\x91" + text("@") + text("t") + time;
}

std::uint32_t flags_of(Codec& codec, const std::string& frame) {
    test::Frame const held(frame);
    Decoded const result = codec.decode(held.view(), false);
    REQUIRE(result.trades.size() == 1);
    return result.trades[0].flags;
}

}  // namespace

TEST_CASE("an alpaca print is a row without an aggressor") {
    auto const codec = make_alpaca_codec();
    CHECK(decoded(*codec, "[" + print("") + "]") ==
          "trade | ZED 12.5 40 unknown 1772463600250000000 71 live");
    CHECK(decoded(*codec, test::spaced("[" + print("") + "]")) ==
          "trade | ZED 12.5 40 unknown 1772463600250000000 71 live");
    CHECK(decoded(*codec,
                  R"([{"i":7,"s":0.5,"p":"9.25","t":"2026-03-02T15:00:00Z","S":"ZED","T":"t"}])") ==
          "trade | ZED 9.25 0.5 unknown 1772463600000000000 7 live");
}

TEST_CASE("alpaca sale conditions are read by the plan of the tape") {
    auto const codec = make_alpaca_codec();
    CHECK(flags_of(*codec, "[" + print("") + "]") == 0);
    CHECK(flags_of(*codec, "[" + print("", R"(["B"])") + "]") == 0);
    CHECK(flags_of(*codec, "[" + print("", R"(["B"])", "A") + "]") == kNoPrice);
    CHECK(flags_of(*codec, "[" + print("", R"(["@","F","T","I"])") + "]") == (kNoPrice | kOddLot));
    CHECK(flags_of(*codec, "[" + print("", R"(["@","6"])") + "]") == kCloseAuction);
    CHECK(flags_of(*codec, "[" + print("", R"(["M"])") + "]") == (kNoPrice | kNoVolume));
    CHECK(flags_of(*codec, "[" + print("", "null") + "]") == 0);
    CHECK(flags_of(*codec, "[" + print("", R"(["@!"])") + "]") == kNoPrice);
    CHECK(flags_of(*codec, "[" + print("", R"([" "," "," "," "," "," "," "," "," "])") + "]") ==
          kNoPrice);
}

TEST_CASE("an alpaca id is the same print only on the same exchange and trade date") {
    auto const codec = make_alpaca_codec();
    auto const id = [&](const std::string& exchange, const std::string& when) {
        test::Frame const frame(R"([{"T":"t","i":7,"S":"ZED","x":")" + exchange +
                                R"(","p":1,"s":1,"t":")" + when + R"("}])");
        Decoded const result = codec->decode(frame.view(), false);
        REQUIRE(result.trades.size() == 1);
        CHECK_FALSE(result.trades[0].dense);
        return result.trades[0].id;
    };
    std::uint64_t const one = id("V", "2026-03-02T15:00:00Z");
    CHECK(one != 0);
    CHECK(id("V", "2026-03-02T15:00:09Z") == one);
    CHECK(id("D", "2026-03-02T15:00:00Z") != one);
    CHECK(id("V", "2026-03-03T15:00:00Z") != one);
    // In winter the day ends at one in the morning.
    CHECK(id("V", "2026-03-03T00:59:59Z") == one);
}

TEST_CASE("an alpaca cancel takes its print back, a correction replaces it") {
    auto const codec = make_alpaca_codec();
    test::Frame const frame(
        "[" + print("") +
        R"(,{"T":"x","S":"ZED","i":71,"x":"V","p":12.5,"s":40,"a":"C","z":"C",)"
        R"("t":"2026-03-02T15:00:01Z"},)"
        R"({"T":"c","S":"ZED","x":"V","oi":71,"op":12.5,"os":40,"oc":["@","I"],"ci":72,"cp":12.75,)"
        R"("cs":41,"cc":["@"],"z":"C","t":"2026-03-02T15:00:02Z"}])");
    Decoded const result = codec->decode(frame.view(), false);
    REQUIRE(result.trades.size() == 4);
    CHECK(result.trades[1].flags == kCancel);
    CHECK(result.trades[1].id == result.trades[0].id);
    CHECK(result.trades[2].flags == (kCancel | kNoPrice | kOddLot));
    CHECK(result.trades[2].id == result.trades[0].id);
    CHECK(result.trades[3].flags == kLateReport);
    CHECK(result.trades[3].id != result.trades[0].id);
    CHECK(to_text(result.trades[3].price) == "12.75");
    CHECK(to_text(result.trades[3].size) == "41");
}

TEST_CASE("half an alpaca correction does nothing") {
    auto const codec = make_alpaca_codec();
    CHECK(decoded(*codec, R"([{"T":"c","S":"ZED","x":"V","oi":71,"op":12.5,"os":40,"ci":72,)"
                          R"("cp":0,"cs":41,"t":"2026-03-02T15:00:02Z"}])") == "bad bad_number");
}

TEST_CASE("alpaca halts, pauses and resumptions are statuses of their symbol") {
    auto const codec = make_alpaca_codec();
    auto const status = [&](const std::string& tape, const std::string& code,
                            const std::string& reason) {
        test::Frame const frame(R"([{"T":"s","S":"ZED","sc":")" + code + R"(","sm":"x","rc":")" +
                                reason + R"(","rm":"","t":"2026-03-02T15:00:00Z","z":")" + tape +
                                R"("}])");
        Decoded const result = codec->decode(frame.view(), false);
        if (result.statuses.empty()) return std::string(to_string(result.kind));
        CHECK(result.kind == FrameKind::Halt);
        CHECK(result.statuses[0].symbol == "ZED");
        CHECK(result.statuses[0].ts_event.ns == 1'772'463'600'000'000'000);
        switch (result.statuses[0].status) {
            case TradingStatus::Continuous: return std::string("open ");
            case TradingStatus::Halted: return "halted " + std::string(result.statuses[0].reason);
            case TradingStatus::Auction: return std::string("auction");
        }
        return std::string();
    };
    CHECK(status("C", "H", "T12") == "halted T12");
    CHECK(status("C", "P", "LUDP") == "halted LUDP");
    CHECK(status("C", "Q", "") == "auction");
    CHECK(status("C", "T", "") == "open ");
    CHECK(status("A", "2", "") == "halted 2");
    CHECK(status("B", "3", "") == "open ");
    CHECK(status("A", "F", "M") == "halted M");
    CHECK(status("A", "F", "") == "other");
    CHECK(status("A", "H", "T1") == "other");
    CHECK(status("C", "2", "") == "other");
}

TEST_CASE("an alpaca element that cannot be read does not take the others with it") {
    auto const codec = make_alpaca_codec();
    std::string const good = print("");
    for (std::string const bad :
         {R"({"T":"t","S":"ZED","i":1,"p":-1,"s":1,"t":"2026-03-02T15:00:00Z"})",
          R"({"T":"t","S":"ZED","i":1,"p":1,"s":1,"t":"yesterday"})", R"({"S":"ZED"})", "7",
          R"({"T":"t","i":1,"p":1,"s":1,"t":"2026-03-02T15:00:00Z"})"}) {
        INFO(bad);
        test::Frame const frame("[" + bad + "," + good + "]");
        Decoded const result = codec->decode(frame.view(), false);
        CHECK(result.kind == FrameKind::Trade);
        CHECK(result.trades.size() == 1);
        CHECK(result.bad != BadReason::None);
        CHECK(decoded(*codec, "[" + bad + "]").starts_with("bad "));
    }
}

TEST_CASE("an alpaca frame that is cut anywhere gives no trade") {
    auto const codec = make_alpaca_codec();
    std::string const whole = "[" + print("") + "," + print("") + "]";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        Decoded const result = codec->decode(frame.view(), false);
        CHECK(result.kind == FrameKind::Bad);
        CHECK(result.trades.empty());
    }
    CHECK(decoded(*codec, whole + "]") == "bad not_json");
}

TEST_CASE("alpaca control frames drive the login and the subscriptions") {
    auto const codec = make_alpaca_codec();
    CHECK(decoded(*codec, R"([{"T":"success","msg":"connected"}])") == "welcome");
    CHECK(decoded(*codec, R"([{"T":"success","msg":"authenticated"}])") == "logged_in");
    CHECK(decoded(*codec, R"([{"T":"error","code":402,"msg":"auth failed"}])") ==
          "error code=402 message=auth failed");
    CHECK(decoded(*codec, R"([{"T":"error","code":403,"msg":"already authenticated"}])") ==
          "info code=403 message=already authenticated");
    test::Frame const frame(
        R"([{"T":"subscription","trades":["ZED","YAK"],"quotes":null,"bars":["*"]}])");
    Decoded const list = codec->decode(frame.view(), false);
    CHECK(list.kind == FrameKind::Ack);
    REQUIRE(list.subscribed.size() == 2);
    CHECK(list.subscribed[1] == "YAK");
    CHECK(decoded(*codec, R"([{"T":"subscription","trades":null}])") == "ack");
    CHECK(decoded(*codec, R"([{"T":"b","S":"ZED","o":1,"h":2,"l":1,"c":2,"v":9}])") == "candle");
    CHECK(decoded(*codec, R"([{"T":"q","S":"ZED","c":["R"]},{"T":"l","i":"B"}])") == "other");
    CHECK(decoded(*codec, "[]") == "other");
    CHECK(decoded(*codec, R"({"T":"t"})") == "other");
}

TEST_CASE("alpaca requests ask for trades, and for statuses until the feed refuses them") {
    auto const plain = make_alpaca_codec();
    auto const full = make_alpaca_sip_codec();
    std::vector<std::string> const symbols{"ZED", "YAK"};
    CHECK(plain->subscribe(symbols, 1) ==
          std::vector<std::string>{R"({"action":"subscribe","trades":["ZED","YAK"]})"});
    CHECK(full->unsubscribe(symbols, 1) ==
          std::vector<std::string>{
              R"({"action":"unsubscribe","trades":["ZED","YAK"],"statuses":["ZED","YAK"]})"});
    CHECK(decoded(*full, R"([{"T":"error","code":410,"msg":"invalid subscribe action"}])") ==
          "error code=410 message=invalid subscribe action");
    CHECK(full->subscribe(symbols, 2) == plain->subscribe(symbols, 1));
    CHECK(plain->login({.key = "k\"1", .secret = "s2"}) ==
          R"({"action":"auth","key":"k\"1","secret":"s2"})");
}

TEST_CASE("an alpaca msgpack print says what its JSON says") {
    auto const codec = make_alpaca_codec();
    std::string const dear = {'\xcb', '\x40', '\x29', '\0', '\0', '\0', '\0', '\0', '\0'};
    CHECK(decoded(*codec, "\x91" + packed_print(dear), true) ==
          "trade | ZED 12.5 40 unknown 1772463600000000000 71 live");
    // 0.1 in binary is no decimal; the shortest text that rounds to it is what was meant.
    std::string const cheap = {'\xcb', '\x3f', '\xb9', '\x99', '\x99',
                               '\x99', '\x99', '\x99', '\x9a'};
    CHECK(decoded(*codec, "\x91" + packed_print(cheap), true) ==
          "trade | ZED 0.1 40 unknown 1772463600000000000 71 live");
    std::string const single = {'\xca', '\x3d', '\xcc', '\xcc', '\xcd'};
    CHECK(decoded(*codec, "\x91" + packed_print(single), true) ==
          "trade | ZED 0.1 40 unknown 1772463600000000000 71 live");
    std::string const endless = {'\xcb', '\x7f', '\xf0', '\0', '\0', '\0', '\0', '\0', '\0'};
    CHECK(decoded(*codec, "\x91" + packed_print(endless), true) == "bad bad_number");
    std::string const negative = "\xff";
    CHECK(decoded(*codec, "\x91" + packed_print(negative), true) == "bad bad_number");
}

TEST_CASE("an alpaca msgpack frame that is cut anywhere gives no trade") {
    auto const codec = make_alpaca_codec();
    std::string const whole = "\x92" + packed_print("\x05") + packed_print("\x06");
    CHECK(decoded(*codec, whole, true) ==
          "trade | ZED 5 40 unknown 1772463600000000000 71 live"
          " | ZED 6 40 unknown 1772463600000000000 71 live");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        Decoded const result = codec->decode(frame.view(), true);
        CHECK(result.kind == FrameKind::Bad);
        CHECK(result.trades.empty());
    }
    CHECK(decoded(*codec, whole + "x", true) == "bad wrong_type");
    CHECK(decoded(*codec, "\x91\x05", true) == "bad wrong_type");
    CHECK(decoded(*codec, "\x81\x05\x06", true) == "other");
}

TEST_CASE("decoding alpaca frames allocates nothing after the first") {
    auto const codec = make_alpaca_codec();
    test::Frame const text("[" + print("") + "," + print("") + "]");
    test::Frame const packed("\x91" + packed_print("\x05"));
    REQUIRE(codec->decode(text.view(), false).trades.size() == 2);
    REQUIRE(codec->decode(packed.view(), true).trades.size() == 1);
    std::size_t rows = 0;
    test::AllocCounter const counter;
    for (int i = 0; i < 100; ++i) {
        rows += codec->decode(text.view(), false).trades.size();
        rows += codec->decode(packed.view(), true).trades.size();
    }
    CHECK(counter.count() == 0);
    CHECK(rows == 300);
}

TEST_CASE("alpaca refusals that another try cannot change are in the table") {
    for (std::string_view const name :
         {"alpaca-iex", "alpaca-sip", "alpaca-delayed", "alpaca-test"}) {
        VenueSpec const& spec = *find_venue_spec(name);
        CHECK(spec.login == LoginStyle::OnWelcome);
        CHECK(spec.one_connection);
        CHECK(spec.busy_codes == "406");
        for (std::string_view const code : {"402", "408", "409", "411"}) {
            CHECK(spec.fatal_codes.find(code) != std::string_view::npos);
        }
        CHECK(spec.fatal_codes.find("405") == std::string_view::npos);
    }
}
