// The engine: events in, signals out. Sole owner of all state.
//
// Single-threaded and pure: the same registry, calendars, parameters and events in the same order
// give the same signals, byte for byte. It never reads a clock; time comes with the events. After
// construction nothing allocates.
//
// Order per event: status or gap, tick filter, price state, triggers (kinds OR, PD, D20; up before
// down). Order per minute close: bars by instrument id, breakouts, token volume by instrument id,
// participation by group then market, theme, rotation, unwind, health. Sessions roll after their
// last minute.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/calendar.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/feed_book.hpp"
#include "core/group_book.hpp"
#include "core/health_book.hpp"
#include "core/instrument.hpp"
#include "core/instrument_book.hpp"
#include "core/params.hpp"
#include "core/signal.hpp"
#include "core/signal_maker.hpp"
#include "core/token_book.hpp"

namespace spill {

class Engine {
public:
    // REQUIRES `registry` and `calendars` to outlive the engine. `params` is copied.
    Engine(const Registry& registry, const Calendars& calendars, const Params& params);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Asks the memory for what apply() of this trade will touch: for callers who hold the next few
    // events already. kPrefetchAhead of them hide most of it.
    void prefetch(const Event& event) const noexcept;
    static constexpr std::size_t kPrefetchAhead = 4;

    // Consumes one event. Signals go to `sink` before it returns.
    void apply(const Event& event, SignalSink& sink) noexcept;

    // The first clock at which something would happen (a minute to close); none before the first
    // event. Whoever replays bare history posts a Clock there and at no other second: a Clock
    // before it changes nothing.
    [[nodiscard]] std::optional<UnixNanos> next_close() const noexcept;

    // Appends the whole state to `out`: with the events that follow, an engine that restores it
    // gives the signals that this one gives. The same state gives the same bytes. Between events.
    void snapshot(std::vector<std::byte>& out) const;
    // Replaces the state, whatever it was. REQUIRES the registry's, the calendars' and the
    // parameters' values of the engine that wrote it. On an error nothing has changed:
    // InvalidArgument (no snapshot, another version, registry or parameters, named in the message),
    // Corrupt (does not read back as written).
    [[nodiscard]] Result<void> restore(std::span<const std::byte> bytes);

    [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
    [[nodiscard]] std::uint64_t last_offset() const noexcept { return maker_.offset(); }
    [[nodiscard]] UnixNanos clock() const noexcept { return clock_; }
    [[nodiscard]] const InstrumentBook& instrument(InstrumentId id) const noexcept {
        return instruments_[id.value];
    }
    [[nodiscard]] const FeedBook& feed(FeedId id) const noexcept {
        return feeds_[feed_slot_[id.value]];
    }
    // nullptr unless the instrument is a token.
    [[nodiscard]] const TokenBook* token(InstrumentId id) const noexcept;
    [[nodiscard]] const GroupBook& groups() const noexcept { return groups_; }
    [[nodiscard]] const Registry& registry() const noexcept { return *registry_; }

private:
    // Where a market is in its calendar.
    struct MarketState {
        std::optional<TradingSession> session;  // open, until its roll
        std::optional<TradingSession> next;     // the one after
        UnixNanos roll_at;                      // minute end at which the session rolls
        template <class A>
        void archive(A& a) {
            a(session, next, roll_at);
        }
    };
    void apply_trade(const Event& event) noexcept;
    void apply_priced(const Event& event, FeedBook& feed, InstrumentBook& instrument) noexcept;
    void apply_bar(const Event& event) noexcept;
    void synthetic_prints(const Event& bar) noexcept;
    void apply_feed_change(const Event& event) noexcept;
    void apply_status(const Event& event) noexcept;
    void apply_clock(const Event& event) noexcept;

    void advance_to(UnixNanos at) noexcept;
    void open_session(Market market) noexcept;
    void roll_session(Market market, std::int64_t minute) noexcept;
    void close_minute(std::int64_t minute) noexcept;
    void close_feeds(std::size_t instrument, const SessionMinute& at) noexcept;
    void choose_lead(std::size_t instrument) noexcept;
    [[nodiscard]] LeadMinute lead_minute(std::size_t instrument, const SessionMinute& at) noexcept;
    [[nodiscard]] bool leads(const FeedBook& feed, InstrumentId instrument) const noexcept;
    [[nodiscard]] std::span<FeedBook> feeds_of(std::size_t instrument) noexcept;

    void close_groups(std::int64_t minute,
                      const std::array<std::int32_t, kMarkets>& index) noexcept;
    void publish_changes(InstrumentId instrument) noexcept;
    void publish_health(const std::optional<HealthChange>& change) noexcept;
    template <class A>
    void archive(A& a);  // in snapshot.cpp

    const Registry* registry_;
    const Calendars* calendars_;
    Params params_;
    std::vector<FeedBook> feeds_;              // grouped by instrument, in configuration order
    std::vector<std::uint32_t> feed_slot_;     // FeedId -> index into feeds_
    std::vector<std::uint32_t> first_feed_;    // instrument -> first index; one more at the end
    std::vector<InstrumentBook> instruments_;  // by InstrumentId
    std::vector<TokenBook> tokens_;
    std::vector<std::int32_t> token_of_;    // instrument -> index into tokens_, -1 = none
    std::vector<std::uint32_t> lead_feed_;  // instrument -> index into feeds_ of the leading feed
    std::vector<std::int32_t> better_for_;  // minutes for which a better feed has been observed
    std::vector<std::uint8_t> lead_observed_;  // instrument -> leading minute was observed
    GroupBook groups_;
    HealthBook health_;
    std::vector<FeedMinute> minutes_;  // by index into feeds_, of the minute being closed
    std::array<MarketState, kMarkets> markets_;
    UnixNanos next_open_{INT64_MAX};  // earliest open of a market that is not in session
    std::int64_t next_minute_ = 0;    // first minute that is not closed
    bool started_ = false;
    UnixNanos clock_;
    std::uint64_t events_ = 0;
    EpisodeCounter episodes_;
    SignalMaker maker_;
    BreakoutChanges changes_;  // scratch of one call; too large to clear per trade
};

}  // namespace spill
