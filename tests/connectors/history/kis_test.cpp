#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/history/equities.hpp"
#include "core/timestamp.hpp"

using namespace spill;

namespace {

BarsRequest request_of(std::string_view from, std::string_view to,
                       std::string_view now = "2030-01-01T00:00:00Z") {
    BarsRequest request;
    request.symbol = "000660";
    request.span = {*parse_rfc3339(from), *parse_rfc3339(to)};
    request.now = *parse_rfc3339(now);
    return request;
}

std::string row(const std::string& hour, const std::string& date = "20260521") {
    return R"({"stck_bsop_date":")" + date + R"(","stck_cntg_hour":")" + hour +
           R"(","stck_prpr":"93100","stck_oprc":"93000","stck_hgpr":"93200","stck_lwpr":"92900",)"
           R"("cntg_vol":"4021","acml_tr_pbmn":"1"})";
}

std::string answer(const std::string& rows) {
    return R"({"rt_cd":"0","msg_cd":"MCA00000","msg1":"OK","output1":{},"output2":[)" + rows + "]}";
}

// The day and hour of each request that answers the span, when every answer is empty.
std::vector<std::string> hours_asked(BarsRequest request) {
    std::vector<std::string> hours;
    for (int i = 0; i < 100; ++i) {
        auto const target = kis_history::bars_target(request);
        if (!target) return hours;
        auto const value = [&](const std::string& name) {
            std::size_t const at = target->find(name) + name.size();
            return target->substr(at, target->find('&', at) - at);
        };
        hours.push_back(value("FID_INPUT_DATE_1=") + " " + value("FID_INPUT_HOUR_1="));
        auto const page = kis_history::parse_bars(answer(""), request);
        REQUIRE(page.has_value());
        if (!page->more) return hours;
        request.cursor = *page->more;
    }
    return hours;
}

}  // namespace

TEST_CASE("a kis page names market and code, and ends at the last minute that it wants") {
    BarsRequest request = request_of("2026-05-21T00:00:00Z", "2026-05-21T00:30:00Z");
    CHECK(kis_history::bars_target(request) ==
          "/uapi/domestic-stock/v1/quotations/inquire-time-dailychartprice"
          "?FID_COND_MRKT_DIV_CODE=UN&FID_INPUT_ISCD=000660&FID_INPUT_HOUR_1=092900"
          "&FID_INPUT_DATE_1=20260521&FID_PW_DATA_INCU_YN=Y&FID_FAKE_TICK_INCU_YN=N");
    request.symbol = "000660.KRX";
    CHECK(kis_history::bars_target(request)->find("_CODE=J&FID_INPUT_ISCD=000660&") !=
          std::string::npos);
    request.symbol = "000660.NXT";
    CHECK(kis_history::bars_target(request)->find("_CODE=NX&") != std::string::npos);
}

TEST_CASE("kis stretches ascend, skip nights and weekends, and never reach into the future") {
    // 2026-05-21 is a Thursday. A whole day in Korea is twelve hours of trading.
    CHECK(hours_asked(request_of("2026-05-20T15:00:00Z", "2026-05-21T15:00:00Z")) ==
          std::vector<std::string>{"20260521 095900", "20260521 115900", "20260521 135900",
                                   "20260521 155900", "20260521 175900", "20260521 195900"});
    CHECK(hours_asked(request_of("2026-05-22T10:30:00Z", "2026-05-25T00:00:00Z")) ==
          std::vector<std::string>{"20260522 195900", "20260525 085900"});
    CHECK(hours_asked(
              request_of("2026-05-21T00:00:00Z", "2026-05-21T06:00:00Z", "2026-05-21T00:10:30Z")) ==
          std::vector<std::string>{"20260521 090900"});
    CHECK(hours_asked(request_of("2026-05-23T00:00:00Z", "2026-05-24T00:00:00Z")).empty());
    BarsRequest forged = request_of("2026-05-21T00:00:00Z", "2026-05-21T00:30:00Z");
    forged.cursor.next = "x";
    CHECK_FALSE(kis_history::bars_target(forged).has_value());
}

TEST_CASE("kis bars come out ascending, in UTC, and only of the stretch that was asked for") {
    BarsRequest const request =
        request_of("2026-05-21T00:00:00Z", "2026-05-21T00:03:00Z", "2026-05-21T00:02:30Z");
    auto const got = kis_history::parse_bars(
        answer(row("090200") + "," + row("090100") + "," + row("090000") + "," + row("085900") +
               R"(,{"stck_bsop_date":"","stck_cntg_hour":""})"),
        request);
    REQUIRE(got.has_value());
    REQUIRE(got->rows.size() == 2);
    CHECK(got->rows[0].start == request.span.from);
    CHECK(got->rows[0].open.nanos == 93'000'000'000'000);
    CHECK(got->rows[0].high.nanos == 93'200'000'000'000);
    CHECK(got->rows[0].low.nanos == 92'900'000'000'000);
    CHECK(got->rows[0].close.nanos == 93'100'000'000'000);
    CHECK(got->rows[0].volume.nanos == 4'021'000'000'000);
    CHECK(got->rows[0].trades == 0);
    CHECK(got->rows[1].start.ns == request.span.from.ns + kNanosPerMinute);
    CHECK_FALSE(got->more.has_value());
}

TEST_CASE("a kis refusal has the venue's words and a broken answer is no answer") {
    BarsRequest const request = request_of("2026-05-21T00:00:00Z", "2026-05-21T00:03:00Z");
    auto const refused =
        kis_history::parse_bars(R"({"rt_cd":"1","msg_cd":"EGW00121","msg1":"token"})", request);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "kis: token");
    for (std::string const& body :
         {std::string(), std::string("{}"), std::string("[]"), answer(row("9")),
          answer(row("090000", "20261399")), answer("{\"stck_bsop_date\":\"20260521\"}"),
          answer("7"), answer(row("090000")).substr(0, 90)}) {
        INFO(body);
        auto const got = kis_history::parse_bars(body, request);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().code == Errc::Corrupt);
    }
}
