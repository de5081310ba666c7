// One token over all its venues: is its volume real? Inputs of the score, once a minute.
//
// Returns and variance come from the leading feed; volume from every eligible venue. A venue is
// eligible with enough of the token's weekly volume and enough observed minutes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/baseline.hpp"
#include "core/feed_book.hpp"
#include "core/instrument_book.hpp"
#include "core/params.hpp"
#include "core/token_volume.hpp"

namespace spill {

enum class Direction : std::uint8_t { Flat, Up, Down };
[[nodiscard]] const char* to_string(Direction direction) noexcept;

// Everything that a `volume` signal shows, as of the last judged minute.
struct TokenView {
    TokenScore score;
    VolumeMinute minute;
    std::size_t eligible = 0;
    std::array<FeedId, kMaxTokenVenues> feeds{};   // eligible ones, by feed id
    std::array<double, kMaxTokenVenues> rvol60{};  // of each
    std::optional<double> r15, r60;                // log returns
    std::optional<double> sigma60;                 // baseline sigma of an hour
    Direction direction = Direction::Flat;
    std::optional<double> flow;  // (buy - sell) / (buy + sell) of the hour
    std::int64_t trades = 0;     // in the hour
    bool blowoff = false;
    bool provisional = false;
    BaselineQuality quality = BaselineQuality::None;
    bool degraded = false;
    bool from_bars = false;

    template <class A>
    void archive(A& a) {
        a(score, minute);
        a.bounded(eligible, kMaxTokenVenues);
        a(feeds, rvol60, r15, r60, sigma60, direction, flow, trades, blowoff, provisional, quality);
        a(degraded, from_bars);
    }
};

struct VolumeChange {
    VolumeEdge edge;
    std::uint64_t episode = 0;
};

class TokenBook {
public:
    TokenBook(const Instrument& instrument, const Params& params);

    void open_session(UnixNanos open) noexcept;
    // One minute of one feed, for what is summed over venues. Before close_minute.
    void add_feed_minute(const FeedMinute& minute) noexcept;
    // One closed minute. `feeds` are the token's books, `lead` its leading feed's minute.
    std::optional<VolumeChange> close_minute(const LeadMinute& lead, std::span<FeedBook> feeds,
                                             EpisodeCounter& episodes) noexcept;
    void roll_session() noexcept;

    [[nodiscard]] const TokenView& view() const noexcept { return view_; }
    [[nodiscard]] VolumeState state() const noexcept { return machine_.state(); }
    [[nodiscard]] std::uint64_t episode() const noexcept { return episode_; }
    [[nodiscard]] Gates gates() const noexcept {
        return machine_.gates(view_.minute, params_->volume);
    }

    template <class A>
    void archive(A& a) {
        a(variance_, cap_, weekend_, slot_r2_, slot_seen_, level_, machine_, episode_, ring_);
        a.bounded(head_, kHour);
        a(gathering_, last_close_, outage_, calm_hour_, view_);
    }

private:
    static constexpr int kHour = 60;
    // What one minute was, summed over venues or of the leading feed.
    struct Minute {
        double close = 0.0;     // of the leading feed, 0 = none yet
        double r2 = 0.0;        // squared log return, capped
        double expected = 0.0;  // of r2
        double largest = 0.0, buy = 0.0, sell = 0.0;
        std::int64_t trades = 0;
        bool present = false;

        template <class A>
        void archive(A& a) {
            a(close, r2, expected, largest, buy, sell, trades, present);
        }
    };
    [[nodiscard]] const Minute& ago(int minutes) const noexcept;
    [[nodiscard]] SlotBaseline& variance() noexcept { return variance_[weekend_ ? 1 : 0]; }
    void book_variance(const LeadMinute& lead) noexcept;
    void book_level(const LeadMinute& lead, std::span<FeedBook> feeds) noexcept;
    void choose_venues(std::span<FeedBook> feeds) noexcept;
    void fill_returns() noexcept;
    [[nodiscard]] TokenWindow window_of(std::span<FeedBook> feeds) const noexcept;
    void judge(const LeadMinute& lead, std::span<FeedBook> feeds) noexcept;

    const Params* params_;
    std::vector<SlotBaseline> variance_;  // weekday, weekend
    VarianceCap cap_;
    bool weekend_ = false;
    std::array<double, kMaxSlots> slot_r2_{};
    std::array<std::uint8_t, kMaxSlots> slot_seen_{};
    ActivityLevel level_;
    TokenVolume machine_;
    std::uint64_t episode_ = 0;
    std::array<Minute, kHour + 1> ring_{};
    int head_ = 0;  // where the next minute goes
    Minute gathering_;
    double last_close_ = 0.0;
    std::int32_t outage_ = 0;
    bool calm_hour_ = true;  // the token's volume has been `none` for this hour so far
    TokenView view_;
};

}  // namespace spill
