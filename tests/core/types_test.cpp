#include "core/types.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include <doctest/doctest.h>

using namespace spill;

// Strong types must not turn into each other or into numbers by accident.
static_assert(!std::is_convertible_v<Price, Quantity>);
static_assert(!std::is_convertible_v<Price, std::int64_t>);
static_assert(!std::is_convertible_v<std::int64_t, Price>);
static_assert(!std::is_convertible_v<Price, double>);
static_assert(!std::is_convertible_v<UnixNanos, std::int64_t>);
static_assert(!std::is_convertible_v<InstrumentId, FeedId>);
static_assert(std::is_trivially_copyable_v<Price> && std::is_trivially_copyable_v<Notional>);
static_assert(sizeof(Price) == 8 && sizeof(FeedId) == 2 && sizeof(VenueId) == 1);

TEST_CASE("a default id names nothing") {
    CHECK_FALSE(InstrumentId{}.valid());
    CHECK_FALSE(FeedId{}.valid());
    CHECK_FALSE(VenueId{}.valid());
    CHECK_FALSE(GroupId{}.valid());
    CHECK(InstrumentId{0}.valid());
    CHECK(FeedId{0}.valid());
    CHECK(VenueId{0}.valid());
    CHECK(GroupId{0}.valid());
}

TEST_CASE("the notional of the largest price and size does not overflow") {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    Notional const largest = notional(Price{kMax}, Quantity{kMax});
    CHECK(largest.attos / kMax == kMax);
    CHECK(largest.attos % kMax == 0);
    CHECK(notional(Price{-2}, Quantity{3}).attos == -6);
}

TEST_CASE("notionals add exactly where doubles do not") {
    // 0.1 + 0.2 in quote currency, as price x 1.
    Notional sum;
    sum += notional(Price{100'000'000}, Quantity{kNanosPerUnit});
    sum += notional(Price{200'000'000}, Quantity{kNanosPerUnit});
    CHECK(sum.attos == notional(Price{300'000'000}, Quantity{kNanosPerUnit}).attos);
    CHECK(sum.to_double() == doctest::Approx(0.3));
}

TEST_CASE("prices and sizes become doubles in units") {
    CHECK(Price{12'500'000'000}.to_double() == 12.5);
    CHECK(Quantity{-250'000'000}.to_double() == -0.25);
    CHECK(notional(Price{2 * kNanosPerUnit}, Quantity{3 * kNanosPerUnit}).to_double() == 6.0);
}

TEST_CASE("a minute holds its start and not its end, before the epoch as well") {
    CHECK(minute_of(UnixNanos{0}) == 0);
    CHECK(minute_of(UnixNanos{kNanosPerMinute - 1}) == 0);
    CHECK(minute_of(UnixNanos{kNanosPerMinute}) == 1);
    CHECK(minute_of(UnixNanos{-1}) == -1);
    CHECK(minute_of(UnixNanos{-kNanosPerMinute}) == -1);
    CHECK(minute_of(UnixNanos{-kNanosPerMinute - 1}) == -2);
    for (std::int64_t const minute : {-61, -1, 0, 1, 29'663'370}) {
        CHECK(minute_of(minute_start(minute)) == minute);
        CHECK(minute_of(UnixNanos{minute_start(minute).ns - 1}) == minute - 1);
    }
}

TEST_CASE("the better of two coverages is the greater") {
    CHECK(std::max(Coverage::SingleVenue, Coverage::Consolidated) == Coverage::Consolidated);
    CHECK(std::max(Coverage::Unknown, Coverage::Delayed) == Coverage::Delayed);
    CHECK(std::max(Coverage::Derivative, Coverage::SingleVenue) == Coverage::SingleVenue);
    CHECK(std::max(Coverage::SingleVenue, Coverage::VenueSum) == Coverage::VenueSum);
}

TEST_CASE("published words of the enums are as documented") {
    CHECK(std::string_view(to_string(Aggressor::Unknown)) == "unknown");
    CHECK(std::string_view(to_string(Aggressor::Buy)) == "buy");
    CHECK(std::string_view(to_string(Aggressor::Sell)) == "sell");
    CHECK(std::string_view(to_string(Coverage::Unknown)) == "unknown");
    CHECK(std::string_view(to_string(Coverage::Delayed)) == "delayed");
    CHECK(std::string_view(to_string(Coverage::Derivative)) == "derivative");
    CHECK(std::string_view(to_string(Coverage::SingleVenue)) == "single_venue");
    CHECK(std::string_view(to_string(Coverage::VenueSum)) == "venue_sum");
    CHECK(std::string_view(to_string(Coverage::Consolidated)) == "consolidated");
    CHECK(std::string_view(to_string(Market::Xnys)) == "XNYS");
    CHECK(std::string_view(to_string(Market::Xkrx)) == "XKRX");
    CHECK(std::string_view(to_string(Market::Utc)) == "UTC");
    CHECK(static_cast<int>(Market::Utc) + 1 == kMarkets);
}
