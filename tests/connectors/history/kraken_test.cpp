#include <string>

#include <doctest/doctest.h>

#include "tests/support/history_rows.hpp"

using namespace spill;
using test::ask_bars;
using test::ask_ids;
using test::ask_seconds;
using test::history_of;
using test::page_text;

namespace {

std::string bars(const std::string& rows, const char* last) {
    return R"({"error":[],"result":{"last":)" + std::string(last) + R"(,"XTAOZUSD":[)" + rows +
           "]}}";
}

std::string trades(int count) {
    std::string rows;
    for (int i = 0; i < count; ++i) {
        rows += R"(["7.20","0.5",1700000040.1234567,"s","l","",)" + std::to_string(41 + i) + "],";
    }
    rows.pop_back();
    return R"({"error":[],"result":{"TAO/USD":[)" + rows + R"(],"last":"1700000040123456789"}})";
}

}  // namespace

TEST_CASE(
    "kraken minutes are asked without the slash, from one minute before, within twelve hours") {
    HistorySpec const& spec = history_of("kraken");
    CHECK(spec.bars_target(ask_bars("TAO/USD", 3)) ==
          "/0/public/OHLC?pair=TAOUSD&interval=1&since=1699999980");
    CHECK_FALSE(spec.bars_target(ask_bars("TAO/USD", 3, 720)).has_value());
}

TEST_CASE(
    "kraken bars: the row after last forms, minutes of volume zero stay, the vwap is no volume") {
    std::string const rows = R"([1700000040,"7.1","7.3","7.0","7.2","7.15","10.5",12],)"
                             R"([1700000100,"7.2","7.2","7.2","7.2","0.0","0.00000000",0],)"
                             R"([1700000160,"7.2","7.4","7.2","7.4","7.3","1",2])";
    CHECK(page_text(
              history_of("kraken").parse_bars(bars(rows, "1700000100"), ask_bars("TAO/USD", 3))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 12 | 1700000100 7.2 7.2 7.2 7.2 0 0");
}

TEST_CASE("kraken trades read the fraction of the second as text and page by the venue's token") {
    HistorySpec const& spec = history_of("kraken");
    TradesRequest request = ask_seconds("TAO/USD", 60);
    CHECK(spec.trades_target(request) ==
          "/0/public/Trades?pair=TAOUSD&since=1700000039999999999&count=1000");
    CHECK(page_text(spec.parse_trades(trades(1), request)) ==
          "41 7.2 0.5 sell 1700000040123456700 dense");
    auto const full = spec.parse_trades(trades(1000), request);
    REQUIRE(full.has_value());
    CHECK(full->rows.size() == 1000);
    REQUIRE(full->more.has_value());
    request.cursor = *full->more;
    CHECK(spec.trades_target(request)->find("&since=1700000040123456789&") != std::string::npos);
    CHECK_FALSE(spec.parse_trades(trades(1000), request)->more.has_value());
    CHECK_FALSE(spec.trades_target(ask_ids("TAO/USD", {1, 2})).has_value());
}

TEST_CASE("kraken refuses inside a good status, for good or for later") {
    HistorySpec const& spec = history_of("kraken");
    CHECK(page_text(
              spec.parse_bars(R"({"error":["EQuery:Unknown asset pair"]})", ask_bars("X", 1))) ==
          "error kraken refuses: EQuery:Unknown asset pair");
    CHECK(page_text(spec.parse_trades(R"({"error":["EAPI:Rate limit exceeded"]})",
                                      ask_seconds("X", 1))) ==
          "later kraken refuses: EAPI:Rate limit exceeded");
    CHECK(page_text(spec.parse_bars(R"({"error":[],"result":{}})", ask_bars("X", 1)))
              .starts_with("error kraken: "));
}
