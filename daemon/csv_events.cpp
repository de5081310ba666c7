#include "daemon/csv_events.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/decimal.hpp"

namespace spill {
namespace {

constexpr std::size_t kCells = 7;

constexpr auto kStatuses = std::to_array<std::pair<std::string_view, TradingStatus>>({
    {"continuous", TradingStatus::Continuous},
    {"halted", TradingStatus::Halted},
    {"auction", TradingStatus::Auction},
});

std::string_view parse_gap(std::span<const std::string_view> cells, Event& event) noexcept {
    auto const from = parse_uint64(cells[4]);
    auto const to = parse_uint64(cells[5]);
    constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
    if (!from || !to || *from > *to || *to > kMost) return "a gap needs from_ns and to_ns";
    event.kind = EventKind::Feed;
    event.aux = static_cast<std::uint8_t>(FeedState::Gap);
    event.feed_change = FeedBody{};
    event.feed_change.from = UnixNanos{static_cast<std::int64_t>(*from)};
    event.feed_change.to = UnixNanos{static_cast<std::int64_t>(*to)};
    event.feed_change.filled = cells[2] == "filled" ? 1 : 0;
    return {};
}

std::string_view parse_split(std::span<const std::string_view> cells, Event& event) noexcept {
    DecimalResult const price = parse_decimal(cells[4]);
    DecimalResult const size = parse_decimal(cells[5]);
    auto const session = parse_uint64(cells[6]);
    bool const factors = price.error == DecimalError::None && price.nanos > 0 &&
                         size.error == DecimalError::None && size.nanos > 0;
    if (!factors || !session || *session < 19000101 || *session > 99991231) {
        return "a split needs two positive factors and the first session as yyyymmdd";
    }
    event.kind = EventKind::Corporate;
    event.aux = 0;
    event.feed = FeedId{};
    event.corporate = CorporateBody{};
    event.corporate.price_factor_e9 = price.nanos;
    event.corporate.size_factor_e9 = size.nanos;
    event.corporate.session = static_cast<std::int32_t>(*session);
    return {};
}

std::string decimal_text(std::int64_t nanos) { return to_text(Quantity{nanos}); }

std::string feed_cells(const Event& event) {
    switch (static_cast<FeedState>(event.aux)) {
        case FeedState::Live: return "live";
        case FeedState::Stale: return "stale";
        case FeedState::Gap: return event.feed_change.filled != 0 ? "filled" : "gap";
    }
    return {};
}

}  // namespace

std::string_view parse_event_row(std::span<const std::string_view> cells, Event& event) noexcept {
    if (cells.size() < kCells) return "too few columns";
    std::string_view const word = cells[2];
    event.ts_recv = event.ts_event;
    for (const auto& [name, status] : kStatuses) {
        if (word != name) continue;
        event.kind = EventKind::Status;
        event.aux = static_cast<std::uint8_t>(status);
        event.status = StatusBody{};
        return {};
    }
    if (word == "stale" || word == "live") {
        event.kind = EventKind::Feed;
        event.aux = static_cast<std::uint8_t>(word == "live" ? FeedState::Live : FeedState::Stale);
        event.feed_change = FeedBody{};
        return {};
    }
    if (word == "gap" || word == "filled") return parse_gap(cells, event);
    if (word == "split") return parse_split(cells, event);
    return "event is none of halted, auction, continuous, stale, live, gap, filled, split";
}

std::string event_row(const Event& event, std::string_view symbol, std::string_view source) {
    std::string row = std::to_string(event.ts_event.ns) + "," + std::string(symbol) + ",";
    std::string const from = "," + std::string(source) + ",";
    switch (event.kind) {
        case EventKind::Status:
            for (const auto& [name, status] : kStatuses) {
                if (event.aux == static_cast<std::uint8_t>(status)) row += name;
            }
            return row + from + ",,";
        case EventKind::Feed: {
            row += feed_cells(event) + from;
            if (event.aux != static_cast<std::uint8_t>(FeedState::Gap)) return row + ",,";
            return row + std::to_string(event.feed_change.from.ns) + "," +
                   std::to_string(event.feed_change.to.ns) + ",";
        }
        case EventKind::Corporate:
            return row + "split" + from + decimal_text(event.corporate.price_factor_e9) + "," +
                   decimal_text(event.corporate.size_factor_e9) + "," +
                   std::to_string(event.corporate.session);
        case EventKind::Trade:
        case EventKind::Bar:
        case EventKind::Clock: return {};
    }
    return {};
}

}  // namespace spill
