#include "daemon/gateway/state_words.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "core/breakout.hpp"
#include "core/health_book.hpp"
#include "core/participation.hpp"
#include "core/token_volume.hpp"

using namespace spill;

TEST_CASE("every state that the engine can say has a rank") {
    for (int i = 0; i <= static_cast<int>(BreakoutState::Completed); ++i) {
        auto const state = static_cast<BreakoutState>(i);
        CHECK(state_rank(SignalType::Breakout, to_string(state)) != kUnknownRank);
    }
    for (int i = 0; i <= static_cast<int>(ParticipationState::Mixed); ++i) {
        auto const state = static_cast<ParticipationState>(i);
        CHECK(state_rank(SignalType::Participation, to_string(state)) != kUnknownRank);
    }
    for (int i = 0; i <= static_cast<int>(VolumeState::Faded); ++i) {
        auto const state = static_cast<VolumeState>(i);
        CHECK(state_rank(SignalType::Volume, to_string(state)) != kUnknownRank);
    }
    for (auto const& [kind, states] : {std::pair{HealthKind::Gap, 3},
                                       {HealthKind::Baseline, 3},
                                       {HealthKind::Volume, 3},
                                       {HealthKind::Status, 3},
                                       {HealthKind::Corporate, 2}}) {
        for (std::uint8_t state = 0; state < states; ++state) {
            CHECK(state_rank(SignalType::Health, health_state(kind, state)) != kUnknownRank);
        }
    }
    CHECK(state_rank(SignalType::Health, health_state(HealthKind::Link, 2)) == 2);
    CHECK(state_rank(SignalType::Health, health_state(HealthKind::Group, 3)) == 2);
    CHECK(state_rank(SignalType::Rotation, "confirmed") == kUnknownRank);
}

TEST_CASE("a signal weighs as much as the better of its two states") {
    SignalWorth const failed = worth_of(SignalType::Breakout, "failed", "confirmed", NAN);
    CHECK(failed.rank == state_rank(SignalType::Breakout, "confirmed"));
    CHECK(failed.leaving);
    SignalWorth const first = worth_of(SignalType::Health, "live", "unknown", 0.5);
    CHECK(first.rank == 0);
    CHECK_FALSE(first.leaving);
    CHECK(first.score == 0.5F);
}
