#include "connectors/handover.hpp"

#include <doctest/doctest.h>

namespace spill {
namespace {

using std::chrono_literals::operator""s;
using Step = Handover::Step;

}  // namespace

TEST_CASE("the old connection is let go when the new one is live, not before") {
    Handover handover;
    CHECK_FALSE(handover.overlaps());
    CHECK(handover.deadline() == LinkTime::max());
    handover.begin(10s);
    CHECK(handover.overlaps());
    CHECK(handover.deadline() == 10s + Handover::kDeadline);
    CHECK(handover.step(11s, LinkState::Live, LinkState::Dialing) == Step::Wait);
    CHECK(handover.step(12s, LinkState::Stale, LinkState::Subscribing) == Step::Wait);
    CHECK(handover.step(13s, LinkState::Live, LinkState::Live) == Step::DropOld);
    CHECK_FALSE(handover.overlaps());
}

TEST_CASE("an ended old connection, or a new one that never comes, ends the overlap") {
    Handover ended;
    ended.begin(0s);
    CHECK(ended.step(1s, LinkState::Backoff, LinkState::Dialing) == Step::DropOld);
    Handover late;
    late.begin(0s);
    CHECK(late.step(29s, LinkState::Live, LinkState::Backoff) == Step::Wait);
    CHECK(late.step(30s, LinkState::Live, LinkState::Backoff) == Step::DropOld);
}

}  // namespace spill
