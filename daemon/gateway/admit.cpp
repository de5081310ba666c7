#include "daemon/gateway/admit.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace spill {

const char* to_string(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::None: return "none";
        case Refusal::Deadline: return "deadline";
        case Refusal::Evicted: return "evicted";
        case Refusal::TooLarge: return "too_large";
        case Refusal::Malformed: return "malformed";
        case Refusal::Method: return "method";
        case Refusal::Body: return "body";
        case Refusal::Host: return "host";
        case Refusal::Origin: return "origin";
        case Refusal::Path: return "path";
        case Refusal::Version: return "version";
        case Refusal::Limit: return "limit";
        case Refusal::Descriptors: return "descriptors";
    }
    return "none";
}

namespace {

struct Address {
    int family = AF_UNSPEC;  // AF_UNSPEC: not an IP literal
    std::array<unsigned char, 16> bytes{};
    friend bool operator==(const Address&, const Address&) = default;

    [[nodiscard]] bool loopback() const noexcept {
        constexpr std::array<unsigned char, 16> kV6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        return family == AF_INET ? bytes[0] == 127 : family == AF_INET6 && bytes == kV6;
    }
};

// Full dotted quads and RFC 4291 forms only, as inet_pton reads them: no octal, hex or short form.
[[nodiscard]] Address parse_address(std::string_view text, int family) noexcept {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    Address address;
    if (text.empty() || text.size() >= buffer.size()) return address;
    std::memcpy(buffer.data(), text.data(), text.size());
    if (inet_pton(family, buffer.data(), address.bytes.data()) == 1) address.family = family;
    return address;
}

[[nodiscard]] Address parse_any(std::string_view text) noexcept {
    Address const v4 = parse_address(text, AF_INET);
    return v4.family == AF_INET ? v4 : parse_address(text, AF_INET6);
}

// 1 to 5 digits without a leading zero; 0 when it is not a port.
[[nodiscard]] unsigned parse_port(std::string_view text) noexcept {
    unsigned port = 0;
    if (text.empty() || text.size() > 5 || text.front() == '0') return 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    bool const whole = error == std::errc{} && end == text.data() + text.size();
    return whole && port <= 65535 ? port : 0;
}

struct HostParts {
    std::string_view host;  // of a bracketed literal: without the brackets
    bool bracketed = false;
    std::string_view port;  // empty = none
    bool valid = false;
};

[[nodiscard]] HostParts split_host(std::string_view text) noexcept {
    HostParts parts;
    std::size_t end = 0;
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos) return parts;
        parts.host = text.substr(1, end - 1);
        parts.bracketed = true;
        ++end;
    } else {
        end = std::min(text.find(':'), text.size());
        parts.host = text.substr(0, end);
    }
    std::string_view const rest = text.substr(end);
    parts.valid = rest.empty() || (rest.front() == ':' && parse_port(rest.substr(1)) != 0);
    if (!rest.empty()) parts.port = rest.substr(1);
    return parts;
}

[[nodiscard]] bool origin_is_allowed(std::string_view origin,
                                     const AdmitContext& context) noexcept {
    if (std::find(context.allowed_origins.begin(), context.allowed_origins.end(), origin) !=
        context.allowed_origins.end()) {
        return true;
    }
    constexpr std::string_view kScheme = "http://";
    if (!origin.starts_with(kScheme)) return false;
    std::string_view const host = origin.substr(kScheme.size());
    // An origin without a port is one on port 80.
    if (split_host(host).port.empty() && context.port != 80) return false;
    return host_is_ours(host, context);
}

[[nodiscard]] Verdict refuse(Refusal refusal, int status, std::string_view why) noexcept {
    return Verdict{.refusal = refusal, .status = status, .route = Route::Healthz, .why = why};
}

[[nodiscard]] Verdict admit_stream(const HttpRequest& request,
                                   const AdmitContext& context) noexcept {
    bool const upgrade = request.minor_version == 1 && request.lists("Upgrade", "websocket") &&
                         request.lists("Connection", "upgrade");
    if (!upgrade) return refuse(Refusal::Version, 426, "this path speaks websocket only");
    auto const version = request.find("Sec-WebSocket-Version");
    if (request.count("Sec-WebSocket-Version") != 1 || *version != "13") {
        return refuse(Refusal::Version, 426, "Sec-WebSocket-Version must be 13");
    }
    auto const key = request.find("Sec-WebSocket-Key");
    if (request.count("Sec-WebSocket-Key") != 1 || !valid_websocket_key(*key)) {
        return refuse(Refusal::Version, 400, "Sec-WebSocket-Key must be 16 bytes in base64");
    }
    if (context.subscribers >= context.max_subscribers) {
        return refuse(Refusal::Limit, 503, "as many subscribers as allowed; try again later");
    }
    return Verdict{.refusal = Refusal::None, .status = 101, .route = Route::Stream, .why = {}};
}

[[nodiscard]] Verdict pass(Route route) noexcept {
    return Verdict{.refusal = Refusal::None, .status = 200, .route = route, .why = {}};
}

}  // namespace

bool host_is_ours(std::string_view text, const AdmitContext& context) noexcept {
    HostParts const parts = split_host(text);
    if (!parts.valid) return false;
    if (!parts.port.empty() && parse_port(parts.port) != context.port) return false;
    Address const local = parse_any(context.local_address);
    if (!parts.bracketed && parts.host == "localhost") return local.loopback();
    Address const named = parse_address(parts.host, parts.bracketed ? AF_INET6 : AF_INET);
    return named.family != AF_UNSPEC && named == local;
}

Verdict admit(const HttpRequest& request, const AdmitContext& context) noexcept {
    if (request.method != "GET") return refuse(Refusal::Method, 405, "only GET is served");
    if (request.count("Content-Length") != 0 || request.count("Transfer-Encoding") != 0) {
        return refuse(Refusal::Body, 400, "a request must not have a body");
    }
    if (request.count("Host") != 1) return refuse(Refusal::Host, 400, "exactly one Host is needed");
    if (!host_is_ours(*request.find("Host"), context)) {
        return refuse(Refusal::Host, 403, "Host must be the address that we listen on");
    }
    std::size_t const origins = request.count("Origin");
    if (origins > 1 || (origins == 1 && !origin_is_allowed(*request.find("Origin"), context))) {
        return refuse(Refusal::Origin, 403, "this Origin is not allowed; bots send none");
    }
    std::string_view const path = request.target.substr(0, request.target.find('?'));
    if (path == "/metrics") return pass(Route::Metrics);
    if (path == "/healthz") return pass(Route::Healthz);
    if (path == "/readyz") return pass(Route::Readyz);
    if (path == "/v1/stream") return admit_stream(request, context);
    if (path == "/v1/signals") return pass(Route::Signals);
    if (path == "/v1/state") return pass(Route::State);
    if (path == "/v1/instruments") return pass(Route::Instruments);
    if (path == "/v1/explain") return pass(Route::Explain);
    return refuse(Refusal::Path, 404,
                  "try /metrics, /healthz, /readyz, /v1/stream, /v1/signals, /v1/state, "
                  "/v1/instruments or /v1/explain");
}

}  // namespace spill
