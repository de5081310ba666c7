// What a fault makes the engine say that it does not say of the same day without the fault.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulator/episode_chips.hpp"
#include "connectors/simulator/episode_faults.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"
#include "core/signal.hpp"
#include "core/types.hpp"
#include "daemon/evaluate.hpp"

namespace spill {

struct PositiveEdge {
    std::string key;
    std::string state;
    UnixNanos at;
    friend bool operator==(const PositiveEdge&, const PositiveEdge&) = default;
};

// Keeps what bots act upon: a breakout triggered, confirmed or held, a broad participation, volume
// building or confirmed, a rotation on, an unwind of some level; and of breakouts and participation
// the whole course, to know in which state the day was at any time.
class PositiveLog final : public SignalSink {
public:
    void on_signal(const Signal& signal) noexcept override;
    [[nodiscard]] const std::vector<PositiveEdge>& edges() const noexcept { return edges_; }
    // When the key first reached the state.
    [[nodiscard]] std::optional<UnixNanos> first(const std::string& key,
                                                 std::string_view state) const;
    // The key was confirmed at `at`, by this day or an earlier one, and had not failed by then.
    [[nodiscard]] bool stood(const std::string& key, UnixNanos at) const;
    // The key (a breakout or participation) was in `state`, or beyond it, at `at`.
    [[nodiscard]] bool in_force(const std::string& key, std::string_view state, UnixNanos at) const;

private:
    std::vector<PositiveEdge> edges_;
    std::vector<PositiveEdge> failures_;
    std::vector<PositiveEdge> course_;  // every edge of those
};

// How far an edge of the faulty day may be from its counterpart, minutes.
struct FaultTolerance {
    double early = 0.0;
    double late = 0.0;
};

// From the rules: a hold counts fifteen observed minutes and a volume window is fifteen minutes
// long, so a fault that takes L minutes away moves an edge by at most those fifteen and L.
[[nodiscard]] FaultTolerance fault_tolerance(const sim::FaultClass& what,
                                             const sim::FaultSpan& span) noexcept;

// The edges of `faulty` without a counterpart in `clean`: same key, same state, within the
// tolerance, each counterpart serving once. A key that comes to a state in which the clean day
// is at that time ("state identical to the clean run") is late, not extra.
[[nodiscard]] std::vector<PositiveEdge> extra_edges(const PositiveLog& faulty,
                                                    const PositiveLog& clean,
                                                    const FaultTolerance& tolerance);

// Chips that play S1..S6 in turn, their history, their clean day and what the faults aim at.
struct FaultEpisodes {
    FaultEpisodes(const EvaluateOptions& options, const Calendars& calendars);

    Registry registry;
    sim::ChipMarket market;
    std::vector<Event> history;
    std::vector<Event> day;
    std::vector<sim::FaultTarget> targets;
};

// S16..S22 on chips that play S1..S6 in turn. Appends a table and one gate a class.
void evaluate_faults(const EvaluateOptions& options, const Calendars& calendars, Evaluation& out);

}  // namespace spill
