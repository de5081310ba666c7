// A small scripted venue on loopback: a websocket server, plain or TLS, whose every answer and
// misdeed is a function of the test. Runs on the test's io_context, single-threaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace spill::fake {

struct Certificate {
    std::string chain_pem;
    std::string key_pem;
};

// What a certificate says. Times are relative to now.
struct CertificateSpec {
    std::vector<std::string> dns;
    std::vector<std::string> ip;
    std::chrono::hours from{-1};
    std::chrono::hours to{24};
};

// A throw-away certificate authority, made in memory.
class Authority {
public:
    Authority();
    ~Authority();
    [[nodiscard]] Certificate issue(const CertificateSpec& spec) const;
    // Signed by its own key, not by this authority.
    [[nodiscard]] static Certificate self_signed(const CertificateSpec& spec);
    // The file to set SSL_CERT_FILE to; it goes with the authority.
    [[nodiscard]] const std::string& file() const { return file_; }

private:
    struct Keys;
    std::unique_ptr<Keys> keys_;
    std::string file_;
};

// One accepted connection, as the script sees it.
class Peer {
public:
    virtual ~Peer() = default;
    virtual void send(std::string text) = 0;
    virtual void ping(std::string payload) = 0;
    virtual void close() = 0;        // close frame, then end of stream
    virtual void close_frame() = 0;  // close frame, and the TCP connection stays open
    virtual void reset() = 0;        // RST
};

struct Script {
    // Answers the upgrade with this HTTP status instead of a websocket.
    int http_status = 0;
    std::string retry_after;
    bool accept_tcp_only = false;  // says nothing at all after TCP
    bool require_sni = false;      // TLS: refuses a handshake without a server name
    std::function<void(Peer&)> on_open = [](Peer&) {};
    std::function<void(Peer&, std::string_view)> on_text = [](Peer&, std::string_view) {};
};

class Venue {
public:
    // Listens on a free port of 127.0.0.1. TLS when `certificate` is given.
    Venue(boost::asio::io_context& io, Script script,
          std::optional<Certificate> certificate = std::nullopt);
    ~Venue();

    [[nodiscard]] std::string port() const;
    [[nodiscard]] int accepted() const;             // TCP connections so far
    [[nodiscard]] int opened() const;               // websockets so far
    [[nodiscard]] std::string server_name() const;  // SNI of the last TLS handshake
    [[nodiscard]] std::string user_agent() const;   // of the last upgrade request
    [[nodiscard]] std::string host() const;         // Host header of the last upgrade request
    [[nodiscard]] Script& script();                 // may be changed between connections

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spill::fake
