// Finds the one symbol that went mute on a connection that otherwise flows. Pure.
//
// A symbol is measured against itself: the mean time between the seconds in which it traded. It is
// mute after kFactor of those, when the other symbols of the link traded meanwhile. Each time that
// it is found widens its budget, brisk trading narrows it again: a market that calms down costs a
// few resubscriptions, never a storm.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "connectors/rate_window.hpp"

namespace spill {

class MuteWatch {
public:
    static constexpr LinkTime kSecond = std::chrono::seconds{1};
    static constexpr LinkTime kFloor = std::chrono::seconds{10};
    static constexpr int kFactor = 20;           // times the mean gap
    static constexpr int kLearn = 16;            // traded seconds before a symbol is judged
    static constexpr int kWeight = 8;            // of the mean: the newest gap counts one eighth
    static constexpr int kDoublings = 4;         // of the budget, at most
    static constexpr int kForgive = 32;          // traded seconds that take the doublings back
    static constexpr std::uint64_t kOthers = 5;  // traded seconds of others while one is silent

    explicit MuteWatch(std::size_t symbols) : rows_(symbols) {}

    // Hot: no allocation.
    void on_trade(std::size_t slot, LinkTime now) noexcept;
    // A new connection: nobody is late yet. What was learnt stays.
    void restart(LinkTime now) noexcept;
    // The symbol may be silent (its market is closed): its clock starts anew.
    void excuse(std::size_t slot, LinkTime now) noexcept;
    // A symbol that is mute now, or the number of symbols. Its budget doubles and its clock starts
    // anew, so that a loop over this ends.
    [[nodiscard]] std::size_t find(LinkTime now) noexcept;
    [[nodiscard]] LinkTime budget(std::size_t slot) const noexcept;

private:
    struct Row {
        LinkTime last{0};     // trade
        LinkTime counted{0};  // start of the last traded second
        LinkTime mean{0};     // between traded seconds
        int seconds = 0;      // traded, up to kLearn
        int brisk = 0;        // traded seconds since the budget doubled
        int doublings = 0;
        std::uint64_t others = 0;  // traded_ at its last trade
    };
    std::vector<Row> rows_;
    std::uint64_t traded_ = 0;  // traded seconds of all symbols
    LinkTime last_trade_{0};    // of any symbol
};

}  // namespace spill
