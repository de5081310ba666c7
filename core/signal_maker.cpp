#include "core/signal_maker.hpp"

#include <algorithm>

#include "core/evidence.hpp"
#include "core/group_evidence.hpp"

namespace spill {

void SignalMaker::at_minute_end(UnixNanos end, UnixNanos clock) noexcept {
    cause_.ts_event = end;
    cause_.ts_signal = std::max(clock, end);
}

void SignalMaker::stamp(Signal& signal, Market market,
                        const TradingSession& session) const noexcept {
    signal.session = session_name(market, session.date);
    signal.ts_event = cause_.ts_event;
    signal.ts_recv = cause_.ts_recv;
    signal.ts_signal = cause_.ts_signal;
    signal.cause_seq = cause_.seq;
}

void SignalMaker::emit(Signal& signal) noexcept {
    signal.offset = ++offset_;
    sink_->on_signal(signal);
}

void SignalMaker::breakout(const Instrument& row, const BreakoutChange& change,
                           const InstrumentBook& book, const FeedBook& lead) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, row.market, book.session());
    describe_breakout(signal, row, change, book, lead);
    emit(signal);
}

void SignalMaker::volume(const Instrument& row, const VolumeChange& change, const TokenBook& token,
                         const InstrumentBook& book, const FeedBook& lead) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, row.market, book.session());
    describe_volume(signal, row, change, token, lead);
    emit(signal);
}

void SignalMaker::participation(const ParticipationChange& change,
                                const TradingSession& session) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, change.market, session);
    describe_participation(signal, *registry_, change);
    emit(signal);
}

void SignalMaker::rotation(const RotationChange& change, const TradingSession& day) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, Market::Utc, day);
    describe_rotation(signal, *registry_, change);
    emit(signal);
}

void SignalMaker::unwind(const UnwindChange& change, const TradingSession& day) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, Market::Utc, day);
    describe_unwind(signal, *registry_, change);
    emit(signal);
}

void SignalMaker::health(const HealthChange& change, Market market,
                         const TradingSession& session) noexcept {
    if (!publishing_) return;
    Signal signal;
    stamp(signal, market, session);
    describe_health(signal, *registry_, change);
    emit(signal);
}

}  // namespace spill
