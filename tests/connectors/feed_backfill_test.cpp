// Gaps that are filled over REST, from the missing rows to the mark.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/continuity.hpp"
#include "connectors/feed.hpp"
#include "connectors/history/history.hpp"
#include "connectors/history_stats.hpp"
#include "tests/support/fake_rest.hpp"
#include "tests/support/fake_venue.hpp"
#include "tests/support/feed_world.hpp"

namespace spill {
namespace {

using namespace feed_test;

constexpr std::int64_t kStart = 1'700'000'040;  // a whole minute

std::optional<std::string> trades_by(const TradesRequest& request) {
    if (request.ids.first != 0) {
        return "/ids?" + request.symbol + "&" + std::to_string(request.ids.first) + "&" +
               std::to_string(request.ids.last);
    }
    return "/time?" + request.symbol;
}

std::optional<std::string> bars_by(const BarsRequest& request) { return "/bars?" + request.symbol; }

// "id size second" rows, separated by ';'; "!words" is a refusal, "~words" says too fast.
Result<TradePage> parse_trades(std::string_view body, const TradesRequest&) {
    if (body.starts_with('!')) return fail(Errc::InvalidArgument, std::string(body.substr(1)));
    if (body.starts_with('~')) return fail(Errc::Unavailable, std::string(body.substr(1)));
    TradePage page;
    while (!body.empty()) {
        std::string_view rest = next_word(body, ';');
        PastTrade row;
        row.id = static_cast<std::uint64_t>(number(next_word(rest)));
        row.size = Quantity{number(next_word(rest))};
        row.ts_event = UnixNanos{number(rest) * kNanosPerSecond};
        row.price = Price{7};
        row.dense = true;
        page.rows.push_back(row);
    }
    return page;
}

// "second volume close" rows.
Result<BarPage> parse_bars(std::string_view body, const BarsRequest&) {
    BarPage page;
    while (!body.empty()) {
        std::string_view rest = next_word(body, ';');
        BarRow row{};
        row.start = UnixNanos{number(next_word(rest)) * kNanosPerSecond};
        row.volume = Quantity{number(next_word(rest))};
        row.close = Price{number(rest)};
        page.rows.push_back(row);
    }
    return page;
}

HistorySpec plain_history() {
    HistorySpec spec;
    spec.venue = "plain";
    spec.host = "127.0.0.1";
    spec.requests_per_window = 100;
    spec.trades = TradeHistory::ByIdOrTime;
    spec.trades_target = trades_by;
    spec.parse_trades = parse_trades;
    spec.bars_per_page = 100;
    spec.bars_target = bars_by;
    spec.parse_bars = parse_bars;
    return spec;
}

// A feed of one symbol that loses ids 2 and 3, and a REST interface beside it.
struct Story {
    World world;
    HistorySpec history = plain_history();
    fake::RestServer::Answer answer;
    fake::RestServer rest{world.io, [this](const std::string& target) { return answer(target); }};
    std::string first = "T AAA 1 5 1700000040 live;T AAA 4 5 1700000043 live";
    fake::Peer* peer = nullptr;
    fake::Script script;
    std::unique_ptr<fake::Venue> venue;
    std::vector<std::string> told;
    std::unique_ptr<VenueFeed> feed;

    void start(Continuity proof, std::int64_t multiplier_e9 = kNanosPerUnit) {
        world.spec.continuity = proof;
        world.instrument("AAA", multiplier_e9);
        script.on_text = [this](fake::Peer& from, std::string_view text) {
            grant(from, text);
            peer = &from;
            from.send(first);
        };
        venue = std::make_unique<fake::Venue>(world.io, script);
        LinkConfig link = world.link(*venue, {"AAA"});
        link.history = &history;
        link.rest_host = "127.0.0.1";
        link.rest_port = rest.port();
        link.rest_prefix = "/plain";
        feed = std::make_unique<VenueFeed>(
            world.io, world.registry, std::vector{link}, world.sink, 1,
            [this](const LinkChange& change) {
                if (!change.backfill) return;
                told.push_back(std::string(change.symbol) + ": " + std::string(change.detail));
            });
        feed->start();
    }
    [[nodiscard]] const LinkStats& stats() const { return *feed->stats()[0]; }
    [[nodiscard]] const HistoryStats& past() const { return *feed->history_stats()[0]; }
    [[nodiscard]] const Event& last(std::size_t n) const {
        return world.sink.events[world.sink.events.size() - n];
    }
};

}  // namespace

TEST_CASE("missing ids are fetched by id and come out in order before the filled mark") {
    Story story;
    story.answer = [](const std::string&) {
        return fake::RestReply{.body = "3 5 1700000042;2 6 1700000041;4 5 1700000043"};
    };
    story.start(Continuity::Ids, 2 * kNanosPerUnit);
    REQUIRE(story.world.run_until([&] { return value(story.stats().gaps_filled) == 1; }, 6s));
    CHECK(story.rest.targets() == std::vector<std::string>{"/plain/ids?AAA&2&3"});
    CHECK(story.last(3).trade.trade_id == 2);
    CHECK(story.last(3).trade.size == Quantity{12});
    CHECK((story.last(3).trade.flags & trade_flag::kBackfill) != 0);
    CHECK(story.last(2).trade.trade_id == 3);
    CHECK(story.last(1).kind == EventKind::Feed);
    CHECK(story.last(1).feed_change.filled == 1);
    CHECK(story.world.sink.of(EventKind::Trade).size() == 4);
    CHECK(value(story.past().backfills_started) == 1);
    CHECK(value(story.past().backfills_filled) == 1);
    CHECK(value(story.past().backfill_rows) == 2);
    REQUIRE(story.told.size() == 1);
    CHECK(story.told[0] == "AAA: 2 trades, whole");
}

TEST_CASE("a venue that refuses leaves the gap open, and the refusal is told") {
    Story story;
    story.history.bars_per_page = 0;
    story.answer = [](const std::string&) { return fake::RestReply{.body = "!unknown pair"}; };
    story.start(Continuity::Ids);
    REQUIRE(story.world.run_until([&] { return !story.told.empty(); }, 6s));
    CHECK(story.told[0] == "AAA: 0 trades, not whole (unknown pair)");
    CHECK(value(story.stats().gaps_open) == 1);
    CHECK(value(story.stats().gaps_filled) == 0);
    CHECK(value(story.past().backfills_failed) == 1);
    CHECK(story.last(1).feed_change.filled == 0);
}

TEST_CASE("late rows of the stream fill the gap first: the fetched ones are repeats") {
    Story story;
    story.answer = [&](const std::string&) {
        story.peer->send("T AAA 2 5 1700000041 live;T AAA 3 5 1700000042 live");
        return fake::RestReply{.silent = true};
    };
    story.start(Continuity::Ids);
    REQUIRE(story.world.run_until([&] { return value(story.stats().gaps_filled) == 1; }, 6s));
    CHECK(story.world.sink.of(EventKind::Trade).size() == 4);
    CHECK(value(story.past().backfills_filled) == 1);
}

TEST_CASE(
    "where only bars are offered the volume that is beyond ours is published, without a price") {
    Story story;
    story.history.trades = TradeHistory::Recent;
    // The minute before is known as a whole: it began after the feed's first one.
    story.first = "T AAA 1 5 1699999999 live;T AAA 2 5 1700000041 live;T AAA 5 7 1700000045 live";
    story.answer = [](const std::string&) { return fake::RestReply{.body = "1700000040 30 9"}; };
    story.start(Continuity::Ids);
    REQUIRE(story.world.run_until([&] { return value(story.stats().gaps_filled) == 1; }, 6s));
    Event const& print = story.last(2);
    CHECK(print.kind == EventKind::Trade);
    CHECK(print.trade.size == Quantity{18});
    CHECK(print.trade.flags == (trade_flag::kBackfill | trade_flag::kNoPrice));
    CHECK(print.trade.price == Price{9});
    CHECK(minute_of(print.ts_event) == minute_of(UnixNanos{kStart * kNanosPerSecond}));
    CHECK(story.told[0] == "AAA: 1 minutes, whole");
}

TEST_CASE("a minute whose start was not seen cannot be compared with a bar") {
    Story story;
    story.history.trades = TradeHistory::None;
    story.answer = [](const std::string&) { return fake::RestReply{.body = "1700000040 30 9"}; };
    story.start(Continuity::Ids);
    REQUIRE(story.world.run_until([&] { return !story.told.empty(); }, 6s));
    CHECK(story.told[0] == "AAA: 0 minutes, not whole");
    CHECK(value(story.stats().gaps_open) == 1);
    CHECK(story.world.sink.of(EventKind::Trade).size() == 2);
}

TEST_CASE("after an outage without proof the time between is fetched, and repeats are dropped") {
    Story story;
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    std::int64_t const second = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    story.first = "T AAA 1 5 " + std::to_string(second) + " live";
    story.answer = [&](const std::string&) {
        std::string const at = std::to_string(second);
        return fake::RestReply{.body = "1 5 " + at + ";2 6 " + at + ";3 7 " + at};
    };
    story.start(Continuity::Unprovable);
    REQUIRE(story.world.run_until([&] { return value(story.stats().trades) == 1; }));
    story.peer->close();
    REQUIRE(story.world.run_until([&] { return value(story.stats().gaps_filled) == 1; }, 6s));
    auto const trades = story.world.sink.of(EventKind::Trade);
    REQUIRE(trades.size() == 3);
    CHECK(trades[1].trade.trade_id == 2);
    CHECK(trades[2].trade.trade_id == 3);
    CHECK(story.last(1).feed_change.filled == 1);
}

TEST_CASE("a feed that stops forgets its questions") {
    Story story;
    story.answer = [](const std::string&) { return fake::RestReply{.silent = true}; };
    story.start(Continuity::Ids);
    REQUIRE(story.world.run_until([&] { return value(story.past().requests) == 1; }, 6s));
    story.feed->stop();
    std::size_t const events = story.world.sink.events.size();
    story.world.run_until([] { return false; }, 100ms);
    story.feed.reset();
    story.world.run_until([] { return false; }, 100ms);
    CHECK(story.world.sink.of(EventKind::Trade).size() == 2);
    CHECK(story.world.sink.events.size() >= events);
    CHECK(story.told.empty());
}

}  // namespace spill
