#include "core/group_book.hpp"

#include <algorithm>

namespace spill {
namespace {

constexpr std::array<Market, 2> kStockMarkets{Market::Xnys, Market::Xkrx};

}  // namespace

GroupBook::GroupBook(const Registry& registry, const Params& params)
    : registry_(&registry), returns_(registry, params), theme_(registry, params) {
    for (const Group& group : registry.groups()) {
        if (group.tokens) {
            if (group.parent.valid()) continue;
            BucketBook bucket(registry, group.id, params);
            if (bucket.members() != 0) buckets_.push_back(std::move(bucket));
            continue;
        }
        for (Market const market : kStockMarkets) {
            BasketBook basket(registry, group.id, market, params);
            if (basket.members() != 0) baskets_.push_back(std::move(basket));
        }
    }
    for (const Instrument& row : registry.instruments()) {
        if (row.role == Role::Benchmark && row.market == Market::Utc && !btc_.valid())
            btc_ = row.id;
        bool const chip = row.role == Role::Leader || row.role == Role::Member;
        if (chip && !row.feeds.empty()) chips_.push_back(row.id.value);
    }
    changes_.participation.reserve(baskets_.size());
    changes_.rotation.reserve(buckets_.size());
    changes_.unwind.reserve(buckets_.size());
}

void GroupBook::open_session(Market market, UnixNanos open) noexcept {
    theme_.open_session(market, open);
    for (BasketBook& basket : baskets_) {
        if (basket.market() == market) basket.open_session();
    }
}

void GroupBook::close_session(Market market, UnixNanos close) noexcept {
    theme_.close_session(market, close);
    for (BasketBook& basket : baskets_) {
        if (basket.market() == market) basket.close_session();
    }
}

void GroupBook::on_breakout(UnixNanos at, const Instrument& chip,
                            const BreakoutChange& change) noexcept {
    if (chip.role != Role::Leader && chip.role != Role::Member) return;
    theme_.on_breakout(chip.id, change);
    if (change.edge.state != BreakoutState::Failed || change.side != BreakoutSide::Up) return;
    bool const leader = chip.role == Role::Leader;
    for (BucketBook& bucket : buckets_) {
        bucket.on_failure(at, change.kind, leader, is_proven(change.edge.prev));
    }
}

void GroupBook::step_returns(const MarketView& view,
                             std::span<const std::uint8_t> observed) noexcept {
    chips_return_.reset();
    chips_residual_.reset();
    if ((view.minute + 1) % kSlotMinutes != 0) return;
    for (const Instrument& row : registry_->instruments()) {
        const InstrumentBook& book = view.instruments[row.id.value];
        bool const trades = book.in_session() && observed[row.id.value] != 0 && book.last();
        returns_.mark(row.id, trades ? std::optional(book.last()->to_double()) : std::nullopt);
    }
    returns_.finish_step();
    double sum = 0.0;
    double residual = 0.0;
    int n = 0;
    int with_market = 0;
    for (std::uint32_t const i : chips_) {
        InstrumentId const id{i};
        auto const r = returns_.last(id);
        if (!r) continue;
        sum += *r;
        ++n;
        InstrumentId const spy = returns_.benchmark_of(id);
        auto const market = spy.valid() ? returns_.last(spy) : std::nullopt;
        if (!market) continue;
        residual += *r - returns_.beta(id).value * *market;
        ++with_market;
    }
    if (n != 0) chips_return_ = sum / n;
    if (with_market != 0) chips_residual_ = residual / with_market;
}

// The move of memory's siblings, for its leadership: all of the parent's members but its own.
void GroupBook::update_memory_rest(const MarketView& view) noexcept {
    for (BasketBook& basket : baskets_) {
        const Group& group = view.registry->group(basket.group());
        if (group.name != "memory" || !group.parent.valid()) continue;
        auto const parent = std::ranges::find_if(baskets_, [&](const BasketBook& other) {
            return other.group() == group.parent && other.market() == basket.market();
        });
        if (parent == baskets_.end()) continue;
        BasketBook::Part rest{parent->reading().move_atr * parent->reading().n,
                              parent->reading().n};
        BasketBook::Part const own = parent->part_of(basket.group());
        rest.sum -= own.sum;
        rest.n -= own.n;
        basket.set_rest(rest.n > 0 ? std::optional(rest.sum / rest.n) : std::nullopt);
    }
}

void GroupBook::close_baskets(const MarketView& view, EpisodeCounter& episodes) noexcept {
    for (BasketBook& basket : baskets_) {
        if (view.index[static_cast<std::size_t>(basket.market())] < 0) continue;
        if (auto const change = basket.close_minute(view, episodes)) {
            changes_.participation.push_back(*change);
        }
    }
    update_memory_rest(view);
}

const GroupChanges& GroupBook::close_minute(MarketView view, const Tokens& tokens,
                                            std::span<const std::uint8_t> observed,
                                            EpisodeCounter& episodes) noexcept {
    changes_.clear();
    view.returns = &returns_;
    step_returns(view, observed);
    close_baskets(view, episodes);
    theme_.close_minute(view, baskets_);

    UnixNanos const now = minute_start(view.minute + 1);
    ChipSide chips;
    chips.theme = theme_.view_at(now);
    chips.down_break = theme_.leader_down_break();
    chips.return5 = chips_return_;
    chips.residual5 = chips_residual_;
    for (const BasketBook& basket : baskets_) {
        bool const top = !registry_->group(basket.group()).parent.valid();
        bool const open = view.index[static_cast<std::size_t>(basket.market())] >= 0;
        chips.broad_down =
            chips.broad_down || (top && open && basket.state() == ParticipationState::BroadDown);
    }
    BucketBook::Tokens inputs{tokens.books, tokens.of, nullptr, &returns_};
    if (btc_.valid() && tokens.of[btc_.value] >= 0) {
        inputs.btc = &tokens.books[static_cast<std::size_t>(tokens.of[btc_.value])];
    }
    for (BucketBook& bucket : buckets_) {
        bucket.step(returns_, chips);
        if (auto const change = bucket.rotate(inputs, chips, episodes)) {
            changes_.rotation.push_back(*change);
        }
    }
    for (BucketBook& bucket : buckets_) {
        if (auto const change = bucket.unwind(now, chips, episodes)) {
            changes_.unwind.push_back(*change);
        }
    }
    return changes_;
}

}  // namespace spill
