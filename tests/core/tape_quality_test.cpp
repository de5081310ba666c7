#include "core/tape_quality.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<TapeQuality>);

namespace {

struct Print {
    std::int64_t units;
    int side;
};

TapeCalm benford(double modal) {
    TapeCalm calm;
    for (std::size_t d = 1; d <= 9; ++d) {
        calm.digits[d - 1] = std::log10(1.0 + 1.0 / static_cast<double>(d));
    }
    calm.modal = modal;
    calm.round = 0.35;
    calm.pair = 0.01;
    return calm;
}

// Exact counts, size by size.
TapeSample count(const std::vector<Print>& tape) {
    TapeSample sample;
    std::map<std::int64_t, std::uint64_t> sizes;
    for (std::size_t i = 0; i < tape.size(); ++i) {
        auto const [units, side] = tape[i];
        ++sample.trades;
        ++sample.digits[static_cast<std::size_t>(first_digit(units) - 1)];
        sample.modal = std::max(sample.modal, ++sizes[units]);
        if (is_round(units)) ++sample.round;
        auto const size = static_cast<double>(units);
        sample.volume += size;
        if (i > 0 && tape[i - 1].units == units && tape[i - 1].side == -side) {
            sample.pair_volume += 2 * size;
        }
    }
    return sample;
}

void check_row(const TapeFlags& flags, const golden::TapeRow& row) {
    auto const near = [](double a, double b) { return std::abs(a - b) < golden::kTolerance; };
    CHECK(near(flags.tv, row.tv));
    CHECK(near(flags.modal_share, row.modal));
    CHECK(near(flags.round_share, row.round_share));
    CHECK(near(flags.pair_share, row.pair_share));
    CHECK(near(flags.f_digit, row.f_digit));
    CHECK(near(flags.f_size, row.f_size));
    CHECK(near(flags.f_round, row.f_round));
    CHECK(near(flags.f_pair, row.f_pair));
    CHECK(near(flags.f_tape, row.f_tape));
}

std::vector<Print> const kFixed{{37, 1},  {37, -1},  {73, 1},  {73, -1}, {37, 1},
                                {37, -1}, {119, -1}, {37, 1},  {37, -1}, {37, 1},
                                {37, -1}, {73, 1},   {73, -1}, {37, 1},  {37, -1},
                                {37, 1},  {37, -1},  {119, 1}, {37, 1},  {37, -1}};
std::vector<Print> const kOrganic{{100, 1}, {12, 1},  {250, -1}, {3, 1},   {41, -1},
                                  {10, 1},  {7, -1},  {18, 1},   {500, 1}, {29, -1},
                                  {1, 1},   {134, 1}, {20, -1},  {62, 1},  {11, -1},
                                  {5, 1},   {15, 1},  {88, -1},  {200, 1}, {23, -1}};

// An hour of either tape, 240 prints in twelve slots.
void play(TapeQuality& tape, const std::vector<Print>& prints) {
    for (int slot = 0; slot < 12; ++slot) {
        tape.close_slot();
        for (Print const& p : prints) {
            tape.add(Quantity{p.units * kNanosPerUnit},
                     p.side > 0 ? Aggressor::Buy : Aggressor::Sell);
        }
    }
}

}  // namespace

TEST_CASE("G9: fixed alternating sizes raise every flag, an organic tape none") {
    TapeParams params;
    params.min_trades = 20;
    auto const fixed = tape_flags(count(kFixed), benford(0.03), params);
    REQUIRE(fixed.has_value());
    check_row(*fixed, golden::kG9Fixed);
    auto const organic = tape_flags(count(kOrganic), benford(0.05), params);
    REQUIRE(organic.has_value());
    check_row(*organic, golden::kG9Organic);
}

TEST_CASE("fewer than 200 trades give no flag at all") {
    CHECK_FALSE(tape_flags(count(kFixed), benford(0.03), TapeParams{}).has_value());
    TapeParams params;
    params.min_trades = 0;
    CHECK_FALSE(tape_flags(TapeSample{}, benford(0.03), params).has_value());
}

TEST_CASE("digits and roundness are independent of the power of ten") {
    CHECK(first_digit(1) == 1);
    CHECK(first_digit(9'870'000'000) == 9);
    CHECK(is_round(5));
    CHECK(is_round(20'000'000'000));
    CHECK_FALSE(is_round(30));
    CHECK_FALSE(is_round(25));
    CHECK_FALSE(is_round(0));
    CHECK(first_digit(0) == 0);
}

TEST_CASE("digits and roundness agree with stripping digits, up to the largest size") {
    auto const check = [](std::int64_t units) {
        std::int64_t first = units;
        while (first >= 10) first /= 10;
        std::int64_t odd = units;
        while (odd % 10 == 0) odd /= 10;
        bool const round = odd == 1 || odd == 2 || odd == 5;
        return first_digit(units) == first && is_round(units) == round;
    };
    for (std::int64_t units = 1; units < 20'000; ++units) REQUIRE(check(units));
    for (std::int64_t power = 10'000; power <= 1'000'000'000'000'000'000; power *= 10) {
        for (std::int64_t const digit : {1, 2, 5, 9}) {
            for (std::int64_t const off : {-1, 0, 1}) REQUIRE(check(digit * power + off));
        }
        if (power == 1'000'000'000'000'000'000) break;
    }
    REQUIRE(check(std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("the counters of the last hour agree with counting the tape") {
    TapeQuality tape;
    play(tape, kOrganic);
    std::vector<Print> hour;
    for (int i = 0; i < 12; ++i) hour.insert(hour.end(), kOrganic.begin(), kOrganic.end());
    TapeSample const exact = count(hour);
    TapeSample const got = tape.sample();
    CHECK(got.trades == exact.trades);
    CHECK(got.digits == exact.digits);
    CHECK(got.round == exact.round);
    CHECK(got.volume == exact.volume);
    CHECK(got.pair_volume == exact.pair_volume);
    CHECK(got.largest == 500.0);
    // Sizes share 256 bins, so the modal count can only be too large.
    CHECK(got.modal >= exact.modal);
    CHECK(got.modal <= 2 * exact.modal);
    for (int slot = 0; slot < 12; ++slot) tape.close_slot();
    CHECK(tape.sample().trades == 0);
}

TEST_CASE("prints of unknown side are never a pair") {
    TapeQuality tape;
    for (int i = 0; i < 10; ++i) tape.add(Quantity{kNanosPerUnit}, Aggressor::Unknown);
    CHECK(tape.sample().pair_volume == 0.0);
    tape.add(Quantity{kNanosPerUnit}, Aggressor::Buy);
    tape.add(Quantity{kNanosPerUnit}, Aggressor::Sell);
    CHECK(tape.sample().pair_volume == 2.0);
}

TEST_CASE("three calm days make a baseline; the venue's own habit is no flag, a new one is") {
    TapeParams const params;
    TapeQuality organic, odd;
    for (int hour = 0; hour < 72; ++hour) {
        CHECK_FALSE(organic.flags(params).has_value());
        play(organic, kOrganic);
        organic.learn_hour(params);
        play(odd, kFixed);
        odd.learn_hour(params);
    }
    REQUIRE(organic.flags(params).has_value());
    CHECK(organic.flags(params)->f_tape == 0.0);
    REQUIRE(odd.flags(params).has_value());
    CHECK(odd.flags(params)->f_tape == 0.0);
    play(organic, kFixed);
    REQUIRE(organic.flags(params).has_value());
    CHECK(organic.flags(params)->f_tape == 1.0);
    CHECK(organic.calm(params)->modal < 0.16);
}
