// YAML text as a tree that remembers where everything stands. The only unit that knows yaml-cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spill {

// Line and column (in bytes), both from 1.
struct Place {
    int line = 1;
    int column = 1;
    friend constexpr auto operator<=>(Place, Place) = default;
};

struct YamlNode {
    enum class Kind : std::uint8_t { Null, Scalar, List, Map };
    Kind kind = Kind::Null;
    Place place;
    std::string text;             // Scalar: as written, quotes and escapes resolved
    bool quoted = false;          // Scalar: in quotes, so it is text whatever it looks like
    std::vector<YamlNode> items;  // List: elements. Map: values
    std::vector<YamlNode> keys;   // Map: one scalar per item, in the order of the file
};

[[nodiscard]] const char* to_string(YamlNode::Kind kind) noexcept;

struct YamlFault {
    Place place;
    std::string message;
};

struct YamlResult {
    YamlNode root;  // what was read before the fault, if there is one
    std::optional<YamlFault> fault;
};

// One document of at most kMaxYamlBytes that expands to at most kMaxYamlNodes nodes. Never throws.
inline constexpr std::size_t kMaxYamlBytes = 4U << 20U;
inline constexpr std::size_t kMaxYamlNodes = 200'000;
[[nodiscard]] YamlResult parse_yaml(std::string_view text);

}  // namespace spill
