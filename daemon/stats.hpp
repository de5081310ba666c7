// Figures that the hot threads keep: one writer each, relaxed, read by the scraper at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "connectors/link_stats.hpp"
#include "core/event.hpp"
#include "core/signal.hpp"

namespace spill {

// Durations of one stage on one thread: 8 steps per power of two between 256 ns and 4 s, hence
// within 12.5 % of the truth. One writer; any reader.
class LatencyHistogram {
public:
    // A duration below zero (clocks differ) counts as zero.
    void record(std::int64_t ns) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept;
    [[nodiscard]] std::int64_t sum_ns() const noexcept {
        return sum_.load(std::memory_order_relaxed);
    }
    // Upper edge of the step that holds the q-quantile, ns; 0 when empty. 0 <= q <= 1.
    [[nodiscard]] std::int64_t quantile_ns(double q) const noexcept;

    static constexpr int kSteps = 8;     // per power of two
    static constexpr int kFirstLog = 8;  // 2^8 ns; everything below is step 0
    static constexpr int kLogs = 24;     // up to 2^32 ns; everything above is the last step
    static constexpr std::size_t kCells = static_cast<std::size_t>(kSteps * kLogs + 2);
    [[nodiscard]] static std::size_t cell_of(std::int64_t ns) noexcept;
    // Largest duration that falls into the cell; the last cell has none (max of int64).
    [[nodiscard]] static std::int64_t upper_edge(std::size_t cell) noexcept;
    [[nodiscard]] std::uint64_t cell(std::size_t index) const noexcept {
        return cells_[index].load(std::memory_order_relaxed);
    }

private:
    std::array<Counter, kCells> cells_{};
    std::atomic<std::int64_t> sum_{0};
};

// What the core thread counts. One writer.
class EngineStats {
public:
    static constexpr std::size_t kMaxStates = 64;  // (type, state) pairs with a series

    void count_event(EventKind kind) noexcept { bump(events_[static_cast<std::size_t>(kind)]); }
    // REQUIRES `state` to have static storage. Beyond kMaxStates pairs it counts as "other".
    void count_signal(SignalType type, const char* state) noexcept;

    [[nodiscard]] std::uint64_t events(EventKind kind) const noexcept {
        return events_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
    }
    // Calls visit(type, state, count) for every pair seen.
    void for_each_signal(
        const std::function<void(SignalType, std::string_view, std::uint64_t)>& visit) const;

private:
    struct Row {
        std::atomic<const char*> state{nullptr};
        SignalType type = SignalType::Health;
        Counter count{0};
    };
    std::array<Counter, 6> events_{};
    std::array<Row, kMaxStates> rows_{};
    Counter other_{0};
};

}  // namespace spill
