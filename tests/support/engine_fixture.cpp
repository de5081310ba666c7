#include "tests/support/engine_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/timestamp.hpp"
#include "tests/support/trades.hpp"

namespace spill::support {
namespace {

std::int64_t first_day() { return days_from_civil(CivilDate{.year = 2026, .month = 3, .day = 2}); }

std::int32_t date_of(std::int64_t day) { return yyyymmdd(civil_from_days(day)); }

constexpr std::array<int, 3> kSeconds{10, 25, 40};

}  // namespace

World::World() {
    for (int day = 0; day < kWorldDays; ++day) {
        std::int64_t const midnight = (first_day() + day) * kNanosPerDay;
        auto const minute = [&](int m) { return UnixNanos{midnight + m * kNanosPerMinute}; };
        std::int32_t const date = date_of(first_day() + day);
        sessions[0].push_back({date, minute(810), minute(1200), minute(1200), false});
        sessions[1].push_back({date, minute(0), minute(380), minute(390), false});
    }
}

VenueId World::venue(const std::string& name, bool trusted) {
    return *registry.add_venue(name, trusted);
}

GroupId World::group(const std::string& name, GroupId parent, bool tokens) {
    return *registry.add_group(name, parent, tokens);
}

InstrumentId World::instrument(const Row& row) {
    Instrument out;
    out.name = row.name;
    out.market = row.market;
    out.role = row.role;
    out.group = row.group;
    out.proxy_for = row.proxy_for;
    out.tick = price(0.01);
    return *registry.add_instrument(out);
}

FeedId World::feed(InstrumentId instrument, VenueId venue, Coverage coverage) {
    Feed out;
    out.instrument = instrument;
    out.venue = venue;
    out.coverage = coverage;
    out.symbol = registry.instrument(instrument).name;
    return *registry.add_feed(out);
}

TradingSession& World::session(Market market, int day) {
    return sessions[static_cast<std::size_t>(market)][static_cast<std::size_t>(day)];
}

Print wave(const Wave& shape, int index) {
    double const last = shape.minutes - 1;
    int const top = shape.minutes / 4;
    int const bottom = 3 * shape.minutes / 4;
    double price = 0.0;
    if (index <= top) {
        price = shape.base + (shape.high - shape.base) * index / top;
    } else if (index <= bottom) {
        price = shape.high + (shape.low - shape.high) * (index - top) / (bottom - top);
    } else {
        price = shape.low + (shape.base - shape.low) * (index - bottom) / (last - bottom);
    }
    return {std::round(price * 100.0) / 100.0, shape.volume};
}

Rig::Rig(World world) : world_(std::move(world)) {
    calendars_.by_market[0] = *Calendar::from_sessions(world_.sessions[0]);
    calendars_.by_market[1] = *Calendar::from_sessions(world_.sessions[1]);
    engine_ = std::make_unique<Engine>(world_.registry, calendars_, world_.params);
}

void Rig::restore(std::span<const std::byte> snapshot) {
    SPILL_CHECK(engine_->restore(snapshot).has_value());
}

void Rig::script(FeedId feed, Script script, int bar_minutes) {
    auto const old = std::ranges::find(tracks_, feed, &Track::feed);
    if (old != tracks_.end()) tracks_.erase(old);
    InstrumentId const id = world_.registry.feed(feed).instrument;
    tracks_.push_back(
        {feed, id, world_.registry.instrument(id).market, bar_minutes, std::move(script), {}});
    std::ranges::sort(tracks_, {}, [](const Track& track) { return track.feed.value; });
}

UnixNanos Rig::at(Market market, Moment moment, int seconds) const {
    std::int64_t start = (first_day() + moment.day) * kNanosPerDay;
    if (market != Market::Utc) {
        start =
            world_.sessions[static_cast<std::size_t>(market)][static_cast<std::size_t>(moment.day)]
                .open.ns;
    }
    return UnixNanos{start + moment.index * kNanosPerMinute + seconds * kNanosPerSecond};
}

std::int32_t Rig::date(int day) const { return date_of(first_day() + day); }

std::optional<Moment> Rig::moment(Market market, std::int64_t minute) const {
    UnixNanos const start = minute_start(minute);
    auto const day = static_cast<int>(day_number(start) - first_day());
    if (day < 0 || day >= kWorldDays) return std::nullopt;
    auto const index = static_cast<int>((start.ns - at(market, {day, 0}).ns) / kNanosPerMinute);
    if (market == Market::Utc) return Moment{day, index};
    const TradingSession& session =
        world_.sessions[static_cast<std::size_t>(market)][static_cast<std::size_t>(day)];
    if (start < session.open || start >= session.close) return std::nullopt;
    return Moment{day, index};
}

void Rig::add_to_bar(Track& track, const Print& print, std::int64_t minute) {
    track.pending.push_back(print);
    if (static_cast<int>(track.pending.size()) < track.bar_minutes) return;
    Event event{};
    event.kind = EventKind::Bar;
    event.aux = static_cast<std::uint8_t>(track.bar_minutes);
    event.instrument = track.instrument;
    event.feed = track.feed;
    event.ts_event = minute_start(minute + 1 - track.bar_minutes);
    event.bar = BarBody{};
    event.bar.open = price(track.pending.front().price);
    event.bar.close = price(track.pending.back().price);
    event.bar.high = event.bar.low = event.bar.open;
    double volume = 0.0;
    for (const Print& row : track.pending) {
        event.bar.high = std::max(event.bar.high, price(row.price));
        event.bar.low = std::min(event.bar.low, price(row.price));
        volume += row.volume;
    }
    event.bar.volume = size(volume);
    track.pending.clear();
    event.ts_recv = minute_start(minute + 1);
    tick(event.ts_recv);
    engine_->apply(event, *this);
}

void Rig::play_minute(std::int64_t minute) {
    std::vector<std::pair<Track*, Print>> rows;
    for (Track& track : tracks_) {
        auto const now = moment(track.market, minute);
        if (!now) continue;
        if (auto const print = track.script(*now)) {
            if (print->volume > 0.0) rows.emplace_back(&track, *print);
        }
    }
    for (int const second : kSeconds) {
        UnixNanos const when{minute_start(minute).ns + second * kNanosPerSecond};
        for (const auto& [track, print] : rows) {
            if (track->bar_minutes == 0) {
                trade({track->feed, when, print.price, print.volume / kSeconds.size()});
            }
        }
    }
    for (const auto& [track, print] : rows) {
        if (track->bar_minutes > 0) add_to_bar(*track, print, minute);
    }
    tick(UnixNanos{minute_start(minute + 1).ns + 2 * kNanosPerSecond});
}

void Rig::run(Market market, Moment from, Moment to) {
    std::int64_t const end = minute_of(at(market, to));
    for (std::int64_t m = minute_of(at(market, from)); m < end; ++m) play_minute(m);
}

void Rig::run_days(int first, int last) { run(Market::Utc, {first, 0}, {last + 1, 0}); }

void Rig::tick(UnixNanos at, ClockMark mark) { engine_->apply(clock_event(at, mark), *this); }

void Rig::play(const Event& event) {
    UnixNanos const second{event.ts_event.ns - event.ts_event.ns % kNanosPerSecond};
    for (auto due = engine_->next_close(); due && *due <= second; due = engine_->next_close()) {
        tick(*due);
    }
    if (second > engine_->clock()) tick(second);
    engine_->apply(event, *this);
}

void Rig::trade(const Tape& tape) {
    Event event = support::trade({.price = tape.price,
                                  .size = tape.size,
                                  .ms = tape.at.ns / 1'000'000,
                                  .aggressor = tape.aggressor,
                                  .flags = tape.flags});
    event.feed = tape.feed;
    event.instrument = world_.registry.feed(tape.feed).instrument;
    // A print may be late, its arrival may not: clocks go on from where they are.
    if (tape.at > engine_->clock()) {
        play(event);
    } else {
        engine_->apply(event, *this);
    }
}

namespace {

Event feed_event(const Registry& registry, FeedId feed, UnixNanos at, EventKind kind) {
    Event event{};
    event.kind = kind;
    event.feed = feed;
    event.instrument = registry.feed(feed).instrument;
    event.ts_event = event.ts_recv = at;
    return event;
}

}  // namespace

void Rig::link(FeedId feed, UnixNanos at, FeedState state) {
    Event event = feed_event(world_.registry, feed, at, EventKind::Feed);
    event.aux = static_cast<std::uint8_t>(state);
    event.feed_change = FeedBody{};
    play(event);
}

void Rig::gap(const Missing& missing) {
    Event event = feed_event(world_.registry, missing.feed, missing.at, EventKind::Feed);
    event.aux = static_cast<std::uint8_t>(FeedState::Gap);
    event.feed_change = FeedBody{};
    event.feed_change.from = missing.from;
    event.feed_change.to = missing.to;
    event.feed_change.filled = missing.filled ? 1 : 0;
    play(event);
}

void Rig::status(FeedId feed, UnixNanos at, TradingStatus status) {
    Event event = feed_event(world_.registry, feed, at, EventKind::Status);
    event.aux = static_cast<std::uint8_t>(status);
    event.status = StatusBody{};
    play(event);
}

void Rig::corporate(InstrumentId instrument, UnixNanos at, const CorporateBody& body) {
    Event event{};
    event.kind = EventKind::Corporate;
    event.instrument = instrument;
    event.ts_event = event.ts_recv = at;
    event.corporate = body;
    play(event);
}

void Rig::on_signal(const Signal& signal) noexcept { signals_.push_back(signal); }

std::string Rig::path(std::string_view key) const {
    std::string out;
    for (const Signal& signal : signals_) {
        if (signal.key.view() != key) continue;
        if (!out.empty()) out += ' ';
        out += signal.state;
    }
    return out;
}

const Signal* Rig::find(std::string_view key, std::string_view state) const {
    auto const it = std::ranges::find_if(signals_, [&](const Signal& signal) {
        return signal.key.view() == key && signal.state == state;
    });
    return it == signals_.end() ? nullptr : &*it;
}

int Rig::count(std::string_view key, std::string_view state) const {
    return static_cast<int>(std::ranges::count_if(signals_, [&](const Signal& signal) {
        return signal.key.view() == key && signal.state == state;
    }));
}

int Rig::minute(Market market, std::string_view key, std::string_view state) const {
    const Signal* const signal = find(key, state);
    if (signal == nullptr) return -1;
    // A minute close is stamped with the minute's end: the last nanosecond lies inside.
    auto const now = moment(market, minute_of(UnixNanos{signal->ts_event.ns - 1}));
    return now ? now->index : -1;
}

namespace {

void append_item(std::string& out, const EvidenceItem& item) {
    std::array<char, 64> text{};
    out += ' ';
    out += item.name;
    if (item.feed.valid()) out += '#' + std::to_string(item.feed.value);
    out += '=';
    switch (item.kind) {
        case EvidenceItem::Kind::Number:
            std::snprintf(text.data(), text.size(), "%.6f", item.number);
            out += text.data();
            return;
        case EvidenceItem::Kind::Integer:
        case EvidenceItem::Kind::Boolean: out += std::to_string(item.integer); return;
        case EvidenceItem::Kind::Text: out += item.text; return;
        case EvidenceItem::Kind::Null: out += "null"; return;
    }
}

}  // namespace

std::string text_of(const Signal& signal) {
    std::string out = std::to_string(signal.offset) + " " + to_string(signal.type) + " ";
    out += std::string(signal.key.view()) + " " + signal.prev + ">" + signal.state;
    out += " episode=" + std::to_string(signal.episode) + " " + to_string(signal.coverage);
    out += " " + std::string(signal.session.view());
    out += " at=" + std::to_string(signal.ts_event.ns);
    out += "/" + std::to_string(signal.ts_signal.ns);
    out += " cause=" + std::to_string(signal.cause_seq);
    if (signal.provisional) out += " provisional";
    if (signal.degraded) out += " degraded";
    if (signal.from_bars) out += " from_bars";
    for (const EvidenceItem& item : signal.evidence) append_item(out, item);
    return out + '\n';
}

std::string text_of(const std::vector<Signal>& signals) {
    std::string out;
    for (const Signal& signal : signals) out += text_of(signal);
    return out;
}

double number(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    if (item == nullptr) return std::numeric_limits<double>::quiet_NaN();
    switch (item->kind) {
        case EvidenceItem::Kind::Number: return item->number;
        case EvidenceItem::Kind::Integer:
        case EvidenceItem::Kind::Boolean: return static_cast<double>(item->integer);
        case EvidenceItem::Kind::Text:
        case EvidenceItem::Kind::Null: break;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

std::string_view words(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    if (item == nullptr || item->kind != EvidenceItem::Kind::Text) return {};
    return item->text;
}

}  // namespace spill::support
