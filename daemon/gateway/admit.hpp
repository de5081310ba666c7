// Who may ask what: one pure function over a parsed request.
//
// The daemon listens on the loopback interface, where every web page that the user visits can
// reach it too. Two headers that a page cannot forge keep it out: Host (against DNS rebinding) on
// every request, and Origin (against cross-site websockets). A bot sends no Origin and is let in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/http.hpp"

namespace spill {

// What the request is judged against.
struct AdmitContext {
    std::string_view local_address;  // IP literal that the connection came in on
    std::uint16_t port = 0;
    std::span<const std::string> allowed_origins;
    std::size_t subscribers = 0;
    std::size_t max_subscribers = 0;
};

enum class Route : std::uint8_t {
    Metrics,
    Healthz,
    Readyz,
    Stream,
    Signals,
    State,
    Instruments,
    Explain
};

struct Verdict {
    Refusal refusal = Refusal::None;
    int status = 200;  // HTTP status of the refusal
    Route route = Route::Healthz;
    std::string_view why;  // one line for people: what was wrong and the remedy
};

[[nodiscard]] Verdict admit(const HttpRequest& request, const AdmitContext& context) noexcept;

// True when `text` is host[:port] of this listener: the IP literal that we listen on or, on the
// loopback interface, exactly `localhost`; with our port or none. No names, no other spellings.
[[nodiscard]] bool host_is_ours(std::string_view text, const AdmitContext& context) noexcept;

}  // namespace spill
