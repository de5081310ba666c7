// Tokens for episodes: buckets of five, three venues each (one trusted), and BTC.
//
// The market advances in slots of five minutes, as bars while it only makes history and as trades
// where the tape matters. It is a value: a copy continues on its own, so that many episodes can
// start from one history.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/simulator/episode.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace spill::sim {

inline constexpr int kTokensPerBucket = 5;
inline constexpr int kTokenVenues = 3;  // the last one is trusted
inline constexpr std::array<const char*, kTokenVenues> kTokenVenueNames{"alpha", "beta", "gamma"};
inline constexpr int kHistoryDays = 28;  // twenty weekdays and four weekends
inline constexpr int kTapeHours = 74;    // of trades before the episodes, to learn calm tapes

struct TokenMarketConfig {
    std::uint64_t seed = 1;
    int batch = 0;  // another set of instruments of the same seed
    int buckets = 12;
    NoiseModel noise;
};

// What was planted on one token.
struct TokenTruth {
    std::string name;    // "T07"
    std::string bucket;  // "B01"
    InstrumentId instrument;
    UnixNanos start;
    UnixNanos deadline;  // the last minute that counts
};

class TokenMarket {
public:
    // Adds venues, buckets, tokens and BTC with their feeds to `registry`.
    TokenMarket(Registry& registry, const TokenMarketConfig& config);

    [[nodiscard]] UnixNanos now() const noexcept { return now_; }
    [[nodiscard]] UnixNanos tape_start() const noexcept;  // bars before, trades after
    [[nodiscard]] UnixNanos play_start() const noexcept;  // episodes begin in the hour after it
    [[nodiscard]] UnixNanos play_end() const noexcept;

    // The next five minutes, ordered; replaces `out`.
    void next_bars(std::vector<Event>& out);
    void next_trades(std::vector<Event>& out);

    // REQUIRES now() == play_start(). One scenario for every token (or bucket) of the market; what
    // follows is drawn from a stream of its own. `start_at` moves the first start of an unwind.
    // `draw` tells apart several plantings on one history.
    void plant(const EpisodeClass& what, int draw = 0);
    void plant_at(const EpisodeClass& what, UnixNanos start);

    [[nodiscard]] const TokenTruth& truth(int token) const {
        return tokens_[static_cast<std::size_t>(token)].truth;
    }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(tokens_.size()); }
    [[nodiscard]] int buckets() const noexcept { return config_.buckets; }
    [[nodiscard]] InstrumentId btc() const noexcept { return btc_.instrument; }

private:
    struct Wash {
        double multiple = 0.0;  // of the venue's ordinary volume
        std::array<double, 2> sizes{};
        bool flip = false;
    };
    // Planted on one token; times in minutes from its start.
    struct Plan {
        bool active = false;
        EpisodeKind kind = EpisodeKind::Noise;
        double multiple = 1.0, ramp = 10.0, hold = 180.0, half_life = 4.0;
        double jump = 0.0, jump_minutes = 2.0, retrace = 0.0;  // log price
        double rise = 0.0, rise_minutes = 100.0;               // log price over the wave
        WashTape tape = WashTape::UniformPairs;
        double wash_minutes = 0.0;
        std::array<Wash, kTokenVenues> washes;
        int block_venue = -1;
        double block_hours = 0.0;
    };
    struct Token {
        TokenTruth truth;
        std::array<FeedId, kTokenVenues> feeds;
        std::array<double, kTokenVenues> share{};
        std::array<std::uint64_t, kTokenVenues> ids{};
        Rng rng{0};
        VolumeNoise5m noise;
        double log_price = 0.0;
        double per_minute = 0.0;   // base units over all venues
        double sigma_hour = 0.01;  // own, at ordinary volume
        double beta = 1.0;
        std::int64_t tick = 1;
        double prints_per_minute = 6.0;
        Plan plan;
    };
    struct Btc {
        InstrumentId instrument;
        FeedId feed;
        Rng rng{0};
        double log_price = 11.5;
        double sigma_hour = 0.005;
        double wave = 0.0, wave_minutes = 80.0;  // log price
        UnixNanos wave_start;
        std::uint64_t ids = 0;
        std::array<double, 5> returns{};  // of the minutes of this slot
    };
    void begin_slot();
    void end_slot();
    [[nodiscard]] double curve() const noexcept;
    [[nodiscard]] double minutes_since(const Token& token, double minute) const noexcept;
    [[nodiscard]] double volume_multiple(const Plan& plan, double since) const noexcept;
    [[nodiscard]] double planned_return(const Plan& plan, double since) const noexcept;
    // Log prices of the five minutes, in steps of their own: a minute that ended at its last print
    // would otherwise lose the variance after it, the more the fewer its prints are.
    static constexpr std::size_t kMinuteSteps = 12;
    using SlotPath = std::array<double, 5 * kMinuteSteps + 1>;
    void walk(Token& token, double slot, SlotPath& path, std::array<double, 5>& volume);
    void venue_trades(Token& token, int venue, const SlotPath& path,
                      const std::array<double, 5>& volume, std::vector<Event>& out);
    void wash_trades(Token& token, int venue, int minute, double price, std::vector<Event>& out);
    void block_trade(Token& token, const SlotPath& path, std::vector<Event>& out);
    void btc_trades(std::vector<Event>& out);
    [[nodiscard]] Event bar(InstrumentId instrument, FeedId feed) const noexcept;
    void plan_single(Token& token, const EpisodeClass& what);
    void plan_wash(Token& token, const EpisodeClass& what);
    void plan_bucket(int first, const EpisodeClass& what, UnixNanos start);
    void restart_streams(const EpisodeClass& what, int draw);
    [[nodiscard]] double sigma15(const Token& token) const noexcept { return token.sigma_hour / 2; }

    TokenMarketConfig config_;
    UnixNanos now_;
    std::vector<Token> tokens_;
    Btc btc_;
};

}  // namespace spill::sim
