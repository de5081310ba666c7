// The configuration as the program uses it: plain values, validated, with defaults.
//
// The file is YAML and config.yaml is its reference. Reading never stops at the first fault: every
// fault becomes a ConfigIssue with its place in the file. A Config with issues must not be run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

// Which threads run the stages (see daemon/README.md).
enum class ThreadPlan : std::uint8_t { Auto, Inline, Split };
[[nodiscard]] const char* to_string(ThreadPlan plan) noexcept;

// How a stage of the split plan waits for work.
enum class WaitMode : std::uint8_t { Park, Hybrid, Spin };
[[nodiscard]] const char* to_string(WaitMode wait) noexcept;

enum class LogLevel : std::uint8_t { Error, Warn, Info, Debug };
[[nodiscard]] const char* to_string(LogLevel level) noexcept;

// Auto: journald prefixes when stderr is the journal, else text.
enum class LogFormat : std::uint8_t { Auto, Text, Json, Journald };
[[nodiscard]] const char* to_string(LogFormat format) noexcept;

struct LogSettings {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Auto;
};

struct DaemonConfig {
    ThreadPlan threads = ThreadPlan::Auto;
    WaitMode wait = WaitMode::Hybrid;
    int feed_threads = 1;      // of the split plan
    int event_queue = 65'536;  // events between feeds and the engine
    int signal_queue = 4'096;  // signals between the engine and the publisher
    std::string state_dir;     // what outlives the process; empty = systemd's, if any
    LogSettings log;
};

struct GatewaySettings {
    std::string address = "127.0.0.1";  // an IP literal
    int port = 8787;                    // 0 = any free port
    int max_subscribers = 1'024;
    std::vector<std::string> allowed_origins;  // of web pages besides our own, exact text
    // Bounds of what waits for one subscriber; beyond any of them it is closed.
    int outbox_messages = 256;
    std::int64_t outbox_bytes = 1 << 20;
    std::chrono::nanoseconds outbox_age = std::chrono::seconds{2};
    std::int64_t send_buffer = 64 * 1'024;  // bytes that the kernel may hold back for it
    std::chrono::nanoseconds heartbeat = std::chrono::seconds{5};
    int messages_per_second = 20;  // that a subscriber may send
};

// What is asked of the venues' past before the first link is dialled.
struct HistorySettings {
    int days = 0;  // of minute bars that the baselines learn; 0 = nothing is asked
};

// One row of `venues:`. Empty text and zero mean: as the venue's own row says (connectors).
struct VenueSettings {
    std::string name;  // of the VenueSpec
    VenueId id;        // invalid when the venue is disabled
    bool enabled = true;
    bool trusted = false;
    std::string host;
    int port = 0;
    std::string path;
    bool tls = true;                      // false only towards loopback addresses
    int max_symbols_per_link = 200;       // more symbols are spread over more links
    std::chrono::nanoseconds silence{0};  // data silence after which a link is stale
    std::string key_file;                 // path of a file that holds the API key
    std::string secret_file;              // likewise the API secret
    std::string key_env;                  // or: name of an environment variable that holds it
    std::string secret_env;
    bool backfill = true;  // fill gaps from its REST interface
    std::string rest_host;
    int rest_port = 0;
};

// Another name of an instrument, valid for trade dates in [from, until); 0 = open.
struct Alias {
    std::string name;
    InstrumentId instrument;
    std::int32_t from = 0;   // yyyymmdd
    std::int32_t until = 0;  // yyyymmdd
};

struct Config {
    DaemonConfig daemon;
    GatewaySettings gateway;
    HistorySettings history;
    Params params;                   // `rules:`
    std::string calendar_directory;  // empty = the calendars compiled into the program
    std::vector<VenueSettings> venues;
    // Enabled venues and their feeds only: a disabled venue leaves no feed behind.
    Registry registry;
    std::vector<std::string> titles;  // by InstrumentId: the name for people, may be empty
    std::vector<Alias> aliases;
    // 8 hex digits over everything that can change a signal: rules, groups, instruments, feeds.
    std::string hash8;
};

struct ConfigIssue {
    std::string file;
    int line = 0;    // from 1; 0 = the whole file
    int column = 0;  // in bytes, from 1
    std::string message;
};

// "file:line:column: message", or "file: message" when there is no place.
[[nodiscard]] std::string to_string(const ConfigIssue& issue);

struct ConfigResult {
    Config config;
    std::vector<ConfigIssue> issues;  // in the order of the file
    [[nodiscard]] bool ok() const noexcept { return issues.empty(); }
};

// Both read the environment for ${VAR}, and the mode of files that hold secrets.
[[nodiscard]] ConfigResult load_config(const std::string& path);
[[nodiscard]] ConfigResult parse_config(std::string_view text, const std::string& file_name);

// `requested`, or ./config.yaml if there, else the system's file if there, else the file that is
// compiled into the program (its name is then "config.yaml (built in)").
[[nodiscard]] ConfigResult load_config_or_default(const std::string& requested);

// The whole configuration as it is in force, every key under its comment. YAML that parse_config
// reads back to the same hash, except that paths of secrets are replaced by "<set>".
[[nodiscard]] std::string effective_yaml(const Config& config);

// What Config::hash8 is, computed anew: after a change by an option or a test.
[[nodiscard]] std::string config_hash8(const Config& config);

}  // namespace spill
