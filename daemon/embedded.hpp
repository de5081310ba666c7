// Data files that are compiled into the program: config.yaml and deploy/calendars/*.csv.
#pragma once

#include <span>
#include <string_view>

namespace spill {

struct EmbeddedFile {
    std::string_view name;  // path in the source tree, e.g. "deploy/calendars/xnys.csv"
    std::string_view bytes;
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files() noexcept;

// The file of that name, or empty when there is none.
[[nodiscard]] inline std::string_view embedded_file(std::string_view name) noexcept {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.bytes;
    }
    return {};
}

}  // namespace spill
