// The face of the daemon: one listening socket, plain HTTP questions, and the signal stream.
//
// Two threads: the `ops` io_context accepts, admits and answers HTTP; after a successful upgrade
// the socket moves to the `pub` io_context, which owns every subscriber. Nothing that a stranger
// sends over HTTP runs on the publishing thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/instrument.hpp"
#include "core/signal.hpp"

namespace boost::asio {
class io_context;
}

namespace spill {

struct GatewayConfig {
    std::string address = "127.0.0.1";  // IP literal
    std::uint16_t port = 8787;          // 0 = any free port (see Gateway::port)
    std::size_t max_subscribers = 1024;
    std::vector<std::string> allowed_origins;  // further web origins, exact text; ours is allowed
    std::string version;                       // of the daemon, for hello
    std::string epoch;  // identity of this signal stream: at most 64 of letters, digits, '-'
    std::string cfg;    // configuration hash, for hello
    // Bounds of one subscriber; beyond any of them it is closed with 4408.
    std::size_t outbox_messages = 256;
    std::size_t outbox_bytes = 1U << 20U;
    std::chrono::milliseconds outbox_age{2000};
    int send_buffer_bytes = 64 * 1024;  // SO_SNDBUF: what the kernel may hold back for it
    std::chrono::milliseconds heartbeat{5000};
    int messages_per_second = 20;  // that a subscriber may send
    // Names that subscribers may use; must outlive the gateway. Without it every key is taken.
    const Registry* registry = nullptr;
    std::size_t state_keys = 4096;  // keys whose current state is kept for snapshots
    // What a resume can get: the last signals, by number and by bytes of their frames.
    std::size_t history_signals = 4096;
    std::size_t history_bytes = 4U << 20U;
};

struct Readiness {
    bool ready = false;
    std::vector<std::string> reasons;  // why not, one line each
};
// {"ready":false,"reasons":["link kraken is backoff"]}
[[nodiscard]] std::string readiness_json(const Readiness& readiness);

struct GatewayHooks {
    std::function<std::string()> metrics_text;  // body of /metrics; ops thread
    std::function<Readiness()> ready;           // /readyz and hello; either thread
};

// What the gateway has to know about a signal besides its body.
struct SignalFacts {
    std::uint64_t offset = 0;
    SignalType type = SignalType::Health;
    std::string_view key{};
    std::string_view state{};  // empty: the signal is no state of anything
    std::string_view prev{};
    double score = std::numeric_limits<double>::quiet_NaN();  // NaN = none
};

// Why a request was refused; to_string is a metric label.
enum class Refusal : std::uint8_t {
    None,
    Deadline,   // the request was not complete in time
    Evicted,    // too many half-sent requests: the oldest goes
    TooLarge,   // header beyond its bound
    Malformed,  // not HTTP/1.x, or a header that is not one
    Method,
    Body,
    Host,
    Origin,
    Path,
    Version,     // of the websocket protocol, or a broken handshake
    Limit,       // as many subscribers as allowed
    Descriptors  // as many sockets as the process may have
};
inline constexpr int kRefusals = 13;
[[nodiscard]] const char* to_string(Refusal refusal) noexcept;

// Why a subscriber is gone; to_string is the close code, a metric label.
enum class CloseReason : std::uint8_t {
    Normal,       // 1000, the subscriber asked
    GoingAway,    // 1001, we stop, or the subscriber left
    Protocol,     // 1002
    Unsupported,  // 1003, a binary message
    Abnormal,     // 1006, the connection broke without a close
    BadText,      // 1007, not UTF-8
    Policy,       // 1008, too many messages
    TooBig,       // 1009
    Slow,         // 4408
    Future        // 4400, a resume from an offset that has not been published
};
inline constexpr int kCloseReasons = 10;
[[nodiscard]] const char* to_string(CloseReason reason) noexcept;

// Written by the ops thread (requests, refusals) or the publishing thread (the rest), read by the
// scraper. Relaxed.
struct GatewayStats {
    using Counter = std::atomic<std::uint64_t>;
    std::array<Counter, kRefusals> refused{};
    std::array<Counter, kCloseReasons> closes{};
    Counter http_requests{0};  // answered with 200 or 503
    Counter upgrades{0};
    Counter subscribers{0};  // open now
    Counter published{0};    // signals given to publish()
    Counter frames_sent{0};  // signal frames handed to the kernel, over all subscribers
    Counter bytes_sent{0};
    Counter sends{0};  // write system calls
    Counter requests_in{0};
    Counter rejects_out{0};
    Counter unencodable{0};  // bodies that publish() could not frame
    Counter last_offset{0};
    Counter snapshots{0};       // sent
    Counter resumed{0};         // resumes that got everything they missed
    Counter not_resumed{0};     // resumes that were told that they missed something
    Counter states_dropped{0};  // signals whose state found no room
};

class Gateway {
public:
    // REQUIRES both contexts to outlive the gateway, each run by one thread (or both by one).
    Gateway(boost::asio::io_context& ops, boost::asio::io_context& pub, GatewayConfig config,
            GatewayHooks hooks);
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    // REQUIRES that no thread runs the contexts any more, or that they have run dry after stop().
    ~Gateway();

    // Binds and starts to accept. Unavailable when the port is in use, with the remedy.
    Result<void> listen();
    // The port that listen() got.
    [[nodiscard]] std::uint16_t port() const noexcept;

    // Publishing thread only. Frames the body of encode_signal() once, for all; offsets ascend.
    // Nothing is sent before flush(), except when much has gathered.
    void publish(std::string_view body, const SignalFacts& facts) noexcept;
    // Publishing thread only. Sends what has gathered; once per drained batch.
    void flush() noexcept;

    // Any thread, idempotent. Stops accepting, closes every subscriber with 1001 and the final
    // offset; within 0.5 s nothing of the gateway is left in either context.
    void stop();

    [[nodiscard]] const GatewayStats& stats() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
