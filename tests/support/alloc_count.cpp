#include "tests/support/alloc_count.hpp"

#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPILL_SANITIZER_OWNS_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SPILL_SANITIZER_OWNS_MALLOC 1
#endif
#endif

namespace spill::test {
namespace {
constinit thread_local std::uint64_t allocations = 0;
}  // namespace

std::uint64_t thread_allocations() noexcept { return allocations; }

#ifdef SPILL_SANITIZER_OWNS_MALLOC
bool AllocCounter::active() noexcept { return false; }
#else
bool AllocCounter::active() noexcept { return true; }
namespace {
void note() noexcept { ++allocations; }
}  // namespace
#endif

}  // namespace spill::test

#ifndef SPILL_SANITIZER_OWNS_MALLOC
// glibc's own entry points, which stay reachable after malloc has been replaced.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
    spill::test::note();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    spill::test::note();
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept {
    spill::test::note();
    return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    spill::test::note();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    spill::test::note();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
    spill::test::note();
    void* const memory = __libc_memalign(alignment, size);
    if (memory == nullptr) return ENOMEM;
    *out = memory;
    return 0;
}
}
#endif
