#include "daemon/simulate.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/calendar_file.hpp"
#include "daemon/cli.hpp"
#include "daemon/evaluate.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/nearest.hpp"
#include "daemon/simulate_files.hpp"

namespace spill {
namespace {

int fail_with(std::ostream& err, std::string_view message) {
    err << "spilloverd simulate: " << message << '\n';
    return exit_code::kFailure;
}

int simulate_one(const RecordingSpec& spec, const std::string& dir, const Calendars& calendars,
                 std::ostream& out, std::ostream& err) {
    std::error_code error;
    std::filesystem::create_directories(dir, error);
    if (error) return fail_with(err, dir + ": " + error.message());
    auto const recording = std::make_unique<Recording>();
    record(spec, calendars, *recording);
    if (auto const written = write_recording(*recording, dir); !written) {
        return fail_with(err, written.error().message);
    }
    out << dir << ": " << recording->bars.size() << " bars, " << recording->live.size()
        << " trades and events, " << recording->truth.size() << " planted\n"
        << "  " << replay_command(*recording, dir) << '\n';
    return exit_code::kOk;
}

std::string unknown_scenario(const std::string& word, std::vector<std::string_view> known) {
    known.emplace_back("all");
    std::string message = "unknown scenario \"" + word + "\"" + did_you_mean(word, known);
    message += "; known are";
    for (std::string_view const name : known) {
        if (name.starts_with('S') || name == "all") message += " " + std::string(name);
    }
    return message + " and the classes of evaluate";
}

}  // namespace

int run_simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err) {
    auto const known = recordable();
    bool const all = options.scenario == "all";
    if (!all && std::ranges::find(known, options.scenario) == known.end()) {
        return usage_error(err, unknown_scenario(options.scenario, known));
    }
    if (!(options.noise >= 0.0 && options.noise <= 3.0)) {
        return usage_error(err, "--noise must be within 0 and 3");
    }
    if (options.episodes < kMinEpisodes || options.episodes > kMaxEpisodes) {
        return usage_error(err, "--episodes must be within 2 and 1000");
    }
    if (options.output.empty()) return usage_error(err, "--out must name a directory");
    std::error_code error;
    bool const there = std::filesystem::exists(options.output, error);
    if (there && !std::filesystem::is_empty(options.output, error)) {
        return fail_with(err, options.output + " is not an empty directory");
    }
    auto const calendars = load_calendars("");
    if (!calendars) return fail_with(err, calendars.error().message);
    RecordingSpec spec{options.scenario, options.seed, options.noise, options.episodes};
    if (!all) return simulate_one(spec, options.output, *calendars, out, err);
    for (std::string_view const word : known) {
        bool const scenario = word.starts_with('S') && word.size() <= 3;
        if (!scenario) continue;
        spec.scenario = word;
        std::string const dir = options.output + "/" + std::string(word);
        int const code = simulate_one(spec, dir, *calendars, out, err);
        if (code != exit_code::kOk) return code;
    }
    return exit_code::kOk;
}

}  // namespace spill
