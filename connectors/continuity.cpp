#include "connectors/continuity.hpp"

#include <algorithm>

#include "core/event.hpp"

namespace spill {
namespace {

// A cumulative volume that falls below half of the last one is a new session, not a late print.
constexpr std::int64_t kNewSession = 2;

}  // namespace

const char* to_string(GapReason reason) noexcept {
    switch (reason) {
        case GapReason::MissingIds: return "missing_ids";
        case GapReason::Outage: return "outage";
        case GapReason::Restart: return "restart";
        case GapReason::MissingVolume: return "missing_volume";
    }
    return "missing_ids";
}

const char* to_string(Continuity proof) noexcept {
    switch (proof) {
        case Continuity::Unprovable: return "unprovable";
        case Continuity::Ids: return "ids";
        case Continuity::Cumulative: return "cumulative";
    }
    return "unprovable";
}

GapTracker::Row GapTracker::live(const TradeRow& row, LinkTime now) noexcept {
    Row result = Row::Ordinary;
    switch (proof_) {
        case Continuity::Unprovable: break;
        case Continuity::Ids:
            result = place(covered_ids(row), row.ts_event, false, now);
            lost_ = false;
            break;
        case Continuity::Cumulative:
            result = add_volume(row, now);
            lost_ = false;
            break;
    }
    newest_ = std::max(newest_, row.ts_event);
    return result;
}

GapTracker::Row GapTracker::history(const TradeRow& row, LinkTime now) noexcept {
    if (proof_ != Continuity::Ids) return Row::Ordinary;
    return place(covered_ids(row), row.ts_event, true, now);
}

GapTracker::Row GapTracker::place(IdRange ids, UnixNanos ts, bool past, LinkTime now) noexcept {
    if (ids.first == 0 || ids.last < ids.first) return Row::Ordinary;
    if (next_id_ == 0 || (past && !flowing_)) {
        // Where the stream begins. History before it belongs to nobody's outage.
        flowing_ = !past;
        next_id_ = std::max(next_id_, ids.last + 1);
        newest_ = std::max(newest_, ts);
        return Row::Ordinary;
    }
    flowing_ = flowing_ || !past;
    if (past && !lost_ && ids.last >= next_id_) return Row::Ordinary;  // the stream will bring it
    if (ids.first >= next_id_) {
        if (ids.first > next_id_) {
            open({next_id_, ids.first - 1}, ts, lost_ ? GapReason::Outage : GapReason::MissingIds,
                 now);
        }
        next_id_ = ids.last + 1;
        newest_ = std::max(newest_, ts);
        return past && lost_ ? Row::FillsGap : Row::Ordinary;
    }
    if (!past && ids.last + kRestart <= next_id_ && ts > newest_) {
        open({}, ts, GapReason::Restart, now);
        next_id_ = ids.last + 1;
        return Row::Ordinary;
    }
    bool const filled = subtract(ids);
    next_id_ = std::max(next_id_, ids.last + 1);
    return filled ? Row::FillsGap : Row::Ordinary;
}

GapTracker::Row GapTracker::add_volume(const TradeRow& row, LinkTime now) noexcept {
    std::int64_t const sum = row.cumulative.nanos;
    if (sum <= 0) return Row::Ordinary;
    std::int64_t const size = (row.flags & trade_flag::kNoVolume) != 0 ? 0 : row.size.nanos;
    if (cumulative_ == 0 || (sum < cumulative_ / kNewSession && row.ts_event > newest_)) {
        cumulative_ = sum;
        return Row::Ordinary;
    }
    if (sum >= cumulative_) {
        std::int64_t const missing = sum - cumulative_ - size;
        if (missing > 0) {
            GapReason const reason = lost_ ? GapReason::Outage : GapReason::MissingVolume;
            open({}, row.ts_event, reason, now).missing_volume += missing;
        }
        cumulative_ = sum;
        return Row::Ordinary;
    }
    std::int64_t left = size;
    for (Gap& gap : gaps_) {
        if (gap.missing_volume == 0 || gap.state == State::Free || left == 0) continue;
        std::int64_t const taken = std::min(left, gap.missing_volume);
        gap.missing_volume -= taken;
        left -= taken;
        if (gap.missing_volume == 0) gap.state = State::Complete;
    }
    return left < size ? Row::FillsGap : Row::Ordinary;
}

void GapTracker::sent_up_to(std::uint64_t id, UnixNanos at, LinkTime now) noexcept {
    if (proof_ != Continuity::Ids || id == 0 || next_id_ == 0 || id < next_id_) return;
    open({next_id_, id}, std::max(at, newest_), lost_ ? GapReason::Outage : GapReason::MissingIds,
         now);
    next_id_ = id + 1;
}

void GapTracker::back(UnixNanos at, LinkTime now) noexcept {
    if (proof_ != Continuity::Unprovable || !lost_) return;
    lost_ = false;
    open({}, at, GapReason::Outage, now).due = now;
}

void GapTracker::fetched(UnixNanos from, UnixNanos to) noexcept {
    for (Gap& gap : gaps_) {
        if (gap.state == State::Free || gap.from < from || gap.to > to) continue;
        gap.state = State::Complete;
    }
}

GapTracker::Gap* GapTracker::free_slot() noexcept {
    // A filled one that must not say so yet goes first: it then counts as not filled.
    for (State const state : {State::Free, State::Complete, State::GivenUp}) {
        auto* const slot = std::ranges::find(gaps_, state, &Gap::state);
        if (slot != gaps_.end()) return slot;
    }
    return nullptr;
}

// Opens a gap from the newest trade to `to`. When all slots are taken the newest gap takes it in:
// it then claims too much, never too little.
GapTracker::Gap& GapTracker::open(IdRange ids, UnixNanos to, GapReason reason,
                                  LinkTime now) noexcept {
    UnixNanos const from = newest_.ns != 0 ? std::min(newest_, to) : to;
    UnixNanos const until = std::max(newest_, to);
    Gap* const slot = free_slot();
    if (slot == nullptr) {
        Gap& gap = gaps_[last_];
        gap.from = std::min(gap.from, from);
        gap.to = std::max(gap.to, until);
        gap.ids = ids.first != 0 && gap.ids.first != 0 ? IdRange{std::min(gap.ids.first, ids.first),
                                                                 std::max(gap.ids.last, ids.last)}
                                                       : IdRange{};
        gap.parts[0] = gap.ids;
        gap.parts_used = gap.ids.first != 0 ? 1 : 0;
        gap.widened = gap.announced;
        gap.state = State::Waiting;
        gap.due = now;
        return gap;
    }
    last_ = static_cast<std::size_t>(slot - gaps_.data());
    *slot = Gap{};
    slot->state = State::Waiting;
    slot->reason = reason;
    slot->ids = slot->parts[0] = ids;
    slot->parts_used = ids.first != 0 ? 1 : 0;
    slot->from = from;
    slot->to = until;
    slot->due = now + kPatience;
    return *slot;
}

bool GapTracker::subtract(IdRange ids) noexcept {
    bool any = false;
    for (Gap& gap : gaps_) {
        if (gap.state == State::Free || gap.state == State::Complete) continue;
        if (subtract_from(gap, ids)) any = true;
    }
    return any;
}

// A piece that would break into more pieces than there is room for stays whole: the gap is then
// never called filled by ids.
bool GapTracker::subtract_from(Gap& gap, IdRange ids) noexcept {
    bool any = false;
    for (std::size_t i = 0; i < gap.parts_used;) {
        IdRange& part = gap.parts[i];
        if (ids.last < part.first || ids.first > part.last) {
            ++i;
            continue;
        }
        bool const head = ids.first > part.first;
        bool const tail = ids.last < part.last;
        any = true;
        if (head && tail) {
            if (gap.parts_used == kParts) return any;
            gap.parts[gap.parts_used++] = {ids.last + 1, part.last};
            part.last = ids.first - 1;
        } else if (head) {
            part.last = ids.first - 1;
        } else if (tail) {
            part.first = ids.last + 1;
        } else {
            part = gap.parts[--gap.parts_used];
            continue;
        }
        ++i;
    }
    if (any && gap.parts_used == 0) gap.state = State::Complete;
    return any;
}

// The engine takes a filled mark for whole minutes, so it must wait for all gaps in them.
bool GapTracker::may_say_filled(const Gap& gap) const noexcept {
    return std::ranges::none_of(gaps_, [&](const Gap& other) {
        bool const missing = other.state == State::Waiting || other.state == State::Open ||
                             other.state == State::GivenUp;
        return missing && minute_of(other.from) <= minute_of(gap.to) &&
               minute_of(other.to) >= minute_of(gap.from);
    });
}

GapNews GapTracker::news_of(const Gap& gap, GapNews::Kind kind) noexcept {
    return {.kind = kind, .ids = gap.ids, .from = gap.from, .to = gap.to, .reason = gap.reason};
}

bool GapTracker::poll(LinkTime now, GapNews& news) noexcept {
    for (Gap& gap : gaps_) {
        switch (gap.state) {
            case State::Free:
            case State::GivenUp: break;
            case State::Waiting:
                if (gap.due > now) break;
                news = news_of(gap, gap.widened ? GapNews::Kind::Widened : GapNews::Kind::Opened);
                gap.state = State::Open;
                gap.announced = true;
                gap.due = now + kGiveUp;
                return true;
            case State::Open:
                if (gap.due > now) break;
                news = news_of(gap, GapNews::Kind::GivenUp);
                gap.state = State::GivenUp;
                return true;
            case State::Complete:
                if (gap.announced && !may_say_filled(gap)) break;
                gap.state = State::Free;
                if (!gap.announced) break;
                news = news_of(gap, GapNews::Kind::Filled);
                return true;
        }
    }
    return false;
}

LinkTime GapTracker::deadline() const noexcept {
    LinkTime at = LinkTime::max();
    for (const Gap& gap : gaps_) {
        switch (gap.state) {
            case State::Free:
            case State::GivenUp: break;
            case State::Waiting:
            case State::Open: at = std::min(at, gap.due); break;
            case State::Complete:
                if (!gap.announced || may_say_filled(gap)) return LinkTime::zero();
                break;
        }
    }
    return at;
}

std::size_t GapTracker::open_gaps() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(gaps_, [](const Gap& gap) {
        return gap.announced && (gap.state == State::Open || gap.state == State::Waiting ||
                                 gap.state == State::Complete);
    }));
}

}  // namespace spill
