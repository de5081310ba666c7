#include "daemon/gateway/listener.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "connectors/link_stats.hpp"

namespace spill {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr auto kRequestDeadline = 2s;
constexpr auto kLinger = 300ms;       // for the peer to read the answer
constexpr auto kAcceptPause = 100ms;  // after running out of descriptors
constexpr auto kMetricsAge = 250ms;   // a scrape storm gets the same text
constexpr std::size_t kMaxConnections = 512;
constexpr std::size_t kReservedDescriptors = 48;  // venue links, files, queues, the terminal

[[nodiscard]] std::size_t descriptor_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 20U));
}

[[nodiscard]] std::string_view headers_of_refusal(int status) noexcept {
    switch (status) {
        case 405: return "Allow: GET\r\n";
        case 426: return "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        case 503: return "Retry-After: 1\r\n";
    }
    return {};
}

[[nodiscard]] std::string refusal_text(int status, std::string_view why) {
    std::string const body = std::string(why).append("\n");
    return make_reply(HttpReply{.status = status,
                                .content_type = "text/plain; charset=utf-8",
                                .extra = headers_of_refusal(status),
                                .body = body});
}

}  // namespace

// One request: read, judge, answer (or hand over), close.
class Listener::Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Listener& listener, tcp::socket socket)
        : listener_(listener), socket_(std::move(socket)), deadline_(listener.io_) {}

    void start() {
        expire_after(kRequestDeadline);
        read();
    }

    [[nodiscard]] bool reading() const noexcept { return reading_; }

    void close() noexcept {
        boost::system::error_code ignored;
        socket_.close(ignored);
        deadline_.cancel();
    }

    Connections::iterator place;

private:
    void expire_after(std::chrono::milliseconds time) {
        deadline_.expires_after(time);
        deadline_.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error || !self->socket_.is_open()) return;
            if (self->reading_) self->listener_.refuse(Refusal::Deadline);
            self->listener_.remove(*self);
        });
    }

    void read() {
        socket_.async_read_some(
            boost::asio::buffer(buffer_.data() + size_, buffer_.size() - size_),
            [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
                if (!self->socket_.is_open()) return;
                if (error) return self->listener_.remove(*self);
                self->size_ += n;
                self->on_bytes();
            });
    }

    void on_bytes() {
        HttpRequest request;
        switch (parse_request(std::string_view(buffer_.data(), size_), request)) {
            case HttpParse::NeedMore: return read();
            case HttpParse::TooLarge:
                listener_.refuse(Refusal::TooLarge);
                return reply(refusal_text(431, "a request has at most 4096 bytes"));
            case HttpParse::Malformed:
                listener_.refuse(Refusal::Malformed);
                return reply(refusal_text(400, "this is not a request that HTTP/1.1 allows"));
            case HttpParse::Done: return judge(request);
        }
    }

    void judge(const HttpRequest& request) {
        boost::system::error_code error;
        tcp::endpoint const local = socket_.local_endpoint(error);
        if (error) return listener_.remove(*this);
        std::string const address = local.address().to_string();
        Verdict const verdict =
            admit(request, AdmitContext{.local_address = address,
                                        .port = local.port(),
                                        .allowed_origins = listener_.config_.allowed_origins,
                                        .subscribers = listener_.slots_.load(),
                                        .max_subscribers = listener_.config_.max_subscribers});
        bool const upgrade = verdict.refusal == Refusal::None && verdict.route == Route::Stream;
        if (!upgrade) return reply(listener_.answer(verdict));
        std::string_view const subprotocol = request.lists("Sec-WebSocket-Protocol", kProtocolName)
                                                 ? kProtocolName
                                                 : std::string_view{};
        leftover_.assign(buffer_.data() + request.size, size_ - request.size);
        switch_protocol(make_switch_reply(*request.find("Sec-WebSocket-Key"), subprotocol),
                        local.address().is_v6());
    }

    void reply(std::string text) {
        reading_ = false;
        reply_ = std::move(text);
        boost::asio::async_write(
            socket_, boost::asio::buffer(reply_),
            [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                if (!self->socket_.is_open()) return;
                if (error) return self->listener_.remove(*self);
                boost::system::error_code ignored;
                self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
                self->expire_after(kLinger);
                self->drain();
            });
    }

    // Closing with unread bytes would reset the connection and take the answer with it.
    void drain() {
        socket_.async_read_some(
            boost::asio::buffer(buffer_),
            [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                if (!self->socket_.is_open()) return;
                if (error) return self->listener_.remove(*self);
                self->drain();
            });
    }

    void switch_protocol(std::string text, bool v6) {
        reading_ = false;
        reply_ = std::move(text);
        listener_.slots_.fetch_add(1, std::memory_order_relaxed);
        boost::asio::async_write(
            socket_, boost::asio::buffer(reply_),
            [self = shared_from_this(), v6](boost::system::error_code error, std::size_t) {
                bool const open = self->socket_.is_open();
                if (error || !open) {
                    self->listener_.slots_.fetch_sub(1, std::memory_order_relaxed);
                    if (open) self->listener_.remove(*self);
                    return;
                }
                self->hand_over(v6);
            });
    }

    void hand_over(bool v6) {
        boost::system::error_code error;
        int const fd = socket_.release(error);
        if (error) {
            listener_.slots_.fetch_sub(1, std::memory_order_relaxed);
            return listener_.remove(*this);
        }
        bump(listener_.stats_.upgrades);
        listener_.upgrade_(UpgradedSocket{.fd = fd, .v6 = v6, .leftover = std::move(leftover_)});
        listener_.remove(*this);
    }

    Listener& listener_;
    tcp::socket socket_;
    boost::asio::steady_timer deadline_;
    bool reading_ = true;
    std::array<char, kMaxRequestBytes> buffer_{};
    std::size_t size_ = 0;
    std::string reply_;
    std::string leftover_;
};

Listener::Listener(boost::asio::io_context& io, const GatewayConfig& config,
                   const GatewayHooks& hooks, GatewayStats& stats, std::atomic<std::size_t>& slots,
                   Upgrade upgrade)
    : io_(io),
      config_(config),
      hooks_(hooks),
      stats_(stats),
      slots_(slots),
      upgrade_(std::move(upgrade)),
      acceptor_(io),
      retry_(io) {}

Listener::~Listener() = default;

Result<void> Listener::listen() {
    boost::system::error_code error;
    auto const address = boost::asio::ip::make_address(config_.address, error);
    if (error) {
        return fail(Errc::InvalidArgument,
                    "gateway address is not an IP literal: " + config_.address);
    }
    if (!address.is_loopback()) {
        return fail(Errc::InvalidArgument, "gateway address must be 127.0.0.1 or ::1, not " +
                                               config_.address +
                                               ": others need a key and TLS, which are not there");
    }
    tcp::endpoint const endpoint(address, config_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(4096, error);
    if (error) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        std::string const where = config_.address + ":" + std::to_string(config_.port);
        if (error == boost::asio::error::address_in_use) {
            return fail(Errc::Unavailable,
                        where +
                            " is in use: stop the program that listens there or choose "
                            "another gateway port");
        }
        return fail(Errc::System, "cannot listen on " + where + ": " + error.message());
    }
    port_ = acceptor_.local_endpoint().port();
    std::size_t const limit = descriptor_limit();
    max_sockets_ = limit > 2 * kReservedDescriptors ? limit - kReservedDescriptors : limit / 4;
    boost::asio::post(io_, [this] { accept(); });
    return {};
}

void Listener::accept() {
    if (stopped_) return;
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
        on_accept(error, std::move(socket));
    });
}

void Listener::on_accept(boost::system::error_code error, tcp::socket socket) {
    if (stopped_) return;
    if (error == boost::asio::error::connection_aborted) return accept();
    if (error) return pause_accepting();
    if (make_space()) {
        connections_.push_back(std::make_shared<Connection>(*this, std::move(socket)));
        auto const connection = connections_.back();
        connection->place = std::prev(connections_.end());
        connection->start();
    } else {
        refuse(Refusal::Descriptors);
    }
    accept();
}

// Out of descriptors or buffers: the socket stays acceptable, so that trying at once would spin.
void Listener::pause_accepting() {
    refuse(Refusal::Descriptors);
    retry_.expires_after(kAcceptPause);
    retry_.async_wait([this](boost::system::error_code error) {
        if (!error) accept();
    });
}

// Room for one connection more; false when only subscribers could make it.
bool Listener::make_space() {
    if (connections_.size() + slots_.load(std::memory_order_relaxed) >= max_sockets_) {
        return evict_oldest(Refusal::Descriptors);
    }
    if (connections_.size() < kMaxConnections) return true;
    return evict_oldest(Refusal::Evicted);
}

bool Listener::evict_oldest(Refusal why) {
    auto const oldest =
        std::find_if(connections_.begin(), connections_.end(),
                     [](const std::shared_ptr<Connection>& c) { return c->reading(); });
    if (oldest == connections_.end()) return false;
    refuse(why);
    remove(**oldest);
    return true;
}

void Listener::refuse(Refusal refusal) noexcept {
    bump(stats_.refused[static_cast<std::size_t>(refusal)]);
}

void Listener::remove(Connection& connection) {
    connection.close();
    if (connection.place != connections_.end()) {
        auto const place = connection.place;
        connection.place = connections_.end();
        connections_.erase(place);
    }
}

const std::string& Listener::metrics_text() {
    auto const now = std::chrono::steady_clock::now();
    if (metrics_.empty() || now - metrics_at_ > kMetricsAge) {
        metrics_ = hooks_.metrics_text ? hooks_.metrics_text() : std::string();
        metrics_at_ = now;
    }
    return metrics_;
}

std::string Listener::answer(const Verdict& verdict) {
    if (verdict.refusal != Refusal::None) {
        refuse(verdict.refusal);
        return refusal_text(verdict.status, verdict.why);
    }
    bump(stats_.http_requests);
    if (verdict.route == Route::Metrics) {
        return make_reply(HttpReply{.status = 200,
                                    .content_type = "text/plain; version=0.0.4; charset=utf-8",
                                    .extra = {},
                                    .body = metrics_text()});
    }
    if (verdict.route == Route::Healthz) {
        return make_reply(HttpReply{.extra = {}, .body = "ok\n"});
    }
    Readiness const readiness = hooks_.ready ? hooks_.ready() : Readiness{};
    std::string const body = readiness_json(readiness) + "\n";
    return make_reply(HttpReply{.status = readiness.ready ? 200 : 503,
                                .content_type = "application/json",
                                .extra = {},
                                .body = body});
}

void Listener::stop() {
    if (stopped_) return;
    stopped_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    while (!connections_.empty()) remove(*connections_.front());
}

}  // namespace spill
