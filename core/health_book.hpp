// What can be trusted now: per feed, instrument and group, as edges.
//
// Keys: "TAO@binance" (live, stale), "TAO@binance|gap" (open, filled), "TAO@binance|baseline"
// (none, provisional, ready), "TAO@binance|volume" (ok, suspect_volume), "MU|status" (continuous,
// halted, auction), "MU|source" (source_changed), "MU|corporate" (ok, suspect_corporate) and
// "infra" (complete, partial, dark).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/event.hpp"
#include "core/feed_book.hpp"
#include "core/instrument.hpp"
#include "core/instrument_book.hpp"

namespace spill {

enum class HealthKind : std::uint8_t {
    Link,
    Gap,
    Baseline,
    Volume,
    Status,
    Source,
    Corporate,
    Group
};

struct HealthChange {
    HealthKind kind = HealthKind::Link;
    std::uint8_t state = 0;  // see health_state
    std::uint8_t prev = 0;
    InstrumentId instrument;  // of all but Group
    FeedId feed;              // of Link, Gap, Baseline, Volume; of Source the new one
    FeedId old_feed;          // of Source
    GroupId group;            // of Group
    FeedBody gap{};           // of Gap
    std::int32_t watched = 0, observed = 0;  // of Group: members in session, and seen
};

// The word for a state of a kind, a literal.
[[nodiscard]] const char* health_state(HealthKind kind, std::uint8_t state) noexcept;

class HealthBook {
public:
    static constexpr std::int32_t kGroupMinutes = 5;

    explicit HealthBook(const Registry& registry);

    // Each returns the edge, or nothing when the state is the same.
    std::optional<HealthChange> link(const Feed& feed, bool live) noexcept;
    std::optional<HealthChange> gap(const Feed& feed, const FeedBody& body) noexcept;
    std::optional<HealthChange> status(InstrumentId id, TradingStatus status) noexcept;
    std::optional<HealthChange> source(InstrumentId id, FeedId old_feed, FeedId feed) noexcept;
    // After a session's roll.
    std::optional<HealthChange> baseline(const Feed& feed, BaselineQuality quality) noexcept;
    // Once a minute: volumes, corporate actions, groups. `observed` tells by InstrumentId whether
    // the leading feed was observed; a group changes when the same other state has lasted
    // kGroupMinutes. The result is valid until the next call.
    struct Books {
        const Registry* registry = nullptr;
        std::span<const InstrumentBook> instruments;  // by InstrumentId
        std::span<const FeedBook> feeds;
        std::span<const std::uint8_t> observed;
    };
    const std::vector<HealthChange>& close_minute(const Books& books) noexcept;

    template <class A>
    void archive(A& a) {
        a(links_, gaps_, baselines_, volumes_, statuses_, corporates_, groups_);
        a(group_candidates_, group_streaks_);
    }

private:
    void judge_group(const Books& books, GroupId id) noexcept;
    [[nodiscard]] static std::optional<HealthChange> edge(HealthKind kind, std::uint8_t& held,
                                                          std::uint8_t now) noexcept;

    // The last published state of each; 0 = nothing published yet or the resting state.
    std::vector<std::uint8_t> links_, gaps_, baselines_, volumes_;  // by FeedId
    std::vector<std::uint8_t> statuses_, corporates_;               // by InstrumentId
    std::vector<std::uint8_t> groups_;                              // by GroupId
    std::vector<std::uint8_t> group_candidates_;                    // the state that would be next
    std::vector<std::int32_t> group_streaks_;                       // minutes for which it has been
    std::vector<HealthChange> changes_;
};

}  // namespace spill
