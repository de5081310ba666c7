// Market data in CSV, plain or zstd, as engine events.
//
// Three layouts, told apart by their header line:
//   bars:   ts_ns,symbol,open,high,low,close,volume,trades[,interval_s,source]
//   trades: ts_ns,symbol,price,size,side[,source,recv_ns,flags]; other columns are passed over
//   events: as csv_events.hpp says
// ts_ns is UTC; a bar's is its start. Rows stand in the order in which a live consumer would have
// learned of them: trades by recv_ns (without that column by ts_ns), bars by their end. Without an
// interval_s column the length of a bar is told by the file's name ("bars_5m_2025-01.csv.zst").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/event.hpp"
#include "core/instrument.hpp"

namespace spill {

inline constexpr std::size_t kMaxReplayRows = 64'000'000;  // 64 bytes each
inline constexpr std::size_t kMaxShownRefusals = 5;
inline constexpr std::size_t kMaxReplaySymbols = 65'536;  // beyond, foreign ones are looked up anew

// Orders pairs of texts; views compare with strings, so that a look-up copies nothing.
struct TextPairLess {
    using is_transparent = void;
    using Views = std::pair<std::string_view, std::string_view>;
    bool operator()(const Views& a, const Views& b) const noexcept { return a < b; }
};

// What a file's symbols mean: finds the instrument of a symbol and makes one feed for each
// (symbol, source) that occurs. The instrument is, in this order, the one of that name, the one
// that has a configured feed of that symbol, and the one whose name remains when the quote
// currency is taken off (BTC-PERP, TAO_USDT, FETUSDT).
class ReplayRegistry {
public:
    // `configured` is copied without its feeds.
    explicit ReplayRegistry(const Registry& configured);

    // Invalid when no instrument of ours has that symbol. Allocates for a pair's first row only.
    [[nodiscard]] FeedId resolve(std::string_view symbol, std::string_view source);
    [[nodiscard]] const Registry& registry() const noexcept { return registry_; }

private:
    [[nodiscard]] const Instrument* find(std::string_view symbol) const;

    [[nodiscard]] FeedId add(std::string_view symbol, std::string_view source);

    const Registry& configured_;
    Registry registry_;
    // Every (symbol, source) seen so far, foreign ones too. Keyed by text, in order: how ids are
    // given never depends on hashing.
    std::map<std::pair<std::string, std::string>, FeedId, TextPairLess> feeds_;
};

struct CsvReport {
    std::uint64_t rows = 0;             // data rows read
    std::uint64_t foreign = 0;          // rows of symbols that are not ours
    std::uint64_t refused = 0;          // malformed or out of order
    std::vector<std::string> refusals;  // the first few, as file:line: message
};

// Appends the events of one file to `out`; `source` names the feed of rows without a source
// column, since two recordings of one symbol are two feeds. Errors: NotFound, System (unreadable),
// Corrupt (bad zstd), InvalidArgument (unknown header), OutOfRange (more than kMaxReplayRows).
[[nodiscard]] Result<CsvReport> read_csv(const std::string& path, ReplayRegistry& registry,
                                         std::vector<Event>& out, std::string_view source = "csv");

}  // namespace spill
