#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/study_metrics.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;
using namespace spill::study;

namespace {

// MU with a level of 100 broken on Monday, 2026-05-18, and the closes of that week.
struct Week {
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    Log log;
    Week() {
        std::size_t const n = config.registry.instruments().size();
        log.closes.resize(n);
        log.level_sessions.resize(n);
        log.samples.resize(n);
    }
    [[nodiscard]] Inputs in() const { return {log, config.registry, calendars, 1}; }
    Episode& cross(std::string_view day = "2026-05-18") {
        auto const session =
            calendars.of(Market::Xnys).after(test::instant(std::string(day) + "T00:00:00Z"));
        Episode episode;
        episode.instrument = config.registry.find_instrument("MU")->id;
        episode.market = Market::Xnys;
        episode.kind = BreakoutKind::PriorDay;
        episode.session = session->date;
        episode.open = session->open;
        episode.level = Price{100 * kNanosPerUnit};
        log.episodes.push_back(episode);
        return log.episodes.back();
    }
    void close(std::int32_t date, std::int64_t price) {
        auto const id = config.registry.find_instrument("MU")->id;
        log.closes[id.value].push_back({date, Price{price * kNanosPerUnit}});
    }
    [[nodiscard]] const Row* row(const Report& report, std::string_view section,
                                 std::string_view subject, std::string_view measure) const {
        for (const Row& each : report.rows) {
            if (each.section == section && each.subject == subject && each.measure == measure) {
                return &each;
            }
        }
        return nullptr;
    }
};

}  // namespace

TEST_CASE("an episode stays beyond its level when the first and all later closes do") {
    Week week;
    const Episode episode = week.cross();
    week.close(20260518, 101);
    week.close(20260519, 100);
    week.close(20260520, 99);
    CHECK(stayed_beyond(episode, 1, week.in()) == true);
    CHECK(stayed_beyond(episode, 2, week.in()) == false);
    Episode down = episode;
    down.side = BreakoutSide::Down;
    CHECK(stayed_beyond(down, 1, week.in()) == false);
}

TEST_CASE("a close that is missing makes the outcome unknown, whatever is known before it") {
    Week week;
    const Episode episode = week.cross();
    week.close(20260518, 99);
    week.close(20260520, 101);
    CHECK(stayed_beyond(episode, 0, week.in()) == false);
    CHECK_FALSE(stayed_beyond(episode, 1, week.in()).has_value());
    CHECK_FALSE(stayed_beyond(episode, 3, week.in()).has_value());
}

TEST_CASE("sessions are counted by the calendar: a weekend and a holiday are none") {
    Week week;
    const Episode episode = week.cross("2026-05-22");  // Friday before Memorial Day
    week.close(20260522, 101);
    week.close(20260526, 102);
    CHECK(stayed_beyond(episode, 1, week.in()) == true);
}

TEST_CASE("the classes of the report are those of the episodes, and nothing is counted twice") {
    Week week;
    for (std::int32_t const date : {20260518, 20260519, 20260520, 20260521, 20260522, 20260526}) {
        week.close(date, 101);
    }
    week.cross().confirmed = true;
    week.cross().held = true;
    week.cross().failed = true;
    week.log.episodes[1].rvol15_at_hold = 0.9;
    week.log.episodes[1].expired = true;
    Report report;
    breakout_rows(week.in(), report);
    std::string const beyond = "all closes beyond, +5";
    for (std::string_view const subject :
         {"confirmed", "held 15 min, not confirmed", "not held 15 min",
          "expired (closed beyond, not confirmed)", "failed that session, not confirmed"}) {
        CAPTURE(std::string(subject));
        const Row* const row = week.row(report, "XNYS PD up", subject, beyond);
        REQUIRE(row != nullptr);
        CHECK(row->estimate.n == 1);
        CHECK(*row->estimate.value == 1.0);
    }
    CHECK(week.row(report, "XNYS PD up", "every cross", beyond)->estimate.n == 3);
    const Row* const bucket = week.row(report, "XNYS PD+D20 up", "rvol15 0.75-1",
                                       "failed that session, after 15 min held");
    REQUIRE(bucket != nullptr);
    CHECK(bucket->estimate.n == 1);
    CHECK(*bucket->estimate.value == 0.0);
}

TEST_CASE("published numbers stand beside stock breakouts upwards and nowhere else") {
    Week week;
    week.cross().side = BreakoutSide::Down;
    Report report;
    breakout_rows(week.in(), report);
    bool any = false;
    for (const Row& row : report.rows) {
        if (row.reference.empty()) continue;
        any = true;
        CAPTURE(row.section);
        CHECK((row.section == "XNYS PD up" || row.section == "XNYS D20 up" ||
               row.section == "XNYS PD+D20 up"));
    }
    CHECK(any);
}
