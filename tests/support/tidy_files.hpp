// The source tree as the rules of tidy_rules.hpp see it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spill::tidy {

struct Include {
    std::string name;  // as written between the quotes or angles
    bool quoted = false;
    int line = 0;
};

struct SourceFile {
    std::string path;  // from the root of the repository, with '/'
    std::string text;
    std::string code;  // `text` of C++ with comments and literals blanked; offsets are the same
    std::vector<Include> includes;

    [[nodiscard]] bool in(std::string_view folder) const { return path.starts_with(folder); }
    [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
    [[nodiscard]] bool is_cpp() const { return is_header() || path.ends_with(".cpp"); }
    // A source that ends up in the program.
    [[nodiscard]] bool is_product() const {
        return is_cpp() && (in("core/") || in("connectors/") || in("daemon/"));
    }
    [[nodiscard]] int line_of(std::size_t offset) const;
    // "core/bar.hpp:12"
    [[nodiscard]] std::string place(std::size_t offset) const;
};

using Tree = std::vector<SourceFile>;

[[nodiscard]] SourceFile make_file(std::string path, std::string text);

// Every text file of the repository below `root`, sorted by path, without build folders and .git.
[[nodiscard]] Tree load_tree(const std::string& root);

// `text` without its comments and the insides of its literals. Line breaks and offsets stay.
[[nodiscard]] std::string blank_comments_and_literals(std::string_view text);

// The offset of the bracket that closes the one at `open`, or npos.
[[nodiscard]] std::size_t closing_bracket(std::string_view code, std::size_t open);

// Calls f(offset) for every occurrence of the identifier `word` in `code`.
template <class F>
void for_each_word(std::string_view code, std::string_view word, F&& f) {
    auto const part_of_word = [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z');
    };
    for (std::size_t at = code.find(word); at != std::string_view::npos;
         at = code.find(word, at + 1)) {
        std::size_t const end = at + word.size();
        bool const whole = (at == 0 || !part_of_word(code[at - 1])) &&
                           (end == code.size() || !part_of_word(code[end]));
        if (whole) f(at);
    }
}

}  // namespace spill::tidy
