// What the subcommands do, one function each; main.cpp only fills in the options.
//
// Each returns an exit code (exit_code.hpp) and has printed one line with the remedy on stderr
// when it is not 0.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "daemon/config.hpp"

namespace spill {

struct RunOptions {
    std::string config;                   // empty = search (load_config_or_default)
    std::optional<LogLevel> log_level;    // over the file's
    std::optional<LogFormat> log_format;  // likewise
};

struct DemoOptions {
    std::uint64_t seed = 1;
    double speed = 0;              // market seconds per wall second; 0 = the demo's own pace
    std::string scenario = "day";  // of the simulated market
    std::optional<int> port;       // of the gateway, over the file's
    bool once = false;             // one day, then end
    std::string config;            // as in RunOptions
    std::optional<LogLevel> log_level;
    std::optional<LogFormat> log_format;
};

struct ReplayOptions {
    std::vector<std::string> files;
    std::string config;             // as in RunOptions
    std::optional<UnixNanos> from;  // events before it only warm the baselines up
    std::optional<UnixNanos> to;    // events at and after it are not read
    double speed = 0;               // market seconds per wall second; 0 = as fast as possible
    std::string output;             // empty or "-" = standard output
};

struct StudyOptions {
    std::vector<std::string> files;  // as for replay
    std::string config;              // as in RunOptions
    std::uint64_t seed = 1;          // of the resampling behind the intervals
    bool json = false;
};

struct CheckOptions {
    std::string config;  // as in RunOptions
    bool print_effective = false;
};

[[nodiscard]] int run_daemon(const RunOptions& options);
[[nodiscard]] int run_demo(const DemoOptions& options);
[[nodiscard]] int run_replay(const ReplayOptions& options);
[[nodiscard]] int run_study(const StudyOptions& options, std::ostream& out);

// "ok: N instruments, M feeds, K venues" on `out`, or every issue of the file on `err`, one a line.
[[nodiscard]] int run_check(const CheckOptions& options, std::ostream& out, std::ostream& err);

}  // namespace spill
