#include "core/calendar.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/timestamp.hpp"

namespace spill {
namespace {

// The UTC days whose bounds are both representable.
constexpr std::int64_t kFirstUtcDay = std::numeric_limits<std::int64_t>::min() / kNanosPerDay;
constexpr std::int64_t kLastUtcDay = std::numeric_limits<std::int64_t>::max() / kNanosPerDay - 1;

std::optional<TradingSession> utc_session(std::int64_t day) noexcept {
    if (day < kFirstUtcDay || day > kLastUtcDay) return std::nullopt;
    UnixNanos const midnight{(day + 1) * kNanosPerDay};
    return TradingSession{.date = yyyymmdd(civil_from_days(day)),
                          .open = UnixNanos{day * kNanosPerDay},
                          .continuous_end = midnight,
                          .close = midnight,
                          .shortened = false};
}

// The first session with open > at; REQUIRES ascending sessions.
auto first_after(const std::vector<TradingSession>& sessions, UnixNanos at) noexcept {
    return std::ranges::upper_bound(sessions, at, {}, &TradingSession::open);
}

tl::unexpected<Error> refuse(const TradingSession& session, const char* what) {
    return fail(Errc::InvalidArgument, "session " + std::to_string(session.date) + ": " + what);
}

}  // namespace

Calendar Calendar::utc() {
    Calendar calendar;
    calendar.utc_ = true;
    return calendar;
}

Result<Calendar> Calendar::from_sessions(std::vector<TradingSession> sessions) {
    const TradingSession* previous = nullptr;
    for (const TradingSession& session : sessions) {
        if (session.open >= session.continuous_end) {
            return refuse(session, "continuous trading must end after the open");
        }
        if (session.continuous_end > session.close) {
            return refuse(session, "continuous trading must not end after the close");
        }
        if (previous != nullptr && session.date <= previous->date) {
            return refuse(session, "its date must be after the session before it");
        }
        if (previous != nullptr && session.open < previous->close) {
            return refuse(session, "it must not open before the session before it has closed");
        }
        previous = &session;
    }
    Calendar calendar;
    calendar.sessions_ = std::move(sessions);
    return calendar;
}

std::optional<TradingSession> Calendar::containing(UnixNanos at) const noexcept {
    std::optional<TradingSession> session = at_or_before(at);
    if (session.has_value() && session->close <= at) session.reset();
    return session;
}

std::optional<TradingSession> Calendar::at_or_before(UnixNanos at) const noexcept {
    if (utc_) return utc_session(day_number(at));
    auto const next = first_after(sessions_, at);
    if (next == sessions_.begin()) return std::nullopt;
    return *(next - 1);
}

std::optional<TradingSession> Calendar::after(UnixNanos at) const noexcept {
    if (utc_) return utc_session(day_number(at) + 1);
    auto const next = first_after(sessions_, at);
    if (next == sessions_.end()) return std::nullopt;
    return *next;
}

bool Calendar::covers(UnixNanos at) const noexcept {
    if (utc_) return utc_session(day_number(at)).has_value();
    if (sessions_.empty()) return false;
    return at >= sessions_.front().open && at < sessions_.back().close;
}

std::int32_t utc_date(UnixNanos at) noexcept { return yyyymmdd(civil_from_days(day_number(at))); }

}  // namespace spill
