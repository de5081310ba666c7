#include "core/health_book.hpp"

#include <array>

namespace spill {

const char* health_state(HealthKind kind, std::uint8_t state) noexcept {
    static constexpr std::array<const char*, 3> kLink{"unknown", "live", "stale"};
    static constexpr std::array<const char*, 3> kGap{"none", "open", "filled"};
    static constexpr std::array<const char*, 3> kBaseline{"none", "provisional", "ready"};
    static constexpr std::array<const char*, 3> kVolume{"ok", "suspect_volume", "suspect_volume"};
    static constexpr std::array<const char*, 3> kStatus{"continuous", "halted", "auction"};
    static constexpr std::array<const char*, 3> kSource{"steady", "source_changed", ""};
    static constexpr std::array<const char*, 3> kCorporate{"ok", "suspect_corporate", ""};
    static constexpr std::array<const char*, 4> kGroup{"unknown", "complete", "partial", "dark"};
    switch (kind) {
        case HealthKind::Link: return kLink[state];
        case HealthKind::Gap: return kGap[state];
        case HealthKind::Baseline: return kBaseline[state];
        case HealthKind::Volume: return kVolume[state];
        case HealthKind::Status: return kStatus[state];
        case HealthKind::Source: return kSource[state];
        case HealthKind::Corporate: return kCorporate[state];
        case HealthKind::Group: return kGroup[state];
    }
    return "";
}

HealthBook::HealthBook(const Registry& registry)
    : links_(registry.feeds().size()),
      gaps_(registry.feeds().size()),
      baselines_(registry.feeds().size()),
      volumes_(registry.feeds().size()),
      statuses_(registry.instruments().size()),
      corporates_(registry.instruments().size()),
      groups_(registry.groups().size()),
      group_candidates_(registry.groups().size()),
      group_streaks_(registry.groups().size()) {
    changes_.reserve(registry.feeds().size() + registry.instruments().size() +
                     registry.groups().size());
}

std::optional<HealthChange> HealthBook::edge(HealthKind kind, std::uint8_t& held,
                                             std::uint8_t now) noexcept {
    if (held == now) return std::nullopt;
    HealthChange change;
    change.kind = kind;
    change.prev = held;
    change.state = now;
    held = now;
    return change;
}

std::optional<HealthChange> HealthBook::link(const Feed& feed, bool live) noexcept {
    auto change = edge(HealthKind::Link, links_[feed.id.value], live ? 1 : 2);
    if (!change) return change;
    change->feed = feed.id;
    change->instrument = feed.instrument;
    return change;
}

// Every gap is an edge of its own, also beside another open one.
std::optional<HealthChange> HealthBook::gap(const Feed& feed, const FeedBody& body) noexcept {
    HealthChange change;
    change.kind = HealthKind::Gap;
    change.prev = gaps_[feed.id.value];
    change.state = body.filled != 0 ? 2 : 1;
    gaps_[feed.id.value] = change.state;
    change.feed = feed.id;
    change.instrument = feed.instrument;
    change.gap = body;
    return change;
}

std::optional<HealthChange> HealthBook::status(InstrumentId id, TradingStatus status) noexcept {
    auto change = edge(HealthKind::Status, statuses_[id.value], static_cast<std::uint8_t>(status));
    if (change) change->instrument = id;
    return change;
}

std::optional<HealthChange> HealthBook::source(InstrumentId id, FeedId old_feed,
                                               FeedId feed) noexcept {
    HealthChange change;
    change.kind = HealthKind::Source;
    change.state = 1;
    change.instrument = id;
    change.feed = feed;
    change.old_feed = old_feed;
    return change;
}

std::optional<HealthChange> HealthBook::baseline(const Feed& feed,
                                                 BaselineQuality quality) noexcept {
    auto change =
        edge(HealthKind::Baseline, baselines_[feed.id.value], static_cast<std::uint8_t>(quality));
    if (!change) return change;
    change->feed = feed.id;
    change->instrument = feed.instrument;
    return change;
}

void HealthBook::judge_group(const Books& books, GroupId id) noexcept {
    std::int32_t watched = 0;
    std::int32_t observed = 0;
    for (const Instrument& row : books.registry->instruments()) {
        bool const member = row.group == id || row.parent == id;
        if (!member || row.feeds.empty() || !books.instruments[row.id.value].in_session()) continue;
        ++watched;
        observed += books.observed[row.id.value];
    }
    if (watched == 0) return;
    std::uint8_t const now = observed == watched ? 1 : observed > 0 ? 2 : 3;
    std::int32_t& streak = group_streaks_[id.value];
    streak = group_candidates_[id.value] == now ? streak + 1 : 1;
    group_candidates_[id.value] = now;
    if (streak < kGroupMinutes) return;
    auto change = edge(HealthKind::Group, groups_[id.value], now);
    if (!change) return;
    change->group = id;
    change->watched = watched;
    change->observed = observed;
    changes_.push_back(*change);
}

const std::vector<HealthChange>& HealthBook::close_minute(const Books& books) noexcept {
    changes_.clear();
    for (const FeedBook& book : books.feeds) {
        auto change = edge(HealthKind::Volume, volumes_[book.id().value],
                           static_cast<std::uint8_t>(book.suspicion()));
        if (!change) continue;
        change->feed = book.id();
        change->instrument = books.registry->feed(book.id()).instrument;
        changes_.push_back(*change);
    }
    for (const Instrument& row : books.registry->instruments()) {
        bool const suspect = books.instruments[row.id.value].suspect_corporate();
        auto change = edge(HealthKind::Corporate, corporates_[row.id.value], suspect ? 1 : 0);
        if (!change) continue;
        change->instrument = row.id;
        changes_.push_back(*change);
    }
    for (const Group& group : books.registry->groups()) judge_group(books, group.id);
    return changes_;
}

}  // namespace spill
