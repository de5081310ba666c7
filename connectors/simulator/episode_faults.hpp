// Faults of the scenarios S16..S22: a clean day of trades in, the day as a feed with the fault
// would have delivered it out.
//
// Each target has its own fault, most of them near the push through its level, where they could do
// harm. The trades that remain are those of the clean day, so that whatever the engine says beyond
// what it says of the clean day was caused by the fault.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/types.hpp"

namespace spill::sim {

enum class FaultKind : std::uint8_t {
    Halt,
    GapOpen,
    ShortOutage,
    LongOutage,
    LateDuplicate,
    BadTick,
    Split,
    UnknownSplit,
    EarlyClose
};

struct FaultClass {
    std::string_view name;      // "halt"
    std::string_view scenario;  // "S16"
    FaultKind kind = FaultKind::Halt;
    std::string_view words;  // what goes wrong, for people
};

// All classes in the order of the tables. The first of a scenario is what `simulate` plays.
[[nodiscard]] std::span<const FaultClass> fault_classes() noexcept;
// nullptr when no class has that scenario or name.
[[nodiscard]] const FaultClass* find_fault_class(std::string_view word) noexcept;

struct FaultTarget {
    InstrumentId instrument;
    FeedId feed;
    UnixNanos push;    // of the clean day
    Price level;       // what is pushed through
    double atr = 0.0;  // price units
};

// From when to when the fault lasts on one target.
struct FaultSpan {
    UnixNanos from;
    UnixNanos to;
};

struct FaultyDay {
    std::vector<Event> events;     // in the order of ts_recv, without what deduplication drops
    std::vector<FaultSpan> spans;  // by target
};

// Minutes from the open to an early close: 42 slots.
inline constexpr int kEarlyCloseMinutes = 210;
// A bad tick is off by one in this many: 5 %.
inline constexpr std::int64_t kBadTickShare = 20;

struct FaultInput {
    std::uint64_t seed = 1;
    TradingSession session;          // as on the clean day
    std::span<const Event> day;      // trades, ascending; all of the targets
    std::span<const Event> history;  // 5-minute bars before the day
    std::span<const FaultTarget> target;
};

[[nodiscard]] FaultyDay apply_fault(const FaultClass& what, const FaultInput& input);

}  // namespace spill::sim
