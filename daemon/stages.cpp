#include "daemon/stages.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace spill {

UnixNanos wall_now() noexcept {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return UnixNanos{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

void CoreStage::on_signal(const Signal& signal) noexcept {
    ports_.stats.count_signal(signal.type, signal.state);
    out_.try_push(signal);
}

void CoreStage::apply(const Event& event) noexcept {
    ports_.stats.count_event(event.kind);
    ports_.engine.apply(event, *this);
}

// Lanes keep their own order only: a clock may be popped before trades that were queued earlier
// on another lane. Everything that is queued now goes first, except for other clocks: they wait
// for the same reason, and the latest stands for all of them.
void CoreStage::apply_behind_others(const Event& clock) noexcept {
    Event latest = clock;
    std::size_t left = ports_.events.depth();
    while (left > 0) {
        std::size_t const n =
            ports_.events.pop_bulk(std::span<Event>(before_).first(std::min(left, kBatch)));
        if (n == 0) break;
        left -= n;
        for (std::size_t i = 0; i < n; ++i) {
            if (before_[i].kind != EventKind::Clock) {
                apply(before_[i]);
            } else if (before_[i].ts_event > latest.ts_event) {
                latest = before_[i];
            }
        }
    }
    apply(latest);
}

std::size_t CoreStage::drain() noexcept {
    std::size_t total = 0;
    for (;;) {
        std::size_t const n = ports_.events.pop_bulk(batch_);
        if (n == 0) return total;
        total += n;
        for (std::size_t i = 0; i < n; ++i) {
            bool const wait = ports_.many_lanes && batch_[i].kind == EventKind::Clock;
            if (!wait) {
                std::size_t const ahead = i + Engine::kPrefetchAhead;
                if (ahead < n) ports_.engine.prefetch(batch_[ahead]);
                apply(batch_[i]);
                continue;
            }
            for (std::size_t j = i + 1; j < n; ++j) {
                if (batch_[j].kind != EventKind::Clock) apply(batch_[j]);
            }
            apply_behind_others(batch_[i]);
            for (std::size_t j = i + 1; j < n; ++j) {
                if (batch_[j].kind == EventKind::Clock) apply(batch_[j]);
            }
            break;
        }
        const Event& last = batch_[n - 1];
        if (last.kind == EventKind::Trade) {
            ports_.latency.record(wall_now().ns - last.ts_recv.ns);
        }
    }
}

PublishStage::PublishStage(Ports ports) : ports_(std::move(ports)) {
    if (ports_.tap != nullptr) {
        tap_ = std::make_unique<BoundedQueue<Signal>::Producer>(*ports_.tap);
    }
}

void PublishStage::publish(const Signal& signal) noexcept {
    std::size_t const n =
        encode_signal(signal, ports_.registry, ports_.cfg.c_str(), std::span<char>(buffer_));
    if (n == 0) {
        ++unencodable_;
        return;
    }
    const EvidenceItem* const score = signal.evidence.find("score");
    SignalFacts facts{.offset = signal.offset,
                      .type = signal.type,
                      .key = signal.key.view(),
                      .state = signal.state,
                      .prev = signal.prev};
    if (score != nullptr && score->kind == EvidenceItem::Kind::Number) facts.score = score->number;
    ports_.gateway.publish(std::string_view(buffer_.data(), n), facts);
    // A minute close has no receive time of its own: its cause is a clock.
    if (signal.ts_recv != signal.ts_signal) {
        ports_.latency.record(wall_now().ns - signal.ts_recv.ns);
    }
    if (tap_ != nullptr) tap_->try_push(signal);
}

std::size_t PublishStage::drain() noexcept {
    std::size_t total = 0;
    for (;;) {
        std::size_t const n = ports_.signals.pop_bulk(batch_);
        if (n == 0) break;
        total += n;
        for (std::size_t i = 0; i < n; ++i) publish(batch_[i]);
    }
    if (total != 0) {
        ports_.gateway.flush();
        if (tap_ != nullptr) tap_->wake();
    }
    return total;
}

}  // namespace spill
