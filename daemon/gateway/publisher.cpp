#include "daemon/gateway/publisher.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <boost/asio/post.hpp>

#include "connectors/link_stats.hpp"

namespace spill {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr std::size_t kServesPerTurn = 256;   // then the event loop gets a turn
constexpr std::uint64_t kGatherAtMost = 128;  // signals before publish() flushes by itself
constexpr int kReadsPerTurn = 4;
constexpr auto kTick = 200ms;
constexpr auto kCloseGrace = 500ms;
constexpr auto kStopGrace = 300ms;

[[nodiscard]] UnixNanos wall_now() noexcept {
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    return UnixNanos{std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

[[nodiscard]] Subscriber::TimePoint steady_now() noexcept {
    return std::chrono::steady_clock::now();
}

void tune(tcp::socket& socket, const GatewayConfig& config) {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(boost::asio::socket_base::send_buffer_size(config.send_buffer_bytes / 2),
                      ignored);  // Linux doubles it
    socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    int const fd = socket.native_handle();
    int const idle_seconds = 30;
    int const unacknowledged_ms = 10'000;
    // A failure leaves the system's defaults, which are only slower to notice a dead peer.
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
                       sizeof unacknowledged_ms);
}

[[nodiscard]] CloseReason reason_of_failure(std::uint16_t code) noexcept {
    if (code == 1003) return CloseReason::Unsupported;
    if (code == 1007) return CloseReason::BadText;
    if (code == 1009) return CloseReason::TooBig;
    return CloseReason::Protocol;
}

[[nodiscard]] std::string with_offset(std::string_view word, std::uint64_t offset) {
    return std::string(word).append(" offset=").append(std::to_string(offset));
}

}  // namespace

Publisher::Publisher(boost::asio::io_context& io, const GatewayConfig& config,
                     const GatewayHooks& hooks, GatewayStats& stats,
                     std::atomic<std::size_t>& slots)
    : io_(io),
      config_(config),
      hooks_(hooks),
      stats_(stats),
      slots_(slots),
      log_(config.history_signals, config.history_bytes),
      states_(config.state_keys),
      names_(config.registry),
      tick_(io),
      envelope_(kMaxSignalBytes + kMaxEnvelopeBytes),
      receive_(kMaxInboundBytes) {
    subscribers_.reserve(config.max_subscribers);
}

void Publisher::adopt(UpgradedSocket upgraded) {
    tcp::socket socket(io_);
    boost::system::error_code error;
    socket.assign(upgraded.v6 ? tcp::v6() : tcp::v4(), upgraded.fd, error);
    if (error || stopping_) {
        if (error) ::close(upgraded.fd);
        slots_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    tune(socket, config_);
    auto subscriber = std::make_shared<Subscriber>(std::move(socket), log_, config_);
    subscribers_.push_back(subscriber);
    ++live_;
    stats_.subscribers.store(live_, std::memory_order_relaxed);
    subscriber->queue(make_frame(Opcode::Text, hello()));
    serve(subscriber);
    arm_tick();
    subscriber->reader.append(upgraded.leftover);
    read_frames(subscriber);
    wait_readable(subscriber);
}

void Publisher::publish(std::string_view body, const SignalFacts& facts) noexcept {
    last_offset_ = facts.offset;
    stats_.last_offset.store(facts.offset, std::memory_order_relaxed);
    bump(stats_.published);
    std::size_t const size = encode_envelope(body, config_.epoch, wall_now(), envelope_);
    if (size == 0) {
        bump(stats_.unencodable);
        return;
    }
    std::array<char, kMaxFrameHeader> header{};
    std::size_t const header_size = write_frame_header(Opcode::Text, size, header);
    SignalLog::Entry entry;
    entry.offset = facts.offset;
    entry.at = steady_now();
    entry.type = facts.type;
    entry.worth = worth_of(facts.type, facts.state, facts.prev, facts.score);
    entry.key = FixedText<56>(facts.key);
    log_.append(entry, std::string_view(header.data(), header_size),
                std::string_view(envelope_.data(), size));
    keep_state(body, facts, entry.worth);
    if (log_.next() - flushed_ >= kGatherAtMost) flush();
}

void Publisher::flush() noexcept {
    if (log_.next() == flushed_) return;
    flushed_ = log_.next();
    if (left_ == 0) ++position_;
    left_ = subscribers_.size();
    serve_some();
}

void Publisher::serve_some() {
    std::size_t const n = std::min(left_, kServesPerTurn);
    left_ -= n;
    for (std::size_t i = 0; i < n; ++i) {
        position_ = position_ + 1 < subscribers_.size() ? position_ + 1 : 0;
        serve(subscribers_[position_]);
    }
    if (left_ == 0 || round_posted_) return;
    round_posted_ = true;
    boost::asio::post(io_, [this] {
        round_posted_ = false;
        serve_some();
    });
}

void Publisher::serve(const Handle& subscriber) {
    Subscriber& s = *subscriber;
    if (s.phase == Subscriber::Phase::Dead) return;
    TimePoint const now = steady_now();
    s.scan();
    bool const open = s.phase == Subscriber::Phase::Open;
    if (open && s.overrun()) return close_slow(subscriber);
    switch (s.send(now, stats_)) {
        case Subscriber::Sent::Broken: return drop(subscriber);
        case Subscriber::Sent::All:
            if (!open) s.half_close();
            return;
        case Subscriber::Sent::Blocked:
            if (open && s.too_slow(now)) return close_slow(subscriber);
            return wait_writable(subscriber);
    }
}

void Publisher::wait_writable(const Handle& subscriber) {
    if (subscriber->write_waits) return;
    subscriber->write_waits = true;
    subscriber->socket.async_wait(tcp::socket::wait_write,
                                  [this, subscriber](boost::system::error_code error) {
                                      subscriber->write_waits = false;
                                      if (!error) serve(subscriber);
                                  });
}

void Publisher::wait_readable(const Handle& subscriber) {
    if (subscriber->phase == Subscriber::Phase::Dead) return;
    subscriber->socket.async_wait(tcp::socket::wait_read,
                                  [this, subscriber](boost::system::error_code error) {
                                      if (!error) on_readable(subscriber);
                                  });
}

void Publisher::on_readable(const Handle& subscriber) {
    for (int i = 0; i < kReadsPerTurn; ++i) {
        if (subscriber->phase == Subscriber::Phase::Dead) return;
        ssize_t const n = ::recv(subscriber->socket.native_handle(), receive_.data(),
                                 receive_.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (n <= 0) return drop(subscriber);
        // While we close, what still comes in is read and forgotten.
        if (subscriber->phase != Subscriber::Phase::Open) continue;
        subscriber->reader.append(std::string_view(receive_.data(), static_cast<std::size_t>(n)));
        read_frames(subscriber);
    }
    wait_readable(subscriber);
}

void Publisher::read_frames(const Handle& subscriber) {
    while (subscriber->phase == Subscriber::Phase::Open) {
        InboundFrame const frame = subscriber->reader.next();
        if (frame.event == FrameEvent::NeedMore || !on_frame(subscriber, frame)) return;
    }
}

bool Publisher::on_frame(const Handle& subscriber, const InboundFrame& frame) {
    if (frame.event != FrameEvent::Close && frame.event != FrameEvent::Fail &&
        !subscriber->rate.take(steady_now())) {
        close(subscriber, {1008, "too many messages", CloseReason::Policy});
        return false;
    }
    switch (frame.event) {
        case FrameEvent::NeedMore:
        case FrameEvent::Pong: return true;
        case FrameEvent::Text: return on_text(subscriber, frame.payload);
        case FrameEvent::Ping:
            subscriber->queue(make_frame(Opcode::Pong, frame.payload));
            serve(subscriber);
            return true;
        case FrameEvent::Close: {
            auto const reason = frame.code == 1001 ? CloseReason::GoingAway : CloseReason::Normal;
            close(subscriber, {frame.code, {}, reason});
            return false;
        }
        case FrameEvent::Fail:
            close(subscriber, {frame.code, {}, reason_of_failure(frame.code)});
            return false;
    }
    return false;
}

void Publisher::close(const Handle& subscriber, const Closing& how) {
    if (subscriber->phase != Subscriber::Phase::Open) return;
    bump(stats_.closes[static_cast<std::size_t>(how.reason)]);
    subscriber->queue_close(how.code, how.text, steady_now() + kCloseGrace);
    serve(subscriber);
}

void Publisher::close_slow(const Handle& subscriber) {
    subscriber->make_room();
    close(subscriber, {4408, with_offset("slow", subscriber->last_offset), CloseReason::Slow});
}

void Publisher::drop(const Handle& subscriber) {
    if (subscriber->phase == Subscriber::Phase::Dead) return;
    if (subscriber->phase == Subscriber::Phase::Open) {
        bump(stats_.closes[static_cast<std::size_t>(CloseReason::Abnormal)]);
    }
    subscriber->kill();
    --live_;
    stats_.subscribers.store(live_, std::memory_order_relaxed);
    slots_.fetch_sub(1, std::memory_order_relaxed);
    if (stopping_ && live_ == 0) tick_.cancel();
}

void Publisher::arm_tick() {
    if (ticking_) return;
    ticking_ = true;
    tick_.expires_after(kTick);
    tick_.async_wait([this](boost::system::error_code error) {
        ticking_ = false;
        if (!error) on_tick();
    });
}

void Publisher::on_tick() {
    ++ticks_;
    auto const beats = static_cast<std::uint64_t>(std::max<std::int64_t>(
        1, config_.heartbeat / std::chrono::duration_cast<std::chrono::milliseconds>(kTick)));
    TimePoint const now = steady_now();
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
        Handle const subscriber = subscribers_[i];  // serving does not change the list
        bool const closing = subscriber->phase == Subscriber::Phase::Closing;
        if (closing && now >= subscriber->close_deadline) {
            drop(subscriber);
        } else if (subscriber->write_waits) {
            serve(subscriber);  // judges how long it has been blocked
        } else if (i % beats == ticks_ % beats) {
            heartbeat(subscriber);
        }
    }
    std::erase_if(subscribers_,
                  [](const Handle& s) { return s->phase == Subscriber::Phase::Dead; });
    left_ = std::min(left_, subscribers_.size());
    if (!subscribers_.empty()) arm_tick();
}

// Only to a subscriber that has everything: a heartbeat must not overtake the signals that it
// counts.
void Publisher::heartbeat(const Handle& subscriber) {
    Subscriber& s = *subscriber;
    if (s.phase != Subscriber::Phase::Open || !s.subscribed()) return;
    s.scan();
    if (!s.overrun() && s.caught_up()) {
        s.queue(make_frame(Opcode::Text, make_heartbeat(last_offset_, wall_now())));
    }
    serve(subscriber);
}

void Publisher::stop() {
    if (stopping_) return;
    stopping_ = true;
    for (const Handle& subscriber : subscribers_) {
        if (subscriber->phase != Subscriber::Phase::Open) continue;
        serve(subscriber);
        if (subscriber->phase != Subscriber::Phase::Open) continue;
        close(subscriber, {1001, with_offset("stopping", last_offset_), CloseReason::GoingAway});
        subscriber->close_deadline = steady_now() + kStopGrace;
    }
    if (live_ == 0) tick_.cancel();
}

}  // namespace spill
