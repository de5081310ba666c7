// A small world for tests of the engine: registry, calendars, and minutes played from scripts.
//
// Day 0 is Monday, 2 March 2026. Every market has one session on every day, weekends included, so
// that tests count days instead of reading calendars: XNYS 13:30 to 20:00, XKRX 00:00 to 06:20 and
// its closing auction to 06:30, both in UTC.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar.hpp"
#include "core/engine.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"
#include "core/params.hpp"
#include "core/signal.hpp"

namespace spill::support {

inline constexpr int kStockMinutes = 390;
inline constexpr int kDayMinutes = 1440;
inline constexpr int kWorldDays = 60;

// Who is who. Every call adds one row; names must be new.
struct World {
    World();
    VenueId venue(const std::string& name, bool trusted = false);
    GroupId group(const std::string& name, GroupId parent = GroupId{}, bool tokens = false);
    struct Row {
        std::string name;
        Market market = Market::Xnys;
        Role role = Role::Leader;
        GroupId group{};
        InstrumentId proxy_for{};
    };
    InstrumentId instrument(const Row& row);
    FeedId feed(InstrumentId instrument, VenueId venue, Coverage coverage = Coverage::Consolidated);
    [[nodiscard]] TradingSession& session(Market market, int day);

    Registry registry;
    Params params;
    std::array<std::vector<TradingSession>, 2> sessions;  // XNYS, XKRX
};

// A point of a played session.
struct Moment {
    int day = 0;
    int index = 0;  // minutes since the session's open
};

// What one minute brings: prints at its 10th, 25th and 40th second, a third of the volume each.
// Three prints of one price are a jump that the tick filter lets through.
struct Print {
    double price = 0.0;
    double volume = 0.0;
};
using Script = std::function<std::optional<Print>(Moment)>;

// An ordinary session: from `base` up to `high`, down to `low` and back.
struct Wave {
    double base = 100.0, high = 101.0, low = 99.0;
    double volume = 300.0;  // a minute
    int minutes = kStockMinutes;
};
[[nodiscard]] Print wave(const Wave& shape, int index);

// One engine in one world, and everything that it said.
class Rig final : public SignalSink {
public:
    explicit Rig(World world);

    // Minutes of `feed` in run(). A bar length above zero gives bars of so many minutes: the
    // first minute's price opens, the last one's closes.
    void script(FeedId feed, Script script, int bar_minutes = 0);
    // Plays all scripts, from `from` up to (not including) `to` of a market's session, and closes
    // every minute. A run over several days plays the nights between them.
    void run(Market market, Moment from, Moment to);
    void run_days(int first, int last);  // whole UTC days, both included

    // Goes on from another rig's engine; both must have the same world.
    void restore(std::span<const std::byte> snapshot);
    void apply(const Event& event) { engine_->apply(event, *this); }
    // Posts the clocks that are due before `event`, then the event.
    void play(const Event& event);
    void tick(UnixNanos at, ClockMark mark = ClockMark::Tick);
    struct Tape {
        FeedId feed;
        UnixNanos at;
        double price = 0.0, size = 0.0;
        std::uint32_t flags = 0;
        Aggressor aggressor = Aggressor::Unknown;
    };
    void trade(const Tape& tape);
    void link(FeedId feed, UnixNanos at, FeedState state);
    struct Missing {
        FeedId feed;
        UnixNanos at, from, to;  // `at`: when it is reported
        bool filled = false;
    };
    void gap(const Missing& missing);
    void status(FeedId feed, UnixNanos at, TradingStatus status);
    void corporate(InstrumentId instrument, UnixNanos at, const CorporateBody& body);

    [[nodiscard]] UnixNanos at(Market market, Moment moment, int seconds = 0) const;
    [[nodiscard]] std::int32_t date(int day) const;

    [[nodiscard]] const Engine& engine() const noexcept { return *engine_; }
    // For events that play() would put in order first.
    [[nodiscard]] Engine& raw_engine() noexcept { return *engine_; }
    [[nodiscard]] const World& world() const noexcept { return world_; }
    [[nodiscard]] const std::vector<Signal>& signals() const noexcept { return signals_; }
    // The states of one key in order, separated by blanks; "" when there is no signal.
    [[nodiscard]] std::string path(std::string_view key) const;
    // The first signal of that key and state; nullptr when there is none.
    [[nodiscard]] const Signal* find(std::string_view key, std::string_view state) const;
    [[nodiscard]] int count(std::string_view key, std::string_view state) const;
    // Minutes since the session's open at which that state was reached; -1 when never.
    [[nodiscard]] int minute(Market market, std::string_view key, std::string_view state) const;
    void forget() { signals_.clear(); }

    void on_signal(const Signal& signal) noexcept override;

private:
    struct Track {
        FeedId feed;
        InstrumentId instrument;
        Market market = Market::Utc;
        int bar_minutes = 0;
        Script script;
        std::vector<Print> pending;  // minutes of the bar that is being made
    };
    [[nodiscard]] std::optional<Moment> moment(Market market, std::int64_t minute) const;
    void play_minute(std::int64_t minute);
    void add_to_bar(Track& track, const Print& print, std::int64_t minute);

    World world_;
    Calendars calendars_;
    std::unique_ptr<Engine> engine_;
    std::vector<Track> tracks_;
    std::vector<Signal> signals_;
};

// Every published field as text, the evidence with six decimals; without receive times.
[[nodiscard]] std::string text_of(const Signal& signal);
[[nodiscard]] std::string text_of(const std::vector<Signal>& signals);

// A number, integer or boolean of the evidence; NaN when it is null or missing.
[[nodiscard]] double number(const Signal& signal, std::string_view name);
[[nodiscard]] std::string_view words(const Signal& signal, std::string_view name);

}  // namespace spill::support
