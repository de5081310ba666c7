#include "core/engine.hpp"

#include <algorithm>

namespace spill {
namespace {

constexpr std::array<Market, kMarkets> kAllMarkets{Market::Xnys, Market::Xkrx, Market::Utc};

// Minutes for which another feed must have been the best before it leads: a short while when the
// leading one is silent (one broken minute is no reason), longer when it is there.
constexpr std::int32_t kLeadLostMinutes = 2;
constexpr std::int32_t kLeadBackMinutes = 5;

bool has(const Event& event, std::uint32_t bits) noexcept {
    return (event.trade.flags & bits) != 0;
}

}  // namespace

Engine::Engine(const Registry& registry, const Calendars& calendars, const Params& params)
    : registry_(&registry),
      calendars_(&calendars),
      params_(params),
      groups_(registry, params_),
      health_(registry),
      maker_(registry) {
    std::size_t const n = registry.instruments().size();
    feed_slot_.resize(registry.feeds().size());
    feeds_.reserve(registry.feeds().size());
    instruments_.reserve(n);
    tokens_.reserve(n);
    token_of_.assign(n, -1);
    lead_feed_.reserve(n);
    better_for_.resize(n);
    lead_observed_.resize(n);
    first_feed_.reserve(n + 1);
    for (const Instrument& row : registry.instruments()) {
        first_feed_.push_back(static_cast<std::uint32_t>(feeds_.size()));
        lead_feed_.push_back(first_feed_.back());
        for (FeedId const id : row.feeds) {
            feed_slot_[id.value] = static_cast<std::uint32_t>(feeds_.size());
            feeds_.emplace_back(registry.feed(id), row, params_);
        }
        instruments_.emplace_back(row, params_);
        if (row.market == Market::Utc && (row.role == Role::Token || row.role == Role::Benchmark)) {
            token_of_[row.id.value] = static_cast<std::int32_t>(tokens_.size());
            tokens_.emplace_back(row, params_);
        }
    }
    first_feed_.push_back(static_cast<std::uint32_t>(feeds_.size()));
    minutes_.resize(feeds_.size());
}

const TokenBook* Engine::token(InstrumentId id) const noexcept {
    std::int32_t const at = token_of_[id.value];
    return at < 0 ? nullptr : &tokens_[static_cast<std::size_t>(at)];
}

std::span<FeedBook> Engine::feeds_of(std::size_t instrument) noexcept {
    return std::span<FeedBook>(feeds_).subspan(
        first_feed_[instrument], first_feed_[instrument + 1] - first_feed_[instrument]);
}

bool Engine::leads(const FeedBook& feed, InstrumentId instrument) const noexcept {
    return &feeds_[lead_feed_[instrument.value]] == &feed;
}

std::optional<UnixNanos> Engine::next_close() const noexcept {
    if (!started_) return std::nullopt;
    auto const grace = static_cast<std::int64_t>(params_.clock.grace_seconds * 1e9);
    return UnixNanos{minute_start(next_minute_ + 1).ns + grace};
}

void Engine::prefetch(const Event& event) const noexcept {
    if (event.kind != EventKind::Trade) return;
    feeds_[feed_slot_[event.feed.value]].prefetch(next_minute_);
    instruments_[event.instrument.value].prefetch();
}

void Engine::apply(const Event& event, SignalSink& sink) noexcept {
    ++events_;
    // A bar is known at its end; everything else at its stamp.
    UnixNanos at = event.ts_event;
    if (event.kind == EventKind::Bar) at.ns += event.aux * kNanosPerMinute;
    if (!started_) {
        started_ = true;
        next_minute_ = minute_of(event.ts_event);
        clock_ = at;
        for (Market const market : kAllMarkets) {
            MarketState& state = markets_[static_cast<std::size_t>(market)];
            const Calendar& calendar = calendars_->of(market);
            state.next = calendar.containing(event.ts_event);
            if (!state.next) state.next = calendar.after(event.ts_event);
            if (state.next) next_open_ = std::min(next_open_, state.next->open);
        }
    }
    maker_.begin(sink, {at, event.ts_recv, std::max(clock_, at), events_});
    switch (event.kind) {
        case EventKind::Trade: apply_trade(event); break;
        case EventKind::Bar: apply_bar(event); break;
        case EventKind::Feed: apply_feed_change(event); break;
        case EventKind::Status: apply_status(event); break;
        case EventKind::Clock: apply_clock(event); break;
        case EventKind::Corporate:
            instruments_[event.instrument.value].announce_corporate(event.corporate);
            break;
    }
}

void Engine::apply_trade(const Event& event) noexcept {
    FeedBook& feed = feeds_[feed_slot_[event.feed.value]];
    InstrumentBook& instrument = instruments_[event.instrument.value];
    auto const future = static_cast<std::int64_t>(params_.clock.future_seconds * 1e9);
    if (event.ts_event.ns > clock_.ns + future && clock_.ns > 0) {
        ++feed.counters().future;
        return;
    }
    advance_to(event.ts_event);
    bool const utc = instrument.market() == Market::Utc;
    const TradingSession& session = instrument.session();
    bool const inside = instrument.in_session() && event.ts_event >= session.open &&
                        (event.ts_event < session.close || utc);
    if (has(event, trade_flag::kBlock | trade_flag::kDerived)) {
        ++feed.counters().ineligible;
        return;
    }
    if (has(event, trade_flag::kCloseAuction) && instrument.in_session() &&
        event.ts_event >= session.continuous_end && leads(feed, event.instrument)) {
        instrument.official_close(event.trade.price);
    }
    if (!inside) {
        ++feed.counters().ineligible;
        return;
    }
    if (has(event, trade_flag::kCancel)) {
        feed.cancel_trade(event);  // nothing to take back from a closed minute
        return;
    }
    if (minute_of(event.ts_event) < next_minute_ || has(event, trade_flag::kLateReport) ||
        has(event, trade_flag::kBackfill)) {
        if (!has(event, trade_flag::kNoVolume)) feed.late_trade(event.trade.size);
        return;
    }
    if (has(event, trade_flag::kNoPrice | trade_flag::kOddLot | trade_flag::kOpenAuction |
                       trade_flag::kCloseAuction)) {
        if (!has(event, trade_flag::kNoVolume)) feed.volume_trade(event);
    } else {
        apply_priced(event, feed, instrument);
    }
}

void Engine::apply_priced(const Event& event, FeedBook& feed, InstrumentBook& instrument) noexcept {
    Price const reference = instrument.previous_close().value_or(Price{});
    TickVerdict const verdict = feed.price_trade(event, reference);
    if (verdict == TickVerdict::Hold || verdict == TickVerdict::Drop) return;
    if (!leads(feed, event.instrument)) return;
    const TradingSession& session = instrument.session();
    for (const Event& print : feed.accepted()) {
        // Prints of the next session wait for the roll; auctions are not continuous trading.
        if (print.ts_event < session.open || print.ts_event >= session.continuous_end) continue;
        if (minute_of(print.ts_event) < next_minute_) continue;
        changes_.size = 0;
        instrument.trade(print, changes_, episodes_);
        if (changes_.size != 0) publish_changes(event.instrument);
    }
}

void Engine::apply_bar(const Event& event) noexcept {
    if (event.aux == 0) return;
    FeedBook& feed = feeds_[feed_slot_[event.feed.value]];
    InstrumentBook& instrument = instruments_[event.instrument.value];
    advance_to(event.ts_event);
    UnixNanos const end{event.ts_event.ns + event.aux * kNanosPerMinute};
    const TradingSession& session = instrument.session();
    // A bar that lies across the session's edge belongs to neither side.
    bool const inside =
        instrument.in_session() && event.ts_event >= session.open && end <= session.close;
    if (!inside) {
        ++feed.counters().ineligible;
        return;
    }
    if (!feed.add_bar(event, next_minute_)) return;
    if (leads(feed, event.instrument) && event.bar.volume.nanos > 0) synthetic_prints(event);
}

// High then low (up bars: low then high) and close, so that a bar can trigger as its trades would.
void Engine::synthetic_prints(const Event& bar) noexcept {
    InstrumentBook& instrument = instruments_[bar.instrument.value];
    UnixNanos const end{bar.ts_event.ns + bar.aux * kNanosPerMinute};
    bool const up = bar.bar.close >= bar.bar.open;
    std::array<Price, 3> const prices{up ? bar.bar.low : bar.bar.high,
                                      up ? bar.bar.high : bar.bar.low, bar.bar.close};
    Event print{};
    print.kind = EventKind::Trade;
    print.instrument = bar.instrument;
    print.feed = bar.feed;
    print.ts_event = UnixNanos{end.ns - 1};
    if (print.ts_event >= instrument.session().continuous_end) return;
    for (Price const price : prices) {
        print.trade.price = price;
        changes_.size = 0;
        instrument.trade(print, changes_, episodes_);
        if (changes_.size != 0) publish_changes(bar.instrument);
    }
}

void Engine::apply_feed_change(const Event& event) noexcept {
    FeedBook& feed = feeds_[feed_slot_[event.feed.value]];
    switch (static_cast<FeedState>(event.aux)) {
        case FeedState::Live:
        case FeedState::Stale: {
            bool const live = static_cast<FeedState>(event.aux) == FeedState::Live;
            feed.set_live(event.ts_event, live);
            publish_health(health_.link(registry_->feed(event.feed), live));
            return;
        }
        case FeedState::Gap:
            feed.add_gap(event.feed_change.from, event.feed_change.to,
                         event.feed_change.filled != 0);
            publish_health(health_.gap(registry_->feed(event.feed), event.feed_change));
            return;
    }
}

void Engine::apply_status(const Event& event) noexcept {
    auto const status = static_cast<TradingStatus>(event.aux);
    InstrumentBook& instrument = instruments_[event.instrument.value];
    bool const resumes = instrument.halted() && status == TradingStatus::Continuous;
    instrument.set_status(event.ts_event, status);
    publish_health(health_.status(event.instrument, status));
    if (!resumes) return;
    for (FeedBook& feed : feeds_of(event.instrument.value)) feed.restart_filter();
}

void Engine::apply_clock(const Event& event) noexcept {
    switch (static_cast<ClockMark>(event.aux)) {
        case ClockMark::Tick: break;
        case ClockMark::Quiet: maker_.set_publishing(false); break;
        case ClockMark::Publish: maker_.set_publishing(true); break;
    }
    clock_ = std::max(clock_, event.ts_event);
    while (*next_close() <= clock_) {
        advance_to(minute_start(next_minute_));
        close_minute(next_minute_);
        ++next_minute_;
    }
    advance_to(clock_);
}

// Opens every session that has begun at `at`. A market whose session still waits for its roll
// opens the next one right after it.
void Engine::advance_to(UnixNanos at) noexcept {
    while (at >= next_open_) {
        UnixNanos const due = next_open_;
        next_open_ = UnixNanos{INT64_MAX};
        for (Market const market : kAllMarkets) {
            MarketState& state = markets_[static_cast<std::size_t>(market)];
            if (state.session || !state.next) continue;
            if (state.next->open <= due) {
                open_session(market);
            } else {
                next_open_ = std::min(next_open_, state.next->open);
            }
        }
    }
}

void Engine::open_session(Market market) noexcept {
    MarketState& state = markets_[static_cast<std::size_t>(market)];
    const Calendar& calendar = calendars_->of(market);
    TradingSession const session = *state.next;
    auto const previous = calendar.at_or_before(UnixNanos{session.open.ns - 1});
    state.session = session;
    state.next = calendar.after(session.open);
    // One more minute than the session has: the closing auction prints just after the close.
    std::int64_t const after = market == Market::Utc ? 0 : kNanosPerMinute;
    state.roll_at = UnixNanos{session.close.ns + after};
    groups_.open_session(market, session.open);
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        InstrumentId const id{static_cast<std::uint32_t>(i)};
        if (registry_->instrument(id).market != market || feeds_of(i).empty()) continue;
        for (FeedBook& feed : feeds_of(i)) feed.open_session(session.open, market);
        if (market != Market::Utc) groups_.forget_return(id);
        if (auto const factor = instruments_[i].apply_corporate(session.date)) {
            for (FeedBook& feed : feeds_of(i)) feed.scale_volume(*factor);
        }
        if (token_of_[i] >= 0) {
            tokens_[static_cast<std::size_t>(token_of_[i])].open_session(session.open);
        }
        changes_.size = 0;
        instruments_[i].open_session(session, previous, changes_, episodes_);
        if (changes_.size != 0) publish_changes(id);
    }
}

void Engine::roll_session(Market market, std::int64_t minute) noexcept {
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        InstrumentId const id{static_cast<std::uint32_t>(i)};
        if (registry_->instrument(id).market != market || feeds_of(i).empty()) continue;
        changes_.size = 0;
        instruments_[i].close_session(minute, changes_, episodes_);
        if (changes_.size != 0) publish_changes(id);
        for (FeedBook& feed : feeds_of(i)) {
            feed.roll_session();
            publish_health(health_.baseline(registry_->feed(feed.id()), feed.baseline().quality()));
        }
        if (token_of_[i] >= 0) tokens_[static_cast<std::size_t>(token_of_[i])].roll_session();
    }
    MarketState& state = markets_[static_cast<std::size_t>(market)];
    groups_.close_session(market, state.session->close);
    state.session.reset();
    if (state.next) next_open_ = std::min(next_open_, state.next->open);
}

void Engine::close_feeds(std::size_t instrument, const SessionMinute& at) noexcept {
    std::uint32_t const first = first_feed_[instrument];
    for (std::uint32_t i = first; i < first_feed_[instrument + 1]; ++i) {
        minutes_[i] = feeds_[i].close_minute(at);
        if (token_of_[instrument] >= 0) {
            tokens_[static_cast<std::size_t>(token_of_[instrument])].add_feed_minute(minutes_[i]);
        }
    }
    if (first_feed_[instrument + 1] - first > 1) choose_lead(instrument);
}

// The best coverage that is live leads; among equals the first of the configuration.
void Engine::choose_lead(std::size_t instrument) noexcept {
    std::uint32_t& lead = lead_feed_[instrument];
    std::uint32_t best = lead;
    bool found = false;
    for (std::uint32_t i = first_feed_[instrument]; i < first_feed_[instrument + 1]; ++i) {
        if (!minutes_[i].observed) continue;
        if (!found || feeds_[i].coverage() > feeds_[best].coverage()) best = i;
        found = true;
    }
    if (!found || best == lead) {
        better_for_[instrument] = 0;
        return;
    }
    std::int32_t const patience = minutes_[lead].observed ? kLeadBackMinutes : kLeadLostMinutes;
    if (++better_for_[instrument] < patience) return;
    publish_health(health_.source(InstrumentId{static_cast<std::uint32_t>(instrument)},
                                  feeds_[lead].id(), feeds_[best].id()));
    lead = best;
    better_for_[instrument] = 0;
}

LeadMinute Engine::lead_minute(std::size_t instrument, const SessionMinute& at) noexcept {
    std::uint32_t const feed = lead_feed_[instrument];
    return LeadMinute{&feeds_[feed], minutes_[feed], at};
}

void Engine::close_minute(std::int64_t minute) noexcept {
    UnixNanos const start = minute_start(minute);
    UnixNanos const end = minute_start(minute + 1);
    maker_.at_minute_end(end, clock_);
    std::array<std::int32_t, kMarkets> index{};
    for (Market const market : kAllMarkets) {
        auto const m = static_cast<std::size_t>(market);
        const auto& session = markets_[m].session;
        bool const inside = session && start >= session->open && start < session->close;
        index[m] = inside
                       ? static_cast<std::int32_t>((start.ns - session->open.ns) / kNanosPerMinute)
                       : -1;
    }
    auto const at_of = [&](std::size_t i) {
        InstrumentId const id{static_cast<std::uint32_t>(i)};
        auto const m = static_cast<std::size_t>(registry_->instrument(id).market);
        const InstrumentBook& book = instruments_[i];
        bool const trading = book.traded_all(minute) && start < book.session().continuous_end;
        return SessionMinute{minute, feeds_of(i).empty() ? -1 : index[m], trading};
    };
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        SessionMinute const at = at_of(i);
        lead_observed_[i] = 0;
        if (at.index < 0) continue;
        close_feeds(i, at);
        changes_.size = 0;
        LeadMinute const lead = lead_minute(i, at);
        lead_observed_[i] = lead.present() ? 1 : 0;
        instruments_[i].book_minute(lead, changes_, episodes_);
        if (changes_.size != 0) publish_changes(InstrumentId{static_cast<std::uint32_t>(i)});
    }
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        SessionMinute const at = at_of(i);
        if (at.index < 0) continue;
        changes_.size = 0;
        instruments_[i].judge_minute(lead_minute(i, at), changes_, episodes_);
        if (changes_.size != 0) publish_changes(InstrumentId{static_cast<std::uint32_t>(i)});
    }
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
        SessionMinute const at = at_of(i);
        if (at.index < 0 || token_of_[i] < 0) continue;
        auto const change = tokens_[static_cast<std::size_t>(token_of_[i])].close_minute(
            lead_minute(i, at), feeds_of(i), episodes_);
        for (FeedBook& feed : feeds_of(i)) feed.end_minute(at);
        InstrumentId const id{static_cast<std::uint32_t>(i)};
        const Instrument& row = registry_->instrument(id);
        if (!change || row.role != Role::Token) continue;
        maker_.volume(row, *change, *token(id), instruments_[i], feeds_[lead_feed_[i]]);
    }
    close_groups(minute, index);
    for (const HealthChange& change :
         health_.close_minute({registry_, instruments_, feeds_, lead_observed_})) {
        publish_health(change);
    }
    for (Market const market : kAllMarkets) {
        const MarketState& state = markets_[static_cast<std::size_t>(market)];
        if (state.session && end >= state.roll_at) roll_session(market, minute);
    }
}

void Engine::publish_changes(InstrumentId instrument) noexcept {
    const Instrument& row = registry_->instrument(instrument);
    const FeedBook& lead = feeds_[lead_feed_[instrument.value]];
    for (const BreakoutChange& change : changes_) {
        groups_.on_breakout(maker_.cause().ts_event, row, change);
        maker_.breakout(row, change, instruments_[instrument.value], lead);
    }
}

void Engine::publish_health(const std::optional<HealthChange>& change) noexcept {
    if (!change) return;
    TradingSession day;
    day.date = utc_date(maker_.cause().ts_event);
    maker_.health(*change, Market::Utc, day);
}

void Engine::close_groups(std::int64_t minute,
                          const std::array<std::int32_t, kMarkets>& index) noexcept {
    MarketView view;
    view.registry = registry_;
    view.instruments = instruments_;
    view.feeds = feeds_;
    view.lead_feed = lead_feed_;
    view.minute = minute;
    view.index = index;
    const GroupChanges& changes =
        groups_.close_minute(view, {tokens_, token_of_}, lead_observed_, episodes_);
    for (const ParticipationChange& change : changes.participation) {
        maker_.participation(change, *markets_[static_cast<std::size_t>(change.market)].session);
    }
    const auto& day = markets_[static_cast<std::size_t>(Market::Utc)].session;
    if (!day) return;
    for (const RotationChange& change : changes.rotation) maker_.rotation(change, *day);
    for (const UnwindChange& change : changes.unwind) maker_.unwind(change, *day);
}

}  // namespace spill
