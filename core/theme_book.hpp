// What the chips of each market say, and which market speaks now.
//
// A theme is up when a leader's breakout is confirmed and its group follows, down when a leader
// has failed or the group falls broadly. It is live while the market trades and is carried over
// the night; the latest live market overrides a carried one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/basket_book.hpp"
#include "core/rotation.hpp"

namespace spill {

class ThemeBook {
public:
    ThemeBook(const Registry& registry, const Params& params);

    void open_session(Market market, UnixNanos open) noexcept;
    void close_session(Market market, UnixNanos close) noexcept;
    // Every transition of a chip's breakout.
    void on_breakout(InstrumentId instrument, const BreakoutChange& change) noexcept;
    // After the baskets of the minute.
    void close_minute(const MarketView& view, std::span<const BasketBook> baskets) noexcept;

    // The theme that counts at `now`.
    [[nodiscard]] ThemeView view_at(UnixNanos now) const noexcept;
    [[nodiscard]] Theme theme(Market market) const noexcept {
        return markets_[static_cast<std::size_t>(market)].theme;
    }
    // A leader's down-breakout is confirmed or held now.
    [[nodiscard]] bool leader_down_break() const noexcept { return down_break_; }
    [[nodiscard]] bool is_leader(InstrumentId id) const noexcept;

    template <class A>
    void archive(A& a) {
        a(leaders_, markets_, down_break_);
    }

private:
    struct Leader {
        InstrumentId id;  // the stock
        GroupId group;
        Market market = Market::Xnys;
        std::array<InstrumentId, 4> candidates{};  // the stock and its perpetuals, best first
        std::size_t size = 0;
        std::int64_t failed_in = -10;  // session number of the last failure from confirmed or held
        bool failed_on_derivative = false;

        template <class A>
        void archive(A& a) {
            a(failed_in, failed_on_derivative);
        }
    };
    struct State {
        Theme theme = Theme::Mixed;
        bool in_session = false;
        bool derivative_only = false;
        bool known = false;
        std::int64_t session = 0;  // counts sessions
        UnixNanos opened, closed, updated;

        template <class A>
        void archive(A& a) {
            a(theme, in_session, derivative_only, known, session, opened, closed, updated);
        }
    };
    [[nodiscard]] bool broken_up(const MarketView& view, const Leader& leader,
                                 bool& derivative) const noexcept;
    void update(Market market, const MarketView& view,
                std::span<const BasketBook> baskets) noexcept;

    const Params* params_;
    std::vector<Leader> leaders_;
    std::vector<std::int32_t> leader_of_;  // instrument -> index into leaders_, -1 = no leader
    std::vector<bool> derivative_;         // instrument -> all its feeds are derivative
    std::array<State, kMarkets> markets_;
    GroupId roll_up_;  // the top basket ("semis")
    bool down_break_ = false;
};

// True for a confirmed or held breakout.
[[nodiscard]] constexpr bool is_proven(BreakoutState state) noexcept {
    return state == BreakoutState::Confirmed || state == BreakoutState::Held;
}

}  // namespace spill
