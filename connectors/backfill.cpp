#include "connectors/backfill.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spill {
namespace {

using namespace backfill_rules;

constexpr std::int64_t kNanosPerMilli = 1'000'000;

// Venues count in milliseconds: both ends of the gap must be inside of the half-open span.
TimeSpan span_of(const BackfillGap& gap) noexcept {
    return {.from = UnixNanos{gap.from.ns - gap.from.ns % kNanosPerMilli},
            .to = UnixNanos{gap.to.ns - gap.to.ns % kNanosPerMilli + kNanosPerMilli}};
}

TimeSpan minutes_of(const BackfillGap& gap) noexcept {
    return {.from = minute_start(minute_of(gap.from)), .to = minute_start(minute_of(gap.to) + 1)};
}

IdRange ids_of(const PastTrade& row) noexcept {
    if (row.dense) return {row.id, row.id};
    return {row.first_fill, row.last_fill};
}

}  // namespace

Backfill::Backfill(const HistorySpec& spec, std::string symbol, BackfillGap gap)
    : spec_(spec), symbol_(std::move(symbol)), gap_(gap) {
    if (gap_.ids.first != 0) missing_.push_back(gap_.ids);
    turn_to(way_after(std::nullopt));
    if (way_ == Way::None) end(State::GivenUp);
}

bool Backfill::open_to(Way way) const noexcept {
    bool const by_id =
        spec_.trades == TradeHistory::ById || spec_.trades == TradeHistory::ByIdOrTime;
    bool const by_time =
        spec_.trades == TradeHistory::ByTime || spec_.trades == TradeHistory::ByIdOrTime;
    bool const trades = spec_.trades_target != nullptr && spec_.parse_trades != nullptr;
    switch (way) {
        case Way::Ids: {
            bool const known = gap_.ids.first != 0 && gap_.ids.last >= gap_.ids.first;
            return trades && by_id && known && gap_.ids.last - gap_.ids.first < kRows;
        }
        case Way::Time: return trades && by_time;
        case Way::Bars:
            return minute_of(gap_.to) - minute_of(gap_.from) < kMinutes &&
                   spec_.bars_per_page > 0 && spec_.bars_target != nullptr &&
                   spec_.parse_bars != nullptr;
        case Way::None: return true;
    }
    return false;
}

Backfill::Way Backfill::way_after(std::optional<Way> last) const noexcept {
    for (Way const way : {Way::Ids, Way::Time, Way::Bars}) {
        if ((!last || way > *last) && open_to(way)) return way;
    }
    return Way::None;
}

void Backfill::turn_to(Way way) noexcept {
    way_ = way;
    asked_ = {};
    cursor_ = {};
}

std::optional<Backfill::Request> Backfill::next(LinkTime now, UnixNanos wall) {
    if (state_ == State::Waiting && now >= due_) state_ = State::Asking;
    while (state_ == State::Asking) {
        auto request = way_ == Way::Bars ? ask_bars(now, wall) : ask_trades();
        if (request || state_ != State::Asking) return request;
        way_closed(now);  // the venue cannot be asked that
    }
    return std::nullopt;
}

std::optional<Backfill::Request> Backfill::ask_trades() {
    TradesRequest request{.symbol = symbol_, .ids = {}, .span = span_of(gap_), .cursor = cursor_};
    if (way_ == Way::Ids) {
        if (cursor_.next.empty()) asked_ = *part_after(asked_);
        request.ids = asked_;
    }
    if (pages_ >= kPages || !spec_.trades_target(request)) return std::nullopt;
    ++pages_;
    return request;
}

std::optional<Backfill::Request> Backfill::ask_bars(LinkTime now, UnixNanos wall) {
    TimeSpan const span = minutes_of(gap_);
    if (wall.ns < span.to.ns + kSettleNs) {
        due_ = now + LinkTime(span.to.ns + kSettleNs - wall.ns);
        state_ = State::Waiting;
        return std::nullopt;
    }
    BarsRequest request{.symbol = symbol_, .span = span, .now = wall, .cursor = cursor_};
    if (pages_ >= 2 * kPages || !spec_.bars_target(request)) return std::nullopt;
    ++pages_;
    return request;
}

void Backfill::answered(TradePage page, LinkTime now) {
    if (state_ != State::Asking) return;
    for (PastTrade& row : page.rows) {
        if (rows_.size() >= kRows) return way_closed(now);
        if (take(row)) rows_.push_back(std::move(row));
    }
    if (gap_.ids.first != 0 && missing_.empty()) return end(State::Filled);
    bool const wanted = way_ == Way::Time || std::ranges::any_of(missing_, [&](IdRange part) {
                            return part.first <= asked_.last && part.last >= asked_.first;
                        });
    if (page.more && wanted) {
        cursor_ = *std::move(page.more);
        return;
    }
    part_answered(now);
}

// The first piece that lies behind the one that was asked for: what is left of that one waits for
// the next round.
std::optional<IdRange> Backfill::part_after(IdRange asked) const noexcept {
    auto const at =
        std::ranges::find_if(missing_, [&](IdRange part) { return part.first > asked.last; });
    if (at == missing_.end()) return std::nullopt;
    return *at;
}

// True when the row was missing. With ids known it leaves a hole where it was.
bool Backfill::take(PastTrade& row) {
    if (gap_.ids.first != 0) {
        IdRange const ids = ids_of(row);
        return ids.first != 0 && subtract(ids);
    }
    if (row.ts_event < gap_.from || row.ts_event > gap_.to) return false;
    return row.id == 0 || seen_.insert(row.id).second;
}

void Backfill::part_answered(LinkTime now) {
    cursor_ = {};
    if (way_ == Way::Ids) {
        if (part_after(asked_)) return;
    } else if (gap_.ids.first == 0) {
        return end(State::Filled);
    }
    round_over(now);
}

void Backfill::round_over(LinkTime now) {
    asked_ = {};
    cursor_ = {};
    if (++round_ >= kRounds.size()) return way_closed(now);
    due_ = now + kRounds[round_];
    state_ = State::Waiting;
}

void Backfill::way_closed(LinkTime now) {
    turn_to(way_after(way_));
    round_ = 0;
    due_ = now;
    if (way_ == Way::None) return end(State::GivenUp);
    state_ = State::Asking;
}

void Backfill::answered(BarPage page, LinkTime now) {
    if (state_ != State::Asking) return;
    TimeSpan const span = minutes_of(gap_);
    for (const BarRow& row : page.rows) {
        if (row.start < span.from || row.start >= span.to) continue;
        if (bars_.empty() || bars_.back().start < row.start) bars_.push_back(row);
    }
    if (page.more) {
        cursor_ = *std::move(page.more);
        return;
    }
    // A minute without trades may be absent; a venue without any minute knows nothing.
    if (bars_.empty()) return round_over(now);
    end(State::Filled);
}

void Backfill::failed(const Error& error, LinkTime now) {
    if (state_ != State::Asking) return;
    complaint_ = error.message;
    if (error.code == Errc::Unavailable) return round_over(now);
    way_closed(now);
}

bool Backfill::subtract(IdRange ids) {
    bool any = false;
    for (std::size_t i = 0; i < missing_.size();) {
        IdRange& part = missing_[i];
        if (ids.last < part.first || ids.first > part.last) {
            ++i;
            continue;
        }
        bool const head = ids.first > part.first;
        bool const tail = ids.last < part.last;
        if (head && tail && missing_.size() >= kPieces) return any;  // stays missing, never doubled
        any = true;
        IdRange const rest{ids.last + 1, part.last};
        if (head) {
            part.last = ids.first - 1;
            ++i;
            if (tail) missing_.insert(missing_.begin() + static_cast<std::ptrdiff_t>(i), rest);
        } else if (tail) {
            part.first = rest.first;
            ++i;
        } else {
            missing_.erase(missing_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    return any;
}

void Backfill::end(State state) {
    state_ = state;
    std::ranges::sort(rows_, [](const PastTrade& a, const PastTrade& b) {
        return std::tie(a.ts_event, a.id) < std::tie(b.ts_event, b.id);
    });
}

}  // namespace spill
