// What the venues' history files share: windows of minutes, cells of rows, refusals, query texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/history/history.hpp"
#include "connectors/history/json_tree.hpp"

namespace spill::rest {

inline constexpr std::int64_t kNanosPerMilli = 1'000'000;

// Reads the cells of one row. The first cell that is not what it must be is remembered in bad() and
// makes the row worthless; texts and bare numbers are both taken, venues write either.
class Cells {
public:
    [[nodiscard]] Price price(const JsonNode& node);      // above zero, exact
    [[nodiscard]] Quantity size(const JsonNode& node);    // above zero, exact
    [[nodiscard]] Quantity volume(const JsonNode& node);  // zero and up; cut below 1e-9
    [[nodiscard]] std::uint64_t number(const JsonNode& node);
    [[nodiscard]] UnixNanos seconds(const JsonNode& node);  // with or without a fraction
    [[nodiscard]] UnixNanos millis(const JsonNode& node);   // with or without a fraction
    [[nodiscard]] UnixNanos rfc3339(const JsonNode& node);
    // `buy` and `sell`: the words of the venue for the side that crossed the spread.
    [[nodiscard]] Aggressor side(const JsonNode& node, std::string_view buy, std::string_view sell);
    void check(bool holds, BadReason reason);
    [[nodiscard]] BadReason bad() const noexcept { return bad_; }

private:
    [[nodiscard]] std::string_view text(const JsonNode& node);
    [[nodiscard]] std::int64_t positive(const JsonNode& node);
    [[nodiscard]] UnixNanos after_1973(std::int64_t ns);

    BadReason bad_ = BadReason::None;
};

// An answer that refuses. `later`: asking again after a pause may help.
[[nodiscard]] tl::unexpected<Error> refused(std::string_view venue, std::string_view code,
                                            std::string_view words, bool later);

// Reads every element of `rows`. REQUIRES nothing of it: another type than an array is an error.
// The row reader appends to the vector when the row counts, and reports through the cells.
template <class Row>
using ReadRow = std::function<void(const JsonNode& node, Cells& cells, std::vector<Row>& out)>;
[[nodiscard]] Result<std::vector<BarRow>> read_bars(std::string_view venue, const JsonNode& rows,
                                                    const ReadRow<BarRow>& read);
[[nodiscard]] Result<std::vector<PastTrade>> read_trades(std::string_view venue,
                                                         const JsonNode& rows,
                                                         const ReadRow<PastTrade>& read);

struct PageSize {
    int minutes = 0;
    int reach = 0;  // a venue that knows only the newest so many minutes; 0 = no such limit
};

// The whole minutes that this page of the request asks for: finished ones within the span and the
// venue's reach, from the cursor on. Nothing when there is none, or the cursor is not ours.
[[nodiscard]] std::optional<TimeSpan> bars_window(const BarsRequest& request, PageSize page);
// The rows of that window in order, each minute once, and the cursor of the next window.
[[nodiscard]] BarPage finish_bars(std::vector<BarRow> rows, const BarsRequest& request,
                                  PageSize page);
// The rows that the request asks for in order, each id once. REQUIRES rows as the venue sent them;
// `newest_first` keeps the order of rows without an id.
[[nodiscard]] std::vector<PastTrade> finish_trades(std::vector<PastTrade> rows,
                                                   const TradesRequest& request, bool newest_first);

[[nodiscard]] inline bool has_ids(const TradesRequest& request) noexcept {
    return request.ids.first > 0 && request.ids.last >= request.ids.first;
}
[[nodiscard]] inline bool has_span(const TradesRequest& request) noexcept {
    return request.span.from < request.span.to;
}

// The ids of this page where ids are dense and pages go upwards; the cursor is the first of them.
// Nothing when the request has no ids, or the cursor is not ours.
[[nodiscard]] std::optional<IdRange> ids_window(const TradesRequest& request, std::uint64_t rows);

// Venue times of a moment; up = the first one that is not before it.
[[nodiscard]] std::int64_t to_millis(UnixNanos at) noexcept;
[[nodiscard]] std::int64_t to_millis_up(UnixNanos at) noexcept;

// A 64-bit hash (FNV-1a) of an id that is not a number, as the codecs have it; never 0.
[[nodiscard]] std::uint64_t hash_id(std::string_view text) noexcept;

// Percent-encodes what may not stand in a query or a path segment.
[[nodiscard]] std::string encoded(std::string_view text);
// ASCII letters in upper case, all without `drop`.
[[nodiscard]] std::string upper_without(std::string_view text, char drop);

}  // namespace spill::rest
