// Chips for episodes: twenty-two sessions of 5-minute bars, then one day of trades in which every
// chip plays its own scenario at its prior-day high.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/simulator/episode.hpp"
#include "connectors/simulator/episode_path.hpp"
#include "core/calendar.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace spill::sim {

struct ChipMarketConfig {
    std::uint64_t seed = 1;
    int batch = 0;  // another set of instruments of the same seed
    int chips = 60;
    NoiseModel noise;
    const Calendar* calendar = nullptr;  // XNYS; must outlive the market
    GroupId group;                       // of the chips; invalid for none
    bool leader = false;                 // the first chip is one
};

// What was planted on one chip, in market terms.
struct ChipTruth {
    std::string name;  // "E07"
    InstrumentId instrument;
    UnixNanos push;    // the push through the level
    UnixNanos turn;    // unwind chain only
    Price level;       // prior-day high
    double atr = 0.0;  // price units
};

class ChipMarket {
public:
    // Adds the chips and their one consolidated feed to `registry`. Throws std::runtime_error when
    // the calendar does not know the day and what is needed before it.
    ChipMarket(Registry& registry, const ChipMarketConfig& config);

    // All bars before the day, in the order of their ends. Once, before plant().
    [[nodiscard]] std::vector<Event> history();
    // REQUIRES history() to have run. For Unwind the first chip leads and the rest follow it.
    void plant(const EpisodeClass& what, int chip);
    // The day's trades in order, ids dense per feed.
    [[nodiscard]] std::vector<Event> day();

    [[nodiscard]] const ChipTruth& truth(int chip) const {
        return chips_[static_cast<std::size_t>(chip)].truth;
    }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(chips_.size()); }
    [[nodiscard]] const TradingSession& session() const noexcept { return sessions_.back(); }

private:
    struct Chip {
        ChipTruth truth;
        FeedId feed;
        Rng rng{0};
        VolumeNoise5m noise;
        double price = 0.0;       // last
        double unit = 0.0;        // price units of one typical daily range
        double per_minute = 0.0;  // shares
        ChipPath path;
    };
    struct CalmSession {
        TradingSession session;
        double barrier = 0.0;  // the close stays below it
    };
    void calm_session(Chip& chip, const CalmSession& what, std::vector<Event>& out);
    void session_bars(Chip& chip, const TradingSession& session, std::vector<Event>& out);
    void day_trades(Chip& chip, std::vector<Event>& out);

    ChipMarketConfig config_;
    std::vector<TradingSession> sessions_;  // the last one is the day
    std::vector<Chip> chips_;
};

inline constexpr const char* kChipVenue = "tape";

// "E07": unique within a batch.
[[nodiscard]] std::string episode_name(char kind, int index);

}  // namespace spill::sim
