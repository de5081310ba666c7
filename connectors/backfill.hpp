// How one gap is filled from a venue's REST interface: what to ask next, and what is still missing.
//
// Pure: no socket, no clock, time is an argument. By id where the venue answers that, else by time,
// else by minute bars. What the venue does not have yet is asked for again in a few rounds; then it
// gives up. The driver (feed_backfill.cpp) sends the requests one after the other.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/codec.hpp"
#include "connectors/history/history.hpp"
#include "connectors/rate_window.hpp"
#include "core/error.hpp"
#include "core/types.hpp"

namespace spill {

namespace backfill_rules {
using namespace std::chrono_literals;
// Pauses before the rounds: a venue's REST interface runs behind its stream.
inline constexpr std::array<LinkTime, 4> kRounds{LinkTime{0}, LinkTime{5s}, LinkTime{30s},
                                                 LinkTime{120s}};
inline constexpr int kPages = 200;             // of one gap, all rounds together
inline constexpr std::size_t kRows = 100'000;  // of one gap; a longer one takes minute bars
inline constexpr std::size_t kPieces = 64;     // of missing ids
inline constexpr std::int64_t kMinutes = 30;   // of a gap that minute bars may fill
inline constexpr std::int64_t kSettleNs = 3 * kNanosPerSecond;  // from a minute's end to its bar
}  // namespace backfill_rules

// The missing trades: between venue times, both ends included, and their ids where known.
struct BackfillGap {
    IdRange ids;  // zero when only the time is known
    UnixNanos from, to;
};

class Backfill {
public:
    enum class State : std::uint8_t {
        Asking,   // next() may have a request, or one is under way
        Waiting,  // until due()
        Filled,   // everything that was missing has been fetched
        GivenUp
    };
    using Request = std::variant<TradesRequest, BarsRequest>;

    // REQUIRES `spec` to outlive the object.
    Backfill(const HistorySpec& spec, std::string symbol, BackfillGap gap);

    // What to ask now; nothing when waiting or over. `wall` is the venue's time. REQUIRES that the
    // request before it was answered or failed.
    [[nodiscard]] std::optional<Request> next(LinkTime now, UnixNanos wall);
    void answered(TradePage page, LinkTime now);
    void answered(BarPage page, LinkTime now);
    // Unavailable: asked again in the next round. Anything else: this way is closed.
    void failed(const Error& error, LinkTime now);

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] bool over() const noexcept {
        return state_ == State::Filled || state_ == State::GivenUp;
    }
    [[nodiscard]] LinkTime due() const noexcept { return due_; }
    [[nodiscard]] const BackfillGap& gap() const noexcept { return gap_; }
    [[nodiscard]] const std::string& symbol() const noexcept { return symbol_; }
    // The trades that were missing, ascending by time, then id. Sorted once over().
    [[nodiscard]] std::span<const PastTrade> rows() const noexcept { return rows_; }
    // Whole minutes that stand for the trades; not empty only when trades could not be had.
    [[nodiscard]] std::span<const BarRow> bars() const noexcept { return bars_; }
    // Ids that are still missing; empty as well when ids are not known.
    [[nodiscard]] std::span<const IdRange> missing() const noexcept { return missing_; }
    // What was refused last, for people.
    [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

private:
    enum class Way : std::uint8_t { Ids, Time, Bars, None };

    [[nodiscard]] Way way_after(std::optional<Way> last) const noexcept;
    [[nodiscard]] bool open_to(Way way) const noexcept;
    void turn_to(Way way) noexcept;
    void way_closed(LinkTime now);
    void part_answered(LinkTime now);
    void round_over(LinkTime now);
    [[nodiscard]] std::optional<Request> ask_trades();
    [[nodiscard]] std::optional<Request> ask_bars(LinkTime now, UnixNanos wall);
    [[nodiscard]] std::optional<IdRange> part_after(IdRange asked) const noexcept;
    bool take(PastTrade& row);
    [[nodiscard]] bool subtract(IdRange ids);
    void end(State state);

    const HistorySpec& spec_;
    std::string symbol_;
    BackfillGap gap_;
    State state_ = State::Asking;
    Way way_ = Way::None;
    std::size_t round_ = 0;
    int pages_ = 0;
    LinkTime due_{0};
    std::vector<IdRange> missing_;
    IdRange asked_;  // the piece that is asked for, as it was when the first page was
    HistoryCursor cursor_;
    std::vector<PastTrade> rows_;
    std::set<std::uint64_t> seen_;  // ids of rows_, when the ids of the gap are not known
    std::vector<BarRow> bars_;
    std::string complaint_;
};

}  // namespace spill
