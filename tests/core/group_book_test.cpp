#include "core/group_book.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

constexpr int kToday = 16;  // a Wednesday

// Three chips, BTC and three tokens; the chips' and the tokens' price of today is set by the test.
struct Whole {
    Whole() : rig(make(*this)) {
        for (FeedId const feed : chips) {
            rig.script(feed, [this](Moment now) {
                if (now.day < kToday) return wave(Wave{}, now.index);
                return Print{chip_price, chip_volume};
            });
        }
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            rig.script(tokens[i], [this, i](Moment now) {
                double const step = (now.index % 2 == 0 ? 0.5 : -0.5) * 0.001;
                double const lift = i == 0 || now.day < kToday ? 0.0 : token_lift;
                return Print{100.0 * (1.0 + step + lift), 90.0};
            });
        }
        rig.run_days(0, kToday - 1);
        rig.forget();
    }
    static World make(Whole& self) {
        World world;
        VenueId const sip = world.venue("sip");
        VenueId const kraken = world.venue("kraken", true);
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        GroupId const gpu = world.group("gpu", semis);
        GroupId const infra = world.group("infra", GroupId{}, true);
        constexpr std::array<const char*, 3> names{"MU", "WDC", "NVDA"};
        for (std::size_t i = 0; i < 3; ++i) {
            self.chips[i] = world.feed(
                world.instrument({.name = names[i], .group = i == 2 ? gpu : memory}), sip);
        }
        self.tokens[0] = world.feed(
            world.instrument({.name = "BTC", .market = Market::Utc, .role = Role::Benchmark}),
            kraken);
        constexpr std::array<const char*, 3> coins{"TAO", "FIL", "ICP"};
        for (std::size_t i = 0; i < 3; ++i) {
            self.tokens[i + 1] = world.feed(
                world.instrument(
                    {.name = coins[i], .market = Market::Utc, .role = Role::Token, .group = infra}),
                kraken);
        }
        return world;
    }
    void play(int from, int to) { rig.run(Market::Xnys, {kToday, from}, {kToday, to}); }
    [[nodiscard]] const GroupBook& groups() const { return rig.engine().groups(); }

    std::array<FeedId, 3> chips;
    std::array<FeedId, 4> tokens;
    double chip_price = 100.5, chip_volume = 300.0, token_lift = 0.0;
    Rig rig;
};

}  // namespace

TEST_CASE("there is a basket for every group with chips on a market, and a bucket on top") {
    Whole whole;
    const Registry& registry = whole.rig.engine().registry();
    std::vector<std::string> baskets;
    for (const BasketBook& basket : whole.groups().baskets()) {
        CHECK(basket.market() == Market::Xnys);
        baskets.push_back(registry.group(basket.group()).name);
    }
    CHECK(baskets == std::vector<std::string>{"semis", "memory", "gpu"});
    CHECK(whole.groups().baskets()[0].members() == 3);
    REQUIRE(whole.groups().buckets().size() == 1);
    CHECK(whole.groups().buckets()[0].members() == 3);
}

TEST_CASE("a basket is broad up when its members rise on volume, small ones are insufficient") {
    Whole whole;
    whole.play(0, 5);
    whole.chip_price = 101.5;
    whole.chip_volume = 480.0;
    whole.play(5, 13);
    CHECK(whole.rig.path("semis@XNYS").empty());
    whole.play(13, 40);
    CHECK(whole.rig.path("semis@XNYS") == "broad_up");
    CHECK(whole.rig.path("memory@XNYS").empty());
    CHECK(whole.rig.path("gpu@XNYS").empty());
    const Signal& up = *whole.rig.find("semis@XNYS", "broad_up");
    CHECK(number(up, "n") == 3);
    CHECK(number(up, "breadth_up") == 1.0);
    CHECK(number(up, "n_eff_up") == doctest::Approx(3.0));
    CHECK(up.coverage == Coverage::Consolidated);
    CHECK(whole.rig.minute(Market::Xnys, "semis@XNYS", "broad_up") == 13);
}

TEST_CASE("a leader that broke out and its group make a theme; its failure turns it around") {
    Whole whole;
    whole.play(0, 10);
    whole.chip_price = 101.5;
    whole.chip_volume = 480.0;
    whole.play(10, 60);
    CHECK(whole.groups().theme().theme(Market::Xnys) == Theme::Up);
    CHECK(whole.groups().buckets()[0].level() == 0);
    whole.chip_price = 99.7;
    whole.play(60, 90);
    CHECK(whole.rig.count("MU|PD|up", "failed") == 1);
    CHECK(whole.groups().theme().theme(Market::Xnys) == Theme::Down);
    CHECK(whole.groups().buckets()[0].level() >= 1);
    CHECK(whole.rig.path("infra").find("watch") != std::string::npos);
}

TEST_CASE("within a minute breakouts come before baskets, baskets before buckets, health last") {
    Whole whole;
    whole.play(0, 10);
    whole.chip_price = 101.5;
    whole.chip_volume = 480.0;
    whole.play(10, 60);
    whole.chip_price = 98.0;
    whole.play(60, kStockMinutes);
    auto const rank = [](SignalType type) {
        switch (type) {
            case SignalType::Breakout: return 0;
            case SignalType::Volume: return 1;
            case SignalType::Participation: return 2;
            case SignalType::Rotation: return 3;
            case SignalType::Unwind: return 4;
            case SignalType::Health: return 5;
        }
        return 5;
    };
    int last = 0;
    std::uint64_t cause = 0;
    std::vector<bool> seen(6);
    for (const Signal& signal : whole.rig.signals()) {
        int const now = rank(signal.type);
        if (signal.cause_seq == cause) CHECK(now >= last);
        cause = signal.cause_seq;
        last = now;
        seen[static_cast<std::size_t>(now)] = true;
    }
    CHECK(seen[0]);
    CHECK(seen[2]);
    CHECK(seen[4]);
}

TEST_CASE("tokens that rise without volume of their own are no rotation") {
    Whole whole;
    whole.play(0, 60);
    for (int m = 60; m < 200; ++m) {
        whole.token_lift = 0.0004 * (m - 59);
        whole.play(m, m + 1);
    }
    const RotationReading& reading = whole.groups().buckets()[0].reading();
    CHECK(reading.n == 3);
    CHECK(reading.breadth == 1.0);
    CHECK(reading.median_rel > 0.01);
    CHECK(reading.real == 0);
    CHECK_FALSE(whole.groups().buckets()[0].on());
    CHECK(whole.rig.count("infra", "on") == 0);
}

TEST_CASE("returns are taken every five minutes and never over the night") {
    Whole whole;
    InstrumentId const mu{0};
    whole.play(0, 5);
    CHECK_FALSE(whole.groups().returns().last(mu).has_value());
    whole.chip_price = 100.6;
    whole.play(5, 9);
    CHECK_FALSE(whole.groups().returns().last(mu).has_value());
    whole.play(9, 10);
    CHECK(*whole.groups().returns().last(mu) == doctest::Approx(std::log(100.6 / 100.5)));
}
