// Feeds an engine with recorded events and with the clock that they imply.
//
// A Clock event is made at every instant at which a minute closes and at every whole second that
// has an event; any other second would change nothing.
#pragma once

#include <algorithm>

#include "core/engine.hpp"
#include "core/event.hpp"
#include "core/signal.hpp"

namespace spill {

// When an event became known: the end of a bar, the receipt of a trade, which is later than its
// stamp when it came late, and the stamp of anything else.
[[nodiscard]] inline UnixNanos learned_at(const Event& event) noexcept {
    switch (event.kind) {
        case EventKind::Bar: return event.ts_recv;
        case EventKind::Trade: return std::max(event.ts_event, event.ts_recv);
        case EventKind::Feed:
        case EventKind::Status:
        case EventKind::Clock:
        case EventKind::Corporate: return event.ts_event;
    }
    return event.ts_event;
}

class Playback {
public:
    // REQUIRES both to outlive the object.
    Playback(Engine& engine, SignalSink& sink) noexcept : engine_(engine), sink_(sink) {}

    // Starts the clock at the first event's start, so that a first bar is not late for its own
    // minutes. Quiet: the engine learns without publishing until publish_from().
    void start(const Event& first, bool quiet) noexcept;
    // Applies the event after the clock has come to it. REQUIRES ascending learned_at().
    void play(const Event& event) noexcept;
    // Moves the clock on, closing every minute on the way.
    void tick_to(UnixNanos at) noexcept;
    void publish_from(UnixNanos at) noexcept;
    // What the last events made true becomes known when their minute closes.
    void finish() noexcept;

private:
    void clock(UnixNanos at, ClockMark mark) noexcept {
        engine_.apply(clock_event(at, mark), sink_);
    }

    Engine& engine_;
    SignalSink& sink_;
    UnixNanos second_{INT64_MIN};
};

}  // namespace spill
