// All links of one feed thread: dial, subscribe, decode, resolve, push.
//
// Owns the sockets, timers and codecs of its links; everything runs on the io_context that it is
// given, from one thread. Beast and OpenSSL stay behind this header (transport.cpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/link_stats.hpp"
#include "connectors/registry.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace boost::asio {
class io_context;
}

namespace spill {

class BanStore;
struct HistorySpec;
struct HistoryStats;

// Where a feed puts its events. All calls come from the feed's thread.
class EventSink {
public:
    EventSink() = default;
    EventSink(const EventSink&) = delete;
    EventSink& operator=(const EventSink&) = delete;
    virtual ~EventSink() = default;
    // Returns false when the bound is hit; the sink counts the drop.
    virtual bool push(const Event& event) noexcept = 0;
    // Called once per read batch, after its events: wake or drain the consumer now.
    virtual void flush() noexcept = 0;
    // A simulated venue says that all its trades before `market_time` have been sent on `link`
    // (payload "clk:<ns>" of a websocket ping; never happens on a real venue). `market_time` is
    // the least over the links of this feed that are up.
    virtual void market_clock(UnixNanos market_time) noexcept = 0;
};

struct LinkConfig {
    const VenueSpec* spec = nullptr;
    VenueId venue;
    std::string host;  // the spec's values unless overridden
    std::string port;
    std::string path;
    bool tls = true;  // false only for loopback addresses (simulator)
    std::vector<std::string> symbols;
    bool accept_market_clock = false;     // only for the simulator
    std::chrono::nanoseconds silence{0};  // budget of data silence; 0 = the venue's own
    Credentials credentials{};            // never logged
    // False when the instrument may be silent at that time; empty = its market never closes.
    std::function<bool(InstrumentId, UnixNanos)> in_session{};
    BanStore* bans = nullptr;  // what outlives the process; null = nothing does
    // Gaps are filled from the venue's REST interface when it is set. Host and port: empty = those
    // of the spec. The prefix is for the simulator, which serves all venues on one port.
    const HistorySpec* history = nullptr;
    std::string rest_host{};
    std::string rest_port{};
    std::string rest_prefix{};
};

// What happened to a link, for the log. Views are valid during the call.
struct LinkChange {
    std::size_t link = 0;  // index in `links`
    LinkState state = LinkState::Idle;
    std::string_view symbol;  // a symbol that the venue refused; empty when the state changed
    std::string_view detail;  // why, in words; may be empty
    bool backfill = false;    // no refusal: a gap of `symbol` was back-filled ...
    bool good = false;        // ... and nothing of it is missing any more
};

// Called on the feed's thread at edges only (state changes, refusals), never per message.
using LinkObserver = std::function<void(const LinkChange&)>;

// Not to be mixed up with `Feed` of core/instrument.hpp, which is one row of the registry.
class VenueFeed {
public:
    // REQUIRES `io`, `registry` and `sink` to outlive the feed. `seed` drives reconnect jitter.
    // Throws std::runtime_error when TLS cannot be set up (before READY only).
    VenueFeed(boost::asio::io_context& io, const Registry& registry, std::vector<LinkConfig> links,
              EventSink& sink, std::uint64_t seed, LinkObserver observer = {});
    VenueFeed(const VenueFeed&) = delete;
    VenueFeed& operator=(const VenueFeed&) = delete;
    ~VenueFeed();

    void start();
    // Closes every link politely (close frame, then socket) and stops dialling. Idempotent.
    void stop();

    // One per link, in the order of `links`; readable from any thread at any time.
    [[nodiscard]] std::span<const std::unique_ptr<LinkStats>> stats() const noexcept;
    // One per venue whose gaps are back-filled; likewise.
    [[nodiscard]] std::span<const std::unique_ptr<HistoryStats>> history_stats() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
