// What became of the states: the measures of signals.md 1.1, 1.3 and 3.3 from a study's log.
//
// These are counts of what followed a state in the given bars. They say how good the state is as a
// state; they say nothing about the next time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar.hpp"
#include "core/instrument.hpp"
#include "daemon/study_recorder.hpp"
#include "daemon/study_stats.hpp"

namespace spill::study {

inline constexpr std::size_t kBlockSessions = 5;     // for outcomes over several sessions
inline constexpr std::int32_t kNextHour = 60;        // minutes
inline constexpr std::int32_t kTokenDaySlots = 230;  // of 288, for a day to count

struct Row {
    std::string section;  // "XNYS PD up"
    std::string subject;  // "confirmed"
    std::string measure;  // "all closes beyond, +5"
    Estimate estimate;
    std::string_view reference;  // as published, empty = none
    std::string_view source;     // section of signals.md
};

struct Report {
    std::vector<Row> rows;
    std::vector<std::string> notes;  // what the data cannot answer
};

struct Inputs {
    const Log& log;
    const Registry& registry;
    const Calendars& calendars;
    std::uint64_t seed = 1;
};

// Each appends its rows.
void breakout_rows(const Inputs& in, Report& report);  // study_breakouts.cpp
void token_rows(const Inputs& in, Report& report);     // study_tokens.cpp

// True or false when every close of the trigger's session and of the next `sessions` is known.
[[nodiscard]] std::optional<bool> stayed_beyond(const Episode& episode, int sessions,
                                                const Inputs& in);

}  // namespace spill::study
