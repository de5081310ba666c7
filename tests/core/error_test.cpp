#include "core/error.hpp"

#include <csignal>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace spill;

namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return fail(Errc::OutOfRange, std::to_string(value) + " is odd");
    return value / 2;
}

// How a child process ends that does nothing but this check: its signal number, 0 for a plain end.
int end_of_check(bool holds) {
    pid_t const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);  // doctest's handler would report the child as a failure
        SPILL_CHECK(holds);
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a failure carries its code and its words") {
    CHECK(half(8).value() == 4);
    Result<int> const odd = half(7);
    REQUIRE_FALSE(odd.has_value());
    CHECK(odd.error().code == Errc::OutOfRange);
    CHECK(odd.error().message == "7 is odd");
}

TEST_CASE("a failure passes through steps that would have used the value") {
    int calls = 0;
    auto const counted = [&calls](int value) {
        ++calls;
        return half(value);
    };
    CHECK(half(8).and_then(counted).value() == 2);
    CHECK(half(7).and_then(counted).error().message == "7 is odd");
    CHECK(calls == 1);
}

TEST_CASE("a failure of one type becomes a failure of another") {
    auto const text = [](int value) -> Result<std::string> {
        Result<int> const number = half(value);
        if (!number.has_value()) return tl::make_unexpected(number.error());
        return std::to_string(*number);
    };
    CHECK(text(10).value() == "5");
    CHECK(text(9).error().code == Errc::OutOfRange);
}

TEST_CASE("a broken invariant aborts, also in a release build") {
    CHECK(end_of_check(true) == 0);
    CHECK(end_of_check(false) == SIGABRT);
}

TEST_CASE("SPILL_CHECK is one statement and evaluates its expression once") {
    int evaluations = 0;
    if (evaluations == 0)
        SPILL_CHECK(++evaluations == 1);
    else
        evaluations = 100;
    CHECK(evaluations == 1);
}
