// Websockets over TLS, without Asio or Beast in sight (transport.cpp is the one unit that sees
// them). Policy is the caller's: no deadline, no retry and no liveness rule lives here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace spill {

enum class LinkClose : std::uint8_t {
    Resolve,   // the name has no address
    Refused,   // no TCP connection
    NotLocal,  // plain text is for loopback addresses only
    Tls,       // handshake or certificate
    Upgrade,   // the venue answered HTTP, not websocket
    Peer,      // close frame or end of stream
    Lost,      // reset, timeout of the kernel
    Protocol   // broken framing, or a message beyond the bound
};

[[nodiscard]] const char* to_string(LinkClose reason) noexcept;

struct WsClosed {
    LinkClose reason = LinkClose::Lost;
    std::string detail;   // one line for people, without addresses of memory or sources
    int http_status = 0;  // Upgrade: what the venue answered, else 0
    std::optional<std::chrono::seconds> retry_after = std::nullopt;  // of the Retry-After header
};

// What a connection tells. All calls come from the io_context's thread, none after on_closed, after
// WsConnection::close or after its destructor. A handler may destroy the connection in any call.
class WsHandler {
public:
    WsHandler() = default;
    WsHandler(const WsHandler&) = delete;
    WsHandler& operator=(const WsHandler&) = delete;
    virtual ~WsHandler() = default;

    // A step of dialling is done (TCP connected, TLS agreed): the next one gets its own deadline.
    virtual void on_phase() = 0;
    virtual void on_open() = 0;
    // One whole message; Codec::kPadding readable bytes follow it.
    virtual void on_message(std::string_view message, bool binary) noexcept = 0;
    // A websocket ping, already answered.
    virtual void on_ping(std::string_view payload) noexcept = 0;
    // Nothing more is at hand: pass on what the messages since the last call gave.
    virtual void on_batch_end() noexcept = 0;
    virtual void on_closed(const WsClosed& closed) = 0;
};

// Trust store and protocol floor, loaded once: the system's certificates (or SSL_CERT_FILE), TLS
// 1.2 or newer, peer and host name always verified. There is no insecure switch.
class TlsContext;
// Throws std::runtime_error when the trust store cannot be read.
[[nodiscard]] std::shared_ptr<TlsContext> make_tls_context();

struct DialSpec {
    std::string host;
    std::string port;
    std::string path;
    std::size_t max_message_bytes = 1U << 20U;
    std::shared_ptr<TlsContext> tls;  // null = plain text, for loopback addresses only ...
    bool plain_anywhere = false;      // ... unless the venue offers nothing else
    std::string content_type = {};    // header of the upgrade request; empty = none
};

class WsConnection {
public:
    WsConnection() = default;
    WsConnection(const WsConnection&) = delete;
    WsConnection& operator=(const WsConnection&) = delete;
    // Cuts the connection at once when close() was not called before.
    virtual ~WsConnection() = default;

    // Queues a text message. REQUIRES on_open to have been called.
    virtual void send(std::string text) = 0;
    // Says goodbye, and cuts after a second whatever the peer does. The object may go at once.
    virtual void close() = 0;
};

// Starts to connect; the outcome is on_open or on_closed, never before dial() returns.
// REQUIRES `handler` to outlive the connection object.
[[nodiscard]] std::unique_ptr<WsConnection> dial(boost::asio::io_context& io, DialSpec spec,
                                                 WsHandler& handler);

}  // namespace spill
