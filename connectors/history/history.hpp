// What a venue's REST interface knows of the past: requests as text, answers as rows.
//
// Pure like a codec: no socket, no clock. The fetcher sends `target` to `host`, gives the status to
// classify_status() and the body to the parser, and goes on while the cursor says that more is to
// come. One file per venue. Not on the hot path.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/codec.hpp"
#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

// A half-open stretch of time: from <= t < to.
struct TimeSpan {
    UnixNanos from;
    UnixNanos to;
};

// One finished minute of a venue.
struct BarRow {
    UnixNanos start;  // whole minute
    Price open;
    Price high;
    Price low;
    Price close;
    Quantity volume;           // base units, before the feed's multiplier
    std::uint32_t trades = 0;  // 0 when the venue does not say
    bool operator==(const BarRow&) const = default;
};

// One executed print; owns its id, unlike TradeRow.
struct PastTrade {
    Price price;
    Quantity size;  // in the venue's unit, as in TradeRow
    UnixNanos ts_event;
    Aggressor aggressor = Aggressor::Unknown;
    bool block = false;
    bool dense = false;    // see TradeRow
    std::uint64_t id = 0;  // 0 when the venue gives none
    std::string id_text;
    std::uint64_t first_fill = 0;
    std::uint64_t last_fill = 0;
    std::uint32_t fill_count = 1;
    bool operator==(const PastTrade&) const = default;
};

// Where the next page begins: an id, a time in the venue's unit or the token of a venue, as text
// that only the venue's own file understands. Empty = the first page.
struct HistoryCursor {
    std::string next;
};

template <class Row>
struct HistoryPage {
    // Ascending by time, then id; no duplicates. A minute that is absent from a page of bars had no
    // trade. Pages of one request may come newest first (Gate): sort what was gathered.
    std::vector<Row> rows;
    std::optional<HistoryCursor> more;  // what to ask next; nothing when the request is answered
};
using BarPage = HistoryPage<BarRow>;
using TradePage = HistoryPage<PastTrade>;

struct BarsRequest {
    std::string symbol;  // as the venue's codec writes it
    TimeSpan span;
    UnixNanos now;  // bars that end after it are unfinished and dropped
    HistoryCursor cursor;
};

// Either a range of ids (ids.first > 0) or a span of time, as HistorySpec says.
struct TradesRequest {
    std::string symbol;
    IdRange ids;
    TimeSpan span;
    HistoryCursor cursor;
};

enum class TradeHistory : std::uint8_t {
    None,
    Recent,  // the newest rows only; neither id nor time can be asked for
    ById,
    ByTime,
    ByIdOrTime
};

// Path and query of one page; nothing when the venue cannot answer the question.
using BarsTarget = std::optional<std::string> (*)(const BarsRequest&);
using TradesTarget = std::optional<std::string> (*)(const TradesRequest&);
// An answer that carries a refusal is an Error with the venue's words, whatever its HTTP status.
using ParseBars = Result<BarPage> (*)(std::string_view body, const BarsRequest&);
using ParseTrades = Result<TradePage> (*)(std::string_view body, const TradesRequest&);

struct HistorySpec {
    std::string_view venue;  // the name in the table of venues
    std::string_view host;
    std::string_view port = "443";
    int requests_per_window = 1;  // below what the venue documents
    std::chrono::seconds window{1};
    int bars_per_page = 0;  // 0 = no minute bars
    int trades_per_page = 0;
    TradeHistory trades = TradeHistory::None;
    BarsTarget bars_target = nullptr;
    ParseBars parse_bars = nullptr;
    TradesTarget trades_target = nullptr;
    ParseTrades parse_trades = nullptr;
    bool forbidden_is_ban = false;  // 403 means too fast (Bybit), not a missing right
    // Headers of the request beside Host and User-Agent (some venues want the key there).
    std::vector<std::string> (*headers)(const Credentials&) = nullptr;
};

enum class StatusClass : std::uint8_t {
    Ok,
    Refused,  // the question is wrong: asking again gives the same answer
    Later,    // too fast, or the venue is not well: wait, then ask again
    Banned    // stop all requests to this host until the wait is over
};

struct StatusVerdict {
    StatusClass status = StatusClass::Ok;
    std::chrono::seconds wait{0};
};

[[nodiscard]] std::span<const HistorySpec> history_specs() noexcept;
// nullptr when the venue has no history that we can read.
[[nodiscard]] const HistorySpec* find_history_spec(std::string_view venue) noexcept;

// REQUIRES the status of an answer of `spec`. `retry_after`: the value of that header in seconds,
// when the answer had one.
[[nodiscard]] constexpr StatusVerdict classify_status(
    const HistorySpec& spec, int http_status,
    std::optional<std::chrono::seconds> retry_after) noexcept {
    constexpr std::chrono::seconds kLater{10};
    constexpr std::chrono::seconds kBan{600};  // Bybit asks for ten minutes, Binance for two and up
    if (http_status >= 200 && http_status < 300) return {};
    if (http_status == 418 || (http_status == 403 && spec.forbidden_is_ban)) {
        return {.status = StatusClass::Banned, .wait = retry_after.value_or(kBan)};
    }
    if (http_status == 429 || http_status == 408 || http_status >= 500) {
        return {.status = StatusClass::Later, .wait = retry_after.value_or(kLater)};
    }
    return {.status = StatusClass::Refused};
}

}  // namespace spill
