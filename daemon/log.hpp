// Log lines for people and for the journal. Never called on the hot path; spdlog ends here.
#pragma once

#include <string>

#include "daemon/config.hpp"

namespace spill {

// Before the first line. Auto: journald priorities when stderr is the journal, else text.
void start_log(const LogSettings& settings);

// One line; line breaks in `message` become spaces. Any thread.
void log_line(LogLevel level, const std::string& message);

inline void log_error(const std::string& message) { log_line(LogLevel::Error, message); }
inline void log_warn(const std::string& message) { log_line(LogLevel::Warn, message); }
inline void log_info(const std::string& message) { log_line(LogLevel::Info, message); }
inline void log_debug(const std::string& message) { log_line(LogLevel::Debug, message); }

// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_text(const std::string& text);

}  // namespace spill
