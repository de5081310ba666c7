// The five-minute story through the whole engine: leaders break, the group follows, tokens trade,
// the bucket rotates, leaders fail and it unwinds.
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/engine.hpp"
#include "tests/support/engine_worlds.hpp"

using namespace spill;
using namespace spill::support;

namespace {

// Five chips of which NVDA is seen only through its perpetual, SPY, three tokens on two venues and
// BTC. The chips' 21 ordinary sessions end at 100; yesterday's high is 101, the ATR 2. Today is a
// Monday; the American session is minutes 810 to 1199 of it.
constexpr int kToday = 21;
constexpr int kOpen = 810;

class Story {
public:
    Story() : rig(world_of(*this)) {
        for (auto const& [name, feed] : feeds) {
            std::string const chip = name;
            rig.script(feed, [this, chip](Moment now) { return print(chip, now); });
        }
        if (history().empty()) {
            rig.run_days(0, kToday - 1);
            rig.engine().snapshot(history());
        } else {
            rig.restore(history());
        }
        rig.forget();
        for (const char* const name : {"MU", "WDC", "STX", "NVDA.P", "AMD"}) set(name, 100.2);
    }
    // From now on: the price of a chip, or the drift of a token per minute, and the volume.
    void set(const std::string& name, double price, double factor = 1.0) {
        now_[name] = {price, factor};
    }
    void tokens(double drift, double factor) {
        for (const char* const name : {"TAO", "RENDER", "AKT"}) set(name, drift, factor);
    }
    void silence(const std::string& name) { now_[name] = {0.0, 0.0}; }
    // Until that minute of today, UTC.
    void until(int minute) {
        rig.run(Market::Utc, {kToday, at_}, {kToday, minute});
        at_ = minute;
    }
    [[nodiscard]] int minute(std::string_view key, std::string_view state) const {
        return rig.minute(Market::Utc, key, state);
    }
    [[nodiscard]] const BasketBook& basket(std::string_view name) const {
        for (const BasketBook& book : rig.engine().groups().baskets()) {
            if (rig.world().registry.group(book.group()).name == name) return book;
        }
        FAIL("no such basket");
        return rig.engine().groups().baskets().front();
    }

    std::map<std::string, FeedId> feeds;  // "TAO", "TAO2" for the second venue
    Rig rig;

private:
    struct Course {
        double price = 0.0;  // of a chip; a token's drift per minute
        double factor = 1.0;
    };
    static std::vector<std::byte>& history() {
        static std::vector<std::byte> bytes;
        return bytes;
    }
    static World world_of(Story& self) {
        World world;
        VenueId const sip = world.venue("sip");
        VenueId const perp = world.venue("perp");
        VenueId const kraken = world.venue("kraken", true);
        VenueId const binance = world.venue("binance");
        GroupId const semis = world.group("semis");
        GroupId const memory = world.group("memory", semis);
        GroupId const gpu = world.group("gpu", semis);
        GroupId const infra = world.group("infra", GroupId{}, true);
        auto const chip = [&](const char* name, Role role, GroupId group) {
            InstrumentId const id = world.instrument({.name = name, .role = role, .group = group});
            if (std::string_view(name) != "NVDA") self.feeds[name] = world.feed(id, sip);
            return id;
        };
        chip("MU", Role::Leader, memory);
        chip("WDC", Role::Member, memory);
        chip("STX", Role::Member, memory);
        InstrumentId const nvda = chip("NVDA", Role::Leader, gpu);
        chip("AMD", Role::Member, gpu);
        chip("SPY", Role::Benchmark, GroupId{});
        InstrumentId const stand_in = world.instrument(
            {.name = "NVDA.P", .role = Role::Leader, .group = gpu, .proxy_for = nvda});
        self.feeds["NVDA.P"] = world.feed(stand_in, perp, Coverage::Derivative);
        for (const char* const name : {"TAO", "RENDER", "AKT", "BTC"}) {
            bool const btc = std::string_view(name) == "BTC";
            InstrumentId const id = world.instrument({.name = name,
                                                      .market = Market::Utc,
                                                      .role = btc ? Role::Benchmark : Role::Token,
                                                      .group = btc ? GroupId{} : infra});
            self.feeds[name] = world.feed(id, kraken, Coverage::SingleVenue);
            if (!btc) {
                self.feeds[std::string(name) + "2"] =
                    world.feed(id, binance, Coverage::SingleVenue);
            }
        }
        return world;
    }
    std::optional<Print> print(const std::string& feed, Moment now) {
        bool const second = feed.back() == '2';
        std::string const name = second ? feed.substr(0, feed.size() - 1) : feed;
        bool const today = now.day == kToday;
        bool const token = name == "TAO" || name == "RENDER" || name == "AKT" || name == "BTC";
        if (token) return token_print(name, second, now);
        if (name == "SPY") {
            return today ? Print{500.0, 300.0}
                         : wave({.base = 500.0, .high = 502.0, .low = 498.0}, now.index);
        }
        if (!today) return wave({}, now.index);
        Course const course = now_[name];
        if (course.factor == 0.0) return std::nullopt;
        return Print{course.price, 300.0 * course.factor};
    }
    std::optional<Print> token_print(const std::string& name, bool second, Moment now) {
        Course const course = now.day == kToday ? now_[name] : Course{};
        double& log_price = log_[name];
        if (!second && now.day == kToday) log_price += course.price;  // the first venue leads
        double const wide = now.index % 97 == 0 ? 0.004 : 0.001;
        double const swing = wide * std::sqrt(std::max(course.factor, 1.0));
        double const step = (now.index % 2 == 0 ? 0.5 : -0.5) * swing;
        return Print{100.0 * std::exp(log_price) * (1.0 + step), 100.0 * course.factor};
    }

    std::map<std::string, Course> now_;
    std::map<std::string, double> log_;
    int at_ = 0;
};

// The leader MU breaks out and its group follows; broad and confirmed by minute 840.
void chips_break_out(Story& story) {
    story.until(kOpen + 8);
    for (const char* const name : {"WDC", "STX", "NVDA.P", "AMD"}) story.set(name, 100.9, 1.3);
    story.set("MU", 101.6, 2.2);
    story.until(kOpen + 30);
}

// All tokens rise on six times the volume for an hour and a half.
void tokens_rise(Story& story, int minutes = 90) {
    story.tokens(0.0004, 6.0);
    story.until(kOpen + 30 + minutes);
}

std::string crosses(const Rig& rig) {
    std::string out;
    for (const Signal& signal : rig.signals()) {
        if (signal.type != SignalType::Rotation) continue;
        if (!out.empty()) out += ' ';
        out += std::string(signal.prev) + ">" + signal.state + ":";
        out += words(signal, "cross");
    }
    return out;
}

}  // namespace

TEST_CASE("the group follows: a perpetual stands for the stock that nobody watches") {
    Story story;
    chips_break_out(story);
    CHECK(story.rig.path("semis@XNYS") == "broad_up");
    CHECK(story.rig.path("memory@XNYS") == "broad_up");
    CHECK(story.rig.path("gpu@XNYS").empty());  // two members
    const Signal& broad = *story.rig.find("semis@XNYS", "broad_up");
    CHECK(number(broad, "n") == 5);
    CHECK(number(broad, "breadth_up") == 1.0);
    CHECK(number(broad, "excess_atr") > 0.0);
    CHECK(broad.coverage == Coverage::Consolidated);
    // Judged from the tenth minute, on five minutes in a row.
    CHECK(story.minute("semis@XNYS", "broad_up") == kOpen + 13);
    const Signal& memory = *story.rig.find("memory@XNYS", "broad_up");
    CHECK(number(memory, "lead") > 0.0);  // memory moves more than its siblings
}

TEST_CASE("a member that stopped trading is no member after five minutes") {
    Story story;
    chips_break_out(story);
    story.silence("WDC");
    story.until(kOpen + 35);
    CHECK(story.basket("semis").reading().n == 5);
    story.until(kOpen + 36);
    CHECK(story.basket("semis").reading().n == 4);
    CHECK(story.basket("memory").reading().n == 2);
    story.until(kOpen + 45);
    CHECK(story.rig.path("memory@XNYS") == "broad_up insufficient");
    CHECK(story.rig.path("semis@XNYS") == "broad_up");
}

TEST_CASE("a rotation with the chips behind it is confirmed live") {
    Story story;
    chips_break_out(story);
    CHECK(story.rig.count("MU|PD|up", "confirmed") == 1);
    CHECK(story.rig.engine().groups().theme().theme(Market::Xnys) == Theme::Up);
    tokens_rise(story);
    CHECK(crosses(story.rig) == "off>on:confirmed_live");
    const Signal& on = *story.rig.find("infra", "on");
    CHECK(number(on, "n") == 3);
    CHECK(number(on, "real") >= 2);
    CHECK(number(on, "breadth") == 1.0);
    CHECK(number(on, "median_rel_z") >= 0.8);
    CHECK(number(on, "corr_n") > 200);
    CHECK(std::abs(number(on, "corr_raw")) <= 1.0);
    CHECK(on.coverage == Coverage::VenueSum);
    CHECK_FALSE(on.provisional);
    CHECK(on.session.view() == "UTC:2026-03-23");
}

TEST_CASE("a rotation without the chips is a rotation, confirmed by nobody") {
    Story story;
    story.until(kOpen + 30);
    tokens_rise(story);
    CHECK(crosses(story.rig) == "off>on:none");
}

TEST_CASE("tokens that rise on no more volume than usual do not rotate") {
    Story story;
    chips_break_out(story);
    story.tokens(0.0004, 1.0);
    story.until(kOpen + 120);
    CHECK(crosses(story.rig).empty());
}

TEST_CASE("one token alone is no rotation") {
    Story story;
    chips_break_out(story);
    story.set("TAO", 0.0004, 6.0);
    story.until(kOpen + 120);
    CHECK(story.rig.count("TAO", "confirmed") == 1);
    CHECK(crosses(story.rig).empty());
}

TEST_CASE("a wave of BTC that lifts all tokens alike is no rotation") {
    Story story;
    chips_break_out(story);
    story.set("BTC", 0.0004, 6.0);
    tokens_rise(story);
    CHECK(crosses(story.rig).empty());
}

TEST_CASE("over the night the theme is carried from the close") {
    Story story;
    chips_break_out(story);
    story.until(1300);  // the session closed at 1200
    story.tokens(0.0004, 6.0);
    story.until(1400);
    CHECK(crosses(story.rig) == "off>on:confirmed_carried");
}

TEST_CASE("when every leader rests on a perpetual the rotation is confirmed by a derivative") {
    Story story;
    story.until(kOpen + 8);
    for (const char* const name : {"MU", "WDC", "STX", "AMD"}) story.set(name, 100.9, 1.3);
    story.set("NVDA.P", 101.6, 2.2);
    story.until(kOpen + 30);
    REQUIRE(story.rig.count("NVDA.P|PD|up", "confirmed") == 1);
    CHECK(story.rig.find("NVDA.P|PD|up", "confirmed")->coverage == Coverage::Derivative);
    tokens_rise(story);
    CHECK(crosses(story.rig) == "off>on:confirmed_derivative");
}

TEST_CASE("when the leader fails a running rotation is contradicted") {
    Story story;
    chips_break_out(story);
    tokens_rise(story);
    REQUIRE(crosses(story.rig) == "off>on:confirmed_live");
    std::uint64_t const episode = story.rig.find("infra", "on")->episode;
    story.set("MU", 100.0, 1.0);
    story.until(kOpen + 125);
    CHECK(story.rig.count("MU|PD|up", "failed") == 1);
    CHECK(crosses(story.rig) == "off>on:confirmed_live on>on:contradicted");
    for (const Signal& signal : story.rig.signals()) {
        if (signal.type == SignalType::Rotation) CHECK(signal.episode == episode);
    }
}

TEST_CASE("members fail, then the leader, then tokens are sold: watch, warning, active in order") {
    Story story;
    story.until(kOpen + 8);
    for (const char* const name : {"STX", "NVDA.P", "AMD"}) story.set(name, 100.9, 1.3);
    for (const char* const name : {"MU", "WDC"}) story.set(name, 101.6, 2.2);
    story.until(kOpen + 30);
    tokens_rise(story);
    story.set("WDC", 100.0, 1.0);
    story.until(kOpen + 140);
    CHECK(story.rig.count("WDC|D20|up", "failed") == 1);
    CHECK(story.rig.path("infra") == "on watch");
    story.set("MU", 100.0, 1.0);
    story.until(kOpen + 160);
    CHECK(story.rig.count("MU|D20|up", "failed") == 1);
    CHECK(story.rig.engine().groups().buckets().front().level() == 2);
    story.tokens(-0.0010, 6.0);
    story.until(kOpen + 230);
    CHECK(story.rig.engine().groups().buckets().front().level() == 3);

    std::string levels;
    std::uint64_t episode = 0;
    for (const Signal& signal : story.rig.signals()) {
        if (signal.type != SignalType::Unwind) continue;
        levels += signal.prev + std::string(">") + signal.state + " ";
        if (episode != 0) CHECK(signal.episode == episode);
        episode = signal.episode;
    }
    CHECK(levels == "quiet>watch watch>warning warning>active ");
    const Signal& watch = *story.rig.find("infra", "watch");
    // A member's failures count half: 0.25 and 0.20, decayed over the dwell.
    CHECK(number(watch, "u") < 1.0 - 0.75 * 0.8);
    CHECK(number(watch, "u") > 1.0 - 0.76 * 0.81);
    const Signal& active = *story.rig.find("infra", "active");
    CHECK(number(active, "median_rel60") < 0.0);
    CHECK(number(active, "u") >= 0.75);
    CHECK(number(active, "fail_d20") > number(watch, "fail_d20"));
    CHECK(active.session.view() == "UTC:2026-03-23");
}

TEST_CASE("a rotation that ends leaves its trace in the unwind") {
    Story story;
    chips_break_out(story);
    tokens_rise(story);
    story.tokens(-0.0010, 1.0);
    story.until(kOpen + 220);
    CHECK(story.rig.count("infra", "off") == 1);
    const UnwindReading& reading = story.rig.engine().groups().buckets().front().unwind_reading();
    double const trace = reading.parts[static_cast<std::size_t>(UnwindKind::RotationOff)];
    CHECK(trace > 0.2);
    CHECK(trace < 0.25);
}
