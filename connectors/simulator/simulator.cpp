#include "connectors/simulator/simulator.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace spill {
namespace {

using Clock = std::chrono::steady_clock;
// How long the thread waits for network events before it looks at the stop token again.
constexpr std::chrono::milliseconds kTurn{20};

std::vector<std::string> venues_with_feeds(const Registry& registry) {
    std::vector<std::string> names;
    for (const Venue& venue : registry.venues()) {
        for (const Feed& feed : registry.feeds()) {
            if (feed.venue != venue.id) continue;
            names.push_back(venue.name);
            break;
        }
    }
    return names;
}

}  // namespace

class Simulator::Impl {
public:
    explicit Impl(SimulatorOptions options)
        : options_(std::move(options)),
          market_(options_.market),
          venues_(venues_with_feeds(*options_.market.registry)),
          exchange_(io_, *options_.market.registry, venues_, options_.exchange) {
        market_time_ = market_.live_start().ns;
    }

    void start() {
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    void stop() {
        if (!thread_.joinable()) return;
        thread_.request_stop();
        thread_.join();
    }

    SimulatorOptions options_;
    SimMarket market_;
    std::vector<std::string> venues_;
    boost::asio::io_context io_{1};
    Exchange exchange_;
    std::atomic<std::int64_t> market_time_{0};
    std::atomic<std::uint64_t> trades_{0};
    std::atomic<bool> done_{false};

private:
    void run(const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), "spill-sim");
        auto const work = boost::asio::make_work_guard(io_);
        while (!stop.stop_requested() && !exchange_.complete()) io_.run_one_for(kTurn);
        play(stop);
        while (!stop.stop_requested()) {
            io_.run_one_for(kTurn);
            if (!done_ && exchange_.drained(market_.live_end())) done_ = true;
        }
        exchange_.stop();
        io_.run_for(kTurn);
    }

    // Keeps the distance to the slowest subscriber, and the pace of the wall clock.
    void play(const std::stop_token& stop) {
        exchange_.publish({}, market_.live_start());
        std::vector<SimTrade> trades;
        Clock::time_point due = Clock::now();
        while (!stop.stop_requested()) {
            std::int64_t const behind = options_.max_ahead_seconds * kNanosPerSecond;
            if (!exchange_.drained(UnixNanos{market_.now().ns - behind})) {
                io_.run_one_for(kTurn);
                continue;
            }
            Clock::time_point const now = Clock::now();
            if (now < due) {
                io_.run_one_for(std::min<Clock::duration>(due - now, kTurn));
                continue;
            }
            if (!market_.next_second(trades)) return;
            exchange_.publish(trades, market_.now());
            trades_ += trades.size();
            market_time_ = market_.now().ns;
            due = next_due(due, now);
            io_.poll();
        }
    }

    // A pause of the subscriber is not made up for by a sprint of more than a second.
    Clock::time_point next_due(Clock::time_point due, Clock::time_point now) const {
        if (options_.speed <= 0.0) return now;
        auto const step = std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(1.0 / options_.speed));
        return std::max(due, now - std::chrono::seconds(1)) + step;
    }

    std::jthread thread_;
};

Simulator::Simulator(SimulatorOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
Simulator::~Simulator() { impl_->stop(); }

void Simulator::start() { impl_->start(); }
void Simulator::stop() { impl_->stop(); }
std::uint16_t Simulator::port() const noexcept { return impl_->exchange_.port(); }
bool Simulator::done() const noexcept { return impl_->done_; }
UnixNanos Simulator::market_time() const noexcept { return UnixNanos{impl_->market_time_}; }
std::uint64_t Simulator::trades_sent() const noexcept { return impl_->trades_; }
const SimMarket& Simulator::market() const noexcept { return impl_->market_; }

}  // namespace spill
