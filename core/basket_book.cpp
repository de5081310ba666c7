#include "core/basket_book.hpp"

#include <algorithm>

namespace spill {
namespace {

constexpr int kGapMinutes = 15;  // as for a breakout

bool belongs(const Registry& registry, GroupId group, GroupId of) noexcept {
    while (group.valid()) {
        if (group == of) return true;
        group = registry.group(group).parent;
    }
    return false;
}

bool is_chip(const Instrument& row) noexcept {
    return row.role == Role::Leader || row.role == Role::Member;
}

}  // namespace

BasketBook::BasketBook(const Registry& registry, GroupId group, Market market, const Params& params)
    : group_(group),
      market_(market),
      params_(&params),
      memory_(registry.group(group).name == "memory") {
    for (const Instrument& row : registry.instruments()) {
        if (row.role == Role::Benchmark && row.market == market) has_benchmark_ = true;
        bool const stock = is_chip(row) && !row.proxy_for.valid() && row.market == market;
        if (!stock || !belongs(registry, row.group, group)) continue;
        Slot slot;
        slot.group = row.group;
        slot.candidates[slot.size++] = row.id;
        for (const Instrument& other : registry.instruments()) {
            if (other.proxy_for != row.id || slot.size == slot.candidates.size()) continue;
            slot.candidates[slot.size++] = other.id;
        }
        bool const watched =
            std::any_of(slot.candidates.begin(),
                        slot.candidates.begin() + static_cast<std::ptrdiff_t>(slot.size),
                        [&](InstrumentId id) { return !registry.instrument(id).feeds.empty(); });
        if (watched) slots_.push_back(slot);
    }
    members_.resize(slots_.size());
    chosen_.resize(slots_.size());
}

void BasketBook::open_session() noexcept {
    machine_.restart();
    reading_ = ParticipationReading{};
    rest_.reset();
}

void BasketBook::close_session() noexcept {
    if (!memory_ || !rest_ || reading_.n == 0) return;
    if (path_size_ == path_.size()) {
        std::ranges::rotate(path_, path_.begin() + 1);
        --path_size_;
    }
    path_[path_size_++] = reading_.move_atr - *rest_;
}

ParticipationMember BasketBook::member(const MarketView& view, const Slot& slot,
                                       InstrumentId& chosen) const noexcept {
    ParticipationMember out;
    for (std::size_t i = 0; i < slot.size; ++i) {
        InstrumentId const id = slot.candidates[i];
        const InstrumentBook& book = view.instruments[id.value];
        if (view.registry->instrument(id).feeds.empty() || !book.in_session()) continue;
        bool const fresh =
            book.last_trade_minute() >= view.minute - params_->participation.stale_minutes;
        bool const known = book.atr() && book.previous_close() && book.last();
        if (!fresh || !known || book.halted() || book.suspect_corporate()) continue;
        const FeedBook& feed = view.feeds[view.lead_feed[id.value]];
        if (feed.totals().priced_volume.nanos <= 0) continue;
        chosen = id;
        out.eligible = true;
        out.last = book.last()->to_double();
        out.prev_close = book.previous_close()->to_double();
        out.vwap = feed.totals().vwap();
        out.atr = book.atr()->value;
        out.or_high = book.range_high() ? book.range_high()->to_double() : out.last;
        out.rvol = feed.rvol_cumulative(view.index[static_cast<std::size_t>(market_)] + 1);
        InstrumentId const benchmark = view.returns->benchmark_of(id);
        if (!benchmark.valid()) return out;
        const InstrumentBook& spy = view.instruments[benchmark.value];
        if (!spy.in_session() || !spy.last() || !spy.previous_close()) return out;
        double const r_spy = spy.last()->to_double() / spy.previous_close()->to_double() - 1.0;
        double const r = out.last / out.prev_close - 1.0;
        double const beta = view.returns->beta(id).value;
        out.excess = (r - beta * r_spy) / (out.atr / out.prev_close);
        return out;
    }
    return out;
}

std::optional<ParticipationChange> BasketBook::close_minute(const MarketView& view,
                                                            EpisodeCounter& episodes) noexcept {
    std::int32_t const index = view.index[static_cast<std::size_t>(market_)];
    if (index + 1 < params_->participation.start_minutes) return std::nullopt;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        chosen_[i] = InstrumentId{};
        members_[i] = member(view, slots_[i], chosen_[i]);
    }
    reading_ = participation(members_, params_->participation, machine_.state());
    auto const edge = machine_.minute(reading_, params_->participation);
    if (!edge) return std::nullopt;
    episode_ = episodes.next();
    ParticipationChange change;
    change.edge = *edge;
    change.reading = reading_;
    change.group = group_;
    change.market = market_;
    change.episode = episode_;
    for (InstrumentId const id : chosen_) {
        if (!id.valid()) continue;
        const FeedBook& feed = view.feeds[view.lead_feed[id.value]];
        change.coverage = std::max(change.coverage, feed.coverage());
        change.provisional = change.provisional || view.instruments[id.value].provisional() ||
                             feed.baseline().quality() != BaselineQuality::Ready;
        change.degraded = change.degraded || feed.gap_within(view.minute, kGapMinutes);
        change.from_bars = change.from_bars || feed.from_bars();
    }
    if (memory_ && rest_) change.lead = reading_.move_atr - *rest_;
    change.lead_path = path_;
    change.lead_path_size = memory_ ? path_size_ : 0;
    return change;
}

std::optional<double> BasketBook::excess() const noexcept {
    if (reading_.excess_atr) return reading_.excess_atr;
    if (has_benchmark_ || reading_.n == 0) return std::nullopt;
    return reading_.move_atr;
}

BasketBook::Part BasketBook::part_of(GroupId group) const noexcept {
    Part part;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].group != group || !members_[i].eligible) continue;
        part.sum += (members_[i].last - members_[i].prev_close) / members_[i].atr;
        ++part.n;
    }
    return part;
}

}  // namespace spill
