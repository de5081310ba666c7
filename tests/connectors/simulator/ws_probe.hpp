// A blocking websocket client on a bare socket: sees exactly what is on the wire.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace spill::fixture {

class WsProbe {
public:
    struct Frame {
        int opcode = 0;  // 1 text, 8 close, 9 ping
        std::string payload;
    };

    explicit WsProbe(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        timeval const patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    WsProbe(const WsProbe&) = delete;
    WsProbe& operator=(const WsProbe&) = delete;
    ~WsProbe() { ::close(fd_); }

    // The status of the answer, 0 when there is none.
    int upgrade(const std::string& path) {
        if (!connected_) return 0;
        write("GET " + path +
              " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!fill()) return 0;
        }
        std::string const head = buffer_.substr(0, end);
        buffer_.erase(0, end + 4);
        return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3));
    }

    void send(std::string_view text, int opcode = 1) {
        std::string frame(1, static_cast<char>(0x80 | opcode));
        if (text.size() < 126) {
            frame += static_cast<char>(0x80U | text.size());
        } else {
            frame += static_cast<char>(0x80 | 126);
            frame += static_cast<char>(text.size() >> 8U);
            frame += static_cast<char>(text.size() & 0xFFU);
        }
        frame.append(4, '\0');  // a mask of zeros leaves the text as it is
        write(frame.append(text));
    }

    // Nothing when the connection ended or stayed silent for ten seconds.
    std::optional<Frame> read() {
        if (!need(2)) return std::nullopt;
        auto const byte = [&](std::size_t at) {
            return static_cast<std::uint64_t>(static_cast<unsigned char>(buffer_[at]));
        };
        Frame frame;
        frame.opcode = static_cast<int>(byte(0) & 0x0FU);
        std::uint64_t size = byte(1) & 0x7FU;
        std::size_t head = 2;
        if (size >= 126) {
            std::size_t const more = size == 126 ? 2 : 8;
            if (!need(2 + more)) return std::nullopt;
            size = 0;
            for (std::size_t i = 0; i < more; ++i) size = size << 8U | byte(2 + i);
            head += more;
        }
        if (!need(head + size)) return std::nullopt;
        frame.payload = buffer_.substr(head, size);
        buffer_.erase(0, head + size);
        return frame;
    }

    // The next text frame; pings on the way are answered when `answer` is set.
    std::optional<std::string> read_text(bool answer = true) {
        while (auto frame = read()) {
            if (frame->opcode == 1) return std::move(frame->payload);
            if (frame->opcode == 9 && answer) send(frame->payload, 10);
        }
        return std::nullopt;
    }

private:
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t const n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    bool fill() {
        std::array<char, 65536> chunk{};
        ssize_t const n = ::recv(fd_, chunk.data(), chunk.size(), 0);
        if (n <= 0) return false;
        buffer_.append(chunk.data(), static_cast<std::size_t>(n));
        return true;
    }
    bool need(std::size_t size) {
        while (buffer_.size() < size) {
            if (!fill()) return false;
        }
        return true;
    }
    int fd_;
    bool connected_ = false;
    std::string buffer_;
};

}  // namespace spill::fixture
