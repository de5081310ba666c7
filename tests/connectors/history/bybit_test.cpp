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

std::string answer(const char* category, const std::string& rows) {
    return R"({"retCode":0,"retMsg":"OK","result":{"category":")" + std::string(category) +
           R"(","list":[)" + rows + "]}}";
}

const std::string kBars = R"(["1700000100000","7.2","7.4","7.2","7.4","1","7"],)"
                          R"(["1700000040000","7.1","7.3","7","7.2","10.5","75.1"])";

}  // namespace

TEST_CASE("bybit is always told the category") {
    CHECK(history_of("bybit-spot").bars_target(ask_bars("NEARUSDT", 2)) ==
          "/v5/market/kline?category=spot&symbol=NEARUSDT&interval=1&start=1700000040000"
          "&end=1700000159999&limit=1000");
    CHECK(history_of("bybit-linear").trades_target(ask_seconds("MUUSDT", 9)) ==
          "/v5/market/recent-trade?category=linear&symbol=MUUSDT&limit=1000");
    CHECK(
        history_of("bybit-spot").trades_target(ask_seconds("NEARUSDT", 9))->ends_with("&limit=60"));
    CHECK_FALSE(history_of("bybit-spot").trades_target(ask_ids("NEARUSDT", {1, 2})).has_value());
}

TEST_CASE("bybit bars come newest first, and another category than asked is an error") {
    HistorySpec const& spec = history_of("bybit-spot");
    CHECK(page_text(spec.parse_bars(answer("spot", kBars), ask_bars("X", 2))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 0 | 1700000100 7.2 7.4 7.2 7.4 1 0");
    CHECK(page_text(spec.parse_bars(answer("linear", kBars), ask_bars("X", 2))) ==
          "error bybit-spot: the answer is of category linear");
    CHECK(history_of("bybit-linear").parse_bars(answer("linear", kBars), ask_bars("X", 2)));
}

TEST_CASE("bybit's newest trades keep blocks apart and text ids in view") {
    std::string const rows =
        R"({"execId":"41","symbol":"X","price":"7.2","size":"1","side":"Buy",)"
        R"("time":"1700000041000","isBlockTrade":true},)"
        R"({"execId":"a-b","symbol":"X","price":"7.1","size":"2","side":"Sell",)"
        R"("time":"1700000040000","isBlockTrade":false})";
    auto const page =
        history_of("bybit-spot").parse_trades(answer("spot", rows), ask_seconds("X", 60));
    CHECK(page_text(page) ==
          "a-b 7.1 2 sell 1700000040000000000 | 41 7.2 1 buy 1700000041000000000 block");
    REQUIRE(page.has_value());
    CHECK(page->rows[0].id > 1'000'000);
    CHECK(page->rows[1].id == 41);
}

TEST_CASE("bybit refuses inside a good status, and 403 is a ban") {
    HistorySpec const& spec = history_of("bybit-spot");
    CHECK(page_text(spec.parse_bars(R"({"retCode":10001,"retMsg":"No such","result":{}})",
                                    ask_bars("X", 1))) ==
          "error bybit-spot refuses: 10001 No such");
    CHECK(
        page_text(spec.parse_trades(R"({"retCode":10006,"retMsg":"Slow"})", ask_seconds("X", 1))) ==
        "later bybit-spot refuses: 10006 Slow");
    CHECK(spec.forbidden_is_ban);
}
