#include "daemon/gateway/http.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "core/error.hpp"

namespace spill {
namespace {

[[nodiscard]] char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] bool is_alnum(char c) noexcept {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

// RFC 9110 token characters.
[[nodiscard]] bool is_token(std::string_view text) noexcept {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_alnum(c) || kMarks.find(c) != std::string_view::npos;
    });
}

[[nodiscard]] bool is_visible(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// A header value: no control characters but the tab. Bytes above 0x7F are allowed.
[[nodiscard]] bool is_value(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
    });
}

[[nodiscard]] std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view kBlank = " \t";
    std::size_t const first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

[[nodiscard]] bool parse_request_line(std::string_view line, HttpRequest& request) noexcept {
    std::size_t const first = line.find(' ');
    std::size_t const last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    std::string_view const version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
    request.minor_version = version.back() - '0';
    return is_token(request.method) && is_visible(request.target);
}

[[nodiscard]] bool parse_header_line(std::string_view line, HttpRequest& request) noexcept {
    std::size_t const colon = line.find(':');
    if (colon == std::string_view::npos || request.header_count == HttpRequest::kMaxHeaders) {
        return false;
    }
    HttpHeader const header{line.substr(0, colon), trim(line.substr(colon + 1))};
    // A folded line starts with a blank, which no token has.
    if (!is_token(header.name) || !is_value(header.value)) return false;
    request.headers[request.header_count++] = header;
    return true;
}

[[nodiscard]] std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 413: return "Content Too Large";
        case 426: return "Upgrade Required";
        case 431: return "Request Header Fields Too Large";
        case 503: return "Service Unavailable";
    }
    return "Error";
}

}  // namespace

bool ascii_iequals(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::size_t HttpRequest::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.begin() + static_cast<std::ptrdiff_t>(header_count),
                      [&](const HttpHeader& h) { return ascii_iequals(h.name, name); }));
}

std::optional<std::string_view> HttpRequest::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < header_count; ++i) {
        if (ascii_iequals(headers[i].name, name)) return headers[i].value;
    }
    return std::nullopt;
}

bool HttpRequest::lists(std::string_view name, std::string_view token) const noexcept {
    for (std::size_t i = 0; i < header_count; ++i) {
        if (!ascii_iequals(headers[i].name, name)) continue;
        std::string_view rest = headers[i].value;
        while (!rest.empty()) {
            std::size_t const comma = std::min(rest.find(','), rest.size());
            if (ascii_iequals(trim(rest.substr(0, comma)), token)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

HttpParse parse_request(std::string_view bytes, HttpRequest& request) noexcept {
    request = HttpRequest{};
    // A TLS hello or other noise does not get to wait for the deadline.
    if (!bytes.empty() && !is_token(bytes.substr(0, 1))) return HttpParse::Malformed;
    std::string_view const window = bytes.substr(0, kMaxRequestBytes);
    std::size_t const end = window.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return bytes.size() >= kMaxRequestBytes ? HttpParse::TooLarge : HttpParse::NeedMore;
    }
    request.size = end + 4;
    std::string_view rest = bytes.substr(0, end + 2);
    bool first = true;
    while (!rest.empty()) {
        std::size_t const stop = rest.find("\r\n");
        std::string_view const line = rest.substr(0, stop);
        rest.remove_prefix(stop + 2);
        bool const good =
            first ? parse_request_line(line, request) : parse_header_line(line, request);
        if (!good) return HttpParse::Malformed;
        first = false;
    }
    return HttpParse::Done;
}

std::string make_reply(const HttpReply& reply) {
    std::string text("HTTP/1.1 ");
    text.append(std::to_string(reply.status)).append(" ").append(reason_phrase(reply.status));
    text.append("\r\nContent-Type: ").append(reply.content_type);
    text.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
    text.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    text.append(reply.extra).append("Connection: close\r\n\r\n").append(reply.body);
    return text;
}

bool valid_websocket_key(std::string_view key) noexcept {
    if (key.size() != 24 || !key.ends_with("==")) return false;
    // The 22nd character carries four bits only.
    constexpr std::string_view kLast = "AQgw";
    return kLast.find(key[21]) != std::string_view::npos &&
           std::all_of(key.begin(), key.begin() + 22,
                       [](char c) { return is_alnum(c) || c == '+' || c == '/'; });
}

std::string websocket_accept(std::string_view key) {
    std::string const salted = std::string(key).append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    unsigned size = 0;
    SPILL_CHECK(
        EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
    std::array<unsigned char, 32> text{};
    int const length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
    return std::string(text.begin(), text.begin() + length);
}

std::string make_switch_reply(std::string_view key, std::string_view subprotocol) {
    std::string text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n");
    text.append("Connection: Upgrade\r\nSec-WebSocket-Accept: ").append(websocket_accept(key));
    if (!subprotocol.empty()) text.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
    return text.append("\r\n\r\n");
}

}  // namespace spill
