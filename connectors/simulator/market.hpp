// A seeded market: the history that makes baselines ready, one trading day as a stream of trades,
// and the truth about what was planted in it (signals.md 3.1).
//
// Same configuration, registry and calendars => same history, trades and truth, on every machine
// with the same floating-point library. Not thread-safe; `history`, `truth` and the bounds may be
// read from any thread as long as nobody calls next_second.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulator/truth.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"
#include "core/types.hpp"

namespace spill {

struct MarketConfig {
    std::uint64_t seed = 1;
    const Registry* registry = nullptr;    // must outlive the market
    const Calendars* calendars = nullptr;  // likewise; must cover the history
    std::int32_t date = 0;                 // yyyymmdd of the XNYS session to play
    int history_sessions = 20;             // full sessions before it, 5..60
    std::string scenario = "day";          // see scenario_names()
    double noise = 1.0;                    // multiplies every noise sd of volume, 0..3
};

// One print as the venue's matching engine knows it.
struct SimTrade {
    UnixNanos ts;  // whole milliseconds
    FeedId feed;
    Price price;
    Quantity size;  // in the venue's unit, as on the wire
    Aggressor aggressor = Aggressor::Unknown;
    std::uint64_t id = 0;  // dense per feed
};

class SimMarket {
public:
    // Throws std::runtime_error with one line naming what is missing: the date is not a session,
    // the calendar does not reach back far enough, the scenario is unknown, no feed to play.
    explicit SimMarket(MarketConfig config);
    SimMarket(const SimMarket&) = delete;
    SimMarket& operator=(const SimMarket&) = delete;
    ~SimMarket();

    // Closed 5-minute bars per feed, all of them over before live_start(), ordered by (end, feed).
    // Chips: inside their primary session; tokens: around the clock. ts_recv is the bar's end.
    [[nodiscard]] std::vector<Event> history() const;

    // [start, end): from 30 minutes before the XNYS open to 6 minutes after its close, so that the
    // last minute closes and the session rolls.
    [[nodiscard]] UnixNanos live_start() const noexcept;
    [[nodiscard]] UnixNanos live_end() const noexcept;
    // Start of the second that next_second will play.
    [[nodiscard]] UnixNanos now() const noexcept;

    // Plays one second: replaces `out` by its trades, ordered by (ts, feed). False at the end.
    bool next_second(std::vector<SimTrade>& out);

    [[nodiscard]] std::span<const Planted> truth() const noexcept;
    [[nodiscard]] const MarketConfig& config() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// "day" and the single scenarios "S1".."S22" that can be played.
[[nodiscard]] std::span<const std::string_view> scenario_names() noexcept;

}  // namespace spill
