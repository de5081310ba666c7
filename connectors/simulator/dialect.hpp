// What each venue says and understands, as text: the counterpart of the codecs, written from the
// venues' own documents and not from our codecs, so that one checks the other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulator/market.hpp"
#include "core/types.hpp"

namespace spill::sim {

enum class Dialect : std::uint8_t {
    Binance,
    Kraken,
    BybitSpot,
    BybitLinear,
    Okx,
    Gateio,
    Coinbase
};

// By the venue's configured name: "binance", "kraken", "bybit-spot", "bybit-linear", "okx",
// "gateio", "coinbase".
[[nodiscard]] std::optional<Dialect> dialect_of(std::string_view venue) noexcept;

struct Request {
    enum class Kind : std::uint8_t { Subscribe, Unsubscribe, Ping, List, NotJson, Unknown };
    Kind kind = Kind::Unknown;
    std::vector<std::string> symbols;  // in the registry's spelling
    std::vector<std::string> topics;   // as the request wrote them
    std::string id;                    // raw JSON token, quotes included; empty when absent
    std::string method;                // as written
    // Filled in by the exchange: what the connection had subscribed before, and its number.
    std::vector<std::string> held;
    std::uint64_t connection = 0;
};

// Never throws; a message that cannot be read is NotJson or Unknown.
[[nodiscard]] Request parse_request(Dialect dialect, std::string_view text);

struct Answer {
    std::vector<std::string> frames;
    std::vector<std::string> accepted;  // symbols that are subscribed (or dropped) from now on
};

// `known(symbol)` tells whether the venue lists the symbol. `at` stamps the answer.
// A venue that refuses, refuses as the real one does: Binance accepts an unknown symbol and stays
// quiet, Kraken and OKX refuse it alone, Bybit, Gate and Coinbase refuse the whole request and name
// it.
template <class Known>
[[nodiscard]] Answer answer(Dialect dialect, const Request& request, Known&& known, UnixNanos at);

// The same with the answer to `known` made beforehand, in the order of request.symbols.
[[nodiscard]] Answer answer_known(Dialect dialect, const Request& request,
                                  const std::vector<bool>& known, UnixNanos at);

template <class Known>
Answer answer(Dialect dialect, const Request& request, Known&& known, UnixNanos at) {
    std::vector<bool> listed;
    for (const std::string& symbol : request.symbols) listed.push_back(known(symbol));
    return answer_known(dialect, request, listed, at);
}

// What the venue says first on a new connection; empty when nothing.
[[nodiscard]] std::string greeting(Dialect dialect);
// What it says once a second when nothing else was said; empty when nothing.
[[nodiscard]] std::string heartbeat(Dialect dialect);
// What it says once a second for each subscribed symbol, whatever else was said; empty when
// nothing. `last_id` is that of the newest trade that it has sent, 0 when it has sent none.
[[nodiscard]] std::string symbol_heartbeat(Dialect dialect, std::string_view symbol,
                                           std::uint64_t last_id, UnixNanos at);
// The newest earlier trade, as the venue pushes it at subscribe; empty when it pushes none. OKX
// pushes it as if it were live.
[[nodiscard]] std::string history_push(Dialect dialect, std::string_view symbol,
                                       const SimTrade& last);
// What it says to all connections before it cuts them; empty when it cuts without a word.
[[nodiscard]] std::string notice(Dialect dialect);

// Appends the frames of trades of ONE symbol, in their order: one a frame on Binance and Coinbase,
// up to 1,024 on Bybit, 50 on Kraken; OKX and Gate merge the fills of one taker order into one.
void append_trade_frames(Dialect dialect, std::string_view symbol, std::span<const SimTrade> trades,
                         std::vector<std::string>& frames);

}  // namespace spill::sim
