#include <string>

#include <doctest/doctest.h>

#include "connectors/history/equities.hpp"
#include "core/timestamp.hpp"
#include "tests/support/frames.hpp"

using namespace spill;

namespace {

BarsRequest request_of(std::string_view symbol, std::string_view from, std::string_view to) {
    BarsRequest request;
    request.symbol = symbol;
    request.span = {*parse_rfc3339(from), *parse_rfc3339(to)};
    request.now = *parse_rfc3339("2030-01-01T00:00:00Z");
    return request;
}

std::string bar(const std::string& time) {
    return R"({"t":")" + time + R"(","o":10.5,"h":11,"l":10.25,"c":10.75,"v":300,"n":7,"vw":10.6})";
}

std::string page(const std::string& bars, const std::string& token = "null") {
    return R"({"bars":{"YOD":[],"ZED":[)" + bars + R"(]},"next_page_token":)" + token + "}";
}

}  // namespace

TEST_CASE("an alpaca page names feed, span and symbol, and the page after it by its token") {
    BarsRequest request = request_of("BRK.B", "2026-05-21T13:30:00Z", "2026-05-21T20:00:00Z");
    CHECK(alpaca_history::bars_target(request, "iex") ==
          "/v2/stocks/bars?timeframe=1Min&adjustment=split&sort=asc&limit=10000&feed=iex&"
          "symbols=BRK.B&start=2026-05-21T13%3A30%3A00Z&end=2026-05-21T19%3A59%3A59.999999999Z");
    request.cursor.next = "ab+c=";
    auto const next = alpaca_history::bars_target(request, "sip");
    REQUIRE(next.has_value());
    CHECK(next->ends_with("&page_token=ab%2Bc%3D"));
    CHECK(next->find("feed=sip") != std::string::npos);
}

TEST_CASE("alpaca bars come out ascending, of our symbol, inside the span and finished") {
    BarsRequest request = request_of("ZED", "2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    request.now = *parse_rfc3339("2026-05-21T13:32:30Z");
    auto const got = alpaca_history::parse_bars(
        page(bar("2026-05-21T13:31:00Z") + "," + bar("2026-05-21T13:30:00Z") + "," +
                 bar("2026-05-21T13:29:00Z") + "," + bar("2026-05-21T13:32:00Z"),
             "\"next\""),
        request);
    REQUIRE(got.has_value());
    REQUIRE(got->rows.size() == 2);
    CHECK(got->rows[0].start == request.span.from);
    CHECK(got->rows[0].open.nanos == 10'500'000'000);
    CHECK(got->rows[0].high.nanos == 11'000'000'000);
    CHECK(got->rows[0].low.nanos == 10'250'000'000);
    CHECK(got->rows[0].close.nanos == 10'750'000'000);
    CHECK(got->rows[0].volume.nanos == 300'000'000'000);
    CHECK(got->rows[0].trades == 7);
    CHECK(got->rows[1].start.ns == request.span.from.ns + kNanosPerMinute);
    REQUIRE(got->more.has_value());
    CHECK(got->more->next == "next");
}

TEST_CASE("an alpaca page without our symbol is empty and may still not be the last") {
    BarsRequest const request = request_of("OTHER", "2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    auto const got =
        alpaca_history::parse_bars(page(bar("2026-05-21T13:31:00Z"), "\"n\""), request);
    REQUIRE(got.has_value());
    CHECK(got->rows.empty());
    CHECK(got->more.has_value());
    auto const none =
        alpaca_history::parse_bars(R"({"bars":null,"next_page_token":null})", request);
    REQUIRE(none.has_value());
    CHECK_FALSE(none->more.has_value());
}

TEST_CASE("an alpaca refusal has the venue's words and a broken answer is no answer") {
    BarsRequest const request = request_of("ZED", "2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    auto const refused = alpaca_history::parse_bars(R"({"message":"forbidden."})", request);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "alpaca: forbidden.");
    std::string wrong = bar("2026-05-21T13:31:00Z");
    wrong.replace(wrong.find("10.25"), 5, "12.25");  // the low is above the high
    for (std::string const& body :
         {std::string(), std::string("[]"), std::string("{}"), std::string("{\"bars\":{"),
          page(wrong), page(bar("2026-05-21T13:31:30Z")), page(bar("yesterday")), page("{}"),
          page("7")}) {
        INFO(body);
        auto const got = alpaca_history::parse_bars(body, request);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().code == Errc::Corrupt);
    }
}

TEST_CASE("the recorded alpaca page reads to its bars") {
    auto const file = test::shared_path("wire/alpaca/rest_bars_15min_amzn.json");
    if (file.empty()) return test::skip("alpaca history", "no recorded answers here");
    BarsRequest const request = request_of("AMZN", "2021-10-15T16:00:00Z", "2021-10-15T18:00:00Z");
    auto const got = alpaca_history::parse_bars(test::read_whole(file), request);
    REQUIRE(got.has_value());
    REQUIRE(got->rows.size() == 5);
    CHECK(got->rows[4].start == *parse_rfc3339("2021-10-15T17:00:00Z"));
    CHECK(to_text(got->rows[4].high) == "3390.74");
    CHECK(to_text(got->rows[4].volume) == "134339");
    CHECK(got->rows[4].trades == 5'832);
    CHECK_FALSE(got->more.has_value());
}
