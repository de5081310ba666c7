// Gate v4 spot as it answers and pushes.
#include "connectors/simulator/dialect_parts.hpp"

namespace spill::sim::gateio {
namespace {

constexpr std::string_view kTrades = "spot.trades";

std::string stamp(UnixNanos at) {
    return "{\"time\":" + std::to_string(at.ns / kNanosPerSecond) + ",\"time_ms\":" + millis(at);
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
    std::string const channel = text_of(document, "channel");
    request.method = text_of(document, "event");
    if (request.method == "subscribe") request.kind = Request::Kind::Subscribe;
    if (request.method == "unsubscribe") request.kind = Request::Kind::Unsubscribe;
    if (channel == "spot.ping") request.kind = Request::Kind::Ping;
    Json id;
    if (document["id"].get(id) == simdjson::SUCCESS) request.id = raw_token(id);
    request.topics = texts(document["payload"]);
    for (std::string const& pair : request.topics) {
        request.symbols.push_back(channel == kTrades ? pair : std::string());
    }
    return request;
}

// One answer a request. What is no JSON is passed over in silence.
Answer answer(const Request& request, const std::vector<bool>& known, UnixNanos at) {
    Answer out;
    if (request.kind == Request::Kind::NotJson) return out;
    if (request.kind == Request::Kind::Ping) {
        out.frames.push_back(stamp(at) +
                             ",\"channel\":\"spot.pong\",\"event\":\"\",\"result\":null}");
        return out;
    }
    std::string payload;
    std::string unknown;
    for (std::size_t i = 0; i < request.topics.size(); ++i) {
        if (i > 0) payload += ',';
        payload += "\"" + request.topics[i] + "\"";
        if (!known[i] && unknown.empty()) unknown = request.topics[i];
    }
    std::string const id = request.id.empty() ? "" : ",\"id\":" + request.id;
    std::string const head = stamp(at) + id + ",\"channel\":\"" + std::string(kTrades) +
                             "\",\"event\":\"" + request.method + "\",\"payload\":[" + payload +
                             "]";
    bool const asked =
        request.kind == Request::Kind::Subscribe || request.kind == Request::Kind::Unsubscribe;
    if (!asked || request.topics.empty() || !unknown.empty()) {
        bool const pair = asked && !unknown.empty();
        out.frames.push_back(
            head + ",\"error\":{\"code\":" + (pair ? "2" : "1") + ",\"message\":\"" +
            (pair ? "unknown currency pair: " + unknown : "request payload is wrong") +
            "\"},\"result\":{\"status\":\"fail\"}}");
        return out;
    }
    out.accepted = request.symbols;
    out.frames.push_back(head + ",\"result\":{\"status\":\"success\"}}");
    return out;
}

void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames) {
    for (auto const& [trade, first] : merged(trades)) {
        std::string const id = std::to_string(trade.id);
        std::string out = stamp(UnixNanos{trade.ts.ns + 2'000'000});
        out += ",\"channel\":\"" + std::string(kTrades) + "\",\"event\":\"update\",\"result\":{";
        out += "\"id\":" + id + ",\"id_market\":" + id;
        out += ",\"create_time\":" + std::to_string(trade.ts.ns / kNanosPerSecond);
        out += ",\"create_time_ms\":\"" + millis(trade.ts) + ".000000\"";
        out += trade.aggressor == Aggressor::Sell ? ",\"side\":\"sell\"" : ",\"side\":\"buy\"";
        out += ",\"currency_pair\":\"" + std::string(symbol) + "\"";
        out += ",\"amount\":\"" + decimal(trade.size.nanos) + "\"";
        out += ",\"price\":\"" + decimal(trade.price.nanos) + "\"";
        out += ",\"range\":\"" + std::to_string(first) + "-" + id + "\",\"trade_mode\":0}}";
        frames.push_back(std::move(out));
    }
}

std::string notice() {
    return "{\"type\":\"upgrade\",\"msg\":\"The connection will soon be closed for a service "
           "upgrade.\"}";
}

}  // namespace spill::sim::gateio
