#include "core/instrument_book.hpp"

#include <algorithm>
#include <cmath>

#include "core/feature.hpp"

namespace spill {
namespace {

constexpr std::array<BreakoutKind, kBreakoutKinds> kKinds{
    BreakoutKind::OpeningRange, BreakoutKind::PriorDay, BreakoutKind::Donchian20};
constexpr std::array<BreakoutSide, 2> kSides{BreakoutSide::Up, BreakoutSide::Down};

// Share of a session's minutes that must have been observed for its high and low to be levels.
constexpr double kSessionCoverage = 0.9;

Price scaled(Price price, std::int64_t factor_e9) noexcept {
    int128 const product = static_cast<int128>(price.nanos) * factor_e9;
    return Price{static_cast<std::int64_t>((product + kNanosPerUnit / 2) / kNanosPerUnit)};
}

}  // namespace

InstrumentBook::InstrumentBook(const Instrument& instrument, const Params& params)
    : market_(instrument.market),
      proxy_(instrument.proxy_for.valid()),
      params_(&params),
      history_(params.level),
      noise_(slots_of(instrument.market)) {
    for (BreakoutKind const kind : kKinds) {
        for (BreakoutSide const side : kSides) {
            slots_[index(kind, side)] = Breakout(kind, side, instrument.tick);
        }
    }
}

void InstrumentBook::report(std::size_t slot, const std::optional<BreakoutEdge>& edge,
                            BreakoutChanges& out, EpisodeCounter& episodes) noexcept {
    if (!edge) return;
    quiet_ = kUnknownBand;
    if (edge->prev == BreakoutState::Idle) episodes_[slot] = episodes.next();
    out.add({*edge, slots_[slot].kind(), slots_[slot].side(), episodes_[slot]});
}

void InstrumentBook::open_session(const TradingSession& session,
                                  const std::optional<TradingSession>& previous,
                                  BreakoutChanges& out, EpisodeCounter& episodes) noexcept {
    session_ = session;
    in_session_ = true;
    set_status(session.open, TradingStatus::Continuous);
    has_range_ = false;
    range_observed_ = 0;
    range_complete_ = false;
    observed_minutes_ = passed_minutes_ = 0;
    session_volume_ = 0.0;
    official_close_.reset();
    suspect_corporate_ = false;
    gap_pending_.fill(false);
    judged_ = BreakoutMinute{};
    atr_ = history_.atr();
    if (atr_ && !(atr_->value > 0.0)) atr_.reset();  // a price that never moves measures nothing
    history_current_ = history_.size() > 0 && previous && history_.last().date == previous->date;
    previous_close_.reset();
    if (history_current_) previous_close_ = history_.last().close;
    set_levels(minute_of(session.open), out, episodes);
}

void InstrumentBook::set_levels(std::int64_t minute, BreakoutChanges& out,
                                EpisodeCounter& episodes) noexcept {
    quiet_ = kUnknownBand;
    for (BreakoutKind const kind : kKinds) {
        for (BreakoutSide const side : kSides) {
            std::optional<SessionLevel> level;
            bool const up = side == BreakoutSide::Up;
            if (history_current_ && kind == BreakoutKind::PriorDay) {
                const SessionBar& bar = history_.last();
                level = SessionLevel{up ? bar.high : bar.low, 1};
            } else if (history_current_ && kind == BreakoutKind::Donchian20) {
                level = up ? history_.highest() : history_.lowest();
            }
            std::size_t const i = index(kind, side);
            auto const edge =
                level && atr_ ? slots_[i].set_level(minute, {level->price, level->age, atr_->value})
                              : slots_[i].clear_level(minute);
            report(i, edge, out, episodes);
        }
    }
}

void InstrumentBook::trade(const Event& trade, BreakoutChanges& out,
                           EpisodeCounter& episodes) noexcept {
    std::int64_t const minute = minute_of(trade.ts_event);
    last_trade_minute_ = std::max(last_trade_minute_, minute);
    last_ = trade.trade.price;
    if (!range_complete_ || suspect_corporate_ || halted()) return;
    if (quiet_.holds(trade.trade.price)) return;
    for (std::size_t i = 0; i < kSlotsPerInstrument; ++i) {
        if (!slots_[i].has_level()) continue;
        auto const edge =
            slots_[i].trade(minute, trade.trade.price, gap_pending_[i], params_->breakout);
        gap_pending_[i] = false;
        report(i, edge, out, episodes);
    }
    find_quiet_band();
}

void InstrumentBook::find_quiet_band() noexcept {
    quiet_ = PriceBand{};
    for (std::size_t i = 0; i < kSlotsPerInstrument; ++i) {
        if (!slots_[i].has_level()) continue;
        PriceBand const band = slots_[i].quiet_band(params_->breakout);
        quiet_.low = std::max(quiet_.low, band.low);
        quiet_.high = std::min(quiet_.high, band.high);
    }
}

bool InstrumentBook::unexplained_gap(Price first) const noexcept {
    if (!previous_close_ || corporate_today_) return false;
    double const before = previous_close_->to_double();
    return q9(std::abs(first.to_double() - before) / before) > params_->level.suspect_gap;
}

void InstrumentBook::book_price(const MinuteBar& bar) noexcept {
    if (!has_range_) {
        open_ = bar.open;
        high_ = bar.high;
        low_ = bar.low;
        has_range_ = true;
        // A split nobody told us about: no level of yesterday means anything today.
        suspect_corporate_ = market_ != Market::Utc && unexplained_gap(bar.open);
    }
    high_ = std::max(high_, bar.high);
    low_ = std::min(low_, bar.low);
    close_ = bar.close;
    last_ = bar.close;
    last_trade_minute_ = std::max(last_trade_minute_, bar.minute);
}

void InstrumentBook::book_minute(const LeadMinute& lead, BreakoutChanges& out,
                                 EpisodeCounter& episodes) noexcept {
    std::int32_t const length = lead.minute.length;
    if (length == 0) return;
    passed_minutes_ += length;
    if (lead.minute.observed) observed_minutes_ += length;
    session_volume_ += lead.minute.bar.volume.to_double();
    if (lead.minute.bar.priced) book_price(lead.minute.bar);
    if (lead.present() && outage_minutes_ >= params_->breakout.reset_gap_minutes) {
        for (Breakout& slot : slots_) slot.reset_counters();
    }
    // A halt is no outage: the market is silent, not the feed.
    if (lead.at.trading) outage_minutes_ = lead.minute.observed ? 0 : outage_minutes_ + length;
    std::int32_t const range = params_->level.opening_range_minutes;
    if (lead.at.index < range && lead.present()) range_observed_ += length;
    if ((lead.at.index + 1) % kSlotMinutes == 0 && lead.present() && has_range_) {
        noise_.note({(lead.at.index + 1) / kSlotMinutes - 1, open_, close_});
    }
    if (!range_complete_ && lead.at.index + 1 >= range) {
        complete_range(lead.at.minute, out, episodes);
    }
}

void InstrumentBook::complete_range(std::int64_t minute, BreakoutChanges& out,
                                    EpisodeCounter& episodes) noexcept {
    range_complete_ = true;
    quiet_ = kUnknownBand;
    bool const seen = has_range_ && range_observed_ >= params_->level.opening_range_minutes;
    if (seen) {
        range_high_ = high_;
        range_low_ = low_;
    } else {
        range_observed_ = 0;
    }
    if (market_ != Market::Utc && seen && atr_) {
        for (BreakoutSide const side : kSides) {
            std::size_t const i = index(BreakoutKind::OpeningRange, side);
            Price const price = side == BreakoutSide::Up ? range_high_ : range_low_;
            report(i, slots_[i].set_level(minute, {price, 0, atr_->value}), out, episodes);
        }
    }
    if (!last_) return;
    for (std::size_t i = 0; i < kSlotsPerInstrument; ++i) {
        gap_pending_[i] = slots_[i].has_level() && !slots_[i].active() &&
                          slots_[i].beyond(*last_, params_->breakout);
    }
}

std::optional<Price> InstrumentBook::range_high() const noexcept {
    if (!range_complete_ || range_observed_ == 0) return std::nullopt;
    return range_high_;
}

std::optional<Price> InstrumentBook::range_low() const noexcept {
    if (!range_complete_ || range_observed_ == 0) return std::nullopt;
    return range_low_;
}

bool InstrumentBook::any_active() const noexcept {
    return std::ranges::any_of(slots_, [](const Breakout& slot) { return slot.active(); });
}

double InstrumentBook::rvol15_bound(const FeedBook& feed) const noexcept {
    const BreakoutParams& rule = params_->breakout;
    double bound = rule.rvol15;
    if (provisional() || feed.baseline().quality() != BaselineQuality::Ready) {
        bound = std::max(bound, rule.rvol15_provisional);
    }
    switch (feed.coverage()) {
        case Coverage::SingleVenue:
            if (market_ != Market::Utc) bound = std::max(bound, rule.rvol15_single_venue);
            break;
        case Coverage::Derivative: bound = std::max(bound, rule.rvol15_derivative); break;
        case Coverage::Unknown:
        case Coverage::Delayed:
        case Coverage::VenueSum:
        case Coverage::Consolidated: break;
    }
    return bound;
}

BreakoutMinute InstrumentBook::input_for(const LeadMinute& lead) const noexcept {
    const FeedBook& feed = *lead.feed;
    BreakoutMinute input;
    input.minute = lead.at.minute;
    input.close = close_;  // not last_: a print of the next minute may be there already
    input.rvol15 = feed.window().rvol(15);
    input.rvol_cum = feed.rvol_cumulative(lead.at.index + 1);
    if (feed.totals().priced_volume.nanos > 0) input.vwap = feed.totals().vwap();
    input.rvol15_bound = rvol15_bound(feed);
    input.halted = !lead.at.trading;
    input.degraded = feed.gap_within(lead.at.minute, 15);
    bool const trusted_coverage =
        feed.coverage() != Coverage::Delayed && feed.coverage() != Coverage::Unknown;
    input.may_confirm = trusted_coverage && feed.baseline().quality() != BaselineQuality::None &&
                        feed.suspicion() == VolumeSuspicion::None;
    input.length = lead.minute.length;
    return input;
}

void InstrumentBook::judge_minute(const LeadMinute& lead, BreakoutChanges& out,
                                  EpisodeCounter& episodes) noexcept {
    if (lead.minute.length == 0 || !lead.present() || !has_range_ || !any_active()) return;
    if (suspect_corporate_) return;
    judged_ = input_for(lead);
    for (std::size_t i = 0; i < kSlotsPerInstrument; ++i) {
        report(i, slots_[i].minute(judged_, params_->breakout), out, episodes);
    }
}

void InstrumentBook::close_session(std::int64_t minute, BreakoutChanges& out,
                                   EpisodeCounter& episodes) noexcept {
    in_session_ = false;
    corporate_today_ = false;
    if (!has_range_) return;
    noise_.roll_session();
    Price const close = official_close_.value_or(close_);
    // A session that ends unobserved says nothing about where it closed, and one after a split
    // that nobody announced says it in other units.
    if (outage_minutes_ < params_->breakout.reset_gap_minutes && !suspect_corporate_) {
        for (std::size_t i = 0; i < kSlotsPerInstrument; ++i) {
            report(i, slots_[i].session_close(minute, close, params_->breakout), out, episodes);
        }
    }
    auto const whole = (session_.close.ns - session_.open.ns) / kNanosPerMinute;
    if (observed_minutes_ < kSessionCoverage * static_cast<double>(whole)) return;
    SessionBar bar;
    bar.date = session_.date;
    bar.open = open_;
    bar.high = std::max(high_, close);
    bar.low = std::min(low_, close);
    bar.close = close;
    bar.volume = session_volume_;
    history_.add(bar);
}

void InstrumentBook::set_status(UnixNanos at, TradingStatus status) noexcept {
    bool const halts = status != TradingStatus::Continuous;
    if (halts && !halted()) {
        halt_from_ = at;
        halt_to_ = UnixNanos{INT64_MAX};
    } else if (!halts && halted()) {
        halt_to_ = at;
    }
    status_ = status;
}

std::optional<double> InstrumentBook::apply_corporate(std::int32_t date) noexcept {
    if (!corporate_ || corporate_->session > date) return std::nullopt;
    CorporateBody const body = *corporate_;
    corporate_.reset();
    history_.scale({body.price_factor_e9, body.size_factor_e9});
    for (Breakout& slot : slots_) slot.scale(body.price_factor_e9);
    quiet_ = kUnknownBand;
    if (last_) last_ = scaled(*last_, body.price_factor_e9);
    corporate_today_ = true;
    return static_cast<double>(body.size_factor_e9) / 1e9;
}

std::optional<double> InstrumentBook::noise_pos(UnixNanos at, Price price,
                                                BreakoutSide side) const noexcept {
    if (!has_range_ || !previous_close_ || at < session_.open) return std::nullopt;
    auto const minute = (at.ns - session_.open.ns) / kNanosPerMinute;
    auto const sigma = noise_.sigma(static_cast<int>(minute / kSlotMinutes));
    if (!sigma || !(*sigma > 0.0)) return std::nullopt;
    return noise_position({open_, *previous_close_, price, *sigma}, side);
}

Gates InstrumentBook::gates(BreakoutKind kind, BreakoutSide side) const noexcept {
    return slots_[index(kind, side)].gates(judged_, params_->breakout);
}

}  // namespace spill
