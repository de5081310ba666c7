#include <string>

#include <doctest/doctest.h>

#include "connectors/history/equities.hpp"
#include "core/timestamp.hpp"
#include "tests/support/frames.hpp"

using namespace spill;

namespace {

BarsRequest request_of(std::string_view from, std::string_view to) {
    BarsRequest request;
    request.symbol = "BRK.B";
    request.span = {*parse_rfc3339(from), *parse_rfc3339(to)};
    request.now = *parse_rfc3339("2030-01-01T00:00:00Z");
    return request;
}

std::string bar(UnixNanos start, const std::string& volume = "300") {
    return R"({"v":)" + volume + R"(,"vw":10.6,"o":10.5,"c":10.75,"h":11,"l":10.25,"t":)" +
           std::to_string(start.ns / 1'000'000) + R"(,"n":7})";
}

std::string answer(const std::string& bars, const std::string& rest = "") {
    return R"({"ticker":"BRK.B","results":[)" + bars + R"(],"status":"OK")" + rest + "}";
}

}  // namespace

TEST_CASE("a massive page names the span in milliseconds and the page after it by its address") {
    BarsRequest request = request_of("2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    CHECK(massive_history::bars_target(request) ==
          "/v2/aggs/ticker/BRK.B/range/1/minute/1779370200000/1779370379999"
          "?adjusted=true&sort=asc&limit=50000");
    auto const got = massive_history::parse_bars(
        answer(bar(request.span.from), R"(,"next_url":"https://host.example/v2/aggs/x?cursor=ab")"),
        request);
    REQUIRE(got.has_value());
    REQUIRE(got->more.has_value());
    request.cursor = *got->more;
    CHECK(massive_history::bars_target(request) == "/v2/aggs/x?cursor=ab");
    auto const odd = massive_history::parse_bars(
        answer(bar(request.span.from), R"(,"next_url":"ftp://host/x")"), request);
    REQUIRE(odd.has_value());
    CHECK_FALSE(odd->more.has_value());
}

TEST_CASE("massive bars may have fractions of shares and are kept inside the span") {
    BarsRequest const request = request_of("2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    UnixNanos const before{request.span.from.ns - kNanosPerMinute};
    auto const got = massive_history::parse_bars(
        answer(bar(before) + "," + bar(request.span.from, "12.5") + "," + bar(request.span.to)),
        request);
    REQUIRE(got.has_value());
    REQUIRE(got->rows.size() == 1);
    CHECK(got->rows[0].start == request.span.from);
    CHECK(got->rows[0].volume.nanos == 12'500'000'000);
    CHECK(got->rows[0].trades == 7);
}

TEST_CASE("a massive answer without results is empty and a refusal has the venue's words") {
    BarsRequest const request = request_of("2026-05-21T13:30:00Z", "2026-05-21T13:33:00Z");
    auto const none = massive_history::parse_bars(
        R"({"ticker":"X","resultsCount":0,"status":"DELAYED"})", request);
    REQUIRE(none.has_value());
    CHECK(none->rows.empty());
    auto const refused = massive_history::parse_bars(
        R"({"status":"NOT_AUTHORIZED","message":"your plan has no such data"})", request);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "massive: your plan has no such data");
    auto const wrong = massive_history::parse_bars(R"({"status":"ERROR","error":"no"})", request);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().message == "massive: no");
    for (std::string const body : {"", "[]", "{}", R"({"status":"OK","results":[{}]})",
                                   R"({"status":"OK","results":7})", R"({"status":"OK")"}) {
        INFO(body);
        auto const got = massive_history::parse_bars(body, request);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().code == Errc::Corrupt);
    }
}

TEST_CASE("the recorded massive answer reads to its bars") {
    auto const file = test::shared_path("wire/polygon-massive/rest_aggs_range.json");
    if (file.empty()) return test::skip("massive history", "no recorded answers here");
    BarsRequest const request = request_of("2005-01-01T00:00:00Z", "2006-01-01T00:00:00Z");
    auto const got = massive_history::parse_bars(test::read_whole(file), request);
    REQUIRE(got.has_value());
    REQUIRE(got->rows.size() == 2);
    CHECK(to_text(got->rows[0].volume) == "642646396");
    CHECK(to_text(got->rows[1].close) == "1.4675");
    CHECK(got->rows[1].trades == 65'543);
}
