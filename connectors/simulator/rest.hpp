// What the simulated venues remember, asked over HTTP: the counterpart of connectors/history,
// written from the venues' own documents and not from our parsers, so that one checks the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulator/exchange.hpp"
#include "connectors/simulator/market.hpp"
#include "connectors/simulator/session.hpp"

namespace spill::sim {

class RestDesk {
public:
    // `remember`: trades per feed; 0 = nothing is served.
    RestDesk(std::size_t feeds, const ExchangeOptions& options);

    void remember(const SimTrade& trade);
    // `target`: path and query behind the venue's name. A scripted fault answers first.
    [[nodiscard]] RestReply answer(const Booth& booth, std::string_view target, UnixNanos now);

private:
    using Trades = std::deque<SimTrade>;
    [[nodiscard]] RestReply binance(const Booth& booth, std::string_view target) const;
    [[nodiscard]] RestReply kraken(const Booth& booth, std::string_view target,
                                   UnixNanos now) const;
    [[nodiscard]] const Trades* trades_of(const Booth& booth, std::string_view symbol) const;

    std::size_t bound_;
    std::deque<RestReply> faults_;
    std::vector<Trades> trades_;  // by FeedId, ascending by id
};

}  // namespace spill::sim
