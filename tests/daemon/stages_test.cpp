#include "daemon/stages.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "connectors/dedupe.hpp"
#include "connectors/registry.hpp"
#include "daemon/playback.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

constexpr UnixNanos plus(UnixNanos at, std::int64_t ns) { return UnixNanos{at.ns + ns}; }

// Both stages, their queues and a gateway that nobody listens to.
struct Rig {
    struct Options {
        bool many_lanes = false;
        std::size_t events = 65'536;
        std::size_t signals = 4'096;
    };
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    Engine engine{config.registry, calendars, config.params};
    BoundedQueue<Event> events;
    BoundedQueue<Signal> signals;
    BoundedQueue<Signal> tap{{"tap", 4'096, 1}};
    EngineStats stats;
    LatencyHistogram apply_latency, publish_latency;
    boost::asio::io_context ops{1}, pub{1};
    Gateway gateway{ops, pub, GatewayConfig{}, GatewayHooks{}};
    std::unique_ptr<CoreStage> core;
    std::unique_ptr<PublishStage> publisher;

    explicit Rig(const Options& options)
        : events({"events", options.events, 4}), signals({"signals", options.signals, 2}) {
        core = std::make_unique<CoreStage>(
            CoreStage::Ports{engine, events, signals, stats, apply_latency, options.many_lanes});
        publisher = std::make_unique<PublishStage>(PublishStage::Ports{
            signals, gateway, config.registry, "00000000", publish_latency, &tap});
    }
    Rig() : Rig(Options{}) {}

    [[nodiscard]] Event trade(FeedId feed, UnixNanos at) const {
        Event event{};
        event.ts_event = at;
        event.ts_recv = at;
        event.instrument = config.registry.feed(feed).instrument;
        event.feed = feed;
        event.kind = EventKind::Trade;
        event.trade = {.price = Price{400 * kNanosPerUnit},
                       .size = Quantity{kNanosPerUnit},
                       .trade_id = 0,
                       .flags = 0,
                       .fill_count = 1};
        return event;
    }
    std::vector<Signal> tapped() {
        std::vector<Signal> out;
        Signal signal;
        while (tap.pop_bulk(std::span<Signal>(&signal, 1)) == 1) out.push_back(signal);
        return out;
    }
};

Signal volume_signal(std::uint64_t offset) {
    Signal signal;
    signal.offset = offset;
    signal.type = SignalType::Volume;
    signal.key = std::string_view("TAO");
    signal.state = "building";
    signal.prev = "none";
    signal.session = std::string_view("UTC:2026-05-26");
    signal.ts_event = test::instant("2026-05-26T14:00:00Z");
    signal.ts_recv = signal.ts_event;
    signal.ts_signal = signal.ts_event;
    return signal;
}

}  // namespace

TEST_CASE("the core applies one lane's events in their order, whatever their number") {
    Rig rig;
    BoundedQueue<Event>::Producer lane(rig.events);
    FeedId const feed = test::feed_on(rig.config.registry, "binance", "TAO");
    UnixNanos const start = test::instant("2026-05-26T14:00:00Z");
    std::size_t pushed = 0;
    for (int second = 0; second < 300; ++second) {
        UnixNanos const at = plus(start, second * kNanosPerSecond);
        CHECK(lane.try_push(clock_event(at)));
        CHECK(lane.try_push(rig.trade(feed, at)));
        CHECK(lane.try_push(rig.trade(feed, plus(at, 1))));
        pushed += 3;
    }
    CHECK(rig.core->drain() == pushed);
    CHECK(rig.core->drain() == 0);
    CHECK(rig.events.depth() == 0);
    CHECK(rig.engine.events() == pushed);
    CHECK(rig.engine.clock() == plus(start, 299 * kNanosPerSecond));
    CHECK(rig.engine.feed(feed).counters().late == 0);
    CHECK(rig.engine.feed(feed).counters().future == 0);
    CHECK(rig.engine.feed(feed).counters().trades == 600);
    CHECK(rig.stats.events(EventKind::Trade) == 600);
    CHECK(rig.stats.events(EventKind::Clock) == 300);
}

// Trades of minute 0 on one lane and the clocks that close it on another; queued in that order.
std::uint64_t late_trades(bool many_lanes, bool clock_lane_first, int clocks) {
    Rig rig({.many_lanes = many_lanes});
    BoundedQueue<Event>::Producer one(rig.events);
    BoundedQueue<Event>::Producer two(rig.events);
    auto& trades = clock_lane_first ? two : one;
    auto& times = clock_lane_first ? one : two;
    FeedId const feed = test::feed_on(rig.config.registry, "binance", "TAO");
    UnixNanos const start = test::instant("2026-05-26T14:00:00Z");
    // Both lanes are known to the queue before it matters which of them is asked first.
    CHECK(times.try_push(clock_event(start)));
    rig.core->drain();
    CHECK(trades.try_push(rig.trade(feed, start)));
    rig.core->drain();
    for (int i = 0; i < 600; ++i) CHECK(trades.try_push(rig.trade(feed, plus(start, i))));
    for (int i = 1; i <= clocks; ++i) {
        CHECK(times.try_push(clock_event(plus(start, i * 2 * kNanosPerMinute))));
    }
    rig.core->drain();
    CHECK(rig.engine.clock() == plus(start, clocks * 2 * kNanosPerMinute));
    CHECK(rig.engine.feed(feed).counters().trades + rig.engine.feed(feed).counters().late == 601);
    return rig.engine.feed(feed).counters().late;
}

TEST_CASE("with several lanes a clock waits for what was queued before it on the others") {
    for (int const clocks : {1, 2, 300, 700}) {
        CAPTURE(clocks);
        CHECK(late_trades(true, false, clocks) == 0);
        CHECK(late_trades(true, true, clocks) == 0);
    }
    // Without the rule at least one of the two orders loses trades: the rule does something.
    CHECK(late_trades(false, false, 300) + late_trades(false, true, 300) > 0);
}

TEST_CASE("a full queue refuses, counts the refusal and keeps what it has") {
    Rig rig({.events = 4, .signals = 2});
    BoundedQueue<Event>::Producer lane(rig.events);
    UnixNanos const start = test::instant("2026-05-26T14:00:00Z");
    for (int i = 0; i < 4; ++i) CHECK(lane.try_push(clock_event(plus(start, i))));
    CHECK_FALSE(lane.try_push(clock_event(plus(start, 4))));
    CHECK(rig.events.stats().dropped.load() == 1);
    CHECK(rig.core->drain() == 4);

    for (std::uint64_t offset = 1; offset <= 5; ++offset) {
        rig.core->on_signal(volume_signal(offset));
    }
    CHECK(rig.signals.stats().dropped.load() == 3);
    CHECK(rig.publisher->drain() == 2);
    CHECK(rig.gateway.stats().published.load() == 2);
    CHECK(rig.gateway.stats().last_offset.load() == 2);
    // What was dropped is still a signal that the engine made.
    std::uint64_t counted = 0;
    rig.stats.for_each_signal([&](SignalType type, std::string_view state, std::uint64_t count) {
        CHECK(type == SignalType::Volume);
        CHECK(state == "building");
        counted += count;
    });
    CHECK(counted == 5);
}

TEST_CASE("the publisher gives the tap what it gives the gateway, in order") {
    Rig rig;
    for (std::uint64_t offset = 1; offset <= 40; ++offset) {
        rig.core->on_signal(volume_signal(offset));
    }
    CHECK(rig.publisher->drain() == 40);
    auto const seen = rig.tapped();
    REQUIRE(seen.size() == 40);
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].offset == i + 1);
    CHECK(rig.gateway.stats().published.load() == 40);
    CHECK(rig.gateway.stats().last_offset.load() == 40);
    CHECK(rig.publisher->unencodable() == 0);
    CHECK(rig.publisher->drain() == 0);
}

TEST_CASE("a signal that does not fit its bytes is counted and not published") {
    Rig rig;
    static std::string const long_name(400, 'n');
    Signal signal = volume_signal(1);
    for (std::size_t i = 0; i < kMaxEvidence; ++i) signal.evidence.add(long_name.c_str(), 1.0);
    rig.core->on_signal(signal);
    rig.core->on_signal(volume_signal(2));
    CHECK(rig.publisher->drain() == 2);
    CHECK(rig.publisher->unencodable() == 1);
    CHECK(rig.gateway.stats().published.load() == 1);
    CHECK(rig.tapped().size() == 1);
}

TEST_CASE("only a signal that a trade caused counts for the time from receive to publish") {
    Rig rig;
    rig.core->on_signal(volume_signal(1));
    rig.publisher->drain();
    CHECK(rig.publish_latency.count() == 0);
    Signal caused = volume_signal(2);
    caused.ts_recv.ns -= 1000;
    rig.core->on_signal(caused);
    rig.publisher->drain();
    CHECK(rig.publish_latency.count() == 1);
}

namespace {

// One venue's frames for one instrument, as the venue writes them, ids and prices ascending.
struct Source {
    const char* venue;
    const char* symbol;
    FeedId feed;
    std::unique_ptr<Codec> codec;
    std::unique_ptr<SymbolTable> table;
    std::unique_ptr<Dedupe> dedupe = std::make_unique<Dedupe>();
    std::uint64_t id = 1000;

    Source(const Registry& registry, const char* venue_name, const char* venue_symbol)
        : venue(venue_name), symbol(venue_symbol) {
        for (const Venue& row : registry.venues()) {
            if (row.name == venue_name) {
                table = std::make_unique<SymbolTable>(registry, row.id);
            }
        }
        REQUIRE(table != nullptr);
        feed = table->find(venue_symbol);
        REQUIRE(feed.valid());
        codec = find_venue_spec(venue_name)->make_codec();
    }

    struct Print {
        UnixNanos at;
        double price;
        double size;
        bool buy;
    };
    // With the codec's padding behind the text.
    [[nodiscard]] std::string frame(const Print& print) {
        std::array<char, 512> text{};
        long long const ms = print.at.ns / 1'000'000;
        auto const n = static_cast<unsigned long long>(++id);
        std::string_view const name = venue;
        if (name == "binance") {
            std::snprintf(text.data(), text.size(),
                          R"({"stream":"taousdt@aggTrade","data":{"e":"aggTrade","E":%lld,)"
                          R"("s":"%s","a":%llu,"p":"%.2f","q":"%.4f","f":%llu,"l":%llu,)"
                          R"("T":%lld,"m":%s,"M":true}})",
                          ms + 1, symbol, n, print.price, print.size, n, n, ms,
                          print.buy ? "false" : "true");
        } else if (name == "kraken") {
            std::snprintf(text.data(), text.size(),
                          R"({"channel":"trade","type":"update","data":[{"symbol":"%s",)"
                          R"("side":"%s","price":%.2f,"qty":%.8f,"ord_type":"limit",)"
                          R"("trade_id":%llu,"timestamp":"%sZ"}]})",
                          symbol, print.buy ? "buy" : "sell", print.price, print.size, n,
                          format_rfc3339(print.at).substr(0, 19).c_str());
        } else {
            std::snprintf(text.data(), text.size(),
                          R"({"topic":"publicTrade.%s","ts":%lld,"type":"snapshot","data":[)"
                          R"({"i":"%llu","T":%lld,"p":"%.2f","v":"%.4f","S":"%s","seq":%llu,)"
                          R"("s":"%s","BT":false,"RPI":false}]})",
                          symbol, ms + 1, n, ms, print.price, print.size,
                          print.buy ? "Buy" : "Sell", n, symbol);
        }
        std::string out(text.data());
        out.append(Codec::kPadding, '\0');
        return out;
    }
};

// 25 days of 5-minute bars for every feed, all over before `until`.
std::vector<Event> history(const Registry& registry, UnixNanos until) {
    std::vector<Event> events;
    std::int64_t const five = 5 * kNanosPerMinute;
    for (std::int64_t at = until.ns - 25 * kNanosPerDay; at < until.ns; at += five) {
        for (const Feed& feed : registry.feeds()) {
            bool const chip = registry.instrument(feed.instrument).market == Market::Xnys;
            std::int64_t const base = chip ? 100 : 400;
            Event event{};
            event.ts_event = UnixNanos{at};
            event.ts_recv = UnixNanos{at + five};
            event.instrument = feed.instrument;
            event.feed = feed.id;
            event.kind = EventKind::Bar;
            event.aux = 5;
            std::int64_t const wiggle = at / five % 7 * kNanosPerUnit / 10;
            event.bar.open = Price{base * kNanosPerUnit};
            event.bar.close = Price{base * kNanosPerUnit + wiggle};
            event.bar.high = Price{base * kNanosPerUnit + kNanosPerUnit};
            event.bar.low = Price{base * kNanosPerUnit - kNanosPerUnit};
            event.bar.volume = Quantity{300 * kNanosPerUnit};
            events.push_back(event);
        }
    }
    return events;
}

// The chip over the live minutes: below its levels, through them, back inside, through again. No
// step that the tick filter would hold back.
double chip_wave(double minute) {
    struct Knee {
        double minute, price;
    };
    constexpr std::array<Knee, 8> kKnees{
        {{0, 0}, {35, 0}, {45, 3}, {60, 3}, {70, -0.5}, {80, -0.5}, {90, 4}, {120, 4}}};
    for (std::size_t i = 1; i < kKnees.size(); ++i) {
        if (minute > kKnees[i].minute) continue;
        double const part =
            (minute - kKnees[i - 1].minute) / (kKnees[i].minute - kKnees[i - 1].minute);
        return kKnees[i - 1].price + part * (kKnees[i].price - kKnees[i - 1].price);
    }
    return kKnees.back().price;
}

struct Pipeline {
    Rig& rig;
    BoundedQueue<Event>::Producer lane{rig.events};

    void drain() {
        rig.core->drain();
        rig.publisher->drain();
    }
    // What a link does with a frame, and what the hot thread does behind it.
    void frame(Source& source, std::string_view padded) {
        std::string_view const text = padded.substr(0, padded.size() - Codec::kPadding);
        Decoded const decoded = source.codec->decode(text, false);
        for (const TradeRow& row : decoded.trades) {
            FeedId const feed = source.table->find(row.symbol);
            if (!feed.valid() || source.dedupe->offer(row) == Dedupe::Verdict::Duplicate) continue;
            Event event{};
            event.ts_event = row.ts_event;
            event.ts_recv = row.ts_event;
            event.instrument = rig.config.registry.feed(feed).instrument;
            event.feed = feed;
            event.kind = EventKind::Trade;
            event.aux = static_cast<std::uint8_t>(row.aggressor);
            event.trade = {.price = row.price,
                           .size = row.size,
                           .trade_id = row.id,
                           .flags = 0,
                           .fill_count = row.fill_count};
            lane.try_push(event);
        }
        drain();
    }
    void clock(UnixNanos at) {
        lane.try_push(clock_event(at));
        drain();
    }
    void live(FeedId feed, UnixNanos at) {
        Event event{};
        event.ts_event = at;
        event.ts_recv = at;
        event.instrument = rig.config.registry.feed(feed).instrument;
        event.feed = feed;
        event.kind = EventKind::Feed;
        event.aux = static_cast<std::uint8_t>(FeedState::Live);
        event.feed_change = {};
        lane.try_push(event);
        drain();
    }
};

}  // namespace

TEST_CASE("from frame to published bytes nothing is allocated in steady state") {
    if (!test::AllocCounter::active()) {
        return test::skip("from frame to published bytes nothing is allocated in steady state",
                          "a sanitizer owns malloc");
    }
    Rig rig;
    const Registry& registry = rig.config.registry;
    UnixNanos const start = test::instant("2026-05-26T13:30:00Z");
    Playback playback(rig.engine, *rig.core);
    auto const learned = history(registry, start);
    playback.start(learned.front(), true);
    for (const Event& event : learned) playback.play(event);
    playback.publish_from(start);

    std::array<Source, 4> sources{
        Source(registry, "bybit-linear", "MUUSDT"), Source(registry, "binance", "TAOUSDT"),
        Source(registry, "kraken", "TAO/USD"), Source(registry, "bybit-spot", "TAOUSDT")};
    Pipeline pipeline{rig};
    for (const Source& source : sources) pipeline.live(source.feed, start);

    constexpr int kWarm = 30 * 60;
    constexpr int kSeconds = 120 * 60;
    std::uint64_t allocations = 0;
    std::uint64_t events_before = 0;
    std::uint64_t signals_before = 0;
    std::array<std::string, 4> frames;
    for (int second = 0; second < kSeconds; ++second) {
        if (second == kWarm) {
            events_before = rig.engine.events();
            signals_before = rig.gateway.stats().published.load();
        }
        UnixNanos const at = plus(start, second * kNanosPerSecond);
        // The token's volume is eight times the ordinary one from minute 40 on.
        double const minute = second / 60.0;
        double const wave = chip_wave(minute);
        double const jitter = second % 7 * 0.01;
        bool const heavy = minute >= 40;
        bool const buy = second * 7 % 11 < 6;
        frames[0] = sources[0].frame({at, 100.0 + wave + jitter, 1.0 + second % 5, buy});
        for (std::size_t i = 1; i < 4; ++i) {
            double const size = (0.6 + 0.1 * (second % 9)) * (heavy ? 8.0 : 1.0);
            double const drift = heavy ? (minute - 40) * 0.05 : 0.0;
            frames[i] = sources[i].frame({at, 400.0 + drift + jitter, size, buy});
        }
        test::AllocCounter const counter;
        for (std::size_t i = 0; i < 4; ++i) pipeline.frame(sources[i], frames[i]);
        pipeline.clock(at);
        if (second >= kWarm) allocations += counter.count();
        Signal signal;
        while (rig.tap.pop_bulk(std::span<Signal>(&signal, 1)) == 1) continue;
    }
    CHECK(allocations == 0);
    CHECK(rig.engine.events() - events_before == 5U * (kSeconds - kWarm));
    CHECK(rig.gateway.stats().published.load() - signals_before >= 5);
    for (const Source& source : sources) {
        std::string const venue = source.venue;
        CAPTURE(venue);
        auto const& counters = rig.engine.feed(source.feed).counters();
        CHECK(counters.trades + counters.held >= static_cast<std::uint64_t>(kSeconds - kWarm));
        CHECK(counters.late == 0);
        CHECK(counters.future == 0);
    }
    CHECK(rig.events.stats().dropped.load() == 0);
    CHECK(rig.signals.stats().dropped.load() == 0);
    CHECK(rig.publisher->unencodable() == 0);
    std::uint64_t edges = 0;
    rig.stats.for_each_signal([&](SignalType, std::string_view state, std::uint64_t count) {
        if (state == "triggered" || state == "building") edges += count;
    });
    CHECK(edges >= 2);
}
