// Events for tests of the rules, from plain numbers.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/event.hpp"
#include "core/types.hpp"

namespace spill::support {

[[nodiscard]] inline Price price(double units) noexcept { return Price{std::llround(units * 1e9)}; }
[[nodiscard]] inline Quantity size(double units) noexcept {
    return Quantity{std::llround(units * 1e9)};
}

struct TradeFields {
    double price = 1.0;
    double size = 1.0;
    std::int64_t ms = 0;  // ts_event
    Aggressor aggressor = Aggressor::Unknown;
    std::uint32_t flags = 0;
};

[[nodiscard]] inline Event trade(const TradeFields& fields) noexcept {
    Event event{};
    event.kind = EventKind::Trade;
    event.aux = static_cast<std::uint8_t>(fields.aggressor);
    event.ts_event = UnixNanos{fields.ms * 1'000'000};
    event.ts_recv = event.ts_event;
    event.trade = TradeBody{};
    event.trade.price = price(fields.price);
    event.trade.size = size(fields.size);
    event.trade.flags = fields.flags;
    event.trade.fill_count = 1;
    return event;
}

}  // namespace spill::support
