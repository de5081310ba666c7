// `spilloverd demo`: a simulated market and the daemon in one process, joined by real websockets.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "connectors/simulator/simulator.hpp"
#include "core/timestamp.hpp"
#include "daemon/app.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/commands.hpp"
#include "daemon/epoch.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log.hpp"
#include "daemon/scorecard.hpp"
#include "daemon/words.hpp"

namespace spill {
namespace {

std::atomic<bool> interrupted{false};

void on_interrupt(int) { interrupted = true; }

// The demo's own pace: a day of about seven hours in about two minutes.
constexpr double kDemoSpeed = 215.0;
// The first day that is played; later days are the sessions after it.
constexpr CivilDate kFirstDate{2026, 5, 25};
constexpr std::chrono::seconds kStatusEvery{10};
// A day that does not get on (a bug, a stopped machine) is given up after this long without a
// second of market time.
constexpr std::chrono::seconds kStuckAfter{30};

std::string clock_text(UnixNanos at) {
    std::string const text = format_rfc3339(at);
    return text.substr(11, 8);
}

std::string micros(std::int64_t ns) {
    return ns < 1'000'000 ? fmt::format("{} us", ns / 1000)
                          : fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
}

// The screen: one line per signal as it is published, a status line now and then.
class View {
public:
    void signal(const Signal& signal) {
        edges_.push_back(
            {signal.type, std::string(signal.key.view()), signal.state, signal.ts_signal});
        // When the market is over every feed goes stale: that is no news.
        if (is_minor(signal) || (closing_ && signal.type == SignalType::Health)) return;
        std::cout << fmt::format("{}Z  {:<9} #{:<4} {}\n", clock_text(signal.ts_signal),
                                 to_string(signal.type), signal.offset, in_words(signal))
                  << std::flush;
    }

    void status(const App& app, UnixNanos market) {
        std::string feeds;
        for (const LinkReport& link : app.links()) {
            feeds += fmt::format(" {} {} {}/{}", link.venue, to_string(link.state),
                                 link.symbols_live, link.symbols_wanted);
        }
        std::cout << fmt::format(
                         "{}Z  -- feeds:{} | receive to engine p50 {} p99 {} | {} signals\n",
                         clock_text(market), feeds, micros(app.latency_ns(0.5)),
                         micros(app.latency_ns(0.99)), app.published())
                  << std::flush;
    }

    void close() noexcept { closing_ = true; }
    [[nodiscard]] const std::vector<Edge>& edges() const noexcept { return edges_; }

private:
    std::vector<Edge> edges_;
    bool closing_ = false;
};

struct Day {
    const Config& config;
    const Calendars& calendars;
    const DemoOptions& options;
    std::uint64_t seed;
    std::int32_t date;
};

std::vector<LinkConfig> simulated_links(std::vector<LinkConfig> links, std::uint16_t port) {
    for (LinkConfig& link : links) {
        link.host = "127.0.0.1";
        link.port = std::to_string(port);
        link.path = simulated_path(link.spec->name, link.spec->path);
        link.tls = false;
        link.accept_market_clock = true;
        link.history = nullptr;  // the simulated day loses nothing
    }
    return links;
}

void drain(BoundedQueue<Signal>& tap, View& view) {
    static thread_local Signal signal;
    while (tap.pop_bulk(std::span<Signal>(&signal, 1)) == 1) view.signal(signal);
}

// Shows the day until it is over. False when it did not get on.
bool watch(const Simulator& simulator, const App& app, BoundedQueue<Signal>& tap, View& view) {
    using Clock = std::chrono::steady_clock;
    auto next_status = Clock::now() + kStatusEvery;
    auto moved = Clock::now();
    UnixNanos last;
    while (!interrupted && !simulator.done()) {
        drain(tap, view);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        UnixNanos const market = simulator.market_time();
        if (market != last) {
            last = market;
            moved = Clock::now();
        }
        if (Clock::now() - moved > kStuckAfter) return false;
        if (Clock::now() >= next_status) {
            next_status += kStatusEvery;
            view.status(app, market);
        }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    drain(tap, view);
    return true;
}

int play_day(const Day& day) {
    Config config = day.config;
    if (day.options.port) config.gateway.port = *day.options.port;
    auto links = links_of(config);
    if (!links) {
        std::cerr << links.error().message << '\n';
        return exit_code::kConfig;
    }
    SimulatorOptions sim;
    sim.market.seed = day.seed;
    sim.market.registry = &config.registry;
    sim.market.calendars = &day.calendars;
    sim.market.date = day.date;
    sim.market.scenario = day.options.scenario;
    sim.speed = day.options.speed > 0.0 ? day.options.speed : kDemoSpeed;
    Simulator simulator(sim);

    BoundedQueue<Signal> tap({"tap", 16'384, 1});
    AppOptions options;
    options.config = &config;
    options.calendars = &day.calendars;
    options.links = simulated_links(std::move(*links), simulator.port());
    options.seed = day.seed;
    options.epoch = new_epoch();
    options.market_clock = true;
    options.history = simulator.market().history();
    options.publish_from = simulator.market().live_start();
    options.tap = &tap;
    auto const plan = choose_plan(config.daemon, std::thread::hardware_concurrency());
    if (!plan) {
        std::cerr << plan.error().message << '\n';
        return exit_code::kConfig;
    }
    App app(std::move(options), *plan);
    auto const started = app.start();
    if (!started) {
        std::cerr << "spilloverd demo: " << started.error().message << '\n';
        return exit_code::kFailure;
    }
    std::cout << fmt::format(
        "demo day {} seed {} at {:.0f}x; signals on ws://{}:{}/v1/stream, metrics on "
        "http://{}:{}/metrics; times are UTC\n",
        fmt::format("{}-{:02}-{:02}", day.date / 10000, day.date / 100 % 100, day.date % 100),
        day.seed, sim.speed, config.gateway.address, app.port(), config.gateway.address,
        app.port());
    View view;
    simulator.start();
    bool const finished = watch(simulator, app, tap, view);
    view.status(app, simulator.market_time());
    view.close();
    app.stop();
    simulator.stop();
    drain(tap, view);
    if (interrupted) return exit_code::kOk;
    std::cout << to_text(score(simulator.market().truth(), view.edges())) << std::flush;
    if (finished) return exit_code::kOk;
    std::cerr << "spilloverd demo: the simulated market stood still for 30 s\n";
    return exit_code::kFailure;
}

int play_days(const Config& config, const Calendars& calendars, const DemoOptions& options) {
    auto const names = scenario_names();
    if (std::ranges::find(names, options.scenario) == names.end()) {
        std::cerr << "spilloverd demo: no scenario is called " << options.scenario
                  << "; there are:";
        for (std::string_view const name : names) std::cerr << ' ' << name;
        std::cerr << '\n';
        return exit_code::kUsage;
    }
    const Calendar& xnys = calendars.of(Market::Xnys);
    auto const first = days_from_civil(kFirstDate) * kNanosPerDay;
    auto session = xnys.after(UnixNanos{first});
    for (std::uint64_t seed = options.seed; session && !interrupted; ++seed) {
        int const code = play_day({config, calendars, options, seed, session->date});
        if (code != exit_code::kOk || options.once) return code;
        session = xnys.after(session->open);
    }
    return exit_code::kOk;
}

}  // namespace

int run_demo(const DemoOptions& options) {
    ConfigResult loaded = load_config_or_default(options.config);
    if (!loaded.ok()) {
        for (const ConfigIssue& issue : loaded.issues) std::cerr << to_string(issue) << '\n';
        return exit_code::kConfig;
    }
    LogSettings log = loaded.config.daemon.log;
    log.level = options.log_level.value_or(LogLevel::Warn);
    log.format = options.log_format.value_or(log.format);
    start_log(log);
    auto const calendars = load_calendars(loaded.config.calendar_directory);
    if (!calendars) {
        std::cerr << calendars.error().message << '\n';
        return exit_code::kConfig;
    }
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
    try {
        return play_days(loaded.config, *calendars, options);
    } catch (const std::exception& error) {
        std::cerr << "spilloverd demo: " << error.what() << '\n';
        return exit_code::kFailure;
    }
}

}  // namespace spill
