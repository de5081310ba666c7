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

TEST_CASE("every venue of the history table can be asked for minutes and trades, and is a venue") {
    CHECK(history_specs().size() >= 9);
    for (HistorySpec const& spec : history_specs()) {
        INFO(spec.venue);
        CHECK(find_history_spec(spec.venue) == &spec);
        CHECK_FALSE(spec.host.empty());
        CHECK(spec.requests_per_window > 0);
        CHECK(spec.window.count() > 0);
        CHECK((spec.bars_per_page > 0) == (spec.bars_target != nullptr));
        CHECK((spec.bars_target != nullptr) == (spec.parse_bars != nullptr));
        CHECK((spec.trades != TradeHistory::None) == (spec.trades_target != nullptr));
        CHECK((spec.trades_target != nullptr) == (spec.parse_trades != nullptr));
    }
    CHECK(find_history_spec("nowhere") == nullptr);
}

TEST_CASE("an answer that is no JSON or of another shape is an error at every venue") {
    for (HistorySpec const& spec : history_specs()) {
        for (auto const* body : {"", "<html></html>", "[[1,2", "{}", "[{}]", "[[]]", "[7]"}) {
            INFO(spec.venue << " " << body);
            CHECK_FALSE(spec.parse_bars(body, BarsRequest{}).has_value());
            CHECK_FALSE(spec.parse_trades(body, TradesRequest{}).has_value());
        }
    }
}
