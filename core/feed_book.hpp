// One feed: from its prints or bars to closed minutes, volume windows and baselines.
//
// A minute is *observed* when the feed was live for all of it. A feed says so itself (Feed events
// of a link) or, when its input is bare history without such events, by not being silent for
// long. Volume of a minute that was not observed is unknown, not zero.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bar.hpp"
#include "core/baseline.hpp"
#include "core/calendar.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"
#include "core/params.hpp"
#include "core/tape_quality.hpp"
#include "core/tick_filter.hpp"

namespace spill {

// What a minute of a feed was.
struct FeedMinute {
    MinuteBar bar;
    bool observed = false;
    // Minutes that this one stands for: 1 for trades, k when a bar of k minutes ends here, 0
    // inside of a longer bar (nothing to judge yet).
    std::int32_t length = 1;
};

// Where a closed minute lies in its session. REQUIRES 0 <= index < slots * 5.
struct SessionMinute {
    std::int64_t minute = 0;
    std::int32_t index = 0;  // minutes since the open
    bool trading = true;     // false in a halt and in an auction: the minute is absent
};

// Volume that cannot be what it says (signals.md 2.16 decision 7).
enum class VolumeSuspicion : std::uint8_t {
    None,
    Zero,       // prices without volume
    Cumulative  // bars carry the session's volume so far
};
[[nodiscard]] const char* to_string(VolumeSuspicion suspicion) noexcept;

// Watches the volumes of one session for what no market does.
class VolumeGuard {
public:
    static constexpr int kZeroBars = 60;       // in a row
    static constexpr int kMonotoneBars = 5;    // strictly rising, adding up to kBeyond
    static constexpr int kFirstBars = 10;      // of a session are not compared with its sum
    static constexpr double kHalf = 0.5;       // bars of that share of the session so far ...
    static constexpr int kHalves = 3;          // ... so many, none smaller than the one before
    static constexpr int kJumpBars = 60;       // after so many bars ...
    static constexpr double kJump = 0.8;       // ... one of that share is enough
    static constexpr int kMonotoneBlind = 30;  // strictly rising, when nothing is expected yet
    static constexpr double kBeyond = 3.0;     // times the expected session

    // `around_the_clock`: a session without an opening burst. Bars of half of its volume so far are
    // ordinary in a thin token, so that only the rules on rising and on zero volumes apply.
    explicit VolumeGuard(bool around_the_clock = false) noexcept
        : around_the_clock_(around_the_clock) {}

    // One bar; `expected` is the volume of a whole session, 0 = unknown.
    void add(double volume, double expected) noexcept;
    [[nodiscard]] VolumeSuspicion suspicion() const noexcept { return suspicion_; }
    void open_session() noexcept { *this = VolumeGuard(around_the_clock_); }

    template <class A>
    void archive(A& a) {
        a(suspicion_, last_, rising_sum_, honest_sum_, last_half_, bars_, halves_, was_half_,
          rising_, zeros_);
    }

private:
    bool around_the_clock_;
    VolumeSuspicion suspicion_ = VolumeSuspicion::None;
    double last_ = 0.0;
    double rising_sum_ = 0.0;
    double honest_sum_ = 0.0;  // of the session, without bars that look like its sum
    int bars_ = 0;
    double last_half_ = 0.0;
    int halves_ = 0;  // bars of half of the session so far, in a row of rising ones
    bool was_half_ = false;
    int rising_ = 0;  // bars of the present rise
    int zeros_ = 0;
};

struct FeedCounters {
    std::uint64_t trades = 0;      // accepted for price
    std::uint64_t held = 0;        // kept aside by the tick filter
    std::uint64_t late = 0;        // for a closed minute
    std::uint64_t ineligible = 0;  // blocks, derived prints, outside the session
    std::uint64_t future = 0;      // too far ahead of the clock

    template <class A>
    void archive(A& a) {
        a(trades, held, late, ineligible, future);
    }
};

class FeedBook {
public:
    FeedBook(const Feed& feed, const Instrument& instrument, const Params& params);

    [[nodiscard]] FeedId id() const noexcept { return id_; }
    [[nodiscard]] Coverage coverage() const noexcept { return coverage_; }
    [[nodiscard]] bool trusted() const noexcept { return trusted_; }

    // A trade that may move prices. `reference` is the base of KRX's static limit. On Accept and
    // AcceptJump the accepted prints are in accepted() and already in the bars; they are valid as
    // long as `trade` and until the next call.
    TickVerdict price_trade(const Event& trade, Price reference) noexcept;
    [[nodiscard]] std::span<const Event> accepted() const noexcept {
        return {accepted_, accepted_size_};
    }
    // Volume of the open minute without a price.
    void volume_trade(const Event& trade) noexcept { bars_.volume_only(trade); }
    void cancel_trade(const Event& trade) noexcept { bars_.cancel(trade); }
    // Size that came too late for its minute: cumulative volume of the session only.
    void late_trade(Quantity size) noexcept;
    // A closed bar; `closed_to` is the first minute that is still open. False when it came too
    // late: its volume then counts as late.
    bool add_bar(const Event& bar, std::int64_t closed_to) noexcept;

    // A link's word about this feed.
    void set_live(UnixNanos at, bool live) noexcept;
    void add_gap(UnixNanos from, UnixNanos to, bool filled) noexcept;
    // After a halt or at a session's open: the tick filter starts again.
    void restart_filter() noexcept { filter_.restart(); }

    void open_session(UnixNanos open, Market market) noexcept;
    // Closes one minute of the session. Once per minute, ascending.
    FeedMinute close_minute(const SessionMinute& at) noexcept;
    // After the rules have read the minute: the tape's hour moves on with every fifth one.
    void end_minute(const SessionMinute& at) noexcept;
    // Stores the session's volume in the baseline of its kind of day.
    void roll_session() noexcept;
    void scale_volume(double factor) noexcept;

    [[nodiscard]] const SlotBaseline& baseline() const noexcept {
        return baselines_[weekend_ ? baselines_.size() - 1 : 0];
    }
    [[nodiscard]] const RvolWindow& window() const noexcept { return window_; }
    [[nodiscard]] const SessionTotals& totals() const noexcept { return totals_; }
    [[nodiscard]] TapeQuality& tape() noexcept { return tape_; }
    [[nodiscard]] const TapeQuality& tape() const noexcept { return tape_; }
    // Session volume over what is expected by this time of the session. Minutes that were halted or
    // not observed stay expected: missing data must not make a session look busier. Back-filled
    // trades count. None when the baseline is unknown.
    [[nodiscard]] std::optional<double> rvol_cumulative(std::int32_t minutes) const noexcept;
    // Volume of the slot that contains minute `index` so far, and its observed minutes.
    [[nodiscard]] double slot_volume(int slot) const noexcept {
        return slots_[static_cast<std::size_t>(slot)];
    }
    [[nodiscard]] int slot_observed(int slot) const noexcept {
        return observed_[static_cast<std::size_t>(slot)];
    }
    // Volume of the last seven completed sessions, base units.
    [[nodiscard]] double week_volume() const noexcept;
    // An unfilled gap reaches into the `minutes` up to and including `minute`.
    [[nodiscard]] bool gap_within(std::int64_t minute, int minutes) const noexcept;
    [[nodiscard]] bool from_bars() const noexcept { return bar_length_ > 0; }
    // Volume that is not believed confirms nothing and does not enter the baseline.
    [[nodiscard]] VolumeSuspicion suspicion() const noexcept { return guard_.suspicion(); }
    [[nodiscard]] const FeedCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] FeedCounters& counters() noexcept { return counters_; }

    // Asks the memory for what a trade of `minute` will touch.
    void prefetch(std::int64_t minute) const noexcept {
        auto const* const from = reinterpret_cast<const char*>(this);
        for (std::size_t line = 0; line < 7; ++line) __builtin_prefetch(from + 64 * line, 1);
        bars_.prefetch(minute);
    }

    // Longest silence, in bars (or minutes of trades), after which bare history is not observed.
    static constexpr int kImplicitSilence = 5;
    static constexpr std::size_t kGaps = 8;  // remembered; the oldest is forgotten
    static constexpr std::size_t kPendingBars = 4;

    template <class A>
    void archive(A& a) {
        a(filter_, bars_, baselines_, weekend_, window_, totals_, tape_, slots_, observed_, week_);
        a.bounded(week_at_, week_.size() - 1);
        a(explicit_, live_, live_from_, last_data_, bar_length_, pending_, gaps_);
        a.bounded(gap_at_, kGaps - 1);
        a(counters_, guard_);
    }

private:
    struct Gap {
        std::int64_t from_minute = 0, to_minute = -1;
        bool open = false;

        template <class A>
        void archive(A& a) {
            a(from_minute, to_minute, open);
        }
    };
    struct PendingBar {
        BarBody body{};
        std::int64_t end_minute = 0;
        std::int32_t length = 0;  // 0 = free

        template <class A>
        void archive(A& a) {
            a(body.open, body.high, body.low, body.close, body.volume, end_minute, length);
        }
    };
    [[nodiscard]] bool observed_in(std::int64_t minute) const noexcept;
    [[nodiscard]] FeedMinute take_bar(const SessionMinute& at) noexcept;
    void book(const FeedMinute& closed, const SessionMinute& at) noexcept;

    FeedId id_;
    Coverage coverage_;
    bool trusted_;
    bool is_token_;                       // only tokens have their tape judged
    std::int32_t bar_length_ = 0;         // of the last bar; 0 = trades
    std::int64_t last_data_ = INT64_MIN;  // last minute with data
    // What every trade reads and writes lies together, from the counters to the bars.
    FeedCounters counters_;
    const Event* accepted_ = nullptr;
    std::size_t accepted_size_ = 0;
    TickFilter filter_;
    MinuteBars bars_;
    int slots_per_session_;
    std::vector<SlotBaseline> baselines_;  // weekday, and for tokens weekend
    bool weekend_ = false;
    RvolWindow window_;
    SessionTotals totals_;
    TapeQuality tape_;
    VolumeGuard guard_;
    double slot_coverage_;
    std::array<double, kMaxSlots> slots_{};
    std::array<std::uint8_t, kMaxSlots> observed_{};
    std::array<double, 7> week_{};
    std::size_t week_at_ = 0;
    bool explicit_ = false;  // a link speaks for this feed
    bool live_ = false;
    std::int64_t live_from_ = 0;  // first minute that is observed as a whole
    std::array<PendingBar, kPendingBars> pending_{};
    std::array<Gap, kGaps> gaps_{};
    std::size_t gap_at_ = 0;
};

}  // namespace spill
