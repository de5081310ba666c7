// What an evaluation says: shares with their intervals, tables, gates; as text and as JSON.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spill {

// A figure with its 95 % interval. `known` is false when there was nothing to measure.
struct Figure {
    double value = 0.0, low = 0.0, high = 0.0;
    bool known = false;
};

struct Count {
    int hits = 0;
    int of = 0;
};

// A share with its Wilson interval.
[[nodiscard]] Figure share_of(const Count& count);
// A median with the percentile interval of 1000 bootstrap draws; seeded, so that it repeats.
[[nodiscard]] Figure median_of(std::vector<double> values, std::uint64_t seed);

struct TableCell {
    std::string_view column;  // a literal
    Figure figure;
};

struct TableRow {
    std::string name;
    int episodes = 0;
    std::vector<TableCell> cells;
};

struct Table {
    std::string_view name;  // a literal, a key of the JSON form
    std::string_view note;  // how to read it
    std::vector<TableRow> rows;
};

enum class Bound : std::uint8_t { AtLeast, AtMost };

struct GateResult {
    std::string name;
    double value = 0.0;
    double bound = 0.0;
    Bound side = Bound::AtLeast;

    [[nodiscard]] bool pass() const noexcept {
        return side == Bound::AtLeast ? value >= bound : value <= bound;
    }
};

struct Evaluation {
    std::vector<Table> tables;
    std::vector<GateResult> gates;

    [[nodiscard]] bool pass() const noexcept;
};

void print_text(const Evaluation& evaluation, std::ostream& out);
// One line: {"gates":[{"name":..,"value":..,"bound":..,"pass":..}],"tables":{..}}.
void print_json(const Evaluation& evaluation, std::ostream& out);

}  // namespace spill
