// Civil dates and RFC 3339 text, by arithmetic alone: no clock, no time zone, no locale.
//
// Dates are proleptic Gregorian; years 1 to 9999. A day number counts days from 1970-01-01.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace spill {

inline constexpr std::int64_t kNanosPerDay = 24 * 60 * kNanosPerMinute;

struct CivilDate {
    std::int32_t year = 1970;
    std::int32_t month = 1;  // 1..12
    std::int32_t day = 1;    // 1..days of the month
    friend constexpr auto operator<=>(const CivilDate&, const CivilDate&) = default;
};

// 20260526 for 2026-05-26.
[[nodiscard]] constexpr std::int32_t yyyymmdd(CivilDate date) noexcept {
    return date.year * 10'000 + date.month * 100 + date.day;
}

[[nodiscard]] bool is_valid(CivilDate date) noexcept;

// REQUIRES a valid date.
[[nodiscard]] std::int64_t days_from_civil(CivilDate date) noexcept;
// REQUIRES a day of the years 1 to 9999.
[[nodiscard]] CivilDate civil_from_days(std::int64_t day_number) noexcept;

// The number of the UTC day that contains `at`.
[[nodiscard]] constexpr std::int64_t day_number(UnixNanos at) noexcept {
    std::int64_t const quotient = at.ns / kNanosPerDay;
    return at.ns % kNanosPerDay < 0 ? quotient - 1 : quotient;
}

// 1 = Monday .. 7 = Sunday.
[[nodiscard]] constexpr int iso_weekday(std::int64_t day_number) noexcept {
    // Day 0 was a Thursday.
    std::int64_t const since_monday = (day_number + 3) % 7;
    return static_cast<int>(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

// "2026-05-26". Nothing when malformed or no such day.
[[nodiscard]] std::optional<CivilDate> parse_date(std::string_view text) noexcept;
// REQUIRES a valid date.
[[nodiscard]] std::string format_date(CivilDate date);

// "2026-05-26T13:30:00Z", "2026-05-26 22:30:00.123456789+09:00". The fraction may have any number
// of digits and is cut after nine; ':60' is the first second of the next minute. Nothing when
// malformed, when the zone is missing, or when the instant is outside UnixNanos (1677 to 2262), as
// the zero date 0001-01-01 of some venues is.
[[nodiscard]] std::optional<UnixNanos> parse_rfc3339(std::string_view text) noexcept;

// The longest text that format_rfc3339 writes: "2026-05-26T13:30:00.123456789Z".
inline constexpr std::size_t kMaxRfc3339Text = 30;

// UTC with 0, 3, 6 or 9 fraction digits, the fewest that are exact. Returns the length.
// REQUIRES kMaxRfc3339Text bytes at `out`. Nothing is appended, not even a zero byte.
std::size_t format_rfc3339(UnixNanos at, char* out) noexcept;
[[nodiscard]] std::string format_rfc3339(UnixNanos at);

}  // namespace spill
