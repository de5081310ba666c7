#include "connectors/sale_condition.hpp"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/event.hpp"
#include "tests/support/skip.hpp"

using namespace spill;
using namespace spill::trade_flag;

namespace {

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) out.push_back(cell);
    return out;
}

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& path) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);  // the header
    while (std::getline(in, line)) rows.push_back(cells(line));
    return rows;
}

// The words of the tables: Y, N, only, part; '-' decides nothing.
void check_rule(const SaleRule& rule, const std::string& high_low, const std::string& last,
                const std::string& volume) {
    CHECK(rule.high_low == (high_low == "Y" || high_low == "-"));
    CHECK(rule.volume == (volume == "Y" || volume == "-"));
    LastPrice const expected = last == "N"                        ? LastPrice::No
                               : last == "only" || last == "part" ? LastPrice::Fallback
                                                                  : LastPrice::Yes;
    CHECK(static_cast<int>(rule.last) == static_cast<int>(expected));
}

}  // namespace

TEST_CASE("the same letter means different things on the two plans") {
    CHECK(sale_flags(TapePlan::Cts, 'B') == kNoPrice);
    CHECK(sale_flags(TapePlan::Utdf, 'B') == 0);
    CHECK(sale_flags(TapePlan::Utdf, 'W') == kNoPrice);
    CHECK(find_sale_rule(TapePlan::Cts, 'W') == nullptr);
}

TEST_CASE("an official open or close repeats an auction and counts for nothing") {
    for (TapePlan const plan : {TapePlan::Cts, TapePlan::Utdf}) {
        CHECK(sale_flags(plan, 'M') == (kNoPrice | kNoVolume));
        CHECK(sale_flags(plan, 'Q') == (kNoPrice | kNoVolume));
        CHECK(sale_flags(plan, 'O') == kOpenAuction);
        CHECK(sale_flags(plan, '5') == kOpenAuction);
        CHECK(sale_flags(plan, '6') == kCloseAuction);
        CHECK(sale_flags(plan, '9') == (kCloseAuction | kNoVolume));
    }
}

TEST_CASE("late, odd and extended prints are volume and move no price") {
    for (TapePlan const plan : {TapePlan::Cts, TapePlan::Utdf}) {
        CHECK(sale_flags(plan, 'I') == (kNoPrice | kOddLot));
        CHECK(sale_flags(plan, 'T') == kNoPrice);
        CHECK(sale_flags(plan, 'Z') == (kNoPrice | kLateReport));
        CHECK(sale_flags(plan, 'U') == (kNoPrice | kLateReport));
        CHECK(sale_flags(plan, '4') == kNoPrice);
    }
}

TEST_CASE("an unknown condition is volume only, and regular ones are free") {
    CHECK(sale_flags(TapePlan::Cts, '?') == kNoPrice);
    CHECK(sale_flags(TapePlan::Utdf, '\xC3') == kNoPrice);
    CHECK(massive_sale_flags(TapePlan::Cts, 26) == kNoPrice);
    CHECK(massive_sale_flags(TapePlan::Utdf, 1'000'000) == kNoPrice);
    for (char const code : {' ', '@', 'F', 'X', '8'}) CHECK(sale_flags(TapePlan::Cts, code) == 0);
}

TEST_CASE("a number of Massive has the meaning of its letter on the print's own plan") {
    CHECK(massive_sale_flags(TapePlan::Cts, 2) == kNoPrice);
    CHECK(massive_sale_flags(TapePlan::Utdf, 4) == 0);
    CHECK(massive_sale_flags(TapePlan::Cts, 4) == 0);  // bunched, whoever says it
    CHECK(massive_sale_flags(TapePlan::Utdf, 17) == kOpenAuction);
    CHECK(massive_sale_flags(TapePlan::Utdf, 8) == kCloseAuction);
    CHECK(massive_sale_flags(TapePlan::Utdf, 15) == (kNoPrice | kNoVolume));
    CHECK((massive_sale_flags(TapePlan::Utdf, 14) | massive_sale_flags(TapePlan::Utdf, 41)) == 0);
}

TEST_CASE("the tables agree with the published eligibility of every condition") {
    auto const path = test::shared_path("wire/sip-sale-conditions.csv");
    if (path.empty()) return test::skip("the sale conditions agree", "no shared tables here");
    std::size_t compared = 0;
    for (auto const& row : rows_of(path)) {
        REQUIRE(row.size() >= 7);
        TapePlan const plan = row[0] == "CTS" ? TapePlan::Cts : TapePlan::Utdf;
        char const code = row[1] == "SPACE" ? ' ' : row[1].front();
        INFO(row[0] << ' ' << row[1]);
        SaleRule const* const rule = find_sale_rule(plan, code);
        REQUIRE(rule != nullptr);
        check_rule(*rule, row[4], row[5], row[6]);
        ++compared;
    }
    CHECK(compared == 59);
}

TEST_CASE("the numbers of Massive agree with the published eligibility") {
    auto const path = test::shared_path("wire/polygon-massive/conditions.csv");
    if (path.empty()) return test::skip("the numbers of Massive agree", "no shared tables here");
    std::size_t compared = 0;
    for (auto const& row : rows_of(path)) {
        REQUIRE(row.size() == 7);
        for (TapePlan const plan : {TapePlan::Cts, TapePlan::Utdf}) {
            INFO(row[0]);
            std::optional<SaleRule> const rule = find_massive_rule(plan, std::stoul(row[0]));
            REQUIRE(rule.has_value());
            check_rule(*rule, row[4], row[5], row[6]);
        }
        ++compared;
    }
    CHECK(compared == 39);
}
