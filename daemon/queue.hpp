// The queue between two stages: bounded, named, counted, over moodycamel::ConcurrentQueue.
//
// The bound is ours (moodycamel's is not strict): an element counts from before it is enqueued
// until after it is dequeued. Order is kept per producer. Steady state allocates nothing: blocks
// for `capacity` elements of each producer are reserved at construction and only the try_ forms
// are used.
//
// Waking: a cross-core wake costs the waker 7-15 us, so a producer wakes the consumer only when
// it has declared itself asleep, and once per batch (`wake`), never per element.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include <concurrentqueue/concurrentqueue.h>

namespace spill {

// The figures of one queue, readable from any thread at any time (relaxed: each right by itself).
struct QueueStats {
    std::string name;          // constant
    std::size_t capacity = 0;  // constant
    std::atomic<std::uint64_t> depth{0};
    std::atomic<std::uint64_t> high_water{0};  // greatest depth ever
    std::atomic<std::uint64_t> popped{0};
    std::atomic<std::uint64_t> dropped{0};  // pushes that were refused
    std::atomic<std::uint64_t> wakes{0};    // consumer wake-ups that a producer paid for
};

// T must be trivially copyable in spirit: cheap to copy, no ownership. Many producers, each with
// its own Producer handle on its own thread; one consumer thread.
template <class T>
class BoundedQueue {
public:
    struct Options {
        std::string name;
        std::size_t capacity = 0;  // elements, REQUIRES > 0
        std::size_t producers = 1;
    };

    explicit BoundedQueue(Options options)
        : queue_(options.capacity + 2 * Traits::BLOCK_SIZE, options.producers, 0),
          consumer_(queue_) {
        stats_.name = std::move(options.name);
        stats_.capacity = options.capacity;
    }
    BoundedQueue(const BoundedQueue&) = delete;
    BoundedQueue& operator=(const BoundedQueue&) = delete;

    // A producer's handle: owns its lane. REQUIRES at most `producers` of them per queue, and the
    // queue to outlive it.
    class Producer {
    public:
        explicit Producer(BoundedQueue& queue) : queue_(&queue), token_(queue.queue_) {}

        // False when the queue is full; the refusal is counted. Wakes nobody.
        bool try_push(const T& value) noexcept { return queue_->push(token_, value); }
        // Wakes the consumer if it said that it sleeps. Once per batch.
        void wake() noexcept { queue_->wake(); }

    private:
        BoundedQueue* queue_;
        moodycamel::ProducerToken token_;
    };

    // Consumer thread only. Takes up to out.size() elements; returns how many.
    std::size_t pop_bulk(std::span<T> out) noexcept {
        std::size_t const n = queue_.try_dequeue_bulk(consumer_, out.data(), out.size());
        if (n != 0) {
            stats_.depth.fetch_sub(n, std::memory_order_seq_cst);
            stats_.popped.store(stats_.popped.load(std::memory_order_relaxed) + n,
                                std::memory_order_relaxed);
        }
        return n;
    }

    // Consumer thread only: declares itself asleep. Returns false (and takes it back) when there
    // is something to pop. After true the next wake() of a producer reaches the consumer: it
    // releases park(), or runs the wake callback.
    bool declare_asleep() noexcept {
        asleep_.store(1, std::memory_order_seq_cst);
        if (stats_.depth.load(std::memory_order_seq_cst) == 0) return true;
        asleep_.store(0, std::memory_order_relaxed);
        return false;
    }
    // Consumer thread only, after declare_asleep() returned true: sleeps until woken.
    void park() noexcept {
        while (asleep_.load(std::memory_order_acquire) == 1) {
            asleep_.wait(1, std::memory_order_acquire);
        }
    }

    // For a consumer that sleeps elsewhere (an event loop): runs on the waking thread instead of
    // releasing park(). Set before the threads start.
    void on_wake(std::function<void()> callback) { callback_ = std::move(callback); }

    // Any thread. Wakes the consumer if it declared itself asleep; also how a stop request gets
    // through.
    void wake() noexcept {
        if (asleep_.load(std::memory_order_seq_cst) == 0) return;
        if (asleep_.exchange(0, std::memory_order_acq_rel) == 0) return;
        stats_.wakes.fetch_add(1, std::memory_order_relaxed);
        if (callback_) {
            callback_();
        } else {
            asleep_.notify_one();
        }
    }

    [[nodiscard]] const QueueStats& stats() const noexcept { return stats_; }
    // Elements pushed and not popped yet, to the moment.
    [[nodiscard]] std::size_t depth() const noexcept {
        return stats_.depth.load(std::memory_order_relaxed);
    }

private:
    using Traits = moodycamel::ConcurrentQueueDefaultTraits;

    // The depth is raised first (sequentially consistent, as is the consumer's declaration):
    // either the consumer sees the element coming and stays awake, or wake() sees it asleep.
    bool push(moodycamel::ProducerToken& token, const T& value) noexcept {
        std::uint64_t const before = stats_.depth.fetch_add(1, std::memory_order_seq_cst);
        if (before >= stats_.capacity || !queue_.try_enqueue(token, value)) {
            stats_.depth.fetch_sub(1, std::memory_order_seq_cst);
            stats_.dropped.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        std::uint64_t high = stats_.high_water.load(std::memory_order_relaxed);
        while (before + 1 > high && !stats_.high_water.compare_exchange_weak(
                                        high, before + 1, std::memory_order_relaxed)) {
        }
        return true;
    }

    QueueStats stats_;
    moodycamel::ConcurrentQueue<T, Traits> queue_;
    moodycamel::ConsumerToken consumer_;
    std::function<void()> callback_;
    alignas(64) std::atomic<std::uint32_t> asleep_{0};
};

}  // namespace spill
