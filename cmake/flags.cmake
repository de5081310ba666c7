# One interface target carries the flags that every target of ours is built with.
add_library(spill_flags INTERFACE)
target_compile_options(spill_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -ffp-contract=off            # the same double on every machine
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these in optimised library code.
  target_compile_options(spill_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized
                         -Wno-stringop-overflow -Wno-array-bounds -Wno-tsan)
endif()
target_compile_definitions(spill_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(spill_flags INTERFACE Threads::Threads)
# Hardening that costs nothing on the hot path.
if(NOT SPILL_SANITIZE)
  target_compile_definitions(spill_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_compile_options(spill_flags INTERFACE -fstack-protector-strong)
target_link_options(spill_flags INTERFACE -Wl,-z,relro,-z,now)

if(SPILL_SANITIZE)
  add_compile_options(-fsanitize=${SPILL_SANITIZE} -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${SPILL_SANITIZE})
endif()
if(SPILL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# The fastest linker that is there.
find_program(LLD ld.lld NAMES ld.lld ld.lld-19)
if(LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
