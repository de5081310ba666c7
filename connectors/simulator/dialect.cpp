#include "connectors/simulator/dialect.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include <simdjson.h>

#include "connectors/simulator/dialect_parts.hpp"
#include "connectors/simulator/rng.hpp"
#include "core/decimal.hpp"

namespace spill::sim {
namespace {

constexpr std::size_t kKrakenRows = 50;
constexpr std::size_t kBybitRows = 1024;
constexpr std::size_t kBybitSpotTopics = 10;
constexpr std::string_view kConnection = "d967ikkn0ine3iqmjc30-spill";

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// Eight decimals with trailing zeros, as Binance writes them. REQUIRES nanos >= 0.
std::string eight_decimals(std::int64_t nanos) {
    std::array<char, 40> text{};
    int const n = std::snprintf(text.data(), text.size(), "%lld.%08lld",
                                static_cast<long long>(nanos / kNanosPerUnit),
                                static_cast<long long>(nanos % kNanosPerUnit / 10));
    return std::string(text.data(), static_cast<std::size_t>(n));
}

std::string uuid_of(std::uint64_t feed, std::uint64_t id) {
    std::uint64_t state = feed * 0x9E3779B97F4A7C15ULL + id;
    std::uint64_t const a = splitmix64(state);
    std::uint64_t const b = splitmix64(state);
    std::array<char, 40> text{};
    int const n = std::snprintf(
        text.data(), text.size(), "%08x-%04x-5%03x-%04x-%012llx", static_cast<unsigned>(a >> 32U),
        static_cast<unsigned>(a >> 16U & 0xFFFFU), static_cast<unsigned>(a & 0xFFFU),
        static_cast<unsigned>(0x8000U | (b >> 48U & 0x3FFFU)),
        static_cast<unsigned long long>(b & 0xFFFF'FFFF'FFFFULL));
    return std::string(text.data(), static_cast<std::size_t>(n));
}

Request::Kind kind_of(std::string_view method) {
    std::string const word = lower(method);
    if (word == "subscribe") return Request::Kind::Subscribe;
    if (word == "unsubscribe") return Request::Kind::Unsubscribe;
    if (word == "ping") return Request::Kind::Ping;
    if (word == "list_subscriptions") return Request::Kind::List;
    return Request::Kind::Unknown;
}

// The registry's symbol of a topic; empty when the topic is no trade topic.
std::string symbol_of(Dialect dialect, const std::string& topic) {
    std::string_view const text = topic;
    switch (dialect) {
        case Dialect::Binance: {
            constexpr std::string_view kSuffix = "@aggTrade";
            if (!text.ends_with(kSuffix)) return {};
            return upper(text.substr(0, text.size() - kSuffix.size()));
        }
        case Dialect::Kraken: return topic;
        case Dialect::BybitSpot:
        case Dialect::BybitLinear: {
            constexpr std::string_view kPrefix = "publicTrade.";
            if (!text.starts_with(kPrefix)) return {};
            return std::string(text.substr(kPrefix.size()));
        }
        case Dialect::Okx:
        case Dialect::Gateio:
        case Dialect::Coinbase: break;  // they read their own requests
    }
    return {};
}

Answer answer_binance(const Request& request, const std::vector<bool>& known) {
    Answer out;
    std::string const id = request.id.empty() ? "null" : request.id;
    if (request.kind == Request::Kind::List) {
        out.frames.push_back("{\"result\":[],\"id\":" + id + "}");
        return out;
    }
    if (request.kind != Request::Kind::Subscribe && request.kind != Request::Kind::Unsubscribe) {
        out.frames.push_back("{\"code\": 2, \"msg\": \"Invalid request: unknown variant " +
                             request.method + "\"}");
        return out;
    }
    for (std::size_t i = 0; i < request.symbols.size(); ++i) {
        if (known[i]) out.accepted.push_back(request.symbols[i]);
    }
    out.frames.push_back("{\"result\":null,\"id\":" + id + "}");
    return out;
}

Answer answer_kraken(const Request& request, const std::vector<bool>& known, UnixNanos at) {
    Answer out;
    std::string const req_id = request.id.empty() ? "" : ",\"req_id\":" + request.id;
    std::string const stamp = ",\"time_in\":\"" + micro_time(at) + "\",\"time_out\":\"" +
                              micro_time(UnixNanos{at.ns + 36'000}) + "\"}";
    if (request.kind == Request::Kind::Ping) {
        out.frames.push_back("{\"method\":\"pong\"" + req_id + stamp);
        return out;
    }
    std::string const method = lower(request.method);
    if (request.kind != Request::Kind::Subscribe && request.kind != Request::Kind::Unsubscribe) {
        out.frames.push_back("{\"error\":\"Unsupported method\",\"method\":\"" + method +
                             "\",\"success\":false" + req_id + stamp);
        return out;
    }
    for (std::size_t i = 0; i < request.symbols.size(); ++i) {
        std::string const& symbol = request.symbols[i];
        if (!known[i]) {
            out.frames.push_back("{\"error\":\"Currency pair not supported " + symbol +
                                 "\",\"method\":\"" + method + "\"" + req_id +
                                 ",\"success\":false,\"symbol\":\"" + symbol + "\"" + stamp);
            continue;
        }
        out.accepted.push_back(symbol);
        out.frames.push_back("{\"method\":\"" + method + "\"" + req_id +
                             ",\"result\":{\"channel\":\"trade\",\"snapshot\":false,"
                             "\"symbol\":\"" +
                             symbol + "\"},\"success\":true" + stamp);
    }
    return out;
}

Answer answer_bybit(Dialect dialect, const Request& request, const std::vector<bool>& known) {
    Answer out;
    std::string const id = request.id.empty() ? "\"\"" : request.id;
    auto const reply = [&](bool success, const std::string& words, const std::string& op) {
        out.frames.push_back(std::string("{\"success\":") + (success ? "true" : "false") +
                             ",\"ret_msg\":\"" + words + "\",\"conn_id\":\"" +
                             std::string(kConnection) + "\",\"req_id\":" + id + ",\"op\":\"" + op +
                             "\"}");
    };
    std::string const op = lower(request.method);
    if (request.kind == Request::Kind::Ping) {
        reply(true, "pong", "ping");
        return out;
    }
    if (request.kind != Request::Kind::Subscribe && request.kind != Request::Kind::Unsubscribe) {
        reply(false, "Invalid op", op);
        return out;
    }
    if (dialect == Dialect::BybitSpot && request.topics.size() > kBybitSpotTopics) {
        reply(false, "args size >10", op);
        return out;
    }
    for (std::size_t i = 0; i < request.symbols.size(); ++i) {
        if (known[i]) continue;
        reply(false,
              request.symbols[i].empty() ? "Invalid topic: " + request.topics[i]
                                         : "Invalid symbol :[" + request.topics[i] + "]",
              op);
        return out;
    }
    out.accepted = request.symbols;
    reply(true, dialect == Dialect::BybitSpot ? op : "", op);
    return out;
}

// {"stream":"taousdt@aggTrade","data":{"e":"aggTrade","E":..,"s":"TAOUSDT","a":..,"p":"..",...}}
std::string binance_frame(std::string_view symbol, const SimTrade& trade) {
    std::string const fill = std::to_string(trade.id + 76'000'000);
    std::string out = "{\"stream\":\"" + lower(symbol) + "@aggTrade\",\"data\":{\"e\":\"aggTrade\"";
    out += ",\"E\":" + millis(UnixNanos{trade.ts.ns + 2'000'000});
    out += ",\"s\":\"" + std::string(symbol) + "\",\"a\":" + std::to_string(trade.id);
    out += ",\"p\":\"" + eight_decimals(trade.price.nanos) + "\"";
    out += ",\"q\":\"" + eight_decimals(trade.size.nanos) + "\"";
    out += ",\"f\":" + fill + ",\"l\":" + fill + ",\"T\":" + millis(trade.ts);
    // m: the buyer was the resting side.
    out += trade.aggressor == Aggressor::Sell ? ",\"m\":true" : ",\"m\":false";
    return out + ",\"M\":true}}";
}

std::string kraken_row(std::string_view symbol, const SimTrade& trade) {
    std::string out = "{\"symbol\":\"" + std::string(symbol) + "\",\"side\":\"";
    out += trade.aggressor == Aggressor::Sell ? "sell" : "buy";
    out += "\",\"price\":" + decimal(trade.price.nanos);
    out += ",\"qty\":" + eight_decimals(trade.size.nanos);
    out += ",\"ord_type\":\"market\",\"trade_id\":" + std::to_string(trade.id);
    return out + ",\"timestamp\":\"" + micro_time(trade.ts) + "\"}";
}

std::string bybit_row(Dialect dialect, std::string_view symbol, const SimTrade& trade) {
    bool const linear = dialect == Dialect::BybitLinear;
    // Spot ids are 19 digits, ascending, with holes; those of contracts are UUIDs.
    std::string const id = linear ? uuid_of(trade.feed.value, trade.id)
                                  : std::to_string(2'100'000'000'000'000'000ULL + 3 * trade.id);
    std::string out = "{\"i\":\"" + id + "\",\"T\":" + millis(trade.ts);
    out += ",\"p\":\"" + decimal(trade.price.nanos) + "\",\"v\":\"" + decimal(trade.size.nanos);
    out += trade.aggressor == Aggressor::Sell ? "\",\"S\":\"Sell\"" : "\",\"S\":\"Buy\"";
    if (linear) out += ",\"L\":\"ZeroPlusTick\"";
    out += ",\"seq\":" + std::to_string(trade.id * 7);
    return out + ",\"s\":\"" + std::string(symbol) + "\",\"BT\":false,\"RPI\":false}";
}

template <class Row>
void append_batches(std::span<const SimTrade> trades, std::size_t limit, Row&& row,
                    const std::string& tail, std::vector<std::string>& frames,
                    const std::string& head) {
    for (std::size_t at = 0; at < trades.size(); at += limit) {
        std::string out = head;
        std::size_t const end = std::min(trades.size(), at + limit);
        for (std::size_t i = at; i < end; ++i) {
            if (i != at) out += ',';
            out += row(trades[i]);
        }
        frames.push_back(out + tail);
    }
}

}  // namespace

std::vector<MergedTrade> merged(std::span<const SimTrade> trades) {
    std::vector<MergedTrade> out;
    for (const SimTrade& trade : trades) {
        if (!out.empty()) {
            SimTrade& last = out.back().trade;
            if (trade.id == last.id + 1 && trade.ts == last.ts && trade.price == last.price &&
                trade.aggressor == last.aggressor) {
                last.id = trade.id;
                last.size.nanos += trade.size.nanos;
                continue;
            }
        }
        out.push_back({trade, trade.id});
    }
    return out;
}

std::optional<Dialect> dialect_of(std::string_view venue) noexcept {
    if (venue == "binance") return Dialect::Binance;
    if (venue == "kraken") return Dialect::Kraken;
    if (venue == "bybit-spot") return Dialect::BybitSpot;
    if (venue == "bybit-linear") return Dialect::BybitLinear;
    if (venue == "okx") return Dialect::Okx;
    if (venue == "gateio") return Dialect::Gateio;
    if (venue == "coinbase") return Dialect::Coinbase;
    return std::nullopt;
}

Request parse_request(Dialect dialect, std::string_view text) {
    if (dialect == Dialect::Okx) return okx::parse(text);
    if (dialect == Dialect::Gateio) return gateio::parse(text);
    if (dialect == Dialect::Coinbase) return coinbase::parse(text);
    Request request;
    simdjson::dom::parser parser;
    Json document;
    if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) {
        request.kind = Request::Kind::NotJson;
        return request;
    }
    bool const bybit = dialect == Dialect::BybitSpot || dialect == Dialect::BybitLinear;
    std::string_view method;
    if (document[bybit ? "op" : "method"].get_string().get(method) != simdjson::SUCCESS) {
        return request;
    }
    request.method = method;
    request.kind = kind_of(method);
    Json id;
    char const* const id_key = bybit || dialect == Dialect::Kraken ? "req_id" : "id";
    if (document[id_key].get(id) == simdjson::SUCCESS) request.id = raw_token(id);
    if (dialect == Dialect::Kraken) {
        std::string_view channel;
        Json params;
        if (document["params"].get(params) == simdjson::SUCCESS &&
            params["channel"].get_string().get(channel) == simdjson::SUCCESS &&
            channel == "trade") {
            request.topics = texts(params["symbol"]);
        }
    } else {
        request.topics = texts(document[bybit ? "args" : "params"]);
    }
    for (const std::string& topic : request.topics) {
        request.symbols.push_back(symbol_of(dialect, topic));
    }
    return request;
}

Answer answer_known(Dialect dialect, const Request& request, const std::vector<bool>& known,
                    UnixNanos at) {
    if (dialect == Dialect::Binance && request.kind == Request::Kind::NotJson) {
        Answer out;
        out.frames.emplace_back("{\"code\":3,\"msg\":\"Invalid JSON\"}");
        return out;
    }
    switch (dialect) {
        case Dialect::Binance: return answer_binance(request, known);
        case Dialect::Kraken: return answer_kraken(request, known, at);
        case Dialect::BybitSpot:
        case Dialect::BybitLinear: return answer_bybit(dialect, request, known);
        case Dialect::Okx: return okx::answer(request, known);
        case Dialect::Gateio: return gateio::answer(request, known, at);
        case Dialect::Coinbase: return coinbase::answer(request, known);
    }
    return {};
}

std::string greeting(Dialect dialect) {
    if (dialect != Dialect::Kraken) return {};
    return "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.10\","
           "\"system\":\"online\",\"api_version\":\"v2\",\"connection_id\":18125794168470749634,"
           "\"upcoming_maintenance\":[],\"emergency\":[]}]}";
}

std::string heartbeat(Dialect dialect) {
    return dialect == Dialect::Kraken ? "{\"channel\":\"heartbeat\"}" : std::string();
}

std::string symbol_heartbeat(Dialect dialect, std::string_view symbol, std::uint64_t last_id,
                             UnixNanos at) {
    return dialect == Dialect::Coinbase ? coinbase::heartbeat(symbol, last_id, at) : std::string();
}

std::string history_push(Dialect dialect, std::string_view symbol, const SimTrade& last) {
    if (dialect == Dialect::Coinbase) return coinbase::last_match(symbol, last);
    if (dialect != Dialect::Okx) return {};
    std::vector<std::string> frames;
    okx::append_frames(symbol, std::span(&last, 1), frames);
    return frames.front();
}

std::string notice(Dialect dialect) {
    if (dialect == Dialect::Okx) return okx::notice();
    return dialect == Dialect::Gateio ? gateio::notice() : std::string();
}

void append_trade_frames(Dialect dialect, std::string_view symbol, std::span<const SimTrade> trades,
                         std::vector<std::string>& frames) {
    if (trades.empty()) return;
    switch (dialect) {
        case Dialect::Binance:
            for (const SimTrade& trade : trades) frames.push_back(binance_frame(symbol, trade));
            return;
        case Dialect::Kraken:
            append_batches(
                trades, kKrakenRows, [&](const SimTrade& t) { return kraken_row(symbol, t); }, "]}",
                frames, "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[");
            return;
        case Dialect::BybitSpot:
        case Dialect::BybitLinear:
            append_batches(
                trades, kBybitRows,
                [&](const SimTrade& t) { return bybit_row(dialect, symbol, t); }, "]}", frames,
                "{\"topic\":\"publicTrade." + std::string(symbol) +
                    "\",\"ts\":" + millis(UnixNanos{trades.back().ts.ns + 38'000'000}) +
                    ",\"type\":\"snapshot\",\"data\":[");
            return;
        case Dialect::Okx: return okx::append_frames(symbol, trades, frames);
        case Dialect::Gateio: return gateio::append_frames(symbol, trades, frames);
        case Dialect::Coinbase: return coinbase::append_frames(symbol, trades, frames);
    }
}

}  // namespace spill::sim
