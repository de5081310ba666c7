// Everything that is judged over many instruments, in the order of the specification:
// participation by group then market, theme, rotation, unwind.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/basket_book.hpp"
#include "core/bucket_book.hpp"
#include "core/return_book.hpp"
#include "core/theme_book.hpp"

namespace spill {

// What a minute's group rules have changed. At most one row a book and rule.
struct GroupChanges {
    std::vector<ParticipationChange> participation;
    std::vector<RotationChange> rotation;
    std::vector<UnwindChange> unwind;
    void clear() noexcept {
        participation.clear();
        rotation.clear();
        unwind.clear();
    }
};

class GroupBook {
public:
    GroupBook(const Registry& registry, const Params& params);

    void open_session(Market market, UnixNanos open) noexcept;
    void close_session(Market market, UnixNanos close) noexcept;
    void forget_return(InstrumentId id) noexcept { returns_.forget(id); }
    // Every transition of a chip's breakout, as it happens.
    void on_breakout(UnixNanos at, const Instrument& chip, const BreakoutChange& change) noexcept;

    struct Tokens {
        std::span<const TokenBook> books;
        std::span<const std::int32_t> of;  // instrument -> index into books
    };
    // One closed minute, after all instruments and tokens. `observed` tells by InstrumentId
    // whether the leading feed was observed. The result is valid until the next call.
    const GroupChanges& close_minute(MarketView view, const Tokens& tokens,
                                     std::span<const std::uint8_t> observed,
                                     EpisodeCounter& episodes) noexcept;

    [[nodiscard]] std::span<const BasketBook> baskets() const noexcept { return baskets_; }
    [[nodiscard]] std::span<const BucketBook> buckets() const noexcept { return buckets_; }
    [[nodiscard]] const ThemeBook& theme() const noexcept { return theme_; }
    [[nodiscard]] const ReturnBook& returns() const noexcept { return returns_; }

    template <class A>
    void archive(A& a) {
        a(returns_, baskets_, theme_, buckets_);
    }

private:
    void step_returns(const MarketView& view, std::span<const std::uint8_t> observed) noexcept;
    void close_baskets(const MarketView& view, EpisodeCounter& episodes) noexcept;
    void update_memory_rest(const MarketView& view) noexcept;

    const Registry* registry_;
    ReturnBook returns_;
    std::vector<BasketBook> baskets_;  // by group id, then market
    ThemeBook theme_;
    std::vector<BucketBook> buckets_;  // by group id
    InstrumentId btc_;
    std::vector<std::uint32_t> chips_;  // instruments of baskets that are watched
    std::optional<double> chips_return_, chips_residual_;
    GroupChanges changes_;
};

}  // namespace spill
