#include "tests/support/alloc_count.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/skip.hpp"

using spill::test::AllocCounter;

TEST_CASE("the allocation counter sees new, malloc, growth and aligned memory") {
    if (!AllocCounter::active()) {
        return spill::test::skip("allocation counter", "a sanitizer owns malloc");
    }
    AllocCounter const counter;
    CHECK(counter.count() == 0);
    auto number = std::make_unique<int>(1);
    CHECK(counter.count() == 1);
    std::vector<int> numbers;
    numbers.reserve(8);
    CHECK(counter.count() == 2);
    numbers.resize(100);
    CHECK(counter.count() == 3);
    struct alignas(128) Wide {
        char bytes[128];
    };
    auto wide = std::make_unique<Wide>();
    CHECK(counter.count() == 4);
    void* volatile raw = std::malloc(10);
    std::free(raw);
    CHECK(counter.count() == 5);
    CHECK(wide->bytes[0] + *number + numbers[0] == 1);
}

TEST_CASE("the allocation counter does not see another thread's allocations") {
    if (!AllocCounter::active()) {
        return spill::test::skip("allocation counter per thread", "a sanitizer owns malloc");
    }
    std::uint64_t theirs = 0;
    std::uint64_t ours = 0;
    std::jthread thread;
    {
        AllocCounter const counter;
        thread = std::jthread([&theirs] {
            AllocCounter const own;
            std::vector<std::string> texts(10, std::string(100, 'x'));
            theirs = own.count();
        });
        std::uint64_t const started = counter.count();
        thread.join();
        ours = counter.count() - started;
    }
    CHECK(theirs >= 11);
    CHECK(ours == 0);
}
