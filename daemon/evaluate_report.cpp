#include "daemon/evaluate_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "connectors/simulator/rng.hpp"

namespace spill {
namespace {

double middle(std::vector<double>& values) {
    std::size_t const half = values.size() / 2;
    std::ranges::sort(values);
    return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

std::string text_of(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

std::string text_of(const Figure& figure) {
    if (!figure.known) return "-";
    return text_of(figure.value) + " [" + text_of(figure.low) + ", " + text_of(figure.high) + "]";
}

void print_row(const TableRow& row, std::ostream& out) {
    out << "  " << row.name << " (n=" << row.episodes << ")\n";
    for (const TableCell& cell : row.cells) {
        if (!cell.figure.known) continue;
        std::string column(cell.column);
        column.resize(std::max<std::size_t>(column.size(), 26), ' ');
        out << "    " << column << ' ' << text_of(cell.figure) << '\n';
    }
}

void json_row(const TableRow& row, std::ostream& out) {
    out << "{\"class\":\"" << row.name << "\",\"episodes\":" << row.episodes;
    for (const TableCell& cell : row.cells) {
        out << ",\"" << cell.column << "\":";
        if (!cell.figure.known) {
            out << "null";
            continue;
        }
        out << "{\"value\":" << text_of(cell.figure.value)
            << ",\"low\":" << text_of(cell.figure.low) << ",\"high\":" << text_of(cell.figure.high)
            << '}';
    }
    out << '}';
}

}  // namespace

Figure share_of(const Count& count) {
    if (count.of <= 0) return {};
    constexpr double kZ = 1.959963985;
    double const n = count.of;
    double const p = count.hits / n;
    double const spread = kZ * std::sqrt(p * (1.0 - p) / n + kZ * kZ / (4.0 * n * n));
    double const scale = 1.0 + kZ * kZ / n;
    double const centre = p + kZ * kZ / (2.0 * n);
    return {p, std::max(0.0, (centre - spread) / scale), std::min(1.0, (centre + spread) / scale),
            true};
}

Figure median_of(std::vector<double> values, std::uint64_t seed) {
    if (values.empty()) return {};
    constexpr int kDraws = 1'000;
    sim::Rng rng(seed, "bootstrap");
    std::vector<double> medians;
    std::vector<double> draw(values.size());
    for (int i = 0; i < kDraws; ++i) {
        for (double& value : draw) value = values[rng.below(values.size())];
        medians.push_back(middle(draw));
    }
    std::ranges::sort(medians);
    return {middle(values), medians[kDraws / 40], medians[kDraws - 1 - kDraws / 40], true};
}

bool Evaluation::pass() const noexcept {
    return std::ranges::all_of(gates, [](const GateResult& gate) { return gate.pass(); });
}

void print_text(const Evaluation& evaluation, std::ostream& out) {
    for (const Table& table : evaluation.tables) {
        out << table.name << ": " << table.note << '\n';
        for (const TableRow& row : table.rows) print_row(row, out);
    }
    out << "gates\n";
    for (const GateResult& gate : evaluation.gates) {
        std::string name = gate.name;
        name.resize(std::max<std::size_t>(name.size(), 40), ' ');
        out << "  " << (gate.pass() ? "pass " : "FAIL ") << name << ' ' << text_of(gate.value)
            << (gate.side == Bound::AtLeast ? " >= " : " <= ") << text_of(gate.bound) << '\n';
    }
}

void print_json(const Evaluation& evaluation, std::ostream& out) {
    out << "{\"gates\":[";
    for (const GateResult& gate : evaluation.gates) {
        out << (&gate == evaluation.gates.data() ? "" : ",") << "{\"name\":\"" << gate.name
            << "\",\"value\":" << text_of(gate.value) << ",\"bound\":" << text_of(gate.bound)
            << ",\"pass\":" << (gate.pass() ? "true" : "false") << '}';
    }
    out << "],\"tables\":{";
    for (const Table& table : evaluation.tables) {
        out << (&table == evaluation.tables.data() ? "" : ",") << '"' << table.name << "\":[";
        for (const TableRow& row : table.rows) {
            if (&row != table.rows.data()) out << ',';
            json_row(row, out);
        }
        out << ']';
    }
    out << "}}\n";
}

}  // namespace spill
