#include "connectors/link_stats.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("every state of a link has a name of its own") {
    std::set<std::string> names;
    for (int i = 0; i < kLinkStates; ++i) names.insert(to_string(static_cast<LinkState>(i)));
    CHECK(names.size() == kLinkStates);
}

TEST_CASE("there is a counter for every kind of frame and every reason") {
    LinkStats stats;
    CHECK(stats.frames_by_kind.size() > static_cast<std::size_t>(FrameKind::Bad));
    CHECK(stats.bad_by_reason.size() > static_cast<std::size_t>(BadReason::NotText));
    for (Counter const& counter : stats.frames_by_kind) CHECK(counter.load() == 0);
}

TEST_CASE("a counter adds what it is told") {
    Counter counter{0};
    bump(counter);
    bump(counter, 41);
    CHECK(counter.load() == 42);
}
