// What the answers of the equity venues have in common: JSON objects, bars with named fields.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "connectors/history/history.hpp"
#include "connectors/json_scan.hpp"
#include "core/decimal.hpp"

namespace spill::equity_body {

namespace od = simdjson::ondemand;

// One answer, open for a walk over its fields. Keeps what the tokens point to.
class Body {
public:
    explicit Body(std::string_view text) : text_(text) {}

    [[nodiscard]] bool open(od::object& root) {
        if (parser_.iterate(text_).get(document_) != simdjson::SUCCESS) return false;
        return document_.get_object().get(root) == simdjson::SUCCESS;
    }

private:
    simdjson::padded_string text_;
    od::parser parser_;
    od::document document_;
};

// The fields of one bar as the venue wrote them, numbers or texts.
struct BarFields {
    json::Token time, open, high, low, close, volume, trades;
};

// Nothing when a price is none. A volume of zero is legal.
[[nodiscard]] inline std::optional<BarRow> to_bar(const BarFields& fields, UnixNanos start) {
    BarRow bar;
    bar.start = start;
    auto const read = [](const json::Token& token, std::int64_t& nanos) {
        DecimalResult const parsed = parse_decimal(token.text());
        nanos = parsed.nanos;
        return parsed.ok() && nanos >= 0;
    };
    bool const whole = read(fields.open, bar.open.nanos) && read(fields.high, bar.high.nanos) &&
                       read(fields.low, bar.low.nanos) && read(fields.close, bar.close.nanos) &&
                       read(fields.volume, bar.volume.nanos);
    bool const sane = bar.low.nanos > 0 && bar.low <= bar.open && bar.low <= bar.close &&
                      bar.high >= bar.open && bar.high >= bar.close;
    if (!whole || !sane || start.ns % kNanosPerMinute != 0) return std::nullopt;
    auto const trades = parse_uint64(fields.trades.text());
    if (trades && *trades <= UINT32_MAX) bar.trades = static_cast<std::uint32_t>(*trades);
    return bar;
}

// True for a finished bar of what was asked.
[[nodiscard]] inline bool wanted(const BarRow& bar, const BarsRequest& request) noexcept {
    return bar.start >= request.span.from && bar.start < request.span.to &&
           bar.start.ns + kNanosPerMinute <= request.now.ns;
}

// Ascending, and of two with the same start the one with more volume: late prints add to a bar.
inline void put_in_order(std::vector<BarRow>& bars) {
    std::ranges::sort(bars, [](const BarRow& a, const BarRow& b) {
        return a.start != b.start ? a.start < b.start : a.volume > b.volume;
    });
    auto const repeats = [](const BarRow& a, const BarRow& b) { return a.start == b.start; };
    bars.erase(std::unique(bars.begin(), bars.end(), repeats), bars.end());
}

[[nodiscard]] inline tl::unexpected<Error> not_readable(std::string_view venue) {
    return fail(Errc::Corrupt, std::string(venue) + ": the answer is not what was asked for");
}

// The venue's words, cut to a line of sane length.
[[nodiscard]] inline tl::unexpected<Error> refusal(std::string_view venue, std::string_view words) {
    constexpr std::size_t kMaxWords = 160;
    return fail(Errc::InvalidArgument,
                std::string(venue) + ": " + std::string(words.substr(0, kMaxWords)));
}

}  // namespace spill::equity_body
