#include "connectors/history/history.hpp"

#include <chrono>
#include <optional>

#include <doctest/doctest.h>

using namespace spill;
using std::chrono::seconds;

TEST_CASE("a history answer in the two hundreds is read, another client error is final") {
    HistorySpec const spec{};
    CHECK(classify_status(spec, 200, std::nullopt).status == StatusClass::Ok);
    CHECK(classify_status(spec, 400, std::nullopt).status == StatusClass::Refused);
    CHECK(classify_status(spec, 404, std::nullopt).status == StatusClass::Refused);
}

TEST_CASE("too many requests and a sick venue wait as long as the venue says") {
    HistorySpec const spec{};
    CHECK(classify_status(spec, 429, seconds{7}).status == StatusClass::Later);
    CHECK(classify_status(spec, 429, seconds{7}).wait == seconds{7});
    CHECK(classify_status(spec, 503, std::nullopt).wait > seconds{0});
}

TEST_CASE("403 is a ban only at a venue that uses it for one, 418 everywhere") {
    HistorySpec spec{};
    CHECK(classify_status(spec, 418, seconds{120}).status == StatusClass::Banned);
    CHECK(classify_status(spec, 418, seconds{120}).wait == seconds{120});
    CHECK(classify_status(spec, 403, std::nullopt).status == StatusClass::Refused);
    spec.forbidden_is_ban = true;
    CHECK(classify_status(spec, 403, std::nullopt).status == StatusClass::Banned);
    CHECK(classify_status(spec, 403, std::nullopt).wait >= seconds{600});
}
