#include "daemon/csv_events.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace spill;

namespace {

std::vector<std::string_view> cells_of(std::string_view row) {
    std::vector<std::string_view> cells;
    for (;;) {
        std::size_t const comma = row.find(',');
        cells.push_back(row.substr(0, comma));
        if (comma == std::string_view::npos) return cells;
        row.remove_prefix(comma + 1);
    }
}

}  // namespace

TEST_CASE("every event of a feed or of trading reads back as it was written") {
    for (std::string const row :
         {"5,MU,halted,tape,,,", "5,MU,auction,tape,,,", "5,MU,continuous,tape,,,",
          "5,MU,stale,tape,,,", "5,MU,live,tape,,,", "5,MU,gap,tape,3,4,", "5,MU,filled,tape,3,4,",
          "5,MU,split,tape,0.5,2,20260528"}) {
        Event event{};
        event.ts_event = UnixNanos{5};
        CHECK_MESSAGE(parse_event_row(cells_of(row), event).empty(), row);
        CHECK(event.ts_recv == event.ts_event);
        CHECK(event_row(event, "MU", "tape") == row);
    }
}

TEST_CASE("an event that cannot be understood is refused with a reason") {
    for (std::string const row :
         {"5,MU,paused,tape,,,", "5,MU,gap,tape,4,3,", "5,MU,gap,tape,,,",
          "5,MU,split,tape,0,2,20260528", "5,MU,split,tape,1,2,5", "5,MU"}) {
        Event event{};
        CHECK_MESSAGE(!parse_event_row(cells_of(row), event).empty(), row);
    }
    CHECK(event_row(clock_event(UnixNanos{1}), "MU", "tape").empty());
}
