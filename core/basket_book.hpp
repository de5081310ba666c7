// Baskets of chip stocks: participation per basket and market, and the theme of each market.
//
// A stock that has no live feed of its own is stood for by its perpetual. Markets are never mixed:
// American and Korean members trade in disjoint hours.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/feed_book.hpp"
#include "core/instrument.hpp"
#include "core/instrument_book.hpp"
#include "core/params.hpp"
#include "core/participation.hpp"
#include "core/return_book.hpp"
#include "core/rotation.hpp"

namespace spill {

// The engine's state as the group rules read it.
struct MarketView {
    const Registry* registry = nullptr;
    std::span<const InstrumentBook> instruments;  // by InstrumentId
    std::span<const FeedBook> feeds;
    std::span<const std::uint32_t> lead_feed;  // by InstrumentId: index into feeds
    const ReturnBook* returns = nullptr;
    std::int64_t minute = 0;                     // being closed
    std::array<std::int32_t, kMarkets> index{};  // minutes since the open, -1 = not in session
};

struct ParticipationChange {
    ParticipationEdge edge;
    ParticipationReading reading;
    GroupId group;
    Market market = Market::Xnys;
    Coverage coverage = Coverage::Unknown;
    bool provisional = false;
    bool degraded = false;  // a member rests on a minute with an unfilled gap
    bool from_bars = false;
    std::uint64_t episode = 0;
    // Memory leadership (signals.md 2.16): move of this basket minus that of the rest of its
    // parent, now and at the last five session closes (oldest first). Only for baskets named
    // "memory".
    std::optional<double> lead;
    std::array<double, 5> lead_path{};
    std::size_t lead_path_size = 0;
};

// One basket on one market.
class BasketBook {
public:
    BasketBook(const Registry& registry, GroupId group, Market market, const Params& params);

    [[nodiscard]] GroupId group() const noexcept { return group_; }
    [[nodiscard]] Market market() const noexcept { return market_; }
    [[nodiscard]] std::size_t members() const noexcept { return slots_.size(); }

    void open_session() noexcept;
    void close_session() noexcept;
    // One closed minute of the market's session.
    std::optional<ParticipationChange> close_minute(const MarketView& view,
                                                    EpisodeCounter& episodes) noexcept;

    [[nodiscard]] ParticipationState state() const noexcept { return machine_.state(); }
    [[nodiscard]] const ParticipationReading& reading() const noexcept { return reading_; }
    // excess_atr; the plain move where the market has no benchmark; none when unknown.
    [[nodiscard]] std::optional<double> excess() const noexcept;
    // For the memory basket: minutes' mean move of the parent without this basket.
    void set_rest(std::optional<double> move) noexcept { rest_ = move; }
    // Mean move in ATR and number of the eligible members of `group` in the last minute.
    struct Part {
        double sum = 0.0;
        std::int32_t n = 0;
    };
    [[nodiscard]] Part part_of(GroupId group) const noexcept;

    template <class A>
    void archive(A& a) {
        a(members_, machine_, reading_, episode_, rest_, path_);
        a.bounded(path_size_, path_.size());
    }

private:
    // A stock and what may stand for it, best first.
    struct Slot {
        GroupId group;
        std::array<InstrumentId, 4> candidates{};
        std::size_t size = 0;
    };
    [[nodiscard]] ParticipationMember member(const MarketView& view, const Slot& slot,
                                             InstrumentId& chosen) const noexcept;

    GroupId group_;
    Market market_;
    const Params* params_;
    bool memory_ = false;
    bool has_benchmark_ = false;
    std::vector<Slot> slots_;
    std::vector<ParticipationMember> members_;
    std::vector<InstrumentId> chosen_;
    Participation machine_;
    ParticipationReading reading_;
    std::uint64_t episode_ = 0;
    std::optional<double> rest_;
    std::array<double, 5> path_{};
    std::size_t path_size_ = 0;
};

}  // namespace spill
