// OKX v5 as it answers and pushes.
#include <array>
#include <cstdio>

#include "connectors/simulator/dialect_parts.hpp"

namespace spill::sim::okx {
namespace {

std::string connection(const Request& request) {
    std::array<char, 32> text{};
    int const n = std::snprintf(text.data(), text.size(), ",\"connId\":\"%08llx\"}",
                                static_cast<unsigned long long>(request.connection));
    return std::string(text.data(), static_cast<std::size_t>(n));
}

std::string refusal(const Request& request, const std::string& code, const std::string& words) {
    std::string const id = request.id.empty() ? "" : "\"id\":" + request.id + ",";
    return "{" + id + "\"event\":\"error\",\"code\":\"" + code + "\",\"msg\":\"" + words + "\"" +
           connection(request);
}

}  // namespace

Request parse(std::string_view text) {
    Request request;
    if (text == "ping") {
        request.kind = Request::Kind::Ping;
        return request;
    }
    simdjson::dom::parser parser;
    Json document;
    if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) {
        request.kind = Request::Kind::NotJson;
        return request;
    }
    request.method = text_of(document, "op");
    if (request.method == "subscribe") request.kind = Request::Kind::Subscribe;
    if (request.method == "unsubscribe") request.kind = Request::Kind::Unsubscribe;
    Json id;
    if (document["id"].get(id) == simdjson::SUCCESS) request.id = raw_token(id);
    simdjson::dom::array args;
    if (document["args"].get_array().get(args) != simdjson::SUCCESS) return request;
    for (Json const arg : args) {
        std::string const channel = text_of(arg, "channel");
        std::string const symbol = text_of(arg, "instId");
        request.topics.push_back("channel:" + channel + ",instId:" + symbol);
        request.symbols.push_back(channel == "trades" ? symbol : std::string());
    }
    return request;
}

// One answer a topic, and a bad one refuses itself alone.
Answer answer(const Request& request, const std::vector<bool>& known) {
    Answer out;
    if (request.kind == Request::Kind::Ping) {
        out.frames.emplace_back("pong");
        return out;
    }
    if (request.kind != Request::Kind::Subscribe && request.kind != Request::Kind::Unsubscribe) {
        out.frames.push_back(refusal(request, "60012", "Invalid request"));
        return out;
    }
    std::string const id = request.id.empty() ? "" : "\"id\":" + request.id + ",";
    for (std::size_t i = 0; i < request.symbols.size(); ++i) {
        if (!known[i]) {
            out.frames.push_back(
                refusal(request, "60018", "Wrong URL or " + request.topics[i] + " doesn't exist."));
            continue;
        }
        out.accepted.push_back(request.symbols[i]);
        out.frames.push_back("{" + id + "\"event\":\"" + request.method +
                             "\",\"arg\":{\"channel\":\"trades\",\"instId\":\"" +
                             request.symbols[i] + "\"}" + connection(request));
    }
    return out;
}

void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames) {
    std::string const name = "\"instId\":\"" + std::string(symbol) + "\"";
    for (auto const& [trade, first] : merged(trades)) {
        std::string out = "{\"arg\":{\"channel\":\"trades\"," + name + "},\"data\":[{" + name;
        out += ",\"tradeId\":\"" + std::to_string(trade.id) + "\"";
        out += ",\"px\":\"" + decimal(trade.price.nanos) + "\"";
        out += ",\"sz\":\"" + decimal(trade.size.nanos) + "\"";
        out += trade.aggressor == Aggressor::Sell ? ",\"side\":\"sell\"" : ",\"side\":\"buy\"";
        out += ",\"ts\":\"" + millis(trade.ts) + "\"";
        out += ",\"count\":\"" + std::to_string(trade.id - first + 1) + "\"";
        // A sequence of the market data, which runs ahead of the trades.
        out += ",\"source\":\"0\",\"seqId\":" + std::to_string(trade.id * 5);
        frames.push_back(out + "}]}");
    }
}

std::string notice() {
    return "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed "
           "for a service upgrade.\"}";
}

}  // namespace spill::sim::okx
