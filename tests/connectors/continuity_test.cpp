#include "connectors/continuity.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "core/event.hpp"

namespace spill {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using Kind = GapNews::Kind;
using Row = GapTracker::Row;

UnixNanos at(std::int64_t second) { return UnixNanos{second * kNanosPerSecond}; }

struct Bench {
    GapTracker tracker;
    LinkTime now{0};

    explicit Bench(Continuity proof = Continuity::Ids) : tracker(proof) {}

    TradeRow row(std::uint64_t first, std::uint64_t last, std::int64_t second) const {
        TradeRow made;
        made.id = last;
        made.first_fill = first;
        made.last_fill = last;
        made.dense = first == last;
        made.ts_event = at(second);
        made.size = Quantity{1};
        return made;
    }
    Row live(std::uint64_t id, std::int64_t second) {
        return tracker.live(row(id, id, second), now);
    }
    Row history(std::uint64_t id, std::int64_t second) {
        return tracker.history(row(id, id, second), now);
    }
    // A print of `size` after which the session's volume is `sum`.
    Row sum(std::int64_t size, std::int64_t sum, std::int64_t second, std::uint32_t flags = 0) {
        TradeRow made;
        made.size = Quantity{size};
        made.cumulative = Quantity{sum};
        made.ts_event = at(second);
        made.flags = flags;
        return tracker.live(made, now);
    }
    std::vector<GapNews> news() {
        std::vector<GapNews> all;
        GapNews one;
        while (tracker.poll(now, one)) all.push_back(one);
        return all;
    }
    std::vector<GapNews> after(LinkTime wait) {
        now += wait;
        return news();
    }
};

}  // namespace

TEST_CASE("a hole in dense ids is a gap after two seconds, with its ids and times") {
    Bench bench;
    bench.live(500, 10);
    bench.live(506, 20);
    CHECK(bench.tracker.deadline() == 2s);
    CHECK(bench.after(1s).empty());
    auto const news = bench.after(1s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].kind == Kind::Opened);
    CHECK(news[0].ids == IdRange{501, 505});
    CHECK(news[0].from == at(10));
    CHECK(news[0].to == at(20));
    CHECK(news[0].reason == GapReason::MissingIds);
    CHECK(bench.tracker.open_gaps() == 1);
}

TEST_CASE("ranges of fills and single ids are one sequence") {
    Bench bench;
    bench.live(500, 10);
    bench.tracker.live(bench.row(501, 503, 11), bench.now);
    bench.live(504, 12);
    CHECK(bench.after(3s).empty());
    bench.tracker.live(bench.row(508, 510, 13), bench.now);
    auto const news = bench.after(3s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].ids == IdRange{505, 507});
}

TEST_CASE("reordering within two seconds and repeats open nothing") {
    Bench bench;
    for (std::uint64_t const id : {7U, 10U, 9U, 10U, 8U, 7U, 12U, 11U, 11U}) {
        bench.live(id, 10);
        bench.now += 400ms / 2;
    }
    CHECK(bench.after(10min).empty());
    CHECK(bench.tracker.deadline() == LinkTime::max());
}

TEST_CASE("late rows fill a gap piece by piece, and the last one says so") {
    Bench bench;
    bench.live(1, 10);
    bench.live(7, 20);
    CHECK(bench.after(2s).size() == 1);
    CHECK(bench.live(4, 15) == Row::FillsGap);
    CHECK(bench.live(4, 15) == Row::Ordinary);  // once
    CHECK(bench.history(2, 11) == Row::FillsGap);
    CHECK(bench.history(3, 12) == Row::FillsGap);
    CHECK(bench.tracker.history(bench.row(5, 6, 16), bench.now) == Row::FillsGap);
    auto const news = bench.news();
    REQUIRE(news.size() == 1);
    CHECK(news[0].kind == Kind::Filled);
    CHECK(news[0].ids == IdRange{2, 6});
    CHECK(bench.tracker.open_gaps() == 0);
}

TEST_CASE("a filled gap waits for the other gaps of its minutes, since the engine counts minutes") {
    Bench bench;
    bench.live(1, 10);
    bench.live(3, 20);
    bench.live(5, 30);
    CHECK(bench.after(2s).size() == 2);
    bench.live(2, 15);
    CHECK(bench.news().empty());
    bench.live(4, 25);
    auto const news = bench.news();
    REQUIRE(news.size() == 2);
    CHECK(news[0].kind == Kind::Filled);
    CHECK(news[1].kind == Kind::Filled);
}

TEST_CASE("an unfilled gap is given up in the end, and never called filled by its neighbour") {
    Bench bench;
    bench.live(1, 10);
    bench.live(3, 20);
    CHECK(bench.after(2s).size() == 1);
    auto const news = bench.after(GapTracker::kGiveUp);
    REQUIRE(news.size() == 1);
    CHECK(news[0].kind == Kind::GivenUp);
    CHECK(bench.tracker.open_gaps() == 0);
    bench.live(5, 30);
    CHECK(bench.after(2s).size() == 1);
    bench.live(4, 25);
    CHECK(bench.news().empty());
    bench.live(2, 15);  // better late than never
    CHECK(bench.news().size() == 2);
}

TEST_CASE("the span between the last row before an outage and the first after it is a gap") {
    Bench bench;
    bench.live(100, 10);
    bench.tracker.lost();
    bench.now += 30s;
    bench.tracker.back(at(40), bench.now);
    bench.live(140, 41);
    auto const news = bench.after(2s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].ids == IdRange{101, 139});
    CHECK(news[0].reason == GapReason::Outage);
    CHECK(news[0].from == at(10));
    CHECK(news[0].to == at(41));
}

TEST_CASE("an outage in which nothing traded is no gap where ids prove it") {
    Bench bench;
    bench.live(100, 10);
    bench.tracker.lost();
    bench.tracker.back(at(40), bench.now);
    bench.live(101, 41);
    CHECK(bench.after(5s).empty());
}

TEST_CASE("history at subscribe is the past of nobody, except inside a known outage") {
    Bench bench;
    CHECK(bench.history(90, 5) == Row::Ordinary);
    CHECK(bench.history(99, 9) == Row::Ordinary);
    bench.live(100, 10);
    CHECK(bench.history(101, 11) == Row::Ordinary);  // the stream will bring it
    CHECK(bench.live(101, 11) == Row::Ordinary);
    bench.tracker.lost();
    CHECK(bench.history(100, 10) == Row::Ordinary);  // known
    CHECK(bench.history(103, 12) == Row::FillsGap);
    CHECK(bench.history(104, 13) == Row::FillsGap);
    bench.tracker.back(at(20), bench.now);
    bench.live(105, 21);
    auto const news = bench.after(2s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].ids == IdRange{102, 102});
}

TEST_CASE("a heartbeat that is ahead of the trades opens a gap unless they still come") {
    Bench bench;
    bench.live(100, 10);
    bench.tracker.sent_up_to(100, at(11), bench.now);
    CHECK(bench.tracker.deadline() == LinkTime::max());
    bench.tracker.sent_up_to(103, at(12), bench.now);
    bench.live(101, 11);
    bench.live(102, 11);
    bench.live(103, 12);
    CHECK(bench.after(5s).empty());
    bench.tracker.sent_up_to(105, at(20), bench.now);
    auto const news = bench.after(2s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].ids == IdRange{104, 105});
    CHECK(news[0].to == at(20));
}

TEST_CASE("a sequence that starts anew is one gap of unknown ids, not a million missing trades") {
    Bench bench;
    bench.live(1'000'000, 10);
    bench.live(5, 60);
    bench.live(6, 61);
    auto const news = bench.after(3s);
    REQUIRE(news.size() == 1);
    CHECK(news[0].reason == GapReason::Restart);
    CHECK(news[0].ids == IdRange{});
}

TEST_CASE("volume that the venue counted and we did not see is a gap by time") {
    Bench bench(Continuity::Cumulative);
    bench.sum(5, 100, 10);
    bench.sum(5, 105, 11);
    bench.sum(3, 105, 12, trade_flag::kNoVolume);
    CHECK(bench.after(5s).empty());
    bench.sum(5, 130, 20);  // 20 are missing
    auto const opened = bench.after(2s);
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].reason == GapReason::MissingVolume);
    CHECK(opened[0].from == at(12));
    CHECK(opened[0].to == at(20));
    CHECK(bench.sum(12, 117, 13) == Row::FillsGap);
    CHECK(bench.news().empty());
    CHECK(bench.sum(8, 125, 14) == Row::FillsGap);
    CHECK(bench.news().size() == 1);
}

TEST_CASE("the next session's sum starts low and is no gap") {
    Bench bench(Continuity::Cumulative);
    bench.sum(5, 1000, 10);
    bench.sum(7, 7, 90'000);
    bench.sum(3, 10, 90'001);
    CHECK(bench.after(5s).empty());
}

TEST_CASE("where nothing is proven every outage is a gap by time, at once") {
    Bench bench(Continuity::Unprovable);
    bench.tracker.lost();
    bench.tracker.back(at(5), bench.now);  // nothing had come yet
    CHECK(bench.news().empty());
    bench.live(77, 10);
    bench.live(99, 11);
    bench.tracker.lost();
    bench.tracker.back(at(40), bench.now);
    auto const news = bench.news();
    REQUIRE(news.size() == 1);
    CHECK(news[0].from == at(11));
    CHECK(news[0].to == at(40));
    CHECK(news[0].ids == IdRange{});
    bench.tracker.fetched(at(0), at(39));
    CHECK(bench.news().empty());
    bench.tracker.fetched(at(11), at(40));
    CHECK(bench.news().size() == 1);
}

TEST_CASE("more gaps than can be remembered widen the newest one and lose none") {
    Bench bench;
    std::uint64_t id = 1;
    for (std::int64_t i = 0; i < 40; ++i, id += 2) bench.live(id, i * 100);
    auto const news = bench.after(2s);
    REQUIRE(news.size() == GapTracker::kGaps);
    for (std::uint64_t missing = 2; missing < id - 2; missing += 2) {
        bool covered = false;
        for (const GapNews& gap : news) {
            covered = covered || (gap.ids.first <= missing && missing <= gap.ids.last);
        }
        CHECK(covered);
    }
}

TEST_CASE("random streams: what was announced and not filled is what never came") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        std::uint64_t state = seed;
        auto const dice = [&](std::uint64_t sides) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            return (state >> 33U) % sides;
        };
        Bench bench;
        bench.live(1, 1);
        std::uint64_t lost = 0;
        std::vector<std::uint64_t> held;
        for (std::uint64_t id = 2; id < 400; ++id) {
            bench.now += 100ms;
            auto const second = static_cast<std::int64_t>(id);
            switch (dice(20)) {
                case 0:
                    if (++lost <= 8 && id < 390) break;
                    --lost;
                    bench.live(id, second);
                    break;
                case 1: held.push_back(id); break;
                default: bench.live(id, second); break;
            }
            if (held.size() > 3 || id == 399) {
                for (std::uint64_t const late : held) {
                    bench.live(late, static_cast<std::int64_t>(late));
                }
                held.clear();
            }
        }
        bench.live(400, 400);
        std::uint64_t announced = 0;
        // Reordered rows came within the patience or after it: in the end only the lost stay open.
        for (const GapNews& gap : bench.after(2s)) {
            if (gap.kind == Kind::Opened) announced += gap.ids.last - gap.ids.first + 1;
        }
        CAPTURE(seed);
        CHECK(announced >= lost);
        CHECK(bench.tracker.open_gaps() <= lost);
    }
}

}  // namespace spill
