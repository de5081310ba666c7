// The running daemon: threads, queues and stages, wired. The only file pair that joins connectors
// to the engine.
//
//   inline: "spill-hot" reads, decodes, applies and publishes in one loop turn; "spill-ops" serves
//           HTTP and metrics.
//   split:  "spill-feed-N" -> events -> "spill-core" -> signals -> "spill-pub"; "spill-ops".
//
// The stages and queues are the same in both; only who calls their drain() differs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/feed.hpp"
#include "connectors/history_stats.hpp"
#include "core/calendar.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/signal.hpp"
#include "daemon/config.hpp"
#include "daemon/queue.hpp"

namespace spill {

struct AppOptions {
    const Config* config = nullptr;        // must outlive the app
    const Calendars* calendars = nullptr;  // likewise
    std::vector<LinkConfig> links;
    std::uint64_t seed = 0;  // of reconnect jitter
    std::string epoch;       // identity of the signal stream
    // Simulated market: the clock comes with the frames (EventSink::market_clock).
    bool market_clock = false;
    std::vector<Event> history;  // ordered by learned_at; learned without publishing
    std::vector<std::shared_ptr<const HistoryStats>> seeded;  // where the history came from
    UnixNanos publish_from;  // market time at which publishing starts, if history is set
    BoundedQueue<Signal>* tap = nullptr;  // gets a copy of everything published
};

// What the plan is and why, for the log: "inline (2 cores)".
struct PlanChoice {
    ThreadPlan plan = ThreadPlan::Inline;
    std::string why;
};
// `cores` is what the process may use. Errors: InvalidArgument when `spin` would leave no core.
[[nodiscard]] Result<PlanChoice> choose_plan(const DaemonConfig& config, unsigned cores);

// The links that the configuration asks for: one per venue and max_symbols_per_link symbols.
[[nodiscard]] Result<std::vector<LinkConfig>> links_of(const Config& config);

// Where bans and key locks live: the configured directory, else systemd's, else none (empty).
[[nodiscard]] std::string state_directory(const DaemonConfig& config);

// What the venues remember, for AppOptions: fills `history`, `seeded` and `publish_from`. Blocks
// until all of it has come; tells the log how it goes. `interrupted`: see SeedOptions.
void seed_history(AppOptions& options, const std::function<bool()>& interrupted);

struct LinkReport {
    std::string venue;
    LinkState state = LinkState::Idle;
    std::uint64_t messages = 0, trades = 0, symbols_wanted = 0, symbols_live = 0;
};

class App {
public:
    // Builds everything, learns the history. Throws std::runtime_error (before READY only).
    explicit App(AppOptions options, const PlanChoice& plan);
    App(const App&) = delete;
    App& operator=(const App&) = delete;
    ~App();  // stops

    // Binds the gateway and starts the threads.
    Result<void> start();
    // Any thread, idempotent: links close politely, subscribers get 1001, threads end.
    void stop();

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] std::vector<LinkReport> links() const;
    // Upper edge of the q-quantile of receive to signal, ns; 0 = nothing yet.
    [[nodiscard]] std::int64_t latency_ns(double q) const noexcept;
    [[nodiscard]] std::uint64_t published() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
