#include "connectors/transport.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <deque>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "connectors/codec.hpp"  // kPadding
#include "connectors/transport_tls.hpp"

namespace spill {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

using net::Endpoint;
using net::Resolver;
using net::Socket;
using net::Timer;
using net::tune;

constexpr std::size_t kReadReserve = 64 * 1024;
constexpr int kBatchTurns = 64;  // messages that one batch may gather
constexpr std::chrono::seconds kCloseGrace{1};
constexpr std::size_t kMaxDetail = 160;

}  // namespace

const char* to_string(LinkClose reason) noexcept {
    switch (reason) {
        case LinkClose::Resolve: return "resolve";
        case LinkClose::Refused: return "refused";
        case LinkClose::NotLocal: return "not_local";
        case LinkClose::Tls: return "tls";
        case LinkClose::Upgrade: return "upgrade";
        case LinkClose::Peer: return "peer";
        case LinkClose::Lost: return "lost";
        case LinkClose::Protocol: return "protocol";
    }
    return "lost";
}

std::optional<std::chrono::seconds> net::parse_retry_after(std::string_view text) {
    if (text.empty()) return std::nullopt;
    long long seconds = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec == std::errc{} && end == text.data() + text.size() && seconds >= 0) {
        return std::chrono::seconds(std::min(seconds, 30LL * 24 * 3600));
    }
    std::tm date{};
    std::string const copy(text);
    if (::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) {
        return std::nullopt;
    }
    auto const until = std::chrono::system_clock::from_time_t(::timegm(&date));
    auto const left = until - std::chrono::system_clock::now();
    return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(0));
}

std::shared_ptr<TlsContext> make_tls_context() { return std::make_shared<TlsContext>(); }

namespace {

// One connection. Kept alive by its pending operations; `handler_` is null once nobody listens.
template <class Stream>
class Connection final : public std::enable_shared_from_this<Connection<Stream>> {
public:
    static constexpr bool kTls = !std::is_same_v<Stream, Socket>;
    using Self = std::shared_ptr<Connection>;

    Connection(asio::io_context& io, DialSpec spec, WsHandler& handler)
        : spec_(std::move(spec)),
          handler_(&handler),
          resolver_(io.get_executor()),
          timer_(io.get_executor()),
          ws_(make_stream(io)),
          buffer_(spec_.max_message_bytes + 2 * Codec::kPadding) {
        buffer_.reserve(std::min(kReadReserve, buffer_.max_size()));
    }

    void start() {
        // Literal addresses need no resolver (and no thread of it).
        error_code ec;
        auto const address = asio::ip::make_address(spec_.host, ec);
        unsigned short port = 0;
        auto const end = spec_.port.data() + spec_.port.size();
        bool const numeric = std::from_chars(spec_.port.data(), end, port).ptr == end;
        if (!ec && numeric) {
            asio::post(ws_.get_executor(), [self = this->shared_from_this(), address, port] {
                self->connect({Endpoint(address, port)});
            });
            return;
        }
        resolver_.async_resolve(
            spec_.host, spec_.port,
            [self = this->shared_from_this()](error_code failed, auto const& results) {
                if (failed) return self->finish(LinkClose::Resolve, failed.message());
                std::vector<Endpoint> endpoints;
                for (auto const& entry : results) endpoints.push_back(entry.endpoint());
                self->connect(std::move(endpoints));
            });
    }

    void send(std::string text) {
        if (handler_ == nullptr) return;
        outbox_.push_back(std::move(text));
        if (outbox_.size() == 1) write();
    }

    // Nobody listens any more. Says goodbye when there is somebody to say it to.
    void leave(bool politely) {
        if (left_) return;
        left_ = true;
        handler_ = nullptr;
        resolver_.cancel();
        if (closing_) return;  // the timer cuts it
        if (!politely || !open_) return cut();
        cut_later();
        ws_.async_close(websocket::close_code::normal,
                        [self = this->shared_from_this()](error_code) { self->cut(); });
    }

private:
    websocket::stream<Stream, false> make_stream(asio::io_context& io) {
        if constexpr (kTls) {
            return websocket::stream<Stream, false>(io.get_executor(), spec_.tls->context);
        } else {
            return websocket::stream<Stream, false>(io.get_executor());
        }
    }

    Socket& socket() { return beast::get_lowest_layer(ws_); }

    void connect(std::vector<Endpoint> endpoints) {
        if (handler_ == nullptr) return;
        if constexpr (!kTls) {
            bool const local = std::ranges::all_of(
                endpoints, [](const Endpoint& to) { return to.address().is_loopback(); });
            if (!local && !spec_.plain_anywhere) {
                return finish(LinkClose::NotLocal, "plain text is for loopback addresses only");
            }
        }
        endpoints_ = std::move(endpoints);
        asio::async_connect(socket(), endpoints_,
                            [self = this->shared_from_this()](error_code ec, const Endpoint&) {
                                if (ec) return self->finish(LinkClose::Refused, ec.message());
                                self->connected();
                            });
    }

    void connected() {
        if (handler_ == nullptr) return;
        tune(socket());
        handler_->on_phase();
        if (handler_ == nullptr) return;
        if constexpr (kTls) {
            secure();
        } else {
            upgrade();
        }
    }

    void secure() {
        auto& layer = ws_.next_layer();
        if (auto wrong = net::expect_host(layer, spec_.host)) {
            return finish(LinkClose::Tls, *std::move(wrong));
        }
        layer.async_handshake(ssl::stream_base::client,
                              [self = this->shared_from_this()](error_code failed) {
                                  if (failed) return self->tls_failed(failed);
                                  if (self->handler_ == nullptr) return;
                                  self->handler_->on_phase();
                                  if (self->handler_ != nullptr) self->upgrade();
                              });
    }

    void tls_failed(error_code ec) {
        finish(LinkClose::Tls, net::tls_failure(ws_.next_layer(), ec));
    }

    void upgrade() {
        // Deadlines belong to the caller; Beast's own would compete with them.
        ws_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(), false});
        ws_.set_option(websocket::stream_base::decorator(
            [type = spec_.content_type](websocket::request_type& request) {
                request.set(beast::http::field::user_agent, "spilloverd/" SPILL_VERSION);
                if (!type.empty()) request.set(beast::http::field::content_type, type);
            }));
        ws_.read_message_max(spec_.max_message_bytes);
        ws_.auto_fragment(false);
        ws_.text(true);
        ws_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
            control(kind, std::string_view(payload.data(), payload.size()));
        });
        std::string host = spec_.host;
        if (spec_.port != (kTls ? "443" : "80")) host += ":" + spec_.port;
        ws_.async_handshake(response_, host, spec_.path,
                            [self = this->shared_from_this()](error_code ec) {
                                if (ec) return self->upgrade_failed(ec);
                                if (self->handler_ == nullptr) return;
                                self->open_ = true;
                                self->handler_->on_open();
                                self->read();
                            });
    }

    void upgrade_failed(error_code ec) {
        WsClosed closed{.reason = LinkClose::Upgrade, .detail = ec.message()};
        if (ec == websocket::error::upgrade_declined) {
            closed.http_status = static_cast<int>(response_.result_int());
            closed.detail = "HTTP " + std::to_string(closed.http_status);
            auto const after = response_[beast::http::field::retry_after];
            closed.retry_after = net::parse_retry_after({after.data(), after.size()});
        }
        finish(std::move(closed));
    }

    void control(websocket::frame_type kind, std::string_view payload) {
        if (handler_ == nullptr) return;
        if (kind == websocket::frame_type::ping) {
            handler_->on_ping(payload);
            end_batch_later();
        } else if (kind == websocket::frame_type::close) {
            // Beast answers and then waits for the end of the stream without a bound.
            closing_ = true;
            cut_later();
            auto const& reason = ws_.reason();
            std::string detail = "close " + std::to_string(static_cast<unsigned>(reason.code));
            asio::post(ws_.get_executor(),
                       [self = this->shared_from_this(), detail = std::move(detail)]() mutable {
                           self->tell({.reason = LinkClose::Peer, .detail = std::move(detail)});
                       });
        }
    }

    void read() {
        if (handler_ == nullptr) return;
        ws_.async_read(buffer_, [self = this->shared_from_this()](error_code ec, std::size_t) {
            if (ec) return self->read_failed(ec);
            self->received();
        });
    }

    void received() {
        if (handler_ == nullptr) return;
        static_cast<void>(buffer_.prepare(Codec::kPadding));  // slack for the codec's loads
        auto const data = buffer_.cdata();
        handler_->on_message({static_cast<const char*>(data.data()), data.size()},
                             ws_.got_binary());
        buffer_.consume(buffer_.size());
        ++fresh_;
        read();
        end_batch_later();
    }

    // A batch ends after a turn of the loop that brought no message, or after kBatchTurns of them.
    // The turn is queued behind the read, so whatever is at hand comes first; a message that is
    // still incomplete holds nothing back.
    void end_batch_later() {
        if (batch_posted_) return;
        batch_posted_ = true;
        fresh_ = turns_ = 0;
        asio::post(ws_.get_executor(), [self = this->shared_from_this()] { self->turn(); });
    }

    void turn() {
        if (fresh_ > 0 && ++turns_ < kBatchTurns && handler_ != nullptr) {
            fresh_ = 0;
            asio::post(ws_.get_executor(), [self = this->shared_from_this()] { self->turn(); });
            return;
        }
        batch_posted_ = false;
        if (handler_ != nullptr) handler_->on_batch_end();
    }

    void read_failed(error_code ec) {
        if (ec == websocket::error::closed || ec == asio::error::eof ||
            ec == ssl::error::stream_truncated) {
            finish(LinkClose::Peer, ec.message());
        } else if (ec.category() == websocket::make_error_code(websocket::error{}).category()) {
            finish(LinkClose::Protocol, ec.message());
        } else {
            finish(LinkClose::Lost, ec.message());
        }
    }

    void write() {
        ws_.async_write(asio::buffer(outbox_.front()),
                        [self = this->shared_from_this()](error_code ec, std::size_t) {
                            // A failed write shows in the read as well; that one reports it.
                            if (ec || self->left_) return;
                            self->outbox_.pop_front();
                            if (!self->outbox_.empty()) self->write();
                        });
    }

    void finish(LinkClose reason, std::string detail) {
        finish(WsClosed{.reason = reason, .detail = std::move(detail)});
    }
    void finish(WsClosed closed) {
        cut();
        tell(std::move(closed));
    }
    void tell(WsClosed closed) {
        if (handler_ == nullptr) return;
        if (closed.detail.size() > kMaxDetail) closed.detail.resize(kMaxDetail);
        std::exchange(handler_, nullptr)->on_closed(closed);
    }

    void cut_later() {
        timer_.expires_after(kCloseGrace);
        timer_.async_wait([self = this->shared_from_this()](error_code ec) {
            if (!ec) self->cut();
        });
    }
    void cut() {
        error_code ignored;
        timer_.cancel();
        socket().close(ignored);
    }

    DialSpec spec_;
    WsHandler* handler_;
    Resolver resolver_;
    Timer timer_;  // from goodbye to the hard cut
    websocket::stream<Stream, false> ws_;
    websocket::response_type response_;
    beast::flat_buffer buffer_;
    std::vector<Endpoint> endpoints_;
    std::deque<std::string> outbox_;  // front is being written; bounded by the link's pacing
    bool open_ = false;
    bool left_ = false;
    bool closing_ = false;  // the peer said goodbye
    bool batch_posted_ = false;
    int fresh_ = 0;  // messages since the last turn
    int turns_ = 0;
};

template <class Stream>
class Handle final : public WsConnection {
public:
    Handle(asio::io_context& io, DialSpec spec, WsHandler& handler)
        : connection_(std::make_shared<Connection<Stream>>(io, std::move(spec), handler)) {
        connection_->start();
    }
    ~Handle() override { connection_->leave(false); }
    void send(std::string text) override { connection_->send(std::move(text)); }
    void close() override { connection_->leave(true); }

private:
    std::shared_ptr<Connection<Stream>> connection_;
};

}  // namespace

std::unique_ptr<WsConnection> dial(asio::io_context& io, DialSpec spec, WsHandler& handler) {
    if (spec.tls)
        return std::make_unique<Handle<ssl::stream<Socket>>>(io, std::move(spec), handler);
    return std::make_unique<Handle<Socket>>(io, std::move(spec), handler);
}

}  // namespace spill
