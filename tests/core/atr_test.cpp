#include "core/atr.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"
#include "tests/support/trades.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<SessionBars>);

namespace {

SessionBar session(std::int32_t date, double high, double low, double close) {
    SessionBar bar;
    bar.date = date;
    bar.high = support::price(high);
    bar.low = support::price(low);
    bar.close = support::price(close);
    bar.open = bar.close;
    bar.volume = 1000.0;
    return bar;
}

}  // namespace

TEST_CASE("G1: ATR14 follows TA-Lib from the fifteenth bar, and is a plain mean before") {
    SessionBars bars{LevelParams{}};
    std::vector<double> ready;
    for (std::size_t i = 0; i < golden::kG1Bars.size(); ++i) {
        auto const& row = golden::kG1Bars[i];
        bars.add(session(static_cast<std::int32_t>(i), row.high, row.low, row.close));
        auto const atr = bars.atr();
        INFO(i);
        CHECK(atr.has_value() == (i >= 5));
        if (!atr) continue;
        CHECK(atr->provisional == (i < 14));
        if (i == 6) CHECK(std::abs(atr->value - golden::kG1Provisional) < golden::kTolerance);
        if (!atr->provisional) ready.push_back(atr->value);
    }
    REQUIRE(ready.size() == golden::kG1Atr.size());
    for (std::size_t i = 0; i < ready.size(); ++i) {
        CHECK(std::abs(ready[i] - golden::kG1Atr[i]) < golden::kTolerance);
    }
}

TEST_CASE("ATR equals an independent implementation on 1,000 random bars") {
    std::filesystem::path const input =
        std::filesystem::path(SPILL_BINARY_DIR) / "atr_reference_input.txt";
    std::vector<SessionBar> rows;
    {
        std::ofstream out(input);
        std::uint64_t seed = 20260524;
        auto const next = [&seed](std::uint64_t below) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            return static_cast<std::int64_t>((seed >> 33U) % below);
        };
        std::int64_t close = 10'000;  // cents
        for (int i = 0; i < 1000; ++i) {
            std::int64_t const open = close + next(401) - 200;
            close = std::max<std::int64_t>(500, open + next(601) - 300);
            std::int64_t const high = std::max(open, close) + next(200);
            std::int64_t const low = std::min(open, close) - next(200);
            rows.push_back(session(i, static_cast<double>(high) / 100,
                                   static_cast<double>(low) / 100,
                                   static_cast<double>(close) / 100));
            out << high << "/100 " << low << "/100 " << close << "/100\n";
        }
    }
    std::string const command = "/usr/bin/python3 '" + std::string(SPILL_SOURCE_DIR) +
                                "/tests/support/atr_reference.py' < '" + input.string() + "'";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    SessionBars bars{LevelParams{}};
    bars.add(rows[0]);
    int compared = 0;
    char line[64];
    for (std::size_t i = 1; i < rows.size() && std::fgets(line, sizeof line, pipe); ++i) {
        bars.add(rows[i]);
        if (auto const atr = bars.atr()) {
            CHECK(std::abs(atr->value - std::strtod(line, nullptr)) < 1e-9);
            ++compared;
        }
    }
    CHECK(::pclose(pipe) == 0);
    CHECK(compared == 995);
    std::filesystem::remove(input);
}

TEST_CASE("the 20-session extreme knows its age, and equal extremes count from the youngest") {
    SessionBars bars{LevelParams{}};
    for (int i = 0; i < 19; ++i) bars.add(session(i, 100.0 + (i == 14 ? 5.0 : 0.0), 90.0, 95.0));
    CHECK_FALSE(bars.highest().has_value());
    bars.add(session(19, 100.0, 90.0, 95.0));
    REQUIRE(bars.highest().has_value());
    CHECK(bars.highest()->price == support::price(105.0));
    CHECK(bars.highest()->age == 6);
    CHECK(bars.lowest()->price == support::price(90.0));
    CHECK(bars.lowest()->age == 1);
    for (int i = 20; i < 35; ++i) bars.add(session(i, 100.0, 90.0, 95.0));
    CHECK(bars.highest()->price == support::price(100.0));
    CHECK(bars.highest()->age == 1);
    CHECK(bars.size() == SessionBars::kRing);
}

TEST_CASE("a split scales levels and ATR together") {
    SessionBars bars{LevelParams{}};
    for (int i = 0; i < 25; ++i) bars.add(session(i, 100.0 + i, 90.0 + i, 95.0 + i));
    double const atr = bars.atr()->value;
    bars.scale({.price_e9 = 100'000'000, .size_e9 = 10'000'000'000});
    CHECK(bars.atr()->value == doctest::Approx(atr / 10));
    CHECK(bars.highest()->price == support::price(12.4));
    CHECK(bars.last().close == support::price(11.9));
    CHECK(bars.last(24).low == support::price(9.0));
    CHECK(bars.last().volume == doctest::Approx(10'000.0));
    // The next bar continues on the new scale: its true range is against the scaled close.
    bars.add(session(25, 12.5, 11.5, 12.0));
    CHECK(bars.atr()->value == doctest::Approx((atr / 10 * 13 + 1.0) / 14));
}

TEST_CASE("a split before the fourteenth true range scales the running mean as well") {
    SessionBars bars{LevelParams{}};
    for (int i = 0; i < 7; ++i) bars.add(session(i, 110.0, 90.0, 100.0));
    CHECK(bars.atr()->value == doctest::Approx(20.0));
    bars.scale({.price_e9 = 500'000'000, .size_e9 = 2'000'000'000});
    CHECK(bars.atr()->value == doctest::Approx(10.0));
    bars.add(session(7, 55.0, 45.0, 50.0));
    CHECK(bars.atr()->value == doctest::Approx(10.0));
    CHECK(bars.atr()->provisional);
}
