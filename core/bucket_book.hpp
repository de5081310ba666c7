// Buckets of tokens: rotation on real volume, and the unwind when chip leaders fail.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/basket_book.hpp"
#include "core/return_book.hpp"
#include "core/rotation.hpp"
#include "core/theme_book.hpp"
#include "core/token_book.hpp"
#include "core/unwind.hpp"

namespace spill {

// What moves with the bucket; evidence only.
struct Comovement {
    std::optional<double> raw;       // correlation of 5-minute returns with the chips
    std::optional<double> residual;  // of what BTC and SPY do not explain
    std::int64_t samples = 0;
};

struct RotationChange {
    RotationEdge edge;
    RotationReading reading;
    Comovement with_chips;
    GroupId group;
    double r60_btc = 0.0;
    double beta_provisional = 0.0;  // share of tokens whose beta is provisional
    Coverage coverage = Coverage::Unknown;
    bool provisional = false;
    bool degraded = false;  // a token of the bucket rests on incomplete data
    bool from_bars = false;
    std::uint64_t episode = 0;
};

struct UnwindChange {
    UnwindEdge edge;
    UnwindReading reading;
    UnwindStanding standing;
    GroupId group;
    std::optional<double> median_rel;  // of the bucket, 60 minutes
    double sell_share = 0.0;           // of the bucket sold on confirmed volume
    // Of the tokens; chips speak for themselves in the breakouts that failed.
    Coverage coverage = Coverage::Unknown;
    bool provisional = false;
    bool degraded = false;
    bool from_bars = false;
    std::uint64_t episode = 0;
};

// The chips' side of one minute, the same for every bucket.
struct ChipSide {
    ThemeView theme;
    bool broad_down = false;  // the roll-up of a market in session
    bool down_break = false;
    std::optional<double> return5;    // mean 5-minute return of the chips, none off session
    std::optional<double> residual5;  // less beta times SPY
};

class BucketBook {
public:
    // `bucket` is a top-level bucket; its tokens may stand in sub-buckets.
    BucketBook(const Registry& registry, GroupId bucket, const Params& params);

    [[nodiscard]] GroupId group() const noexcept { return group_; }
    [[nodiscard]] std::size_t members() const noexcept { return tokens_.size(); }

    // A chip's breakout failed.
    void on_failure(UnixNanos at, BreakoutKind kind, bool leader, bool proven) noexcept;
    // A 5-minute step, after ReturnBook::finish_step.
    void step(const ReturnBook& returns, const ChipSide& chips) noexcept;

    struct Tokens {
        std::span<const TokenBook> books;
        std::span<const std::int32_t> of;  // instrument -> index into books
        const TokenBook* btc = nullptr;
        const ReturnBook* returns = nullptr;
    };
    std::optional<RotationChange> rotate(const Tokens& tokens, const ChipSide& chips,
                                         EpisodeCounter& episodes) noexcept;
    std::optional<UnwindChange> unwind(UnixNanos now, const ChipSide& chips,
                                       EpisodeCounter& episodes) noexcept;

    [[nodiscard]] bool on() const noexcept { return rotation_.on(); }
    [[nodiscard]] int level() const noexcept { return unwind_.level(); }
    [[nodiscard]] const RotationReading& reading() const noexcept { return reading_; }
    [[nodiscard]] const UnwindReading& unwind_reading() const noexcept { return unwind_reading_; }

    template <class A>
    void archive(A& a) {
        a(rotation_, reading_, rotation_episode_, unwind_, unwind_reading_, unwind_episode_);
        a(raw_, residual_, r60_btc_, sell_share_, provisional_betas_, provisional_, from_bars_);
        a(coverage_, degraded_, off_pending_);
    }

private:
    void gather(const Tokens& tokens) noexcept;

    GroupId group_;
    const Params* params_;
    double factor_ = 1.0;  // on the unwind score
    std::vector<InstrumentId> tokens_;
    std::vector<RotationToken> rows_;
    std::size_t rows_size_ = 0;
    Rotation rotation_;
    RotationReading reading_;
    std::uint64_t rotation_episode_ = 0;
    Unwind unwind_;
    UnwindReading unwind_reading_;
    std::uint64_t unwind_episode_ = 0;
    EwmaBeta raw_, residual_;
    double r60_btc_ = 0.0;
    double sell_share_ = 0.0;
    double provisional_betas_ = 0.0;
    bool degraded_ = false;
    bool provisional_ = false;
    bool from_bars_ = false;
    Coverage coverage_ = Coverage::Unknown;
    bool off_pending_ = false;  // rotation has just ended: an unwind event of this minute
};

}  // namespace spill
