#include <string_view>

#include <doctest/doctest.h>

#include "daemon/study_metrics.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;
using namespace spill::study;

namespace {

constexpr std::int64_t kMonday = 20'591 * 1440;  // 2026-05-18T00:00Z in minutes

// TAO for some days, RVOL 1 in every slot unless set.
struct Days {
    Config config = test::small_config();
    Calendars calendars;
    Log log;
    InstrumentId tao = config.registry.find_instrument("TAO")->id;
    explicit Days(int days, std::uint32_t venues = 2) {
        std::size_t const n = config.registry.instruments().size();
        log.closes.resize(n);
        log.level_sessions.resize(n);
        log.samples.resize(n);
        for (std::int64_t minute = 5; minute <= days * 1440; minute += 5) {
            log.samples[tao.value].push_back({kMonday + minute, venues, 1.0, 1.0, false});
        }
    }
    TokenSample& at(std::int64_t minute) {
        return log.samples[tao.value][static_cast<std::size_t>(minute / 5 - 1)];
    }
    void edge(std::int64_t minute, VolumeState state, VolumeState prev) {
        log.token_edges.push_back({tao, state, prev, kMonday + minute});
    }
    [[nodiscard]] Estimate value(std::string_view subject, std::string_view measure) const {
        Report report;
        token_rows({log, config.registry, calendars, 1}, report);
        for (const Row& row : report.rows) {
            if (row.subject == subject && row.measure == measure) return row.estimate;
        }
        FAIL("no such row");
        return {};
    }
};

}  // namespace

TEST_CASE("states are counted per day on which the token could be judged") {
    Days days(3);
    days.edge(100, VolumeState::Building, VolumeState::None);
    days.edge(130, VolumeState::Confirmed, VolumeState::Building);
    days.edge(1440, VolumeState::Building, VolumeState::None);  // midnight ends the first day
    days.edge(2000, VolumeState::Building, VolumeState::None);  // of a day that is not judged
    for (int minute = 1445; minute <= 2880; minute += 5) days.at(minute).cuts = true;
    Estimate const building = days.value("building", "per token-day");
    CHECK(building.n == 2);
    CHECK(*building.value == 1.0);
    CHECK(*days.value("confirmed", "per token-day").value == 0.5);
}

TEST_CASE("the hour after a confirmation is read an hour later, and its end from the next edge") {
    Days days(2);
    days.edge(130, VolumeState::Confirmed, VolumeState::Building);
    days.edge(220, VolumeState::Faded, VolumeState::Confirmed);
    days.at(190).rvol60 = 3.5;
    Estimate const next = days.value("confirmed", "next-hour RVOL, median");
    CHECK(next.n == 1);
    CHECK(*next.value == 3.5);
    CHECK(*days.value("confirmed", "minutes in the state, mean").value == 90.0);
    days.at(190).cuts = true;
    CHECK(days.value("confirmed", "next-hour RVOL, median").n == 0);
}

TEST_CASE("a naive threshold counts when it is crossed, at most once an hour") {
    Days days(2);
    for (int minute = 300; minute <= 400; minute += 10) days.at(minute).rvol60 = 4.0;
    days.at(600).rvol60 = 2.5;
    Estimate const three = days.value("rvol60 > 3", "next-hour RVOL >= 2, share");
    CHECK(three.n == 2);         // at 300 and at 360
    CHECK(*three.value == 0.5);  // 360 is still above, 420 is not
    CHECK(days.value("rvol60 > 2", "next-hour RVOL >= 2, share").n == 3);
    CHECK(days.value("rvol5 > 3", "next-hour RVOL >= 2, share").n == 0);
}

TEST_CASE("with one venue the study says that nothing can be confirmed") {
    Days days(1, 1);
    Report report;
    token_rows({days.log, days.config.registry, days.calendars, 1}, report);
    REQUIRE(report.rows.size() > 0);
    CHECK(report.rows.front().section == "tokens on one venue");
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes.front().find("0.49") != std::string::npos);
}

TEST_CASE("without a token there are no rows on tokens") {
    Days days(0);
    Report report;
    token_rows({days.log, days.config.registry, days.calendars, 1}, report);
    CHECK(report.rows.empty());
}
