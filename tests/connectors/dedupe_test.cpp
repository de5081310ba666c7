#include "connectors/dedupe.hpp"

#include <cstdint>
#include <unordered_set>
#include <vector>

#include <doctest/doctest.h>

#include "core/event.hpp"

namespace spill {
namespace {

TradeRow row(std::uint64_t id, bool dense, std::int64_t second = 1000) {
    TradeRow made;
    made.symbol = "X";
    made.price = Price{1};
    made.size = Quantity{1};
    made.ts_event = UnixNanos{second * kNanosPerSecond};
    made.dense = dense;
    made.id = id;
    return made;
}

using enum Dedupe::Verdict;

// A small generator of our own: the same numbers on every machine.
struct Dice {
    std::uint64_t state;
    std::uint64_t operator()() {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return state >> 33U;
    }
};

}  // namespace

TEST_CASE("a dense id counts once, in whatever order its neighbours come") {
    Dedupe dedupe;
    CHECK(dedupe.offer(row(100, true)) == New);
    CHECK(dedupe.offer(row(102, true)) == New);
    CHECK(dedupe.offer(row(102, true)) == Duplicate);
    CHECK(dedupe.offer(row(101, true)) == New);
    CHECK(dedupe.offer(row(101, true)) == Duplicate);
    CHECK(dedupe.offer(row(100, true)) == Duplicate);
}

TEST_CASE("a cancel is no repeat of the print that it takes back, and counts once") {
    Dedupe dedupe;
    TradeRow cancel = row(100, false);
    cancel.flags = trade_flag::kCancel;
    CHECK(dedupe.offer(row(100, false)) == New);
    CHECK(dedupe.offer(cancel) == New);
    CHECK(dedupe.offer(cancel) == Duplicate);
    CHECK(dedupe.offer(row(100, false)) == Duplicate);
}

TEST_CASE("a jump of dense ids beyond the window forgets nothing that could repeat wrongly") {
    Dedupe dedupe;
    CHECK(dedupe.offer(row(5, true)) == New);
    CHECK(dedupe.offer(row(5 + 10 * Dedupe::kWindow, true)) == New);
    CHECK(dedupe.offer(row(5, true)) == Duplicate);                   // below the window, not newer
    CHECK(dedupe.offer(row(4 + 10 * Dedupe::kWindow, true)) == New);  // inside it, a filled hole
    CHECK(dedupe.offer(row(4 + 10 * Dedupe::kWindow, true)) == Duplicate);
}

TEST_CASE("an hour-old replay of dense ids is all duplicates") {
    Dedupe dedupe;
    for (std::uint64_t id = 1; id <= 5000; ++id) {
        REQUIRE(dedupe.offer(row(id, true, static_cast<std::int64_t>(id))) == New);
    }
    for (std::uint64_t id = 1; id <= 5000; ++id) {
        REQUIRE(dedupe.offer(row(id, true, static_cast<std::int64_t>(id))) == Duplicate);
    }
}

TEST_CASE("a venue that restarts its sequence is believed when its trades are newer") {
    Dedupe dedupe;
    CHECK(dedupe.offer(row(1'000'000, true, 1000)) == New);
    CHECK(dedupe.offer(row(1, true, 1001)) == New);
    CHECK(dedupe.offer(row(2, true, 1002)) == New);
    CHECK(dedupe.offer(row(2, true, 1002)) == Duplicate);
}

TEST_CASE("ids with holes or hashes are remembered for the last 4096 rows") {
    Dedupe dedupe;
    auto const id = [](std::uint64_t n) { return n * 2'654'435'761ULL + 7; };
    for (std::uint64_t n = 0; n < Dedupe::kRing; ++n)
        REQUIRE(dedupe.offer(row(id(n), false)) == New);
    for (std::uint64_t n = 0; n < Dedupe::kRing; ++n) {
        REQUIRE(dedupe.offer(row(id(n), false)) == Duplicate);
    }
    CHECK(dedupe.offer(row(id(Dedupe::kRing), false)) == New);  // pushes the first one out
    CHECK(dedupe.offer(row(id(1), false)) == Duplicate);
    CHECK(dedupe.offer(row(id(0), false)) == New);
}

TEST_CASE("the ring agrees with a plain model over random ids that collide") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Dedupe dedupe;
        Dice dice{seed};
        std::vector<std::uint64_t> order;
        std::unordered_set<std::uint64_t> known;
        for (int step = 0; step < 60'000; ++step) {
            // Multiples of 2^51 share a home slot, so runs are long and erasures move them.
            std::uint64_t const n = 1 + dice() % 6000;
            std::uint64_t const id = dice() % 2 == 0 ? n : n << 40U;
            bool const expected = known.contains(id);
            REQUIRE((dedupe.offer(row(id, false)) == Duplicate) == expected);
            if (expected) continue;
            order.push_back(id);
            known.insert(id);
            if (order.size() > Dedupe::kRing) known.erase(order[order.size() - 1 - Dedupe::kRing]);
        }
    }
}

TEST_CASE("a trade without an id always counts") {
    Dedupe dedupe;
    CHECK(dedupe.offer(row(0, false)) == New);
    CHECK(dedupe.offer(row(0, false)) == New);
    CHECK(dedupe.offer(row(0, true)) == New);
}

TEST_CASE("a new trade that is older than the newest by more than two seconds is late") {
    Dedupe dedupe;
    CHECK(dedupe.offer(row(10, true, 1000)) == New);
    CHECK(dedupe.offer(row(8, true, 998)) == New);
    CHECK(dedupe.offer(row(7, true, 997)) == Late);
    CHECK(dedupe.offer(row(7, true, 997)) == Duplicate);
}

}  // namespace spill
