#include "core/breakout.hpp"

#include <cmath>
#include <optional>
#include <span>

#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "core/archive.hpp"
#include "tests/golden/signals_golden.hpp"
#include "tests/support/trades.hpp"

using namespace spill;
using spill::support::price;

static_assert(std::is_trivially_copyable_v<Breakout>);

namespace {

using Edges = std::vector<BreakoutEdge>;

void take(Edges& edges, std::optional<BreakoutEdge> edge) {
    if (edge) edges.push_back(*edge);
}

struct Quiet {
    double rvol15 = 1.6;
    double rvol_cum = 1.25;
    double vwap = 0.0;
};

BreakoutMinute closed(std::int64_t minute, double close, const Quiet& rest = {}) {
    BreakoutMinute input;
    input.minute = minute;
    input.close = price(close);
    input.rvol15 = rest.rvol15;
    input.rvol_cum = rest.rvol_cum;
    input.vwap = rest.vwap;
    return input;
}

void check_rows(const Edges& edges, std::span<const golden::BreakoutRow> rows) {
    REQUIRE(edges.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        BreakoutEdge const& edge = edges[i];
        golden::BreakoutRow const& row = rows[i];
        INFO(row.minute);
        CHECK(edge.minute == row.minute);
        CHECK(to_string(edge.state) == std::string_view(row.state));
        CHECK(to_string(edge.prev) == std::string_view(row.prev));
        CHECK(to_string(edge.why) == std::string_view(row.why));
        if (row.price != 0.0) CHECK(edge.price == price(row.price));
        std::string_view const state = row.state;
        if (state == "confirmed" || state == "failed") {
            CHECK(std::abs(edge.mfe_atr - row.mfe_atr) < golden::kTolerance);
            CHECK(edge.retests == row.retests);
            CHECK(edge.minutes == row.minutes);
        }
        if (state == "held" || state == "failed") CHECK(edge.sessions == row.sessions);
        if (state == "held") CHECK(std::abs(edge.close_atr - row.value) < golden::kTolerance);
        if (state == "armed") CHECK(std::abs(edge.dist_atr - row.value) < golden::kTolerance);
    }
}

// The G4 run for either side: the down side sees every price mirrored at the level.
Edges run_g4(BreakoutSide side) {
    BreakoutParams params;
    params.hold_minutes = 4;
    params.fail_minutes = 3;
    params.cooldown_minutes = 5;
    auto const seen = [side](double p) { return side == BreakoutSide::Up ? p : 200.0 - p; };
    Breakout slot(BreakoutKind::PriorDay, side, price(0.01));
    Edges edges;
    slot.set_level(0, {.price = price(100.0), .age = 1, .atr = 2.0});
    for (auto const& close : golden::kG4Closes) {
        double rvol15 = 1.6;
        if (close.minute == 7) rvol15 = 1.2;
        if (close.minute == 8) rvol15 = 1.3;
        if (close.minute == 10) rvol15 = 1.7;
        if (close.minute == 11) rvol15 = 1.8;
        double const p = seen(close.price);
        take(edges, slot.trade(close.minute, price(p), false, params));
        take(edges,
             slot.minute(closed(close.minute, p, {.rvol15 = rvol15, .vwap = seen(99.5)}), params));
    }
    return edges;
}

// A slot at level 100, ATR 2, triggered at minute 1.
Breakout triggered(BreakoutKind kind = BreakoutKind::PriorDay) {
    Breakout slot(kind, BreakoutSide::Up, price(0.01));
    slot.set_level(0, {.price = price(100.0), .age = 1, .atr = 2.0});
    REQUIRE(slot.trade(1, price(100.5), false, BreakoutParams{}).has_value());
    return slot;
}

}  // namespace

TEST_CASE("G4: armed, triggered, retest, confirmed, failed, and re-armed above the failed move") {
    Edges const edges = run_g4(BreakoutSide::Up);
    check_rows(edges, golden::kG4Edges);
    CHECK(edges[1].level.price == price(100.0));
    CHECK(edges[1].attempt == 1);
    CHECK_FALSE(edges[1].gap);
    CHECK(std::abs(*edges[2].rvol15 - 1.7) < 1e-12);
    CHECK(edges[5].attempt == 2);
    CHECK(std::abs(edges[5].trigger_price - 100.84) < golden::kTolerance);
}

TEST_CASE("the down side is the exact mirror of the up side") {
    Edges const up = run_g4(BreakoutSide::Up);
    Edges const down = run_g4(BreakoutSide::Down);
    REQUIRE(down.size() == up.size());
    for (std::size_t i = 0; i < up.size(); ++i) {
        CHECK(down[i].state == up[i].state);
        CHECK(down[i].minute == up[i].minute);
        CHECK(std::abs(down[i].mfe_atr - up[i].mfe_atr) < golden::kTolerance);
        CHECK(std::abs(down[i].close_atr - up[i].close_atr) < golden::kTolerance);
        CHECK(std::abs(down[i].price.to_double() + up[i].price.to_double() - 200.0) < 1e-9);
        CHECK(std::abs(down[i].trigger_price + up[i].trigger_price - 200.0) < 1e-9);
    }
}

TEST_CASE("G5: a gap is held over two sessions and fails in the third") {
    BreakoutParams const params;
    Breakout slot(BreakoutKind::Donchian20, BreakoutSide::Up, price(0.01));
    slot.set_level(0, {.price = price(50.0), .age = 7, .atr = 2.0});
    Edges edges;
    take(edges, slot.trade(5, price(51.2), true, params));
    for (int m = 5; m < 40; ++m) {
        take(edges,
             slot.minute(closed(m, 51.0 + 0.01 * m, {.rvol15 = 2.4, .rvol_cum = 2.9, .vwap = 50.9}),
                         params));
    }
    take(edges, slot.session_close(390, price(51.9), params));
    take(edges,
         slot.minute(closed(391, 51.2, {.rvol15 = 1.1, .rvol_cum = 1.0, .vwap = 51.3}), params));
    take(edges, slot.session_close(780, price(50.4), params));
    int k = 0;
    for (double const p : {49.9, 49.6, 49.45, 49.48, 49.44, 49.42, 49.40}) {
        take(edges, slot.minute(closed(800 + k++, p, {.rvol15 = 1.4, .vwap = 49.8}), params));
    }
    check_rows(edges, golden::kG5Edges);
    CHECK(edges[0].gap);
    CHECK(edges[1].gap);
    CHECK(edges[4].level.age == 7);
}

TEST_CASE("a break without volume expires at the session close and never confirms") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 1; m < 60; ++m) {
        CHECK_FALSE(slot.minute(closed(m, 101.0, {.rvol15 = 1.4999}), params).has_value());
    }
    auto const edge = slot.session_close(390, price(101.0), params);
    REQUIRE(edge.has_value());
    CHECK(edge->state == BreakoutState::Expired);
    CHECK(edge->why == BreakoutWhy::Unconfirmed);
    CHECK(slot.state() == BreakoutState::Idle);
}

TEST_CASE("each gate alone blocks the confirmation") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 1; m < 15; ++m) slot.minute(closed(m, 101.0, {.rvol15 = 0.5}), params);
    BreakoutMinute const good = closed(15, 101.0);
    auto const confirms = [&](const BreakoutMinute& input) {
        Breakout copy = slot;
        auto const edge = copy.minute(input, params);
        return edge.has_value() && edge->state == BreakoutState::Confirmed;
    };
    CHECK(confirms(good));
    BreakoutMinute bad = good;
    bad.rvol15.reset();
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.rvol15_bound = 2.0;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.rvol_cum = 0.99;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.rvol_cum.reset();
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.vwap = 101.01;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.vwap.reset();
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.degraded = true;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.may_confirm = false;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.halted = true;
    CHECK_FALSE(confirms(bad));
    bad = good;
    bad.close = price(99.99);
    CHECK_FALSE(confirms(bad));
}

TEST_CASE("the gates say what is missing") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 1; m < 8; ++m) slot.minute(closed(m, 101.0), params);
    BreakoutMinute input = closed(8, 101.0, {.rvol15 = 1.7, .vwap = 100.0});
    input.rvol_cum.reset();
    Gates const gates = slot.gates(input, params);
    REQUIRE(gates.size() == 6);
    CHECK_FALSE(gates.all_pass());
    Gate const* const gate = gates.begin();
    CHECK(gate[0].name == std::string_view("hold_minutes"));
    CHECK(gate[0].value == 7.0);
    CHECK(gate[0].bound == 15.0);
    CHECK_FALSE(gate[0].pass);
    CHECK(gate[1].pass);
    CHECK_FALSE(gate[2].known);
    CHECK_FALSE(gate[2].pass);
    CHECK(gate[3].pass);
}

TEST_CASE("one close far below fails at once, a shallow dip is a retest") {
    BreakoutParams const params;
    Breakout slot = triggered();
    CHECK_FALSE(slot.minute(closed(2, 99.8), params).has_value());
    CHECK_FALSE(slot.minute(closed(3, 99.9), params).has_value());
    CHECK_FALSE(slot.minute(closed(4, 100.1), params).has_value());
    CHECK_FALSE(slot.minute(closed(5, 99.71), params).has_value());
    auto const edge = slot.minute(closed(6, 99.40), params);
    REQUIRE(edge.has_value());
    CHECK(edge->why == BreakoutWhy::Fast);
    CHECK(edge->retests == 2);
}

TEST_CASE("a halted minute and a reset after an outage move no counter towards a verdict") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 2; m < 6; ++m) slot.minute(closed(m, 99.65), params);
    BreakoutMinute halted = closed(6, 99.65);
    halted.halted = true;
    CHECK_FALSE(slot.minute(halted, params).has_value());
    Breakout reset = slot;
    reset.reset_counters();
    CHECK_FALSE(reset.minute(closed(7, 99.65), params).has_value());
    auto const edge = slot.minute(closed(7, 99.65), params);
    REQUIRE(edge.has_value());
    CHECK(edge->why == BreakoutWhy::AcceptedBack);
}

TEST_CASE("a longer bar advances the counters by its length") {
    BreakoutParams const params;
    Breakout slot = triggered();
    BreakoutMinute bar = closed(6, 101.0);
    bar.length = 5;
    CHECK_FALSE(slot.minute(bar, params).has_value());
    bar.minute = 11;
    CHECK_FALSE(slot.minute(bar, params).has_value());
    bar.minute = 16;
    auto const edge = slot.minute(bar, params);
    REQUIRE(edge.has_value());
    CHECK(edge->state == BreakoutState::Confirmed);
    CHECK(edge->minutes == 15);
}

TEST_CASE("kinds complete after one, three and five session closes") {
    BreakoutParams const params;
    std::vector<int> closes;
    for (auto kind :
         {BreakoutKind::OpeningRange, BreakoutKind::PriorDay, BreakoutKind::Donchian20}) {
        Breakout slot = triggered(kind);
        for (int m = 1; m < 20; ++m) slot.minute(closed(m, 101.0), params);
        REQUIRE(slot.state() == BreakoutState::Confirmed);
        int n = 0;
        while (slot.active()) {
            auto const edge = slot.session_close(390 * ++n, price(101.0), params);
            REQUIRE(edge.has_value());
            REQUIRE(n < 10);
        }
        closes.push_back(n);
    }
    CHECK(closes == std::vector<int>{1, 3, 5});
}

TEST_CASE("a session close below the level fails whatever was reached") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 1; m < 20; ++m) slot.minute(closed(m, 101.0), params);
    auto const edge = slot.session_close(390, price(99.99), params);
    REQUIRE(edge.has_value());
    CHECK(edge->state == BreakoutState::Failed);
    CHECK(edge->prev == BreakoutState::Confirmed);
    CHECK(edge->why == BreakoutWhy::CloseBelow);
}

TEST_CASE("the level is frozen while active; another price afterwards starts afresh") {
    BreakoutParams const params;
    Breakout slot = triggered();
    CHECK_FALSE(slot.set_level(2, {.price = price(110.0), .age = 1, .atr = 3.0}).has_value());
    CHECK(slot.level().price == price(100.0));
    CHECK(slot.minute(closed(3, 99.0), params).has_value());
    // The same price keeps attempt, excursion and cooldown.
    slot.set_level(4, {.price = price(100.0), .age = 2, .atr = 2.0});
    CHECK_FALSE(slot.trade(5, price(105.0), false, params).has_value());
    CHECK_FALSE(slot.trade(40, price(100.5), false, params)->state == BreakoutState::Triggered);
    CHECK(slot.trade(41, price(100.54), false, params)->attempt == 2);
    CHECK(slot.minute(closed(42, 99.0), params).has_value());
    slot.set_level(43, {.price = price(101.0), .age = 1, .atr = 2.0});
    auto const fresh = slot.trade(44, price(101.04), false, params);
    REQUIRE(fresh.has_value());
    CHECK(fresh->state == BreakoutState::Triggered);
    CHECK(fresh->attempt == 1);
}

TEST_CASE("an armed slot that gets another level says that it is idle again") {
    BreakoutParams const params;
    Breakout slot(BreakoutKind::PriorDay, BreakoutSide::Up, price(0.01));
    CHECK_FALSE(slot.trade(0, price(99.9), false, params).has_value());
    slot.set_level(0, {.price = price(100.0), .age = 1, .atr = 2.0});
    CHECK(slot.trade(1, price(99.9), false, params)->state == BreakoutState::Armed);
    auto const edge = slot.set_level(2, {.price = price(110.0), .age = 1, .atr = 2.0});
    REQUIRE(edge.has_value());
    CHECK(edge->state == BreakoutState::Idle);
    CHECK(edge->why == BreakoutWhy::NewLevel);
    CHECK(slot.trade(3, price(109.9), false, params)->state == BreakoutState::Armed);
    CHECK(slot.trade(4, price(109.0), false, params)->state == BreakoutState::Idle);
    slot.clear_level(5);
    CHECK_FALSE(slot.trade(6, price(120.0), false, params).has_value());
}

TEST_CASE("beyond tells whether the next trade would trigger") {
    BreakoutParams const params;
    Breakout slot(BreakoutKind::PriorDay, BreakoutSide::Down, price(0.01));
    CHECK_FALSE(slot.beyond(price(1.0), params));
    slot.set_level(0, {.price = price(100.0), .age = 1, .atr = 2.0});
    CHECK_FALSE(slot.beyond(price(99.97), params));
    CHECK(slot.beyond(price(99.96), params));
}

TEST_CASE("a split moves level, yardstick and excursion together") {
    BreakoutParams const params;
    Breakout slot = triggered();
    slot.scale(500'000'000);
    CHECK(slot.level().price == price(50.0));
    CHECK(slot.level().atr == 1.0);
    auto const edge = slot.minute(closed(2, 49.70), params);
    REQUIRE(edge.has_value());
    CHECK(edge->why == BreakoutWhy::Fast);
    CHECK(std::abs(edge->mfe_atr - 0.25) < 1e-9);
}

TEST_CASE("after a split a failed attempt must still be beaten, on the new scale") {
    BreakoutParams const params;
    Breakout slot = triggered();
    slot.trade(2, price(101.0), false, params);
    REQUIRE(slot.minute(closed(3, 99.0), params).has_value());
    slot.scale(500'000'000);
    CHECK_FALSE(slot.beyond(price(50.51), params));
    CHECK(slot.beyond(price(50.52), params));
}

TEST_CASE("a session close beyond the level wipes the closes that counted against it") {
    BreakoutParams const params;
    Breakout slot = triggered();
    for (int m = 1; m < 20; ++m) slot.minute(closed(m, 101.0), params);
    REQUIRE(slot.state() == BreakoutState::Confirmed);
    for (int m = 20; m < 24; ++m) CHECK_FALSE(slot.minute(closed(m, 99.45), params).has_value());
    CHECK(slot.session_close(390, price(100.0), params)->state == BreakoutState::Held);
    for (int m = 391; m < 395; ++m) CHECK_FALSE(slot.minute(closed(m, 99.45), params).has_value());
    CHECK(slot.minute(closed(395, 99.45), params)->why == BreakoutWhy::AcceptedBack);
}

// The bytes of a slot, to see that nothing in it moved.
static std::vector<std::byte> bytes_of(Breakout& slot) {
    std::vector<std::byte> bytes;
    ArchiveWriter out(bytes);
    slot.archive(out);
    return bytes;
}

TEST_CASE("inside its quiet band a trade leaves a slot as it is, outside it the slot moves") {
    BreakoutParams const params;
    std::uint64_t state = 7;
    auto const below = [&state](std::uint64_t n) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % n;
    };
    int inside = 0;
    int idle_outside = 0;
    int outside = 0;
    for (int round = 0; round < 400; ++round) {
        auto const side = round % 2 == 0 ? BreakoutSide::Up : BreakoutSide::Down;
        Breakout slot(BreakoutKind::PriorDay, side, Price{10'000'000});
        double const level = 20.0 + static_cast<double>(below(40'000)) / 100.0;
        double const atr = level * (0.01 + static_cast<double>(below(40)) / 1000.0);
        slot.set_level(0, {price(level), 1, atr});
        for (int minute = 1; minute < 60; ++minute) {
            double const steps = static_cast<double>(below(2'000)) - 1'000.0;
            Price const at = price(level + steps / 1'000.0 * atr);
            PriceBand const band = slot.quiet_band(params);
            auto const before = bytes_of(slot);
            auto const edge = slot.trade(minute, at, false, params);
            bool const same = !edge && before == bytes_of(slot);
            if (band.holds(at)) {
                ++inside;
                CHECK(same);
            } else {
                ++outside;
                if (same) ++idle_outside;
            }
            if (minute % 7 == 0) slot.minute(closed(minute, level + steps / 1'000.0 * atr), params);
        }
    }
    CHECK(inside > 1'000);
    // Outside of it only cooldowns and rounding keep the slot from moving.
    CHECK(outside - idle_outside > 1'000);
}
