// Compares what was published with what was planted: found, missed, false, delay.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "connectors/simulator/truth.hpp"
#include "core/signal.hpp"
#include "core/types.hpp"

namespace spill {

// The part of a signal that the comparison needs.
struct Edge {
    SignalType type = SignalType::Health;
    std::string key;
    std::string state;
    UnixNanos at;  // ts_signal
};

enum class Outcome : std::uint8_t {
    Found,    // every expected state came, in order and in time, and nothing forbidden
    Missed,   // an expected state did not come in time
    Violated  // a forbidden state came
};

[[nodiscard]] const char* to_string(Outcome outcome) noexcept;

struct PlantedResult {
    const Planted* planted = nullptr;
    Outcome outcome = Outcome::Missed;
    std::string detail;        // the state that was missing or forbidden
    std::int64_t delay_s = 0;  // from `start` to the last expected state; Found only
};

struct Scorecard {
    std::vector<PlantedResult> planted;  // rows that expect or forbid something, in their order
    std::vector<Edge> unexplained;       // confirmed breakouts or volume that nobody planted
    std::size_t found = 0, missed = 0, violated = 0;

    [[nodiscard]] bool clean() const noexcept {
        return missed == 0 && violated == 0 && unexplained.empty();
    }
};

// `planted` must outlive the result. O(planted x edges).
[[nodiscard]] Scorecard score(std::span<const Planted> planted, std::span<const Edge> edges);

// A table for people, one row per planted event, and a last line with the sums.
[[nodiscard]] std::string to_text(const Scorecard& card);

}  // namespace spill
