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
#include "daemon/gateway/query.hpp"

namespace spill {

class Listener {
public:
    using Upgrade = std::function<void(UpgradedSocket)>;
    // Asks the publishing thread for the JSON of a Signals or State route; `done` runs on the ops
    // thread.
    using Evidence = std::function<void(Route, Query, std::function<void(std::string)> done)>;

    // `upgrade` takes over a socket on which 101 has been sent, and its slot.
    Listener(boost::asio::io_context& io, const GatewayConfig& config, const GatewayHooks& hooks,
             GatewayStats& stats, std::atomic<std::size_t>& slots, Upgrade upgrade,
             Evidence evidence);
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
    // In listener_evidence.cpp: the read-only JSON paths. `reply` may run later.
    using Reply = std::function<void(std::string)>;
    void answer_evidence(Route route, std::string_view target, Reply reply);
    void ask_explain(const Query& query, Reply reply);
    [[nodiscard]] std::string instruments_json() const;
    [[nodiscard]] const std::string& metrics_text();
    void refuse(Refusal refusal) noexcept;
    void remove(Connection& connection);

    boost::asio::io_context& io_;
    const GatewayConfig& config_;
    const GatewayHooks& hooks_;
    GatewayStats& stats_;
    std::atomic<std::size_t>& slots_;
    Upgrade upgrade_;
    Evidence evidence_;
    std::size_t evidence_waits_ = 0;  // questions to the publishing thread without an answer
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
