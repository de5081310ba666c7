// What Prometheus sees. Every metric is declared once, in the table of metrics.cpp; the figures
// are relaxed atomics that their owners write and the scraper reads.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "connectors/history_stats.hpp"
#include "connectors/link_stats.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/queue.hpp"
#include "daemon/stats.hpp"

namespace spill {

struct BuildFacts {
    std::string version;
    std::string cfg;    // configuration hash
    std::string epoch;  // of the signal stream
    std::string plan;   // inline or split
};

class Metrics {
public:
    explicit Metrics(BuildFacts facts);
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    // All before the threads start; what is added must outlive the object.
    void add_link(const LinkStats* link);
    // Several of one venue are added up.
    void add_history(const HistoryStats* history);
    void add_queue(const QueueStats* queue);
    void add_gateway(const GatewayStats* gateway);
    void add_engine(const EngineStats* engine);
    // Histograms of the same stage (one per thread) are added up. `stage` is a metric label.
    void add_latency(const char* stage, const LatencyHistogram* histogram);
    // The answer of /readyz as a figure.
    void set_ready(std::function<bool()> ready);

    // The text of /metrics. Any one thread at a time; about a millisecond, never on the hot path.
    [[nodiscard]] std::string text() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
