#include "tests/support/tidy_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace spill::tidy {
namespace {

namespace fs = std::filesystem;

bool digit_separator(std::string_view text, std::size_t quote) {
    if (quote == 0 || quote + 1 == text.size()) return false;
    auto const hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return hex(text[quote - 1]) && hex(text[quote + 1]) &&
           (quote + 2 >= text.size() || text[quote + 2] != '\'');
}

// One past the end of the literal or comment that starts at `at`, or `at` when none does.
std::size_t skip_blankable(std::string_view text, std::size_t at) {
    auto const until = [&](std::string_view end, std::size_t from) {
        std::size_t const found = text.find(end, from);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    std::string_view const rest = text.substr(at);
    if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
    if (rest.starts_with("/*")) return until("*/", at + 2);
    if (rest.starts_with("R\"")) {
        std::size_t const paren = text.find('(', at);
        if (paren == std::string_view::npos) return at;
        std::string const close = ")" + std::string(text.substr(at + 2, paren - at - 2)) + "\"";
        return until(close, paren);
    }
    char const quote = text[at];
    if (quote != '"' && quote != '\'') return at;
    if (quote == '\'' && digit_separator(text, at)) return at;
    std::size_t i = at + 1;
    while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
    return std::min(i + 1, text.size());
}

std::vector<Include> includes_of(const std::string& text, const std::string& code) {
    std::vector<Include> found;
    int line = 1;
    for (std::size_t at = 0; at < text.size(); ++line) {
        std::size_t const end = std::min(text.find('\n', at), text.size());
        std::string_view const row(text.data() + at, end - at);
        // A row inside a comment or a raw string is blank in `code`.
        if (row.starts_with("#include ") && code[at] == '#' && row.size() > 10) {
            bool const quoted = row[9] == '"';
            std::size_t const close = row.find(quoted ? '"' : '>', 10);
            if (close != std::string_view::npos) {
                found.push_back({std::string(row.substr(10, close - 10)), quoted, line});
            }
        }
        at = end + 1;
    }
    return found;
}

bool wanted(const fs::path& relative) {
    std::string const top = relative.begin()->string();
    if (top.starts_with("build") || top == ".git" || top == "node_modules") return false;
    static constexpr std::array kEndings = {".cpp", ".hpp",  ".py",      ".sh",  ".md",   ".txt",
                                            ".yml", ".yaml", ".cmake",   ".js",  ".html", ".css",
                                            ".csv", ".json", ".service", ".supp"};
    std::string const ending = relative.extension().string();
    if (std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end()) return true;
    return relative == fs::path(".ci/run") || relative.filename() == "Dockerfile" ||
           relative.filename() == ".clang-tidy" || relative == fs::path("LICENSE");
}

}  // namespace

int SourceFile::line_of(std::size_t offset) const {
    return 1 + static_cast<int>(std::count(
                   text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

std::string SourceFile::place(std::size_t offset) const {
    return path + ":" + std::to_string(line_of(offset));
}

std::string blank_comments_and_literals(std::string_view text) {
    std::string code(text);
    for (std::size_t i = 0; i < text.size();) {
        std::size_t const end = skip_blankable(text, i);
        for (std::size_t k = i; k < end; ++k) {
            if (code[k] != '\n') code[k] = ' ';
        }
        i = std::max(end, i + 1);
    }
    return code;
}

std::size_t closing_bracket(std::string_view code, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < code.size(); ++i) {
        char const c = code[i];
        if (c == '(' || c == '{' || c == '[') ++depth;
        if (c == ')' || c == '}' || c == ']') {
            if (--depth == 0) return i;
        }
    }
    return std::string_view::npos;
}

SourceFile make_file(std::string path, std::string text) {
    SourceFile file;
    file.path = std::move(path);
    file.text = std::move(text);
    if (file.is_cpp()) {
        file.code = blank_comments_and_literals(file.text);
        file.includes = includes_of(file.text, file.code);
    }
    return file;
}

Tree load_tree(const std::string& root) {
    Tree tree;
    for (auto entry = fs::recursive_directory_iterator(root);
         entry != fs::recursive_directory_iterator(); ++entry) {
        fs::path const relative = entry->path().lexically_relative(root);
        if (entry->is_directory()) {
            std::string const name = relative.filename().string();
            bool const hidden = name == ".git" || name == "__pycache__" || name == "node_modules";
            if (hidden || relative.begin()->string().starts_with("build")) {
                entry.disable_recursion_pending();
            }
        } else if (wanted(relative)) {
            std::ifstream in(entry->path(), std::ios::binary);
            std::ostringstream text;
            text << in.rdbuf();
            tree.push_back(make_file(relative.generic_string(), text.str()));
        }
    }
    std::sort(tree.begin(), tree.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return tree;
}

}  // namespace spill::tidy
