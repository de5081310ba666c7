// Owns all subscribers and the log that they read. Everything runs on the publishing thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/names.hpp"
#include "daemon/gateway/protocol.hpp"
#include "daemon/gateway/request_reader.hpp"
#include "daemon/gateway/resume.hpp"
#include "daemon/gateway/signal_log.hpp"
#include "daemon/gateway/state_table.hpp"
#include "daemon/gateway/subscriber.hpp"

namespace spill {

// A connection that has been upgraded, on its way from the listener.
struct UpgradedSocket {
    int fd = -1;
    bool v6 = false;
    std::string leftover;  // bytes that the subscriber sent right behind its request
};

class Publisher {
public:
    // `slots` counts upgraded sockets; the listener takes one each, we give it back.
    Publisher(boost::asio::io_context& io, const GatewayConfig& config, const GatewayHooks& hooks,
              GatewayStats& stats, std::atomic<std::size_t>& slots);
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;
    ~Publisher() = default;

    void adopt(UpgradedSocket upgraded);
    void publish(std::string_view body, const SignalFacts& facts) noexcept;
    void flush() noexcept;
    void stop();

private:
    using Handle = std::shared_ptr<Subscriber>;
    using TimePoint = Subscriber::TimePoint;

    void serve(const Handle& subscriber);
    void serve_some();
    void wait_readable(const Handle& subscriber);
    void wait_writable(const Handle& subscriber);
    void on_readable(const Handle& subscriber);
    void read_frames(const Handle& subscriber);
    // Each returns false when the subscriber is not to be read any more.
    bool on_frame(const Handle& subscriber, const InboundFrame& frame);
    bool on_text(const Handle& subscriber, std::string_view text);
    // In publisher_requests.cpp.
    [[nodiscard]] std::string hello() const;
    [[nodiscard]] StreamPosition position() const noexcept;
    [[nodiscard]] bool change(Subscriber& subscriber, SubscriberRequest& request,
                              Rejection& rejection);
    void answer_resume(const Handle& subscriber, SubscriberRequest& request);
    void send_snapshot(Subscriber& subscriber, const SubscriberRequest& request);
    void keep_state(std::string_view body, const SignalFacts& facts,
                    const SignalWorth& worth) noexcept;
    struct Closing {
        std::uint16_t code = 1000;
        std::string text;
        CloseReason reason = CloseReason::Normal;
    };
    void close(const Handle& subscriber, const Closing& how);
    void close_slow(const Handle& subscriber);
    void drop(const Handle& subscriber);
    void arm_tick();
    void on_tick();
    void heartbeat(const Handle& subscriber);

    boost::asio::io_context& io_;
    const GatewayConfig& config_;
    const GatewayHooks& hooks_;
    GatewayStats& stats_;
    std::atomic<std::size_t>& slots_;
    SignalLog log_;
    StateTable states_;
    bool states_complete_ = true;
    Names names_;
    RequestReader requests_;
    std::vector<Handle> subscribers_;  // dead ones stay until the next tick
    std::size_t live_ = 0;
    boost::asio::steady_timer tick_;
    bool ticking_ = false;
    bool stopping_ = false;
    std::uint64_t ticks_ = 0;
    std::uint64_t flushed_ = 0;      // log entries that flush() has offered to everyone
    std::uint64_t last_offset_ = 0;  // of the last signal published
    std::size_t position_ = 0;       // whose turn it is; rotates, so that nobody is always last
    std::size_t left_ = 0;           // subscribers to be served in this round
    bool round_posted_ = false;
    std::vector<char> envelope_;  // scratch of publish()
    std::vector<char> receive_;   // scratch of on_readable(), shared by all
};

}  // namespace spill
