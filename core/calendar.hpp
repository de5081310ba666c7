// Trading sessions per market, resolved to UTC instants.
//
// core has no time zones: whoever builds a Calendar (daemon/calendar_file) resolves local session
// bounds, holidays, early closes, late opens and DST to instants first. The UTC market needs no
// data; its sessions are the UTC days.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

// One trading session. Trades in [open, close) belong to it; [open, continuous_end) is continuous
// trading, the rest a closing auction. For XNYS continuous_end == close.
struct TradingSession {
    std::int32_t date = 0;  // local trade date, yyyymmdd
    UnixNanos open;
    UnixNanos continuous_end;
    UnixNanos close;
    bool shortened = false;  // early close
    friend bool operator==(const TradingSession&, const TradingSession&) = default;

    template <class A>
    void archive(A& a) {
        a(date, open, continuous_end, close, shortened);
    }
};

// The sessions of one market, ascending. Lookups are O(log n), allocation-free.
class Calendar {
public:
    // A calendar of UTC days (Market::Utc): every day is a session; needs no data.
    static Calendar utc();

    // REQUIRES ascending, non-overlapping sessions with open < continuous_end <= close.
    // Errors: InvalidArgument naming the first offending date.
    static Result<Calendar> from_sessions(std::vector<TradingSession> sessions);

    // The session that contains `at`.
    [[nodiscard]] std::optional<TradingSession> containing(UnixNanos at) const noexcept;
    // The last session with open <= at (it may have closed already).
    [[nodiscard]] std::optional<TradingSession> at_or_before(UnixNanos at) const noexcept;
    // The first session with open > at.
    [[nodiscard]] std::optional<TradingSession> after(UnixNanos at) const noexcept;

    // True when the calendar knows sessions on both sides of `at` (the one that contains `at`
    // stands for both); false means that the data file has run out and nothing can be said.
    [[nodiscard]] bool covers(UnixNanos at) const noexcept;

private:
    bool utc_ = false;
    std::vector<TradingSession> sessions_;
};

// One calendar per market, indexed by Market.
struct Calendars {
    std::array<Calendar, kMarkets> by_market{Calendar::utc(), Calendar::utc(), Calendar::utc()};
    [[nodiscard]] const Calendar& of(Market market) const noexcept {
        return by_market[static_cast<std::size_t>(market)];
    }
};

// yyyymmdd of the UTC day that contains `at`.
[[nodiscard]] std::int32_t utc_date(UnixNanos at) noexcept;

}  // namespace spill
