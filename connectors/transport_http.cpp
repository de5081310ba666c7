#include "connectors/transport_http.hpp"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "connectors/transport_tls.hpp"

namespace spill {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::Endpoint;
using net::Socket;
using net::TlsStream;

constexpr std::uint32_t kHeaderLimit = 16U << 10U;

// One request. Kept alive by its pending operations; `done_` is empty once nobody listens.
template <class Stream>
class Get final : public std::enable_shared_from_this<Get<Stream>> {
public:
    static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

    Get(asio::io_context& io, HttpGet get, std::function<void(HttpAnswer)> done)
        : get_(std::move(get)),
          done_(std::move(done)),
          end_(std::chrono::steady_clock::now() + get_.whole),
          resolver_(io.get_executor()),
          timer_(io.get_executor()),
          stream_(make_stream(io)) {
        parser_.body_limit(get_.max_body_bytes);
        parser_.header_limit(kHeaderLimit);
    }

    void start() {
        enter("the name");
        error_code ec;
        auto const address = asio::ip::make_address(get_.host, ec);
        unsigned short port = 0;
        auto const end = get_.port.data() + get_.port.size();
        bool const numeric = std::from_chars(get_.port.data(), end, port).ptr == end;
        if (!ec && numeric) {
            asio::post(stream_.get_executor(), [self = this->shared_from_this(), address, port] {
                self->connect({Endpoint(address, port)});
            });
            return;
        }
        resolver_.async_resolve(
            get_.host, get_.port,
            [self = this->shared_from_this()](error_code failed, auto const& results) {
                if (failed) return self->fail("resolve: " + failed.message());
                std::vector<Endpoint> endpoints;
                for (auto const& entry : results) endpoints.push_back(entry.endpoint());
                self->connect(std::move(endpoints));
            });
    }

    void leave() {
        done_ = nullptr;
        cut();
    }

private:
    Stream make_stream(asio::io_context& io) {
        if constexpr (kTls) {
            return Stream(io.get_executor(), get_.tls->context);
        } else {
            return Stream(io.get_executor());
        }
    }
    Socket& socket() { return beast::get_lowest_layer(stream_); }

    // A phase begins: it gets its own deadline, and never more than what the whole has left.
    void enter(const char* phase) {
        phase_ = phase;
        timer_.expires_at(std::min(end_, std::chrono::steady_clock::now() + get_.phase));
        timer_.async_wait([self = this->shared_from_this()](error_code ec) {
            if (!ec) self->fail(std::string("timeout: ") + self->phase_);
        });
    }

    void connect(std::vector<Endpoint> endpoints) {
        if (!done_) return;
        if constexpr (!kTls) {
            bool const local = std::ranges::all_of(
                endpoints, [](const Endpoint& to) { return to.address().is_loopback(); });
            if (!local) return fail("plain text is for loopback addresses only");
        }
        endpoints_ = std::move(endpoints);
        enter("connect");
        asio::async_connect(socket(), endpoints_,
                            [self = this->shared_from_this()](error_code ec, const Endpoint&) {
                                if (ec) return self->fail("connect: " + ec.message());
                                if (!self->done_) return;
                                net::tune(self->socket());
                                self->secure();
                            });
    }

    void secure() {
        if constexpr (kTls) {
            enter("TLS");
            if (auto wrong = net::expect_host(stream_, get_.host)) return fail("tls: " + *wrong);
            stream_.async_handshake(
                asio::ssl::stream_base::client, [self = this->shared_from_this()](error_code ec) {
                    if (ec) return self->fail("tls: " + net::tls_failure(self->stream_, ec));
                    if (self->done_) self->ask();
                });
        } else {
            ask();
        }
    }

    void ask() {
        enter("request");
        request_.method(http::verb::get);
        request_.target(get_.target);
        request_.version(11);
        std::string host = get_.host;
        if (get_.port != (kTls ? "443" : "80")) host += ":" + get_.port;
        request_.set(http::field::host, host);
        request_.set(http::field::user_agent, "spilloverd/" SPILL_VERSION);
        request_.set(http::field::accept, "application/json");
        for (const std::string& line : get_.headers) {
            std::size_t const colon = line.find(": ");
            if (colon != std::string::npos) {
                request_.set(line.substr(0, colon), line.substr(colon + 2));
            }
        }
        request_.keep_alive(false);
        http::async_write(stream_, request_,
                          [self = this->shared_from_this()](error_code ec, std::size_t) {
                              if (ec) return self->fail("request: " + ec.message());
                              if (self->done_) self->read();
                          });
    }

    void read() {
        enter("answer");
        http::async_read(stream_, buffer_, parser_,
                         [self = this->shared_from_this()](error_code ec, std::size_t) {
                             if (ec) return self->fail("answer: " + ec.message());
                             self->answered();
                         });
    }

    void answered() {
        auto& response = parser_.get();
        HttpAnswer answer;
        answer.status = static_cast<int>(response.result_int());
        auto const after = response[http::field::retry_after];
        answer.retry_after = net::parse_retry_after({after.data(), after.size()});
        answer.body = std::move(response.body());
        tell(std::move(answer));
    }

    void fail(std::string detail) {
        HttpAnswer answer;
        answer.detail = std::move(detail);
        tell(std::move(answer));
    }
    void tell(HttpAnswer answer) {
        cut();
        if (auto const done = std::exchange(done_, nullptr)) done(std::move(answer));
    }
    void cut() {
        error_code ignored;
        resolver_.cancel();
        timer_.cancel();
        socket().close(ignored);
    }

    HttpGet get_;
    std::function<void(HttpAnswer)> done_;
    std::chrono::steady_clock::time_point end_;
    const char* phase_ = "";
    net::Resolver resolver_;
    net::Timer timer_;
    Stream stream_;
    beast::flat_buffer buffer_;
    std::vector<Endpoint> endpoints_;
    http::request<http::empty_body> request_;
    http::response_parser<http::string_body> parser_;
};

template <class Stream>
class Handle final : public HttpExchange {
public:
    Handle(asio::io_context& io, HttpGet get, std::function<void(HttpAnswer)> done)
        : get_(std::make_shared<Get<Stream>>(io, std::move(get), std::move(done))) {
        get_->start();
    }
    ~Handle() override { get_->leave(); }

private:
    std::shared_ptr<Get<Stream>> get_;
};

}  // namespace

std::unique_ptr<HttpExchange> http_get(asio::io_context& io, HttpGet get,
                                       std::function<void(HttpAnswer)> done) {
    if (get.tls) return std::make_unique<Handle<TlsStream>>(io, std::move(get), std::move(done));
    return std::make_unique<Handle<Socket>>(io, std::move(get), std::move(done));
}

}  // namespace spill
