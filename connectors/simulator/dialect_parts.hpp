// What the dialects have in common, and the dialects that have a file of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "connectors/simulator/dialect.hpp"
#include "connectors/simulator/market.hpp"
#include "core/decimal.hpp"
#include "core/timestamp.hpp"
#include "core/types.hpp"

namespace spill::sim {

using Json = simdjson::dom::element;

[[nodiscard]] inline std::string raw_token(const Json& element) {
    return simdjson::minify(element);
}

// The texts of an array; everything else in it is left out.
[[nodiscard]] inline std::vector<std::string> texts(simdjson::simdjson_result<Json> list) {
    std::vector<std::string> out;
    simdjson::dom::array array;
    if (list.get_array().get(array) != simdjson::SUCCESS) return out;
    for (Json const row : array) {
        std::string_view text;
        if (row.get_string().get(text) == simdjson::SUCCESS) out.emplace_back(text);
    }
    return out;
}

// A text field, empty when it is absent or no text.
[[nodiscard]] inline std::string text_of(const Json& of, std::string_view key) {
    std::string_view text;
    if (of[key].get_string().get(text) != simdjson::SUCCESS) return {};
    return std::string(text);
}

[[nodiscard]] inline std::string decimal(std::int64_t nanos) {
    std::array<char, kMaxDecimalText> text{};
    return std::string(text.data(), format_decimal(nanos, text.data()));
}

[[nodiscard]] inline std::string millis(UnixNanos at) { return std::to_string(at.ns / 1'000'000); }

// Six fraction digits, always.
[[nodiscard]] inline std::string micro_time(UnixNanos at) {
    std::string text = format_rfc3339(UnixNanos{at.ns - at.ns % 1000});
    std::size_t const dot = text.find('.');
    text.pop_back();  // Z
    if (dot == std::string::npos) text += '.';
    std::size_t const digits = dot == std::string::npos ? 0 : text.size() - dot - 1;
    text.append(6 - digits, '0');
    return text + 'Z';
}

// Prints of one taker order at one price, with ids `first` to `trade.id`, as one row.
struct MergedTrade {
    SimTrade trade;  // of the last id; the size is that of all
    std::uint64_t first = 0;
};

[[nodiscard]] std::vector<MergedTrade> merged(std::span<const SimTrade> trades);

namespace okx {
[[nodiscard]] Request parse(std::string_view text);
[[nodiscard]] Answer answer(const Request& request, const std::vector<bool>& known);
void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames);
[[nodiscard]] std::string notice();
}  // namespace okx

namespace gateio {
[[nodiscard]] Request parse(std::string_view text);
[[nodiscard]] Answer answer(const Request& request, const std::vector<bool>& known, UnixNanos at);
void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames);
[[nodiscard]] std::string notice();
}  // namespace gateio

namespace coinbase {
[[nodiscard]] Request parse(std::string_view text);
[[nodiscard]] Answer answer(const Request& request, const std::vector<bool>& known);
void append_frames(std::string_view symbol, std::span<const SimTrade> trades,
                   std::vector<std::string>& frames);
[[nodiscard]] std::string last_match(std::string_view symbol, const SimTrade& last);
[[nodiscard]] std::string heartbeat(std::string_view symbol, std::uint64_t last_id, UnixNanos at);
}  // namespace coinbase

}  // namespace spill::sim
