// Reads a YAML section through its field table and collects every fault on the way.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/config_field.hpp"
#include "daemon/config_yaml.hpp"

namespace spill {

// The faults of one file.
class Issues {
public:
    explicit Issues(std::string file) : file_(std::move(file)) {}
    void add(Place place, std::string message) {
        rows_.push_back(ConfigIssue{file_, place.line, place.column, std::move(message)});
    }
    // Sorted by place, each fault once.
    [[nodiscard]] std::vector<ConfigIssue> take();

private:
    std::string file_;
    std::vector<ConfigIssue> rows_;
};

// Where the value of each field stands that the file gives; keys as in the table.
using Given = std::map<std::string, Place, std::less<>>;

struct SectionTable {
    std::span<const Field> fields;
    std::span<const std::string_view> others;  // top-level keys that the caller reads itself
    std::string_view path;                     // of the section, for people: "venues.kraken"
};

// Sets what `node`, a map or nothing, gives. Reports unknown, repeated and missing keys, wrong
// types, units and ranges, and secrets that stand in the file.
Given read_section(const YamlNode& node, const SectionTable& table, Issues& issues);

// The value of a key of a map, or nullptr.
[[nodiscard]] const YamlNode* find_key(const YamlNode& map, std::string_view key) noexcept;

// False, with a fault, when the node is neither of `kind` nor empty.
bool expect_kind(const YamlNode& node, YamlNode::Kind kind, std::string_view path, Issues& issues);

// Reports keys that stand twice in a map.
void check_repeats(const YamlNode& map, std::string_view path, Issues& issues);

}  // namespace spill
