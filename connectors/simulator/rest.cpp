#include "connectors/simulator/rest.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace spill::sim {
namespace {

constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::size_t kPageRows = 1000;
constexpr std::size_t kKrakenBars = 720;

// The value of `key` in the query of `target`, empty when it is not there.
std::string_view query(std::string_view target, std::string_view key) {
    std::string_view rest = target.substr(std::min(target.find('?'), target.size()));
    while (!rest.empty()) {
        rest.remove_prefix(1);
        std::string_view const pair = rest.substr(0, rest.find('&'));
        if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
            return pair.substr(key.size() + 1);
        }
        rest.remove_prefix(pair.size());
    }
    return {};
}

std::int64_t number(std::string_view text, std::int64_t otherwise) {
    std::int64_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string decimal(std::int64_t nanos) {
    std::string digits = std::to_string(nanos % kNanosPerUnit);
    digits.insert(0, 9 - digits.size(), '0');
    return std::to_string(nanos / kNanosPerUnit) + "." + digits;
}

std::string quoted(std::string text) { return "\"" + std::move(text) + "\""; }

void join(std::string& out, std::string row) {
    if (out.size() > 1) out += ',';
    out += std::move(row);
}

struct Minute {
    std::int64_t minute = 0;
    Price open, high, low, close;
    std::int64_t volume = 0;
    std::uint64_t trades = 0;
};

template <class Trades>
std::vector<Minute> minutes_of(const Trades& trades, std::int64_t from, std::int64_t to) {
    std::vector<Minute> out;
    for (const SimTrade& trade : trades) {
        std::int64_t const minute = minute_of(trade.ts);
        if (minute < from || minute >= to) continue;
        if (out.empty() || out.back().minute != minute) {
            out.push_back({minute, trade.price, trade.price, trade.price, trade.price, 0, 0});
        }
        Minute& bar = out.back();
        bar.high = std::max(bar.high, trade.price);
        bar.low = std::min(bar.low, trade.price);
        bar.close = trade.price;
        bar.volume += trade.size.nanos;
        ++bar.trades;
    }
    return out;
}

std::string binance_trade(const SimTrade& trade) {
    std::string const id = std::to_string(trade.id);
    bool const maker_bought = trade.aggressor == Aggressor::Sell;
    return "{\"a\":" + id + ",\"p\":" + quoted(decimal(trade.price.nanos)) +
           ",\"q\":" + quoted(decimal(trade.size.nanos)) + ",\"f\":" + id + ",\"l\":" + id +
           ",\"T\":" + std::to_string(trade.ts.ns / kNanosPerMilli) +
           ",\"m\":" + (maker_bought ? "true" : "false") + ",\"M\":true}";
}

std::string kraken_trade(const SimTrade& trade) {
    return "[" + quoted(decimal(trade.price.nanos)) + "," + quoted(decimal(trade.size.nanos)) +
           "," + decimal(trade.ts.ns) + "," +
           quoted(trade.aggressor == Aggressor::Sell ? "s" : "b") + ",\"m\",\"\"," +
           std::to_string(trade.id) + "]";
}

std::string prices(const Minute& bar) {
    std::string out;
    for (Price const price : {bar.open, bar.high, bar.low, bar.close}) {
        out += quoted(decimal(price.nanos)) + ",";
    }
    return out;
}

RestReply kraken_error(std::string_view words) {
    return {.body = "{\"error\":[\"" + std::string(words) + "\"]}"};
}

}  // namespace

RestDesk::RestDesk(std::size_t feeds, const ExchangeOptions& options)
    : bound_(options.remember_trades),
      faults_(options.rest_faults.begin(), options.rest_faults.end()),
      trades_(feeds) {}

void RestDesk::remember(const SimTrade& trade) {
    if (bound_ == 0) return;
    Trades& trades = trades_[trade.feed.value];
    trades.push_back(trade);
    if (trades.size() > bound_) trades.pop_front();
}

RestReply RestDesk::answer(const Booth& booth, std::string_view target, UnixNanos now) {
    if (bound_ == 0) return {.status = 404, .body = {}};
    if (!faults_.empty()) {
        RestReply const fault = std::move(faults_.front());
        faults_.pop_front();
        return fault;
    }
    switch (booth.dialect) {
        case Dialect::Binance: return binance(booth, target);
        case Dialect::Kraken: return kraken(booth, target, now);
        case Dialect::Okx:
        case Dialect::Gateio:
        case Dialect::Coinbase:
        case Dialect::BybitSpot:
        case Dialect::BybitLinear: return {.status = 404, .body = {}};
    }
    return {.status = 404, .body = {}};
}

const RestDesk::Trades* RestDesk::trades_of(const Booth& booth, std::string_view symbol) const {
    for (auto const& [text, feed] : booth.symbols) {
        std::string plain = text;
        std::erase(plain, '/');
        if (plain == symbol) return &trades_[feed.value];
    }
    return nullptr;
}

RestReply RestDesk::binance(const Booth& booth, std::string_view target) const {
    const Trades* const trades = trades_of(booth, query(target, "symbol"));
    if (trades == nullptr) {
        return {.status = 400, .body = R"({"code":-1121,"msg":"Invalid symbol."})"};
    }
    constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max() / kNanosPerMilli;
    std::int64_t const from = number(query(target, "startTime"), 0);
    std::int64_t const to = number(query(target, "endTime"), kEver - 1);
    std::string out = "[";
    if (target.starts_with("/api/v3/aggTrades")) {
        auto const first = static_cast<std::uint64_t>(number(query(target, "fromId"), 0));
        std::size_t rows = 0;
        for (const SimTrade& trade : *trades) {
            std::int64_t const millis = trade.ts.ns / kNanosPerMilli;
            if (trade.id < first || millis < from || millis > to) continue;
            if (++rows > kPageRows) break;
            join(out, binance_trade(trade));
        }
    } else if (target.starts_with("/api/v3/klines")) {
        auto const minutes = minutes_of(*trades, from / 60'000, to / 60'000 + 1);
        for (const Minute& bar : std::span(minutes).first(std::min(minutes.size(), kPageRows))) {
            std::int64_t const open = bar.minute * 60'000;
            join(out, "[" + std::to_string(open) + "," + prices(bar) + quoted(decimal(bar.volume)) +
                          "," + std::to_string(open + 59'999) + ",\"0\"," +
                          std::to_string(bar.trades) + ",\"0\",\"0\",\"0\"]");
        }
    } else {
        return {.status = 404, .body = {}};
    }
    return {.body = out + "]"};
}

RestReply RestDesk::kraken(const Booth& booth, std::string_view target, UnixNanos now) const {
    std::string_view const pair = query(target, "pair");
    const Trades* const trades = trades_of(booth, pair);
    if (trades == nullptr) return kraken_error("EQuery:Unknown asset pair");
    std::int64_t const since = number(query(target, "since"), 0);
    std::string out = "[";
    std::int64_t last = since;
    if (target.starts_with("/0/public/Trades")) {
        std::size_t rows = 0;
        for (const SimTrade& trade : *trades) {
            if (trade.ts.ns <= since) continue;
            if (++rows > kPageRows) break;
            join(out, kraken_trade(trade));
            last = trade.ts.ns;
        }
    } else if (target.starts_with("/0/public/OHLC")) {
        auto const minutes = minutes_of(*trades, since / 60 + 1, minute_of(now) + 1);
        std::size_t const skip = minutes.size() - std::min(minutes.size(), kKrakenBars);
        for (const Minute& bar : std::span(minutes).subspan(skip)) {
            join(out, "[" + std::to_string(bar.minute * 60) + "," + prices(bar) + "\"0.0\"," +
                          quoted(decimal(bar.volume)) + "," + std::to_string(bar.trades) + "]");
        }
        last = (minute_of(now) - 1) * 60;
        return {.body = "{\"error\":[],\"result\":{" + quoted(std::string(pair)) + ":" + out +
                        "],\"last\":" + std::to_string(last) + "}}"};
    } else {
        return kraken_error("EGeneral:Unknown method");
    }
    return {.body = "{\"error\":[],\"result\":{" + quoted(std::string(pair)) + ":" + out +
                    "],\"last\":" + quoted(std::to_string(last)) + "}}"};
}

}  // namespace spill::sim
