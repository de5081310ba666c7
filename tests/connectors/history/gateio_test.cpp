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

std::string trade(int id) {
    return R"({"id":")" + std::to_string(id) +
           R"(","create_time":"1700000040","create_time_ms":"1700000040123.456000",)"
           R"("side":"sell","amount":"0.5","price":"7.2","sequence_id":")" +
           std::to_string(id - 1) + R"("})";
}

}  // namespace

TEST_CASE("gate minutes are asked by their first and last second, within the venue's reach") {
    HistorySpec const& spec = history_of("gateio");
    CHECK(spec.bars_target(ask_bars("TAO_USDT", 3)) ==
          "/api/v4/spot/candlesticks?currency_pair=TAO_USDT&interval=1m&from=1700000040"
          "&to=1700000160");
    CHECK_FALSE(spec.bars_target(ask_bars("TAO_USDT", 3, 10'000)).has_value());
}

TEST_CASE("gate bars have quote volume first and base volume last, and say whether they are done") {
    std::string const body = R"([["1700000040","75.1","7.2","7.3","7.0","7.1","10.5","true"],)"
                             R"(["1700000100","7.0","7.4","7.4","7.2","7.2","1","false"]])";
    CHECK(page_text(history_of("gateio").parse_bars(body, ask_bars("X", 3))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 0");
}

TEST_CASE("gate trades carry the dense number of the pair and page from the newest") {
    HistorySpec const& spec = history_of("gateio");
    TradesRequest request = ask_seconds("TAO_USDT", 60);
    CHECK(spec.trades_target(request) ==
          "/api/v4/spot/trades?currency_pair=TAO_USDT&limit=1000&from=1700000040"
          "&to=1700000100&page=1");
    CHECK(page_text(spec.parse_trades("[" + trade(42) + "," + trade(41) + "]", request)) ==
          "41 7.2 0.5 sell 1700000040123456000 fills=40..40 | "
          "42 7.2 0.5 sell 1700000040123456000 fills=41..41");
    std::string full = "[";
    for (int id = 1040; id > 40; --id) full += trade(id) + ",";
    full.back() = ']';
    auto const page = spec.parse_trades(full, request);
    REQUIRE(page.has_value());
    REQUIRE(page->more.has_value());
    CHECK(page->more->next == "2");
    request.cursor.next = "100";
    CHECK(spec.trades_target(request)->ends_with("&page=100"));
    CHECK_FALSE(spec.parse_trades(full, request)->more.has_value());
    request.cursor.next = "101";
    CHECK_FALSE(spec.trades_target(request).has_value());
    CHECK_FALSE(spec.trades_target(ask_ids("TAO_USDT", {1, 2})).has_value());
}

TEST_CASE("gate refuses with a label") {
    HistorySpec const& spec = history_of("gateio");
    CHECK(page_text(spec.parse_bars(R"({"label":"INVALID_CURRENCY","message":"no"})",
                                    ask_bars("X", 1))) ==
          "error gateio refuses: INVALID_CURRENCY no");
    CHECK(page_text(spec.parse_trades(R"({"label":"TOO_MANY_REQUESTS","message":"slow"})",
                                      ask_seconds("X", 1))) ==
          "later gateio refuses: TOO_MANY_REQUESTS slow");
}
