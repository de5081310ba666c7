// What happens to a feed or to trading, as rows of a CSV file beside the trades:
//   ts_ns,symbol,event,source,a,b,c
// event      a, b, c
// halted, auction, continuous   none
// stale, live                   none: of the feed that `source` names
// gap, filled                   from_ns, to_ns
// split                         factor on old prices, factor on old sizes, first session yyyymmdd
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/event.hpp"

namespace spill {

inline constexpr std::string_view kEventsHeader = "ts_ns,symbol,event,source,a,b,c";

// Fills in what the row says; instrument, feed and ts_event are there already. Returns what is
// wrong, or nothing.
[[nodiscard]] std::string_view parse_event_row(std::span<const std::string_view> cells,
                                               Event& event) noexcept;

// The row of a Status, Feed or Corporate event, without a line end; empty for another kind.
[[nodiscard]] std::string event_row(const Event& event, std::string_view symbol,
                                    std::string_view source);

}  // namespace spill
