// One HTTPS GET, without Asio or Beast in sight. Policy is the caller's: no retry, no rate lives
// here. The TLS rules are those of the websockets (transport.hpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/transport.hpp"

namespace spill {

struct HttpGet {
    std::string host;
    std::string port;
    std::string target;                // path and query
    std::vector<std::string> headers;  // "Name: value", beside Host and User-Agent
    std::size_t max_body_bytes = 8U << 20U;
    std::chrono::milliseconds phase{5'000};   // each of: name, TCP, TLS, request, answer
    std::chrono::milliseconds whole{20'000};  // all of them
    std::shared_ptr<TlsContext> tls;          // null = plain text, for loopback addresses only
};

struct HttpAnswer {
    int status = 0;      // 0 = no answer, and `detail` says why
    std::string detail;  // one line for people
    std::string body;    // of any status, whole
    std::optional<std::chrono::seconds> retry_after;
};

// A request under way; its end cancels it.
class HttpExchange {
public:
    HttpExchange() = default;
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;
    virtual ~HttpExchange() = default;
};

// `done` is called once from the io_context's thread, never before http_get() returns and never
// after the object has gone. It may destroy the object.
[[nodiscard]] std::unique_ptr<HttpExchange> http_get(boost::asio::io_context& io, HttpGet get,
                                                     std::function<void(HttpAnswer)> done);

}  // namespace spill
