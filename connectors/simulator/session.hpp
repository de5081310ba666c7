// Connections of the simulated exchange behind an interface without Beast.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulator/dialect.hpp"
#include "connectors/simulator/exchange.hpp"
#include "core/types.hpp"

namespace spill::sim {

using Bytes = std::shared_ptr<const std::string>;

// One venue as it is spoken here: its symbols and their feeds.
struct Booth {
    std::string name;
    Dialect dialect = Dialect::Binance;
    std::vector<std::pair<std::string, FeedId>> symbols;

    [[nodiscard]] FeedId find(std::string_view symbol) const noexcept {
        for (auto const& [text, feed] : symbols) {
            if (text == symbol) return feed;
        }
        return FeedId{};
    }
    [[nodiscard]] std::string_view symbol_of(FeedId feed) const noexcept {
        for (auto const& [text, id] : symbols) {
            if (id == feed) return text;
        }
        return {};
    }
};

// A connection that has not answered a clock for this long is cut, so that it cannot hold the
// others back for ever.
inline constexpr std::chrono::seconds kPatience{30};

// One connection, whatever its transport.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;
    virtual void start() = 0;
    virtual void close() = 0;

    static constexpr std::string_view kClockPrefix = "clk:";

    void send(Bytes text) { enqueue(Item{std::move(text), 0}); }
    void ping(std::int64_t clock) {
        if (sent_clock == answered_clock) waiting_since = std::chrono::steady_clock::now();
        sent_clock = clock;
        enqueue(Item{
            std::make_shared<const std::string>(std::string(kClockPrefix) + std::to_string(clock)),
            clock});
    }
    [[nodiscard]] bool drained(std::int64_t clock) const noexcept {
        return !open || answered_clock == sent_clock || answered_clock >= clock;
    }
    [[nodiscard]] bool overdue(std::chrono::steady_clock::time_point now) const noexcept {
        return open && answered_clock != sent_clock && now - waiting_since > kPatience;
    }

    const Booth* booth = nullptr;  // set by the upgrade
    std::uint64_t number = 0;      // of the connection, in the order of acceptance, from 1
    std::vector<FeedId> feeds;     // subscribed, ascending
    bool open = false;             // upgraded and not closed
    bool spoke = false;            // something was sent since the last heartbeat
    std::int64_t sent_clock = 0;
    std::int64_t answered_clock = 0;
    std::chrono::steady_clock::time_point waiting_since;

protected:
    struct Item {
        Bytes text;
        std::int64_t clock;  // not zero: a ping
    };
    virtual void enqueue(Item item) = 0;
};

// What the connections report to, from the thread that runs their io_context.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;
    virtual void accepted(std::shared_ptr<Session> session) = 0;
    virtual const Booth* booth_of(std::string_view target) const noexcept = 0;
    virtual void opened(Session& session) = 0;
    virtual void received(Session& session, std::string_view text) = 0;
    virtual void closed(Session& session) = 0;
};

// Accepts on 127.0.0.1, plain or TLS. Constructor: as Exchange.
class Listener {
public:
    Listener(boost::asio::io_context& io, const ExchangeOptions& options);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();
    [[nodiscard]] std::uint16_t port() const noexcept;
    void start(std::weak_ptr<Host> host);
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spill::sim
