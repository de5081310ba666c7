#include "daemon/gateway/state_words.hpp"

#include <algorithm>
#include <array>

namespace spill {
namespace {

constexpr std::array<StateWord, 8> kBreakout{{{"idle", 0},
                                              {"armed", 1},
                                              {"triggered", 2},
                                              {"confirmed", 3},
                                              {"held", 4},
                                              {"failed", 0},
                                              {"expired", 0},
                                              {"completed", 0}}};
constexpr std::array<StateWord, 6> kParticipation{{{"insufficient", 0},
                                                   {"mixed", 1},
                                                   {"narrow_up", 2},
                                                   {"narrow_down", 2},
                                                   {"broad_up", 3},
                                                   {"broad_down", 3}}};
constexpr std::array<StateWord, 5> kVolume{
    {{"none", 0}, {"building", 1}, {"suspect", 1}, {"confirmed", 2}, {"faded", 0}}};
constexpr std::array<StateWord, 2> kRotation{{{"off", 0}, {"on", 1}}};
constexpr std::array<StateWord, 4> kUnwind{
    {{"quiet", 0}, {"watch", 1}, {"warning", 2}, {"active", 3}}};
constexpr std::array<StateWord, 17> kHealth{{{"live", 0},
                                             {"filled", 0},
                                             {"ready", 0},
                                             {"ok", 0},
                                             {"continuous", 0},
                                             {"complete", 0},
                                             {"source_changed", 0},
                                             {"provisional", 1},
                                             {"partial", 1},
                                             {"auction", 1},
                                             {"none", 2},
                                             {"stale", 2},
                                             {"open", 2},
                                             {"suspect_volume", 2},
                                             {"halted", 2},
                                             {"suspect_corporate", 2},
                                             {"dark", 2}}};

}  // namespace

std::span<const StateWord> states_of(SignalType type) noexcept {
    switch (type) {
        case SignalType::Breakout: return kBreakout;
        case SignalType::Participation: return kParticipation;
        case SignalType::Volume: return kVolume;
        case SignalType::Rotation: return kRotation;
        case SignalType::Unwind: return kUnwind;
        case SignalType::Health: return kHealth;
    }
    return {};
}

std::uint8_t state_rank(SignalType type, std::string_view word) noexcept {
    for (const StateWord& state : states_of(type)) {
        if (state.word == word) return state.rank;
    }
    return kUnknownRank;
}

SignalWorth worth_of(SignalType type, std::string_view state, std::string_view prev,
                     double score) noexcept {
    std::uint8_t const now = state_rank(type, state);
    std::uint8_t const before = state_rank(type, prev);
    SignalWorth worth;
    worth.score = static_cast<float>(score);
    // A first edge has no state before it.
    worth.rank = before == kUnknownRank ? now : std::max(now, before);
    worth.leaving = before != kUnknownRank && now < before;
    return worth;
}

}  // namespace spill
