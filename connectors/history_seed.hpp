// What the venues remember of the last days, asked before the first link is dialled: minute bars
// per feed, as events in the order in which they became known.
//
// One queue per venue, within its budget; the venues are asked side by side. A feed whose venue
// does not answer has no history, and its baselines stay provisional. Not on the hot path.
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

#include "connectors/feed.hpp"
#include "connectors/history_stats.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace spill {

// One feed is done, or failed.
struct SeedNote {
    std::string_view venue;
    std::string_view symbol;
    std::size_t done = 0;  // feeds of all venues, this one included
    std::size_t feeds = 0;
    std::uint64_t bars = 0;    // of this feed
    std::string_view trouble;  // why there is not all of it; empty = there is
};

struct SeedOptions {
    int days = 0;
    UnixNanos now;                    // nothing that ends after it is learned
    std::chrono::seconds limit{900};  // then the rest is left out
    std::function<void(const SeedNote&)> told{};
    std::function<bool()> interrupted{};  // asked several times a second; true = leave out the rest
};

class HistorySeed {
public:
    static constexpr int kPages = 500;  // of one feed

    // `links` say where and with which key; those without LinkConfig::history are left out.
    // REQUIRES `registry` to outlive the object. Throws std::runtime_error when TLS cannot be set
    // up.
    HistorySeed(const Registry& registry, std::span<const LinkConfig> links, SeedOptions options);
    HistorySeed(const HistorySeed&) = delete;
    HistorySeed& operator=(const HistorySeed&) = delete;
    ~HistorySeed();

    // Blocks. Bars of one minute, ordered by (end, feed), each feed's ascending.
    [[nodiscard]] std::vector<Event> run();
    // One per venue; must be kept as long as somebody reads them.
    [[nodiscard]] std::vector<std::shared_ptr<const HistoryStats>> stats() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
