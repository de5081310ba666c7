#include "core/basket_book.hpp"

#include <array>
#include <optional>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

constexpr int kToday = 12;

// Three memory stocks, the last of them watched by its perpetual only, and one of another basket.
struct Baskets {
    Baskets() : rig(make(*this)) {
        prices.fill(100.5);
        for (std::size_t i = 0; i < feeds.size(); ++i) {
            rig.script(feeds[i], [this, i](Moment now) -> std::optional<Print> {
                if (now.day < kToday) return wave(Wave{}, now.index);
                if (prices[i] == 0.0) return std::nullopt;
                return Print{prices[i], 400.0};
            });
        }
        rig.run(Market::Xnys, {0, 0}, {kToday - 1, kStockMinutes + 2});
        rig.forget();
    }
    static World make(Baskets& self) {
        World world;
        VenueId const venue = world.venue("sip");
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        GroupId const gpu = world.group("gpu", semis);
        InstrumentId const mu = world.instrument({.name = "MU", .group = memory});
        InstrumentId const wdc = world.instrument({.name = "WDC", .group = memory});
        InstrumentId const stx = world.instrument({.name = "STX", .group = memory});
        InstrumentId const perp =
            world.instrument({.name = "STX.P", .group = memory, .proxy_for = stx});
        InstrumentId const nvda = world.instrument({.name = "NVDA", .group = gpu});
        self.feeds = {world.feed(mu, venue), world.feed(wdc, venue),
                      world.feed(perp, venue, Coverage::Derivative), world.feed(nvda, venue)};
        return world;
    }
    void play(int from, int to) { rig.run(Market::Xnys, {kToday, from}, {kToday, to}); }
    [[nodiscard]] const BasketBook& basket(std::size_t i) const {
        return rig.engine().groups().baskets()[i];
    }
    std::array<FeedId, 4> feeds;
    std::array<double, 4> prices{};
    Rig rig;
};

}  // namespace

TEST_CASE("a stock without a feed is stood for by its perpetual, and counts once") {
    Baskets all;
    CHECK(all.basket(0).members() == 4);
    CHECK(all.basket(1).members() == 3);
    all.play(0, 12);
    CHECK(all.basket(0).reading().n == 4);
    CHECK(all.basket(1).reading().n == 3);
}

TEST_CASE("nothing is judged before the tenth minute") {
    Baskets all;
    all.play(0, 9);
    CHECK(all.basket(1).reading().n == 0);
    all.play(9, 10);
    CHECK(all.basket(1).reading().n == 3);
}

TEST_CASE("a member whose last trade is more than five minutes old is not eligible") {
    Baskets all;
    all.play(0, 20);
    all.prices[0] = 0.0;
    all.play(20, 25);
    CHECK(all.basket(1).reading().n == 3);
    all.play(25, 26);
    CHECK(all.basket(1).reading().n < 3);
    CHECK(all.basket(0).reading().n == 3);
}

TEST_CASE("a halted member is not eligible while the halt lasts") {
    Baskets all;
    all.play(0, 20);
    all.rig.status(all.feeds[3], all.rig.at(Market::Xnys, {kToday, 20}), TradingStatus::Halted);
    all.play(20, 21);
    CHECK(all.basket(0).reading().n == 3);
    all.rig.status(all.feeds[3], all.rig.at(Market::Xnys, {kToday, 21}), TradingStatus::Continuous);
    all.play(21, 22);
    CHECK(all.basket(0).reading().n == 4);
}

TEST_CASE("without a benchmark the move itself is the excess") {
    Baskets all;
    all.play(0, 12);
    CHECK_FALSE(all.basket(0).reading().excess_atr.has_value());
    CHECK(*all.basket(0).excess() == all.basket(0).reading().move_atr);
    CHECK(*all.basket(0).excess() == doctest::Approx(0.25));  // half a point of an ATR of two
}

TEST_CASE("memory's lead over its siblings is said with the change, and kept from day to day") {
    Baskets all;
    all.play(0, 12);
    all.prices = {101.1, 101.1, 101.1, 100.5};
    all.play(12, kStockMinutes);
    const Signal* const up = all.rig.find("memory@XNYS", "broad_up");
    REQUIRE(up != nullptr);
    CHECK(number(*up, "lead") == doctest::Approx((1.1 - 0.5) / 2.0));
    CHECK(up->evidence.find("lead_5") != nullptr);
    CHECK(up->evidence.find("lead_6") == nullptr);
    CHECK(up->provisional);
    const Signal* const semis = all.rig.find("semis@XNYS", "broad_up");
    REQUIRE(semis != nullptr);
    CHECK(semis->evidence.find("lead") == nullptr);
}

TEST_CASE("a session starts as insufficient and its first change is from there") {
    Baskets all;
    all.play(0, 5);
    all.prices.fill(101.1);
    all.play(5, 40);
    CHECK(all.basket(0).state() == ParticipationState::BroadUp);
    all.rig.run(Market::Xnys, {kToday, 40}, {kToday + 1, 5});
    CHECK(all.basket(0).state() == ParticipationState::Insufficient);
    const Signal* const up = all.rig.find("semis@XNYS", "broad_up");
    REQUIRE(up != nullptr);
    CHECK(std::string_view(up->prev) == "insufficient");
}
