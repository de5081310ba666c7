#include "daemon/study_print.hpp"

#include <optional>

#include <fmt/format.h>

#include "daemon/gateway/json_writer.hpp"

namespace spill::study {
namespace {

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "-";
}

std::string json_text(std::string_view text) {
    std::string buffer(text.size() * 6 + 2, '\0');
    JsonWriter writer(buffer);
    writer.string(text);
    return std::string(writer.view());
}

std::string json_number(const std::optional<double>& value) {
    return value ? fmt::format("{:.6f}", *value) : "null";
}

}  // namespace

std::string to_text(const Report& report) {
    std::string out =
        "What became of the engine's states in these bars. Intervals: 95 %, resampled days.\n"
        "Reference: signals.md, computed on other cuts of the data; see the notes.\n";
    std::string_view section;
    for (const Row& row : report.rows) {
        if (row.section != section) {
            section = row.section;
            out += fmt::format("\n{}\n  {:<52} {:<40} {:>6} {:>5} {:>7} {:<16} {}\n", section,
                               "state or rule", "measure", "n", "days", "value", "interval",
                               "reference");
        }
        const Estimate& estimate = row.estimate;
        std::string const interval =
            estimate.low ? fmt::format("[{}, {}]", number(estimate.low), number(estimate.high))
                         : "";
        std::string line =
            fmt::format("  {:<52} {:<40} {:>6} {:>5} {:>7} {:<16}", row.subject, row.measure,
                        estimate.n, estimate.days, number(estimate.value), interval);
        if (!row.reference.empty()) line += fmt::format(" {} ({})", row.reference, row.source);
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    if (!report.notes.empty()) out += "\n";
    for (const std::string& note : report.notes) out += fmt::format("note: {}\n", note);
    return out;
}

std::string to_json(const Report& report) {
    std::string out = "{\"rows\":[";
    bool first = true;
    for (const Row& row : report.rows) {
        const Estimate& estimate = row.estimate;
        out += fmt::format(
            "{}{{\"section\":{},\"subject\":{},\"measure\":{},\"n\":{},\"days\":{},\"value\":{},"
            "\"low\":{},\"high\":{},\"reference\":{}}}",
            first ? "" : ",", json_text(row.section), json_text(row.subject),
            json_text(row.measure), estimate.n, estimate.days, json_number(estimate.value),
            json_number(estimate.low), json_number(estimate.high), json_text(row.reference));
        first = false;
    }
    out += "],\"notes\":[";
    first = true;
    for (const std::string& note : report.notes) {
        out += (first ? "" : ",") + json_text(note);
        first = false;
    }
    return out + "]}\n";
}

}  // namespace spill::study
