#include "connectors/history/pages.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/decimal.hpp"
#include "core/timestamp.hpp"

namespace spill::rest {
namespace {

using json::TokenType;

// Digits after the ninth decimal are dropped: some venues sum volumes in binary fractions.
std::string_view cut_below_nano(std::string_view text) noexcept {
    std::size_t const dot = text.find('.');
    bool const plain = text.find_first_of("eE") == std::string_view::npos;
    if (dot == std::string_view::npos || !plain) return text;
    return text.substr(0, std::min(text.size(), dot + 10));
}

template <class Row>
Result<std::vector<Row>> read_rows(std::string_view venue, const JsonNode& rows,
                                   const ReadRow<Row>& read) {
    std::string const name(venue);
    if (!rows.is(TokenType::Array)) {
        return fail(Errc::InvalidArgument, name + ": the answer has no list of rows");
    }
    std::vector<Row> out;
    out.reserve(rows.items.size());
    for (std::size_t i = 0; i < rows.items.size(); ++i) {
        Cells cells;
        read(rows.items[i], cells, out);
        if (cells.bad() == BadReason::None) continue;
        return fail(Errc::InvalidArgument, name + ": row " + std::to_string(i) +
                                               " of the answer: " + to_string(cells.bad()));
    }
    return out;
}

// Keeps the order of equal rows (std::stable_sort of libstdc++ uses what C++20 deprecates). Pages
// are in order already or the reverse of it.
template <class Row, class Less>
void sort_stably(std::vector<Row>& rows, Less less) {
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        std::rotate(std::upper_bound(rows.begin(), row, *row, less), row, row + 1);
    }
}

bool whole_bar(const BarRow& bar) noexcept {
    return bar.low <= bar.open && bar.low <= bar.close && bar.high >= bar.open &&
           bar.high >= bar.close && bar.start.ns % kNanosPerMinute == 0;
}

UnixNanos up_to_minute(UnixNanos at) noexcept {
    std::int64_t const minute = minute_of(at);
    return minute_start(minute_start(minute) == at ? minute : minute + 1);
}

// The finished minutes of the whole request.
std::optional<TimeSpan> reachable(const BarsRequest& request, PageSize page) {
    UnixNanos const now = minute_start(minute_of(request.now));
    UnixNanos const to = std::min(request.span.to, now);
    if (request.span.from >= to) return std::nullopt;
    UnixNanos from = up_to_minute(request.span.from);
    if (page.reach > 0) from = std::max(from, UnixNanos{now.ns - page.reach * kNanosPerMinute});
    if (from >= to) return std::nullopt;
    return TimeSpan{from, to};
}

}  // namespace

std::string_view Cells::text(const JsonNode& node) {
    bool const scalar = node.is(TokenType::Text) || node.is(TokenType::Number);
    check(!node.is(TokenType::Absent), BadReason::MissingField);
    check(scalar, BadReason::WrongType);
    return scalar ? std::string_view(node.text) : std::string_view{};
}

void Cells::check(bool holds, BadReason reason) {
    if (!holds && bad_ == BadReason::None) bad_ = reason;
}

std::int64_t Cells::positive(const JsonNode& node) {
    json::Token const token(TokenType::Text, text(node));
    std::int64_t nanos = 0;
    BadReason const bad = json::to_positive(token, TokenType::Text, nanos);
    check(bad == BadReason::None, bad);
    return nanos;
}

Price Cells::price(const JsonNode& node) { return Price{positive(node)}; }
Quantity Cells::size(const JsonNode& node) { return Quantity{positive(node)}; }

Quantity Cells::volume(const JsonNode& node) {
    DecimalResult parsed = parse_decimal(text(node));
    if (parsed.error == DecimalError::TooFine) parsed = parse_decimal(cut_below_nano(node.text));
    check(parsed.ok() && parsed.nanos >= 0, BadReason::BadNumber);
    return Quantity{parsed.nanos};
}

std::uint64_t Cells::number(const JsonNode& node) {
    std::optional<std::uint64_t> const parsed = parse_uint64(text(node));
    check(parsed.has_value(), BadReason::BadNumber);
    return parsed.value_or(0);
}

UnixNanos Cells::after_1973(std::int64_t ns) {
    check(ns >= json::kEarliestNanos, BadReason::BadTime);
    return UnixNanos{ns};
}

UnixNanos Cells::seconds(const JsonNode& node) {
    DecimalResult const parsed = parse_decimal(text(node));
    check(parsed.ok(), BadReason::BadTime);
    return after_1973(parsed.nanos);
}

UnixNanos Cells::millis(const JsonNode& node) {
    std::string_view const all = text(node);
    std::size_t const dot = std::min(all.find('.'), all.size());
    std::optional<std::uint64_t> const whole = parse_uint64(all.substr(0, dot));
    DecimalResult const fraction =
        dot == all.size() ? DecimalResult{} : parse_decimal("0" + std::string(all.substr(dot)));
    constexpr std::uint64_t kLast = 9'223'372'036'854 - 1;
    bool const good = whole && *whole <= kLast && fraction.ok();
    check(good, BadReason::BadTime);
    if (!good) return UnixNanos{};
    return after_1973(static_cast<std::int64_t>(*whole) * kNanosPerMilli + fraction.nanos / 1'000);
}

UnixNanos Cells::rfc3339(const JsonNode& node) {
    std::optional<UnixNanos> const parsed = parse_rfc3339(text(node));
    check(parsed.has_value(), BadReason::BadTime);
    return after_1973(parsed ? parsed->ns : 0);
}

Aggressor Cells::side(const JsonNode& node, std::string_view buy, std::string_view sell) {
    std::string_view const word = text(node);
    check(word == buy || word == sell, BadReason::BadSide);
    return word == buy ? Aggressor::Buy : Aggressor::Sell;
}

tl::unexpected<Error> refused(std::string_view venue, std::string_view code, std::string_view words,
                              bool later) {
    constexpr std::size_t kMost = 200;  // of foreign words in one line of a log
    std::string line(venue);
    line += " refuses: ";
    if (!code.empty()) line += std::string(code.substr(0, kMost)) + " ";
    line += words.substr(0, kMost);
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return fail(later ? Errc::Unavailable : Errc::InvalidArgument, std::move(line));
}

Result<std::vector<BarRow>> read_bars(std::string_view venue, const JsonNode& rows,
                                      const ReadRow<BarRow>& read) {
    return read_rows<BarRow>(venue, rows, [&](const JsonNode& node, Cells& cells, auto& out) {
        std::size_t const before = out.size();
        read(node, cells, out);
        if (out.size() > before && cells.bad() == BadReason::None) {
            cells.check(whole_bar(out.back()), BadReason::BadNumber);
        }
    });
}

Result<std::vector<PastTrade>> read_trades(std::string_view venue, const JsonNode& rows,
                                           const ReadRow<PastTrade>& read) {
    return read_rows<PastTrade>(venue, rows, read);
}

std::optional<TimeSpan> bars_window(const BarsRequest& request, PageSize page) {
    std::optional<TimeSpan> const all = reachable(request, page);
    if (!all) return std::nullopt;
    UnixNanos from = all->from;
    if (!request.cursor.next.empty()) {
        std::optional<std::uint64_t> const minute = parse_uint64(request.cursor.next);
        if (!minute || *minute > static_cast<std::uint64_t>(minute_of(all->to)))
            return std::nullopt;
        from = std::max(from, minute_start(static_cast<std::int64_t>(*minute)));
    }
    if (from >= all->to) return std::nullopt;
    UnixNanos const to{from.ns + page.minutes * kNanosPerMinute};
    return TimeSpan{from, std::min(to, all->to)};
}

BarPage finish_bars(std::vector<BarRow> rows, const BarsRequest& request, PageSize page) {
    BarPage out;
    std::optional<TimeSpan> const window = bars_window(request, page);
    if (!window) return out;
    std::erase_if(rows, [&](const BarRow& bar) {
        return bar.start < window->from || bar.start >= window->to;
    });
    sort_stably(rows, [](const BarRow& a, const BarRow& b) { return a.start < b.start; });
    auto const twice = std::ranges::unique(rows, {}, &BarRow::start);
    rows.erase(twice.begin(), twice.end());
    out.rows = std::move(rows);
    if (window->to < reachable(request, page)->to) {
        out.more = HistoryCursor{std::to_string(minute_of(window->to))};
    }
    return out;
}

std::vector<PastTrade> finish_trades(std::vector<PastTrade> rows, const TradesRequest& request,
                                     bool newest_first) {
    std::erase_if(rows, [&](const PastTrade& row) {
        if (has_ids(request)) return row.id < request.ids.first || row.id > request.ids.last;
        if (!has_span(request)) return false;
        return row.ts_event < request.span.from || row.ts_event >= request.span.to;
    });
    if (newest_first) std::ranges::reverse(rows);
    sort_stably(rows, [](const PastTrade& a, const PastTrade& b) {
        return std::tie(a.ts_event, a.id) < std::tie(b.ts_event, b.id);
    });
    auto const twice = std::ranges::unique(rows, [](const PastTrade& a, const PastTrade& b) {
        return a.id != 0 && a.id == b.id && a.id_text == b.id_text;
    });
    rows.erase(twice.begin(), twice.end());
    return rows;
}

std::optional<IdRange> ids_window(const TradesRequest& request, std::uint64_t rows) {
    if (!has_ids(request)) return std::nullopt;
    std::uint64_t first = request.ids.first;
    if (!request.cursor.next.empty()) {
        std::optional<std::uint64_t> const next = parse_uint64(request.cursor.next);
        if (!next || *next <= first || *next > request.ids.last) return std::nullopt;
        first = *next;
    }
    bool const rest = request.ids.last - first < rows;
    return IdRange{first, rest ? request.ids.last : first + rows - 1};
}

std::int64_t to_millis(UnixNanos at) noexcept {
    std::int64_t const quotient = at.ns / kNanosPerMilli;
    return at.ns % kNanosPerMilli < 0 ? quotient - 1 : quotient;
}

std::int64_t to_millis_up(UnixNanos at) noexcept {
    std::int64_t const down = to_millis(at);
    return down * kNanosPerMilli == at.ns ? down : down + 1;
}

std::uint64_t hash_id(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (char const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x0000'0100'0000'01b3;
    }
    return hash == 0 ? 1 : hash;
}

std::string encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        auto const byte = static_cast<unsigned char>(c);
        if (plain) {
            out += c;
        } else {
            out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    return out;
}

std::string upper_without(std::string_view text, char drop) {
    std::string out;
    for (char const c : text) {
        if (c == drop) continue;
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

}  // namespace spill::rest
