// The instrument master: who is who, on which venue, under which symbol.
//
// Built once at start-up from the configuration; read-only while the engine runs. Ids are dense
// and follow the order of insertion, which is the processing order of the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

enum class Role : std::uint8_t { Leader, Member, Token, Benchmark };

// A basket of chip stocks or a bucket of tokens. Parents roll up (`semis`, `infra`, `agents`).
struct Group {
    GroupId id;
    std::string name;
    GroupId parent;       // invalid for a top-level group
    bool tokens = false;  // bucket (tokens) or basket (chips)
};

// One place where an instrument can be watched.
struct Feed {
    FeedId id;
    InstrumentId instrument;
    VenueId venue;
    std::string symbol;  // the venue's text, e.g. "TAO/USD"
    Coverage coverage = Coverage::SingleVenue;
    bool trusted = false;  // of the venue; see signals.md 2.6 and its blind spot in 3.2
    // Base units per venue unit, 1e-9: a contract of 0.1 coin has 100'000'000.
    std::int64_t multiplier_e9 = kNanosPerUnit;
};

struct Instrument {
    InstrumentId id;
    std::string name;  // our name: "MU", "TAO", "MU.P" for a perpetual that stands for MU
    Market market = Market::Utc;
    Role role = Role::Member;
    GroupId group;           // invalid for benchmarks
    GroupId parent;          // the roll-up of its group, or the group itself
    std::string label;       // compute, storage, data, oracle; free text for people
    InstrumentId proxy_for;  // valid for a perpetual that stands for a stock
    Price tick{1};
    Quantity lot{1};
    double weight = 1.0;
    std::vector<FeedId> feeds;  // in configuration order: the first of equals leads
};

struct Venue {
    VenueId id;
    std::string name;  // "binance", "bybit-linear"
    bool trusted = false;
};

class Registry {
public:
    // Each adds one row; REQUIRES fields other than the id to be set and references to exist.
    // Errors: Duplicate (name, or the same symbol twice on one venue), InvalidArgument.
    Result<VenueId> add_venue(std::string name, bool trusted);
    Result<GroupId> add_group(std::string name, GroupId parent, bool tokens);
    Result<InstrumentId> add_instrument(Instrument row);
    Result<FeedId> add_feed(Feed row);

    [[nodiscard]] std::span<const Venue> venues() const noexcept { return venues_; }
    [[nodiscard]] std::span<const Group> groups() const noexcept { return groups_; }
    [[nodiscard]] std::span<const Instrument> instruments() const noexcept { return instruments_; }
    [[nodiscard]] std::span<const Feed> feeds() const noexcept { return feeds_; }

    [[nodiscard]] const Venue& venue(VenueId id) const noexcept { return venues_[id.value]; }
    [[nodiscard]] const Group& group(GroupId id) const noexcept { return groups_[id.value]; }
    [[nodiscard]] const Instrument& instrument(InstrumentId id) const noexcept {
        return instruments_[id.value];
    }
    [[nodiscard]] const Feed& feed(FeedId id) const noexcept { return feeds_[id.value]; }

    // nullptr when there is none. Linear in the table: start-up and edges only.
    [[nodiscard]] const Instrument* find_instrument(std::string_view name) const noexcept;
    [[nodiscard]] const Group* find_group(std::string_view name) const noexcept;
    [[nodiscard]] const Venue* find_venue(std::string_view name) const noexcept;

private:
    std::vector<Venue> venues_;
    std::vector<Group> groups_;
    std::vector<Instrument> instruments_;
    std::vector<Feed> feeds_;
};

// Venue symbol -> feed, for one venue: open addressing, no allocation on lookup, O(1).
class SymbolTable {
public:
    // The symbols are copied; `registry` need not outlive the table.
    SymbolTable(const Registry& registry, VenueId venue);

    // Invalid when the symbol is not configured on this venue. Exact, case-sensitive match.
    [[nodiscard]] FeedId find(std::string_view symbol) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Slot {
        std::string symbol;
        FeedId feed;
    };
    std::vector<Slot> slots_;  // power of two, at most half full
    std::size_t size_ = 0;
};

}  // namespace spill
