// Counts the heap allocations of the calling thread, whoever makes them (operator new, malloc,
// a shared library): the program's own malloc stands before glibc's.
//
//     AllocCounter counter;
//     engine.apply(event, sink);
//     CHECK(counter.count() == 0);
#pragma once

#include <cstdint>

namespace spill::test {

// Allocations of this thread since it started. Never resets.
[[nodiscard]] std::uint64_t thread_allocations() noexcept;

class AllocCounter {
public:
    AllocCounter() noexcept : start_(thread_allocations()) {}
    // Allocations of this thread since construction.
    [[nodiscard]] std::uint64_t count() const noexcept { return thread_allocations() - start_; }
    // False under a sanitizer, which owns malloc: then count() stays 0 and proves nothing.
    [[nodiscard]] static bool active() noexcept;

private:
    std::uint64_t start_;
};

}  // namespace spill::test
