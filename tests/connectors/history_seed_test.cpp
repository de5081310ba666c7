#include "connectors/history_seed.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "connectors/history/history.hpp"
#include "tests/support/fake_rest.hpp"

using namespace spill;

namespace {

constexpr std::int64_t kDay = 1'700'006'400;  // a midnight

std::optional<std::string> target_of(const BarsRequest& request) {
    return "/bars?" + request.symbol + "&" + request.cursor.next;
}

// "minute volume" rows of the day, separated by ';', then perhaps ">cursor". "!words" refuses.
Result<BarPage> parse_rows(std::string_view body, const BarsRequest&) {
    if (body.starts_with('!')) return fail(Errc::InvalidArgument, std::string(body.substr(1)));
    BarPage page;
    while (!body.empty()) {
        auto const end = std::min(body.find(';'), body.size());
        std::string const word(body.substr(0, end));
        body.remove_prefix(std::min(end + 1, body.size()));
        if (word.front() == '>') {
            page.more = HistoryCursor{word.substr(1)};
            continue;
        }
        BarRow row{};
        row.start = UnixNanos{(kDay + 60 * std::stoll(word)) * kNanosPerSecond};
        row.volume = Quantity{std::stoll(word.substr(word.find(' ')))};
        page.rows.push_back(row);
    }
    return page;
}

// A venue with two feeds, served from a thread of its own.
struct Rig {
    boost::asio::io_context io;
    HistorySpec history;
    VenueSpec spec;
    Registry registry;
    VenueId venue = *registry.add_venue("plain", true);
    fake::RestServer server;
    std::jthread thread{[this](const std::stop_token& stop) {
        auto const work = boost::asio::make_work_guard(io);
        while (!stop.stop_requested()) io.run_one_for(std::chrono::milliseconds(10));
    }};
    std::vector<std::string> told;

    explicit Rig(fake::RestServer::Answer answer) : server(io, std::move(answer)) {
        history.venue = spec.name = "plain";
        history.requests_per_window = 100;
        history.bars_per_page = 2;
        history.bars_target = target_of;
        history.parse_bars = parse_rows;
        for (const char* const symbol : {"AAA", "BBB"}) {
            Instrument row;
            row.name = symbol;
            auto const id = *registry.add_instrument(row);
            Feed feed;
            feed.instrument = id;
            feed.venue = venue;
            feed.symbol = symbol;
            feed.multiplier_e9 = 2 * kNanosPerUnit;
            REQUIRE(registry.add_feed(feed));
        }
    }
    std::vector<Event> run(std::chrono::seconds limit = std::chrono::seconds(10)) {
        LinkConfig link;
        link.spec = &spec;
        link.venue = venue;
        link.tls = false;
        link.symbols = {"AAA", "BBB"};
        link.history = &history;
        link.rest_host = "127.0.0.1";
        link.rest_port = server.port();
        SeedOptions options;
        options.days = 1;
        options.now = UnixNanos{(kDay + 86'400 + 30) * kNanosPerSecond};
        options.limit = limit;
        options.told = [this](const SeedNote& note) {
            told.push_back(std::to_string(note.done) + "/" + std::to_string(note.feeds) + " " +
                           std::string(note.symbol) + " " + std::to_string(note.bars) + " " +
                           std::string(note.trouble));
        };
        HistorySeed seed(registry, std::span(&link, 1), options);
        auto events = seed.run();
        stats = seed.stats();
        return events;
    }
    std::vector<std::shared_ptr<const HistoryStats>> stats;
};

}  // namespace

TEST_CASE("the last days of every feed are learned page by page, in the order of their ends") {
    Rig rig([](const std::string& target) {
        if (target == "/bars?AAA&") return fake::RestReply{.body = "0 5;1 6;>p2"};
        if (target == "/bars?AAA&p2") return fake::RestReply{.body = "1 6;2 7"};
        return fake::RestReply{.body = "1 9;1441 3"};
    });
    auto const events = rig.run();
    REQUIRE(events.size() == 4);
    std::vector<std::int64_t> volumes;
    for (const Event& event : events) {
        CHECK(event.kind == EventKind::Bar);
        CHECK(event.aux == 1);
        CHECK(event.ts_recv.ns == event.ts_event.ns + kNanosPerMinute);
        volumes.push_back(event.bar.volume.nanos);
    }
    CHECK(volumes == std::vector<std::int64_t>{10, 12, 18, 14});
    CHECK(rig.told == std::vector<std::string>{"1/2 AAA 3 ", "2/2 BBB 1 "});
    CHECK(rig.stats[0]->seed_bars.load() == 4);
    CHECK(rig.stats[0]->seed_feeds.load() == 2);
}

TEST_CASE("a feed that is refused is named, and the others are learned") {
    Rig rig([](const std::string& target) {
        if (target == "/bars?AAA&") return fake::RestReply{.body = "!unknown pair"};
        return fake::RestReply{.body = "1 9"};
    });
    CHECK(rig.run().size() == 1);
    CHECK(rig.told == std::vector<std::string>{"1/2 AAA 0 unknown pair", "2/2 BBB 1 "});
    CHECK(rig.stats[0]->seed_feeds_failed.load() == 1);
}

TEST_CASE("a venue that does not answer costs no more than the limit") {
    Rig rig([](const std::string&) { return fake::RestReply{.silent = true}; });
    CHECK(rig.run(std::chrono::seconds(1)).empty());
    CHECK(rig.told == std::vector<std::string>{"1/2 AAA 0 out of time", "2/2 BBB 0 out of time"});
}

TEST_CASE("a venue without minute bars is left out") {
    Rig rig([](const std::string&) { return fake::RestReply{.body = "1 9"}; });
    rig.history.bars_per_page = 0;
    CHECK(rig.run().empty());
    CHECK(rig.told.empty());
    CHECK(rig.stats.empty());
}
