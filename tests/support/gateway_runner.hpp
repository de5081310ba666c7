// A gateway on a free loopback port with its two threads, for tests.
#pragma once

#include <future>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include "daemon/gateway/gateway.hpp"

namespace spill::test {

[[nodiscard]] inline GatewayConfig small_gateway() {
    GatewayConfig config;
    config.port = 0;
    config.version = "1.2.3";
    config.epoch = "e1";
    config.cfg = "0a1b2c3d";
    return config;
}

class GatewayRunner {
public:
    explicit GatewayRunner(GatewayConfig config = small_gateway(), GatewayHooks hooks = {})
        : gateway(ops, pub, std::move(config), std::move(hooks)) {
        REQUIRE(gateway.listen().has_value());
        threads_[0] = std::thread([this] { ops.run(); });
        threads_[1] = std::thread([this] { pub.run(); });
    }
    GatewayRunner(const GatewayRunner&) = delete;
    GatewayRunner& operator=(const GatewayRunner&) = delete;
    // Returns only when both contexts have run dry: nothing of the gateway is left in them.
    ~GatewayRunner() { finish(); }

    void finish() {
        gateway.stop();
        guards_[0].reset();
        guards_[1].reset();
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

    // Runs `work` on the publishing thread and waits for it.
    template <class Work>
    void on_pub(Work work) {
        std::promise<void> done;
        boost::asio::post(pub, [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }
    // A stand-in for a signal: its body names its number.
    void publish(std::uint64_t offset, SignalType type, const std::string& key,
                 std::size_t filler = 0, const std::string& state = "",
                 const std::string& prev = "") {
        gateway.publish(
            "{\"offset\":" + std::to_string(offset) + ",\"type\":\"" + to_string(type) +
                "\",\"key\":\"" + key + "\",\"pad\":\"" + std::string(filler, 'x') + "\"}",
            SignalFacts{.offset = offset, .type = type, .key = key, .state = state, .prev = prev});
    }

    boost::asio::io_context ops;
    boost::asio::io_context pub;
    Gateway gateway;

private:
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    Guard guards_[2] = {Guard(ops.get_executor()), Guard(pub.get_executor())};
    std::thread threads_[2];
};

}  // namespace spill::test
