// The part of a request's target behind the question mark.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/gateway/protocol.hpp"

namespace spill {

// What the read-only paths may be asked with.
struct Query {
    std::uint64_t after = 0;
    std::size_t limit = 100;
    TypeMask types = kAllTypes;
    std::string key;  // empty = every key
};

inline constexpr std::size_t kMaxQueryLimit = 1000;

// Reads "after=7&type=breakout,volume&limit=10&key=MU%7CPD". False with `why` filled when a name
// is not known or given twice, or a value cannot be read.
[[nodiscard]] bool parse_query(std::string_view target, Query& query, std::string& why);

// "%7C" becomes "|". False for a broken escape or a control character.
[[nodiscard]] bool percent_decode(std::string_view text, std::string& out);

}  // namespace spill
