// Stamps, numbers and hands out signals: the last step of the engine.
#pragma once

#include <cstdint>

#include "core/basket_book.hpp"
#include "core/bucket_book.hpp"
#include "core/feed_book.hpp"
#include "core/health_book.hpp"
#include "core/instrument.hpp"
#include "core/instrument_book.hpp"
#include "core/signal.hpp"
#include "core/token_book.hpp"

namespace spill {

// What caused the signals that are being made.
struct Cause {
    UnixNanos ts_event, ts_recv, ts_signal;
    std::uint64_t seq = 0;
};

class SignalMaker {
public:
    explicit SignalMaker(const Registry& registry) noexcept : registry_(&registry) {}

    // Of the event that is being applied.
    void begin(SignalSink& sink, const Cause& cause) noexcept {
        sink_ = &sink;
        cause_ = cause;
    }
    // A minute close has the minute's end for its cause.
    void at_minute_end(UnixNanos end, UnixNanos clock) noexcept;

    // While not publishing, signals are neither numbered nor handed out.
    void set_publishing(bool publishing) noexcept { publishing_ = publishing; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] const Cause& cause() const noexcept { return cause_; }

    void breakout(const Instrument& row, const BreakoutChange& change, const InstrumentBook& book,
                  const FeedBook& lead) noexcept;
    void volume(const Instrument& row, const VolumeChange& change, const TokenBook& token,
                const InstrumentBook& book, const FeedBook& lead) noexcept;
    // `session` is the one that the group was judged in.
    void participation(const ParticipationChange& change, const TradingSession& session) noexcept;
    void rotation(const RotationChange& change, const TradingSession& day) noexcept;
    void unwind(const UnwindChange& change, const TradingSession& day) noexcept;
    void health(const HealthChange& change, Market market, const TradingSession& session) noexcept;

    template <class A>
    void archive(A& a) {
        a(publishing_, offset_);
    }

private:
    void stamp(Signal& signal, Market market, const TradingSession& session) const noexcept;
    void emit(Signal& signal) noexcept;

    const Registry* registry_;
    SignalSink* sink_ = nullptr;
    Cause cause_;
    bool publishing_ = true;
    std::uint64_t offset_ = 0;
};

}  // namespace spill
