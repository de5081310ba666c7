// A blocking TCP and websocket client for tests, independent of the code under test. Every wait
// ends after ten seconds, so that a failing test fails instead of hanging.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace spill::test {

class TcpClient {
public:
    // `receive_buffer` 0 keeps the system's default.
    explicit TcpClient(std::uint16_t port, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer != 0) {
            (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        timeval const wait{.tv_sec = 10, .tv_usec = 0};
        (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        (void)::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ =
            ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    TcpClient(TcpClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          connected_(other.connected_),
          received_(std::move(other.received_)) {}
    TcpClient(const TcpClient&) = delete;
    TcpClient& operator=(const TcpClient&) = delete;
    ~TcpClient() { close(); }

    [[nodiscard]] bool connected() const noexcept { return connected_; }

    void close() noexcept {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t const n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    // Exactly n bytes; fewer when the connection ended or nothing came.
    std::string read(std::size_t n) {
        while (received_.size() < n && fill()) {
        }
        return take(n);
    }
    // Up to and including `mark`; everything when it never came.
    std::string read_until(std::string_view mark) {
        std::size_t at = received_.find(mark);
        while (at == std::string::npos && fill()) at = received_.find(mark);
        return take(at == std::string::npos ? received_.size() : at + mark.size());
    }
    // Everything until the other side ends.
    std::string read_all() {
        while (fill()) {
        }
        return take(received_.size());
    }

private:
    bool fill() {
        char buffer[16384];
        ssize_t const n = ::recv(fd_, buffer, sizeof buffer, 0);
        if (n <= 0) return false;
        received_.append(buffer, static_cast<std::size_t>(n));
        return true;
    }
    std::string take(std::size_t n) {
        std::string out = received_.substr(0, n);
        received_.erase(0, n);
        return out;
    }

    int fd_;
    bool connected_ = false;
    std::string received_;
};

class WsClient {
public:
    struct Message {
        unsigned opcode = 0;  // 0 = the connection ended
        std::string payload;
        // Of a close frame, else 0.
        [[nodiscard]] unsigned code() const noexcept {
            if (opcode != 8 || payload.size() < 2) return 0;
            return static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8U |
                   static_cast<unsigned char>(payload[1]);
        }
        [[nodiscard]] std::string reason() const {
            return payload.size() < 2 ? std::string() : payload.substr(2);
        }
    };

    // `behind` is sent in the same write as the request.
    explicit WsClient(std::uint16_t port, int receive_buffer = 0, std::string_view behind = {})
        : tcp(port, receive_buffer) {
        tcp.send("GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                 "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
                 std::string(behind));
        reply = tcp.read_until("\r\n\r\n");
    }

    [[nodiscard]] static std::string frame(unsigned opcode, std::string_view payload) {
        std::string out(1, static_cast<char>(0x80U | opcode));
        if (payload.size() < 126) {
            out += static_cast<char>(0x80U | payload.size());
        } else {
            out += static_cast<char>(0x80U | 126U);
            out += static_cast<char>(payload.size() >> 8U);
            out += static_cast<char>(payload.size() & 255U);
        }
        out += "\x01\x02\x03\x04";
        for (std::size_t i = 0; i < payload.size(); ++i) {
            out += static_cast<char>(payload[i] ^ static_cast<char>(1 + i % 4));
        }
        return out;
    }
    bool text(std::string_view payload) { return tcp.send(frame(1, payload)); }

    Message receive() {
        std::string const head = tcp.read(2);
        if (head.size() < 2) return {};
        std::size_t size = static_cast<unsigned char>(head[1]);
        if (size >= 126) {
            std::string const more = tcp.read(size == 126 ? 2 : 8);
            size = 0;
            for (char const byte : more) size = size << 8U | static_cast<unsigned char>(byte);
        }
        Message message;
        message.opcode = static_cast<unsigned char>(head[0]) & 15U;
        message.payload = tcp.read(size);
        return message;
    }

    TcpClient tcp;
    std::string reply;  // to the upgrade
};

}  // namespace spill::test
