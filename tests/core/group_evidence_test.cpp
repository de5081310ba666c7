#include "core/group_evidence.hpp"

#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

struct Bench {
    Bench() {
        VenueId const sip = world.venue("sip");
        VenueId const iex = world.venue("iex");
        memory = world.group("memory");
        mu = world.instrument({.name = "MU", .group = memory});
        first = world.feed(mu, sip, Coverage::Consolidated);
        second = world.feed(mu, iex, Coverage::SingleVenue);
    }
    [[nodiscard]] Signal health(HealthKind kind, std::uint8_t state) const {
        HealthChange change;
        change.kind = kind;
        change.state = state;
        change.instrument = mu;
        change.feed = first;
        change.old_feed = second;
        change.group = memory;
        change.watched = 5;
        change.observed = 3;
        Signal signal;
        describe_health(signal, world.registry, change);
        return signal;
    }
    World world;
    GroupId memory;
    InstrumentId mu;
    FeedId first, second;
};

bool is_null(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    return item != nullptr && item->kind == EvidenceItem::Kind::Null;
}

}  // namespace

TEST_CASE("participation says how many carry the move, and null where nobody knows") {
    Bench bench;
    ParticipationChange change;
    change.edge = {ParticipationState::BroadUp, ParticipationState::Mixed};
    change.group = bench.memory;
    change.reading.n = 5;
    change.reading.breadth_up = 0.8;
    change.reading.n_eff_up = 3.5;
    change.reading.volume_share = 0.6;
    change.coverage = Coverage::Consolidated;
    change.provisional = true;
    Signal signal;
    describe_participation(signal, bench.world.registry, change);
    CHECK(signal.key.view() == "memory@XNYS");
    CHECK(std::string_view(signal.state) == "broad_up");
    CHECK(std::string_view(signal.prev) == "mixed");
    CHECK(number(signal, "n") == 5);
    CHECK(number(signal, "breadth_up") == 0.8);
    CHECK(number(signal, "n_eff_up") == 3.5);
    CHECK(number(signal, "vol_frac") == 0.6);
    CHECK(is_null(signal, "excess_atr"));
    CHECK(signal.provisional);
    CHECK(signal.evidence.find("lead") == nullptr);
}

TEST_CASE("memory's lead comes with its path, oldest first") {
    Bench bench;
    ParticipationChange change;
    change.group = bench.memory;
    change.lead_path = {0.1, 0.2, 0.3};
    change.lead_path_size = 3;
    Signal past;
    describe_participation(past, bench.world.registry, change);
    CHECK(is_null(past, "lead"));
    CHECK(number(past, "lead_1") == 0.1);
    CHECK(number(past, "lead_3") == 0.3);
    CHECK(past.evidence.find("lead_4") == nullptr);
    change.lead = 0.5;
    Signal now;
    describe_participation(now, bench.world.registry, change);
    CHECK(number(now, "lead") == 0.5);
}

TEST_CASE("a rotation names its cross only while it is on") {
    Bench bench;
    RotationChange change;
    change.group = bench.memory;
    change.edge = {.on = true, .was_on = false, .cross = Cross::ConfirmedLive};
    change.reading.real = 2;
    change.with_chips.raw = 0.25;
    change.with_chips.samples = 12;
    Signal on;
    describe_rotation(on, bench.world.registry, change);
    CHECK(std::string_view(on.state) == "on");
    CHECK(std::string_view(on.prev) == "off");
    CHECK(words(on, "cross") == to_string(Cross::ConfirmedLive));
    CHECK(number(on, "real") == 2);
    CHECK(number(on, "corr_raw") == 0.25);
    CHECK(is_null(on, "corr_ex_mkt"));
    CHECK(number(on, "corr_n") == 12);
    change.edge = {.on = false, .was_on = true, .cross = Cross::None};
    Signal off;
    describe_rotation(off, bench.world.registry, change);
    CHECK(std::string_view(off.state) == "off");
    CHECK(words(off, "cross") == "n/a");
}

TEST_CASE("an unwind says its level, its score and every part of it") {
    Bench bench;
    UnwindChange change;
    change.group = bench.memory;
    change.edge = {.level = 2, .prev = 1};
    change.reading.score = 0.6;
    for (std::size_t i = 0; i < kUnwindKinds; ++i) {
        change.reading.parts[i] = 0.1 * static_cast<double>(i + 1);
    }
    change.standing.broad_down = true;
    change.sell_share = 0.4;
    Signal signal;
    describe_unwind(signal, bench.world.registry, change);
    CHECK(std::string_view(signal.state) == "warning");
    CHECK(std::string_view(signal.prev) == "watch");
    CHECK(number(signal, "level") == 2);
    CHECK(number(signal, "u") == 0.6);
    for (std::size_t i = 0; i < kUnwindKinds; ++i) {
        CHECK(number(signal, to_string(static_cast<UnwindKind>(i))) == change.reading.parts[i]);
    }
    CHECK(number(signal, "broad_down_now") == 1);
    CHECK(number(signal, "down_break_now") == 0);
    CHECK(number(signal, "token_sell_share") == 0.4);
    CHECK(is_null(signal, "median_rel60"));
}

TEST_CASE("a health signal's key says whose health it is") {
    Bench const bench;
    struct Row {
        HealthKind kind;
        std::string_view key;
    };
    for (Row const& row :
         {Row{HealthKind::Link, "MU@sip"}, Row{HealthKind::Gap, "MU@sip|gap"},
          Row{HealthKind::Baseline, "MU@sip|baseline"}, Row{HealthKind::Volume, "MU@sip|volume"},
          Row{HealthKind::Status, "MU|status"}, Row{HealthKind::Source, "MU|source"},
          Row{HealthKind::Corporate, "MU|corporate"}, Row{HealthKind::Group, "memory"}}) {
        Signal const signal = bench.health(row.kind, 1);
        CHECK(signal.key.view() == row.key);
        CHECK(signal.type == SignalType::Health);
        CHECK(signal.coverage == Coverage::Consolidated);
    }
}

TEST_CASE("health's evidence is what the kind has to say") {
    Bench const bench;
    Signal const group = bench.health(HealthKind::Group, 2);
    CHECK(std::string_view(group.state) == "partial");
    CHECK(number(group, "members") == 5);
    CHECK(number(group, "observed") == 3);
    Signal const volume = bench.health(HealthKind::Volume, 2);
    CHECK(words(volume, "reason") == "cumulative");
    Signal const source = bench.health(HealthKind::Source, 1);
    CHECK(words(source, "from") == "iex");
    CHECK(words(source, "to") == "sip");
    CHECK(words(source, "from_coverage") == "single_venue");
    CHECK(words(source, "to_coverage") == "consolidated");
}
