#include "tests/support/fake_venue.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <deque>
#include <type_traits>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace spill::fake {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

}  // namespace

class Venue::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, Script made, std::optional<Certificate> certificate)
        : script(std::move(made)),
          context(ssl::context::tls_server),
          tls(certificate.has_value()),
          acceptor(io.get_executor(), {asio::ip::make_address("127.0.0.1"), 0}) {
        if (!certificate) return;
        context.use_certificate_chain(asio::buffer(certificate->chain_pem));
        context.use_private_key(asio::buffer(certificate->key_pem), ssl::context::pem);
        SSL_CTX_set_tlsext_servername_arg(context.native_handle(), this);
        SSL_CTX_set_tlsext_servername_callback(context.native_handle(), &Impl::on_server_name);
    }

    void accept();

    static int on_server_name(SSL* handle, int*, void* self_pointer) {
        auto* const self = static_cast<Impl*>(self_pointer);
        const char* const name = SSL_get_servername(handle, TLSEXT_NAMETYPE_host_name);
        self->server_name = name == nullptr ? "" : name;
        return self->script.require_sni && name == nullptr ? SSL_TLSEXT_ERR_ALERT_FATAL
                                                           : SSL_TLSEXT_ERR_OK;
    }

    Script script;
    ssl::context context;
    bool tls;
    Acceptor acceptor;
    int accepted = 0;
    int opened = 0;
    std::string server_name, user_agent, host;
    std::vector<std::shared_ptr<void>> silent;  // sockets of accept_tcp_only
};

namespace {

template <class Stream, class Owner>
class Session final : public Peer, public std::enable_shared_from_this<Session<Stream, Owner>> {
public:
    static constexpr bool kTls = !std::is_same_v<Stream, Socket>;

    Session(std::shared_ptr<Owner> owner, Socket socket)
        : owner_(std::move(owner)), ws_(make(std::move(socket))) {}

    void start() {
        if constexpr (kTls) {
            ws_.next_layer().async_handshake(ssl::stream_base::server,
                                             [self = this->shared_from_this()](error_code ec) {
                                                 if (!ec) self->read_request();
                                             });
        } else {
            read_request();
        }
    }

    void send(std::string text) override { put({false, std::move(text)}); }
    void ping(std::string payload) override { put({true, std::move(payload)}); }
    void close() override {
        ws_.async_close(websocket::close_code::going_away,
                        [self = this->shared_from_this()](error_code) {});
    }
    void close_frame() override {
        // FIN, a close frame of status 1001: written below the websocket layer, which would end
        // the TCP connection as well.
        static constexpr unsigned char kFrame[] = {0x88, 0x02, 0x03, 0xE9};
        error_code ignored;
        asio::write(ws_.next_layer(), asio::buffer(kFrame), ignored);
    }
    void reset() override {
        error_code ignored;
        auto& socket = beast::get_lowest_layer(ws_);
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
        socket.close(ignored);
    }

private:
    struct Out {
        bool ping;
        std::string text;
    };

    websocket::stream<Stream, false> make(Socket socket) {
        if constexpr (kTls) {
            return websocket::stream<Stream, false>(std::move(socket), owner_->context);
        } else {
            return websocket::stream<Stream, false>(std::move(socket));
        }
    }

    void read_request() {
        http::async_read(ws_.next_layer(), buffer_, request_,
                         [self = this->shared_from_this()](error_code ec, std::size_t) {
                             if (!ec) self->answer();
                         });
    }

    void answer() {
        owner_->user_agent = std::string(request_[http::field::user_agent]);
        owner_->host = std::string(request_[http::field::host]);
        Script& script = owner_->script;
        if (script.http_status != 0) {
            response_.result(static_cast<unsigned>(script.http_status));
            if (!script.retry_after.empty()) {
                response_.set(http::field::retry_after, script.retry_after);
            }
            response_.prepare_payload();
            http::async_write(ws_.next_layer(), response_,
                              [self = this->shared_from_this()](error_code, std::size_t) {});
            return;
        }
        ws_.async_accept(request_, [self = this->shared_from_this()](error_code ec) {
            if (ec) return;
            ++self->owner_->opened;
            self->owner_->script.on_open(*self);
            self->read();
        });
    }

    void read() {
        ws_.async_read(buffer_, [self = this->shared_from_this()](error_code ec, std::size_t) {
            if (ec) return;
            std::string const text = beast::buffers_to_string(self->buffer_.data());
            self->buffer_.consume(self->buffer_.size());
            self->owner_->script.on_text(*self, text);
            self->read();
        });
    }

    void put(Out out) {
        out_.push_back(std::move(out));
        if (out_.size() == 1) write();
    }
    void write() {
        auto next = [self = this->shared_from_this()](error_code ec, std::size_t = 0) {
            if (ec) return;
            self->out_.pop_front();
            if (!self->out_.empty()) self->write();
        };
        if (out_.front().ping) {
            ws_.async_ping(websocket::ping_data(out_.front().text), next);
        } else {
            ws_.text(true);
            ws_.async_write(asio::buffer(out_.front().text), next);
        }
    }

    std::shared_ptr<Owner> owner_;
    websocket::stream<Stream, false> ws_;
    beast::flat_buffer buffer_;
    http::request<http::empty_body> request_;
    http::response<http::string_body> response_;
    std::deque<Out> out_;
};

}  // namespace

void Venue::Impl::accept() {
    acceptor.async_accept([weak = weak_from_this()](error_code ec, Socket socket) {
        auto const self = weak.lock();
        if (ec || !self) return;
        ++self->accepted;
        if (self->script.accept_tcp_only) {
            self->silent.push_back(std::make_shared<Socket>(std::move(socket)));
        } else if (self->tls) {
            std::make_shared<Session<ssl::stream<Socket>, Impl>>(self, std::move(socket))->start();
        } else {
            std::make_shared<Session<Socket, Impl>>(self, std::move(socket))->start();
        }
        self->accept();
    });
}

Venue::Venue(asio::io_context& io, Script script, std::optional<Certificate> certificate)
    : impl_(std::make_shared<Impl>(io, std::move(script), std::move(certificate))) {
    impl_->accept();
}
Venue::~Venue() {
    error_code ignored;
    impl_->acceptor.close(ignored);
}
std::string Venue::port() const { return std::to_string(impl_->acceptor.local_endpoint().port()); }
int Venue::accepted() const { return impl_->accepted; }
int Venue::opened() const { return impl_->opened; }
std::string Venue::server_name() const { return impl_->server_name; }
std::string Venue::user_agent() const { return impl_->user_agent; }
std::string Venue::host() const { return impl_->host; }
Script& Venue::script() { return impl_->script; }

}  // namespace spill::fake
