#include "daemon/playback.hpp"

namespace spill {
namespace {

UnixNanos whole_second(UnixNanos at) noexcept { return UnixNanos{at.ns - at.ns % kNanosPerSecond}; }

}  // namespace

void Playback::start(const Event& first, bool quiet) noexcept {
    second_ = whole_second(first.ts_event);
    clock(second_, quiet ? ClockMark::Quiet : ClockMark::Tick);
}

void Playback::tick_to(UnixNanos at) noexcept {
    for (auto due = engine_.next_close(); due && *due <= at; due = engine_.next_close()) {
        clock(*due, ClockMark::Tick);
    }
    UnixNanos const second = whole_second(at);
    if (second > second_) {
        second_ = second;
        clock(second, ClockMark::Tick);
    }
}

void Playback::play(const Event& event) noexcept {
    tick_to(learned_at(event));
    engine_.apply(event, sink_);
}

void Playback::publish_from(UnixNanos at) noexcept {
    tick_to(at);
    clock(at, ClockMark::Publish);
}

void Playback::finish() noexcept {
    if (auto const due = engine_.next_close()) tick_to(UnixNanos{due->ns + kNanosPerMinute});
}

}  // namespace spill
