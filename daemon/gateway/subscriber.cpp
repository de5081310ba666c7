#include "daemon/gateway/subscriber.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "connectors/link_stats.hpp"

namespace spill {
namespace {

constexpr std::size_t kBuffersPerSend = 64;
constexpr std::size_t kBytesPerSend = 256 * 1024;
constexpr std::size_t kKeptFront = 4096;  // capacity that a drained front may keep

}  // namespace

bool RateLimit::take(TimePoint now) noexcept {
    double const elapsed = std::chrono::duration<double>(now - last_).count();
    tokens_ = std::min(limit_, tokens_ + elapsed * limit_);
    last_ = now;
    if (tokens_ < 1.0) return false;
    tokens_ -= 1.0;
    return true;
}

Subscriber::Subscriber(boost::asio::ip::tcp::socket connected, const SignalLog& log,
                       const GatewayConfig& config)
    : socket(std::move(connected)),
      rate(config.messages_per_second),
      log_(&log),
      config_(&config),
      cursor_(log.next()),
      scanned_(log.next()) {}

void Subscriber::queue(std::string_view frame) {
    if (phase == Phase::Open) front_.append(frame);
}

void Subscriber::queue_close(std::uint16_t code, std::string_view reason, TimePoint deadline) {
    if (phase != Phase::Open) return;
    front_.append(make_close_frame(code, reason));
    phase = Phase::Closing;
    close_deadline = deadline;
}

bool Subscriber::wants(std::uint64_t sequence) const noexcept {
    const SignalLog::Entry& entry = log_->entry(sequence);
    return filter_.matches(entry.type, entry.key.view()) && filter_.worthy(entry.type, entry.worth);
}

void Subscriber::skip_unwanted() noexcept {
    while (cursor_ != scanned_ && !wants(cursor_)) ++cursor_;
}

void Subscriber::scan() noexcept {
    if (cursor_ < log_->oldest()) overrun_ = true;
    if (overrun_) return;
    for (; scanned_ != log_->next(); ++scanned_) {
        if (!wants(scanned_)) continue;
        ++waiting_;
        waiting_bytes_ += log_->entry(scanned_).size;
    }
    skip_unwanted();
}

void Subscriber::rescan() noexcept {
    waiting_ = 0;
    waiting_bytes_ = 0;
    scanned_ = cursor_;
    scan();
}

bool Subscriber::settle(GatewayStats& stats) {
    if (waiting_bytes_ > config_->outbox_bytes || front_bytes() > config_->outbox_bytes) {
        return false;
    }
    for (; cursor_ != scanned_; ++cursor_) {
        if (!wants(cursor_)) continue;
        auto const frame = log_->frame(cursor_);
        front_.append(frame.data(), frame.size());
        front_offset_ = log_->entry(cursor_).offset;
        bump(stats.frames_sent);
    }
    waiting_ = 0;
    waiting_bytes_ = 0;
    return true;
}

bool Subscriber::subscribe(const SubscriberRequest& request) {
    if (!filter_.add(request.types, request.keys)) return false;
    filter_.set_thresholds(request);
    cursor_ = log_->next();
    rescan();
    return true;
}

bool Subscriber::resume(const SubscriberRequest& request, std::uint64_t from) {
    if (!filter_.add(request.types, request.keys)) return false;
    filter_.set_thresholds(request);
    cursor_ = from;
    catch_up_ = log_->next();
    rescan();
    return true;
}

bool Subscriber::unsubscribe(const SubscriberRequest& request) {
    if (!filter_.remove(request.types, request.keys)) return false;
    rescan();
    return true;
}

// Neighbours in the log become one buffer.
std::size_t Subscriber::gather(std::span<iovec> out) const noexcept {
    std::size_t n = 0;
    std::size_t bytes = front_.size() - front_sent_;
    if (bytes != 0) {
        // sendmsg does not write through this pointer.
        out[n++] = iovec{const_cast<char*>(front_.data()) + front_sent_, bytes};
    }
    if (phase != Phase::Open || overrun_) return n;
    for (std::uint64_t i = cursor_; i != scanned_ && bytes < kBytesPerSend; ++i) {
        if (!wants(i)) continue;
        auto const frame = log_->frame(i);
        char* const begin = const_cast<char*>(frame.data());
        if (n != 0 && static_cast<char*>(out[n - 1].iov_base) + out[n - 1].iov_len == begin) {
            out[n - 1].iov_len += frame.size();
        } else if (n != out.size()) {
            out[n++] = iovec{begin, frame.size()};
        } else {
            break;
        }
        bytes += frame.size();
    }
    return n;
}

// Advances over `bytes` that the kernel took. The rest of a frame that was split is copied to the
// front, so that the log may overwrite it.
void Subscriber::consume(std::size_t bytes, GatewayStats& stats) {
    bump(stats.sends);
    bump(stats.bytes_sent, bytes);
    std::size_t const of_front = std::min(bytes, front_.size() - front_sent_);
    front_sent_ += of_front;
    bytes -= of_front;
    if (front_sent_ == front_.size()) {
        front_.clear();
        front_sent_ = 0;
        if (front_.capacity() > kKeptFront) front_ = std::string();
        last_offset = std::max(last_offset, front_offset_);
    }
    while (bytes != 0) {
        auto const frame = log_->frame(cursor_);
        std::size_t const taken = std::min(bytes, frame.size());
        front_.append(frame.data() + taken, frame.size() - taken);
        bytes -= taken;
        last_offset = log_->entry(cursor_).offset;
        --waiting_;
        waiting_bytes_ -= frame.size();
        bump(stats.frames_sent);
        ++cursor_;
        skip_unwanted();
    }
}

Subscriber::Sent Subscriber::send(TimePoint now, GatewayStats& stats) noexcept {
    std::array<iovec, kBuffersPerSend> buffers;
    for (;;) {
        std::size_t const n = gather(buffers);
        if (n == 0) {
            blocked_since_ = TimePoint{};
            return Sent::All;
        }
        msghdr message{};
        message.msg_iov = buffers.data();
        message.msg_iovlen = n;
        ssize_t const sent =
            ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            blocked_since_ = TimePoint{};
            consume(static_cast<std::size_t>(sent), stats);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return Sent::Broken;
        if (blocked_since_ == TimePoint{}) blocked_since_ = now;
        return Sent::Blocked;
    }
}

bool Subscriber::too_slow(TimePoint now) const noexcept {
    if (blocked_since_ != TimePoint{} && now - blocked_since_ > config_->outbox_age) return true;
    if (cursor_ < catch_up_) return false;
    if (waiting_ > config_->outbox_messages || waiting_bytes_ > config_->outbox_bytes) return true;
    return waiting_ != 0 && now - log_->entry(cursor_).at > config_->outbox_age;
}

void Subscriber::make_room() noexcept {
    boost::system::error_code ignored;
    socket.set_option(
        boost::asio::socket_base::send_buffer_size(config_->send_buffer_bytes + 32 * 1024),
        ignored);
}

void Subscriber::half_close() noexcept {
    if (half_closed_) return;
    half_closed_ = true;
    boost::system::error_code ignored;
    socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void Subscriber::kill() noexcept {
    boost::system::error_code ignored;
    socket.close(ignored);
    phase = Phase::Dead;
}

}  // namespace spill
