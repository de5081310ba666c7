// One instrument inside and between its sessions: last price, ranges, levels, its breakouts.
//
// Fed by the instrument's leading feed. Prices and ranges come from closed minutes; only
// `triggered` is decided on the trade itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/atr.hpp"
#include "core/breakout.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/feed_book.hpp"
#include "core/instrument.hpp"
#include "core/noise.hpp"
#include "core/params.hpp"

namespace spill {

inline constexpr std::size_t kSlotsPerInstrument = 2 * kBreakoutKinds;

// A transition of one of the instrument's breakouts, with the life that it belongs to.
struct BreakoutChange {
    BreakoutEdge edge;
    BreakoutKind kind = BreakoutKind::OpeningRange;
    BreakoutSide side = BreakoutSide::Up;
    std::uint64_t episode = 0;
};

// At most two a slot and call.
struct BreakoutChanges {
    std::array<BreakoutChange, 2 * kSlotsPerInstrument> items{};
    std::size_t size = 0;
    void add(const BreakoutChange& change) noexcept {
        if (size < items.size()) items[size++] = change;
    }
    [[nodiscard]] const BreakoutChange* begin() const noexcept { return items.data(); }
    [[nodiscard]] const BreakoutChange* end() const noexcept { return items.data() + size; }
};

// Gives out episode numbers, dense from 1, in the order of the journal.
class EpisodeCounter {
public:
    [[nodiscard]] std::uint64_t next() noexcept { return ++last_; }
    [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

    template <class A>
    void archive(A& a) {
        a(last_);
    }

private:
    std::uint64_t last_ = 0;
};

// What the leading feed says about a closed minute.
struct LeadMinute {
    const FeedBook* feed = nullptr;
    FeedMinute minute;
    SessionMinute at;
    // Somebody watched and the market traded: counters move.
    [[nodiscard]] bool present() const noexcept { return minute.observed && at.trading; }
};

class InstrumentBook {
public:
    InstrumentBook(const Instrument& instrument, const Params& params);

    // `previous` is the market's session before this one, if the calendar knows it: levels and the
    // previous close are only taken from history that ends there.
    void open_session(const TradingSession& session, const std::optional<TradingSession>& previous,
                      BreakoutChanges& out, EpisodeCounter& episodes) noexcept;
    // An accepted print of the leading feed during continuous trading, minute still open.
    void trade(const Event& trade, BreakoutChanges& out, EpisodeCounter& episodes) noexcept;
    // The official closing print (auction) of the session.
    void official_close(Price price) noexcept { official_close_ = price; }

    // First half of a minute close: prices, ranges, opening range.
    void book_minute(const LeadMinute& lead, BreakoutChanges& out,
                     EpisodeCounter& episodes) noexcept;
    // Second half: the breakouts. Nothing when the minute was absent or inside a longer bar.
    void judge_minute(const LeadMinute& lead, BreakoutChanges& out,
                      EpisodeCounter& episodes) noexcept;
    void close_session(std::int64_t minute, BreakoutChanges& out,
                       EpisodeCounter& episodes) noexcept;

    void set_status(UnixNanos at, TradingStatus status) noexcept;
    // False for a minute that a halt or an auction reaches into: it is absent.
    [[nodiscard]] bool traded_all(std::int64_t minute) const noexcept {
        return minute_start(minute) >= halt_to_ || minute_start(minute + 1) <= halt_from_;
    }
    // A corporate action waits for the session that it is valid from.
    void announce_corporate(const CorporateBody& body) noexcept { corporate_ = body; }
    // Applies a waiting action that is valid in the session of `date` to everything stored, and
    // returns the factor for stored volumes. Before open_session of that date.
    std::optional<double> apply_corporate(std::int32_t date) noexcept;

    [[nodiscard]] Market market() const noexcept { return market_; }
    [[nodiscard]] bool in_session() const noexcept { return in_session_; }
    [[nodiscard]] bool halted() const noexcept { return status_ != TradingStatus::Continuous; }
    [[nodiscard]] const TradingSession& session() const noexcept { return session_; }
    [[nodiscard]] std::optional<Price> last() const noexcept { return last_; }
    [[nodiscard]] std::optional<Price> previous_close() const noexcept { return previous_close_; }
    [[nodiscard]] std::optional<Atr> atr() const noexcept { return atr_; }
    [[nodiscard]] bool opening_range_complete() const noexcept { return range_complete_; }
    [[nodiscard]] std::optional<Price> range_high() const noexcept;
    [[nodiscard]] std::optional<Price> range_low() const noexcept;
    [[nodiscard]] std::int64_t last_trade_minute() const noexcept { return last_trade_minute_; }
    [[nodiscard]] const SessionBars& history() const noexcept { return history_; }
    [[nodiscard]] bool suspect_corporate() const noexcept { return suspect_corporate_; }
    [[nodiscard]] const Breakout& slot(BreakoutKind kind, BreakoutSide side) const noexcept {
        return slots_[index(kind, side)];
    }
    // Made on a short ATR.
    [[nodiscard]] bool provisional() const noexcept { return !atr_ || atr_->provisional; }
    // How far `price` is beyond the reference of the day at `at`, in ordinary moves of that time of
    // the session (signals.md 1.1); none before a price, a previous close and five sessions.
    [[nodiscard]] std::optional<double> noise_pos(UnixNanos at, Price price,
                                                  BreakoutSide side) const noexcept;
    // The gates of one slot at its last judged minute.
    [[nodiscard]] Gates gates(BreakoutKind kind, BreakoutSide side) const noexcept;

    template <class A>
    void archive(A& a) {
        a(slots_, episodes_, gap_pending_, history_, session_, in_session_, status_, atr_);
        a(halt_from_, halt_to_);
        a(previous_close_, history_current_, last_, official_close_);
        a(has_range_, open_, high_, low_, close_, range_high_, range_low_, range_observed_,
          range_complete_);
        a(observed_minutes_, passed_minutes_, outage_minutes_, last_trade_minute_, session_volume_);
        a(suspect_corporate_, corporate_today_, corporate_, judged_);
        a(noise_);
        quiet_ = kUnknownBand;  // follows from the slots
    }

    // Asks the memory for what the next trade will touch.
    void prefetch() const noexcept {
        auto const* const from = reinterpret_cast<const char*>(&market_);
        for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(from + 64 * line, 1);
    }

private:
    [[nodiscard]] static std::size_t index(BreakoutKind kind, BreakoutSide side) noexcept {
        return 2 * static_cast<std::size_t>(kind) + static_cast<std::size_t>(side);
    }
    void report(std::size_t slot, const std::optional<BreakoutEdge>& edge, BreakoutChanges& out,
                EpisodeCounter& episodes) noexcept;
    void set_levels(std::int64_t minute, BreakoutChanges& out, EpisodeCounter& episodes) noexcept;
    void complete_range(std::int64_t minute, BreakoutChanges& out,
                        EpisodeCounter& episodes) noexcept;
    [[nodiscard]] bool any_active() const noexcept;
    [[nodiscard]] BreakoutMinute input_for(const LeadMinute& lead) const noexcept;
    [[nodiscard]] double rvol15_bound(const FeedBook& feed) const noexcept;
    void book_price(const MinuteBar& bar) noexcept;
    [[nodiscard]] bool unexplained_gap(Price first) const noexcept;
    void find_quiet_band() noexcept;
    static constexpr PriceBand kUnknownBand{Price{1}, Price{0}};  // holds nothing

    // What every trade reads and writes lies together; the slots come in only when a price leaves
    // the band in which none of them does anything.
    Market market_;
    bool proxy_;
    bool in_session_ = false;
    bool range_complete_ = false;
    bool suspect_corporate_ = false;
    TradingStatus status_ = TradingStatus::Continuous;
    PriceBand quiet_ = kUnknownBand;
    std::int64_t last_trade_minute_ = INT64_MIN;
    std::optional<Price> last_;
    std::optional<Price> previous_close_;
    TradingSession session_;
    const Params* params_;
    std::array<Breakout, kSlotsPerInstrument> slots_;
    std::array<std::uint64_t, kSlotsPerInstrument> episodes_{};
    std::array<bool, kSlotsPerInstrument> gap_pending_{};
    SessionBars history_;
    UnixNanos halt_from_, halt_to_;  // the last halt, [from, to)
    std::optional<Atr> atr_;
    bool history_current_ = false;  // the last stored session is the market's previous one
    std::optional<Price> official_close_;
    bool has_range_ = false;  // this session has traded
    Price open_, high_, low_, close_;
    Price range_high_, range_low_;
    std::int32_t range_observed_ = 0;  // observed minutes of the opening range
    std::int32_t observed_minutes_ = 0;
    std::int32_t passed_minutes_ = 0;
    std::int32_t outage_minutes_ = 0;
    double session_volume_ = 0.0;
    bool corporate_today_ = false;
    std::optional<CorporateBody> corporate_;  // waits for its session
    BreakoutMinute judged_;
    NoiseProfile noise_;
};

}  // namespace spill
