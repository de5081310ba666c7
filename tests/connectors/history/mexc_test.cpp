#include <string>

#include <doctest/doctest.h>

#include "tests/support/history_rows.hpp"

using namespace spill;
using test::ask_bars;
using test::ask_ids;
using test::history_of;
using test::page_text;

TEST_CASE("mexc minutes are asked in windows of the 500 rows that come in practice") {
    HistorySpec const& spec = history_of("mexc");
    CHECK(spec.bars_target(ask_bars("taousdt", 501)) ==
          "/api/v3/klines?symbol=TAOUSDT&interval=1m&startTime=1700000040000"
          "&endTime=1700030039999&limit=500");
    CHECK(page_text(spec.parse_bars("[]", ask_bars("X", 501))) == " more=28333834");
}

TEST_CASE("mexc bars of eight columns are read") {
    std::string const body =
        R"([[1700000040000,"7.1","7.3","7.0","7.2","10.5",1700000100000,"75.1"]])";
    CHECK(page_text(history_of("mexc").parse_bars(body, ask_bars("X", 3))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 0");
}

TEST_CASE("mexc trades have no ids: equal ones stay two, in the order of the venue") {
    HistorySpec const& spec = history_of("mexc");
    std::string const row =
        R"({"id":null,"price":"7.2","qty":"0.5","time":1700000040123,"isBuyerMaker":true})";
    std::string const newest =
        R"({"id":null,"price":"7.3","qty":"1","time":1700000040123,"isBuyerMaker":false})";
    CHECK(page_text(spec.parse_trades("[" + newest + "," + row + "," + row + "]", {})) ==
          " 7.2 0.5 sell 1700000040123000000 |  7.2 0.5 sell 1700000040123000000 | "
          " 7.3 1 buy 1700000040123000000");
    CHECK_FALSE(spec.trades_target(ask_ids("X", {1, 2})).has_value());
    TradesRequest recent;
    recent.symbol = "TAOUSDT";
    CHECK(spec.trades_target(recent) == "/api/v3/trades?symbol=TAOUSDT&limit=1000");
}

TEST_CASE("mexc refuses with a code") {
    HistorySpec const& spec = history_of("mexc");
    CHECK(page_text(spec.parse_bars(R"({"code":-1121,"msg":"No such"})", ask_bars("X", 1))) ==
          "error mexc refuses: -1121 No such");
    CHECK(page_text(spec.parse_trades(R"({"code":429,"msg":"Slow"})", {})) ==
          "later mexc refuses: 429 Slow");
}
