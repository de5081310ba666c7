#include <string>

#include <doctest/doctest.h>

#include "tests/support/history_rows.hpp"

using namespace spill;
using test::ask_bars;
using test::ask_ids;
using test::ask_seconds;
using test::history_of;
using test::page_text;

TEST_CASE("coinbase minutes are asked in windows of 300") {
    HistorySpec const& spec = history_of("coinbase");
    BarsRequest request = ask_bars("TAO-USD", 301);
    CHECK(spec.bars_target(request) ==
          "/products/TAO-USD/candles?granularity=60&start=2023-11-14T22%3A14%3A00Z"
          "&end=2023-11-15T03%3A13%3A00Z");
    CHECK(page_text(spec.parse_bars("[]", request)) == " more=28333634");
    request.cursor.next = "28333634";
    CHECK(spec.bars_target(request)->ends_with("&end=2023-11-15T03%3A14%3A00Z"));
    CHECK(page_text(spec.parse_bars("[]", request)) == "");
}

TEST_CASE("coinbase bars have low before high and the newest first") {
    std::string const body =
        "[[1700000160,7.1,7.5,7.2,7.4,3.1895000000000002],"
        "[1700000040,7.0,7.3,7.1,7.2,10.5]]";
    CHECK(page_text(history_of("coinbase").parse_bars(body, ask_bars("X", 3))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 0 | 1700000160 7.2 7.5 7.1 7.4 3.1895 0");
}

TEST_CASE("coinbase trades name the maker's side, come newest first and are asked from above") {
    HistorySpec const& spec = history_of("coinbase");
    TradesRequest request = ask_ids("TAO-USD", {41, 1041});
    CHECK(spec.trades_target(request) == "/products/TAO-USD/trades?limit=1000&after=1041");
    std::string const body =
        R"([{"time":"2023-11-14T22:14:01.5Z","trade_id":42,"price":"7.2","size":"1","side":"buy"},)"
        R"({"time":"2023-11-14T22:14:00Z","trade_id":41,"price":"7.1","size":"2","side":"sell"},)"
        R"({"time":"2023-11-14T22:13:59Z","trade_id":40,"price":"7","size":"3","side":"sell"}])";
    CHECK(page_text(spec.parse_trades(body, request)) ==
          "41 7.1 2 buy 1700000040000000000 dense | "
          "42 7.2 1 sell 1700000041500000000 dense more=1041");
    request.cursor.next = "1041";
    CHECK(spec.trades_target(request) == "/products/TAO-USD/trades?limit=1000&after=1042");
    CHECK(page_text(spec.parse_trades("[]", request)) == "");
    CHECK_FALSE(spec.trades_target(ask_seconds("TAO-USD", 60)).has_value());
}

TEST_CASE("coinbase refuses in words") {
    HistorySpec const& spec = history_of("coinbase");
    CHECK(page_text(spec.parse_bars(R"({"message":"NotFound"})", ask_bars("X", 1))) ==
          "error coinbase refuses: NotFound");
    CHECK(page_text(
              spec.parse_bars(R"({"message":"Public rate limit exceeded"})", ask_bars("X", 1))) ==
          "later coinbase refuses: Public rate limit exceeded");
}
