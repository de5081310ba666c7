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

const std::string kBar =
    R"([1700000040000,"7.10","7.3","7.0","7.2","10.5",1700000099999,"75.1",12,"4","30","0"])";

std::string trade(std::uint64_t id, const char* maker) {
    std::string const number = std::to_string(id);
    return R"({"a":)" + number + R"(,"p":"7.20","q":"0.5","f":)" + std::to_string(id * 2) +
           R"(,"l":)" + std::to_string(id * 2 + 1) + R"(,"T":)" +
           std::to_string(1'700'000'040'000 + id) + R"(,"m":)" + maker + R"(,"M":true})";
}

std::string full_page(std::uint64_t first) {
    std::string body = "[";
    for (std::uint64_t id = first; id < first + 1000; ++id) body += trade(id, "true") + ",";
    body.back() = ']';
    return body;
}

}  // namespace

TEST_CASE("binance minutes are asked by whole windows on spot and on contracts") {
    CHECK(history_of("binance").bars_target(ask_bars("taousdt", 3)) ==
          "/api/v3/klines?symbol=TAOUSDT&interval=1m&startTime=1700000040000"
          "&endTime=1700000219999&limit=1000");
    CHECK(history_of("binance-usdm").bars_target(ask_bars("MUUSDT", 1)) ==
          "/fapi/v1/klines?symbol=MUUSDT&interval=1m&startTime=1700000040000"
          "&endTime=1700000099999&limit=1000");
}

TEST_CASE("binance bars keep columns and count, and the one that forms is dropped") {
    HistorySpec const& spec = history_of("binance");
    CHECK(page_text(spec.parse_bars("[" + kBar + "]", ask_bars("X", 1))) ==
          "1700000040 7.1 7.3 7 7.2 10.5 12");
    BarsRequest early = ask_bars("X", 1, 0);
    early.now.ns -= 1;
    CHECK(page_text(spec.parse_bars("[" + kBar + "]", early)) == "");
    CHECK(page_text(spec.parse_bars("[]", ask_bars("X", 1001))) == " more=28334334");
}

TEST_CASE("a binance bar whose high is below its close is no bar") {
    std::string const body =
        R"([[1700000040000,"7","7.1","7","7.2","1",1700000099999,"7",1,"0","0","0"]])";
    CHECK(page_text(history_of("binance").parse_bars(body, ask_bars("X", 1))) ==
          "error binance: row 0 of the answer: bad_number");
}

TEST_CASE("binance trades are the stream's: dense ids, fills, and the buyer at rest means a sale") {
    HistorySpec const& spec = history_of("binance");
    std::string const body = "[" + trade(41, "true") + "," + trade(42, "false") + "]";
    CHECK(page_text(spec.parse_trades(body, ask_ids("X", {41, 50}))) ==
          "41 7.2 0.5 sell 1700000040041000000 fills=82..83 dense | "
          "42 7.2 0.5 buy 1700000040042000000 fills=84..85 dense");
    CHECK(page_text(spec.parse_trades(body, ask_ids("X", {42, 42}))) ==
          "42 7.2 0.5 buy 1700000040042000000 fills=84..85 dense");
}

TEST_CASE("binance trades by id go on while pages are full") {
    HistorySpec const& spec = history_of("binance");
    TradesRequest request = ask_ids("TAOUSDT", {41, 2000});
    CHECK(spec.trades_target(request) == "/api/v3/aggTrades?symbol=TAOUSDT&fromId=41&limit=1000");
    auto const page = spec.parse_trades(full_page(41), request);
    REQUIRE(page.has_value());
    CHECK(page->rows.size() == 1000);
    REQUIRE(page->more.has_value());
    request.cursor = *page->more;
    CHECK(spec.trades_target(request)->find("&fromId=1041&") != std::string::npos);
    CHECK_FALSE(spec.parse_trades("[" + trade(1041, "true") + "]", request)->more.has_value());
    CHECK_FALSE(spec.parse_trades(full_page(41), ask_ids("X", {41, 1040}))->more.has_value());
}

TEST_CASE("binance trades by time go by hours, and by id within a full hour") {
    HistorySpec const& spec = history_of("binance");
    TradesRequest request = ask_seconds("TAOUSDT", 2 * 3600);
    CHECK(spec.trades_target(request) ==
          "/api/v3/aggTrades?symbol=TAOUSDT&startTime=1700000040000"
          "&endTime=1700003639999&limit=1000");
    CHECK(page_text(spec.parse_trades("[]", request)) == " more=t1700003640000");
    auto const full = spec.parse_trades(full_page(41), request);
    REQUIRE(full.has_value());
    REQUIRE(full->more.has_value());
    CHECK(full->more->next == "i1041");
    request.cursor.next = "t1700003640000";
    CHECK(spec.trades_target(request)->find("&endTime=1700007239999&") != std::string::npos);
    CHECK(page_text(spec.parse_trades("[]", request)) == "");
}

TEST_CASE("binance refuses with a code, and too fast is for later") {
    HistorySpec const& spec = history_of("binance");
    CHECK(page_text(spec.parse_bars(R"({"code":-1121,"msg":"No such."})", ask_bars("X", 1))) ==
          "error binance refuses: -1121 No such.");
    CHECK(page_text(spec.parse_trades(R"({"code":-1003,"msg":"Slow"})", ask_ids("X", {1, 1}))) ==
          "later binance refuses: -1003 Slow");
}

TEST_CASE("a binance question without ids and span, or with a foreign cursor, is not asked") {
    HistorySpec const& spec = history_of("binance");
    CHECK_FALSE(spec.trades_target({}).has_value());
    TradesRequest request = ask_ids("X", {1, 2});
    for (auto const* cursor : {"t1700003640000", "x1", "i", "7"}) {
        request.cursor.next = cursor;
        CHECK_FALSE(spec.trades_target(request).has_value());
    }
}
