// A small scripted REST server on loopback, plain or TLS: one request a connection, and the answer
// to each is a function of the test. Runs on the test's io_context, single-threaded.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/fake_venue.hpp"

namespace spill::fake {

struct RestReply {
    int status = 200;
    std::string body = {};
    std::string headers = {};          // whole lines, each with its "\r\n"
    bool silent = false;               // takes the request and says nothing
    std::size_t cut_after = SIZE_MAX;  // bytes of the answer after which the connection ends
};

class RestServer {
public:
    using Answer = std::function<RestReply(const std::string& target)>;
    RestServer(boost::asio::io_context& io, Answer answer,
               std::optional<Certificate> certificate = std::nullopt);
    RestServer(const RestServer&) = delete;
    RestServer& operator=(const RestServer&) = delete;
    ~RestServer();

    [[nodiscard]] std::string port() const;
    [[nodiscard]] const std::vector<std::string>& targets() const;  // asked so far
    [[nodiscard]] const std::string& last_head() const;             // request line and headers

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spill::fake
