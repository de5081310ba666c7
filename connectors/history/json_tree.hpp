// A JSON body as a tree that owns its texts. Numbers stay as the venue wrote them, so that
// core/decimal reads them and no double is between. For REST answers; not on the hot path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_scan.hpp"
#include "core/error.hpp"

namespace spill::rest {

struct JsonNode {
    json::TokenType type = json::TokenType::Absent;
    std::string text;               // of a text or a number
    std::vector<std::string> keys;  // of an object: names of `items`
    std::vector<JsonNode> items;    // of an object or an array

    [[nodiscard]] bool is(json::TokenType other) const noexcept { return type == other; }
    // The element or the first field of that name; a node of type Absent when there is none.
    [[nodiscard]] const JsonNode& at(std::size_t index) const noexcept;
    [[nodiscard]] const JsonNode& field(std::string_view name) const noexcept;
};

inline constexpr std::size_t kMaxBodyBytes = std::size_t{16} << 20U;
inline constexpr int kMaxDepth = 16;

// Errors: InvalidArgument for what is no JSON (an HTML page of a proxy), too large or too deep.
[[nodiscard]] Result<JsonNode> read_json(std::string_view body);

}  // namespace spill::rest
