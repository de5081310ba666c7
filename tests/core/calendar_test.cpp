#include "core/calendar.hpp"

#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

constexpr UnixNanos kFirst{std::numeric_limits<std::int64_t>::min()};
constexpr UnixNanos kLast{std::numeric_limits<std::int64_t>::max()};

UnixNanos before(UnixNanos at) { return UnixNanos{at.ns - 1}; }

TradingSession session(std::int32_t date, std::int64_t open, std::int64_t close) {
    TradingSession row;
    row.date = date;
    row.open = UnixNanos{open};
    row.continuous_end = UnixNanos{close - 10};
    row.close = UnixNanos{close};
    return row;
}

Calendar three_sessions() {
    auto calendar =
        Calendar::from_sessions({session(20260521, 1000, 1100), session(20260522, 2000, 2100),
                                 session(20260526, 9000, 9100)});
    REQUIRE(calendar.has_value());
    return *calendar;
}

std::int32_t date_of(const std::optional<TradingSession>& found) {
    return found.has_value() ? found->date : 0;
}

}  // namespace

TEST_CASE("a session holds its open and not its close") {
    Calendar const calendar = three_sessions();
    CHECK(date_of(calendar.containing(UnixNanos{999})) == 0);
    CHECK(date_of(calendar.containing(UnixNanos{1000})) == 20260521);
    CHECK(date_of(calendar.containing(UnixNanos{1095})) == 20260521);
    CHECK(date_of(calendar.containing(UnixNanos{1099})) == 20260521);
    CHECK(date_of(calendar.containing(UnixNanos{1100})) == 0);
    CHECK(calendar.containing(UnixNanos{9000}) == session(20260526, 9000, 9100));
}

TEST_CASE("the session before and the session after are neighbours in the list") {
    Calendar const calendar = three_sessions();
    CHECK(date_of(calendar.at_or_before(UnixNanos{999})) == 0);
    CHECK(date_of(calendar.at_or_before(UnixNanos{1000})) == 20260521);
    CHECK(date_of(calendar.at_or_before(UnixNanos{1999})) == 20260521);
    CHECK(date_of(calendar.at_or_before(UnixNanos{8999})) == 20260522);
    CHECK(date_of(calendar.at_or_before(kLast)) == 20260526);
    CHECK(date_of(calendar.after(kFirst)) == 20260521);
    CHECK(date_of(calendar.after(UnixNanos{999})) == 20260521);
    CHECK(date_of(calendar.after(UnixNanos{1000})) == 20260522);
    CHECK(date_of(calendar.after(UnixNanos{2000})) == 20260526);
    CHECK(date_of(calendar.after(UnixNanos{9000})) == 0);
}

TEST_CASE("a calendar covers its first open to its last close") {
    Calendar const calendar = three_sessions();
    CHECK_FALSE(calendar.covers(UnixNanos{999}));
    CHECK(calendar.covers(UnixNanos{1000}));
    CHECK(calendar.covers(UnixNanos{5000}));
    CHECK(calendar.covers(UnixNanos{9099}));
    CHECK_FALSE(calendar.covers(UnixNanos{9100}));
}

TEST_CASE("a calendar without sessions knows nothing") {
    for (const Calendar& calendar : {Calendar{}, *Calendar::from_sessions({})}) {
        CHECK_FALSE(calendar.containing(UnixNanos{0}).has_value());
        CHECK_FALSE(calendar.at_or_before(UnixNanos{0}).has_value());
        CHECK_FALSE(calendar.after(UnixNanos{0}).has_value());
        CHECK_FALSE(calendar.covers(UnixNanos{0}));
    }
}

TEST_CASE("sessions may touch, and need no closing auction") {
    TradingSession first = session(20260521, 1000, 1100);
    first.continuous_end = first.close;
    auto const calendar = Calendar::from_sessions({first, session(20260522, 1100, 1200)});
    REQUIRE(calendar.has_value());
    CHECK(date_of(calendar->containing(UnixNanos{1099})) == 20260521);
    CHECK(date_of(calendar->containing(UnixNanos{1100})) == 20260522);
}

TEST_CASE("sessions out of order are refused by date") {
    auto const refusal = [](std::vector<TradingSession> sessions) {
        auto const calendar = Calendar::from_sessions(std::move(sessions));
        REQUIRE_FALSE(calendar.has_value());
        CHECK(calendar.error().code == Errc::InvalidArgument);
        return calendar.error().message;
    };
    TradingSession const good = session(20260521, 1000, 1100);
    TradingSession flat = session(20260522, 2000, 2100);
    flat.continuous_end = flat.open;
    CHECK(refusal({good, flat}).find("20260522") != std::string::npos);
    TradingSession long_day = session(20260522, 2000, 2100);
    long_day.continuous_end = UnixNanos{2101};
    CHECK(refusal({good, long_day}).find("20260522") != std::string::npos);
    CHECK(refusal({good, session(20260522, 1099, 1200)}).find("20260522") != std::string::npos);
    CHECK(refusal({good, session(20260521, 2000, 2100)}).find("20260521") != std::string::npos);
    CHECK(refusal({good, session(20260520, 2000, 2100)}).find("20260520") != std::string::npos);
}

TEST_CASE("the UTC market trades every day from midnight to midnight") {
    Calendar const calendar = Calendar::utc();
    UnixNanos const noon{1'779'796'800'000'000'000};  // 2026-05-26T12:00:00Z
    auto const today = calendar.containing(noon);
    REQUIRE(today.has_value());
    CHECK(today->date == 20260526);
    CHECK(today->open == UnixNanos{1'779'753'600'000'000'000});
    CHECK(today->close == UnixNanos{1'779'840'000'000'000'000});
    CHECK(today->continuous_end == today->close);
    CHECK_FALSE(today->shortened);
    CHECK(calendar.at_or_before(noon) == today);
    CHECK(date_of(calendar.containing(today->open)) == 20260526);
    CHECK(date_of(calendar.containing(before(today->open))) == 20260525);
    CHECK(date_of(calendar.containing(today->close)) == 20260527);
    CHECK(date_of(calendar.after(noon)) == 20260527);
    CHECK(date_of(calendar.after(before(today->open))) == 20260526);
    CHECK(calendar.covers(noon));
}

TEST_CASE("UTC days cross leap days, years and the epoch") {
    Calendar const calendar = Calendar::utc();
    UnixNanos const leap_noon{1'709'208'000'000'000'000};  // 2024-02-29T12:00:00Z
    CHECK(utc_date(leap_noon) == 20240229);
    CHECK(date_of(calendar.after(leap_noon)) == 20240301);
    CHECK(utc_date(UnixNanos{0}) == 19700101);
    CHECK(utc_date(UnixNanos{-1}) == 19691231);
    CHECK(date_of(calendar.containing(UnixNanos{-1})) == 19691231);
    CHECK(date_of(calendar.after(UnixNanos{-1})) == 19700101);
}

TEST_CASE("the ends of 64-bit time have no UTC session") {
    Calendar const calendar = Calendar::utc();
    CHECK_FALSE(calendar.containing(kFirst).has_value());
    CHECK_FALSE(calendar.containing(kLast).has_value());
    CHECK_FALSE(calendar.after(kLast).has_value());
    CHECK_FALSE(calendar.covers(kFirst));
    CHECK_FALSE(calendar.covers(kLast));
    CHECK(utc_date(kFirst) == 16770921);
    CHECK(utc_date(kLast) == 22620411);
    CHECK(date_of(calendar.after(kFirst)) == 16770922);
}

TEST_CASE("a fresh set of calendars has UTC days for every market") {
    Calendars const calendars;
    for (Market const market : {Market::Xnys, Market::Xkrx, Market::Utc}) {
        CHECK(calendars.of(market).covers(UnixNanos{0}));
    }
}
