#include "core/token_volume.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "tests/golden/signals_golden.hpp"

using namespace spill;

static_assert(std::is_trivially_copyable_v<TokenVolume>);
static_assert(std::is_trivially_copyable_v<ActivityLevel>);

namespace {

using Hour = std::array<double, 12>;

struct VenueHour {
    Hour volume;
    double expected;  // per block
    bool trusted;
    double f_tape;
};

struct HourInputs {
    std::vector<VenueHour> venues;
    double largest;
    double level;
    double variance_ratio;
};

Hour flat(double v) {
    Hour out;
    out.fill(v);
    return out;
}

Hour times(double e, const Hour& factors) {
    Hour out;
    for (std::size_t j = 0; j < 12; ++j) out[j] = e * factors[j];
    return out;
}

TokenWindow window_of(const HourInputs& inputs) {
    TokenWindow window;
    window.size = inputs.venues.size();
    for (std::size_t v = 0; v < window.size; ++v) {
        window.venues[v].blocks.volume = inputs.venues[v].volume;
        window.venues[v].blocks.expected.fill(inputs.venues[v].expected);
        window.venues[v].trusted = inputs.venues[v].trusted;
        window.venues[v].f_tape = inputs.venues[v].f_tape;
    }
    window.largest_trade = inputs.largest;
    window.level = inputs.level;
    window.variance_ratio = inputs.variance_ratio;
    return window;
}

std::vector<VenueHour> organic() {
    return {{times(60, {1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5}), 60, false, 0},
            {times(25, {1, 1, 1, 2, 3, 4, 4.5, 4.6, 4.4, 4.8, 4.7, 4.6}), 25, true, 0},
            {times(15, {1, 1, 1, 2, 3, 4, 5.2, 5, 5, 5.3, 5, 4.9}), 15, false, 0}};
}

std::vector<HourInputs> g7_inputs() {
    auto const headline =
        std::vector<VenueHour>{{{60, 60, 60, 60, 60, 60, 60, 60, 60, 240, 120, 78}, 60, false, 0},
                               {{25, 25, 25, 25, 25, 25, 25, 25, 25, 100, 50, 32}, 25, true, 0},
                               {{15, 15, 15, 15, 15, 15, 15, 15, 15, 60, 30, 19}, 15, false, 0}};
    auto const wash = [](double f_tape) {
        return std::vector<VenueHour>{
            {flat(480), 60, false, f_tape}, {flat(26), 25, true, 0}, {flat(15.5), 15, false, 0}};
    };
    auto const both = [](bool trusted) {
        return std::vector<VenueHour>{
            {flat(300), 60, false, 0}, {flat(26), 25, trusted, 0}, {flat(75), 15, false, 0}};
    };
    Hour spike = flat(60);
    spike[11] = 1260;
    auto const block = std::vector<VenueHour>{
        {spike, 60, false, 0}, {flat(25), 25, true, 0}, {flat(15), 15, false, 0}};
    return {{organic(), 40, 0.0, 2.9},
            {organic(), 40, std::log(1.6), 2.9},
            {headline, 40, 0.0, 9.0},
            {wash(0.8), 30, 0.0, 1.1},
            {wash(0.0), 30, 0.0, 1.1},
            {both(true), 30, 0.0, 1.1},
            {both(false), 30, 0.0, 1.1},
            {block, 1200, 0.0, 1.2},
            {{{organic()[0].volume, 60, false, 0}}, 40, 0.0, 2.9}};
}

std::vector<VolumeEdge> run(int minutes, const auto& input_at) {
    TokenVolume machine;
    std::vector<VolumeEdge> edges;
    for (int m = 0; m < minutes; ++m) {
        VolumeMinute input = input_at(m);
        input.minute = m;
        if (auto const edge = machine.minute(input, VolumeParams{})) edges.push_back(*edge);
    }
    return edges;
}

void check_rows(const std::vector<VolumeEdge>& edges, std::span<const golden::VolumeRow> rows) {
    REQUIRE(edges.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO(rows[i].minute);
        CHECK(edges[i].at.minute == rows[i].minute);
        CHECK(to_string(edges[i].prev) == std::string_view(rows[i].prev));
        CHECK(to_string(edges[i].state) == std::string_view(rows[i].state));
        char const* const note = edges[i].state == VolumeState::Building
                                     ? to_string(edges[i].trigger)
                                     : to_string(edges[i].reason);
        CHECK(note == std::string_view(rows[i].note));
        if (rows[i].c15 >= 0.0) CHECK(std::abs(edges[i].at.c15 - rows[i].c15) < 1e-6);
    }
}

VolumeMinute organic_minute(int m) {
    VolumeMinute in;
    if (m >= 10) in.c15 = m < 80 ? std::min(5.0, 1.0 + 0.45 * (m - 9)) : 0.0;
    if (m < 10) in.c15 = 1.0;
    if (m >= 80) in.c15 = std::max(0.6, 5.0 - 0.45 * (m - 79));
    if (m >= 12) in.score = m < 90 ? std::min(0.85, 0.02 * (m - 11)) : 0.0;
    if (m >= 90) in.score = std::max(0.1, 0.85 - 0.03 * (m - 89));
    in.r15 = in.rt = in.c15;
    in.j15 = 1.5;
    return in;
}

}  // namespace

TEST_CASE("G7: nine token hours score as worked out") {
    auto const inputs = g7_inputs();
    REQUIRE(inputs.size() == golden::kG7.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        golden::ScoreRow const& row = golden::kG7[i];
        INFO(row.name);
        TokenScore const s = token_score(window_of(inputs[i]), VolumeParams{});
        auto const near = [](double a, double b) { return std::abs(a - b) < golden::kTolerance; };
        CHECK(near(s.rvol60, row.rvol60));
        CHECK(near(s.consensus, row.consensus));
        CHECK(near(s.level, row.level));
        CHECK(near(s.magnitude, row.magnitude));
        CHECK(near(s.n_eff_time, row.n_eff_time));
        CHECK(near(s.persistence, row.persistence));
        CHECK(near(s.top_trade_share, row.top_trade_share));
        CHECK(near(s.dispersion, row.dispersion));
        CHECK(near(s.f_venue, row.f_venue));
        CHECK(near(s.f_churn, row.f_churn));
        CHECK(near(s.f_tape, row.f_tape));
        CHECK(near(s.quality, row.quality));
        CHECK(near(s.score, row.score));
        CHECK(to_string(s.weakest) == std::string_view(row.weakest));
        CHECK(s.venues == inputs[i].venues.size());
    }
}

TEST_CASE("a venue without an expectation has no say, and none at all scores zero") {
    TokenWindow window = window_of({organic(), 40, 0.0, 2.9});
    double const score = token_score(window, VolumeParams{}).score;
    window.venues[3].blocks.volume.fill(1e6);
    window.size = 4;
    TokenScore const with = token_score(window, VolumeParams{});
    CHECK(with.venues == 3);
    CHECK(with.score == score);
    TokenScore const none = token_score(TokenWindow{}, VolumeParams{});
    CHECK(none.venues == 0);
    CHECK(none.score == 0.0);
    CHECK(std::isfinite(none.rvol60));
}

TEST_CASE("an hour without any trade is finite and scores zero") {
    TokenWindow window = window_of({organic(), 0, 0.0, 0.0});
    for (auto& venue : window.venues) venue.blocks.volume.fill(0.0);
    TokenScore const s = token_score(window, VolumeParams{});
    CHECK(s.score == 0.0);
    CHECK(s.quality == 1.0);
    CHECK(s.top_trade_share == 0.0);
}

TEST_CASE("unknown variance and unknown tapes raise no flag and are said to be missing") {
    TokenWindow window = window_of({organic(), 40, 0.0, 0.1});
    CHECK(token_score(window, VolumeParams{}).f_churn == 1.0);
    CHECK(token_score(window, VolumeParams{}).tape_known);
    window.variance_ratio.reset();
    for (auto& venue : window.venues) venue.f_tape.reset();
    TokenScore const s = token_score(window, VolumeParams{});
    CHECK(s.f_churn == 0.0);
    CHECK_FALSE(s.churn_known);
    CHECK_FALSE(s.tape_known);
}

TEST_CASE("a provisional baseline needs more volume for the same magnitude") {
    TokenWindow window = window_of({organic(), 40, 0.0, 2.9});
    double const ready = token_score(window, VolumeParams{}).magnitude;
    window.provisional = true;
    CHECK(token_score(window, VolumeParams{}).magnitude < ready);
}

TEST_CASE("consensus is the lower median, capped by the best trusted venue") {
    using V = std::vector<VenueRvol>;
    CHECK(consensus_rvol(V{{5, false}, {1, false}}) == 1.0);
    CHECK(consensus_rvol(V{{5, false}, {4, false}, {9, false}}) == 5.0);
    CHECK(consensus_rvol(V{{5, false}, {2, true}, {9, false}}) == 2.0);
    CHECK(consensus_rvol(V{{5, false}, {8, true}, {1, true}}) == 5.0);
    CHECK(consensus_rvol(V{}) == 0.0);
}

TEST_CASE("G8: today's level rises slowly and stands still while frozen") {
    ActivityLevel level;
    for (std::size_t i = 0; i < golden::kG8Level.size(); ++i) {
        auto const& row = golden::kG8Level[i];
        bool const frozen = i + 1 == golden::kG8Level.size();
        double const y =
            level.close_slot({.volume = row.volume, .median = row.median}, frozen, VolumeParams{});
        CHECK(std::abs(y - row.y) < golden::kTolerance);
        CHECK(std::abs(level.value() - row.level) < golden::kTolerance);
    }
    CHECK(level.ratio() == doctest::Approx(std::exp(level.value())));
    for (int i = 0; i < 500; ++i) level.close_slot({.volume = 0, .median = 1}, false, {});
    CHECK(level.value() == doctest::Approx(-std::log(2.0)));
    CHECK(level.ratio() == 1.0);
    CHECK(level.close_slot({.volume = 5, .median = 0}, false, {}) == 0.0);
}

TEST_CASE("G8: organic volume builds, is confirmed and fades") {
    check_rows(run(121, organic_minute), golden::kG8Organic);
}

TEST_CASE("G8: a headline pop is suspect once the volume is gone") {
    auto const edges = run(100, [](int m) {
        bool const pop = m >= 5 && m < 15;
        VolumeMinute in;
        in.score = 0.02;
        in.c15 = in.r15 = pop ? 2.6 : 1.1;
        in.j15 = m == 5 ? 5.2 : 0.4;
        in.rt = 1.3;
        return in;
    });
    check_rows(edges, golden::kG8Headline);
}

TEST_CASE("G8: wash trading on one venue is suspect and never confirmed") {
    auto const edges = run(100, [](int m) {
        bool const on = m >= 5 && m < 60;
        VolumeMinute in;
        in.c15 = m < 75 ? 1.05 : 0.9;
        in.r15 = on ? 6.0 : 0.9;
        in.j15 = 0.5;
        in.rt = on ? 5.5 : 1.0;
        in.quality = on ? 0.05 : 1.0;
        return in;
    });
    check_rows(edges, golden::kG8Wash);
}

TEST_CASE("degraded minutes and a missing baseline never confirm") {
    CHECK(run(121, [](int m) {
              VolumeMinute in = organic_minute(m);
              in.degraded = true;
              return in;
          }).empty());
    auto const edges = run(85, [](int m) {
        VolumeMinute in = organic_minute(m);
        in.may_confirm = false;
        return in;
    });
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].state == VolumeState::Building);
}

TEST_CASE("building without follow-through ends and then pauses for half an hour") {
    auto const edges = run(200, [](int m) {
        VolumeMinute in;
        in.c15 = in.r15 = m == 0 || m >= 65 ? 4.0 : 1.2;
        return in;
    });
    REQUIRE(edges.size() == 3);
    CHECK(edges[1].state == VolumeState::None);
    CHECK(edges[1].reason == VolumeReason::NoFollowThrough);
    CHECK(edges[1].at.minute == 60);
    CHECK(edges[2].state == VolumeState::Building);
    CHECK(edges[2].at.minute == 90);
}

TEST_CASE("a confirmed token whose quality collapses becomes suspect, thirty good minutes redeem") {
    auto const edges = run(110, [](int m) {
        VolumeMinute in;
        in.score = 0.8;
        in.c15 = in.r15 = in.rt = 4.0;
        if (m >= 30 && m < 45) {
            in.quality = 0.2;
            in.score = 0.1;
        }
        return in;
    });
    REQUIRE(edges.size() == 4);
    CHECK(edges[1].state == VolumeState::Confirmed);
    CHECK(edges[1].at.minute == 15);
    CHECK(edges[2].state == VolumeState::Suspect);
    CHECK(edges[2].reason == VolumeReason::Quality);
    CHECK(edges[2].at.minute == 39);
    CHECK(edges[3].state == VolumeState::Confirmed);
    CHECK(edges[3].at.minute == 74);
}

TEST_CASE("the gates of a building token name the weakest link") {
    TokenVolume machine;
    VolumeParams const params;
    VolumeMinute in;
    in.c15 = in.r15 = 3.5;
    in.score = 0.3;
    REQUIRE(machine.minute(in, params).has_value());
    Gates const gates = machine.gates(in, params);
    REQUIRE(gates.size() == 7);
    CHECK(gates.begin()[0].name == std::string_view("score"));
    CHECK_FALSE(gates.begin()[0].pass);
    CHECK(gates.begin()[1].pass);
    CHECK_FALSE(gates.begin()[2].pass);
    CHECK(gates.begin()[4].pass);
    CHECK(machine.level_frozen());
}

TEST_CASE("a blow-off is volume beyond six times with a jump") {
    VolumeMinute in;
    in.c15 = 6.1;
    in.j15 = 3.5;
    CHECK(is_blowoff(in, VolumeParams{}));
    in.c15 = 6.0;
    CHECK_FALSE(is_blowoff(in, VolumeParams{}));
}
