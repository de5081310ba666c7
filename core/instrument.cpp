#include "core/instrument.hpp"

#include <algorithm>
#include <utility>

namespace spill {
namespace {

constexpr std::size_t kMaxVenues = 0xFF;
constexpr std::size_t kMaxGroups = 0xFFFF;
constexpr std::size_t kMaxFeeds = 0xFFFF;

template <class Row>
const Row* find_by_name(std::span<const Row> rows, std::string_view name) noexcept {
    auto const it = std::ranges::find_if(rows, [&](const Row& row) { return row.name == name; });
    return it == rows.end() ? nullptr : &*it;
}

// FNV-1a: stable over runs and machines, good enough for tens of short symbols.
std::uint64_t hash_of(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char const c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

}  // namespace

Result<VenueId> Registry::add_venue(std::string name, bool trusted) {
    if (name.empty()) return fail(Errc::InvalidArgument, "a venue needs a name");
    if (find_venue(name) != nullptr)
        return fail(Errc::Duplicate, "venue " + name + " is there twice");
    if (venues_.size() >= kMaxVenues) return fail(Errc::OutOfRange, "more than 255 venues");
    VenueId const id{static_cast<std::uint8_t>(venues_.size())};
    venues_.push_back(Venue{id, std::move(name), trusted});
    return id;
}

Result<GroupId> Registry::add_group(std::string name, GroupId parent, bool tokens) {
    if (name.empty()) return fail(Errc::InvalidArgument, "a group needs a name");
    if (find_group(name) != nullptr)
        return fail(Errc::Duplicate, "group " + name + " is there twice");
    if (groups_.size() >= kMaxGroups) return fail(Errc::OutOfRange, "more than 65535 groups");
    if (parent.valid() && parent.value >= groups_.size()) {
        return fail(Errc::NotFound, "the parent of group " + name + " does not exist");
    }
    GroupId const id{static_cast<std::uint16_t>(groups_.size())};
    groups_.push_back(Group{id, std::move(name), parent, tokens});
    return id;
}

Result<InstrumentId> Registry::add_instrument(Instrument row) {
    if (row.name.empty()) return fail(Errc::InvalidArgument, "an instrument needs a name");
    if (find_instrument(row.name) != nullptr) {
        return fail(Errc::Duplicate, "instrument " + row.name + " is there twice");
    }
    if (row.group.valid() && row.group.value >= groups_.size()) {
        return fail(Errc::NotFound, "the group of " + row.name + " does not exist");
    }
    if (row.proxy_for.valid() && row.proxy_for.value >= instruments_.size()) {
        return fail(Errc::NotFound, "what " + row.name + " stands for does not exist");
    }
    if (row.tick.nanos <= 0 || row.lot.nanos <= 0) {
        return fail(Errc::OutOfRange, "tick and lot of " + row.name + " must be positive");
    }
    row.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size())};
    if (row.group.valid()) {
        GroupId const parent = group(row.group).parent;
        row.parent = parent.valid() ? parent : row.group;
    }
    row.feeds.clear();
    instruments_.push_back(std::move(row));
    return instruments_.back().id;
}

Result<FeedId> Registry::add_feed(Feed row) {
    if (row.instrument.value >= instruments_.size() || row.venue.value >= venues_.size()) {
        return fail(Errc::NotFound, "feed " + row.symbol + " names no known instrument or venue");
    }
    if (row.symbol.empty()) return fail(Errc::InvalidArgument, "a feed needs the venue's symbol");
    if (row.multiplier_e9 <= 0) {
        return fail(Errc::OutOfRange, "the multiplier of " + row.symbol + " must be positive");
    }
    bool const taken = std::ranges::any_of(feeds_, [&](const Feed& feed) {
        return feed.venue == row.venue && feed.symbol == row.symbol;
    });
    if (taken) {
        return fail(Errc::Duplicate,
                    "symbol " + row.symbol + " is there twice on " + venue(row.venue).name);
    }
    if (feeds_.size() >= kMaxFeeds) return fail(Errc::OutOfRange, "more than 65535 feeds");
    row.id = FeedId{static_cast<std::uint16_t>(feeds_.size())};
    row.trusted = venue(row.venue).trusted;
    instruments_[row.instrument.value].feeds.push_back(row.id);
    feeds_.push_back(std::move(row));
    return feeds_.back().id;
}

const Instrument* Registry::find_instrument(std::string_view name) const noexcept {
    return find_by_name(instruments(), name);
}
const Group* Registry::find_group(std::string_view name) const noexcept {
    return find_by_name(groups(), name);
}
const Venue* Registry::find_venue(std::string_view name) const noexcept {
    return find_by_name(venues(), name);
}

SymbolTable::SymbolTable(const Registry& registry, VenueId venue) {
    for (const Feed& feed : registry.feeds()) {
        if (feed.venue == venue) ++size_;
    }
    std::size_t capacity = 8;
    while (capacity < 2 * size_) capacity *= 2;
    slots_.resize(capacity);
    for (const Feed& feed : registry.feeds()) {
        if (feed.venue != venue) continue;
        std::size_t at = hash_of(feed.symbol) & (capacity - 1);
        while (slots_[at].feed.valid()) at = (at + 1) & (capacity - 1);
        slots_[at] = Slot{feed.symbol, feed.id};
    }
}

FeedId SymbolTable::find(std::string_view symbol) const noexcept {
    std::size_t const mask = slots_.size() - 1;
    for (std::size_t at = hash_of(symbol) & mask; slots_[at].feed.valid(); at = (at + 1) & mask) {
        if (slots_[at].symbol == symbol) return slots_[at].feed;
    }
    return FeedId{};
}

}  // namespace spill
