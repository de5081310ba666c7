#include "core/baseline.hpp"

#include <array>
#include <cmath>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<RvolWindow>);
static_assert(std::is_trivially_copyable_v<VarianceCap>);

namespace {

constexpr std::array<std::uint8_t, 4> kWhole{1, 1, 1, 1};

SlotBaseline four_slots() {
    return SlotBaseline({.slots = 4, .sessions = 20, .provisional_from = 5, .ready_from = 14});
}

SlotBaseline golden_baseline() {
    SlotBaseline baseline = four_slots();
    for (auto const& row : golden::kG3Volumes) baseline.add_session(row, kWhole);
    return baseline;
}

}  // namespace

TEST_CASE("G3: medians, bias-corrected expectation and cumulative curve of six sessions") {
    SlotBaseline const baseline = golden_baseline();
    for (int b = 0; b < 4; ++b) {
        auto const i = static_cast<std::size_t>(b);
        CHECK(std::abs(baseline.median_of(b) - golden::kG3Median[i]) < golden::kTolerance);
        CHECK(std::abs(baseline.expected(b) - golden::kG3Expected[i]) < golden::kTolerance);
        CHECK(std::abs(*baseline.cumulative_at(5 * (b + 1)) - golden::kG3Cumulative[i]) <
              golden::kTolerance);
    }
    CHECK(std::abs(*rvol_cumulative(baseline, 1500.0, 7) - golden::kG3RvolCum) <
          golden::kTolerance);
    CHECK(baseline.expected_per_minute(1) == baseline.expected(1) / 5);
}

TEST_CASE("one session of ten times the volume does not move the expectation") {
    SlotBaseline baseline = four_slots();
    std::array<double, 4> const normal{100, 50, 50, 100};
    std::array<double, 4> const earnings{1000, 500, 500, 1000};
    for (int i = 0; i < 9; ++i) baseline.add_session(normal, kWhole);
    baseline.add_session(earnings, kWhole);
    for (int b = 0; b < 4; ++b) {
        CHECK(baseline.expected(b) == normal[static_cast<std::size_t>(b)]);
    }
}

TEST_CASE("a missing slot is not zero: it neither lowers its median nor the session's activity") {
    SlotBaseline baseline = four_slots();
    std::array<double, 4> const normal{100, 50, 50, 100};
    std::array<double, 4> const hole{100, 0, 50, 100};
    std::array<std::uint8_t, 4> const present{1, 0, 1, 1};
    for (int i = 0; i < 3; ++i) baseline.add_session(normal, kWhole);
    for (int i = 0; i < 4; ++i) baseline.add_session(hole, present);
    for (int b = 0; b < 4; ++b) {
        CHECK(baseline.expected(b) == normal[static_cast<std::size_t>(b)]);
    }
    // Beyond the hole only three sessions know their cumulative volume: too few to say.
    CHECK(*baseline.cumulative_at(5) == 100.0);
    CHECK_FALSE(baseline.cumulative_at(10).has_value());
    CHECK_FALSE(rvol_cumulative(baseline, 100.0, 10).has_value());
    baseline.add_session(normal, kWhole);
    CHECK(*baseline.cumulative_at(20) == 300.0);
}

TEST_CASE("an early close leaves later slots to the sessions that have them") {
    SlotBaseline baseline = four_slots();
    std::array<double, 4> const full{10, 10, 10, 10};
    std::array<double, 4> const half{30, 30, 0, 0};
    std::array<std::uint8_t, 4> const early{1, 1, 0, 0};
    for (int i = 0; i < 5; ++i) baseline.add_session(full, kWhole);
    for (int i = 0; i < 6; ++i) baseline.add_session(half, early);
    CHECK(*baseline.cumulative_at(10) == 60.0);
    CHECK(*baseline.cumulative_at(20) == 40.0);
}

TEST_CASE("a slot that is silent in most sessions is floored at a tenth of the mean slot") {
    SlotBaseline baseline = four_slots();
    std::array<double, 4> const row{100, 0, 100, 100};
    for (int i = 0; i < 5; ++i) baseline.add_session(row, kWhole);
    CHECK(baseline.median_of(1) == doctest::Approx(7.5));
    CHECK(baseline.expected(1) > 0.0);
}

TEST_CASE("a slot that no session has is unknown, not small") {
    SlotBaseline baseline = four_slots();
    std::array<double, 4> const row{100, 50, 50, 0};
    std::array<std::uint8_t, 4> const present{1, 1, 1, 0};
    for (int i = 0; i < 5; ++i) baseline.add_session(row, present);
    CHECK(baseline.expected(3) == 0.0);
    CHECK_FALSE(baseline.cumulative_at(20).has_value());
    CHECK(baseline.expected(-1) == 0.0);
    CHECK(baseline.expected(4) == 0.0);
    CHECK_FALSE(baseline.cumulative_at(21).has_value());
    CHECK_FALSE(baseline.cumulative_at(0).has_value());
}

TEST_CASE("quality rises with the sessions, on weekends sooner") {
    BaselineParams const params;
    SlotBaseline weekday(weekday_shape(params, 4));
    SlotBaseline weekend(weekend_shape(params, 4));
    std::array<double, 4> const row{1, 1, 1, 1};
    std::vector<BaselineQuality> a, b;
    for (int i = 0; i < 14; ++i) {
        weekday.add_session(row, kWhole);
        weekend.add_session(row, kWhole);
        a.push_back(weekday.quality());
        b.push_back(weekend.quality());
    }
    CHECK(a[3] == BaselineQuality::None);
    CHECK(a[4] == BaselineQuality::Provisional);
    CHECK(a[12] == BaselineQuality::Provisional);
    CHECK(a[13] == BaselineQuality::Ready);
    CHECK(b[2] == BaselineQuality::None);
    CHECK(b[3] == BaselineQuality::Provisional);
    CHECK(b[7] == BaselineQuality::Ready);
    CHECK(weekend.sessions() == 8);
}

TEST_CASE("the oldest session is forgotten, and rows read back oldest first") {
    SlotBaseline baseline({.slots = 1, .sessions = 3, .provisional_from = 1, .ready_from = 2});
    std::array<std::uint8_t, 1> const present{1};
    for (double v : {1.0, 2.0, 3.0, 4.0}) {
        std::array<double, 1> const row{v};
        baseline.add_session(row, present);
    }
    REQUIRE(baseline.sessions() == 3);
    CHECK(baseline.volumes(0)[0] == 2.0);
    CHECK(baseline.volumes(2)[0] == 4.0);
    CHECK(baseline.present(0)[0] == 1);
    CHECK(baseline.expected(0) == 3.0);
    baseline.scale(10.0);
    CHECK(baseline.expected(0) == 30.0);
    CHECK(baseline.volumes(0)[0] == 20.0);
}

TEST_CASE("Saturdays and Sundays are weekend, also before 1970") {
    constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;
    CHECK_FALSE(is_weekend(UnixNanos{0}));          // Thursday
    CHECK(is_weekend(UnixNanos{2 * kDay}));         // Saturday
    CHECK(is_weekend(UnixNanos{4 * kDay - 1}));     // last moment of Sunday
    CHECK_FALSE(is_weekend(UnixNanos{4 * kDay}));   // Monday
    CHECK_FALSE(is_weekend(UnixNanos{-1}));         // Wednesday
    CHECK(is_weekend(UnixNanos{-4 * kDay}));        // Sunday
    CHECK_FALSE(is_weekend(UnixNanos{-6 * kDay}));  // Friday
}

TEST_CASE("RVOL of a window leaves missing minutes out of volume and expectation alike") {
    RvolWindow window;
    CHECK_FALSE(window.rvol(15).has_value());
    for (int m = 0; m < 10; ++m) window.push(m, {.volume = 20, .expected = 10, .present = true});
    CHECK(*window.rvol(15) == 2.0);
    window.push(10, {.volume = 0, .expected = 10, .present = false});
    CHECK(*window.rvol(5) == 2.0);
    CHECK(window.sums(5).present == 4);
    window.push(11, {.volume = 500, .expected = 0, .present = true});
    CHECK(*window.rvol(5) == 2.0);
    window.push(12, {.volume = 0, .expected = 10, .present = true});
    CHECK(*window.rvol(3) == 0.0);
}

TEST_CASE("minutes that were never pushed are missing, and a restart forgets everything") {
    RvolWindow window;
    window.push(0, {.volume = 10, .expected = 10, .present = true});
    window.push(5, {.volume = 30, .expected = 10, .present = true});
    CHECK(*window.rvol(5) == 3.0);
    CHECK(*window.rvol(6) == 2.0);
    CHECK(window.sums(60).present == 2);
    window.push(100, {.volume = 40, .expected = 10, .present = true});
    CHECK(window.sums(60).present == 1);
    window.restart();
    CHECK_FALSE(window.rvol(60).has_value());
    window.push(3, {.volume = 1, .expected = 1, .present = true});
    CHECK(window.sums(60).present == 1);
}

TEST_CASE("blocks are the last hour in trailing fives, oldest first") {
    RvolWindow window;
    for (int m = 0; m < 67; ++m) {
        window.push(m, {.volume = static_cast<double>(m), .expected = 1, .present = m != 66});
    }
    auto const blocks = window.blocks();
    CHECK(blocks.volume[0] == 7 + 8 + 9 + 10 + 11);
    CHECK(blocks.expected[0] == 5);
    CHECK(blocks.volume[11] == 62 + 63 + 64 + 65);
    CHECK(blocks.expected[11] == 4);
}

TEST_CASE("the variance cap learns its 99.9 % point and cuts what lies beyond") {
    VarianceCap cap;
    CHECK(cap.apply(1.0) == 1.0);  // nothing known yet
    for (int i = 0; i < 20'000; ++i) cap.apply(1e-6 * (1 + i % 10));
    double const cut = cap.apply(1e-2);
    CHECK(cut >= 1e-5);
    CHECK(cut <= 1.25e-5);  // the upper edge of its bin
    CHECK(cap.apply(2e-6) == 2e-6);
    for (int i = 0; i < 100; ++i) cap.roll();
    CHECK(cap.apply(1e-2) == 1e-2);  // the samples have faded below a thousand
}
