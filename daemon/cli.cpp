#include "daemon/cli.hpp"

#include <array>
#include <ostream>

#include "core/timestamp.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/nearest.hpp"

namespace spill {

int usage_error(std::ostream& err, std::string_view message) {
    err << "spilloverd: " << message << "; see spilloverd --help\n";
    return exit_code::kUsage;
}

std::string unknown_argument(std::string_view argument, std::span<const std::string_view> known) {
    bool const option = argument.starts_with('-');
    std::string_view const word = argument.substr(0, option ? argument.find('=') : argument.npos);
    std::string const what = option ? "unknown option " : "unknown subcommand or argument ";
    return what + std::string(word) + did_you_mean(word, known);
}

Result<UnixNanos> parse_instant(std::string_view text) {
    if (auto const date = parse_date(text)) {
        return UnixNanos{days_from_civil(*date) * kNanosPerDay};
    }
    if (auto const instant = parse_rfc3339(text)) return *instant;
    return fail(Errc::InvalidArgument,
                "\"" + std::string(text) +
                    "\" is not an instant such as 2026-05-26 or 2026-05-26T13:30:00Z");
}

std::optional<LogLevel> log_level_from(std::string_view text) noexcept {
    for (LogLevel const level :
         {LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug}) {
        if (text == to_string(level)) return level;
    }
    return std::nullopt;
}

std::optional<LogFormat> log_format_from(std::string_view text) noexcept {
    for (LogFormat const format :
         {LogFormat::Auto, LogFormat::Text, LogFormat::Json, LogFormat::Journald}) {
        if (text == to_string(format)) return format;
    }
    return std::nullopt;
}

const char* help_footer() noexcept {
    return R"(
Examples:
  spilloverd demo                       a simulated trading day over loopback, no key, no network
  spilloverd demo --seed 7 --once       one day of another market, then a summary
  spilloverd check -c config.yaml       every fault of the file at once
  spilloverd check --print-effective    the configuration as it is in force
  spilloverd run -c config.yaml         live; signals at ws://127.0.0.1:8787/v1/stream
  spilloverd replay day.csv.zst         signals as JSON lines, the same bytes every time
  spilloverd evaluate --seed 7          planted episodes against the rules, with gates
  spilloverd decode kraken frames.jsonl what a venue's frames say

Exit codes: 0 ok, 1 runtime failure, 64 usage, 69 upstream unavailable, 78 configuration.)";
}

}  // namespace spill
