#include "daemon/calendar_file.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/timestamp.hpp"
#include "daemon/embedded.hpp"
#include "tests/support/calendars.hpp"

using namespace spill;

namespace {

const Calendars& built_in() {
    static Calendars const calendars = [] {
        auto loaded = load_calendars("");
        REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
        return *loaded;
    }();
    return calendars;
}

// "13:30-20:00-20:00" in UTC, or "closed".
std::string utc_hours(Market market, std::string_view date) {
    auto const session = session_of(built_in().of(market), day_of(date));
    if (!session.has_value()) return "closed";
    std::string text;
    for (UnixNanos const bound : {session->open, session->continuous_end, session->close}) {
        CHECK(format_rfc3339(bound).substr(0, 10) == date);
        if (!text.empty()) text += '-';
        text += format_rfc3339(bound).substr(11, 5);
    }
    return text;
}

// The day after 1 `month` (included) that is the `nth` Sunday.
std::int64_t nth_sunday(std::int32_t year, std::int32_t month, int nth) {
    std::int64_t const first = day_of(year, month, 1);
    return first + (7 - iso_weekday(first)) + 7 * (nth - 1);
}

// Hours from local time to UTC at daytime, by the statutes: Korea has no summer time, the US
// change on the second Sunday of March and on the first Sunday of November.
std::int64_t hours_to_utc(Market market, std::int64_t day) {
    if (market == Market::Xkrx) return -9;
    std::int32_t const year = civil_from_days(day).year;
    return day >= nth_sunday(year, 3, 2) && day < nth_sunday(year, 11, 1) ? 4 : 5;
}

UnixNanos local(Market market, std::int64_t day, std::string_view hhmm) {
    std::int64_t const hour = (hhmm[0] - '0') * 10 + (hhmm[1] - '0');
    std::int64_t const minute = (hhmm[3] - '0') * 10 + (hhmm[4] - '0');
    return UnixNanos{day * kNanosPerDay +
                     ((hour + hours_to_utc(market, day)) * 60 + minute) * kNanosPerMinute};
}

TradingSession ordinary(Market market, std::int64_t day) {
    bool const us = market == Market::Xnys;
    return TradingSession{.date = yyyymmdd(civil_from_days(day)),
                          .open = local(market, day, us ? "09:30" : "09:00"),
                          .continuous_end = local(market, day, us ? "16:00" : "15:20"),
                          .close = local(market, day, us ? "16:00" : "15:30"),
                          .shortened = false};
}

// Date -> the cells of its line, header and comments left out. Names with commas lose their end.
std::map<std::string, std::vector<std::string>> rows_of(std::string_view text) {
    std::map<std::string, std::vector<std::string>> rows;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> cells;
        std::istringstream parts(line);
        for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
        if (!cells.empty() && parse_date(cells[0]).has_value()) rows[cells[0]] = cells;
    }
    return rows;
}

constexpr std::array kStockMarkets{Market::Xnys, Market::Xkrx};

const char* file_of(Market market) { return market == Market::Xnys ? "xnys.csv" : "xkrx.csv"; }

std::string read(const std::filesystem::path& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

// A folder that is removed at the end of the test.
struct TemporaryFolder {
    std::filesystem::path path =
        std::filesystem::path(SPILL_BINARY_DIR) / "calendar_file_test_folder";
    TemporaryFolder() {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path / name) << text;
    }
};

}  // namespace

TEST_CASE("the built-in calendars have as many sessions a year as the exchanges") {
    auto const count = [](Market market, std::int32_t year) {
        int sessions = 0;
        for (std::int64_t day = day_of(year, 1, 1); day < day_of(year + 1, 1, 1); ++day) {
            if (session_of(built_in().of(market), day).has_value()) ++sessions;
        }
        return sessions;
    };
    CHECK(count(Market::Xnys, 2024) == 252);
    CHECK(count(Market::Xnys, 2025) == 250);
    CHECK(count(Market::Xnys, 2026) == 251);
    CHECK(count(Market::Xnys, 2027) == 251);
    CHECK(count(Market::Xkrx, 2024) == 244);
    CHECK(count(Market::Xkrx, 2025) == 242);
    CHECK(count(Market::Xkrx, 2026) == 244);
    CHECK(count(Market::Xkrx, 2027) == 245);
    for (Market const market : kStockMarkets) {
        CHECK(count(market, 2023) == 0);
        CHECK(count(market, 2028) == 0);
    }
}

TEST_CASE("every weekday that no line names is an ordinary session, and no weekend is one") {
    for (Market const market : kStockMarkets) {
        auto const named =
            rows_of(embedded_file(std::string("deploy/calendars/") + file_of(market)));
        REQUIRE(named.size() > 40);
        for (std::int64_t day = day_of(2024, 1, 1); day <= day_of(2027, 12, 31); ++day) {
            std::string const date = format_date(civil_from_days(day));
            CAPTURE(date);
            auto const session = session_of(built_in().of(market), day);
            if (iso_weekday(day) > 5) {
                REQUIRE_FALSE(session.has_value());
            } else if (!named.contains(date)) {
                REQUIRE(session == ordinary(market, day));
            } else {
                REQUIRE(session != ordinary(market, day));
            }
        }
    }
}

TEST_CASE("New York moves with summer time and Seoul does not") {
    CHECK(utc_hours(Market::Xnys, "2026-03-06") == "14:30-21:00-21:00");
    CHECK(utc_hours(Market::Xnys, "2026-03-09") == "13:30-20:00-20:00");
    CHECK(utc_hours(Market::Xnys, "2026-10-30") == "13:30-20:00-20:00");
    CHECK(utc_hours(Market::Xnys, "2026-11-02") == "14:30-21:00-21:00");
    for (std::string_view const date : {"2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"}) {
        CHECK(utc_hours(Market::Xkrx, date) == "00:00-06:20-06:30");
    }
}

TEST_CASE("the pause between New York's close and Seoul's open is an hour longer in summer") {
    auto const pause_hours = [](std::string_view new_york_date) {
        auto const us = session_of(built_in().of(Market::Xnys), day_of(new_york_date));
        REQUIRE(us.has_value());
        auto const korea = built_in().of(Market::Xkrx).after(us->close);
        REQUIRE(korea.has_value());
        return (korea->open.ns - us->close.ns) / (60 * kNanosPerMinute);
    };
    for (std::string_view const winter : {"2024-03-07", "2025-11-03", "2026-03-05", "2027-11-08"}) {
        CHECK(pause_hours(winter) == 3);
    }
    for (std::string_view const summer : {"2024-03-11", "2025-10-29", "2026-03-09", "2027-11-04"}) {
        CHECK(pause_hours(summer) == 4);
    }
}

TEST_CASE("a leap day is a session of both markets") {
    CHECK(utc_hours(Market::Xnys, "2024-02-29") == "14:30-21:00-21:00");
    CHECK(utc_hours(Market::Xkrx, "2024-02-29") == "00:00-06:20-06:30");
    CHECK(built_in().of(Market::Xkrx).after(at("2024-02-29T00:00:00Z"))->date == 20240304);
}

TEST_CASE("New York closes at 13:00 on its short days and says so") {
    CHECK(utc_hours(Market::Xnys, "2024-07-03") == "13:30-17:00-17:00");
    CHECK(utc_hours(Market::Xnys, "2024-11-29") == "14:30-18:00-18:00");
    CHECK(utc_hours(Market::Xnys, "2026-12-24") == "14:30-18:00-18:00");
    CHECK(utc_hours(Market::Xnys, "2026-07-02") == "13:30-20:00-20:00");
    int shortened = 0;
    for (std::int64_t day = day_of(2024, 1, 1); day <= day_of(2027, 12, 31); ++day) {
        for (Market const market : kStockMarkets) {
            auto const session = session_of(built_in().of(market), day);
            if (!session.has_value() || !session->shortened) continue;
            ++shortened;
            CHECK(market == Market::Xnys);
            CHECK(session->close == local(market, day, "13:00"));
        }
    }
    CHECK(shortened == 9);
}

TEST_CASE("Seoul opens at 10:00 on the first day of a year and closes as usual") {
    for (std::string_view const date : {"2024-01-02", "2025-01-02", "2026-01-02", "2027-01-04"}) {
        CHECK(utc_hours(Market::Xkrx, date) == "01:00-06:20-06:30");
    }
}

TEST_CASE("Seoul's exam day is one hour later from open to close") {
    for (std::string_view const date : {"2024-11-14", "2025-11-13", "2026-11-19", "2027-11-18"}) {
        CHECK(utc_hours(Market::Xkrx, date) == "01:00-07:20-07:30");
        CHECK_FALSE(session_of(built_in().of(Market::Xkrx), day_of(date))->shortened);
    }
}

TEST_CASE("Constitution Day is a holiday again from 2026") {
    CHECK(utc_hours(Market::Xkrx, "2025-07-17") == "00:00-06:20-06:30");
    CHECK(utc_hours(Market::Xkrx, "2026-07-17") == "closed");
    CHECK(utc_hours(Market::Xkrx, "2027-07-19") == "closed");
    CHECK(utc_hours(Market::Xnys, "2026-07-17") == "13:30-20:00-20:00");
}

TEST_CASE("the session before is the one that traded, over weekends, holidays and years") {
    auto const previous = [](Market market, std::string_view date) {
        auto const session = session_of(built_in().of(market), day_of(date));
        REQUIRE(session.has_value());
        return built_in().of(market).at_or_before(UnixNanos{session->open.ns - 1})->date;
    };
    CHECK(previous(Market::Xnys, "2026-05-26") == 20260522);
    CHECK(previous(Market::Xnys, "2026-03-09") == 20260306);
    CHECK(previous(Market::Xnys, "2026-07-06") == 20260702);
    CHECK(previous(Market::Xkrx, "2026-02-19") == 20260213);
    CHECK(previous(Market::Xkrx, "2026-01-02") == 20251230);
    CHECK(previous(Market::Xkrx, "2025-10-10") == 20251002);
}

TEST_CASE("the calendars end where their files end") {
    for (Market const market : kStockMarkets) {
        CHECK_FALSE(built_in().of(market).covers(at("2023-12-29T15:00:00Z")));
        CHECK(built_in().of(market).covers(at("2024-06-01T12:00:00Z")));
        CHECK(built_in().of(market).covers(at("2027-12-30T03:00:00Z")));
        CHECK_FALSE(built_in().of(market).covers(at("2028-01-03T15:00:00Z")));
    }
    CHECK(built_in().of(Market::Utc).covers(at("2031-01-01T00:00:00Z")));
}

TEST_CASE("a folder of files gives the same calendars as the built-in ones") {
    auto const loaded = load_calendars(SPILL_SOURCE_DIR "/deploy/calendars");
    REQUIRE(loaded.has_value());
    for (Market const market : kStockMarkets) {
        for (std::int64_t day = day_of(2024, 1, 1); day <= day_of(2027, 12, 31); ++day) {
            REQUIRE(session_of(loaded->of(market), day) == session_of(built_in().of(market), day));
        }
    }
}

TEST_CASE("loading again sees a closure that was declared meanwhile") {
    TemporaryFolder const folder;
    Texts texts;
    folder.write("sessions.csv", texts.sessions);
    folder.write("xnys.csv", texts.xnys);
    folder.write("xkrx.csv", texts.xkrx);
    auto const first = load_calendars(folder.path.string());
    REQUIRE(first.has_value());
    CHECK(session_of(first->of(Market::Xnys), day_of("2026-03-10")).has_value());
    folder.write("xnys.csv", texts.xnys + "2026-03-10,closed,,,,Storm, declared the day before\n");
    auto const second = load_calendars(folder.path.string());
    REQUIRE(second.has_value());
    CHECK_FALSE(session_of(second->of(Market::Xnys), day_of("2026-03-10")).has_value());
    CHECK(session_of(second->of(Market::Xnys), day_of("2026-03-11")).has_value());
}

TEST_CASE("a file that cannot be read is named") {
    TemporaryFolder const folder;
    folder.write("sessions.csv", Texts{}.sessions);
    auto const loaded = load_calendars(folder.path.string());
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == Errc::NotFound);
    CHECK(loaded.error().message.find("/xnys.csv: ") != std::string::npos);
}

TEST_CASE("our calendars agree with the shared research on every day") {
    char const* const variable = std::getenv("SPILL_SHARED");
    std::filesystem::path const folder =
        std::filesystem::path(variable != nullptr ? variable : SPILL_SOURCE_DIR "/../shared") /
        "calendars";
    if (!std::filesystem::exists(folder / "xnys.csv")) {
        std::puts("SKIP calendar_file_test: the shared calendars are not there");
        return;
    }
    for (Market const market : kStockMarkets) {
        auto const rows = rows_of(read(folder / file_of(market)));
        REQUIRE(rows.size() > 40);
        for (std::int64_t day = day_of(2024, 1, 1); day <= day_of(2027, 12, 31); ++day) {
            std::string const date = format_date(civil_from_days(day));
            CAPTURE(date);
            if (iso_weekday(day) > 5) {
                REQUIRE_FALSE(rows.contains(date));
                continue;
            }
            auto const session = session_of(built_in().of(market), day);
            auto const row = rows.find(date);
            if (row == rows.end()) {
                REQUIRE(session == ordinary(market, day));
            } else if (row->second.at(1) == "closed") {
                REQUIRE_FALSE(session.has_value());
            } else {
                REQUIRE(session.has_value());
                REQUIRE(session->open == local(market, day, row->second.at(2)));
                REQUIRE(session->close == local(market, day, row->second.at(3)));
                REQUIRE(session->shortened == (row->second.at(1) == "early_close"));
            }
        }
    }
}
