// What the engine consumes: one 64-byte record for every kind of input.
//
// The order in which events are dequeued is the order of the journal (the tape); the engine's
// output is a pure function of that order. Nothing in an event depends on who reads it.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/types.hpp"

namespace spill {

enum class EventKind : std::uint8_t { Trade, Bar, Feed, Status, Clock, Corporate };

// Bits of TradeBody::flags. A trade without a bit is a regular, on-time, continuous-session print
// that is eligible for price and for volume.
namespace trade_flag {
inline constexpr std::uint32_t kOpenAuction = 1U << 0U;
inline constexpr std::uint32_t kCloseAuction = 1U << 1U;
inline constexpr std::uint32_t kOddLot = 1U << 2U;
inline constexpr std::uint32_t kLateReport = 1U << 3U;
inline constexpr std::uint32_t kCancel = 1U << 4U;  // takes an earlier print back
inline constexpr std::uint32_t kBlock = 1U << 5U;
inline constexpr std::uint32_t kDerived = 1U << 6U;
inline constexpr std::uint32_t kBackfill = 1U << 7U;  // fetched later to fill a gap
inline constexpr std::uint32_t kNoPrice = 1U << 8U;   // must not move price, bars, levels, VWAP
inline constexpr std::uint32_t kNoVolume = 1U << 9U;  // must not count as volume
}  // namespace trade_flag

struct TradeBody {
    Price price;
    Quantity size;             // base units
    std::uint64_t trade_id;    // the venue's number, or a hash of its text id; 0 = none
    std::uint32_t flags;       // trade_flag bits
    std::uint32_t fill_count;  // venue fills inside this row, 1 for a plain print
    // Makes this body, the one that Event{} initialises, as large as the union: otherwise the last
    // bytes of an event would be whatever the stack held, and would reach the tape.
    std::uint64_t reserved = 0;
};

// One closed bar of `aux` minutes that starts at ts_event.
struct BarBody {
    Price open, high, low, close;
    Quantity volume;
};

enum class FeedState : std::uint8_t {
    Live,   // subscribed, acknowledged, data seen
    Stale,  // silent beyond its budget, or the link is down
    Gap     // trades between `from` and `to` are missing (or `filled` again)
};

struct FeedBody {
    UnixNanos from, to;               // of a gap; zero otherwise
    std::uint64_t first_id, last_id;  // ids missing, 0 when unknown
    std::uint32_t filled;             // 1 = the gap has been filled by back-fill
    std::uint32_t reason;             // FeedReason of the connector, for people
};

enum class TradingStatus : std::uint8_t { Continuous, Halted, Auction };

struct StatusBody {
    std::uint64_t reason;  // venue's code, for people
};

// Applies to stored history before the session that opens on `session` (yyyymmdd).
struct CorporateBody {
    std::int64_t price_factor_e9;  // multiply old prices by this x 1e-9
    std::int64_t size_factor_e9;   // multiply old volumes by this x 1e-9
    std::int32_t session;

    template <class A>
    void archive(A& a) {
        a(price_factor_e9, size_factor_e9, session);
    }
};

// What a Clock says besides the time. The history before a start is part of the journal: between
// Quiet and Publish the engine learns without publishing.
enum class ClockMark : std::uint8_t { Tick, Quiet, Publish };

struct alignas(64) Event {
    UnixNanos ts_event;  // the venue's clock; for Clock the tick's time
    UnixNanos ts_recv;   // ours, at the first byte of the read; replay repeats the recorded one
    InstrumentId instrument;  // invalid for Clock
    FeedId feed;              // invalid for Clock, Corporate
    EventKind kind;
    // Trade: Aggressor. Bar: length in minutes (1..240). Feed: FeedState. Status: TradingStatus.
    // Clock: ClockMark.
    std::uint8_t aux;
    union {
        TradeBody trade;
        BarBody bar;
        FeedBody feed_change;
        StatusBody status;
        CorporateBody corporate;
    };
};

static_assert(sizeof(Event) == 64);
static_assert(sizeof(TradeBody) == sizeof(BarBody));
static_assert(std::is_trivially_copyable_v<Event>);

[[nodiscard]] inline Event clock_event(UnixNanos at, ClockMark mark = ClockMark::Tick) noexcept {
    Event event{};
    event.ts_event = at;
    event.ts_recv = at;
    event.instrument = InstrumentId{};
    event.feed = FeedId{};
    event.kind = EventKind::Clock;
    event.aux = static_cast<std::uint8_t>(mark);
    return event;
}

}  // namespace spill
