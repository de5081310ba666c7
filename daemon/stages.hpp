// The two stages behind the feeds: the core (events to signals) and the publisher (signals to
// bytes). Each is owned by one thread, which calls drain(); both plans use the same stages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/engine.hpp"
#include "core/event.hpp"
#include "core/signal.hpp"
#include "daemon/explain_desk.hpp"
#include "daemon/gateway/gateway.hpp"
#include "daemon/gateway/protocol.hpp"
#include "daemon/metrics.hpp"
#include "daemon/queue.hpp"

namespace spill {

// Wall clock of this machine, ns. Stamps only, never deadlines.
[[nodiscard]] UnixNanos wall_now() noexcept;

class CoreStage final : public SignalSink {
public:
    static constexpr std::size_t kBatch = 256;

    struct Ports {
        Engine& engine;
        BoundedQueue<Event>& events;
        BoundedQueue<Signal>& signals;
        EngineStats& stats;
        LatencyHistogram& latency;  // receive -> applied, once per batch
        // More than one producer: a clock waits for what was queued before it on other lanes.
        bool many_lanes = false;
        ExplainDesk* desk = nullptr;     // questions to answer between batches
        const Params* params = nullptr;  // REQUIRED with a desk
    };
    explicit CoreStage(const Ports& ports) : ports_(ports), out_(ports.signals) {}

    // Applies everything that is queued; returns how many events.
    std::size_t drain() noexcept;
    void on_signal(const Signal& signal) noexcept override;

private:
    void apply(const Event& event) noexcept;
    void apply_behind_others(const Event& clock) noexcept;

    Ports ports_;
    BoundedQueue<Signal>::Producer out_;
    std::array<Event, kBatch> batch_{};
    std::array<Event, kBatch> before_{};
};

class PublishStage {
public:
    static constexpr std::size_t kBatch = 16;

    struct Ports {
        BoundedQueue<Signal>& signals;
        Gateway& gateway;
        const Registry& registry;
        std::string cfg;
        LatencyHistogram& latency;  // receive -> handed to the gateway, trade causes only
        BoundedQueue<Signal>* tap = nullptr;
    };
    explicit PublishStage(Ports ports);

    std::size_t drain() noexcept;
    [[nodiscard]] std::uint64_t unencodable() const noexcept { return unencodable_; }

private:
    void publish(const Signal& signal) noexcept;

    Ports ports_;
    std::unique_ptr<BoundedQueue<Signal>::Producer> tap_;
    std::array<Signal, kBatch> batch_;
    std::array<char, kMaxSignalBytes> buffer_;
    std::uint64_t unencodable_ = 0;
};

}  // namespace spill
