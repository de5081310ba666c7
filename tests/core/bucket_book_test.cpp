#include "core/bucket_book.hpp"

#include <array>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

constexpr UnixNanos kNow{1'800'000'000 * kNanosPerSecond};

ChipSide standing(bool broad_down, bool down_break) {
    ChipSide out;
    out.broad_down = broad_down;
    out.down_break = down_break;
    return out;
}

struct Bench {
    explicit Bench(const char* name = "infra")
        : world(make(*this, name)), book(world.registry, bucket, params) {}
    static World make(Bench& self, const char* name) {
        World world;
        VenueId const venue = world.venue("kraken");
        self.bucket = world.group(name, GroupId{}, true);
        GroupId const compute = world.group("compute", self.bucket, true);
        GroupId const other = world.group("other", GroupId{}, true);
        auto const token = [&](const char* symbol, GroupId group, bool watched) {
            InstrumentId const id = world.instrument(
                {.name = symbol, .market = Market::Utc, .role = Role::Token, .group = group});
            if (watched) world.feed(id, venue);
        };
        token("TAO", self.bucket, true);
        token("RENDER", compute, true);
        token("AKT", compute, false);
        token("WLD", other, true);
        return world;
    }
    // Ten minutes at one score.
    std::optional<UnwindChange> dwell(const ChipSide& chips) {
        std::optional<UnwindChange> last;
        for (int i = 0; i < 10; ++i) {
            if (auto const change = book.unwind(kNow, chips, episodes)) last = change;
        }
        return last;
    }
    Params params;
    GroupId bucket;
    World world;
    BucketBook book;
    EpisodeCounter episodes;
};

}  // namespace

TEST_CASE("a bucket has the watched tokens of itself and of its sub-buckets") {
    Bench bench;
    CHECK(bench.book.members() == 2);
    CHECK(bench.book.group() == bench.bucket);
}

TEST_CASE("a failure weighs by its kind, by who failed and by how far it had come") {
    struct Row {
        BreakoutKind kind;
        bool leader, proven;
        double score;
    };
    for (Row const& row : {Row{BreakoutKind::Donchian20, true, true, 0.50},
                           Row{BreakoutKind::PriorDay, true, true, 0.40},
                           Row{BreakoutKind::OpeningRange, true, true, 0.20},
                           Row{BreakoutKind::Donchian20, true, false, 0.25},
                           Row{BreakoutKind::Donchian20, false, true, 0.25},
                           Row{BreakoutKind::PriorDay, false, false, 0.10}}) {
        CAPTURE(row.score);
        Bench bench;
        bench.book.on_failure(kNow, row.kind, row.leader, row.proven);
        bench.book.unwind(kNow, ChipSide{}, bench.episodes);
        CHECK(bench.book.unwind_reading().score == doctest::Approx(row.score));
    }
}

TEST_CASE("agents unwind faster") {
    Bench bench("agents");
    bench.book.on_failure(kNow, BreakoutKind::PriorDay, true, true);
    bench.book.unwind(kNow, ChipSide{}, bench.episodes);
    CHECK(bench.book.unwind_reading().score == doctest::Approx(0.5));
}

TEST_CASE("what stands now counts while it stands") {
    Bench bench;
    bench.book.unwind(kNow, standing(true, true), bench.episodes);
    CHECK(bench.book.unwind_reading().score == doctest::Approx(1.0 - 0.65 * 0.65));
    bench.book.unwind(kNow, ChipSide{}, bench.episodes);
    CHECK(bench.book.unwind_reading().score == 0.0);
}

TEST_CASE("an unwind keeps its episode through its levels and gets a new one after quiet") {
    Bench bench;
    ChipSide const watch = standing(true, false);
    auto const first = bench.dwell(watch);
    REQUIRE(first.has_value());
    CHECK(first->edge.level == 1);
    CHECK(first->standing.broad_down);
    CHECK_FALSE(first->median_rel.has_value());
    auto const second = bench.dwell(standing(true, true));
    REQUIRE(second.has_value());
    CHECK(second->edge.level == 2);
    CHECK(second->episode == first->episode);
    auto const quiet = bench.dwell(ChipSide{});
    REQUIRE(quiet.has_value());
    CHECK(quiet->edge.level == 0);
    CHECK(quiet->episode == first->episode);
    auto const again = bench.dwell(watch);
    REQUIRE(again.has_value());
    CHECK(again->episode == first->episode + 1);
    CHECK(bench.book.level() == 1);
}
