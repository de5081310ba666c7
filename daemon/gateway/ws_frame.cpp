#include "daemon/gateway/ws_frame.hpp"

#include <algorithm>

namespace spill {
namespace {

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupported = 1003;
constexpr std::uint16_t kNoCode = 1005;
constexpr std::uint16_t kBadText = 1007;
constexpr std::uint16_t kTooBig = 1009;

constexpr std::size_t kMaxControl = 125;

[[nodiscard]] bool is_control(Opcode opcode) noexcept {
    return (static_cast<unsigned>(opcode) & 0x8U) != 0;
}

[[nodiscard]] bool known_opcode(unsigned value) noexcept {
    return value <= 0x2 || (value >= 0x8 && value <= 0xA);
}

// Codes that may travel in a close frame: those that the RFC and the registry define for the
// wire, and the ranges of libraries and applications.
[[nodiscard]] bool may_be_received(unsigned code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

[[nodiscard]] std::size_t big_endian(std::string_view bytes) noexcept {
    std::size_t value = 0;
    for (char const byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
}

}  // namespace

void FrameReader::append(std::string_view bytes) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    buffer_.append(bytes);
}

InboundFrame FrameReader::fail(std::uint16_t code) noexcept {
    failed_ = code;
    return InboundFrame{.event = FrameEvent::Fail, .code = code, .payload = {}};
}

// Returns a close code when the header is not allowed, else 0. A header.size of 0 says that more
// bytes are needed. Whatever can be judged early is judged before the payload arrives.
std::uint16_t FrameReader::read_header(std::string_view bytes, Header& header) const noexcept {
    if (bytes.empty()) return 0;
    auto const first = static_cast<unsigned char>(bytes[0]);
    if ((first & 0x70U) != 0 || !known_opcode(first & 0x0FU)) return kProtocolError;
    header.fin = (first & 0x80U) != 0;
    header.opcode = static_cast<Opcode>(first & 0x0FU);
    if (header.opcode == Opcode::Binary) return kUnsupported;
    if (is_control(header.opcode) && !header.fin) return kProtocolError;
    if (bytes.size() < 2) return 0;
    auto const second = static_cast<unsigned char>(bytes[1]);
    if ((second & 0x80U) == 0) return kProtocolError;  // a client must mask
    std::size_t const short_length = second & 0x7FU;
    std::size_t const extra = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
    if (is_control(header.opcode) && short_length > kMaxControl) return kProtocolError;
    if (bytes.size() < 2 + extra) return 0;
    header.length = extra == 0 ? short_length : big_endian(bytes.substr(2, extra));
    bool const minimal = extra == 0 || header.length > (extra == 2 ? 125U : 65535U);
    if (!minimal || (header.length >> 63U) != 0) return kProtocolError;
    if (std::uint16_t const code = check_order(header)) return code;
    if (!is_control(header.opcode) && header.length > max_message_ - message_.size()) {
        return kTooBig;
    }
    if (bytes.size() < 2 + extra + 4) return 0;
    std::copy_n(bytes.data() + 2 + extra, 4, header.mask.data());
    header.size = 2 + extra + 4;
    return 0;
}

std::uint16_t FrameReader::check_order(const Header& header) const noexcept {
    if (is_control(header.opcode)) return 0;
    bool const continues = header.opcode == Opcode::Continuation;
    if (continues != (fragments_ != 0)) return kProtocolError;
    return fragments_ == kMaxFragments ? kTooBig : std::uint16_t{0};
}

void FrameReader::release_idle_memory() noexcept {
    if (consumed_ == buffer_.size() && buffer_.capacity() > kIdleBytes) {
        buffer_ = std::string();
        consumed_ = 0;
    }
    if (fragments_ == 0 && message_.capacity() > kIdleBytes) message_ = std::string();
}

InboundFrame FrameReader::next() {
    while (failed_ == 0) {
        std::string_view const rest = std::string_view(buffer_).substr(consumed_);
        Header header;
        if (std::uint16_t const code = read_header(rest, header)) return fail(code);
        if (header.size == 0 || rest.size() < header.size + header.length) {
            release_idle_memory();
            return {};
        }
        char* const payload = buffer_.data() + consumed_ + header.size;
        for (std::size_t i = 0; i < header.length; ++i) {
            payload[i] = static_cast<char>(payload[i] ^ header.mask[i % 4]);
        }
        consumed_ += header.size + header.length;
        std::string_view const text(payload, header.length);
        InboundFrame const frame =
            is_control(header.opcode) ? control_frame(header, text) : data_frame(header, text);
        if (frame.event != FrameEvent::NeedMore) return frame;
    }
    return fail(failed_);
}

// NeedMore while the message's last fragment is missing.
InboundFrame FrameReader::data_frame(const Header& header, std::string_view payload) {
    if (header.fin && fragments_ == 0) {
        if (!valid_utf8(payload)) return fail(kBadText);
        return InboundFrame{.event = FrameEvent::Text, .code = 0, .payload = payload};
    }
    if (fragments_ == 0) message_.clear();
    message_.append(payload);
    ++fragments_;
    if (!header.fin) return {};
    fragments_ = 0;
    if (!valid_utf8(message_)) return fail(kBadText);
    return InboundFrame{.event = FrameEvent::Text, .code = 0, .payload = message_};
}

InboundFrame FrameReader::control_frame(const Header& header, std::string_view payload) {
    if (header.opcode == Opcode::Ping) {
        return InboundFrame{.event = FrameEvent::Ping, .code = 0, .payload = payload};
    }
    if (header.opcode == Opcode::Pong) {
        return InboundFrame{.event = FrameEvent::Pong, .code = 0, .payload = payload};
    }
    if (payload.empty()) {
        return InboundFrame{.event = FrameEvent::Close, .code = kNoCode, .payload = {}};
    }
    if (payload.size() == 1) return fail(kProtocolError);
    std::size_t const code = big_endian(payload.substr(0, 2));
    if (!may_be_received(static_cast<unsigned>(code))) return fail(kProtocolError);
    std::string_view const reason = payload.substr(2);
    if (!valid_utf8(reason)) return fail(kBadText);
    return InboundFrame{
        .event = FrameEvent::Close, .code = static_cast<std::uint16_t>(code), .payload = reason};
}

std::size_t write_frame_header(Opcode opcode, std::size_t length,
                               std::array<char, kMaxFrameHeader>& out) noexcept {
    out[0] = static_cast<char>(0x80U | static_cast<unsigned>(opcode));
    std::size_t const extra = length > 65535 ? 8 : length > 125 ? 2 : 0;
    out[1] = static_cast<char>(extra == 8 ? 127 : extra == 2 ? 126 : length);
    for (std::size_t i = 0; i < extra; ++i) {
        out[2 + i] = static_cast<char>(length >> (8 * (extra - 1 - i)) & 0xFFU);
    }
    return 2 + extra;
}

std::string make_frame(Opcode opcode, std::string_view payload) {
    std::array<char, kMaxFrameHeader> header{};
    std::size_t const size = write_frame_header(opcode, payload.size(), header);
    return std::string(header.data(), size).append(payload);
}

std::string make_close_frame(std::uint16_t code, std::string_view reason) {
    if (code == kNoCode) return make_frame(Opcode::Close, {});
    std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    payload.append(reason.substr(0, kMaxControl - 2));
    return make_frame(Opcode::Close, payload);
}

// Refuses overlong forms, surrogates and everything beyond U+10FFFF.
bool valid_utf8(std::string_view text) noexcept {
    std::size_t i = 0;
    auto const byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    while (i < text.size()) {
        unsigned const lead = byte(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        std::size_t const tail = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || text.size() - i <= tail) return false;
        // The second byte has a narrower range after these leads.
        unsigned const low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        unsigned const high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (byte(i + 1) < low || byte(i + 1) > high) return false;
        for (std::size_t k = 2; k <= tail; ++k) {
            if ((byte(i + k) & 0xC0U) != 0x80U) return false;
        }
        i += tail + 1;
    }
    return true;
}

}  // namespace spill
