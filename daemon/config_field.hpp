// One key of the configuration: its type, unit, range and meaning, bound to the value that it sets.
//
// The same row parses, validates, prints and documents the key; nothing else knows about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spill {

enum class FieldKind : std::uint8_t {
    Flag,        // bool*
    Integer,     // int*
    Number,      // double*
    Decimal,     // int64*, 1e-9 fixed point, exact
    Duration,    // nanoseconds*; unit of min and max: seconds
    Bytes,       // int64*
    Text,        // string*; min and max bound its length
    Address,     // string*: an IP literal
    Directory,   // string*: empty or an existing directory
    SecretFile,  // string*: empty or a readable file that only its owner and group can read
    SecretEnv,   // string*: empty or the name of a variable that is set
    Choice,      // Choice: one of a few words
    Date,        // int*: yyyy-mm-dd as yyyymmdd, 0 when empty
    Words        // vector<string>*: a list of texts
};

// An enum class : uint8_t whose values number `names` from 0.
struct Choice {
    std::uint8_t* value;
    std::span<const std::string_view> names;
};

using Words = std::vector<std::string>;

using FieldTarget = std::variant<bool*, int*, double*, std::int64_t*, std::chrono::nanoseconds*,
                                 std::string*, Words*, Choice>;

struct Field {
    std::string key;  // dotted path below the section that it is read from
    FieldKind kind = FieldKind::Text;
    FieldTarget target;
    std::string unit = {};  // of a plain number, empty when it has none
    double min = 0;
    double max = 0;
    std::string doc = {};     // one sentence, without the full stop
    bool required = false;    // must be given
    std::string absent = {};  // what leaving it out means, when that is not its value
};

// Sets the target from the text of a scalar. Returns what is wrong, for people, or nothing; the
// target is unchanged then. `quoted` text is never a number or a flag. Words: appends one element.
[[nodiscard]] std::optional<std::string> set_field(const Field& field, std::string_view text,
                                                   bool quoted);

// The value in YAML. A set SecretFile or SecretEnv prints as "<set>".
[[nodiscard]] std::string print_field(const Field& field);

// Type, unit and range, for documentation: "integer, 1..16", "duration, 100 ms..1 min".
[[nodiscard]] std::string describe(const Field& field);

// What holds when the key is left out: "default 5", "default the venue's own", "required".
// REQUIRES the target to have its default value.
[[nodiscard]] std::string describe_default(const Field& field);

// A YAML double-quoted scalar.
[[nodiscard]] std::string quote_yaml(std::string_view text);

}  // namespace spill
