// The little HTTP that we speak: one GET request without a body, one answer, then the end.
//
// Our own reader instead of a library's: it refuses everything that it does not need (bodies,
// folded headers, bare line feeds), never allocates, never throws, and is fuzzed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spill {

inline constexpr std::size_t kMaxRequestBytes = 4096;  // request line and headers

struct HttpHeader {
    std::string_view name;
    std::string_view value;  // without surrounding blanks
};

// Views into the bytes that were parsed.
struct HttpRequest {
    std::string_view method;
    std::string_view target;
    int minor_version = 1;  // HTTP/1.<this>, 0 or 1
    static constexpr std::size_t kMaxHeaders = 64;
    std::array<HttpHeader, kMaxHeaders> headers{};
    std::size_t header_count = 0;
    std::size_t size = 0;  // bytes of the request; what follows is not part of it

    // How often the header is there. Names compare without case.
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    // The value of the header's first occurrence.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    // True when some occurrence lists `token` between commas, compared without case.
    [[nodiscard]] bool lists(std::string_view name, std::string_view token) const noexcept;
};

enum class HttpParse : std::uint8_t { NeedMore, Done, TooLarge, Malformed };

// Parses the request at the start of `bytes`. `request` is complete only after Done.
[[nodiscard]] HttpParse parse_request(std::string_view bytes, HttpRequest& request) noexcept;

struct HttpReply {
    int status = 200;
    std::string_view content_type = "text/plain; charset=utf-8";
    std::string_view extra;  // further header lines, each with its CRLF
    std::string_view body;
};
// The bytes of an answer that ends the connection.
[[nodiscard]] std::string make_reply(const HttpReply& reply);

// True for 16 bytes in base64, which is what a websocket client must send.
[[nodiscard]] bool valid_websocket_key(std::string_view key) noexcept;
// The value of Sec-WebSocket-Accept.
[[nodiscard]] std::string websocket_accept(std::string_view key);
// The whole 101 answer; `subprotocol` may be empty.
[[nodiscard]] std::string make_switch_reply(std::string_view key, std::string_view subprotocol);

[[nodiscard]] bool ascii_iequals(std::string_view a, std::string_view b) noexcept;

}  // namespace spill
