// What the units of the transport share: the rules of TLS and the options of a socket. Nothing else
// includes it.
#pragma once

#include <netinet/tcp.h>  // TCP_USER_TIMEOUT, TCP_KEEPIDLE
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/transport.hpp"

namespace spill {

class TlsContext {
public:
    TlsContext() : context(boost::asio::ssl::context::tls_client) {
        if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
            throw std::runtime_error("OpenSSL refuses TLS 1.2 as the lowest version");
        }
        boost::system::error_code ec;
        context.set_default_verify_paths(ec);
        if (ec) throw std::runtime_error("cannot read the trust store: " + ec.message());
        context.set_verify_mode(boost::asio::ssl::verify_peer);
    }
    boost::asio::ssl::context context;
};

namespace net {

// Concrete executors: a type-erased one costs compile time and an indirection per operation.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Endpoint = boost::asio::ip::tcp::endpoint;
using TlsStream = boost::asio::ssl::stream<Socket>;

// A peer that vanished is found by the kernel, with data under way and without.
inline void tune(Socket& socket) {
    int const fd = socket.native_handle();
    auto const set = [&](int level, int option, int value) {
        // Best effort: a kernel without the option still has the deadlines above it.
        static_cast<void>(::setsockopt(fd, level, option, &value, sizeof value));
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 5);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 2);
    set(IPPROTO_TCP, TCP_KEEPCNT, 2);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 4000);
}

// Before the handshake: the peer must be who `host` says. Returns what is wrong, or nothing.
inline std::optional<std::string> expect_host(TlsStream& layer, const std::string& host) {
    boost::system::error_code literal;
    boost::asio::ip::make_address(host, literal);
    // Server name indication carries names, never addresses (RFC 6066 section 3).
    if (literal && SSL_set_tlsext_host_name(layer.native_handle(), host.c_str()) != 1) {
        return "the host name is not fit for SNI";
    }
    boost::system::error_code ec;
    layer.set_verify_callback(boost::asio::ssl::host_name_verification(host), ec);
    if (ec) return ec.message();
    return std::nullopt;
}

// Why a handshake failed, for people.
inline std::string tls_failure(TlsStream& layer, const boost::system::error_code& ec) {
    long const verdict = SSL_get_verify_result(layer.native_handle());
    if (verdict == X509_V_OK) return ec.message();
    return std::string("certificate: ") + X509_verify_cert_error_string(verdict);
}

// Seconds from a Retry-After header: a number, or an HTTP date.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view text);

}  // namespace net
}  // namespace spill
