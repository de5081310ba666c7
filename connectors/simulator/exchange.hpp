// The venues' side of the wire: one websocket listener that speaks every simulated venue.
//
// The path decides the venue: "/binance/stream", "/kraken/v2", "/bybit-spot/v5/public/spot": the
// venue's configured name, then the path of the real one. All calls come from the thread that runs
// `io`. Beast stays in exchange.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "connectors/simulator/market.hpp"
#include "core/instrument.hpp"
#include "core/types.hpp"

namespace boost::asio {
class io_context;
}

namespace spill {

// Where a link finds a simulated venue: "/" + venue name + the real venue's path.
[[nodiscard]] std::string simulated_path(std::string_view venue, std::string_view real_path);

struct ExchangeOptions {
    std::uint16_t port = 0;        // 0 = any free one
    std::string certificate_file;  // PEM; both set = TLS
    std::string key_file;
};

class Exchange {
public:
    // Listens on 127.0.0.1 at once. `venues` are names of the registry; others are refused (404).
    // Throws std::runtime_error (port in use, unreadable certificate).
    Exchange(boost::asio::io_context& io, const Registry& registry,
             std::span<const std::string> venues, ExchangeOptions options = {});
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange();

    [[nodiscard]] std::uint16_t port() const noexcept;

    // Queues the trades on every connection that subscribed to them, then on every connection a
    // websocket ping with the payload "clk:<ns of market_time>": all trades before it are sent.
    void publish(std::span<const SimTrade> trades, UnixNanos market_time);

    // Says to every connection of a venue that it will be cut, where the venue has words for it.
    void announce_cut(std::string_view venue);

    // True when every feed of the served venues has a subscribed connection.
    [[nodiscard]] bool complete() const noexcept;
    // True when every open connection has answered a clock ping of `market_time` or later.
    [[nodiscard]] bool drained(UnixNanos market_time) const noexcept;
    [[nodiscard]] std::size_t connections() const noexcept;

    // Closes the listener and every connection. Idempotent.
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spill
