// What every codec owes its caller, whatever the venue.
#include "connectors/codec.hpp"

#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

struct Venue {
    std::string name;
    std::unique_ptr<Codec> codec;
    std::string trade;  // one ordinary frame, made up
};

std::vector<Venue> venues() {
    std::vector<Venue> all;
    all.push_back({"binance", make_binance_codec(),
                   R"({"stream":"zedusdt@aggTrade","data":{"e":"aggTrade","E":1700000000005,)"
                   R"("s":"ZEDUSDT","a":9,"p":"7.25","q":"10","f":100,"l":104,)"
                   R"("T":1700000000004,"m":false,"M":true}})"});
    all.push_back({"bybit", make_bybit_codec(),
                   R"({"topic":"publicTrade.ZEDUSDT","ts":1700000000040,"type":"snapshot",)"
                   R"("data":[{"i":"2300000000000000007","T":1700000000004,"p":"7.25",)"
                   R"("v":"2.5","S":"Sell","seq":5,"s":"ZEDUSDT","BT":false,"RPI":true}]})"});
    all.push_back({"kraken", make_kraken_codec(),
                   R"({"channel":"trade","type":"update","data":[{"symbol":"ZED/USD",)"
                   R"("side":"buy","price":7.2500,"qty":0.00044780,"ord_type":"limit",)"
                   R"("trade_id":41,"timestamp":"2026-01-02T03:04:05.000006Z"}]})"});
    return all;
}

bool is_trade(const std::string& result) { return result.starts_with("trade"); }

}  // namespace

TEST_CASE("every kind and every reason has a name of its own") {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(FrameKind::Bad); ++i) {
        names.insert(to_string(static_cast<FrameKind>(i)));
    }
    CHECK(names.size() == static_cast<std::size_t>(FrameKind::Bad) + 1);
    names.clear();
    for (int i = 0; i <= static_cast<int>(BadReason::NotText); ++i) {
        names.insert(to_string(static_cast<BadReason>(i)));
    }
    CHECK(names.size() == static_cast<std::size_t>(BadReason::NotText) + 1);
}

TEST_CASE("a frame that is cut anywhere is bad, never a trade") {
    for (Venue const& venue : venues()) {
        REQUIRE(is_trade(decoded(*venue.codec, venue.trade)));
        for (std::size_t size = 0; size < venue.trade.size(); ++size) {
            // What lies behind a frame is often the next one: no padding may complete it.
            for (char const padding : {'\0', '}', ']', '"', ',', ' ', '{'}) {
                test::Frame const frame(std::string_view(venue.trade).substr(0, size), padding);
                Decoded const result = venue.codec->decode(frame.view(), false);
                INFO(venue.name << " cut at " << size << " before '" << padding << "'");
                CHECK(result.kind == FrameKind::Bad);
                CHECK(result.trades.empty());
            }
        }
        CHECK(is_trade(decoded(*venue.codec, venue.trade)));
    }
}

TEST_CASE("text behind a frame makes it bad") {
    for (Venue const& venue : venues()) {
        for (std::string const& tail :
             std::vector<std::string>{"}", "]", "x", ",", "{}", "\"", "0", std::string("\0x", 2)}) {
            INFO(venue.name << " with " << tail);
            CHECK(decoded(*venue.codec, venue.trade + tail).starts_with("bad"));
        }
        CHECK(is_trade(decoded(*venue.codec, venue.trade + "\r\n")));
        CHECK(is_trade(decoded(*venue.codec, " \n" + venue.trade)));
    }
}

TEST_CASE("one changed byte never invents a price, a size or a time that is not positive") {
    for (Venue const& venue : venues()) {
        for (std::size_t at = 0; at < venue.trade.size(); ++at) {
            for (char const byte :
                 {'0', '-', '"', '\\', '{', '}', '[', ',', ':', '.', 'e', '\x80'}) {
                std::string text = venue.trade;
                text[at] = byte;
                test::Frame const frame(text);
                for (TradeRow const& row : venue.codec->decode(frame.view(), false).trades) {
                    INFO(text);
                    CHECK(row.price.nanos > 0);
                    CHECK(row.size.nanos > 0);
                    CHECK(row.ts_event.ns > 0);
                    CHECK(row.aggressor != Aggressor::Unknown);
                    CHECK_FALSE(row.symbol.empty());
                }
            }
        }
    }
}

TEST_CASE("the usual garbage is named for what it is") {
    std::string deep(100'000, '[');
    for (Venue const& venue : venues()) {
        Codec& codec = *venue.codec;
        INFO(venue.name);
        CHECK(decoded(codec, "") == "bad empty");
        CHECK(decoded(codec, " \n") == "bad empty");
        CHECK(decoded(codec, venue.trade, true) == "bad not_text");
        CHECK(decoded(codec, "pong") == "bad not_json");
        CHECK(decoded(codec, "tru") == "bad not_json");
        CHECK(decoded(codec, "{") == "bad not_json");
        CHECK(decoded(codec, "[1,") == "bad not_json");
        CHECK(decoded(codec, "{\"a\":\"\x01\"}") == "bad not_json");
        CHECK(decoded(codec, "{\"a\":\"\xFF\"}") == "bad utf8");
        CHECK(decoded(codec, deep) == "bad not_json");
        CHECK(decoded(codec, deep + std::string(deep.size(), ']')) == "other");
        CHECK(decoded(codec, "{\"a\":" + deep + "}").starts_with("bad"));
        CHECK(decoded(codec, "{\"a\":" + deep + std::string(deep.size(), ']') + "}") == "other");
        CHECK(decoded(codec, "{}") == "other");
        CHECK(decoded(codec, "[]") == "other");
        CHECK(decoded(codec, "7") == "other");
        CHECK(decoded(codec, "null") == "other");
        CHECK(decoded(codec, "\"pong\"") == "other");
        CHECK(decoded(codec, "<html>") == "bad not_json");
        CHECK(is_trade(decoded(codec, venue.trade)));
    }
}

TEST_CASE("a frame above one megabyte is refused for its size alone") {
    std::string const filler(16U << 20U, ' ');
    for (Venue const& venue : venues()) {
        CHECK(decoded(*venue.codec, venue.trade + filler) == "bad too_large");
        std::string const most = venue.trade + filler.substr(0, (1U << 20U) - venue.trade.size());
        CHECK(is_trade(decoded(*venue.codec, most)));
        CHECK(decoded(*venue.codec, most + " ") == "bad too_large");
    }
}

TEST_CASE("a codec reads no other venue's trades") {
    std::vector<Venue> const all = venues();
    for (Venue const& reader : all) {
        for (Venue const& writer : all) {
            if (reader.name == writer.name) continue;
            INFO(reader.name << " reads " << writer.name);
            CHECK(decoded(*reader.codec, writer.trade) == "other");
        }
    }
}

TEST_CASE("decoding allocates nothing, whatever the frame") {
    if (!test::AllocCounter::active())
        return test::skip("allocations of codecs", "sanitizer build");
    for (Venue const& venue : venues()) {
        std::array<test::Frame, 6> const frames{test::Frame(venue.trade),
                                                test::Frame(test::spaced(venue.trade)),
                                                test::Frame("{\"a\":[1,2"),
                                                test::Frame("{\"channel\":\"status\",\"data\":1}"),
                                                test::Frame("[[[1],2],\"\\u00e9\"]"),
                                                test::Frame("\xFF")};
        for (auto const& frame : frames) (void)venue.codec->decode(frame.view(), false);
        test::AllocCounter const counter;
        std::size_t rows = 0;
        for (int i = 0; i < 100; ++i) {
            for (auto const& frame : frames) {
                rows += venue.codec->decode(frame.view(), false).trades.size();
            }
        }
        INFO(venue.name);
        CHECK(counter.count() == 0);
        CHECK(rows == 200);
    }
}

TEST_CASE("no trade comes out of frames that were recorded on other protocols") {
    // Retired or foreign protocols, by the codec that would meet them on a wrong address.
    std::vector<std::pair<std::string, std::string>> const foreign{
        {"binance", "bybit"},  {"binance", "kraken"}, {"binance", "okx"},  {"binance", "coinbase"},
        {"binance", "gateio"}, {"bybit", "binance"},  {"bybit", "kraken"}, {"bybit", "okx"},
        {"bybit", "coinbase"}, {"kraken", "binance"}, {"kraken", "bybit"}, {"kraken", "coinbase"},
        {"kraken", "gateio"},  {"kraken", "okx"},     {"bybit", "gateio"},
    };
    std::filesystem::path const wire = test::shared_path("wire");
    if (wire.empty()) return test::skip("foreign frames", "no recorded frames here");
    std::size_t frames = 0;
    for (Venue const& venue : venues()) {
        for (auto const& [reader, writer] : foreign) {
            if (reader != venue.name) continue;
            for (auto const& entry : std::filesystem::directory_iterator(wire / writer)) {
                std::string const extension = entry.path().extension().string();
                if (extension != ".json" && extension != ".jsonl") continue;
                for (std::string const& text : test::sample_frames(entry.path())) {
                    test::Frame const frame(text);
                    INFO(reader << " reads " << entry.path().string());
                    CHECK(venue.codec->decode(frame.view(), false).trades.empty());
                    ++frames;
                }
            }
        }
    }
    CHECK(frames > 10'000);
}
