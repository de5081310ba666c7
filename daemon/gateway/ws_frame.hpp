// RFC 6455 frames, the server's side: reads what a client sends (masked), writes what we send
// (unmasked). Pure: bytes in, messages out; no socket, no clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spill {

enum class Opcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA
};

enum class FrameEvent : std::uint8_t {
    NeedMore,  // nothing complete: append more bytes
    Text,      // a whole text message, valid UTF-8
    Ping,
    Pong,
    Close,  // the peer's close; `code` is 1005 when it gave none
    Fail    // the peer broke the protocol: close with `code`; nothing more can be read
};

struct InboundFrame {
    FrameEvent event = FrameEvent::NeedMore;
    std::uint16_t code = 0;    // Close, Fail
    std::string_view payload;  // valid until the next call; Close: the reason
};

// Splits a byte stream into messages, whatever the read boundaries are.
class FrameReader {
public:
    // A message (all of its fragments together) may have `max_message` bytes.
    explicit FrameReader(std::size_t max_message) noexcept : max_message_(max_message) {}

    // Invalidates earlier payloads. REQUIRES next() to have returned NeedMore (or a new reader),
    // which keeps the buffer within one frame and one read.
    void append(std::string_view bytes);
    [[nodiscard]] InboundFrame next();

    static constexpr int kMaxFragments = 1024;  // of one message: empty ones cost us too

private:
    struct Header {
        std::size_t size = 0;  // of the header, 0 = incomplete
        std::size_t length = 0;
        bool fin = false;
        Opcode opcode = Opcode::Text;
        std::array<char, 4> mask{};
    };
    [[nodiscard]] std::uint16_t read_header(std::string_view bytes, Header& header) const noexcept;
    [[nodiscard]] std::uint16_t check_order(const Header& header) const noexcept;
    InboundFrame data_frame(const Header& header, std::string_view payload);
    InboundFrame control_frame(const Header& header, std::string_view payload);
    InboundFrame fail(std::uint16_t code) noexcept;
    void release_idle_memory() noexcept;

    static constexpr std::size_t kIdleBytes = 1024;  // what an idle subscriber may keep

    std::size_t max_message_;
    std::string buffer_;  // bytes not consumed yet start at consumed_
    std::size_t consumed_ = 0;
    std::string message_;       // fragments so far
    int fragments_ = 0;         // 0 = no message is open
    std::uint16_t failed_ = 0;  // close code once the peer broke the protocol
};

// Longest header of an unmasked frame.
inline constexpr std::size_t kMaxFrameHeader = 10;

// Writes the header of a final, unmasked frame; returns its length.
std::size_t write_frame_header(Opcode opcode, std::size_t length,
                               std::array<char, kMaxFrameHeader>& out) noexcept;

// A whole unmasked frame.
[[nodiscard]] std::string make_frame(Opcode opcode, std::string_view payload);
// A close frame; the reason is cut to the 123 bytes that fit. Code 1005 makes an empty one.
[[nodiscard]] std::string make_close_frame(std::uint16_t code, std::string_view reason);

[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

}  // namespace spill
