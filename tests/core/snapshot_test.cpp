#include <bit>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/engine.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/random_market.hpp"

using namespace spill;
using support::random_events;
using support::random_market;
using support::RandomMarket;

namespace {

void put(std::string& line, std::uint64_t number) { line += std::to_string(number) + ' '; }
void put(std::string& line, std::int64_t number) { line += std::to_string(number) + ' '; }

// Every field of a signal, doubles by their bits.
std::string text_of(const Signal& signal) {
    std::string line = std::string(to_string(signal.type)) + ' ' + signal.state + ' ' +
                       signal.prev + ' ' + std::string(signal.key.view()) + ' ' +
                       std::string(signal.session.view()) + ' ' + to_string(signal.coverage) + ' ';
    put(line, signal.offset);
    put(line, signal.episode);
    put(line, std::uint64_t{signal.provisional});
    put(line, std::uint64_t{signal.degraded});
    put(line, std::uint64_t{signal.from_bars});
    put(line, signal.ts_event.ns);
    put(line, signal.ts_recv.ns);
    put(line, signal.ts_signal.ns);
    put(line, signal.cause_seq);
    for (const EvidenceItem& item : signal.evidence) {
        line += std::string(item.name) + '=';
        switch (item.kind) {
            case EvidenceItem::Kind::Number:
                put(line, std::bit_cast<std::uint64_t>(item.number));
                break;
            case EvidenceItem::Kind::Integer:
            case EvidenceItem::Kind::Boolean: put(line, item.integer); break;
            case EvidenceItem::Kind::Text: line += std::string(item.text) + ' '; break;
            case EvidenceItem::Kind::Null: line += "null "; break;
        }
        put(line, std::uint64_t{item.feed.value});
    }
    return line;
}

struct Lines : SignalSink {
    std::vector<std::string> lines;
    std::set<std::string> states;  // "volume confirmed"
    void on_signal(const Signal& signal) noexcept override {
        lines.push_back(text_of(signal));
        states.insert(std::string(to_string(signal.type)) + ' ' + signal.state);
    }
};

using Bytes = std::vector<std::byte>;

Bytes snapshot_of(const Engine& engine) {
    Bytes out;
    engine.snapshot(out);
    return out;
}

std::unique_ptr<Engine> engine_of(const RandomMarket& market) {
    return std::make_unique<Engine>(market.registry, market.calendars, market.params);
}

struct Piece {
    std::size_t from, to;
};
void run(Engine& engine, const std::vector<Event>& events, Piece const& piece, Lines& out) {
    for (std::size_t i = piece.from; i < piece.to; ++i) engine.apply(events[i], out);
}

std::string refusal(Engine& engine, std::span<const std::byte> bytes) {
    auto const done = engine.restore(bytes);
    return done ? "restored" : done.error().message;
}

// An engine in the middle of its week.
struct Midweek {
    RandomMarket market = random_market();
    std::unique_ptr<Engine> engine = engine_of(market);
    std::vector<Event> events = random_events(market, {.seed = 5, .days = 3});
    Midweek() {
        Lines out;
        run(*engine, events, {0, events.size() - 999}, out);
    }
};

// Sorted places between events, several of them in one minute.
std::vector<std::size_t> random_cuts(std::size_t events, std::size_t n, support::Dice& dice) {
    std::set<std::size_t> cuts;
    while (cuts.size() < n) {
        auto const cut = static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(events)));
        cuts.insert(cut);
        if (dice.one_in(3)) cuts.insert(cut + 1);
    }
    return {cuts.begin(), cuts.end()};
}

// A week in one go, with a snapshot at every cut.
struct Week {
    RandomMarket market = random_market();
    std::vector<Event> events = random_events(market, {.seed = 1});
    std::vector<std::size_t> cuts;
    std::vector<Bytes> at_cut;
    std::vector<std::size_t> lines_at_cut;  // signals before it
    Lines whole;
    Bytes last;

    Week() {
        support::Dice dice(11);
        cuts = random_cuts(events.size(), 60, dice);
        auto const engine = engine_of(market);
        std::size_t done = 0;
        for (std::size_t const cut : cuts) {
            run(*engine, events, {done, cut}, whole);
            done = cut;
            at_cut.push_back(snapshot_of(*engine));
            lines_at_cut.push_back(whole.lines.size());
        }
        run(*engine, events, {done, events.size()}, whole);
        last = snapshot_of(*engine);
    }
};

const Week& week() {
    static Week const the_week;
    return the_week;
}

}  // namespace

TEST_CASE("the random week has something to lose") {
    std::set<std::string> const expected{
        "breakout armed",     "breakout triggered", "breakout confirmed",    "breakout held",
        "breakout completed", "breakout failed",    "breakout expired",      "volume building",
        "volume confirmed",   "volume suspect",     "volume faded",          "participation mixed",
        "rotation on",        "rotation off",       "unwind watch",          "unwind warning",
        "health open",        "health filled",      "health source_changed", "health partial",
        "health dark",        "health halted",      "health ready"};
    for (std::string const& state : expected) {
        CAPTURE(state);
        CHECK(week().whole.states.contains(state));
    }
}

TEST_CASE("a week handed on from engine to engine at every cut equals the whole") {
    auto engine = engine_of(week().market);
    Lines out;
    std::size_t done = 0;
    for (std::size_t i = 0; i < week().cuts.size(); ++i) {
        run(*engine, week().events, {done, week().cuts[i]}, out);
        done = week().cuts[i];
        Bytes const bytes = snapshot_of(*engine);
        CAPTURE(i);
        REQUIRE((bytes == week().at_cut[i]));
        engine = engine_of(week().market);
        REQUIRE(engine->restore(bytes).has_value());
        REQUIRE((snapshot_of(*engine) == bytes));
    }
    run(*engine, week().events, {done, week().events.size()}, out);
    CHECK((out.lines == week().whole.lines));
    CHECK((snapshot_of(*engine) == week().last));
}

// The used engine shows state that is not saved: it would keep its own.
TEST_CASE("prefix, snapshot, restore and suffix equal the whole, also in a used engine") {
    auto const other = random_events(week().market, {.seed = 77, .days = 5});
    auto const used = engine_of(week().market);
    Lines ignored;
    run(*used, other, {0, other.size()}, ignored);
    for (std::size_t i = 9; i < week().cuts.size(); i += 20) {
        auto const fresh = engine_of(week().market);
        for (Engine* const engine : {fresh.get(), used.get()}) {
            REQUIRE(engine->restore(week().at_cut[i]).has_value());
            Lines out;
            run(*engine, week().events, {week().cuts[i], week().events.size()}, out);
            auto const from =
                week().whole.lines.begin() + static_cast<std::ptrdiff_t>(week().lines_at_cut[i]);
            CAPTURE(i);
            CHECK((out.lines == std::vector<std::string>(from, week().whole.lines.end())));
            CHECK((snapshot_of(*engine) == week().last));
        }
    }
}

TEST_CASE("an engine that has seen nothing can be saved and restored") {
    RandomMarket const market = random_market();
    auto const engine = engine_of(market);
    Bytes const bytes = snapshot_of(*engine);
    Midweek midweek;
    REQUIRE(midweek.engine->restore(bytes).has_value());
    CHECK((snapshot_of(*midweek.engine) == bytes));
    CHECK(midweek.engine->events() == 0);
}

TEST_CASE("a damaged, cut or longer snapshot is refused and changes nothing") {
    Midweek const midweek;
    Bytes bytes = snapshot_of(*midweek.engine);
    auto const engine = engine_of(midweek.market);
    Bytes const before = snapshot_of(*engine);
    support::Dice dice(3);
    for (int i = 0; i < 300; ++i) {
        // The first flips walk through the head, which is judged field by field.
        auto const at =
            i < 60 ? static_cast<std::size_t>(i)
                   : static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(bytes.size())));
        auto const bit = std::byte{1} << static_cast<unsigned>(dice.below(8));
        bytes[at] ^= bit;
        CAPTURE(at);
        CHECK_FALSE(engine->restore(bytes).has_value());
        bytes[at] ^= bit;
    }
    for (int i = 0; i < 100; ++i) {
        auto const n = i < 60 ? static_cast<std::size_t>(i)
                              : bytes.size() - 1 -
                                    static_cast<std::size_t>(i < 80 ? i - 60 : dice.below(100'000));
        CAPTURE(n);
        CHECK_FALSE(engine->restore(std::span(bytes).first(n)).has_value());
    }
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    CHECK(refusal(*engine, longer).find("damaged or cut") != std::string::npos);
    CHECK((snapshot_of(*engine) == before));
    CHECK(engine->restore(bytes).has_value());
}

TEST_CASE("a refusal names what differs and changes nothing") {
    Midweek const midweek;
    Bytes const bytes = snapshot_of(*midweek.engine);
    RandomMarket other = random_market();
    auto const refused_by = [&](const Engine& made) {
        Engine engine(made.registry(), other.calendars, other.params);
        Bytes const before = snapshot_of(engine);
        std::string const message = refusal(engine, bytes);
        CHECK((snapshot_of(engine) == before));
        return message;
    };
    SUBCASE("rule parameters") {
        other.params.unwind.agents_factor += 0.25;
        CHECK(refused_by(*engine_of(other)).find("other rule parameters") != std::string::npos);
    }
    SUBCASE("instruments") {
        Instrument row;
        row.name = "SOL";
        row.role = Role::Token;
        row.group = GroupId{3};
        REQUIRE(other.registry.add_instrument(row).has_value());
        CHECK(refused_by(*engine_of(other)).find("other instruments") != std::string::npos);
    }
    SUBCASE("groups") {
        REQUIRE(other.registry.add_group("power", GroupId{0}, false).has_value());
        CHECK(refused_by(*engine_of(other)).find("other groups") != std::string::npos);
    }
    SUBCASE("the version") {
        Bytes newer = bytes;
        newer[4] = std::byte{0xFE};
        CHECK(refusal(*engine_of(other), newer).find("version 254") != std::string::npos);
    }
    SUBCASE("something else") {
        Bytes const text(100, std::byte{'{'});
        CHECK(refusal(*engine_of(other), text).find("no engine snapshot") != std::string::npos);
        CHECK(refusal(*engine_of(other), {}).find("no engine snapshot") != std::string::npos);
    }
}

TEST_CASE("only the venue's symbol of a feed changed and the refusal says feeds") {
    auto const with_symbol = [](const char* symbol) {
        RandomMarket market;
        VenueId const venue = market.registry.add_venue("one", true).value();
        Instrument row;
        row.name = "BTC";
        row.role = Role::Benchmark;
        InstrumentId const id = market.registry.add_instrument(row).value();
        Feed feed;
        feed.instrument = id;
        feed.venue = venue;
        feed.symbol = symbol;
        REQUIRE(market.registry.add_feed(feed).has_value());
        return market;
    };
    RandomMarket const one = with_symbol("BTCUSDT");
    RandomMarket const other = with_symbol("BTC-USD");
    CHECK(refusal(*engine_of(other), snapshot_of(*engine_of(one))).find("other feeds") !=
          std::string::npos);
}

TEST_CASE("a second snapshot into the same bytes and a restore allocate nothing") {
    if (!test::AllocCounter::active()) return;
    Midweek midweek;
    Bytes bytes = snapshot_of(*midweek.engine);
    bytes.clear();
    test::AllocCounter const counter;
    midweek.engine->snapshot(bytes);
    bool const restored = midweek.engine->restore(bytes).has_value();
    CHECK(counter.count() == 0);
    CHECK(restored);
}

TEST_CASE("a snapshot is appended to what is there") {
    RandomMarket const market = random_market();
    auto const engine = engine_of(market);
    Bytes out{std::byte{1}, std::byte{2}};
    engine->snapshot(out);
    CHECK(out[1] == std::byte{2});
    CHECK(engine->restore(std::span(out).subspan(2)).has_value());
}

TEST_CASE("the snapshot of a universe as large as the shipped one is below 16 MB") {
    RandomMarket market;
    std::vector<VenueId> venues;
    for (const char* const name : {"a", "b", "c", "d", "e"}) {
        venues.push_back(market.registry.add_venue(name, true).value());
    }
    GroupId const group = market.registry.add_group("infra", GroupId{}, true).value();
    auto const add = [&](const std::string& name, Market of, std::size_t feeds) {
        Instrument row;
        row.name = name;
        row.market = of;
        row.role = of == Market::Utc ? Role::Token : Role::Benchmark;
        if (of == Market::Utc) row.group = group;
        InstrumentId const id = market.registry.add_instrument(row).value();
        for (std::size_t i = 0; i < feeds; ++i) {
            Feed feed;
            feed.instrument = id;
            feed.venue = venues[i];
            feed.symbol = name;
            REQUIRE(market.registry.add_feed(feed).has_value());
        }
    };
    for (int i = 0; i < 13; ++i) add("T" + std::to_string(i), Market::Utc, 5);
    for (int i = 0; i < 60; ++i) add("S" + std::to_string(i), Market::Xnys, 2);
    std::size_t const bytes = snapshot_of(*engine_of(market)).size();
    MESSAGE("13 tokens on 5 venues and 60 stocks on 2: " << bytes << " bytes");
    CHECK(bytes < 16'000'000);
    CHECK(bytes > 1'000'000);
}
