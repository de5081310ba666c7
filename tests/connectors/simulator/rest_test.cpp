// From a cut to the same bars: the simulated exchanges over real TLS websockets and HTTPS, our
// links, codecs, trackers and parsers against them.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "connectors/feed.hpp"
#include "connectors/history/history.hpp"
#include "connectors/history_stats.hpp"
#include "connectors/simulator/exchange.hpp"
#include "tests/support/fake_venue.hpp"

using namespace spill;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kStart = 1'780'000'020'000'000'000;  // a whole minute
constexpr int kSeconds = 180;
constexpr int kCutFrom = 70;  // of these seconds nothing is seen
constexpr int kCutTo = 90;

struct Bar {
    Price high, low, close;
    std::int64_t volume = 0;
    int trades = 0;
    UnixNanos last;
    bool operator==(const Bar&) const = default;
};
using Bars = std::map<std::int64_t, Bar>;

struct Sink final : EventSink {
    std::vector<Event> events;
    bool push(const Event& event) noexcept override {
        events.push_back(event);
        return true;
    }
    void flush() noexcept override {}
    void market_clock(UnixNanos) noexcept override {}
    [[nodiscard]] Bars bars() const {
        Bars out;
        for (const Event& event : events) {
            if (event.kind != EventKind::Trade) continue;
            Bar& bar = out[minute_of(event.ts_event)];
            bool const first = bar.trades++ == 0;
            bar.high = first ? event.trade.price : std::max(bar.high, event.trade.price);
            bar.low = first ? event.trade.price : std::min(bar.low, event.trade.price);
            bar.volume += event.trade.size.nanos;
            if (event.ts_event < bar.last) continue;
            bar.last = event.ts_event;
            bar.close = event.trade.price;
        }
        return out;
    }
};

// The files that the exchange reads its certificate from.
struct Pem {
    std::string chain = "/tmp/spill_rest_" + std::to_string(::getpid()) + ".pem";
    std::string key = chain + ".key";
    explicit Pem(const fake::Certificate& made) {
        std::ofstream(chain) << made.chain_pem;
        std::ofstream(key) << made.key_pem;
    }
    Pem(const Pem&) = delete;
    Pem& operator=(const Pem&) = delete;
    ~Pem() {
        ::unlink(chain.c_str());
        ::unlink(key.c_str());
    }
};

struct Session {
    fake::Authority authority;
    Pem pem{authority.issue({.dns = {}, .ip = {"127.0.0.1"}})};
    boost::asio::io_context io{1};
    Registry registry;
    Sink sink;
    FeedId feed;
    std::unique_ptr<Exchange> exchange;
    std::unique_ptr<VenueFeed> links;
    std::vector<std::string> told;

    Session(std::string venue, std::string symbol, std::vector<RestReply> faults) {
        ::setenv("SSL_CERT_FILE", authority.file().c_str(), 1);
        VenueId const id = *registry.add_venue(venue, true);
        Instrument instrument;
        instrument.name = "TAO";
        Feed row;
        row.instrument = *registry.add_instrument(instrument);
        row.venue = id;
        row.symbol = symbol;
        feed = *registry.add_feed(row);
        exchange = std::make_unique<Exchange>(io, registry, std::vector{venue},
                                              ExchangeOptions{.certificate_file = pem.chain,
                                                              .key_file = pem.key,
                                                              .remember_trades = 10'000,
                                                              .rest_faults = std::move(faults)});
        LinkConfig link;
        link.spec = find_venue_spec(venue);
        link.venue = id;
        link.host = link.rest_host = "127.0.0.1";
        link.port = link.rest_port = std::to_string(exchange->port());
        link.path = simulated_path(venue, link.spec->path);
        link.rest_prefix = simulated_path(venue, "");
        link.symbols = {symbol};
        link.history = find_history_spec(venue);
        links = std::make_unique<VenueFeed>(io, registry, std::vector{link}, sink, 1,
                                            [this](const LinkChange& change) {
                                                if (change.backfill) {
                                                    told.emplace_back(change.detail);
                                                }
                                            });
        links->start();
    }
    ~Session() {
        links->stop();
        exchange->stop();
        io.restart();
        io.run_for(20ms);
        links.reset();
        ::unsetenv("SSL_CERT_FILE");
    }

    template <class Done>
    bool run_until(Done done, std::chrono::milliseconds limit = 10s) {
        auto const end = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < end) {
            io.restart();
            io.run_one_for(5ms);
        }
        return done();
    }
    // Three trades a second; the same in every session.
    void play(int second) {
        std::vector<SimTrade> trades;
        for (int k = 0; k < 3; ++k) {
            SimTrade trade;
            auto const n = static_cast<std::int64_t>(3 * second + k);
            trade.ts = UnixNanos{kStart + second * kNanosPerSecond + k * 300'000'000};
            trade.feed = feed;
            trade.price = Price{(400 + n % 17) * kNanosPerUnit};
            trade.size = Quantity{(1 + n % 5) * 100'000'000};
            trade.aggressor = n % 2 == 0 ? Aggressor::Buy : Aggressor::Sell;
            trade.id = static_cast<std::uint64_t>(1000 + n);
            trades.push_back(trade);
        }
        UnixNanos const after{kStart + (second + 1) * kNanosPerSecond};
        exchange->publish(trades, after);
        run_until([&] { return exchange->drained(after); });
    }
    void play_all(bool cut) {
        REQUIRE(run_until([&] { return exchange->complete(); }));
        for (int second = 0; second < kSeconds; ++second) {
            if (cut && second == kCutFrom) {
                exchange->cut(true);
                run_until([] { return false; }, 2s);
            }
            if (cut && second == kCutTo) {
                exchange->cut(false);
                REQUIRE(run_until([&] { return exchange->complete(); }));
            }
            play(second);
        }
    }
    [[nodiscard]] const LinkStats& stats() const { return *links->stats()[0]; }
    [[nodiscard]] const HistoryStats& past() const { return *links->history_stats()[0]; }
};

struct Case {
    std::string venue;
    std::string symbol;
    std::vector<RestReply> faults;
};

void same_bars(const Case& at) {
    Bars clean;
    {
        Session session(at.venue, at.symbol, {});
        session.play_all(false);
        clean = session.sink.bars();
        CHECK(session.stats().gaps_opened.load() == 0);
    }
    REQUIRE(clean.size() == kSeconds / 60);
    Session session(at.venue, at.symbol, at.faults);
    session.play_all(true);
    REQUIRE(session.run_until([&] { return session.stats().gaps_filled.load() == 1; }, 20s));
    CHECK(session.sink.bars() == clean);
    CHECK(session.past().backfill_rows.load() == 3 * (kCutTo - kCutFrom));
    CHECK(session.past().retries.load() == at.faults.size());
    REQUIRE(session.told.size() == 1);
    CHECK(session.told[0] == "60 trades, whole");
    CHECK(session.sink.events.back().feed_change.filled == 1);
}

}  // namespace

TEST_CASE("after a hard cut of two seconds the bars of Binance are those of a clean run") {
    same_bars({.venue = "binance", .symbol = "TAOUSDT", .faults = {}});
}

TEST_CASE("Binance says too fast first, and the bars are those of a clean run all the same") {
    same_bars({.venue = "binance",
               .symbol = "TAOUSDT",
               .faults = {{.status = 429, .body = "{}", .retry_after = "1"}}});
}

TEST_CASE("Kraken refuses inside of an answer with status 200, and the bars are the same") {
    same_bars({.venue = "kraken",
               .symbol = "TAO/USD",
               .faults = {{.body = R"({"error":["EAPI:Rate limit exceeded"]})"}}});
}

TEST_CASE("a ban over REST leaves the minutes flagged, and nothing more is asked") {
    Session session("binance", "TAOUSDT", {{.status = 418, .body = "{}", .retry_after = "120"}});
    session.play_all(true);
    REQUIRE(session.run_until([&] { return session.past().bans.load() == 1; }));
    session.run_until([] { return false; }, 6s);  // the second round comes and is not asked
    CHECK(session.past().requests.load() == 1);
    CHECK(session.stats().gaps_filled.load() == 0);
    CHECK(session.stats().gaps_open.load() == 1);
    CHECK(session.sink.bars().size() == kSeconds / 60);
}
