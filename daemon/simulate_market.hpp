// The planted scenarios as recordings: what a file of history and a day's tape would hold.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "connectors/simulator/truth.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace spill {

inline constexpr int kSimulatedEpisodes = 5;  // unless asked for more; a whole bucket

struct RecordingSpec {
    std::string_view scenario;  // "S7", or a class: "organic x4"
    std::uint64_t seed = 1;
    double noise = 1.0;
    int episodes = kSimulatedEpisodes;  // the first ones of those that `evaluate` judges
};

struct Recording {
    Registry registry;
    std::vector<Event> bars;  // history, by their end
    std::vector<Event> live;  // trades and what happens to feeds, by receipt
    std::vector<Planted> truth;
    UnixNanos from;            // signals count from here on
    bool early_close = false;  // the day needs a calendar of its own
};

// What record() knows: every scenario, then every class.
[[nodiscard]] std::vector<std::string_view> recordable();

// REQUIRES a word of recordable(). Throws std::runtime_error when the calendars do not cover the
// day on which the episodes play.
void record(const RecordingSpec& spec, const Calendars& calendars, Recording& out);

}  // namespace spill
