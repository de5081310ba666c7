#include "connectors/history/equities.hpp"

#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "connectors/registry.hpp"
#include "core/timestamp.hpp"

using namespace spill;

TEST_CASE("every equity history can ask for bars, read them and show the key in a header") {
    std::set<std::string_view> names;
    for (HistorySpec const& spec : equity_history_specs()) {
        INFO(std::string(spec.venue));
        CHECK(names.insert(spec.venue).second);
        CHECK_FALSE(spec.host.empty());
        CHECK(spec.bars_per_page > 0);
        CHECK(spec.trades == TradeHistory::None);
        REQUIRE(static_cast<bool>(spec.bars_target));
        REQUIRE(static_cast<bool>(spec.parse_bars));
        REQUIRE(static_cast<bool>(spec.headers));
        Credentials const keys{.key = "zed-key", .secret = "zed-secret", .token = "zed-token"};
        bool shown = false;
        for (std::string const& header : spec.headers(keys)) {
            CHECK(header.find(": ") != std::string::npos);
            shown = shown || header.find("zed-") != std::string::npos;
        }
        CHECK(shown);
        BarsRequest request;
        request.symbol = "ZED";
        request.span = {*parse_rfc3339("2026-05-21T03:00:00Z"),
                        *parse_rfc3339("2026-05-21T03:10:00Z")};
        request.now = *parse_rfc3339("2026-05-22T00:00:00Z");
        auto const target = spec.bars_target(request);
        REQUIRE(target.has_value());
        CHECK(target->starts_with('/'));
        CHECK(target->find("zed-") == std::string::npos);
        request.span.to = request.span.from;
        CHECK_FALSE(spec.bars_target(request).has_value());
    }
    CHECK(names == std::set<std::string_view>{"alpaca-delayed", "alpaca-iex", "alpaca-sip", "kis",
                                              "massive", "massive-delayed"});
}

TEST_CASE("the requests of an equity history stay below what the venues document") {
    using std::chrono::seconds;
    for (HistorySpec const& spec : equity_history_specs()) {
        double const per_minute = 60.0 * spec.requests_per_window / double(spec.window.count());
        INFO(std::string(spec.venue));
        CHECK(per_minute < (spec.venue == "kis" ? 1'200 : spec.venue.starts_with("a") ? 200 : 5));
    }
}
