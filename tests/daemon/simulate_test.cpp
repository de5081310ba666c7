#include "daemon/simulate.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "core/engine.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/config.hpp"
#include "daemon/csv_files.hpp"
#include "daemon/evaluate_run.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/playback.hpp"
#include "daemon/simulate_files.hpp"
#include "daemon/simulate_market.hpp"

using namespace spill;
namespace fs = std::filesystem;

namespace {

// A directory that is gone with the test.
struct OutDir {
    fs::path path;
    OutDir() {
        std::string name = (fs::temp_directory_path() / "simulate_XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~OutDir() { fs::remove_all(path); }
    OutDir(const OutDir&) = delete;
    OutDir& operator=(const OutDir&) = delete;
};

// What was planted, as the generator holds it and as the files tell it.
void judge(const Recording& recording, const Calendars& calendars, EdgeLog& log) {
    auto const engine = std::make_unique<Engine>(recording.registry, calendars, Params{});
    Playback playback(*engine, log);
    playback.start(recording.bars.front(), true);
    for (const Event& event : recording.bars) playback.play(event);
    bool quiet = true;
    for (const Event& event : recording.live) {
        if (quiet && learned_at(event) >= recording.from) {
            playback.publish_from(recording.from);
            quiet = false;
        }
        playback.play(event);
    }
    playback.finish();
}

void judge_files(const fs::path& dir, UnixNanos from, EdgeLog& log) {
    ConfigResult const loaded = load_config_or_default((dir / "config.yaml").string());
    for (const ConfigIssue& issue : loaded.issues) MESSAGE(to_string(issue));
    REQUIRE(loaded.ok());
    auto const calendars = load_calendars(loaded.config.calendar_directory);
    REQUIRE(calendars.has_value());
    ReplayRegistry registry(loaded.config.registry);
    std::vector<std::string> files{(dir / "bars_5m_history.csv").string()};
    if (fs::exists(dir / "events.csv")) files.push_back((dir / "events.csv").string());
    files.push_back((dir / "trades.csv").string());
    std::ostringstream notes;
    auto const events = read_csv_files(files, registry, notes);
    REQUIRE(events.has_value());
    CHECK(notes.str().empty());
    auto const engine =
        std::make_unique<Engine>(registry.registry(), *calendars, loaded.config.params);
    Playback playback(*engine, log);
    playback.start(events->front(), true);
    bool quiet = true;
    for (const Event& event : *events) {
        if (quiet && learned_at(event) >= from) {
            playback.publish_from(from);
            quiet = false;
        }
        playback.play(event);
    }
    playback.finish();
}

// The lines of the first five chips or tokens and of their bucket: "E00|PD|up ...", "T03 ...".
std::string of_first_five(const std::string& edges) {
    std::istringstream in(edges);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        bool const named = line.size() > 3 && (line[0] == 'E' || line[0] == 'T' || line[0] == 'B');
        bool const first =
            named && line[1] == '0' && line[2] < '5' && (line[0] != 'B' || line[2] == '0');
        if (first) out += line + '\n';
    }
    return out;
}

std::string contents(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("files of a scenario are judged as the generator's own events are") {
    auto const calendars = load_calendars("");
    REQUIRE(calendars.has_value());
    for (std::string const scenario : {"S1", "S7", "S12", "S16", "S18", "S19", "S21"}) {
        CAPTURE(scenario);
        // Twice as many episodes: those of the files are the first ones of any larger number.
        auto const whole = std::make_unique<Recording>();
        record({scenario, 3, 1.0, 10}, *calendars, *whole);
        EdgeLog direct;
        judge(*whole, *calendars, direct);

        OutDir const dir;
        auto const part = std::make_unique<Recording>();
        record({scenario, 3, 1.0, 5}, *calendars, *part);
        REQUIRE(write_recording(*part, dir.path.string()).has_value());
        EdgeLog replayed;
        judge_files(dir.path, part->from, replayed);
        std::string const expected = of_first_five(direct.all());
        CHECK(expected.size() > 50);
        CHECK(of_first_five(replayed.all()) == expected);
    }
}

TEST_CASE("an early close brings the calendar that ends the day") {
    OutDir const dir;
    SimulateOptions options;
    options.scenario = "S22";
    options.output = dir.path.string();
    std::ostringstream out;
    std::ostringstream err;
    REQUIRE(run_simulate(options, out, err) == exit_code::kOk);
    auto const calendars = load_calendars((dir.path / "calendars").string());
    REQUIRE(calendars.has_value());
    auto const regular = load_calendars("");
    REQUIRE(regular.has_value());
    UnixNanos const noon{1'779'984'000 * kNanosPerSecond};  // 2026-05-28T16:00Z
    auto const cut = calendars->of(Market::Xnys).containing(noon);
    auto const whole = regular->of(Market::Xnys).containing(noon);
    REQUIRE(cut.has_value());
    REQUIRE(whole.has_value());
    CHECK(cut->shortened);
    CHECK(whole->close.ns - cut->close.ns == 180 * kNanosPerMinute);
}

TEST_CASE("the same seed writes the same bytes, another seed others") {
    std::vector<std::string> texts;
    for (std::uint64_t const seed : {4U, 4U, 5U}) {
        OutDir const dir;
        SimulateOptions options;
        options.scenario = "S16";
        options.seed = seed;
        options.output = dir.path.string();
        std::ostringstream out;
        std::ostringstream err;
        REQUIRE(run_simulate(options, out, err) == exit_code::kOk);
        CHECK(err.str().empty());
        CHECK(out.str().find("spilloverd replay -c ") != std::string::npos);
        std::string text;
        for (const char* const name :
             {"bars_5m_history.csv", "trades.csv", "events.csv", "truth.jsonl", "config.yaml"}) {
            text += contents(dir.path / name);
        }
        texts.push_back(text);
    }
    CHECK(texts[0] == texts[1]);
    CHECK(texts[0] != texts[2]);
}

TEST_CASE("a scenario that nobody knows names the nearest, and a full directory is left alone") {
    OutDir const dir;
    std::ostringstream out;
    std::ostringstream err;
    SimulateOptions options;
    options.scenario = "organic x44";
    options.output = dir.path.string();
    CHECK(run_simulate(options, out, err) == exit_code::kUsage);
    CHECK(err.str().find("did you mean \"organic x4\"") != std::string::npos);
    options.scenario = "S1";
    options.noise = 4.0;
    CHECK(run_simulate(options, out, err) == exit_code::kUsage);
    options.noise = 1.0;
    options.episodes = 1;
    CHECK(run_simulate(options, out, err) == exit_code::kUsage);
    options.episodes = 2;
    std::ofstream(dir.path / "mine.txt") << "mine";
    CHECK(run_simulate(options, out, err) == exit_code::kFailure);
    CHECK(fs::exists(dir.path / "mine.txt"));
    CHECK(!fs::exists(dir.path / "trades.csv"));
}
