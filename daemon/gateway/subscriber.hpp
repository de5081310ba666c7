// One bot on our websocket: its socket, what it wants, and how far it has got.
//
// Owned by the publisher and used on its thread only. Sending is a plain non-blocking sendmsg of
// whatever has gathered; only a full kernel buffer involves the event loop.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "daemon/gateway/filter.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/signal_log.hpp"
#include "daemon/gateway/ws_frame.hpp"

namespace spill {

// Counts messages against a rate: `limit` at once, refilled over a second.
class RateLimit {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    explicit RateLimit(int limit) noexcept : limit_(limit), tokens_(limit) {}
    // False when the message is one too many.
    [[nodiscard]] bool take(TimePoint now) noexcept;

private:
    double limit_;
    double tokens_;
    TimePoint last_{};
};

class Subscriber {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    enum class Phase : std::uint8_t {
        Open,
        Closing,  // our close frame is queued or sent; nothing else follows it
        Dead      // the socket is closed
    };
    enum class Sent : std::uint8_t {
        All,      // nothing is left to send
        Blocked,  // the kernel takes no more for now
        Broken    // the connection is gone
    };

    // REQUIRES `log` and `config` to outlive every call. The socket must be non-blocking.
    Subscriber(boost::asio::ip::tcp::socket socket, const SignalLog& log,
               const GatewayConfig& config);

    // Takes a control frame or an answer into what goes out next.
    void queue(std::string_view frame);
    // Queues a close frame behind what the kernel already has a part of; signals that wait are
    // not sent any more. The phase becomes Closing.
    void queue_close(std::uint16_t code, std::string_view reason, TimePoint deadline);

    // Brings the figures of what waits up to date with the log.
    void scan() noexcept;
    // Sends as much as the kernel takes. REQUIRES scan() since the log last changed.
    [[nodiscard]] Sent send(TimePoint now, GatewayStats& stats) noexcept;
    // True when more waits, or for longer, than a subscriber may have. REQUIRES scan().
    [[nodiscard]] bool too_slow(TimePoint now) const noexcept;
    // True when the log has overwritten what this subscriber has not got. REQUIRES scan().
    [[nodiscard]] bool overrun() const noexcept { return overrun_; }
    // True when nothing at all waits. REQUIRES scan().
    [[nodiscard]] bool caught_up() const noexcept { return waiting_ == 0 && front_.empty(); }

    // Bytes that are to go before any signal of the log.
    [[nodiscard]] std::size_t front_bytes() const noexcept { return front_.size() - front_sent_; }
    // Puts the signals that wait in front, so that an answer stands behind them and what the
    // filter selects from then on is later than the answer. False when more waits than a
    // subscriber may have. REQUIRES scan() and no overrun.
    [[nodiscard]] bool settle(GatewayStats& stats);

    // All: true when the filter accepted the change. REQUIRES settle(). A subscription starts at
    // the log's end: nothing published earlier is sent.
    [[nodiscard]] bool subscribe(const SubscriberRequest& request);
    [[nodiscard]] bool unsubscribe(const SubscriberRequest& request);
    // Starts with the entry `from` of the log; until it has reached what is the log's end now,
    // only the kernel's refusal and the log's own bound make it slow.
    [[nodiscard]] bool resume(const SubscriberRequest& request, std::uint64_t from);
    [[nodiscard]] const SignalFilter& filter() const noexcept { return filter_; }
    [[nodiscard]] bool subscribed() const noexcept { return !filter_.empty(); }

    // Lets the kernel hold a little more, so that a close frame gets in behind a full buffer.
    void make_room() noexcept;
    // Shuts our sending side down, once; the peer sees the end after the close frame.
    void half_close() noexcept;
    void kill() noexcept;

    boost::asio::ip::tcp::socket socket;
    FrameReader reader{kMaxInboundBytes};
    RateLimit rate;
    Phase phase = Phase::Open;
    bool write_waits = false;  // an asynchronous wait for writability is pending
    TimePoint close_deadline{};
    std::uint64_t last_offset = 0;  // of the last signal handed to the kernel for it

private:
    [[nodiscard]] bool wants(std::uint64_t sequence) const noexcept;
    void rescan() noexcept;
    void skip_unwanted() noexcept;
    std::size_t gather(std::span<iovec> out) const noexcept;
    void consume(std::size_t bytes, GatewayStats& stats);

    const SignalLog* log_;
    const GatewayConfig* config_;
    SignalFilter filter_;
    std::string front_;               // goes first: control frames, the rest of a split frame
    std::size_t front_sent_ = 0;      // bytes of front_ that the kernel has
    std::uint64_t front_offset_ = 0;  // of the last signal that settle() put there
    std::uint64_t catch_up_ = 0;      // entries before it are a resume's
    TimePoint blocked_since_{};  // when the kernel last refused without progress; 0 = it did not
    std::uint64_t cursor_;       // first log entry that is not sent and is wanted, or scanned_
    std::uint64_t scanned_;      // entries before it are in the figures below
    std::size_t waiting_ = 0;    // wanted entries in [cursor_, scanned_)
    std::size_t waiting_bytes_ = 0;
    bool overrun_ = false;
    bool half_closed_ = false;
};

}  // namespace spill
