#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/venues.hpp"
#include "core/decimal.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using test::decoded;

namespace {

const std::string kZed = "spot@public.aggre.deals.v3.api.pb@100ms@ZEDUSDT";

std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7FU) | 0x80U);
    return out + static_cast<char>(value);
}

std::string number(std::uint32_t field, std::uint64_t value) {
    return varint(std::uint64_t{field} << 3U) + varint(value);
}

std::string bytes(std::uint32_t field, const std::string& value) {
    return varint((std::uint64_t{field} << 3U) | 2U) + varint(value.size()) + value;
}

std::string deal(const std::string& price, const std::string& size, std::uint64_t side,
                 const std::string& id) {
    std::string const head = bytes(1, price) + bytes(2, size) + number(3, side);
    return head + number(4, 1'700'000'000'004) + (id.empty() ? "" : bytes(5, id));
}

std::string wrapper(const std::string& body) {
    return bytes(1, kZed) + bytes(3, "ZEDUSDT") + number(6, 1'700'000'000'020) + body;
}

std::string deals(const std::vector<std::string>& rows) {
    std::string body;
    for (std::string const& row : rows) body += bytes(1, row);
    return wrapper(bytes(314, body));
}

}  // namespace

TEST_CASE("mexc deals of one frame keep their order, sides and ids") {
    auto const codec = make_mexc_codec();
    std::string const frame =
        deals({deal("7.25", "2.5", 2, "41X0_42X0"), deal("7.26", "0.00000001", 1, "43X0_44X0")});
    CHECK(decoded(*codec, frame, true) ==
          "trade | ZEDUSDT 7.25 2.5 sell 1700000000004000000 41X0_42X0 live"
          " | ZEDUSDT 7.26 0.00000001 buy 1700000000004000000 43X0_44X0 live");
}

TEST_CASE("a mexc deal without an id has none, and different ids hash to different numbers") {
    auto const codec = make_mexc_codec();
    test::Frame const frame(
        deals({deal("1", "1", 1, ""), deal("1", "1", 1, "1_2"), deal("1", "1", 1, "1_3")}));
    Decoded const result = codec->decode(frame.view(), true);
    REQUIRE(result.trades.size() == 3);
    CHECK(result.trades[0].id == 0);
    CHECK(result.trades[1].id != 0);
    CHECK(result.trades[1].id != result.trades[2].id);
    CHECK_FALSE(result.trades[1].dense);
}

TEST_CASE("the symbol of a mexc frame comes from the channel when the field is absent") {
    auto const codec = make_mexc_codec();
    std::string const frame = bytes(1, kZed) + bytes(314, bytes(1, deal("1", "2", 1, "")));
    CHECK(decoded(*codec, frame, true) == "trade | ZEDUSDT 1 2 buy 1700000000004000000  live");
}

TEST_CASE("mexc fields that we do not know are passed over wherever they stand") {
    auto const codec = make_mexc_codec();
    std::string const row = number(9, 5) + deal("7.25", "2.5", 2, "a_b") + bytes(77, "new");
    std::string const body = bytes(314, number(8, 1) + bytes(1, row) + bytes(2, "event"));
    CHECK(decoded(*codec, number(500, 3) + wrapper(body) + bytes(400, "x"), true) ==
          "trade | ZEDUSDT 7.25 2.5 sell 1700000000004000000 a_b live");
}

TEST_CASE("a mexc frame that is cut anywhere gives no trade") {
    auto const codec = make_mexc_codec();
    std::string const whole = deals({deal("7.25", "2.5", 2, "41X0_42X0")});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::Frame const frame(std::string_view(whole).substr(0, size));
        CHECK(codec->decode(frame.view(), true).trades.empty());
    }
    std::string const torn = whole.substr(0, whole.size() - 1);
    CHECK(decoded(*codec, torn, true).starts_with("bad "));
}

TEST_CASE("what a mexc deal must have is checked") {
    auto const codec = make_mexc_codec();
    auto const reason = [&](const std::string& row) {
        test::Frame const frame(deals({row}));
        return codec->decode(frame.view(), true).bad;
    };
    CHECK(reason(deal("x", "1", 1, "")) == BadReason::BadNumber);
    CHECK(reason(deal("0", "1", 1, "")) == BadReason::BadNumber);
    CHECK(reason(deal("1", "-1", 1, "")) == BadReason::BadNumber);
    CHECK(reason(deal("1", "0.0000000001", 1, "")) == BadReason::Overflow);
    CHECK(reason(deal("1", "1", 3, "")) == BadReason::BadSide);
    CHECK(reason(deal("1", "1", 1, "") + number(4, 5)) == BadReason::BadTime);
    CHECK(reason(bytes(1, "1") + bytes(2, "1") + number(3, 1)) == BadReason::MissingField);
    CHECK(reason(number(1, 7)) == BadReason::WrongType);
}

TEST_CASE("a mexc symbol or id that is not UTF-8 is refused, another alphabet is not") {
    auto const codec = make_mexc_codec();
    std::string const body = bytes(314, bytes(1, deal("1", "2", 1, "")));
    CHECK(decoded(*codec, bytes(1, kZed) + bytes(3, "Z\xFF") + body, true) == "bad utf8");
    CHECK(decoded(*codec, bytes(1, kZed) + bytes(3, "\xE5\xB8\x81USDT") + body, true) ==
          "trade | \xE5\xB8\x81USDT 1 2 buy 1700000000004000000  live");
    CHECK(decoded(*codec, deals({deal("1", "2", 1, "\xC3(")}), true) == "bad utf8");
}

TEST_CASE("decoding mexc frames allocates nothing, whatever the frame") {
    if (!test::AllocCounter::active()) return test::skip("allocations of mexc", "sanitizer build");
    auto const codec = make_mexc_codec();
    test::Frame const trade(deals({deal("7.25", "2.5", 2, "41X0_42X0"), deal("1", "1", 1, "")}));
    test::Frame const torn(trade.view().substr(0, trade.view().size() - 3));
    test::Frame const pong(R"({"id":0,"code":0,"msg":"PONG"})");
    for (auto const* frame : {&trade, &torn}) (void)codec->decode(frame->view(), true);
    (void)codec->decode(pong.view(), false);
    test::AllocCounter const counter;
    std::size_t rows = 0;
    for (int i = 0; i < 100; ++i) {
        rows += codec->decode(trade.view(), true).trades.size();
        rows += codec->decode(torn.view(), true).trades.size();
        rows += codec->decode(pong.view(), false).trades.size();
    }
    CHECK(counter.count() == 0);
    CHECK(rows == 200);
}

TEST_CASE("more mexc deals than the bound are refused") {
    auto const codec = make_mexc_codec();
    std::vector<std::string> const rows(1024, deal("1", "1", 1, ""));
    test::Frame const full(deals(rows));
    CHECK(codec->decode(full.view(), true).trades.size() == 1024);
    std::vector<std::string> more = rows;
    more.push_back(rows.front());
    CHECK(decoded(*codec, deals(more), true).starts_with("bad "));
}

TEST_CASE("mexc wrappers without deals hold no trade, and bars are no volume") {
    auto const codec = make_mexc_codec();
    CHECK(decoded(*codec, wrapper(""), true) == "other");
    CHECK(decoded(*codec, wrapper(bytes(314, "")), true) == "other");
    CHECK(decoded(*codec, wrapper(bytes(308, bytes(1, "Min1"))), true) == "candle");
    CHECK(decoded(*codec, wrapper(bytes(305, bytes(1, "1"))), true) == "other");
}

TEST_CASE("mexc answers with code 0 are told apart by their words") {
    auto const codec = make_mexc_codec();
    CHECK(decoded(*codec, R"({"id":4,"code":0,"msg":")" + kZed + R"("})") ==
          "ack symbol=ZEDUSDT request=4");
    CHECK(decoded(*codec, R"({"id":0,"code":0,"msg":"PONG"})") == "pong request=0");
    std::string const words = "Not Subscribed successfully! [" + kZed + "].  Reason: Blocked! ";
    CHECK(decoded(*codec, R"({"id":0,"code":0,"msg":")" + words + R"("})") ==
          "error symbol=ZEDUSDT code=0 message=" + words + " request=0");
    CHECK(decoded(*codec, R"({"c":"spot@public.deals","d":{"deals":[]}})") == "other");
    CHECK(decoded(*codec, "{") == "bad not_json");
}

TEST_CASE("mexc requests name one symbol each, in upper case as given") {
    auto const codec = make_mexc_codec();
    std::vector<std::string> const symbols{"ZEDUSDT", "TAOUSDT"};
    auto const frames = codec->subscribe(symbols, 7);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0] == R"({"method":"SUBSCRIPTION","params":[")" + kZed + R"("],"id":7})");
    CHECK(frames[1].ends_with(R"(@TAOUSDT"],"id":8})"));
    CHECK(codec->unsubscribe(symbols, 9)[0].starts_with(R"({"method":"UNSUBSCRIPTION")"));
    CHECK(codec->ping(1) == R"({"method":"PING"})");
}

TEST_CASE("recorded mexc frames say what is known of them") {
    auto const folder = test::shared_path("wire/mexc");
    if (!std::filesystem::exists(folder / "aggre-deals-1.bin")) {
        return test::skip("mexc samples", "no recorded frames here");
    }
    auto const codec = make_mexc_codec();
    auto const sample = [&](const char* name) {
        return decoded(*codec, test::read_whole(folder / name), true);
    };
    CHECK(sample("aggre-deals-1.bin") ==
          "trade | BTCUSDT 84270 0.00099829 sell 1790281246176000000 "
          "731901896985399296X0_731901896985399297X0 live | BTCUSDT 84270 0.00019169 buy "
          "1790281246177000000 731901896985399298X0_731901896985399299X0 live");
    CHECK(sample("aggre-deals-unknown-fields.bin") ==
          "trade | TAOUSDT 412.3 1.25 buy 1779235200120000000 "
          "698165549569396736X0_698165549569396737X0 live");
    CHECK(sample("aggre-deals-empty-list.bin") == "other");
    CHECK(sample("aggre-deals-nobody.bin") == "other");
    CHECK(sample("kline-Min1-1.bin") == "candle");
    CHECK(sample("kline-Min1-2.bin") == "candle");
    CHECK(sample("limit-depth-1.bin") == "other");
    CHECK(sample("aggre-bookTicker-1.bin") == "other");
}

TEST_CASE("600 recorded trades in mexc frames give the seconds that every venue gives") {
    auto const csv = test::shared_path("wire/xvenue-btc-a.bars.csv");
    auto const frames = test::shared_path("wire/mexc/xvenue-btc-a.hexl");
    if (csv.empty() || frames.empty()) {
        return test::skip("mexc beside the other venues", "no recorded frames here");
    }
    struct Sum {
        std::int64_t volume = 0, buy = 0, fills = 0;
    };
    std::map<std::int64_t, Sum> seconds;
    auto const codec = make_mexc_codec();
    std::istringstream lines(test::read_whole(frames));
    for (std::string line; std::getline(lines, line);) {
        std::string frame;
        for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
            frame += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
        }
        test::Frame const padded(frame);
        for (TradeRow const& row : codec->decode(padded.view(), true).trades) {
            Sum& sum = seconds[row.ts_event.ns / kNanosPerSecond];
            sum.volume += row.size.nanos;
            sum.buy += row.aggressor == Aggressor::Buy ? row.size.nanos : 0;
            sum.fills += 1;
        }
    }
    std::istringstream rows(test::read_whole(csv));
    std::string row;
    std::getline(rows, row);
    REQUIRE(row == "second,volume,buy_volume,fills");
    std::size_t count = 0;
    for (; std::getline(rows, row); ++count) {
        std::istringstream cells(row);
        std::string second, volume, buy, fills;
        std::getline(cells, second, ',');
        std::getline(cells, volume, ',');
        std::getline(cells, buy, ',');
        std::getline(cells, fills, ',');
        Sum const& sum = seconds[std::stoll(second)];
        CHECK(sum.volume == parse_decimal(volume).nanos);
        CHECK(sum.buy == parse_decimal(buy).nanos);
        CHECK(sum.fills == std::stoll(fills));
    }
    CHECK(count > 10);
    CHECK(count == seconds.size());
}
