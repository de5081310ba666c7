// The house rules of the source tree, one function each. A rule returns one line per violation,
// "file:line: what is wrong", and nothing when the tree is fine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tidy_files.hpp"

namespace spill::tidy {

using Findings = std::vector<std::string>;

// Who may include what (tidy_includes.cpp).
[[nodiscard]] Findings core_is_pure(const Tree& tree);
[[nodiscard]] Findings codecs_are_pure(const Tree& tree);
[[nodiscard]] Findings nothing_below_includes_daemon(const Tree& tree);
[[nodiscard]] Findings libraries_have_one_home(const Tree& tree);
[[nodiscard]] Findings beast_units_are_few(const Tree& tree);
[[nodiscard]] Findings only_app_joins_feeds_and_engine(const Tree& tree);
[[nodiscard]] Findings includes_resolve(const Tree& tree);
[[nodiscard]] Findings no_include_cycles(const Tree& tree);

// How long things may be (tidy_shape.cpp).
inline constexpr int kMaxFileLines = 450;
inline constexpr int kMaxMedianLines = 120;  // of the program's sources
inline constexpr int kMaxColumns = 100;
inline constexpr int kMaxFunctionLines = 70;
[[nodiscard]] Findings files_are_short(const Tree& tree);
[[nodiscard]] Findings lines_fit(const Tree& tree);
[[nodiscard]] Findings functions_are_short(const Tree& tree);
[[nodiscard]] Findings headers_are_well_formed(const Tree& tree);
[[nodiscard]] Findings tests_mirror_sources(const Tree& tree);
[[nodiscard]] int median_product_lines(const Tree& tree);

// What may not be written (tidy_words.cpp).
[[nodiscard]] Findings banned_words_are_absent(const Tree& tree);
[[nodiscard]] Findings enum_switches_have_no_default(const Tree& tree);
[[nodiscard]] Findings coroutines_stay_at_the_edge(const Tree& tree);
[[nodiscard]] Findings work_is_finished(const Tree& tree);
[[nodiscard]] Findings no_machine_paths_or_registries(const Tree& tree);

// Whether the documents say what is there (tidy_words.cpp).
[[nodiscard]] Findings document_links_resolve(const Tree& tree);
[[nodiscard]] Findings readme_shows_the_example(const Tree& tree);

// Undefined symbols of an archive, as `nm -u --demangle` prints them, that reach outside the
// process (tidy_words.cpp).
[[nodiscard]] Findings impure_symbols(std::string_view nm_output);

}  // namespace spill::tidy
