// The venues' past before the first link is dialled, with its progress in the log.
#include <string>

#include "connectors/ban_store.hpp"
#include "connectors/history_seed.hpp"
#include "daemon/app.hpp"
#include "daemon/log.hpp"
#include "daemon/stages.hpp"  // wall_now

namespace spill {
namespace {

void tell(const SeedNote& note) {
    std::string text = "history " + std::string(note.venue) + " " + std::string(note.symbol) +
                       ": " + std::to_string(note.bars) + " minutes (" + std::to_string(note.done) +
                       " of " + std::to_string(note.feeds) + " feeds)";
    if (note.trouble.empty()) return log_info(text);
    log_line(LogLevel::Warn,
             text + "; its baseline stays provisional: " + std::string(note.trouble));
}

}  // namespace

void seed_history(AppOptions& options, const std::function<bool()>& interrupted) {
    int const days = options.config->history.days;
    if (days <= 0) return;
    BanStore bans(state_directory(options.config->daemon));
    std::vector<LinkConfig> links = options.links;
    for (LinkConfig& link : links) link.bans = &bans;
    log_info("history: asking the venues for " + std::to_string(days) + " days of minute bars");
    SeedOptions seed;
    seed.days = days;
    seed.now = wall_now();
    seed.told = tell;
    seed.interrupted = interrupted;
    HistorySeed history(options.config->registry, links, seed);
    options.history = history.run();
    options.seeded = history.stats();
    options.publish_from = wall_now();
    log_info("history: " + std::to_string(options.history.size()) + " minutes learned");
}

}  // namespace spill
