// Trading calendars from CSV files, resolved to UTC instants through the system's time zones.
//
// Three files: sessions.csv (regular hours per market, with the days that they hold for), xnys.csv
// and xkrx.csv (weekdays that differ). Their own comments, in deploy/calendars, are the format's
// description. Lines that begin with '#' and blank lines are skipped.
#pragma once

#include <string>

#include "core/calendar.hpp"
#include "core/error.hpp"
#include "daemon/calendar_rules.hpp"

namespace spill {

struct CalendarFiles {
    CalendarFile sessions;
    CalendarFile xnys;
    CalendarFile xkrx;
};

// Pure but for the time zone database, which is read from the system on first use.
// Errors: "name:line: what is wrong", InvalidArgument or OutOfRange; NotFound for an unknown zone.
[[nodiscard]] Result<Calendars> parse_calendars(const CalendarFiles& files);

// Reads the three files of `dir`; an empty `dir` means those that are compiled in. Stateless:
// calling it again is a reload, and after an error the caller still has what it had.
// Errors: those of parse_calendars; NotFound when a file cannot be read.
[[nodiscard]] Result<Calendars> load_calendars(const std::string& dir);

}  // namespace spill
