#include <string>

#include <doctest/doctest.h>

#include "tests/support/history_rows.hpp"

using namespace spill;
using test::ask_bars;
using test::ask_ids;
using test::ask_seconds;
using test::history_of;
using test::page_text;

TEST_CASE("okx minutes of the newest day and older ones are two calls with bounds left out") {
    HistorySpec const& spec = history_of("okx");
    CHECK(spec.bars_target(ask_bars("TAO-USDT", 3)) ==
          "/api/v5/market/candles?instId=TAO-USDT&bar=1m&after=1700000220000"
          "&before=1700000039999&limit=100");
    CHECK(spec.bars_target(ask_bars("TAO-USDT", 3, 5000))
              ->starts_with("/api/v5/market/history-candles?instId=TAO-USDT&bar=1m"));
}

TEST_CASE("okx bars take the base volume of three and drop the unconfirmed") {
    std::string const body =
        R"({"code":"0","msg":"","data":[)"
        R"(["1700000100000","7.2","7.4","7.2","7.4","1","7","7","0"],)"
        R"(["1700000040000","7.1","7.3","7","7.2","10.5","75.1","75.2","1"]]})";
    CHECK(page_text(history_of("okx").parse_bars(body, ask_bars("X", 101))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 0 more=28333434");
}

TEST_CASE("okx trades are asked by id from above and carry the fills that they stand for") {
    HistorySpec const& spec = history_of("okx");
    TradesRequest const request = ask_ids("TAO-USDT", {40, 150});
    CHECK(spec.trades_target(request) ==
          "/api/v5/market/history-trades?instId=TAO-USDT&type=1&after=140&limit=100");
    std::string const body =
        R"({"code":"0","data":[{"instId":"TAO-USDT","side":"buy","sz":"1","px":"7.2",)"
        R"("tradeId":"43","ts":"1700000040124","count":"2"},{"instId":"TAO-USDT","side":"sell",)"
        R"("sz":"0.5","px":"7.1","tradeId":"41","ts":"1700000040123"}]})";
    CHECK(page_text(spec.parse_trades(body, request)) ==
          "41 7.1 0.5 sell 1700000040123000000 fills=41..41 | "
          "43 7.2 1 buy 1700000040124000000 fills=42..43 more=140");
    CHECK_FALSE(spec.trades_target(ask_seconds("TAO-USDT", 60)).has_value());
}

TEST_CASE("okx refuses inside a good status, for good or for later") {
    HistorySpec const& spec = history_of("okx");
    CHECK(page_text(spec.parse_bars(R"({"code":"51001","msg":"No such","data":[]})",
                                    ask_bars("X", 1))) == "error okx refuses: 51001 No such");
    CHECK(page_text(spec.parse_trades(R"({"code":"50011","msg":"Slow","data":[]})",
                                      ask_ids("X", {1, 2}))) == "later okx refuses: 50011 Slow");
}
