// The listening socket and every HTTP request, on the ops thread.
//
// A connection has two seconds for everything. Half-sent requests cannot shut others out: when
// there are too many, the oldest goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/error.hpp"
#include "daemon/gateway/admit.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/publisher.hpp"

namespace spill {

class Listener {
public:
    using Upgrade = std::function<void(UpgradedSocket)>;

    // `upgrade` takes over a socket on which 101 has been sent, and its slot.
    Listener(boost::asio::io_context& io, const GatewayConfig& config, const GatewayHooks& hooks,
             GatewayStats& stats, std::atomic<std::size_t>& slots, Upgrade upgrade);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    // Any thread, before stop().
    Result<void> listen();
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    // Ops thread only.
    void stop();

private:
    class Connection;
    using Connections = std::list<std::shared_ptr<Connection>>;

    void accept();
    void on_accept(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
    void pause_accepting();
    [[nodiscard]] bool make_space();
    [[nodiscard]] bool evict_oldest(Refusal why);
    [[nodiscard]] std::string answer(const Verdict& verdict);
    [[nodiscard]] const std::string& metrics_text();
    void refuse(Refusal refusal) noexcept;
    void remove(Connection& connection);

    boost::asio::io_context& io_;
    const GatewayConfig& config_;
    const GatewayHooks& hooks_;
    GatewayStats& stats_;
    std::atomic<std::size_t>& slots_;
    Upgrade upgrade_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer retry_;
    std::uint16_t port_ = 0;
    std::size_t max_sockets_ = 0;  // of ours; the rest of the descriptors is for the others
    bool stopped_ = false;
    Connections connections_;  // in the order of arrival
    std::string metrics_;
    std::chrono::steady_clock::time_point metrics_at_{};
};

}  // namespace spill
