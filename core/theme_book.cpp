#include "core/theme_book.hpp"

#include <algorithm>

namespace spill {
namespace {

constexpr std::array<Market, 2> kStockMarkets{Market::Xnys, Market::Xkrx};
constexpr std::array<BreakoutKind, kBreakoutKinds> kKinds{
    BreakoutKind::OpeningRange, BreakoutKind::PriorDay, BreakoutKind::Donchian20};

bool only_derivative(const Registry& registry, const Instrument& row) noexcept {
    return !row.feeds.empty() && std::ranges::all_of(row.feeds, [&](FeedId id) {
        return registry.feed(id).coverage == Coverage::Derivative;
    });
}

}  // namespace

ThemeBook::ThemeBook(const Registry& registry, const Params& params) : params_(&params) {
    for (const Instrument& row : registry.instruments()) {
        leader_of_.push_back(-1);
        derivative_.push_back(only_derivative(registry, row));
    }
    for (const Instrument& row : registry.instruments()) {
        if (row.role != Role::Leader || row.proxy_for.valid()) continue;
        Leader leader;
        leader.id = row.id;
        leader.group = row.group;
        leader.market = row.market;
        leader.candidates[leader.size++] = row.id;
        for (const Instrument& other : registry.instruments()) {
            if (other.proxy_for != row.id || leader.size == leader.candidates.size()) continue;
            leader.candidates[leader.size++] = other.id;
        }
        for (std::size_t i = 0; i < leader.size; ++i) {
            leader_of_[leader.candidates[i].value] = static_cast<std::int32_t>(leaders_.size());
        }
        if (!roll_up_.valid() && row.parent.valid()) roll_up_ = row.parent;
        leaders_.push_back(leader);
    }
}

bool ThemeBook::is_leader(InstrumentId id) const noexcept { return leader_of_[id.value] >= 0; }

void ThemeBook::open_session(Market market, UnixNanos open) noexcept {
    State& state = markets_[static_cast<std::size_t>(market)];
    state.in_session = true;
    state.opened = open;
    ++state.session;
}

void ThemeBook::close_session(Market market, UnixNanos close) noexcept {
    State& state = markets_[static_cast<std::size_t>(market)];
    state.in_session = false;
    state.closed = close;
}

void ThemeBook::on_breakout(InstrumentId instrument, const BreakoutChange& change) noexcept {
    std::int32_t const at = leader_of_[instrument.value];
    bool const failure = change.edge.state == BreakoutState::Failed && is_proven(change.edge.prev);
    if (at < 0 || !failure || change.side != BreakoutSide::Up) return;
    Leader& leader = leaders_[static_cast<std::size_t>(at)];
    leader.failed_in = markets_[static_cast<std::size_t>(leader.market)].session;
    leader.failed_on_derivative = derivative_[instrument.value];
}

// A derivative stands for its stock only where the stock itself is not watched: beside a better
// feed it can take a confirmation away but not give one.
bool ThemeBook::broken_up(const MarketView& view, const Leader& leader,
                          bool& derivative) const noexcept {
    for (std::size_t i = 0; i < leader.size; ++i) {
        InstrumentId const id = leader.candidates[i];
        if (view.registry->instrument(id).feeds.empty()) continue;
        const InstrumentBook& book = view.instruments[id.value];
        derivative = derivative_[id.value];
        return is_proven(book.slot(BreakoutKind::PriorDay, BreakoutSide::Up).state()) ||
               is_proven(book.slot(BreakoutKind::Donchian20, BreakoutSide::Up).state());
    }
    return false;
}

void ThemeBook::update(Market market, const MarketView& view,
                       std::span<const BasketBook> baskets) noexcept {
    State& state = markets_[static_cast<std::size_t>(market)];
    auto const follows = [&](GroupId group) {
        return std::ranges::any_of(baskets, [&](const BasketBook& basket) {
            return basket.market() == market && basket.group() == group &&
                   basket.state() == ParticipationState::BroadUp &&
                   basket.excess().value_or(0.0) > 0.0;
        });
    };
    ThemeInputs inputs;
    bool derivative_only = true;
    bool any_leg = false;
    for (const Leader& leader : leaders_) {
        if (leader.market != market) continue;
        bool derivative = false;
        if (broken_up(view, leader, derivative)) {
            inputs.leader_up = true;
            inputs.broad_up = inputs.broad_up || follows(roll_up_) || follows(leader.group);
            derivative_only = derivative_only && derivative;
            any_leg = true;
        }
        if (state.session - leader.failed_in <= 1) {
            inputs.leader_failed = true;
            derivative_only = derivative_only && leader.failed_on_derivative;
            any_leg = true;
        }
    }
    inputs.broad_down = std::ranges::any_of(baskets, [&](const BasketBook& basket) {
        return basket.market() == market && basket.group() == roll_up_ &&
               basket.state() == ParticipationState::BroadDown;
    });
    state.theme = theme_of(inputs);
    state.derivative_only = any_leg && derivative_only;
    state.known = true;
    state.updated = minute_start(view.minute + 1);
}

void ThemeBook::close_minute(const MarketView& view, std::span<const BasketBook> baskets) noexcept {
    for (Market const market : kStockMarkets) {
        if (view.index[static_cast<std::size_t>(market)] >= 0) update(market, view, baskets);
    }
    down_break_ = std::ranges::any_of(leaders_, [&](const Leader& leader) {
        return std::any_of(
            leader.candidates.begin(),
            leader.candidates.begin() + static_cast<std::ptrdiff_t>(leader.size),
            [&](InstrumentId id) {
                return std::ranges::any_of(kKinds, [&](BreakoutKind kind) {
                    return is_proven(
                        view.instruments[id.value].slot(kind, BreakoutSide::Down).state());
                });
            });
    });
}

ThemeView ThemeBook::view_at(UnixNanos now) const noexcept {
    const State* best = nullptr;
    for (Market const market : kStockMarkets) {
        const State& state = markets_[static_cast<std::size_t>(market)];
        if (!state.known) continue;
        bool const better =
            best == nullptr || (state.in_session && !best->in_session) ||
            (state.in_session == best->in_session &&
             (state.in_session ? state.opened > best->opened : state.closed > best->closed));
        if (better) best = &state;
    }
    ThemeView view;
    if (best == nullptr) {
        view.age_hours = 1e9;
        return view;
    }
    double const minutes = static_cast<double>(now.ns - best->updated.ns) / 60e9;
    view.theme = best->theme;
    view.derivative_only = best->derivative_only;
    view.live = best->in_session && minutes <= params_->rotation.live_minutes;
    UnixNanos const since = best->in_session ? best->updated : best->closed;
    view.age_hours = static_cast<double>(now.ns - since.ns) / 3600e9;
    return view;
}

}  // namespace spill
