// The text of the calendar files as checked rows, before time zones come in.
//
// Everything here is in local time of the market and pure; daemon/calendar_file turns it into
// sessions.
#pragma once

#include <chrono>  // durations only
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

struct CalendarFile {
    std::string name;  // for messages
    std::string_view text;
};

// "name:line: what".
[[nodiscard]] tl::unexpected<Error> refuse_line(const CalendarFile& file, std::size_t line,
                                                const std::string& what,
                                                Errc code = Errc::InvalidArgument);

// After local midnight.
struct LocalHours {
    std::chrono::minutes open{0};
    std::chrono::minutes continuous_end{0};
    std::chrono::minutes close{0};
};

// nullptr when the hours are in order, else what is wrong.
[[nodiscard]] const char* disorder(const LocalHours& hours) noexcept;

// Regular hours, Monday to Friday, from first_day to last_day (day numbers, both included).
struct SessionRule {
    std::size_t line = 0;
    Market market = Market::Xnys;
    std::string zone;  // IANA name
    LocalHours hours;
    std::int64_t first_day = 0;
    std::int64_t last_day = 0;
};

enum class ExceptionKind : std::uint8_t { Closed, EarlyClose, LateOpen, Shifted };

// A weekday that differs; a time that is absent is the regular one.
struct ExceptionDay {
    std::size_t line = 0;
    std::int64_t day = 0;
    ExceptionKind kind = ExceptionKind::Closed;
    std::optional<std::chrono::minutes> open;
    std::optional<std::chrono::minutes> continuous_end;
    std::optional<std::chrono::minutes> close;
};

// The rules of all markets; those of one market ascend and do not overlap.
[[nodiscard]] Result<std::vector<SessionRule>> session_rules(const CalendarFile& file);

// Ascending, one row a day, weekdays only, with exactly the times that the kind takes.
[[nodiscard]] Result<std::vector<ExceptionDay>> exception_days(const CalendarFile& file);

}  // namespace spill
