#include "daemon/calendar_file.hpp"

#include <array>
#include <chrono>  // durations only
#include <cstddef>
#include <cstdint>
#include <exception>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <date/tz.h>

#include "core/timestamp.hpp"
#include "daemon/embedded.hpp"

namespace spill {
namespace {

using std::chrono::minutes;

constexpr std::size_t kMaxFileBytes = 1U << 20U;

Result<const date::time_zone*> find_zone(const CalendarFile& file, std::size_t line,
                                         const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return refuse_line(file, line,
                           "time zone '" + name + "' is unknown here (is tzdata installed?)",
                           Errc::NotFound);
    }
}

// Nothing when the clocks of the zone skip or repeat that local time.
std::optional<UnixNanos> to_utc(const date::time_zone& zone, std::int64_t day, minutes time) {
    date::local_seconds const local =
        date::local_days{date::days{static_cast<int>(day)}} + std::chrono::seconds{time};
    date::local_info const info = zone.get_info(local);
    if (info.result != date::local_info::unique) return std::nullopt;
    std::chrono::seconds const utc = local.time_since_epoch() - info.first.offset;
    return UnixNanos{utc.count() * kNanosPerSecond};
}

// What an exception makes of regular hours. REQUIRES a kind other than Closed.
Result<LocalHours> changed_hours(const CalendarFile& file, const LocalHours& regular,
                                 const ExceptionDay& day) {
    LocalHours const hours{.open = day.open.value_or(regular.open),
                           .continuous_end = day.continuous_end.value_or(regular.continuous_end),
                           .close = day.close.value_or(regular.close)};
    if (day.kind == ExceptionKind::EarlyClose && hours.close >= regular.close) {
        return refuse_line(file, day.line,
                           "early_close must close before the regular session does");
    }
    if (day.kind == ExceptionKind::LateOpen && hours.open <= regular.open) {
        return refuse_line(file, day.line, "late_open must open after the regular session does");
    }
    if (const char* const what = disorder(hours)) return refuse_line(file, day.line, what);
    return hours;
}

// Walks days and exceptions of one market side by side, oldest first.
class Resolver {
public:
    Resolver(const CalendarFiles& files, const CalendarFile& file, std::vector<ExceptionDay> days)
        : files_(files), file_(file), exceptions_(std::move(days)) {}

    Result<Calendar> resolve(const std::vector<SessionRule>& rules, Market market) {
        for (const SessionRule& rule : rules) {
            if (rule.market != market) continue;
            auto const zone = find_zone(files_.sessions, rule.line, rule.zone);
            if (!zone.has_value()) return tl::make_unexpected(zone.error());
            zone_ = *zone;
            for (std::int64_t day = rule.first_day; day <= rule.last_day; ++day) {
                if (iso_weekday(day) > 5) continue;
                auto const done = add(rule, day);
                if (!done.has_value()) return tl::make_unexpected(done.error());
            }
        }
        if (next_ < exceptions_.size()) return unused();
        if (sessions_.empty()) {
            return fail(Errc::InvalidArgument,
                        files_.sessions.name + ": no session of " + to_string(market));
        }
        return Calendar::from_sessions(std::move(sessions_)).map_error([this](Error error) {
            error.message = files_.sessions.name + ": " + error.message;
            return error;
        });
    }

private:
    Result<void> add(const SessionRule& rule, std::int64_t day) {
        LocalHours hours = rule.hours;
        bool shortened = false;
        if (next_ < exceptions_.size() && exceptions_[next_].day < day) return unused();
        if (next_ < exceptions_.size() && exceptions_[next_].day == day) {
            const ExceptionDay& exception = exceptions_[next_++];
            if (exception.kind == ExceptionKind::Closed) return {};
            auto const changed = changed_hours(file_, rule.hours, exception);
            if (!changed.has_value()) return tl::make_unexpected(changed.error());
            hours = *changed;
            shortened = exception.kind == ExceptionKind::EarlyClose;
        }
        auto const open = to_utc(*zone_, day, hours.open);
        auto const continuous_end = to_utc(*zone_, day, hours.continuous_end);
        auto const close = to_utc(*zone_, day, hours.close);
        CivilDate const date = civil_from_days(day);
        if (!open.has_value() || !continuous_end.has_value() || !close.has_value()) {
            return refuse_line(
                files_.sessions, rule.line,
                "a bound on " + format_date(date) + " falls into a change of clocks");
        }
        sessions_.push_back(TradingSession{.date = yyyymmdd(date),
                                           .open = *open,
                                           .continuous_end = *continuous_end,
                                           .close = *close,
                                           .shortened = shortened});
        return {};
    }

    // The next exception lies on a day that no rule holds for.
    [[nodiscard]] tl::unexpected<Error> unused() const {
        return refuse_line(file_, exceptions_[next_].line,
                           "no row of " + files_.sessions.name + " is effective on that day",
                           Errc::OutOfRange);
    }

    const CalendarFiles& files_;
    const CalendarFile& file_;
    std::vector<ExceptionDay> exceptions_;
    std::size_t next_ = 0;  // the first exception not yet met
    const date::time_zone* zone_ = nullptr;
    std::vector<TradingSession> sessions_;
};

Result<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream || !text) {
        return fail(Errc::NotFound, path + ": cannot be read (missing, empty or not permitted)");
    }
    return std::move(text).str();
}

}  // namespace

Result<Calendars> parse_calendars(const CalendarFiles& files) {
    for (const CalendarFile* const file : {&files.sessions, &files.xnys, &files.xkrx}) {
        if (file->text.size() > kMaxFileBytes) {
            return fail(Errc::OutOfRange, file->name + ": larger than 1 MiB");
        }
    }
    auto const rules = session_rules(files.sessions);
    if (!rules.has_value()) return tl::make_unexpected(rules.error());
    Calendars calendars;
    for (auto const& [market, file] :
         {std::pair{Market::Xnys, &files.xnys}, std::pair{Market::Xkrx, &files.xkrx}}) {
        auto days = exception_days(*file);
        if (!days.has_value()) return tl::make_unexpected(days.error());
        auto calendar = Resolver(files, *file, std::move(*days)).resolve(*rules, market);
        if (!calendar.has_value()) return tl::make_unexpected(calendar.error());
        calendars.by_market[static_cast<std::size_t>(market)] = std::move(*calendar);
    }
    return calendars;
}

Result<Calendars> load_calendars(const std::string& dir) {
    constexpr std::array<std::string_view, 3> kNames{"sessions.csv", "xnys.csv", "xkrx.csv"};
    std::array<std::string, 3> contents;  // own the texts that `files` views
    std::array<CalendarFile, 3> files;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        std::string const home = dir.empty() ? "deploy/calendars" : dir;
        files[i].name = home + "/" + std::string(kNames[i]);
        if (dir.empty()) {
            files[i].text = embedded_file(files[i].name);
            continue;
        }
        auto content = read_file(files[i].name);
        if (!content.has_value()) return tl::make_unexpected(content.error());
        contents[i] = std::move(*content);
        files[i].text = contents[i];
    }
    return parse_calendars(CalendarFiles{
        .sessions = std::move(files[0]), .xnys = std::move(files[1]), .xkrx = std::move(files[2])});
}

}  // namespace spill
