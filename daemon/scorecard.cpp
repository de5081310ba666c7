#include "daemon/scorecard.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spill {
namespace {

bool same_subject(const Planted& row, const Edge& edge) {
    return row.type == edge.type && row.key == edge.key;
}

PlantedResult judge(const Planted& row, std::span<const Edge> edges) {
    PlantedResult result{&row, Outcome::Missed, {}, 0};
    std::size_t next = 0;
    UnixNanos last = row.start;
    for (const Edge& edge : edges) {
        if (!same_subject(row, edge) || edge.at < row.start) continue;
        if (std::ranges::find(row.forbid, edge.state) != row.forbid.end()) {
            result.outcome = Outcome::Violated;
            result.detail = edge.state;
            return result;
        }
        if (next < row.expect.size() && edge.at <= row.deadline && edge.state == row.expect[next]) {
            ++next;
            last = edge.at;
        }
    }
    if (next < row.expect.size()) {
        result.detail = row.expect[next];
        return result;
    }
    result.outcome = Outcome::Found;
    result.delay_s = (last.ns - row.start.ns) / kNanosPerSecond;
    return result;
}

}  // namespace

const char* to_string(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::Found: return "found";
        case Outcome::Missed: return "missed";
        case Outcome::Violated: return "violated";
    }
    return "missed";
}

Scorecard score(std::span<const Planted> planted, std::span<const Edge> edges) {
    Scorecard card;
    for (const Planted& row : planted) {
        if (row.expect.empty() && row.forbid.empty()) continue;
        card.planted.push_back(judge(row, edges));
        switch (card.planted.back().outcome) {
            case Outcome::Found: ++card.found; break;
            case Outcome::Missed: ++card.missed; break;
            case Outcome::Violated: ++card.violated; break;
        }
    }
    for (const Edge& edge : edges) {
        bool const claim = edge.state == "confirmed" &&
                           (edge.type == SignalType::Breakout || edge.type == SignalType::Volume);
        if (!claim) continue;
        bool const explained = std::ranges::any_of(
            planted, [&](const Planted& row) { return same_subject(row, edge); });
        if (!explained) card.unexplained.push_back(edge);
    }
    return card;
}

std::string to_text(const Scorecard& card) {
    std::string out;
    for (const PlantedResult& row : card.planted) {
        std::string tail;
        if (row.outcome == Outcome::Found && !row.planted->expect.empty()) {
            tail = fmt::format("{} after {} min", row.planted->expect.back(), row.delay_s / 60);
        } else if (row.outcome == Outcome::Found) {
            tail = "rightly silent";
        } else {
            tail = fmt::format("{} {}", row.outcome == Outcome::Missed ? "never" : "wrongly",
                               row.detail);
        }
        out += fmt::format("  {:<8} {:<5} {:<20} {:<26} {}\n", to_string(row.outcome),
                           row.planted->scenario, row.planted->key, tail, row.planted->words);
    }
    for (const Edge& edge : card.unexplained) {
        out += fmt::format("  false          {:<20} {} without a plan\n", edge.key, edge.state);
    }
    out +=
        fmt::format("planted {}: found {}, missed {}, violated {}; false {}\n", card.planted.size(),
                    card.found, card.missed, card.violated, card.unexplained.size());
    return out;
}

}  // namespace spill
