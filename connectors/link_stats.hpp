// Counters of one link, written by its feed thread, read by the scraper. Relaxed atomics: each
// figure is right by itself, figures need not agree with each other to the last message.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/codec.hpp"

namespace spill {

enum class LinkState : std::uint8_t {
    Idle,
    Dialing,      // TCP, TLS, upgrade
    Subscribing,  // open, not everything acknowledged with data yet
    Live,
    Stale,  // open, silent beyond its budget
    Backoff,
    Banned,     // the venue told us to stay away until a time
    LoggingIn,  // open, our key is not accepted yet
    Refused     // the venue refused for good: no dial until the next start
};
inline constexpr int kLinkStates = 9;

[[nodiscard]] const char* to_string(LinkState state) noexcept;

using Counter = std::atomic<std::uint64_t>;

inline void bump(Counter& counter, std::uint64_t by = 1) noexcept {
    // One writer: a plain load and store is enough and cheaper than a locked add.
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

struct LinkStats {
    std::string venue;  // set before start, then constant
    std::atomic<std::uint8_t> state{0};
    Counter dials{0}, dial_failures{0}, closes{0};
    Counter messages{0}, bytes{0}, trades{0};
    Counter duplicates{0}, unknown_symbols{0}, history{0}, late{0};
    Counter events_dropped{0};
    Counter gaps_opened{0}, gaps_filled{0}, gaps_given_up{0}, gaps_open{0};  // the last is a gauge
    Counter handovers{0}, resubscribes{0};
    Counter backfilled{0};                              // trades that filled gaps
    const char* proof = "unprovable";                   // what the venue's trades prove; constant
    std::array<Counter, 16> bad_by_reason{};            // index BadReason
    std::array<Counter, kFrameKinds> frames_by_kind{};  // index FrameKind
    Counter symbols_wanted{0}, symbols_live{0}, symbols_refused{0};
    Counter last_data_unix_ns{0};  // receive time of the last data frame, 0 = none
    // Receive minus venue time of the last trade, ns, signed two's complement.
    std::atomic<std::int64_t> last_lag_ns{0};
    // Symbols that the venue refused, for people. The lock is never taken on the hot path.
    mutable std::mutex refused_lock;
    std::vector<std::string> refused;
};

}  // namespace spill
