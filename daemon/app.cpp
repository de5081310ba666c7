#include "daemon/app.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/ban_store.hpp"
#include "connectors/key_lock.hpp"
#include "core/engine.hpp"
#include "daemon/log.hpp"
#include "daemon/playback.hpp"
#include "daemon/stages.hpp"
#include "daemon/version.hpp"

namespace spill {
namespace {

namespace asio = boost::asio;

// How long a hybrid consumer looks for work before it sleeps.
constexpr std::chrono::microseconds kHybridSpin{50};

void name_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.c_str()); }

std::string describe(const LinkChange& change, const std::string& venue) {
    std::string text = "link " + venue + ": ";
    if (!change.symbol.empty()) return text + "symbol " + std::string(change.symbol) + " refused";
    text += to_string(change.state);
    if (!change.detail.empty()) text += " (" + std::string(change.detail) + ")";
    return text;
}

// systemd names a directory of our own in the environment (StateDirectory=).
std::string state_directory(const DaemonConfig& config) {
    if (!config.state_dir.empty()) return config.state_dir;
    const char* const given = std::getenv("STATE_DIRECTORY");
    return given != nullptr ? given : "";
}

GatewayConfig gateway_config(const AppOptions& options) {
    const GatewaySettings& from = options.config->gateway;
    GatewayConfig to;
    to.address = from.address;
    to.port = static_cast<std::uint16_t>(from.port);
    to.max_subscribers = static_cast<std::size_t>(from.max_subscribers);
    to.version = version();
    to.epoch = options.epoch;
    to.cfg = options.config->hash8;
    to.outbox_messages = static_cast<std::size_t>(from.outbox_messages);
    to.outbox_bytes = static_cast<std::size_t>(from.outbox_bytes);
    to.outbox_age = std::chrono::duration_cast<std::chrono::milliseconds>(from.outbox_age);
    to.allowed_origins = from.allowed_origins;
    to.registry = &options.config->registry;
    to.send_buffer_bytes = static_cast<int>(from.send_buffer);
    to.heartbeat = std::chrono::duration_cast<std::chrono::milliseconds>(from.heartbeat);
    to.messages_per_second = from.messages_per_second;
    return to;
}

}  // namespace

class App::Impl {
public:
    Impl(AppOptions options, const PlanChoice& plan);
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> start();
    void stop();
    [[nodiscard]] Readiness ready() const;

    // One feed thread's end of the events queue.
    class Lane final : public EventSink {
    public:
        Lane(Impl& app, std::size_t index) : app_(app), index_(index), out_(app.events_) {}
        bool push(const Event& event) noexcept override { return out_.try_push(event); }
        void flush() noexcept override { app_.after_batch(out_); }
        void market_clock(UnixNanos at) noexcept override { app_.on_market_clock(*this, at); }
        void post_clock(UnixNanos at) noexcept {
            out_.try_push(clock_event(at));
            flush();
        }
        [[nodiscard]] std::size_t index() const noexcept { return index_; }

    private:
        Impl& app_;
        std::size_t index_;
        BoundedQueue<Event>::Producer out_;
    };

    // One feed thread (in the inline plan: the hot thread).
    struct FeedRunner {
        asio::io_context io{1};
        std::unique_ptr<Lane> lane;
        std::unique_ptr<VenueFeed> feed;
        std::unique_ptr<asio::steady_timer> tick;
        std::atomic<std::int64_t> market_clock{0};
        std::jthread thread;
    };

    void build_feeds();
    void lock_key(const LinkConfig& link);
    void build_metrics();
    void learn_history();
    void arm_tick(FeedRunner& runner);
    void after_batch(BoundedQueue<Event>::Producer& out) noexcept;
    void on_market_clock(Lane& lane, UnixNanos at) noexcept;
    void run_core(const std::stop_token& stop) noexcept;
    void wait_for_events() noexcept;
    void run_publisher() noexcept;

    AppOptions options_;
    PlanChoice plan_;
    bool inline_;
    BoundedQueue<Event> events_;
    BoundedQueue<Signal> signals_;
    Engine engine_;
    EngineStats engine_stats_;
    LatencyHistogram apply_latency_, publish_latency_;
    Metrics metrics_;
    std::string state_dir_;
    BanStore bans_;
    std::set<std::string, std::less<>> locked_;  // venues whose key is ours
    std::vector<KeyLock> key_locks_;
    std::vector<std::unique_ptr<FeedRunner>> feeds_;
    asio::io_context ops_{1};
    asio::io_context pub_{1};
    std::unique_ptr<Gateway> gateway_;
    std::unique_ptr<CoreStage> core_;
    std::unique_ptr<PublishStage> publish_;
    std::atomic<std::int64_t> posted_clock_{0};
    std::atomic<bool> started_{false};
    std::atomic<bool> stopping_{false};
    std::jthread core_thread_, pub_thread_, ops_thread_;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
};

App::Impl::Impl(AppOptions options, const PlanChoice& plan)
    : options_(std::move(options)),
      plan_(plan),
      inline_(plan.plan == ThreadPlan::Inline),
      events_({"events", static_cast<std::size_t>(options_.config->daemon.event_queue),
               static_cast<std::size_t>(std::max(1, options_.config->daemon.feed_threads))}),
      signals_({"signals", static_cast<std::size_t>(options_.config->daemon.signal_queue), 1}),
      engine_(options_.config->registry, *options_.calendars, options_.config->params),
      metrics_(BuildFacts{version(), options_.config->hash8, options_.epoch, to_string(plan.plan)}),
      state_dir_(state_directory(options_.config->daemon)),
      bans_(state_dir_) {
    build_feeds();
    asio::io_context& pub = inline_ ? feeds_.front()->io : pub_;
    GatewayHooks hooks;
    hooks.metrics_text = [this] { return metrics_.text(); };
    hooks.ready = [this] { return ready(); };
    gateway_ = std::make_unique<Gateway>(ops_, pub, gateway_config(options_), hooks);
    core_ = std::make_unique<CoreStage>(CoreStage::Ports{engine_, events_, signals_, engine_stats_,
                                                         apply_latency_, feeds_.size() > 1});
    publish_ = std::make_unique<PublishStage>(
        PublishStage::Ports{signals_, *gateway_, options_.config->registry, options_.config->hash8,
                            publish_latency_, options_.tap});
    build_metrics();
    learn_history();
}

void App::Impl::build_feeds() {
    std::size_t const wanted =
        inline_ ? 1 : static_cast<std::size_t>(std::max(1, options_.config->daemon.feed_threads));
    std::size_t const n = std::max<std::size_t>(1, std::min(wanted, options_.links.size()));
    for (std::size_t i = 0; i < n; ++i) {
        auto runner = std::make_unique<FeedRunner>();
        runner->lane = std::make_unique<Lane>(*this, i);
        std::vector<LinkConfig> mine;
        for (std::size_t j = i; j < options_.links.size(); j += n)
            mine.push_back(options_.links[j]);
        std::vector<std::string> names;
        for (LinkConfig& link : mine) {
            names.emplace_back(link.spec->name);
            link.bans = &bans_;
            lock_key(link);
            link.in_session = [this](InstrumentId id, UnixNanos at) {
                Market const market = options_.config->registry.instrument(id).market;
                return options_.calendars->of(market).containing(at).has_value();
            };
        }
        runner->feed = std::make_unique<VenueFeed>(
            runner->io, options_.config->registry, std::move(mine), *runner->lane,
            options_.seed + i, [names](const LinkChange& change) {
                bool const bad = change.state == LinkState::Stale ||
                                 change.state == LinkState::Banned ||
                                 change.state == LinkState::Refused || !change.symbol.empty();
                log_line(bad ? LogLevel::Warn : LogLevel::Info,
                         describe(change, names[change.link]));
            });
        feeds_.push_back(std::move(runner));
    }
    if (bans_.damaged() > 0) {
        log_line(LogLevel::Warn, "state directory: " + std::to_string(bans_.damaged()) +
                                     " damaged venue files ignored; their bans are forgotten");
    }
}

// A venue that grants a key one connection must not be fought over by two processes.
void App::Impl::lock_key(const LinkConfig& link) {
    const std::string& directory = state_dir_;
    if (!link.spec->one_connection || link.credentials.key.empty() || directory.empty()) return;
    if (!locked_.emplace(link.spec->name).second) return;
    auto lock = KeyLock::take(directory, link.spec->name, link.credentials.key);
    if (!lock) throw std::runtime_error(lock.error().message);
    key_locks_.push_back(*std::move(lock));
}

void App::Impl::build_metrics() {
    for (const auto& runner : feeds_) {
        for (const auto& stats : runner->feed->stats()) metrics_.add_link(stats.get());
    }
    metrics_.add_queue(&events_.stats());
    metrics_.add_queue(&signals_.stats());
    metrics_.add_gateway(&gateway_->stats());
    metrics_.add_engine(&engine_stats_);
    metrics_.add_latency("receive_to_apply", &apply_latency_);
    metrics_.add_latency("receive_to_publish", &publish_latency_);
    metrics_.set_ready([this] { return ready().ready; });
}

void App::Impl::learn_history() {
    if (options_.history.empty()) return;
    Playback playback(engine_, *core_);
    playback.start(options_.history.front(), true);
    for (const Event& event : options_.history) playback.play(event);
    playback.publish_from(options_.publish_from);
    posted_clock_ = options_.publish_from.ns;
    options_.history = {};
}

Readiness App::Impl::ready() const {
    Readiness ready;
    std::size_t live = 0;
    std::size_t links = 0;
    for (const auto& runner : feeds_) {
        for (const auto& stats : runner->feed->stats()) {
            ++links;
            auto const state = static_cast<LinkState>(stats->state.load(std::memory_order_relaxed));
            if (state == LinkState::Live) {
                ++live;
            } else {
                ready.reasons.push_back("link " + stats->venue + " is " + to_string(state));
            }
        }
    }
    if (!started_) ready.reasons.emplace_back("starting");
    if (stopping_) ready.reasons.emplace_back("stopping");
    ready.ready = started_ && !stopping_ && live > 0 && live == links;
    return ready;
}

void App::Impl::after_batch(BoundedQueue<Event>::Producer& out) noexcept {
    if (inline_) {
        core_->drain();
        publish_->drain();
    } else {
        out.wake();
    }
}

// The market's time is the least over the feed threads; whoever raises it posts the clock.
void App::Impl::on_market_clock(Lane& lane, UnixNanos at) noexcept {
    feeds_[lane.index()]->market_clock.store(at.ns, std::memory_order_release);
    std::int64_t least = at.ns;
    for (const auto& runner : feeds_) {
        least = std::min(least, runner->market_clock.load(std::memory_order_acquire));
    }
    std::int64_t posted = posted_clock_.load(std::memory_order_relaxed);
    while (least > posted) {
        if (posted_clock_.compare_exchange_weak(posted, least)) {
            lane.post_clock(UnixNanos{least});
            return;
        }
    }
}

// Live: one Clock a wall second. The deadline is steady, the stamp is the wall's.
void App::Impl::arm_tick(FeedRunner& runner) {
    std::int64_t const into = wall_now().ns % kNanosPerSecond;
    runner.tick->expires_after(std::chrono::nanoseconds(kNanosPerSecond - into));
    runner.tick->async_wait([this, &runner](const boost::system::error_code& error) {
        if (error || stopping_) return;
        UnixNanos const now = wall_now();
        runner.lane->post_clock(UnixNanos{now.ns - now.ns % kNanosPerSecond});
        arm_tick(runner);
    });
}

void App::Impl::wait_for_events() noexcept {
    if (options_.config->daemon.wait == WaitMode::Spin) return;
    if (options_.config->daemon.wait == WaitMode::Hybrid) {
        auto const until = std::chrono::steady_clock::now() + kHybridSpin;
        while (std::chrono::steady_clock::now() < until) {
            if (events_.depth() != 0) return;
        }
    }
    // A stop that came before the declaration woke nobody: it must be seen here.
    if (events_.declare_asleep() && !stopping_) events_.park();
}

void App::Impl::run_core(const std::stop_token& stop) noexcept {
    while (!stop.stop_requested()) {
        if (core_->drain() == 0) {
            wait_for_events();
        } else {
            signals_.wake();
        }
    }
}

void App::Impl::run_publisher() noexcept {
    do {
        publish_->drain();
    } while (!signals_.declare_asleep());
}

Result<void> App::Impl::start() {
    auto const listening = gateway_->listen();
    if (!listening) return listening;
    guards_.push_back(asio::make_work_guard(ops_));
    guards_.push_back(asio::make_work_guard(pub_));
    for (const auto& runner : feeds_) guards_.push_back(asio::make_work_guard(runner->io));
    if (!options_.market_clock) {
        feeds_.front()->tick = std::make_unique<asio::steady_timer>(feeds_.front()->io);
        arm_tick(*feeds_.front());
    }
    for (const auto& runner : feeds_) {
        FeedRunner* const r = runner.get();
        asio::post(r->io, [r] { r->feed->start(); });
        std::string const name =
            inline_ ? "spill-hot" : "spill-feed-" + std::to_string(r->lane->index());
        r->thread = std::jthread([r, name] {
            name_thread(name);
            r->io.run();
        });
    }
    if (!inline_) {
        signals_.on_wake([this] { asio::post(pub_, [this] { run_publisher(); }); });
        asio::post(pub_, [this] { run_publisher(); });
        pub_thread_ = std::jthread([this] {
            name_thread("spill-pub");
            pub_.run();
        });
        core_thread_ = std::jthread([this](const std::stop_token& stop) {
            name_thread("spill-core");
            run_core(stop);
        });
    }
    ops_thread_ = std::jthread([this] {
        name_thread("spill-ops");
        ops_.run();
    });
    started_ = true;
    return {};
}

void App::Impl::stop() {
    if (stopping_.exchange(true) || !started_) return;
    for (const auto& runner : feeds_) {
        FeedRunner* const r = runner.get();
        asio::post(r->io, [r] {
            if (r->tick) r->tick->cancel();
            r->feed->stop();
        });
    }
    if (core_thread_.joinable()) {
        core_thread_.request_stop();
        events_.wake();
        core_thread_.join();
        signals_.wake();
    }
    gateway_->stop();
    guards_.clear();
    for (const auto& runner : feeds_) runner->thread.join();
    if (pub_thread_.joinable()) pub_thread_.join();
    ops_thread_.join();
}

App::App(AppOptions options, const PlanChoice& plan)
    : impl_(std::make_unique<Impl>(std::move(options), plan)) {}
App::~App() = default;
Result<void> App::start() { return impl_->start(); }
void App::stop() { impl_->stop(); }
std::uint16_t App::port() const noexcept { return impl_->gateway_->port(); }
std::uint64_t App::published() const noexcept {
    return impl_->gateway_->stats().published.load(std::memory_order_relaxed);
}
std::int64_t App::latency_ns(double q) const noexcept {
    return impl_->apply_latency_.quantile_ns(q);
}

std::vector<LinkReport> App::links() const {
    std::vector<LinkReport> reports;
    for (const auto& runner : impl_->feeds_) {
        for (const auto& stats : runner->feed->stats()) {
            auto const load = [](const Counter& counter) {
                return counter.load(std::memory_order_relaxed);
            };
            reports.push_back({stats->venue, static_cast<LinkState>(stats->state.load()),
                               load(stats->messages), load(stats->trades),
                               load(stats->symbols_wanted), load(stats->symbols_live)});
        }
    }
    return reports;
}

}  // namespace spill
