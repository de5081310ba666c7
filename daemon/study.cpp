// `spilloverd study`: recorded bars through the production engine, and what became of its states.
#include <iostream>
#include <memory>

#include "core/engine.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/commands.hpp"
#include "daemon/config.hpp"
#include "daemon/csv_files.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/playback.hpp"
#include "daemon/study_metrics.hpp"
#include "daemon/study_print.hpp"
#include "daemon/study_recorder.hpp"

namespace spill {
namespace {

// Plays the events and shows the recorder every minute as soon as it has closed.
void play(Engine& engine, const std::vector<Event>& events, study::Recorder& recorder) {
    if (events.empty()) return;
    Playback playback(engine, recorder);
    playback.start(events.front(), false);
    auto const close_to = [&](UnixNanos at) {
        for (auto due = engine.next_close(); due && *due <= at; due = engine.next_close()) {
            playback.tick_to(*due);
            recorder.minute_closed(minute_of(*due));
        }
    };
    for (const Event& event : events) {
        close_to(learned_at(event));
        playback.play(event);
    }
    // The last session rolls a minute after its close.
    close_to(UnixNanos{learned_at(events.back()).ns + 3 * kNanosPerMinute});
}

const char* const kBarsNote =
    "made from bars: no largest trade, no tape flags, prints at a bar's end only; sessions with a "
    "hole count as unknown, not as held";

}  // namespace

int run_study(const StudyOptions& options, std::ostream& out) {
    ConfigResult const loaded = load_config_or_default(options.config);
    if (!loaded.ok()) {
        for (const ConfigIssue& issue : loaded.issues) std::cerr << to_string(issue) << '\n';
        return exit_code::kConfig;
    }
    auto const calendars = load_calendars(loaded.config.calendar_directory);
    if (!calendars) {
        std::cerr << calendars.error().message << '\n';
        return exit_code::kConfig;
    }
    ReplayRegistry registry(loaded.config.registry);
    auto const events = read_csv_files(options.files, registry, std::cerr);
    if (!events) {
        std::cerr << "spilloverd study: " << events.error().message << '\n';
        return exit_code::kFailure;
    }
    auto const engine =
        std::make_unique<Engine>(registry.registry(), *calendars, loaded.config.params);
    study::Recorder recorder(*engine);
    play(*engine, *events, recorder);

    study::Report report;
    study::Inputs const in{recorder.log(), registry.registry(), *calendars, options.seed};
    study::breakout_rows(in, report);
    study::token_rows(in, report);
    report.notes.emplace_back(kBarsNote);
    out << (options.json ? study::to_json(report) : study::to_text(report));
    return out.good() ? exit_code::kOk : exit_code::kFailure;
}

}  // namespace spill
