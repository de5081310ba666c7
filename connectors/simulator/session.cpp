// The one translation unit of the simulator that sees Beast.
#include "connectors/simulator/session.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace spill::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;
using Ec = boost::system::error_code;

constexpr std::size_t kMaxMessage = 64U << 10U;

template <class Stream>
class StreamSession final : public Session,
                            public std::enable_shared_from_this<StreamSession<Stream>> {
public:
    StreamSession(std::weak_ptr<Host> host, Stream stream)
        : host_(std::move(host)), ws_(std::move(stream)) {
        ws_.read_message_max(kMaxMessage);
        ws_.auto_fragment(false);
        ws_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
            if (kind == websocket::frame_type::pong) on_pong({payload.data(), payload.size()});
        });
    }

    void start() override {
        if constexpr (requires(Stream& s) { s.handshake(asio::ssl::stream_base::server); }) {
            ws_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                             [self = this->shared_from_this()](Ec ec) {
                                                 if (!ec) self->read_request();
                                             });
        } else {
            read_request();
        }
    }

    void close() override {
        Ec ignored;
        beast::get_lowest_layer(ws_).close(ignored);
    }

protected:
    void enqueue(Item item) override {
        if (!open) return;
        outbox_.push_back(std::move(item));
        if (!writing_) write_next();
    }

private:
    using Self = std::shared_ptr<StreamSession>;

    void read_request() {
        http::async_read(ws_.next_layer(), buffer_, request_,
                         [self = this->shared_from_this()](Ec ec, std::size_t) {
                             if (!ec) self->upgrade();
                         });
    }

    void upgrade() {
        std::shared_ptr<Host> const host = host_.lock();
        if (!host) return;
        auto const target = request_.target();
        booth = host->booth_of({target.data(), target.size()});
        if (!websocket::is_upgrade(request_)) {
            return reply(host->rest({target.data(), target.size()}));
        }
        if (host->cut_off()) return close();
        if (booth == nullptr) return reply({.status = 404});
        ws_.async_accept(request_, [self = this->shared_from_this()](Ec ec) {
            std::shared_ptr<Host> const owner = self->host_.lock();
            if (ec || !owner) return;
            self->buffer_.clear();
            self->ws_.text(true);
            self->open = true;
            owner->opened(*self);
            self->read();
        });
    }

    void reply(RestReply reply) {
        response_.result(static_cast<unsigned>(reply.status));
        if (!reply.retry_after.empty()) {
            response_.set(http::field::retry_after, reply.retry_after);
        }
        response_.body() = std::move(reply.body);
        response_.keep_alive(false);
        response_.prepare_payload();
        http::async_write(ws_.next_layer(), response_,
                          [self = this->shared_from_this()](Ec, std::size_t) { self->close(); });
    }

    void read() {
        ws_.async_read(buffer_, [self = this->shared_from_this()](Ec ec, std::size_t) {
            std::shared_ptr<Host> const host = self->host_.lock();
            if (ec || !host) return self->finish();
            auto const data = self->buffer_.data();
            host->received(*self, {static_cast<const char*>(data.data()), data.size()});
            self->buffer_.clear();
            self->read();
        });
    }

    void write_next() {
        if (outbox_.empty() || !open) {
            writing_ = false;
            return;
        }
        writing_ = true;
        Item const item = std::move(outbox_.front());
        outbox_.pop_front();
        // `item.text` lives in the handler until the operation is over.
        auto done = [self = this->shared_from_this(), text = item.text](Ec ec, std::size_t = 0) {
            if (ec) {
                self->writing_ = false;
                return self->finish();
            }
            self->write_next();
        };
        if (item.clock != 0) {
            websocket::ping_data payload;
            payload.assign(item.text->data(), item.text->size());
            ws_.async_ping(payload, std::move(done));
        } else {
            ws_.async_write(asio::buffer(*item.text), std::move(done));
        }
    }

    void on_pong(std::string_view payload) noexcept {
        if (!payload.starts_with(kClockPrefix)) return;
        payload.remove_prefix(kClockPrefix.size());
        std::int64_t clock = 0;
        std::from_chars(payload.data(), payload.data() + payload.size(), clock);
        answered_clock = std::max(answered_clock, clock);
        waiting_since = std::chrono::steady_clock::now();
    }

    void finish() {
        if (!open) return;
        open = false;
        outbox_.clear();
        if (std::shared_ptr<Host> const host = host_.lock()) host->closed(*this);
        close();
    }

    std::weak_ptr<Host> host_;
    websocket::stream<Stream> ws_;
    beast::flat_buffer buffer_;
    http::request<http::empty_body> request_;
    http::response<http::string_body> response_;
    std::deque<Item> outbox_;
    bool writing_ = false;
};

}  // namespace

class Listener::Impl final : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, const ExchangeOptions& options) : acceptor_(io) {
        if (!options.certificate_file.empty()) {
            Ec ec;
            tls_.emplace(asio::ssl::context::tls_server);
            tls_->use_certificate_chain_file(options.certificate_file, ec);
            if (!ec) tls_->use_private_key_file(options.key_file, asio::ssl::context::pem, ec);
            if (ec) throw std::runtime_error("simulator certificate: " + ec.message());
        }
        listen(options.port);
    }

    std::uint16_t port() const noexcept {
        Ec ec;
        return acceptor_.local_endpoint(ec).port();
    }

    void accept(std::weak_ptr<Host> host) {
        acceptor_.async_accept(
            [self = shared_from_this(), host = std::move(host)](Ec ec, tcp::socket socket) {
                std::shared_ptr<Host> const owner = host.lock();
                if (!owner || !self->acceptor_.is_open()) return;
                if (!ec) self->welcome(host, *owner, std::move(socket));
                self->accept(host);
            });
    }

    void stop() {
        Ec ignored;
        acceptor_.close(ignored);
    }

private:
    void listen(std::uint16_t port) {
        Ec ec;
        tcp::endpoint const endpoint(asio::ip::address_v4::loopback(), port);
        acceptor_.open(endpoint.protocol(), ec);
        if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
        if (!ec) acceptor_.bind(endpoint, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec) {
            throw std::runtime_error("the simulator cannot listen on 127.0.0.1:" +
                                     std::to_string(port) + ": " + ec.message());
        }
    }

    void welcome(const std::weak_ptr<Host>& host, Host& owner, tcp::socket socket) {
        Ec ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::shared_ptr<Session> session;
        if (tls_) {
            using Stream = asio::ssl::stream<tcp::socket>;
            session =
                std::make_shared<StreamSession<Stream>>(host, Stream(std::move(socket), *tls_));
        } else {
            session = std::make_shared<StreamSession<tcp::socket>>(host, std::move(socket));
        }
        owner.accepted(session);
        session->start();
    }

    tcp::acceptor acceptor_;
    std::optional<asio::ssl::context> tls_;
};

Listener::Listener(asio::io_context& io, const ExchangeOptions& options)
    : impl_(std::make_shared<Impl>(io, options)) {}
Listener::~Listener() { impl_->stop(); }
std::uint16_t Listener::port() const noexcept { return impl_->port(); }
void Listener::start(std::weak_ptr<Host> host) { impl_->accept(std::move(host)); }
void Listener::stop() { impl_->stop(); }

}  // namespace spill::sim
