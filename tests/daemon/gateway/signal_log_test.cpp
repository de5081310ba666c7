#include "daemon/gateway/signal_log.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace spill;

namespace {

void add(SignalLog& log, std::uint64_t offset, const std::string& frame) {
    SignalLog::Entry entry;
    entry.offset = offset;
    log.append(entry, std::string_view(frame).substr(0, 2), std::string_view(frame).substr(2));
}

std::string frame_of(const SignalLog& log, std::uint64_t sequence) {
    auto const frame = log.frame(sequence);
    return std::string(frame.begin(), frame.end());
}

// A frame whose content says which one it is.
std::string content(std::uint64_t i) {
    return std::string(2 + i * 7 % 29, static_cast<char>('a' + i % 26)) + std::to_string(i);
}

}  // namespace

TEST_CASE("what is appended is read back whole under its number") {
    SignalLog log(4, 64);
    CHECK(log.oldest() == log.next());
    add(log, 11, "hello");
    add(log, 12, "world!");
    CHECK(log.oldest() == 0);
    CHECK(log.next() == 2);
    CHECK(frame_of(log, 0) == "hello");
    CHECK(frame_of(log, 1) == "world!");
    CHECK(log.entry(1).offset == 12);
}

TEST_CASE("the oldest goes when entries run out") {
    SignalLog log(3, 1024);
    for (std::uint64_t i = 0; i < 5; ++i) add(log, i, "frame" + std::to_string(i));
    CHECK(log.oldest() == 2);
    CHECK(log.next() == 5);
    CHECK(frame_of(log, 2) == "frame2");
}

TEST_CASE("the oldest goes when bytes run out, and what is held is never damaged") {
    SignalLog log(1000, 257);
    std::uint64_t held_most = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        add(log, i, content(i));
        REQUIRE(log.next() == i + 1);
        REQUIRE(log.oldest() <= i);
        held_most = std::max(held_most, log.next() - log.oldest());
        for (std::uint64_t k = log.oldest(); k != log.next(); ++k) {
            REQUIRE(frame_of(log, k) == content(k));
            REQUIRE(log.entry(k).offset == k);
        }
    }
    CHECK(held_most >= 8);  // 257 bytes hold at least eight of at most 33
}
