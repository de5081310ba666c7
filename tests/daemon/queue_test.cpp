#include "daemon/queue.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"

using namespace spill;

namespace {

struct Item {
    std::uint64_t producer = 0;
    std::uint64_t number = 0;
    std::uint64_t filler[6] = {};
};
using Queue = BoundedQueue<Item>;

std::size_t drain(Queue& queue) {
    std::vector<Item> out(64);
    std::size_t total = 0;
    while (std::size_t const n = queue.pop_bulk(out)) total += n;
    return total;
}

}  // namespace

TEST_CASE("a queue takes exactly as many elements as it says, and counts the rest") {
    for (std::size_t const capacity : {1U, 2U, 31U, 32U, 33U, 100U, 1024U, 4097U}) {
        CAPTURE(capacity);
        Queue queue({.name = "events", .capacity = capacity});
        Queue::Producer producer(queue);
        // Several rounds, each starting at another place of the inner blocks.
        for (std::uint64_t round = 1; round <= 40; ++round) {
            std::size_t taken = 0;
            for (std::size_t i = 0; i < capacity + 10; ++i) taken += producer.try_push(Item{});
            CHECK(taken == capacity);
            CHECK(queue.stats().dropped == 10 * round);
            CHECK(queue.depth() == capacity);
            CHECK(drain(queue) == capacity);
            for (std::uint64_t i = 0; i < round % 7; ++i) {
                CHECK(producer.try_push(Item{}));
                CHECK(drain(queue) == 1);
            }
        }
        CHECK(queue.stats().high_water == capacity);
        CHECK(queue.depth() == 0);
    }
}

TEST_CASE("the bound holds over all producers together") {
    Queue queue({.name = "events", .capacity = 100, .producers = 3});
    Queue::Producer a(queue);
    Queue::Producer b(queue);
    Queue::Producer c(queue);
    for (int round = 0; round < 30; ++round) {
        Queue::Producer& alone = round % 3 == 0 ? a : round % 3 == 1 ? b : c;
        for (int i = 0; i < 100; ++i) CHECK(alone.try_push(Item{}));
        CHECK_FALSE(a.try_push(Item{}));
        CHECK_FALSE(b.try_push(Item{}));
        CHECK(drain(queue) == 100);
    }
}

TEST_CASE("pushing and popping allocate nothing") {
    if (!test::AllocCounter::active()) return;
    Queue queue({.name = "events", .capacity = 1000, .producers = 2});
    Queue::Producer a(queue);
    Queue::Producer b(queue);
    std::vector<Item> out(64);
    test::AllocCounter const counter;
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < 700; ++i) {
            a.try_push(Item{});
            b.try_push(Item{});
        }
        while (queue.pop_bulk(out) != 0) {
        }
    }
    CHECK(counter.count() == 0);
    CHECK(queue.stats().popped == 50 * 1000);
}

TEST_CASE("a consumer cannot fall asleep on something to pop") {
    Queue queue({.name = "events", .capacity = 8});
    Queue::Producer producer(queue);
    producer.try_push(Item{});
    CHECK_FALSE(queue.declare_asleep());
    producer.wake();
    CHECK(queue.stats().wakes == 0);
    CHECK(drain(queue) == 1);
    CHECK(queue.declare_asleep());
}

TEST_CASE("only a consumer that sleeps is woken, and once") {
    Queue queue({.name = "events", .capacity = 8});
    int calls = 0;
    queue.on_wake([&] { ++calls; });
    Queue::Producer producer(queue);
    producer.try_push(Item{});
    producer.wake();
    CHECK(calls == 0);
    drain(queue);
    REQUIRE(queue.declare_asleep());
    producer.try_push(Item{});
    CHECK(calls == 0);
    producer.wake();
    producer.wake();
    CHECK(calls == 1);
    CHECK(queue.stats().wakes == 1);
}

TEST_CASE("a parked consumer gets everything, in order per producer") {
    constexpr std::uint64_t kEach = 20'000;
    Queue queue({.name = "events", .capacity = 256, .producers = 2});
    std::vector<std::thread> threads;
    for (std::uint64_t id = 0; id < 2; ++id) {
        threads.emplace_back([&queue, id] {
            Queue::Producer producer(queue);
            for (std::uint64_t i = 0; i < kEach;) {
                Item item;
                item.producer = id;
                item.number = i;
                if (producer.try_push(item)) ++i;
                // Full or a batch is done.
                if (i % 16 == 0 || queue.depth() == 256) {
                    producer.wake();
                    std::this_thread::yield();
                }
            }
            producer.wake();
        });
    }
    std::uint64_t next[2] = {0, 0};
    bool ordered = true;
    std::vector<Item> out(64);
    while (next[0] + next[1] < 2 * kEach) {
        std::size_t const n = queue.pop_bulk(out);
        for (std::size_t i = 0; i < n; ++i) {
            ordered = ordered && out[i].number == next[out[i].producer];
            ++next[out[i].producer];
        }
        if (n == 0 && queue.declare_asleep()) queue.park();
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(ordered);
    CHECK(queue.depth() == 0);
    CHECK(queue.stats().high_water <= 256);
}
