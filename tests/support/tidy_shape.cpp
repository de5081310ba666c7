#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "tests/support/tidy_rules.hpp"

namespace spill::tidy {
namespace {

int line_count(const SourceFile& file) {
    auto const breaks = std::count(file.text.begin(), file.text.end(), '\n');
    return static_cast<int>(breaks) + (file.text.ends_with('\n') || file.text.empty() ? 0 : 1);
}

// Bytes that continue a UTF-8 character take no column.
int columns(std::string_view row) {
    return static_cast<int>(std::count_if(row.begin(), row.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \n\t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

bool has_word(std::string_view code, std::string_view word) {
    bool found = false;
    for_each_word(code, word, [&](std::size_t) { found = true; });
    return found;
}

enum class Opens : std::uint8_t { Scope, Function, Value };

// What the brace after `head` opens; `head` is everything since the last statement.
Opens classify(std::string_view head) {
    std::string outside;  // what stands outside of parentheses and template arguments
    int depth = 0;
    for (char const c : head) {
        if (c == ')' || c == '>') --depth;
        if (depth <= 0) outside += c;
        if (c == '(' || c == '<') ++depth;
    }
    if (has_word(outside, "operator")) return Opens::Function;
    for (const char* const word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
        if (has_word(outside, word)) return Opens::Scope;
    }
    if (outside.find('=') != std::string::npos) return Opens::Value;
    return outside.find('(') != std::string::npos ? Opens::Function : Opens::Scope;
}

// Calls f(first offset, last offset) for every function body at namespace or class level. Relies
// on the formatter: a body's brace follows a space, an initialiser's brace does not.
template <class F>
void for_each_function(std::string_view code, F&& f) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < code.size(); ++i) {
        char const c = code[i];
        if (c == '#' && trimmed(code.substr(start, i - start)).empty()) {
            while (i < code.size() && code[i] != '\n') i += code[i] == '\\' ? 2 : 1;
            start = i;
        } else if (c == ';' || c == '}') {
            start = i + 1;
        } else if (c == '(' || c == '[') {
            std::size_t const close = closing_bracket(code, i);
            if (close == std::string_view::npos) return;
            i = close;
        } else if (c == '{') {
            bool const initialiser = i > 0 && code[i - 1] != ' ' && code[i - 1] != '\n';
            Opens const opens =
                initialiser ? Opens::Value : classify(code.substr(start, i - start));
            if (opens == Opens::Scope) {
                start = i + 1;
                continue;
            }
            std::size_t const close = closing_bracket(code, i);
            if (close == std::string_view::npos) return;
            if (opens == Opens::Function) {
                f(code.find_first_not_of(" \n\t", start), close);
                start = close + 1;
            }
            i = close;
        }
    }
}

struct Untested {
    std::string_view unit;
    std::string_view reason;
};

// Units without a test file of their own. Keep this short.
constexpr std::array kUntested = {
    Untested{"core/params", "the table of thresholds; the configuration's tests enumerate it"},
    Untested{"core/param_table", "likewise"},
    Untested{"connectors/simulator/history", "a part of SimMarket: market_test judges its bars"},
    Untested{"connectors/simulator/plant", "a part of SimMarket: market_test judges its days"},
    Untested{"connectors/simulator/plant_tokens", "likewise"},
    Untested{"connectors/simulator/profile", "likewise"},
    Untested{"connectors/simulator/scenario", "likewise"},
    Untested{"connectors/simulator/session", "a part of Exchange: exchange_test talks to it"},
    Untested{"daemon/main", "only the command line's wiring; the end-to-end tests run it"},
    Untested{"daemon/version", "returns a constant"},
};

}  // namespace

Findings files_are_short(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        int const lines = line_count(file);
        if (file.is_cpp() && lines > kMaxFileLines) {
            found.push_back(file.path + ": " + std::to_string(lines) + " lines");
        }
    }
    return found;
}

Findings lines_fit(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_cpp()) continue;
        int line = 1;
        for (std::size_t at = 0; at < file.text.size(); ++line) {
            std::size_t const end = std::min(file.text.find('\n', at), file.text.size());
            int const width = columns(std::string_view(file.text).substr(at, end - at));
            if (width > kMaxColumns) {
                found.push_back(file.path + ":" + std::to_string(line) + ": " +
                                std::to_string(width) + " columns");
            }
            at = end + 1;
        }
    }
    return found;
}

Findings functions_are_short(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product()) continue;
        for_each_function(file.code, [&](std::size_t first, std::size_t last) {
            int const lines = file.line_of(last) - file.line_of(first) + 1;
            if (lines > kMaxFunctionLines) {
                found.push_back(file.place(first) + ": a function of " + std::to_string(lines) +
                                " lines");
            }
        });
    }
    return found;
}

Findings headers_are_well_formed(const Tree& tree) {
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_header()) continue;
        if (file.code.find("#pragma once") == std::string::npos) {
            found.push_back(file.path + ": no #pragma once");
        }
        if (!file.text.starts_with("//")) {
            found.push_back(file.path + ": does not begin by saying what it is for");
        }
        for_each_word(file.code, "using", [&](std::size_t offset) {
            std::string_view const rest = std::string_view(file.code).substr(offset + 5);
            std::string_view const what = rest.substr(0, rest.find(';'));
            bool const literals = what.ends_with("_literals");  // suffixes cannot be named singly
            if (trimmed(what).starts_with("namespace") && !literals) {
                found.push_back(file.place(offset) + ": using namespace in a header");
            }
        });
    }
    return found;
}

Findings tests_mirror_sources(const Tree& tree) {
    std::set<std::string> tests;  // "core/bar" for tests/core/bar_test.cpp
    for (const SourceFile& file : tree) {
        std::size_t const ending = file.path.rfind("_test.");
        if (file.in("tests/") && ending != std::string::npos) {
            tests.insert(file.path.substr(6, ending - 6));
        }
    }
    // A part of a unit (config_yaml) may be tested by the test of the whole (config).
    auto const covered = [&](std::string unit) {
        for (;;) {
            auto const test = tests.lower_bound(unit);
            if (test != tests.end() && (*test == unit || test->starts_with(unit + "_")))
                return true;
            std::size_t const cut = unit.rfind('_');
            if (cut == std::string::npos || cut < unit.rfind('/')) return false;
            unit.resize(cut);
        }
    };
    Findings found;
    for (const SourceFile& file : tree) {
        if (!file.is_product() || (file.is_header() && !file.in("core/"))) continue;
        std::string const unit = file.path.substr(0, file.path.rfind('.'));
        bool const excused = std::any_of(kUntested.begin(), kUntested.end(),
                                         [&](const Untested& row) { return row.unit == unit; });
        if (!excused && !covered(unit)) {
            found.push_back(file.path + ": no tests/" + unit + "_test.cpp");
        }
    }
    return found;
}

int median_product_lines(const Tree& tree) {
    std::vector<int> lines;
    for (const SourceFile& file : tree) {
        if (file.is_product()) lines.push_back(line_count(file));
    }
    if (lines.empty()) return 0;
    auto const middle = lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2);
    std::nth_element(lines.begin(), middle, lines.end());
    return *middle;
}

}  // namespace spill::tidy
