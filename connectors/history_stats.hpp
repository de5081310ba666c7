// Counters of the past of one venue: requests, back-fills of gaps, bars before the start. Written
// by the thread that asks, read by the scraper.
#pragma once

#include <string>

#include "connectors/link_stats.hpp"

namespace spill {

struct HistoryStats {
    std::string venue;  // set before start, then constant
    Counter requests{0};
    Counter retries{0};   // asked again: too fast, or no answer
    Counter failures{0};  // given up, or refused
    Counter bans{0};
    Counter backfills_started{0}, backfills_filled{0}, backfills_failed{0};
    Counter backfill_rows{0};  // trades that were fetched and had been missing
    Counter seed_bars{0};      // minutes learned before the start
    Counter seed_feeds{0}, seed_feeds_failed{0};
};

}  // namespace spill
