// `spilloverd run`: the daemon on live venues, until SIGINT or SIGTERM.
#include <iostream>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "daemon/app.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/commands.hpp"
#include "daemon/epoch.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/log.hpp"
#include "daemon/version.hpp"

namespace spill {
namespace {

int serve(const Config& config) {
    auto const calendars = load_calendars(config.calendar_directory);
    if (!calendars) {
        std::cerr << calendars.error().message << '\n';
        return exit_code::kConfig;
    }
    auto links = links_of(config);
    if (!links) {
        std::cerr << links.error().message << '\n';
        return exit_code::kConfig;
    }
    auto const plan = choose_plan(config.daemon, std::thread::hardware_concurrency());
    if (!plan) {
        std::cerr << plan.error().message << '\n';
        return exit_code::kConfig;
    }
    // Before the first thread: every thread inherits the mask that the signal set needs.
    boost::asio::io_context waiting(1);
    boost::asio::signal_set interrupts(waiting, SIGINT, SIGTERM);

    AppOptions options;
    options.config = &config;
    options.calendars = &*calendars;
    options.links = std::move(*links);
    options.epoch = new_epoch();
    options.seed = seed_from(options.epoch);
    bool stop = false;
    interrupts.async_wait([&stop](const boost::system::error_code&, int) { stop = true; });
    seed_history(options, [&] { return waiting.poll() > 0 || stop; });
    if (stop) return exit_code::kOk;
    App app(std::move(options), *plan);
    auto const started = app.start();
    if (!started) {
        std::cerr << "spilloverd: " << started.error().message << '\n';
        return exit_code::kFailure;
    }
    log_info(std::string("spilloverd ") + version() + " serves signals on " +
             config.gateway.address + ":" + std::to_string(app.port()) + ", threads " +
             to_string(plan->plan) + " (" + plan->why + "), configuration " + config.hash8);
    waiting.run();
    log_info("stopping");
    app.stop();
    return exit_code::kOk;
}

}  // namespace

int run_daemon(const RunOptions& options) {
    ConfigResult loaded = load_config_or_default(options.config);
    if (!loaded.ok()) {
        for (const ConfigIssue& issue : loaded.issues) std::cerr << to_string(issue) << '\n';
        return exit_code::kConfig;
    }
    if (options.log_level) loaded.config.daemon.log.level = *options.log_level;
    if (options.log_format) loaded.config.daemon.log.format = *options.log_format;
    start_log(loaded.config.daemon.log);
    try {
        return serve(loaded.config);
    } catch (const std::exception& error) {
        std::cerr << "spilloverd: " << error.what() << '\n';
        return exit_code::kFailure;
    }
}

}  // namespace spill
