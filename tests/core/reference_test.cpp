// The rules against the reference implementation on random paths, decision by decision.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/breakout.hpp"
#include "core/token_volume.hpp"
#include "core/unwind.hpp"
#include "tests/support/trades.hpp"

using namespace spill;

namespace {

std::string reference_folder() {
    char const* const shared = std::getenv("SPILL_SHARED");
    std::filesystem::path const base =
        shared != nullptr ? std::filesystem::path(shared)
                          : std::filesystem::path(SPILL_SOURCE_DIR) / ".." / "shared";
    return (base / "design").string();
}

// The script's lines, in order. Empty when there is no reference here: the test is then skipped.
std::vector<std::string> reference_lines(const char* rule, int count) {
    std::string const folder = reference_folder();
    if (!std::filesystem::exists(folder + "/signals_examples.py")) {
        std::printf("SKIP reference %s: no ../shared/design/signals_examples.py\n", rule);
        return {};
    }
    std::string const command = "/usr/bin/python3 '" + std::string(SPILL_SOURCE_DIR) +
                                "/tests/support/reference_paths.py' '" + folder + "' " + rule +
                                " 20260526 " + std::to_string(count);
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::vector<std::string> lines;
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) lines.emplace_back(line);
    REQUIRE(::pclose(pipe) == 0);
    REQUIRE_FALSE(lines.empty());
    return lines;
}

bool near(double a, double b) { return std::abs(a - b) < 2e-6; }

std::string text_or_dash(const char* text) { return *text == '\0' ? "-" : text; }

}  // namespace

TEST_CASE("breakouts decide like the reference on 200 random two-session paths") {
    BreakoutParams const params;
    Breakout slot;
    std::vector<BreakoutEdge> made;
    std::size_t expected = 0, confirmed = 0, failed = 0;
    for (std::string const& line : reference_lines("breakout", 200)) {
        std::istringstream in(line);
        std::string tag;
        in >> tag;
        if (tag == "n") {
            std::string kind;
            int side = 0;
            double atr = 0.0;
            in >> kind >> side >> atr;
            BreakoutKind const k = kind == "OR"   ? BreakoutKind::OpeningRange
                                   : kind == "PD" ? BreakoutKind::PriorDay
                                                  : BreakoutKind::Donchian20;
            slot =
                Breakout(k, side > 0 ? BreakoutSide::Up : BreakoutSide::Down, support::price(0.01));
            slot.set_level(0, {.price = support::price(100.0), .age = 1, .atr = atr});
            made.clear();
            expected = 0;
        } else if (tag == "i") {
            BreakoutMinute m;
            double close = 0.0, rvol15 = 0.0, rvol_cum = 0.0, vwap = 0.0;
            in >> m.minute >> close >> rvol15 >> rvol_cum >> vwap >> m.halted >> m.degraded;
            m.close = support::price(close);
            m.rvol15 = rvol15;
            m.rvol_cum = rvol_cum;
            m.vwap = vwap;
            auto const keep = [&made](std::optional<BreakoutEdge> edge) {
                if (edge) made.push_back(*edge);
            };
            keep(slot.trade(m.minute, m.close, false, params));
            keep(slot.minute(m, params));
            if (m.minute % 390 == 389) keep(slot.session_close(m.minute, m.close, params));
        } else if (tag == "o") {
            std::string prev, state, why;
            double mfe = 0.0;
            int retests = 0;
            in >> prev >> state >> why >> mfe >> retests;
            REQUIRE(expected < made.size());
            BreakoutEdge const& edge = made[expected++];
            REQUIRE(to_string(edge.prev) == prev);
            REQUIRE(to_string(edge.state) == state);
            if (state == "confirmed" || state == "failed") {
                REQUIRE(near(edge.mfe_atr, mfe));
                REQUIRE(edge.retests == retests);
            }
            if (state == "failed") REQUIRE(to_string(edge.why) == why);
            confirmed += state == "confirmed" ? 1 : 0;
            failed += state == "failed" ? 1 : 0;
        } else {
            REQUIRE(made.size() == expected);
        }
    }
    if (expected + confirmed == 0) return;
    CHECK(confirmed > 50);
    CHECK(failed > 50);
}

TEST_CASE("token volume decides like the reference on 100 random runs of ten hours") {
    VolumeParams const params;
    TokenVolume machine;
    std::vector<VolumeEdge> made;
    std::size_t expected = 0, confirmed = 0, suspect = 0;
    for (std::string const& line : reference_lines("volume", 100)) {
        std::istringstream in(line);
        std::string tag;
        in >> tag;
        if (tag == "n") {
            machine = TokenVolume{};
            made.clear();
            expected = 0;
        } else if (tag == "i") {
            VolumeMinute m;
            in >> m.minute >> m.score >> m.c15 >> m.r15 >> m.j15 >> m.rt >> m.quality >>
                m.dispersion >> m.degraded;
            if (auto const edge = machine.minute(m, params)) made.push_back(*edge);
        } else if (tag == "o") {
            std::string prev, state, note;
            in >> prev >> state >> note;
            REQUIRE(expected < made.size());
            VolumeEdge const& edge = made[expected++];
            REQUIRE(to_string(edge.prev) == prev);
            REQUIRE(to_string(edge.state) == state);
            REQUIRE(text_or_dash(state == "building" ? to_string(edge.trigger)
                                                     : to_string(edge.reason)) == note);
            confirmed += state == "confirmed" ? 1 : 0;
            suspect += state == "suspect" ? 1 : 0;
        } else {
            REQUIRE(made.size() == expected);
        }
    }
    if (expected + confirmed == 0) return;
    CHECK(confirmed > 20);
    CHECK(suspect > 20);
}

TEST_CASE("token scores equal the reference on 500 random hours of one to six venues") {
    TokenWindow window;
    int compared = 0;
    for (std::string const& line : reference_lines("score", 500)) {
        std::istringstream in(line);
        std::string tag;
        in >> tag;
        if (tag == "n") {
            double ratio = 0.0;
            std::size_t venues = 0;
            window = TokenWindow{};
            in >> venues >> window.level >> ratio >> window.largest_trade;
            window.variance_ratio = ratio;
        } else if (tag == "i") {
            TokenWindow::Venue& venue = window.venues[window.size++];
            double expected = 0.0, flag = 0.0;
            in >> expected >> venue.trusted >> flag;
            venue.blocks.expected.fill(expected);
            if (flag >= 0.0) venue.f_tape = flag;
            for (double& volume : venue.blocks.volume) in >> volume;
        } else if (tag == "o") {
            double rvol = 0, consensus = 0, m = 0, p = 0, t = 0, q = 0, score = 0;
            std::string weakest;
            in >> rvol >> consensus >> m >> p >> t >> q >> score >> weakest;
            TokenScore const s = token_score(window, VolumeParams{});
            REQUIRE(near(s.rvol60, rvol));
            REQUIRE(near(s.consensus, consensus));
            REQUIRE(near(s.magnitude, m));
            REQUIRE(near(s.persistence, p));
            REQUIRE(near(s.dispersion, t));
            REQUIRE(near(s.quality, q));
            REQUIRE(near(s.score, score));
            REQUIRE(to_string(s.weakest) == weakest);
            ++compared;
        }
    }
    CHECK((compared == 0 || compared == 500));
}

TEST_CASE("unwind scores equal the reference, which remembers every event") {
    UnwindParams const params;
    Unwind unwind;
    int level = 0, compared = 0;
    double score = 0.0;
    for (std::string const& line : reference_lines("unwind", 100)) {
        std::istringstream in(line);
        std::string tag;
        in >> tag;
        if (tag == "n") {
            unwind = Unwind{};
            level = 0;
        } else if (tag == "i") {
            double hour = 0.0, factor = 0.0;
            int kind = 0;
            bool falling = false;
            UnwindStanding standing;
            in >> hour >> kind >> factor >> standing.broad_down >> standing.down_break >>
                standing.token_sell >> falling;
            UnixNanos const at{std::llround(hour * 3600e9)};
            if (kind >= 0) unwind.event(at, static_cast<UnwindKind>(kind), factor, params);
            score = unwind.read(at, standing, params).score;
            level = unwind_level(score, level, falling, params);
        } else if (tag == "o") {
            double u = 0.0;
            int wanted = 0;
            in >> u >> wanted;
            REQUIRE(near(score, u));
            REQUIRE(level == wanted);
            ++compared;
        }
    }
    CHECK((compared == 0 || compared == 6000));
}
