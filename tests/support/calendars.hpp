// What tests of calendars share: dates as text, and the smallest set of valid files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "core/calendar.hpp"
#include "core/timestamp.hpp"
#include "daemon/calendar_file.hpp"

namespace spill {

inline UnixNanos at(std::string_view text) {
    auto const parsed = parse_rfc3339(text);
    CAPTURE(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

inline std::int64_t day_of(std::int32_t year, std::int32_t month, std::int32_t day) {
    return days_from_civil(CivilDate{.year = year, .month = month, .day = day});
}

inline std::int64_t day_of(std::string_view text) {
    auto const date = parse_date(text);
    CAPTURE(text);
    REQUIRE(date.has_value());
    return days_from_civil(*date);
}

// The session of that local date. Sessions of both markets open on the UTC day of the same date
// (08:00 in Seoul is the exception: ask the calendar itself about such a one).
inline std::optional<TradingSession> session_of(const Calendar& calendar, std::int64_t day) {
    UnixNanos const before{day * kNanosPerDay - 1};
    auto const session = calendar.after(before);
    std::int32_t const date = yyyymmdd(civil_from_days(day));
    if (session.has_value() && session->date == date) return session;
    return std::nullopt;
}

inline constexpr std::string_view kSessionsHead =
    "market,timezone,name,open,continuous_end,close,effective_from,effective_to\n";
inline constexpr std::string_view kDaysHead = "date,kind,open,continuous_end,close,name\n";
inline constexpr std::string_view kXnysRow =
    "XNYS,America/New_York,regular,09:30,16:00,16:00,2026-03-02,2026-03-31\n";
inline constexpr std::string_view kXkrxRow =
    "XKRX,Asia/Seoul,regular,09:00,15:20,15:30,2026-03-02,2026-03-31\n";

// March 2026 of both markets, without exceptions.
struct Texts {
    std::string sessions =
        std::string(kSessionsHead) + std::string(kXnysRow) + std::string(kXkrxRow);
    std::string xnys{kDaysHead};
    std::string xkrx{kDaysHead};
    [[nodiscard]] Result<Calendars> parse() const {
        return parse_calendars(CalendarFiles{.sessions = {.name = "s.csv", .text = sessions},
                                             .xnys = {.name = "n.csv", .text = xnys},
                                             .xkrx = {.name = "k.csv", .text = xkrx}});
    }
    [[nodiscard]] std::string error() const {
        auto const parsed = parse();
        return parsed.has_value() ? "no error" : parsed.error().message;
    }
};

}  // namespace spill
