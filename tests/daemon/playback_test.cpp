#include "daemon/playback.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/gateway/protocol.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

struct Texts final : SignalSink {
    const Registry& registry;
    std::vector<std::string> bodies;
    explicit Texts(const Registry& from) : registry(from) {}
    void on_signal(const Signal& signal) noexcept override {
        std::string body(kMaxSignalBytes, '\0');
        body.resize(encode_signal(signal, registry, "00000000", body));
        bodies.push_back(std::move(body));
    }
};

// An engine over the small world, fed with bars of MU.P.
struct Rig {
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    FeedId feed = test::feed_on(config.registry, "bybit-linear", "MU.P");
    Engine engine{config.registry, calendars, config.params};
    Texts sink{config.registry};
    Playback playback{engine, sink};

    [[nodiscard]] Event bar(UnixNanos start, int minutes, double close) const {
        auto const nanos = static_cast<std::int64_t>(close * 1e9);
        Event event{};
        event.ts_event = start;
        event.ts_recv = UnixNanos{start.ns + minutes * kNanosPerMinute};
        event.instrument = config.registry.feed(feed).instrument;
        event.feed = feed;
        event.kind = EventKind::Bar;
        event.aux = static_cast<std::uint8_t>(minutes);
        event.bar = {.open = Price{nanos},
                     .high = Price{nanos + 50'000'000},
                     .low = Price{nanos - 50'000'000},
                     .close = Price{nanos},
                     .volume = Quantity{kNanosPerUnit * 1000}};
        return event;
    }
    [[nodiscard]] Event trade(UnixNanos at) const {
        Event event{};
        event.ts_event = at;
        event.ts_recv = at;
        event.instrument = config.registry.feed(feed).instrument;
        event.feed = feed;
        event.kind = EventKind::Trade;
        event.trade = {.price = Price{100 * kNanosPerUnit},
                       .size = Quantity{kNanosPerUnit},
                       .trade_id = 1,
                       .flags = 0,
                       .fill_count = 1};
        return event;
    }
    // Whole sessions of 5-minute bars, a slow rise that breaks every prior day's high.
    void play_sessions(int count) {
        auto session = calendars.of(Market::Xnys).after(test::instant("2026-04-01T00:00:00Z"));
        double price = 100.0;
        bool first = true;
        for (int day = 0; day < count; ++day) {
            REQUIRE(session.has_value());
            for (auto at = session->open; at < session->close; at.ns += 5 * kNanosPerMinute) {
                Event const event = bar(at, 5, price);
                if (first) playback.start(event, false);
                first = false;
                playback.play(event);
                price += 0.02;
            }
            session = calendars.of(Market::Xnys).after(session->open);
        }
        playback.finish();
    }
};

constexpr UnixNanos plus(UnixNanos at, std::int64_t ns) { return UnixNanos{at.ns + ns}; }

}  // namespace

TEST_CASE("a bar is known at its end, anything else at its stamp") {
    Rig const rig;
    UnixNanos const at = test::instant("2026-05-26T14:00:00Z");
    CHECK(learned_at(rig.bar(at, 5, 100.0)) == plus(at, 5 * kNanosPerMinute));
    CHECK(learned_at(rig.trade(at)) == at);
    CHECK(learned_at(clock_event(at)) == at);
}

TEST_CASE("the clock starts at the first event's start, in a whole second") {
    Rig rig;
    UnixNanos const at = test::instant("2026-05-26T14:00:00Z");
    rig.playback.start(rig.trade(plus(at, 700'000'000)), false);
    CHECK(rig.engine.events() == 1);
    CHECK(rig.engine.clock() == at);
}

TEST_CASE("a second that has an event gets one clock, a second without gets none") {
    Rig rig;
    UnixNanos const at = test::instant("2026-05-26T14:00:10Z");
    rig.playback.start(rig.trade(at), false);
    std::uint64_t const before = rig.engine.events();
    rig.playback.play(rig.trade(plus(at, 3 * kNanosPerSecond + 1)));
    CHECK(rig.engine.events() == before + 2);
    rig.playback.play(rig.trade(plus(at, 3 * kNanosPerSecond + 2)));
    CHECK(rig.engine.events() == before + 3);
    CHECK(rig.engine.clock() == plus(at, 3 * kNanosPerSecond));
}

TEST_CASE("a clock stands at every instant at which a minute closes") {
    Rig rig;
    UnixNanos const at = test::instant("2026-05-26T14:00:10Z");
    rig.playback.start(rig.trade(at), false);
    rig.playback.play(rig.trade(at));
    auto const due = rig.engine.next_close();
    REQUIRE(due.has_value());
    CHECK(*due > at);
    std::uint64_t const before = rig.engine.events();
    // Ten minutes later: ten closes, the second itself, the trade.
    rig.playback.play(rig.trade(plus(at, 10 * kNanosPerMinute)));
    CHECK(rig.engine.events() == before + 12);
    auto const next = rig.engine.next_close();
    REQUIRE(next.has_value());
    CHECK(next->ns == due->ns + 10 * kNanosPerMinute);
}

TEST_CASE("a bar of five minutes closes all five of them") {
    Rig rig;
    UnixNanos const open = test::instant("2026-05-26T13:30:00Z");
    rig.playback.start(rig.bar(open, 5, 100.0), false);
    rig.playback.play(rig.bar(open, 5, 100.0));
    rig.playback.play(rig.bar(plus(open, 5 * kNanosPerMinute), 5, 101.0));
    rig.playback.finish();
    CHECK(rig.engine.feed(rig.feed).counters().late == 0);
    CHECK(rig.engine.feed(rig.feed).counters().ineligible == 0);
    CHECK(rig.engine.clock() >= plus(open, 10 * kNanosPerMinute));
    CHECK(*rig.engine.next_close() > rig.engine.clock());
}

TEST_CASE("the same bars give the same bytes") {
    Rig first;
    first.play_sessions(8);
    Rig second;
    second.play_sessions(8);
    CHECK(first.sink.bodies.size() > 10);
    CHECK(first.sink.bodies == second.sink.bodies);
}

TEST_CASE("a quiet start learns without a word, and offsets begin where publishing begins") {
    Rig loud;
    loud.play_sessions(8);
    Rig quiet;
    auto const session =
        quiet.calendars.of(Market::Xnys).after(test::instant("2026-04-01T00:00:00Z"));
    REQUIRE(session.has_value());
    quiet.playback.start(quiet.bar(session->open, 5, 100.0), true);
    quiet.play_sessions(0);
    double price = 100.0;
    auto day = session;
    for (int i = 0; i < 8; ++i) {
        if (i == 7) quiet.playback.publish_from(day->open);
        for (auto at = day->open; at < day->close; at.ns += 5 * kNanosPerMinute) {
            quiet.playback.play(quiet.bar(at, 5, price));
            price += 0.02;
        }
        if (i < 7) CHECK(quiet.sink.bodies.empty());
        day = quiet.calendars.of(Market::Xnys).after(day->open);
    }
    quiet.playback.finish();
    REQUIRE_FALSE(quiet.sink.bodies.empty());
    CHECK(quiet.sink.bodies.size() < loud.sink.bodies.size());
    CHECK(quiet.sink.bodies.front().find("\"offset\":1,") != std::string::npos);
}
