// Several CSV files as one stream of events.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/event.hpp"
#include "daemon/csv_source.hpp"

namespace spill {

// A file as the command line names it: "PATH" or "NAME=PATH". The name is the source of the rows
// that bring none; it holds no slash, so that a path with '=' in a folder's name stays a path.
struct CsvFile {
    std::string_view source = "csv";
    std::string_view path;
};
[[nodiscard]] CsvFile csv_file(std::string_view argument) noexcept;

// Reads `files` and merges them by the time at which their rows were known; earlier files first
// among equals. Refused and foreign rows are counted on `notes`. Errors as of read_csv.
[[nodiscard]] Result<std::vector<Event>> read_csv_files(const std::vector<std::string>& files,
                                                        ReplayRegistry& registry,
                                                        std::ostream& notes);

}  // namespace spill
