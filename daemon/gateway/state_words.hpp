// How much a state of a signal type says, so that a subscriber can ask for "at least confirmed".
//
// Rank 0 is rest: nothing is going on, and a snapshot leaves it out. Words of one rank weigh the
// same. Pure tables.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "core/signal.hpp"

namespace spill {

struct StateWord {
    std::string_view word;
    std::uint8_t rank = 0;
};

// Every state that a signal of the type can have.
[[nodiscard]] std::span<const StateWord> states_of(SignalType type) noexcept;

inline constexpr std::uint8_t kUnknownRank = 255;  // a word that the type does not have
[[nodiscard]] std::uint8_t state_rank(SignalType type, std::string_view word) noexcept;

// What a threshold looks at. A signal weighs as much as the better of its two states, so that who
// asked for "confirmed" also hears how a confirmed one ended.
struct SignalWorth {
    std::uint8_t rank = kUnknownRank;  // of the better of state and prev
    bool leaving = false;              // the state is of a lower rank than the one before it
    float score = std::numeric_limits<float>::quiet_NaN();  // NaN = the signal has none
};

// `score` is NaN when the signal has none.
[[nodiscard]] SignalWorth worth_of(SignalType type, std::string_view state, std::string_view prev,
                                   double score) noexcept;

}  // namespace spill
