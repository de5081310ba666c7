#include "core/event.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <doctest/doctest.h>

using namespace spill;

// The tape stores events as their bytes: a moved field would make old tapes unreadable.
static_assert(sizeof(Event) == 64 && alignof(Event) == 64);
static_assert(offsetof(Event, ts_event) == 0);
static_assert(offsetof(Event, ts_recv) == 8);
static_assert(offsetof(Event, instrument) == 16);
static_assert(offsetof(Event, feed) == 20);
static_assert(offsetof(Event, kind) == 22);
static_assert(offsetof(Event, aux) == 23);
static_assert(offsetof(Event, trade) == 24);
static_assert(offsetof(Event, corporate) == 24);
static_assert(sizeof(BarBody) == 40);
static_assert(std::endian::native == std::endian::little);

TEST_CASE("every trade flag is a bit of its own") {
    constexpr std::array kFlags{trade_flag::kOpenAuction, trade_flag::kCloseAuction,
                                trade_flag::kOddLot,      trade_flag::kLateReport,
                                trade_flag::kCancel,      trade_flag::kBlock,
                                trade_flag::kDerived,     trade_flag::kBackfill,
                                trade_flag::kNoPrice,     trade_flag::kNoVolume};
    std::uint32_t seen = 0;
    for (std::uint32_t const flag : kFlags) {
        CHECK(std::popcount(flag) == 1);
        CHECK((seen & flag) == 0U);
        seen |= flag;
    }
}

TEST_CASE("a clock event carries its time twice and names nobody") {
    Event const event = clock_event(UnixNanos{1'779'802'200'000'000'000});
    CHECK(event.kind == EventKind::Clock);
    CHECK(event.ts_event == UnixNanos{1'779'802'200'000'000'000});
    CHECK(event.ts_recv == event.ts_event);
    CHECK_FALSE(event.instrument.valid());
    CHECK_FALSE(event.feed.valid());
    CHECK(event.aux == 0);
}

TEST_CASE("two clock events of one time are equal byte for byte") {
    // The tape is compared as bytes; nothing indeterminate may be in them.
    std::array<std::byte, sizeof(Event)> first;
    std::array<std::byte, sizeof(Event)> second;
    Event const a = clock_event(UnixNanos{5});
    Event const b = clock_event(UnixNanos{5});
    std::memcpy(first.data(), &a, sizeof a);
    std::memcpy(second.data(), &b, sizeof b);
    CHECK(first == second);
}

TEST_CASE("an event survives a copy through bytes") {
    Event event{};
    event.kind = EventKind::Trade;
    event.aux = static_cast<std::uint8_t>(Aggressor::Sell);
    event.instrument = InstrumentId{7};
    event.feed = FeedId{3};
    event.trade = TradeBody{.price = Price{1},
                            .size = Quantity{2},
                            .trade_id = 0xFFFF'FFFF'FFFF'FFFF,
                            .flags = trade_flag::kOddLot,
                            .fill_count = 4};
    std::array<std::byte, sizeof(Event)> bytes;
    std::memcpy(bytes.data(), &event, sizeof event);
    Event copy{};
    std::memcpy(static_cast<void*>(&copy), bytes.data(), sizeof copy);
    CHECK(copy.trade.price == Price{1});
    CHECK(copy.trade.size == Quantity{2});
    CHECK(copy.trade.trade_id == 0xFFFF'FFFF'FFFF'FFFF);
    CHECK(copy.trade.flags == trade_flag::kOddLot);
    CHECK(copy.trade.fill_count == 4);
    CHECK(static_cast<Aggressor>(copy.aux) == Aggressor::Sell);
    CHECK(copy.instrument == InstrumentId{7});
    CHECK(copy.feed == FeedId{3});
}
