#include "daemon/calendar_rules.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/calendars.hpp"

using namespace spill;

namespace {

std::string day_error(std::string_view lines) {
    Texts texts;
    texts.xnys += lines;
    return texts.error();
}

std::string session_error(std::string_view row) {
    Texts texts;
    texts.sessions = std::string(kSessionsHead) + std::string(row) + std::string(kXkrxRow);
    return texts.error();
}

}  // namespace

TEST_CASE("comments, blank lines and CRLF do not disturb, and are counted as lines") {
    Texts texts;
    texts.xnys = "# a comment\r\n\r\n" + std::string(kDaysHead.substr(0, kDaysHead.size() - 1)) +
                 "\r\n# more\r\n2026-03-10,early_close,,13:00,13:00,Half\r\n";
    auto const parsed = texts.parse();
    REQUIRE_MESSAGE(parsed.has_value(), texts.error());
    CHECK(session_of(parsed->of(Market::Xnys), day_of("2026-03-10"))->shortened);
    texts.xnys += "2026-03-11,closed";  // no line end, too few columns
    CHECK(texts.error() == "n.csv:6: expected 6 columns");
}

TEST_CASE("a rule for new hours takes over on its day") {
    Texts texts;
    texts.sessions = std::string(kSessionsHead) + std::string(kXnysRow) + std::string(kXkrxRow) +
                     "XKRX,Asia/Seoul,regular,08:00,15:20,15:30,2026-04-01,2026-04-30\n";
    auto const parsed = texts.parse();
    REQUIRE_MESSAGE(parsed.has_value(), texts.error());
    CHECK(session_of(parsed->of(Market::Xkrx), day_of("2026-03-31"))->open ==
          at("2026-03-31T09:00:00+09:00"));
    auto const later = parsed->of(Market::Xkrx).after(at("2026-03-31T12:00:00+09:00"));
    REQUIRE(later.has_value());
    CHECK(later->open == at("2026-04-01T08:00:00+09:00"));
}

TEST_CASE("a wrong line of days is refused by file and line") {
    CHECK(day_error("2026-02-30,closed,,,,X\n").find("n.csv:2: '2026-02-30' is not a date") == 0);
    CHECK(day_error("1999-12-31,closed,,,,X\n").find("n.csv:2: '1999-12-31'") == 0);
    CHECK(day_error("2026-03-07,closed,,,,X\n") == "n.csv:2: 2026-03-07 is on a weekend");
    CHECK(day_error("2026-03-10,half,,,,X\n").find("n.csv:2: 'half' is not closed") == 0);
    CHECK(day_error("2026-03-10,closed,09:30,,,X\n") == "n.csv:2: closed takes no times");
    CHECK(day_error("2026-03-10,early_close,,,13:00,X\n").find("n.csv:2: early_close takes") == 0);
    CHECK(day_error("2026-03-10,early_close,09:30,13:00,13:00,X\n").find("n.csv:2: ") == 0);
    CHECK(day_error("2026-03-10,late_open,,,,X\n").find("n.csv:2: late_open takes") == 0);
    CHECK(day_error("2026-03-10,shifted,10:00,,16:30,X\n").find("n.csv:2: shifted takes") == 0);
    CHECK(day_error("2026-03-10,late_open,24:00,,,X\n") ==
          "n.csv:2: '24:00' is not a time (hh:mm)");
    CHECK(day_error("2026-03-10,late_open,9:30,,,X\n") == "n.csv:2: '9:30' is not a time (hh:mm)");
    CHECK(day_error("2026-03-10,late_open,1x:30,,,X\n").find("n.csv:2: ") == 0);
    CHECK(day_error("2026-03-10,closed,,,,\n") == "n.csv:2: the name is missing");
    CHECK(day_error("2026-03-10,early_close,,16:00,16:00,X\n").find("n.csv:2: early_close") == 0);
    CHECK(day_error("2026-03-10,early_close,,14:00,13:00,X\n").find("n.csv:2: close must") == 0);
    CHECK(day_error("2026-03-10,late_open,09:30,,,X\n").find("n.csv:2: late_open must") == 0);
    CHECK(day_error("2026-03-10,late_open,16:30,,,X\n").find("n.csv:2: continuous_end") == 0);
}

TEST_CASE("days out of order, twice or outside every rule are refused") {
    std::string const tenth = "2026-03-10,closed,,,,X\n";
    CHECK(day_error(tenth + tenth) == "n.csv:3: dates must ascend, one line a day");
    CHECK(day_error(tenth + "2026-03-09,closed,,,,X\n").find("n.csv:3: ") == 0);
    std::string const unused = "no row of s.csv is effective on that day";
    CHECK(day_error("2026-02-27,closed,,,,X\n") == "n.csv:2: " + unused);
    CHECK(day_error(tenth + "2026-04-01,closed,,,,X\n") == "n.csv:3: " + unused);
}

TEST_CASE("a wrong line of sessions is refused by file and line") {
    auto const row = [](std::string_view tail) {
        return session_error("XNYS,America/New_York,regular," + std::string(tail) + "\n");
    };
    CHECK(row("09:30,16:00,16:00,2026-03-02,2026-03-31") == "no error");
    CHECK(row("9:30,16:00,16:00,2026-03-02,2026-03-31") == "s.csv:2: '9:30' is not a time (hh:mm)");
    CHECK(row("16:00,16:00,16:00,2026-03-02,2026-03-31").find("s.csv:2: continuous_end") == 0);
    CHECK(row("09:30,16:01,16:00,2026-03-02,2026-03-31").find("s.csv:2: close must") == 0);
    CHECK(row("09:30,16:00,16:00,2026-03-31,2026-03-02").find("s.csv:2: effective_from") == 0);
    CHECK(row("09:30,16:00,16:00,2026-03-02,").find("s.csv:2: '' is not a date") == 0);
    CHECK(row("09:30,16:00,16:00,2026-03-02,PENDING").find("s.csv:2: 'PENDING'") == 0);
    CHECK(row("09:30,16:00,16:00,2026-03-02") == "s.csv:2: expected 8 columns");
    CHECK(session_error("XTKS,Asia/Tokyo,regular,09:00,15:30,15:30,2026-03-02,2026-03-31\n") ==
          "s.csv:2: market 'XTKS' is not XNYS or XKRX");
    CHECK(session_error("XNYS,America/New_York,pre,04:00,09:30,09:30,2026-03-02,2026-03-31\n") ==
          "s.csv:2: session 'pre' is not 'regular'");
    CHECK(session_error("XNYS,../etc,regular,09:30,16:00,16:00,2026-03-02,2026-03-31\n")
              .find("s.csv:2: '../etc' is not the name") == 0);
    CHECK(session_error(std::string(kXnysRow) + std::string(kXnysRow)).find("s.csv:3: begins") ==
          0);
    CHECK(session_error("") == "s.csv: no session of XNYS");
}

TEST_CASE("an unknown time zone is not found") {
    Texts texts;
    texts.sessions = std::string(kSessionsHead) +
                     "XNYS,America/Gotham,regular,09:30,16:00,16:00,2026-03-02,2026-03-31\n" +
                     std::string(kXkrxRow);
    auto const parsed = texts.parse();
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == Errc::NotFound);
    CHECK(parsed.error().message.find("s.csv:2: time zone 'America/Gotham'") == 0);
}

TEST_CASE("a session bound that the clocks skip is refused") {
    // Tehran went from 00:00 to 01:00 on 22 March 2022.
    CHECK(session_error("XNYS,Asia/Tehran,regular,00:30,16:00,16:00,2022-03-21,2022-03-23\n") ==
          "s.csv:2: a bound on 2022-03-22 falls into a change of clocks");
}

TEST_CASE("a file without its header is refused") {
    Texts texts;
    texts.xkrx = "# nothing\n";
    CHECK(texts.error().find("k.csv:1: the header 'date,kind") == 0);
    texts.xkrx = "";
    CHECK(texts.error().find("k.csv:0: the header") == 0);
    texts.xkrx = "date,kind,open,close,name,source\n";
    CHECK(texts.error().find("k.csv:1: the header must be") == 0);
    texts.xkrx = std::string(kDaysHead) + "#" + std::string(1U << 20U, 'x');
    CHECK(texts.error() == "k.csv: larger than 1 MiB");
}
