// A market played through an exchange on its own thread, "spill-sim".
#pragma once

#include <cstdint>
#include <memory>

#include "connectors/simulator/exchange.hpp"
#include "connectors/simulator/market.hpp"

namespace spill {

struct SimulatorOptions {
    MarketConfig market;
    double speed = 0.0;  // market seconds per wall second; 0 = as fast as the subscribers follow
    ExchangeOptions exchange;
    // Market seconds that may be sent and not yet answered: the subscriber is never overrun.
    int max_ahead_seconds = 2;
};

class Simulator {
public:
    // Builds the market and listens; the port is known from here on. Throws as SimMarket and
    // Exchange.
    explicit Simulator(SimulatorOptions options);
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;
    ~Simulator();  // stops and joins

    // Starts the thread. It waits until every feed has a subscriber, then plays the day.
    void start();
    // Ends the thread and closes every connection. Idempotent, from any thread but its own.
    void stop();

    [[nodiscard]] std::uint16_t port() const noexcept;
    // The whole day was played and every open connection has answered its last clock.
    [[nodiscard]] bool done() const noexcept;
    // The market time up to which everything has been sent.
    [[nodiscard]] UnixNanos market_time() const noexcept;
    [[nodiscard]] std::uint64_t trades_sent() const noexcept;
    // history(), truth() and the bounds only: the thread plays it.
    [[nodiscard]] const SimMarket& market() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
