#include <algorithm>
#include <array>
#include <string>

#include "tests/support/tidy_rules.hpp"

namespace spill::tidy {
namespace {

// Where a ban holds.
bool anywhere(const SourceFile&) { return true; }
bool core_only(const SourceFile& file) { return file.in("core/"); }
// Code that must be a function of its arguments: the core and the codecs.
bool pure(const SourceFile& file) {
    static constexpr std::array kEdges = {"connectors/transport", "connectors/history",
                                          "connectors/feed",      "connectors/link_stats",
                                          "connectors/ban_store", "connectors/key_lock",
                                          "connectors/fetcher",   "connectors/simulator/"};
    bool const edge = std::any_of(kEdges.begin(), kEdges.end(),
                                  [&](const char* prefix) { return file.in(prefix); });
    return file.in("core/") || (file.in("connectors/") && !edge);
}
bool hot(const SourceFile& file) {
    static constexpr std::array kHotDaemon = {
        "daemon/queue", "daemon/gateway/protocol", "daemon/gateway/publisher",
        "daemon/gateway/subscriber", "daemon/gateway/ws_frame"};
    // A link formats text at its edges only.
    bool const decodes = pure(file) && !file.in("connectors/link");
    return decodes || std::any_of(kHotDaemon.begin(), kHotDaemon.end(),
                                  [&](const char* prefix) { return file.in(prefix); });
}

struct Ban {
    std::string_view word;
    bool call = false;  // only when called: followed by '(' and not a member of something
    bool (*holds)(const SourceFile&) = anywhere;
    std::string_view why;
};

constexpr std::string_view kDouble = "money is parsed by core/decimal, never through a double";
constexpr std::string_view kClock = "time is a parameter here";
constexpr std::string_view kRandom = "randomness is seeded and ours";
constexpr std::string_view kStatic = "not thread-safe or locale-bound";
constexpr std::string_view kBuffer = "writes beyond its buffer";
constexpr std::string_view kOrder = "hash order is not a defined order";
constexpr std::string_view kLock = "this code runs on one thread and takes no lock";
constexpr std::string_view kPrint = "the hot path does not print, format by printf or log";

constexpr std::array kBans = {
    Ban{"strtod", true, anywhere, kDouble},
    Ban{"strtof", true, anywhere, kDouble},
    Ban{"strtold", true, anywhere, kDouble},
    Ban{"stod", true, anywhere, kDouble},
    Ban{"stof", true, anywhere, kDouble},
    Ban{"stold", true, anywhere, kDouble},
    Ban{"atof", true, anywhere, kDouble},
    Ban{"atoi", true, anywhere, "use std::from_chars, which reports errors"},
    Ban{"atol", true, anywhere, "use std::from_chars, which reports errors"},
    Ban{"rand", true, anywhere, kRandom},
    Ban{"srand", true, anywhere, kRandom},
    Ban{"random_device", false, pure, kRandom},
    Ban{"mt19937", false, pure, kRandom},
    Ban{"mt19937_64", false, pure, kRandom},
    Ban{"time", true, anywhere, "use std::chrono; the system clock stamps, the steady one waits"},
    Ban{"gmtime", true, anywhere, kStatic},
    Ban{"localtime", true, anywhere, kStatic},
    Ban{"mktime", true, anywhere, kStatic},
    Ban{"asctime", true, anywhere, kStatic},
    Ban{"strtok", true, anywhere, kStatic},
    Ban{"setlocale", true, anywhere, kStatic},
    Ban{"sprintf", true, anywhere, kBuffer},
    Ban{"vsprintf", true, anywhere, kBuffer},
    Ban{"strcpy", true, anywhere, kBuffer},
    Ban{"strcat", true, anywhere, kBuffer},
    Ban{"alloca", true, anywhere, "the stack has no bound to check"},
    Ban{"longjmp", true, anywhere, "destructors do not run"},
    Ban{"goto", false, anywhere, "write a function"},
    Ban{"system_clock", false, pure, kClock},
    Ban{"steady_clock", false, pure, kClock},
    Ban{"high_resolution_clock", false, anywhere, "it is one of the other two; name which"},
    Ban{"unordered_map", false, core_only, kOrder},
    Ban{"unordered_set", false, core_only, kOrder},
    Ban{"unordered_multimap", false, core_only, kOrder},
    Ban{"unordered_multiset", false, core_only, kOrder},
    Ban{"shared_ptr", false, core_only, "every object of the core has one owner"},
    Ban{"mutex", false, pure, kLock},
    Ban{"lock_guard", false, hot, kLock},
    Ban{"unique_lock", false, hot, kLock},
    Ban{"scoped_lock", false, hot, kLock},
    Ban{"jthread", false, pure, kLock},
    Ban{"printf", true, hot, kPrint},
    Ban{"fprintf", true, hot, kPrint},
    Ban{"snprintf", true, hot, kPrint},
    Ban{"puts", true, hot, kPrint},
    Ban{"cout", false, hot, kPrint},
    Ban{"cerr", false, hot, kPrint},
    Ban{"spdlog", false, hot, kPrint},
    Ban{"malloc", true, anywhere, "use a container"},
    Ban{"free", true, anywhere, "use a container"},
};

// The row of `at` is a preprocessor directive: includes have rules of their own.
bool is_directive(std::string_view code, std::size_t at) {
    std::size_t const newline = at == 0 ? std::string_view::npos : code.rfind('\n', at - 1);
    return code[newline == std::string_view::npos ? 0 : newline + 1] == '#';
}

bool is_identifier(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Is the word at `at` a call of the free function of that name: `f(x)`, `::f(x)`, `std::f(x)`?
// A declaration (`int f(x)`), a member (`a.f(x)`) and another namespace's f (`b::f(x)`) are not.
bool is_free_call(std::string_view code, std::size_t at, std::size_t size) {
    std::size_t const next = code.find_first_not_of(' ', at + size);
    if (next == std::string_view::npos || code[next] != '(') return false;
    std::string_view before = code.substr(0, at);
    if (before.ends_with('.') || before.ends_with("->")) return false;
    if (before.ends_with("::")) {
        before.remove_suffix(2);
        return before.ends_with("std") || before.empty() || !is_identifier(before.back());
    }
    std::size_t const last = before.find_last_not_of(" \n");
    if (last == std::string_view::npos || !is_identifier(before[last])) return true;
    std::string_view const word = before.substr(0, last + 1);
    return word.ends_with("return") || word.ends_with("else");
}

// `new T` that no smart pointer takes on the same statement, and any `delete p`.
void naked_memory(const SourceFile& file, Findings& found) {
    std::string_view const code = file.code;
    for_each_word(code, "new", [&](std::size_t at) {
        if (is_directive(code, at)) return;
        std::size_t const start = code.find_last_of(";{}", at) + 1;
        std::string_view const before = code.substr(start, at - start);
        std::size_t const next = code.find_first_not_of(" \n", at + 3);
        bool const placement = next != std::string_view::npos && code[next] == '(';
        bool const owned = before.find("_ptr") != std::string_view::npos;
        bool const overload = before.find("operator") != std::string_view::npos;
        if (!placement && !owned && !overload) found.push_back(file.place(at) + ": naked new");
    });
    for_each_word(code, "delete", [&](std::size_t at) {
        std::size_t const before =
            at == 0 ? std::string_view::npos : code.find_last_not_of(" \n", at - 1);
        bool const deleted = before != std::string_view::npos && code[before] == '=';
        bool const overload = before != std::string_view::npos && code[before] == 'r';
        if (!deleted && !overload) found.push_back(file.place(at) + ": naked delete");
    });
}

// Does `body`, the inside of a switch, have a case that names an enumerator (`case K::A:`)?
bool has_enumerator_case(std::string_view body) {
    bool found = false;
    for_each_word(body, "case", [&](std::size_t at) {
        std::size_t const colon = body.find(':', at);
        if (colon != std::string_view::npos && body.substr(colon).starts_with("::")) found = true;
    });
    return found;
}

}  // namespace

Findings banned_words_are_absent(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        for (const Ban& ban : kBans) {
            if (!ban.holds(file)) continue;
            for_each_word(file.code, ban.word, [&](std::size_t at) {
                if (is_directive(file.code, at)) return;
                if (ban.call && !is_free_call(file.code, at, ban.word.size())) return;
                found.push_back(file.place(at) + ": " + std::string(ban.word) + ": " +
                                std::string(ban.why));
            });
        }
        naked_memory(file, found);
    }
    return found;
}

Findings enum_switches_have_no_default(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        std::string_view const code = file.code;
        for_each_word(code, "switch", [&](std::size_t at) {
            std::size_t const condition = closing_bracket(code, code.find('(', at));
            if (condition == std::string_view::npos) return;
            std::size_t const open = code.find('{', condition);
            std::size_t const close = closing_bracket(code, open);
            if (close == std::string_view::npos) return;
            std::string_view const body = code.substr(open, close - open);
            bool has_default = false;
            for_each_word(body, "default", [&](std::size_t) { has_default = true; });
            if (has_default && has_enumerator_case(body)) {
                found.push_back(file.place(at) + ": name every enumerator instead of default");
            }
        });
    }
    return found;
}

Findings coroutines_stay_at_the_edge(const Tree& tree) {
    static constexpr std::array kHomes = {"connectors/transport", "connectors/history",
                                          "daemon/gateway/"};
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        bool const home = std::any_of(kHomes.begin(), kHomes.end(),
                                      [&](const char* prefix) { return file.in(prefix); });
        if (home) continue;
        for (const char* const word : {"co_await", "co_return", "co_yield"}) {
            for_each_word(file.code, word, [&](std::size_t at) {
                found.push_back(file.place(at) + ": a coroutine outside of its homes");
            });
        }
    }
    return found;
}

// The words below are written in two halves, so that this file obeys its own rules.
Findings work_is_finished(const Tree& tree) {
    static constexpr std::array kMarks = {
        "TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X",
        "HA"
        "CK",
        "st"
        "ub",
        "place"
        "holder"};
    Findings found;
    for (const SourceFile& file : tree) {
        for (const char* const mark : kMarks) {
            for_each_word(file.text, mark,
                          [&](std::size_t at) { found.push_back(file.place(at) + ": " + mark); });
        }
    }
    return found;
}

Findings no_machine_paths_or_registries(const Tree& tree) {
    static constexpr std::array kTexts = {
        "/wo"
        "rk/",
        "/ro"
        "ot/",
        "/ho"
        "me/",
        "/tmp/rese"
        "arch",
        "/fa"
        "rm/",
        "deb.deb"
        "ian.org",
        "registry.n"
        "pmjs",
        "pypi"
        ".org",
        "crates"
        ".io"};
    Findings found;
    for (const SourceFile& file : tree) {
        for (const char* const text : kTexts) {
            for (std::size_t at = file.text.find(text); at != std::string::npos;
                 at = file.text.find(text, at + 1)) {
                found.push_back(file.place(at) + ": " + text);
            }
        }
    }
    return found;
}

Findings document_links_resolve(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.path.ends_with(".md")) continue;
        std::string const folder = file.path.substr(0, file.path.rfind('/') + 1);
        for (std::size_t at = file.text.find("]("); at != std::string::npos;
             at = file.text.find("](", at + 1)) {
            std::size_t const end = file.text.find_first_of(")#", at + 2);
            std::string const target = file.text.substr(at + 2, end - at - 2);
            if (target.empty() || target.find(':') != std::string::npos) continue;
            bool const exists = std::any_of(tree.begin(), tree.end(), [&](const SourceFile& other) {
                return other.path == folder + target;
            });
            if (!exists) found.push_back(file.place(at) + ": no such file: " + target);
        }
    }
    return found;
}

Findings readme_shows_the_example(const Tree& tree) {
    const SourceFile* readme = nullptr;
    const SourceFile* example = nullptr;
    for (const SourceFile& file : tree) {
        if (file.path == "README.md") readme = &file;
        if (file.path == "deploy/examples/bot.py") example = &file;
    }
    if (readme == nullptr || example == nullptr) return {"README.md or the example is missing"};
    if (readme->text.find("```python\n" + example->text + "```") != std::string::npos) return {};
    return {"README.md shows another client than deploy/examples/bot.py"};
}

Findings impure_symbols(std::string_view nm_output) {
    static constexpr std::array kNames = {
        "clock_gettime", "gettimeofday",  "time",        "clock",        "nanosleep",    "usleep",
        "sleep",         "socket",        "connect",     "accept",       "bind",         "listen",
        "send",          "recv",          "sendto",      "recvfrom",     "poll",         "select",
        "epoll_wait",    "open",          "open64",      "openat",       "fopen",        "fopen64",
        "fread",         "fwrite",        "read",        "write",        "close",        "mmap",
        "unlink",        "stat",          "printf",      "fprintf",      "puts",         "putchar",
        "getenv",        "secure_getenv", "setenv",      "rand",         "srand",        "random",
        "rand_r",        "drand48",       "getrandom",   "getentropy",   "arc4random",   "getpid",
        "localtime",     "gmtime",        "localtime_r", "gmtime_r",     "mktime",       "syscall",
        "system",        "fork",          "setlocale",   "__printf_chk", "__fprintf_chk"};
    static constexpr std::array kParts = {"pthread_",
                                          "std::chrono::_V2::",
                                          "std::random_device",
                                          "std::basic_fstream",
                                          "std::basic_ifstream",
                                          "std::basic_ofstream",
                                          "std::basic_filebuf",
                                          "std::cout",
                                          "std::cerr",
                                          "std::filesystem",
                                          "std::thread",
                                          "std::mutex",
                                          "std::condition_variable",
                                          "std::locale",
                                          "std::ostream::"};
    Findings found;
    for (std::size_t at = 0; at < nm_output.size();) {
        std::size_t const end = std::min(nm_output.find('\n', at), nm_output.size());
        std::string_view row = nm_output.substr(at, end - at);
        at = end + 1;
        std::size_t const mark = row.find("U ");
        if (mark == std::string_view::npos) continue;
        row = row.substr(mark + 2);
        std::string_view const name = row.substr(0, row.find('@'));
        bool const named = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
        bool const part = std::any_of(kParts.begin(), kParts.end(), [&](const char* text) {
            return name.find(text) != std::string_view::npos;
        });
        if (named || part) found.push_back(std::string(name));
    }
    return found;
}

}  // namespace spill::tidy
