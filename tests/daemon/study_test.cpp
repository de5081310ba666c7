// The study over recorded files, and over the real ones when they are here.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "daemon/commands.hpp"
#include "daemon/exit_code.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

std::string study(const StudyOptions& options) {
    std::ostringstream out;
    REQUIRE(run_study(options, out) == exit_code::kOk);
    return out.str();
}

struct Found {
    std::int64_t n = 0;
    double value = 0.0;
};
Found find(const std::string& json, const std::string& section, const std::string& subject,
           const std::string& measure) {
    simdjson::dom::parser parser;
    simdjson::dom::element const root = parser.parse(json);
    for (simdjson::dom::element const row : root["rows"].get_array()) {
        if (std::string_view(row["section"]) != section) continue;
        if (std::string_view(row["subject"]) != subject) continue;
        if (std::string_view(row["measure"]) != measure) continue;
        double const value = row["value"].is_null() ? NAN : double(row["value"]);
        return {std::int64_t(row["n"]), value};
    }
    FAIL("no row ", section, " / ", subject, " / ", measure);
    return {};
}

// Sessions of 5-minute bars of MU: 100 to 101 and back; on day 16 it goes to 103 on threefold
// volume and stays.
std::string bars() {
    Calendars const calendars = test::real_calendars();
    const Calendar& xnys = calendars.of(Market::Xnys);
    std::string text = "ts_ns,symbol,open,high,low,close,volume,trades\n";
    auto session = xnys.after(test::instant("2026-04-01T00:00:00Z"));
    for (int day = 0; day < 24; ++day) {
        int slot = 0;
        for (auto at = session->open; at < session->close; at.ns += 5 * kNanosPerMinute, ++slot) {
            bool const up = day > 16 || (day == 16 && slot >= 12);
            double const price = up ? 103.0 : 100.0 + 0.5 * (slot % 3);
            auto const number = [](double value) { return std::to_string(value); };
            text += std::to_string(at.ns) + ",MU," + number(price) + "," + number(price + 0.1) +
                    "," + number(price - 0.1) + "," + number(price) + "," +
                    (day == 16 && up ? "3000" : "1000") + ",\n";
        }
        session = xnys.after(session->open);
    }
    return text;
}

struct World {
    test::TempDir dir;
    StudyOptions options;
    World() {
        options.config = dir.write("small.yaml", test::kSmallYaml);
        options.files = {dir.write("bars_5m_mu.csv", bars())};
        options.json = true;
    }
};

}  // namespace

TEST_CASE("a study counts the one breakout of a recording and what became of it") {
    World const world;
    std::string const json = study(world.options);
    Found const held = find(json, "XNYS PD up", "confirmed", "all closes beyond, +5");
    CHECK(held.n == 1);
    CHECK(held.value == 1.0);
    CHECK(find(json, "XNYS PD down", "every cross", "all closes beyond, +1").n == 0);
    Found const bucket =
        find(json, "XNYS PD+D20 up", "rvol15 >= 2", "failed that session, after 15 min held");
    CHECK(bucket.n == 1);
    CHECK(bucket.value == 0.0);
}

TEST_CASE("the same files and seed give the same bytes") {
    World world;
    CHECK(study(world.options) == study(world.options));
    world.options.json = false;
    CHECK(study(world.options) == study(world.options));
}

TEST_CASE("people get a table that shows the reference numbers beside ours") {
    World world;
    world.options.json = false;
    std::string const text = study(world.options);
    CHECK(text.find("0.42 (1.1)") != std::string::npos);
    CHECK(text.find("predict") == std::string::npos);
}

TEST_CASE("a file that is not there ends with 1") {
    StudyOptions options;
    options.files = {"NAME=/nowhere/bars_5m_x.csv"};
    std::ostringstream out;
    CHECK(run_study(options, out) == exit_code::kFailure);
    CHECK(out.str().empty());
}

TEST_CASE("on real bars confirmed breakouts last longer than held ones without volume") {
    auto const dir = test::shared_path("data/us_5m_2025-04_2026-03_ibkr");
    if (dir.empty()) {
        test::skip("confirmed breakouts last longer than held ones", "no recorded bars here");
        return;
    }
    StudyOptions options;
    options.json = true;
    for (auto const& entry : std::filesystem::directory_iterator(dir)) {
        if (entry.path().extension() == ".zst") options.files.push_back(entry.path().string());
    }
    std::ranges::sort(options.files);
    std::string const json = study(options);
    for (std::string const section : {"XNYS PD up", "XNYS PD down"}) {
        Found const confirmed = find(json, section, "confirmed", "all closes beyond, +5");
        Found const held =
            find(json, section, "held 15 min, not confirmed", "all closes beyond, +5");
        Found const other = find(json, section, "not held 15 min", "all closes beyond, +5");
        CAPTURE(section);
        CHECK(confirmed.n >= 50);
        CHECK(held.n >= 30);
        CHECK(confirmed.value > held.value);
        CHECK(held.value > other.value);
    }
}

TEST_CASE("on two real venues the hour after a confirmation beats the naive thresholds'") {
    std::vector<std::string> files;
    for (std::string const month : {"03", "04", "05"}) {
        for (std::string const name : {"binance=tok_binance_spot_5m_2025-01_06",
                                       "binance=tok_binance_spot_5m_2025-01_2026-02",
                                       "hyperliquid=tok_hyperliquid_perp_2025-03_07"}) {
            auto const mark = name.find('=') + 1;
            auto const path = test::shared_path("data/" + name.substr(mark) + "/bars_5m_2025-" +
                                                month + ".csv.zst");
            if (!path.empty()) files.push_back(name.substr(0, mark) + path.string());
        }
    }
    if (files.size() < 9) {
        test::skip("the hour after a confirmation", "no recorded bars here");
        return;
    }
    StudyOptions options;
    options.json = true;
    options.files = files;
    std::string const json = study(options);
    std::string const section = "tokens on two venues and more";
    std::string const median = "next-hour RVOL, median";
    Found const confirmed = find(json, section, "confirmed", median);
    CHECK(confirmed.n >= 30);
    CHECK(confirmed.value > find(json, section, "rvol60 > 3", median).value);
    CHECK(find(json, section, "rvol60 > 3", median).value >
          find(json, section, "rvol60 > 2", median).value);
    CHECK(find(json, section, "rvol60 > 2", median).value >
          find(json, section, "rvol5 > 3", median).value);
}
