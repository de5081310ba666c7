// The first half of the master data: venues and groups, which instruments refer to.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "daemon/config.hpp"
#include "daemon/config_reader.hpp"
#include "daemon/config_yaml.hpp"

namespace spill {

// Every name that the file lists, also of rows with a fault: a reference to such a row is not
// reported again.
struct ListedNames {
    std::set<std::string, std::less<>> venues;
    std::set<std::string, std::less<>> groups;
};

// Fills config.venues and the venues and groups of config.registry from the root of the file.
[[nodiscard]] ListedNames read_places(const YamlNode& root, Config& config, Issues& issues);

// Letters, digits, '.', '-', '_': names are parts of signal keys and of metric labels.
[[nodiscard]] bool is_name(std::string_view text) noexcept;
inline constexpr std::string_view kNameRule = " must be of letters, digits, \".\", \"-\" and \"_\"";

}  // namespace spill
