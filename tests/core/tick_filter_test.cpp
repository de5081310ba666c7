#include "core/tick_filter.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "core/bar.hpp"
#include "tests/golden/signals_golden.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using spill::support::trade;

static_assert(std::is_trivially_copyable_v<TickFilter>);

namespace {

TickFilter equity_filter() {
    return TickFilter(TickFilter::rule_for(TickFilterParams{}, support::price(0.01), Market::Xnys));
}

TickVerdict push(TickFilter& filter, double price, double size = 1.0) {
    return filter.push(trade({.price = price, .size = size}));
}

// The rule written down a second time, with sorting and doubles.
struct PlainFilter {
    std::vector<double> ring, held;
    static double middle(std::vector<double> a) {
        std::sort(a.begin(), a.end());
        std::size_t const n = a.size();
        return n % 2 == 1 ? a[n / 2] : (a[n / 2 - 1] + a[n / 2]) / 2;
    }
    char push(double p) {
        if (ring.size() < 5) {
            ring.push_back(p);
            return 'a';
        }
        double const m = middle(ring);
        std::vector<double> away;
        for (double const x : ring) away.push_back(std::abs(x - m));
        double const gamma = std::max(0.03, 0.0025 * m);
        if (std::abs(p - m) <= 8 * 1.4826 * middle(away) + gamma + 1e-10) {
            held.clear();
            ring.push_back(p);
            if (ring.size() > 15) ring.erase(ring.begin());
            return 'a';
        }
        held.push_back(p);
        if (held.size() > 3) held.erase(held.begin());
        auto const [lo, hi] = std::minmax_element(held.begin(), held.end());
        if (held.size() == 3 && *hi - *lo <= gamma + 1e-10) {
            ring = held;
            held.clear();
            return 'j';
        }
        return 'h';
    }
};

char letter(TickVerdict verdict) {
    switch (verdict) {
        case TickVerdict::Accept: return 'a';
        case TickVerdict::AcceptJump: return 'j';
        case TickVerdict::Hold: return 'h';
        case TickVerdict::Drop: return 'd';
    }
    return 'd';
}

}  // namespace

TEST_CASE("G2: a lone outlier is dropped, three agreeing prints are a jump, VWAP follows") {
    TickFilter filter = equity_filter();
    MinuteBars bars;
    for (auto const& row : golden::kG2) {
        INFO(row.price);
        Event const event = trade({.price = row.price, .size = row.size});
        TickVerdict const verdict = filter.push(event);
        CHECK(letter(verdict) == row.verdict);
        if (verdict == TickVerdict::Accept) bars.trade(event);
        for (Event const& accepted : filter.accepted()) bars.trade(accepted);
        MinuteBars copy = bars;
        SessionTotals totals;
        totals.add_bar(copy.close_minute(0));
        CHECK(totals.vwap() == doctest::Approx(row.vwap).epsilon(golden::kTolerance / 100));
    }
    CHECK(filter.rejected() == 1);
    CHECK(filter.rejected_volume() == 100.0);
}

TEST_CASE("a jump hands out its three prints in order, until the next push") {
    TickFilter filter = equity_filter();
    for (int i = 0; i < 8; ++i) push(filter, 50.0);
    CHECK(push(filter, 60.00, 1.0) == TickVerdict::Hold);
    CHECK(push(filter, 60.02, 2.0) == TickVerdict::Hold);
    CHECK(push(filter, 60.01, 3.0) == TickVerdict::AcceptJump);
    REQUIRE(filter.accepted().size() == 3);
    CHECK(filter.accepted()[0].trade.price == support::price(60.00));
    CHECK(filter.accepted()[1].trade.price == support::price(60.02));
    CHECK(filter.accepted()[2].trade.price == support::price(60.01));
    CHECK(push(filter, 60.03) == TickVerdict::Accept);
    CHECK(filter.accepted().empty());
    CHECK(filter.rejected() == 0);
}

TEST_CASE("held prints that disagree slide on and are counted when they are lost") {
    TickFilter filter = equity_filter();
    for (int i = 0; i < 8; ++i) push(filter, 50.0);
    CHECK(push(filter, 60.0, 1.0) == TickVerdict::Hold);
    CHECK(push(filter, 70.0, 2.0) == TickVerdict::Hold);
    CHECK(push(filter, 80.0, 4.0) == TickVerdict::Hold);
    CHECK(push(filter, 70.1, 8.0) == TickVerdict::Hold);
    CHECK(filter.rejected_volume() == 1.0);
    CHECK(push(filter, 50.0) == TickVerdict::Accept);
    CHECK(filter.rejected() == 4);
    CHECK(filter.rejected_volume() == 15.0);
}

TEST_CASE("an impossible print is dropped and leaves no trace in the ring") {
    TickFilter filter = equity_filter();
    CHECK(push(filter, 0.0) == TickVerdict::Drop);
    CHECK(push(filter, -1.0) == TickVerdict::Drop);
    CHECK(push(filter, 10.0, 0.0) == TickVerdict::Drop);
    Event huge = trade({.price = 1.0});
    huge.trade.price = Price{TickFilter::kMaxNanos};
    CHECK(filter.push(huge) == TickVerdict::Drop);
    CHECK(filter.rejected() == 4);
    CHECK(push(filter, 10.0) == TickVerdict::Accept);
}

TEST_CASE("a Korean print beyond the static limit of the previous close is dropped") {
    TickFilter filter(TickFilter::rule_for(TickFilterParams{}, support::price(100), Market::Xkrx));
    Price const reference = support::price(100'000);
    CHECK(filter.push(trade({.price = 130'000}), reference) == TickVerdict::Accept);
    CHECK(filter.push(trade({.price = 130'100}), reference) == TickVerdict::Drop);
    CHECK(filter.push(trade({.price = 69'900}), reference) == TickVerdict::Drop);
    CHECK(filter.push(trade({.price = 130'100})) == TickVerdict::Accept);
}

TEST_CASE("after a restart the next prints are accepted wherever they are") {
    TickFilter filter = equity_filter();
    for (int i = 0; i < 15; ++i) push(filter, 50.0);
    push(filter, 99.0);
    filter.restart();
    CHECK(filter.rejected() == 1);
    CHECK(push(filter, 80.0) == TickVerdict::Accept);
    CHECK(push(filter, 80.1) == TickVerdict::Accept);
}

TEST_CASE("the incremental median and MAD agree with sorting on 20,000 random prints") {
    TickFilter filter = equity_filter();
    PlainFilter plain;
    std::uint64_t seed = 7;
    auto const uniform = [&seed] {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<double>(seed >> 33U) / static_cast<double>(1U << 31U);
    };
    double walk = 100.0;
    int holds = 0, jumps = 0;
    for (int i = 0; i < 20'000; ++i) {
        walk = std::max(20.0, walk + (uniform() - 0.5) * 0.2);
        if (uniform() < 0.01) walk *= 1.0 + (uniform() - 0.5) * 0.1;
        bool const outlier = uniform() < 0.03;
        double const cents = std::round((outlier ? walk * (0.9 + 0.2 * uniform()) : walk) * 100);
        double const p = cents / 100;
        char const expected = plain.push(p);
        CHECK(letter(push(filter, p)) == expected);
        holds += expected == 'h' ? 1 : 0;
        jumps += expected == 'j' ? 1 : 0;
    }
    CHECK(holds > 100);
    CHECK(jumps > 20);
}
