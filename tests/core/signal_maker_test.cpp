#include "core/signal_maker.hpp"

#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

struct Bench final : SignalSink {
    Bench() : maker(world.registry) {
        group = world.group("infra", GroupId{}, true);
        maker.begin(*this, {UnixNanos{10}, UnixNanos{20}, UnixNanos{30}, 40});
        day.date = 20260302;
    }
    void on_signal(const Signal& signal) noexcept override { said.push_back(signal); }
    void rotate() {
        RotationChange change;
        change.group = group;
        change.edge.on = true;
        change.episode = 7;
        maker.rotation(change, day);
    }
    World world;
    GroupId group;
    SignalMaker maker;
    TradingSession day;
    std::vector<Signal> said;
};

}  // namespace

TEST_CASE("a signal carries the stamps and the number of what caused it") {
    Bench bench;
    bench.rotate();
    REQUIRE(bench.said.size() == 1);
    const Signal& signal = bench.said.front();
    CHECK(signal.offset == 1);
    CHECK(signal.episode == 7);
    CHECK(signal.ts_event == UnixNanos{10});
    CHECK(signal.ts_recv == UnixNanos{20});
    CHECK(signal.ts_signal == UnixNanos{30});
    CHECK(signal.cause_seq == 40);
    CHECK(signal.session.view() == "UTC:2026-03-02");
    CHECK(signal.key.view() == "infra");
}

TEST_CASE("a minute's close is caused by its end, and said no earlier") {
    Bench bench;
    bench.maker.at_minute_end(UnixNanos{50}, UnixNanos{45});
    bench.rotate();
    CHECK(bench.said.back().ts_event == UnixNanos{50});
    CHECK(bench.said.back().ts_signal == UnixNanos{50});
    bench.maker.at_minute_end(UnixNanos{60}, UnixNanos{62});
    bench.rotate();
    CHECK(bench.said.back().ts_event == UnixNanos{60});
    CHECK(bench.said.back().ts_signal == UnixNanos{62});
    CHECK(bench.said.back().cause_seq == 40);
    CHECK(bench.said.back().ts_recv == UnixNanos{20});
}

TEST_CASE("what is not published is not numbered") {
    Bench bench;
    bench.rotate();
    bench.maker.set_publishing(false);
    bench.rotate();
    UnwindChange unwind;
    unwind.group = bench.group;
    bench.maker.unwind(unwind, bench.day);
    HealthChange health;
    health.kind = HealthKind::Group;
    health.group = bench.group;
    bench.maker.health(health, Market::Utc, bench.day);
    CHECK(bench.said.size() == 1);
    CHECK(bench.maker.offset() == 1);
    bench.maker.set_publishing(true);
    bench.maker.unwind(unwind, bench.day);
    bench.maker.health(health, Market::Utc, bench.day);
    REQUIRE(bench.said.size() == 3);
    CHECK(bench.said[1].offset == 2);
    CHECK(bench.said[1].type == SignalType::Unwind);
    CHECK(bench.said[2].offset == 3);
    CHECK(bench.said[2].type == SignalType::Health);
}

TEST_CASE("a basket's session is the one of its market") {
    Bench bench;
    ParticipationChange change;
    change.group = bench.group;
    change.market = Market::Xkrx;
    bench.maker.participation(change, bench.day);
    CHECK(bench.said.back().session.view() == "XKRX:2026-03-02");
    CHECK(bench.said.back().key.view() == "infra@XKRX");
}
