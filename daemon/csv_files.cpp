#include "daemon/csv_files.hpp"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <utility>

#include "daemon/playback.hpp"

namespace spill {
namespace {

// In the order of learned_at; rows of equal times keep their order.
std::vector<Event> merged(const std::vector<Event>& events) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> order;
    order.reserve(events.size());
    for (const Event& event : events) {
        order.emplace_back(learned_at(event).ns, static_cast<std::uint32_t>(order.size()));
    }
    std::ranges::sort(order);
    std::vector<Event> out;
    out.reserve(events.size());
    for (const auto& [at, index] : order) out.push_back(events[index]);
    return out;
}

}  // namespace

CsvFile csv_file(std::string_view argument) noexcept {
    std::size_t const mark = argument.find('=');
    CsvFile file;
    file.path = argument;
    if (mark == std::string_view::npos || mark == 0) return file;
    std::string_view const name = argument.substr(0, mark);
    if (name.find('/') != std::string_view::npos) return file;
    file.source = name;
    file.path = argument.substr(mark + 1);
    return file;
}

Result<std::vector<Event>> read_csv_files(const std::vector<std::string>& files,
                                          ReplayRegistry& registry, std::ostream& notes) {
    std::vector<Event> events;
    for (const std::string& argument : files) {
        CsvFile const file = csv_file(argument);
        auto const report = read_csv(std::string(file.path), registry, events, file.source);
        if (!report) return tl::make_unexpected(report.error());
        for (const std::string& line : report->refusals) notes << line << '\n';
        if (report->refused != 0) {
            notes << file.path << ": " << report->refused << " of " << report->rows
                  << " rows were refused\n";
        }
        if (report->foreign != 0) {
            notes << file.path << ": " << report->foreign << " of " << report->rows
                  << " rows are of symbols that the configuration does not name\n";
        }
    }
    return files.size() > 1 ? merged(events) : events;
}

}  // namespace spill
