// Questions to a venue's history and its answers as one line of text, for comparing.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "connectors/history/history.hpp"
#include "core/decimal.hpp"

namespace spill::test {

inline constexpr std::int64_t kFirstMinute = 1'700'000'040;  // a whole minute, in seconds

[[nodiscard]] inline UnixNanos at_second(std::int64_t second) noexcept {
    return UnixNanos{second * kNanosPerSecond};
}

// `minutes` from kFirstMinute on, asked when `age` more minutes have passed.
[[nodiscard]] inline BarsRequest ask_bars(const std::string& symbol, std::int64_t minutes,
                                          std::int64_t age = 60) {
    std::int64_t const end = kFirstMinute + minutes * 60;
    return {.symbol = symbol,
            .span = {at_second(kFirstMinute), at_second(end)},
            .now = at_second(end + age * 60),
            .cursor = {}};
}

[[nodiscard]] inline TradesRequest ask_ids(const std::string& symbol, IdRange ids) {
    return {.symbol = symbol, .ids = ids, .span = {}, .cursor = {}};
}

[[nodiscard]] inline TradesRequest ask_seconds(const std::string& symbol, std::int64_t seconds) {
    return {.symbol = symbol,
            .ids = {},
            .span = {at_second(kFirstMinute), at_second(kFirstMinute + seconds)},
            .cursor = {}};
}

inline void write_row(std::ostringstream& out, const BarRow& bar) {
    out << bar.start.ns / kNanosPerSecond << ' ' << to_text(bar.open) << ' ' << to_text(bar.high)
        << ' ' << to_text(bar.low) << ' ' << to_text(bar.close) << ' ' << to_text(bar.volume) << ' '
        << bar.trades;
}

inline void write_row(std::ostringstream& out, const PastTrade& trade) {
    out << trade.id_text << ' ' << to_text(trade.price) << ' ' << to_text(trade.size) << ' '
        << to_string(trade.aggressor) << ' ' << trade.ts_event.ns;
    if (trade.last_fill > 0) out << " fills=" << trade.first_fill << ".." << trade.last_fill;
    if (trade.dense) out << " dense";
    if (trade.block) out << " block";
}

// "row | row more=CURSOR", or "error WORDS", or "later WORDS".
template <class Row>
[[nodiscard]] std::string page_text(const Result<HistoryPage<Row>>& page) {
    if (!page) {
        bool const later = page.error().code == Errc::Unavailable;
        return (later ? "later " : "error ") + page.error().message;
    }
    std::ostringstream out;
    for (Row const& row : page->rows) {
        if (&row != page->rows.data()) out << " | ";
        write_row(out, row);
    }
    if (page->more) out << " more=" << page->more->next;
    return out.str();
}

[[nodiscard]] inline const HistorySpec& history_of(std::string_view venue) {
    HistorySpec const* const spec = find_history_spec(venue);
    REQUIRE(spec != nullptr);
    return *spec;
}

}  // namespace spill::test
