#include "core/participation.hpp"

#include <array>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<Participation>);

namespace {

std::vector<ParticipationMember> members_of(const std::array<golden::Member, 5>& rows) {
    std::vector<ParticipationMember> out;
    for (auto const& row : rows) {
        ParticipationMember m;
        m.last = row.last;
        m.prev_close = row.prev_close;
        m.vwap = row.vwap;
        m.or_high = row.or_high;
        m.atr = row.atr;
        m.rvol = row.rvol;
        m.eligible = true;
        out.push_back(m);
    }
    return out;
}

void check_reading(const ParticipationReading& r, const golden::ParticipationRow& row) {
    auto const near = [](double a, double b) { return std::abs(a - b) < golden::kTolerance; };
    CHECK(to_string(r.state) == std::string_view(row.state));
    CHECK(r.n == 5);
    CHECK(near(r.breadth_up, row.breadth_up));
    CHECK(near(r.breadth_down, row.breadth_down));
    CHECK(near(r.above_or, row.above_or));
    CHECK(near(r.volume_share, row.volume_share));
    CHECK(near(r.n_eff_up, row.n_eff_up));
    CHECK(near(r.n_eff_down, row.n_eff_down));
    CHECK(near(r.move_atr, row.move_atr));
}

// n members of which `up` rise by one ATR beyond their VWAP, with volume.
std::vector<ParticipationMember> rising(int n, int up) {
    std::vector<ParticipationMember> out;
    for (int i = 0; i < n; ++i) {
        ParticipationMember m;
        m.prev_close = 100.0;
        m.vwap = 100.5;
        m.or_high = 100.8;
        m.last = i < up ? 101.0 : 100.0;
        m.atr = 1.0;
        m.rvol = 1.0;
        m.eligible = true;
        out.push_back(m);
    }
    return out;
}

}  // namespace

TEST_CASE("G6: a broad rise, one leader alone, and too few members") {
    ParticipationParams const params;
    auto broad = members_of(golden::kG6Broad);
    check_reading(participation(broad, params), golden::kG6BroadReading);
    check_reading(participation(members_of(golden::kG6Narrow), params), golden::kG6NarrowReading);
    broad.resize(3);
    broad[2].eligible = false;
    ParticipationReading const two = participation(broad, params);
    CHECK(two.state == ParticipationState::Insufficient);
    CHECK(two.n == 2);
}

TEST_CASE("the mirror image of a broad rise is a broad fall") {
    auto members = members_of(golden::kG6Broad);
    for (auto& m : members) {
        m.last = 2 * m.prev_close - m.last;
        m.vwap = 2 * m.prev_close - m.vwap;
    }
    ParticipationReading const r = participation(members, ParticipationParams{});
    CHECK(r.state == ParticipationState::BroadDown);
    CHECK(std::abs(r.move_atr + golden::kG6BroadReading.move_atr) < golden::kTolerance);
}

TEST_CASE("unknown volume counts as none") {
    auto members = members_of(golden::kG6Broad);
    members[0].rvol.reset();
    ParticipationReading const r = participation(members, ParticipationParams{});
    CHECK(std::abs(r.volume_share - 0.4) < golden::kTolerance);
    CHECK(r.state == ParticipationState::NarrowUp);
}

TEST_CASE("a broad state is left later than it is entered") {
    ParticipationParams const params;
    auto const half = rising(10, 5);
    CHECK(participation(half, params).state == ParticipationState::NarrowUp);
    CHECK(participation(half, params, ParticipationState::BroadUp).state ==
          ParticipationState::BroadUp);
    CHECK(participation(half, params, ParticipationState::BroadDown).state ==
          ParticipationState::NarrowUp);
    CHECK(participation(rising(10, 4), params, ParticipationState::BroadUp).state ==
          ParticipationState::NarrowUp);
    CHECK(participation(rising(10, 6), params).state == ParticipationState::BroadUp);
}

TEST_CASE("the excess over the market is the mean of the members that have it") {
    auto members = members_of(golden::kG6Broad);
    CHECK_FALSE(participation(members, ParticipationParams{}).excess_atr.has_value());
    members[0].excess = 0.5;
    members[1].excess = 0.1;
    CHECK(*participation(members, ParticipationParams{}).excess_atr == doctest::Approx(0.3));
}

TEST_CASE("a change needs five equal minutes in a row") {
    ParticipationParams const params;
    Participation machine;
    ParticipationReading up, mixed;
    up.state = ParticipationState::BroadUp;
    mixed.state = ParticipationState::Mixed;
    for (int i = 0; i < 4; ++i) CHECK_FALSE(machine.minute(up, params).has_value());
    CHECK_FALSE(machine.minute(mixed, params).has_value());
    for (int i = 0; i < 4; ++i) CHECK_FALSE(machine.minute(up, params).has_value());
    auto const edge = machine.minute(up, params);
    REQUIRE(edge.has_value());
    CHECK(edge->state == ParticipationState::BroadUp);
    CHECK(edge->prev == ParticipationState::Insufficient);
    for (int i = 0; i < 4; ++i) CHECK_FALSE(machine.minute(mixed, params).has_value());
    CHECK_FALSE(machine.minute(up, params).has_value());
    CHECK(machine.state() == ParticipationState::BroadUp);
    machine.restart();
    CHECK(machine.state() == ParticipationState::Insufficient);
}

TEST_CASE("two of three with one dominant move are not broad: fewer than two carry it") {
    auto members = rising(3, 2);
    members[1].last = 100.6;
    ParticipationReading const r = participation(members, ParticipationParams{});
    CHECK(r.breadth_up > 0.6);
    CHECK(r.n_eff_up > 1.5);
    CHECK(r.n_eff_up < 2.0);
    CHECK(r.state == ParticipationState::NarrowUp);
}
