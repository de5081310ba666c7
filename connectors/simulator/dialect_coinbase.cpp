// Coinbase Exchange as it answers and pushes.
#include <algorithm>

#include "connectors/simulator/dialect_parts.hpp"

namespace spill::sim::coinbase {
namespace {

std::string match_of(std::string_view type, std::string_view symbol, const SimTrade& trade) {
    std::string out = "{\"type\":\"" + std::string(type) + "\"";
    out += ",\"trade_id\":" + std::to_string(trade.id);
    out += ",\"maker_order_id\":\"00000000-0000-0000-0000-000000000001\"";
    out += ",\"taker_order_id\":\"00000000-0000-0000-0000-000000000002\"";
    // The side of the resting order.
    out += trade.aggressor == Aggressor::Sell ? ",\"side\":\"buy\"" : ",\"side\":\"sell\"";
    out += ",\"size\":\"" + decimal(trade.size.nanos) + "\"";
    out += ",\"price\":\"" + decimal(trade.price.nanos) + "\"";
    out += ",\"product_id\":\"" + std::string(symbol) + "\"";
    // Counts orders too: it ascends with holes.
    out += ",\"sequence\":" + std::to_string(trade.id * 9);
    return out + ",\"time\":\"" + micro_time(trade.ts) + "\"}";
}

std::string list_of(const std::vector<std::string>& symbols) {
    std::string out;
    for (std::string const& symbol : symbols) {
        out += (out.empty() ? "\"" : ",\"") + symbol + "\"";
    }
    return "[" + out + "]";
}

}  // namespace

Request parse(std::string_view text) {
    Request request;
    simdjson::dom::parser parser;
    Json document;
    if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) {
        request.kind = Request::Kind::NotJson;
        return request;
    }
    request.method = text_of(document, "type");
    if (request.method == "subscribe") request.kind = Request::Kind::Subscribe;
    if (request.method == "unsubscribe") request.kind = Request::Kind::Unsubscribe;
    std::vector<std::string> const channels = texts(document["channels"]);
    if (std::ranges::find(channels, "matches") == channels.end()) return request;
    request.topics = texts(document["product_ids"]);
    request.symbols = request.topics;
    return request;
}

// Each answer has everything that is subscribed then; one bad product refuses the whole request.
Answer answer(const Request& request, const std::vector<bool>& known) {
    Answer out;
    auto const refuse = [&](const std::string& reason) {
        out.frames.push_back(
            "{\"type\":\"error\",\"message\":\"Failed to subscribe\",\"reason\":\"" + reason +
            "\"}");
    };
    bool const on = request.kind == Request::Kind::Subscribe;
    if (!on && request.kind != Request::Kind::Unsubscribe) {
        refuse("Malformed request");
        return out;
    }
    for (std::size_t i = 0; i < request.symbols.size(); ++i) {
        if (known[i]) continue;
        refuse(request.symbols[i] + " is not a valid product");
        return out;
    }
    out.accepted = request.symbols;
    std::vector<std::string> state = request.held;
    for (std::string const& symbol : request.symbols) std::erase(state, symbol);
    if (on) state.insert(state.end(), request.symbols.begin(), request.symbols.end());
    std::vector<std::string> const other(state.rbegin(), state.rend());
    std::string channels;
    if (!state.empty()) {
        channels =
            "{\"name\":\"matches\",\"product_ids\":" + list_of(state) +
            ",\"account_ids\":null},{\"name\":\"heartbeat\",\"product_ids\":" + list_of(other) +
            ",\"account_ids\":null}";
    }
    out.frames.push_back("{\"type\":\"subscriptions\",\"channels\":[" + channels + "]}");
    return out;
}

void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames) {
    for (const SimTrade& trade : trades) frames.push_back(match_of("match", symbol, trade));
}

std::string last_match(std::string_view symbol, const SimTrade& last) {
    return match_of("last_match", symbol, last);
}

std::string heartbeat(std::string_view symbol, std::uint64_t last_id, UnixNanos at) {
    return "{\"type\":\"heartbeat\",\"sequence\":" + std::to_string(last_id * 9 + 1) +
           ",\"last_trade_id\":" + std::to_string(last_id) + ",\"product_id\":\"" +
           std::string(symbol) + "\",\"time\":\"" + micro_time(at) + "\"}";
}

}  // namespace spill::sim::coinbase
