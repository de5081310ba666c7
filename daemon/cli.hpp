// The parts of the command line that need no parser library: words, values and faults.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/types.hpp"
#include "daemon/config.hpp"

namespace spill {

// One line on `err`: what is wrong and where to look. Returns exit_code::kUsage.
int usage_error(std::ostream& err, std::string_view message);

// "unknown option --sped (did you mean "--speed"?)"; an argument that is no option is taken for a
// misspelt subcommand.
[[nodiscard]] std::string unknown_argument(std::string_view argument,
                                           std::span<const std::string_view> known);

// "2026-05-26" (00:00 UTC of that day) or "2026-05-26T13:30:00Z".
[[nodiscard]] Result<UnixNanos> parse_instant(std::string_view text);

// REQUIRES a word of log_level_names() or log_format_names(); anything else gives nothing.
[[nodiscard]] std::optional<LogLevel> log_level_from(std::string_view text) noexcept;
[[nodiscard]] std::optional<LogFormat> log_format_from(std::string_view text) noexcept;

// What --help says below the options.
[[nodiscard]] const char* help_footer() noexcept;

}  // namespace spill
