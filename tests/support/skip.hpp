// Tests that read recorded data which is not part of this repository.
//
// The data lives beside the repository (../shared) or where SPILL_SHARED points. A test that needs
// it calls shared_path(), and when that is empty it prints one SKIP line and returns:
//
//     auto const file = test::shared_path("wire/bybit/trades.jsonl");
//     if (file.empty()) return test::skip("bybit frames decode", "no recorded frames here");
//
// tests/run.sh counts the SKIP lines and subtracts them from what doctest calls passed.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace spill::test {

// The folder of recorded data, or empty when there is none.
[[nodiscard]] inline std::filesystem::path shared_dir() {
    std::filesystem::path dir;
    if (const char* const set = std::getenv("SPILL_SHARED"); set != nullptr && *set != '\0') {
        dir = set;
    } else {
        dir = std::filesystem::path(SPILL_SOURCE_DIR) / ".." / "shared";
    }
    std::error_code ignored;
    return std::filesystem::is_directory(dir, ignored) ? dir : std::filesystem::path();
}

// A file or folder below shared_dir(), or empty when it does not exist.
[[nodiscard]] inline std::filesystem::path shared_path(const std::string& relative) {
    std::filesystem::path const dir = shared_dir();
    if (dir.empty()) return {};
    std::filesystem::path path = dir / relative;
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? path : std::filesystem::path();
}

// Says that a test did not run. One call per test, then return.
inline void skip(const std::string& name, const std::string& reason) {
    std::printf("SKIP %s: %s\n", name.c_str(), reason.c_str());
    std::fflush(stdout);
}

}  // namespace spill::test
