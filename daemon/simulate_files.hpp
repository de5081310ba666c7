// A recording as the files that `spilloverd replay` reads.
#pragma once

#include <string>

#include "core/error.hpp"
#include "daemon/simulate_market.hpp"

namespace spill {

// Writes bars_5m_history.csv, trades.csv, truth.jsonl, config.yaml, and where they are needed
// events.csv and calendars/ into `dir`, which exists. The same recording gives the same bytes; only
// a config that names its calendars holds `dir` itself. Errors: System, naming the file.
[[nodiscard]] Result<void> write_recording(const Recording& recording, const std::string& dir);

// The command that judges the recording.
[[nodiscard]] std::string replay_command(const Recording& recording, const std::string& dir);

}  // namespace spill
