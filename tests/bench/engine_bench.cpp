// What the engine costs: per trade, per minute close, by number of instruments; and its size.
//
//   engine_bench time            medians as JSON, one object a line
//   engine_bench work N          applies N trades after warm-up and prints nothing: two runs under
//                                callgrind with different N give the exact instructions per trade
//   engine_bench make N          makes the same trades and applies none: the generator's own share
//   engine_bench minutes N       the same for N minute closes
#include <malloc.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine.hpp"
#include "core/timestamp.hpp"

namespace {

using namespace spill;

// The same small generator everywhere: figures repeat.
class Random {
public:
    std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    std::int64_t below(std::int64_t n) noexcept {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n));
    }

private:
    std::uint64_t state_ = 1;
};

class NoSink final : public SignalSink {
public:
    void on_signal(const Signal&) noexcept override { ++count; }
    std::uint64_t count = 0;
};

struct Shape {
    std::size_t chips = 40;
    std::size_t tokens = 20;
    std::size_t venues = 5;
};

Registry make_registry(const Shape& shape) {
    Registry registry;
    std::vector<VenueId> venues;
    for (std::size_t v = 0; v < shape.venues; ++v) {
        venues.push_back(*registry.add_venue("v" + std::to_string(v), v == 1));
    }
    GroupId const semis = *registry.add_group("semis", GroupId{}, false);
    GroupId const infra = *registry.add_group("infra", GroupId{}, true);
    for (std::size_t i = 0; i < shape.chips + shape.tokens; ++i) {
        bool const token = i >= shape.chips;
        Instrument row;
        row.name = (token ? "T" : "C") + std::to_string(i);
        row.market = token ? Market::Utc : Market::Xnys;
        row.role = token ? Role::Token : i == 0 ? Role::Leader : Role::Member;
        row.group = token ? infra : semis;
        row.tick = Price{10'000'000};
        InstrumentId const id = *registry.add_instrument(row);
        for (std::size_t v = 0; v < shape.venues; ++v) {
            Feed feed;
            feed.instrument = id;
            feed.venue = venues[v];
            feed.symbol = row.name;
            if (!registry.add_feed(feed)) std::abort();
        }
    }
    return registry;
}

constexpr std::int64_t kFirstDay = 20'600;  // 2026-05-27, of the first of kDays sessions
constexpr int kDays = 22;

UnixNanos day_start(int day) { return UnixNanos{(kFirstDay + day) * kNanosPerDay}; }
UnixNanos open_of(int day) { return UnixNanos{day_start(day).ns + 810 * kNanosPerMinute}; }

Calendars make_calendars() {
    std::vector<TradingSession> sessions;
    for (int day = 0; day < kDays + 2; ++day) {
        UnixNanos const open = open_of(day);
        UnixNanos const close{open.ns + 390 * kNanosPerMinute};
        sessions.push_back({yyyymmdd(civil_from_days(kFirstDay + day)), open, close, close, false});
    }
    Calendars calendars;
    auto const xnys = Calendar::from_sessions(std::move(sessions));
    if (!xnys) std::abort();
    calendars.by_market[0] = *xnys;
    return calendars;
}

std::int64_t price_of(std::uint32_t instrument) { return (50 + instrument % 100) * kNanosPerUnit; }

// An engine whose baselines are ready and whose session runs: levels are near the price.
class Bench {
public:
    explicit Bench(const Shape& shape)
        : registry_(make_registry(shape)), calendars_(make_calendars()), shape_(shape) {
        std::size_t const before = mallinfo2().uordblks;
        engine_ = std::make_unique<Engine>(registry_, calendars_, Params{});
        bytes_ = mallinfo2().uordblks - before;
        learn();
    }

    void learn() {
        tick(day_start(0));
        for (int day = 0; day < kDays; ++day) {
            for (int minute = 0; minute < 1440; minute += 30) bars(day, minute);
        }
        now_ = UnixNanos{open_of(kDays).ns + 20 * kNanosPerMinute};
        tick(now_);
        trades(20'000);
    }

    // Bars of 30 minutes that have ended at `minute` + 30.
    void bars(int day, int minute) {
        UnixNanos const start{day_start(day).ns + minute * kNanosPerMinute};
        UnixNanos const end{start.ns + 30 * kNanosPerMinute};
        tick(end);
        bool const session = start >= open_of(day) && minute + 30 <= 810 + 390;
        for (const Feed& feed : registry_.feeds()) {
            if (registry_.instrument(feed.instrument).market != Market::Utc && !session) continue;
            Event event{};
            event.kind = EventKind::Bar;
            event.aux = 30;
            event.ts_event = start;
            event.ts_recv = end;
            event.feed = feed.id;
            event.instrument = feed.instrument;
            std::int64_t const price = price_of(feed.instrument.value);
            std::int64_t const wiggle = price / 100;
            event.bar = BarBody{Price{price}, Price{price + wiggle}, Price{price - wiggle},
                                Price{price + random_.below(wiggle)},
                                Quantity{(1000 + random_.below(1000)) * kNanosPerUnit}};
            engine_->apply(event, sink_);
        }
    }

    void tick(UnixNanos at) {
        for (auto due = engine_->next_close(); due && *due <= at; due = engine_->next_close()) {
            engine_->apply(clock_event(*due), sink_);
        }
        engine_->apply(clock_event(at), sink_);
    }

    // Trades around the prices of the history, 200 a second of market time.
    void trades(std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            now_.ns += kNanosPerSecond / 200;
            if (i % 200 == 0) engine_->apply(clock_event(now_), sink_);
            engine_->apply(next_trade(), sink_);
        }
    }
    void make(std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) id_ += next_trade().trade.trade_id & 1U;
    }
    Event next_trade() {
        auto const feeds = registry_.feeds();
        const Feed& feed = feeds[random_.next() % feeds.size()];
        Event event{};
        event.kind = EventKind::Trade;
        event.aux = static_cast<std::uint8_t>(1 + random_.below(2));
        event.ts_event = event.ts_recv = now_;
        event.feed = feed.id;
        event.instrument = feed.instrument;
        std::int64_t const price = price_of(feed.instrument.value);
        event.trade.price = Price{price + random_.below(price / 500) - price / 1000};
        event.trade.size = Quantity{(1 + random_.below(500)) * kNanosPerUnit};
        event.trade.trade_id = ++id_;
        event.trade.fill_count = 1;
        return event;
    }
    void minutes(std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            now_.ns += kNanosPerMinute;
            engine_->apply(clock_event(now_), sink_);
        }
    }

    // ns per trade: median over blocks of 1,000 trades that are made before the clock starts.
    double trade_ns() {
        std::vector<double> blocks;
        std::vector<Event> events;
        for (int block = 0; block < 101; ++block) {
            events.clear();
            for (int i = 0; i < 1000; ++i) {
                now_.ns += 1000;
                events.push_back(next_trade());
            }
            engine_->apply(clock_event(now_), sink_);
            auto const begin = std::chrono::steady_clock::now();
            for (std::size_t i = 0; i < events.size(); ++i) {
                // As the core stage does with the batches that it dequeues.
                std::size_t const ahead = i + Engine::kPrefetchAhead;
                if (ahead < events.size()) engine_->prefetch(events[ahead]);
                engine_->apply(events[i], sink_);
            }
            auto const end = std::chrono::steady_clock::now();
            blocks.push_back(std::chrono::duration<double, std::nano>(end - begin).count() / 1000);
        }
        std::ranges::sort(blocks);
        return blocks[blocks.size() / 2];
    }
    double minute_us() {
        std::vector<double> closes;
        for (int i = 0; i < 101; ++i) {
            trades(200);
            now_.ns += kNanosPerMinute;
            auto const begin = std::chrono::steady_clock::now();
            engine_->apply(clock_event(now_), sink_);
            auto const end = std::chrono::steady_clock::now();
            closes.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
        }
        std::ranges::sort(closes);
        return closes[closes.size() / 2];
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    Registry registry_;
    Calendars calendars_;
    Shape shape_;
    std::unique_ptr<Engine> engine_;
    NoSink sink_;
    Random random_;
    UnixNanos now_;
    std::uint64_t id_ = 0;
    std::size_t bytes_ = 0;
};

void report(std::string_view name, const Shape& shape) {
    Bench bench(shape);
    std::printf(
        "{\"bench\":\"%.*s\",\"instruments\":%zu,\"feeds\":%zu,\"trade_ns\":%.1f,"
        "\"minute_close_us\":%.1f,\"state_bytes\":%zu}\n",
        static_cast<int>(name.size()), name.data(), shape.chips + shape.tokens,
        (shape.chips + shape.tokens) * shape.venues, bench.trade_ns(), bench.minute_us(),
        bench.bytes());
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view const mode = argc > 1 ? argv[1] : "time";
    std::size_t const n = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    if (mode == "work" || mode == "make" || mode == "minutes") {
        Bench bench(Shape{});
        if (mode == "work") bench.trades(n);
        if (mode == "make") bench.make(n);
        if (mode == "minutes") bench.minutes(n);
        return 0;
    }
    if (mode != "time") {
        std::fprintf(stderr, "usage: engine_bench time | work N | make N | minutes N\n");
        return 64;
    }
    report("60x5", Shape{});
    // Growth: chips with one feed each.
    for (std::size_t const chips : {10U, 100U, 1000U, 10000U}) report("growth", Shape{chips, 0, 1});
    return 0;
}
