#include "daemon/stats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace spill {

std::size_t LatencyHistogram::cell_of(std::int64_t ns) noexcept {
    if (ns < std::int64_t{1} << kFirstLog) return 0;
    auto const value = static_cast<std::uint64_t>(ns);
    int const log = static_cast<int>(std::bit_width(value)) - 1;
    if (log >= kFirstLog + kLogs) return kCells - 1;
    // The three bits behind the leading one.
    auto const step = static_cast<std::size_t>(value >> (log - 3) & 7U);
    return 1 + static_cast<std::size_t>(log - kFirstLog) * kSteps + step;
}

std::int64_t LatencyHistogram::upper_edge(std::size_t cell) noexcept {
    if (cell == 0) return (std::int64_t{1} << kFirstLog) - 1;
    if (cell >= kCells - 1) return std::numeric_limits<std::int64_t>::max();
    auto const log = kFirstLog + static_cast<int>((cell - 1) / kSteps);
    auto const step = static_cast<std::int64_t>((cell - 1) % kSteps);
    return ((kSteps + step + 1) << (log - 3)) - 1;
}

void LatencyHistogram::record(std::int64_t ns) noexcept {
    bump(cells_[cell_of(ns)]);
    if (ns > 0) sum_.store(sum_.load(std::memory_order_relaxed) + ns, std::memory_order_relaxed);
}

std::uint64_t LatencyHistogram::count() const noexcept {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < kCells; ++i) total += cell(i);
    return total;
}

std::int64_t LatencyHistogram::quantile_ns(double q) const noexcept {
    std::uint64_t const total = count();
    auto const rank = std::max(1.0, std::ceil(q * static_cast<double>(total)));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kCells; ++i) {
        below += cell(i);
        if (below != 0 && static_cast<double>(below) >= rank) return upper_edge(i);
    }
    return 0;
}

void EngineStats::count_signal(SignalType type, const char* state) noexcept {
    for (Row& row : rows_) {
        const char* const known = row.state.load(std::memory_order_relaxed);
        if (known == nullptr) {
            row.type = type;
            bump(row.count);
            row.state.store(state, std::memory_order_release);  // publishes the row
            return;
        }
        if (row.type == type && std::string_view(known) == state) return bump(row.count);
    }
    bump(other_);
}

void EngineStats::for_each_signal(
    const std::function<void(SignalType, std::string_view, std::uint64_t)>& visit) const {
    for (const Row& row : rows_) {
        const char* const state = row.state.load(std::memory_order_acquire);
        if (state == nullptr) break;
        visit(row.type, state, row.count.load(std::memory_order_relaxed));
    }
    std::uint64_t const other = other_.load(std::memory_order_relaxed);
    if (other != 0) visit(SignalType::Health, "other", other);
}

}  // namespace spill
