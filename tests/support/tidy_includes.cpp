#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "tests/support/tidy_rules.hpp"

namespace spill::tidy {
namespace {

template <class Range>
bool contains(const Range& range, std::string_view value) {
    return std::find(range.begin(), range.end(), value) != range.end();
}

template <class Range>
bool starts_with_any(std::string_view text, const Range& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::string at(const SourceFile& file, const Include& include, const std::string& why) {
    return file.path + ":" + std::to_string(include.line) + ": " + include.name + ": " + why;
}

// A header of the standard library: <word>, never <a/b> nor <c.h>.
bool is_standard(const Include& include) {
    return !include.quoted && include.name.find_first_of("/.") == std::string::npos;
}

// Standard headers that bring I/O, threads, clocks of the machine or hash order.
constexpr std::array kImpureStandard = {
    "thread",        "mutex",   "shared_mutex", "condition_variable",
    "future",        "atomic",  "random",       "fstream",
    "iostream",      "cstdio",  "filesystem",   "unordered_map",
    "unordered_set", "regex",   "locale",       "coroutine",
    "ctime",         "csignal", "semaphore",    "stop_token"};

// The units of connectors/ that touch sockets, clocks or threads. Everything else there is pure.
constexpr std::array kConnectorEdges = {
    "connectors/transport", "connectors/history",  "connectors/feed",    "connectors/link_stats",
    "connectors/ban_store", "connectors/key_lock", "connectors/fetcher", "connectors/simulator/"};
constexpr std::array kCodecCore = {"core/types.hpp", "core/decimal.hpp", "core/timestamp.hpp",
                                   "core/error.hpp", "core/event.hpp",   "core/instrument.hpp"};

struct Library {
    std::string_view include_prefix;
    std::vector<std::string_view> homes;  // path prefixes
};

const std::vector<Library>& libraries() {
    static const std::vector<Library> rows = {
        {"yaml-cpp/", {"daemon/config"}},
        {"prometheus/", {"daemon/metrics"}},
        {"systemd/", {"daemon/watchdog"}},
        {"sqlite3", {"daemon/store"}},
        {"SQLiteCpp/", {"daemon/store"}},
        {"CLI/", {"daemon/main.cpp"}},
        {"concurrentqueue/", {"daemon/queue.hpp"}},
        {"date/", {"daemon/calendar_file"}},
        {"simdjson", {"connectors/", "daemon/gateway/"}},
        {"zstd", {"daemon/"}},
        {"spdlog/", {"daemon/"}},
        {"fmt/", {"daemon/"}},
        {"openssl/",
         {"connectors/transport", "connectors/history", "connectors/simulator/", "daemon/"}},
        {"boost/asio",
         {"connectors/transport", "connectors/history", "connectors/feed", "connectors/fetcher",
          "connectors/simulator/", "daemon/"}},
    };
    return rows;
}

}  // namespace

Findings core_is_pure(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.in("core/") || !file.is_cpp()) continue;
        for (const Include& include : file.includes) {
            bool const ours = include.quoted && include.name.starts_with("core/");
            bool const expected = !include.quoted && include.name == "tl/expected.hpp";
            if (ours || expected) continue;
            if (!is_standard(include)) {
                found.push_back(at(file, include, "core sees std, tl/expected and core only"));
            } else if (contains(kImpureStandard, include.name)) {
                found.push_back(at(file, include, "core has no I/O, threads, clock, random, hash"));
            }
        }
    }
    return found;
}

Findings codecs_are_pure(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.in("connectors/") || !file.is_cpp()) continue;
        if (starts_with_any(file.path, kConnectorEdges)) continue;
        for (const Include& include : file.includes) {
            const std::string& name = include.name;
            if (name.starts_with("core/") && !contains(kCodecCore, name)) {
                found.push_back(at(file, include, "codecs know types and events, not the rules"));
            }
            bool const ours = name.starts_with("core/") || name.starts_with("connectors/");
            if (!is_standard(include) && !ours && !name.starts_with("simdjson")) {
                found.push_back(at(file, include, "codecs see std, simdjson, core, connectors"));
            }
        }
    }
    return found;
}

Findings nothing_below_includes_daemon(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        bool const below = file.in("core/") || file.in("connectors/");
        bool const codec_side = file.in("connectors/") && !file.in("connectors/simulator/");
        for (const Include& include : file.includes) {
            if (below && include.name.starts_with("daemon/")) {
                found.push_back(at(file, include, "only daemon and tests include daemon"));
            }
            if (codec_side && include.name.starts_with("connectors/simulator/")) {
                found.push_back(at(file, include, "connectors do not know their simulator"));
            }
            if (file.is_product() && include.name.starts_with("tests/")) {
                found.push_back(at(file, include, "the program does not include its tests"));
            }
        }
    }
    return found;
}

Findings libraries_have_one_home(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        for (const Include& include : file.includes) {
            for (const Library& library : libraries()) {
                if (!include.name.starts_with(library.include_prefix)) continue;
                if (!starts_with_any(file.path, library.homes)) {
                    found.push_back(at(file, include, "this library has another home"));
                }
            }
        }
    }
    return found;
}

Findings beast_units_are_few(const Tree& tree) {
    constexpr std::array kConnectorUnits = {"connectors/transport", "connectors/history",
                                            "connectors/simulator/session"};
    constexpr std::size_t kDaemonUnits = 4;
    Findings found;
    std::set<std::string> daemon_units;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        for (const Include& include : file.includes) {
            if (!include.name.starts_with("boost/beast")) continue;
            if (file.is_header()) found.push_back(at(file, include, "no Beast in headers"));
            if (file.in("daemon/")) {
                daemon_units.insert(file.path);
            } else if (!starts_with_any(file.path, kConnectorUnits)) {
                found.push_back(at(file, include, "Beast belongs to transport and history"));
            }
        }
    }
    if (daemon_units.size() > kDaemonUnits) {
        found.push_back("daemon: more than four units include Beast");
    }
    return found;
}

Findings only_app_joins_feeds_and_engine(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.in("daemon/") || file.in("daemon/app")) continue;
        bool engine = false;
        const Include* feed = nullptr;
        for (const Include& include : file.includes) {
            if (include.name == "core/engine.hpp") engine = true;
            if (include.name == "connectors/feed.hpp") feed = &include;
            if (include.name == "connectors/transport.hpp") feed = &include;
        }
        if (engine && feed != nullptr) {
            found.push_back(at(file, *feed, "only daemon/app joins connectors to the engine"));
        }
    }
    return found;
}

Findings includes_resolve(const Tree& tree) {
    std::set<std::string_view> paths;
    for (const SourceFile& file : tree) paths.insert(file.path);
    Findings found;
    for (const SourceFile& file : tree) {
        for (const Include& include : file.includes) {
            if (include.quoted && !paths.contains(include.name)) {
                found.push_back(at(file, include, "write the path from the root; no such file"));
            }
        }
    }
    return found;
}

namespace {

using Graph = std::map<std::string_view, const SourceFile*>;

// Depth-first walk; `open` is the chain of files that is being walked.
void walk(const Graph& graph, const SourceFile& file, std::vector<std::string_view>& open,
          std::set<std::string_view>& done, Findings& found) {
    open.push_back(file.path);
    for (const Include& include : file.includes) {
        auto const next = graph.find(include.name);
        if (!include.quoted || next == graph.end()) continue;
        if (contains(open, include.name)) {
            found.push_back(at(file, include, "closes a cycle of includes"));
        } else if (!done.contains(next->first)) {
            walk(graph, *next->second, open, done, found);
        }
    }
    open.pop_back();
    done.insert(file.path);
}

}  // namespace

Findings no_include_cycles(const Tree& tree) {
    Graph graph;
    for (const SourceFile& file : tree) graph[file.path] = &file;
    Findings found;
    std::set<std::string_view> done;
    std::vector<std::string_view> open;
    for (const SourceFile& file : tree) {
        if (!done.contains(file.path)) walk(graph, file, open, done, found);
    }
    return found;
}

}  // namespace spill::tidy
