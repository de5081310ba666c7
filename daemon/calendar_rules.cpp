#include "daemon/calendar_rules.hpp"

#include <array>
#include <utility>

#include "core/timestamp.hpp"

namespace spill {
namespace {

using std::chrono::minutes;

constexpr std::int32_t kFirstYear = 2000;
constexpr std::int32_t kLastYear = 2099;

constexpr std::string_view kSessionsHeader =
    "market,timezone,name,open,continuous_end,close,effective_from,effective_to";
constexpr std::string_view kExceptionsHeader = "date,kind,open,continuous_end,close,name";
constexpr std::size_t kSessionsColumns = 8;
constexpr std::size_t kExceptionsColumns = 6;

// A data line, split; views into the file's text.
template <std::size_t Columns>
struct Row {
    std::size_t line = 0;
    std::array<std::string_view, Columns> cells;
};

// For a message: short and on one line, whatever the file holds.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text.substr(0, 40)) out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return out + "'";
}

// Splits at the first Columns - 1 commas, so that the last cell may hold commas.
template <std::size_t Columns>
std::optional<Row<Columns>> split(std::string_view text, std::size_t line) {
    Row<Columns> row;
    row.line = line;
    for (std::size_t i = 0; i + 1 < Columns; ++i) {
        std::size_t const comma = text.find(',');
        if (comma == std::string_view::npos) return std::nullopt;
        row.cells[i] = text.substr(0, comma);
        text.remove_prefix(comma + 1);
    }
    row.cells[Columns - 1] = text;
    return row;
}

template <std::size_t Columns>
Result<std::vector<Row<Columns>>> read_rows(const CalendarFile& file, std::string_view header) {
    std::vector<Row<Columns>> rows;
    bool header_seen = false;
    std::size_t number = 0;
    for (std::string_view rest = file.text; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (!header_seen) {
            if (line != header) {
                return refuse_line(file, number,
                                   "the header must be '" + std::string(header) + "'");
            }
            header_seen = true;
            continue;
        }
        auto const row = split<Columns>(line, number);
        if (!row.has_value()) {
            return refuse_line(file, number, "expected " + std::to_string(Columns) + " columns");
        }
        rows.push_back(*row);
    }
    if (!header_seen) {
        return refuse_line(file, number, "the header '" + std::string(header) + "' is missing");
    }
    return rows;
}

// "HH:MM" as minutes after local midnight.
std::optional<minutes> parse_local_time(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    for (std::size_t const i : {0U, 1U, 3U, 4U}) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
    }
    int const hour = (text[0] - '0') * 10 + (text[1] - '0');
    int const minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (hour > 23 || minute > 59) return std::nullopt;
    return minutes{hour * 60 + minute};
}

// The day number of a date that we can calculate with.
std::optional<std::int64_t> parse_day(std::string_view text) {
    auto const date = parse_date(text);
    if (!date.has_value() || date->year < kFirstYear || date->year > kLastYear) return std::nullopt;
    return days_from_civil(*date);
}

std::string bad_day(std::string_view text) {
    return quoted(text) + " is not a date (yyyy-mm-dd) of " + std::to_string(kFirstYear) + " to " +
           std::to_string(kLastYear);
}

std::string bad_time(std::string_view text) { return quoted(text) + " is not a time (hh:mm)"; }

// "America/New_York": what a zone may be called, not whether it exists.
bool is_zone_name(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    if (text.empty() || text.size() > kLongest) return false;
    for (char const c : text) {
        bool const letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool const other = (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+';
        if (!letter && !other) return false;
    }
    return true;
}

Result<SessionRule> session_rule(const CalendarFile& file, const Row<kSessionsColumns>& row) {
    auto const& [market, zone, name, open, continuous_end, close, from, to] = row.cells;
    SessionRule rule;
    rule.line = row.line;
    if (market == to_string(Market::Xnys)) {
        rule.market = Market::Xnys;
    } else if (market == to_string(Market::Xkrx)) {
        rule.market = Market::Xkrx;
    } else {
        return refuse_line(file, row.line, "market " + quoted(market) + " is not XNYS or XKRX");
    }
    if (name != "regular") {
        return refuse_line(file, row.line, "session " + quoted(name) + " is not 'regular'");
    }
    if (!is_zone_name(zone)) {
        return refuse_line(file, row.line, quoted(zone) + " is not the name of a time zone");
    }
    rule.zone = zone;
    for (auto const& [text, time] :
         {std::pair{open, &rule.hours.open}, std::pair{continuous_end, &rule.hours.continuous_end},
          std::pair{close, &rule.hours.close}}) {
        auto const parsed = parse_local_time(text);
        if (!parsed.has_value()) return refuse_line(file, row.line, bad_time(text));
        *time = *parsed;
    }
    if (const char* const what = disorder(rule.hours)) return refuse_line(file, row.line, what);
    for (auto const& [text, day] :
         {std::pair{from, &rule.first_day}, std::pair{to, &rule.last_day}}) {
        auto const parsed = parse_day(text);
        if (!parsed.has_value())
            return refuse_line(file, row.line, bad_day(text), Errc::OutOfRange);
        *day = *parsed;
    }
    if (rule.first_day > rule.last_day) {
        return refuse_line(file, row.line, "effective_from is after effective_to");
    }
    return rule;
}

std::optional<ExceptionKind> exception_kind(std::string_view text) {
    if (text == "closed") return ExceptionKind::Closed;
    if (text == "early_close") return ExceptionKind::EarlyClose;
    if (text == "late_open") return ExceptionKind::LateOpen;
    if (text == "shifted") return ExceptionKind::Shifted;
    return std::nullopt;
}

// Nothing when exactly the times that the kind needs are there, else what is wrong.
const char* wrong_times(const ExceptionDay& day) {
    bool const none = !day.open && !day.continuous_end && !day.close;
    bool const ends = day.continuous_end && day.close;
    switch (day.kind) {
        case ExceptionKind::Closed: return none ? nullptr : "closed takes no times";
        case ExceptionKind::EarlyClose:
            return ends && !day.open ? nullptr : "early_close takes continuous_end and close";
        case ExceptionKind::LateOpen:
            return day.open && !day.continuous_end && !day.close ? nullptr
                                                                 : "late_open takes open alone";
        case ExceptionKind::Shifted:
            return ends && day.open ? nullptr : "shifted takes open, continuous_end and close";
    }
    return nullptr;
}

Result<ExceptionDay> exception_day(const CalendarFile& file, const Row<kExceptionsColumns>& row) {
    auto const& [date_text, kind_text, open, continuous_end, close, name] = row.cells;
    ExceptionDay day;
    day.line = row.line;
    auto const number = parse_day(date_text);
    if (!number.has_value())
        return refuse_line(file, row.line, bad_day(date_text), Errc::OutOfRange);
    day.day = *number;
    if (iso_weekday(day.day) > 5) {
        return refuse_line(file, row.line, std::string(date_text) + " is on a weekend");
    }
    auto const kind = exception_kind(kind_text);
    if (!kind.has_value()) {
        return refuse_line(file, row.line,
                           quoted(kind_text) + " is not closed, early_close, late_open or shifted");
    }
    day.kind = *kind;
    for (auto const& [text, time] :
         {std::pair{open, &day.open}, std::pair{continuous_end, &day.continuous_end},
          std::pair{close, &day.close}}) {
        if (text.empty()) continue;
        *time = parse_local_time(text);
        if (!time->has_value()) return refuse_line(file, row.line, bad_time(text));
    }
    if (const char* const what = wrong_times(day)) return refuse_line(file, row.line, what);
    if (name.empty()) return refuse_line(file, row.line, "the name is missing");
    return day;
}

}  // namespace

tl::unexpected<Error> refuse_line(const CalendarFile& file, std::size_t line,
                                  const std::string& what, Errc code) {
    return fail(code, file.name + ":" + std::to_string(line) + ": " + what);
}

const char* disorder(const LocalHours& hours) noexcept {
    if (hours.open >= hours.continuous_end) return "continuous_end must be after open";
    if (hours.continuous_end > hours.close) return "close must not be before continuous_end";
    return nullptr;
}

Result<std::vector<SessionRule>> session_rules(const CalendarFile& file) {
    auto const rows = read_rows<kSessionsColumns>(file, kSessionsHeader);
    if (!rows.has_value()) return tl::make_unexpected(rows.error());
    std::vector<SessionRule> rules;
    for (auto const& row : *rows) {
        auto const rule = session_rule(file, row);
        if (!rule.has_value()) return tl::make_unexpected(rule.error());
        for (const SessionRule& earlier : rules) {
            if (earlier.market == rule->market && earlier.last_day >= rule->first_day) {
                return refuse_line(file, row.line,
                                   "begins before the row of line " + std::to_string(earlier.line) +
                                       " ends; rows of one market must ascend");
            }
        }
        rules.push_back(*rule);
    }
    return rules;
}

Result<std::vector<ExceptionDay>> exception_days(const CalendarFile& file) {
    auto const rows = read_rows<kExceptionsColumns>(file, kExceptionsHeader);
    if (!rows.has_value()) return tl::make_unexpected(rows.error());
    std::vector<ExceptionDay> days;
    for (auto const& row : *rows) {
        auto const day = exception_day(file, row);
        if (!day.has_value()) return tl::make_unexpected(day.error());
        if (!days.empty() && days.back().day >= day->day) {
            return refuse_line(file, row.line, "dates must ascend, one line a day");
        }
        days.push_back(*day);
    }
    return days;
}

}  // namespace spill
