// Keeps bad prints out of prices: a causal Hampel filter that lets true jumps through.
//
// A price within eight robust sigmas (plus a floor) of the median of the last 15 accepted ones is
// accepted. Others are held; when three held prints in a row agree, the market has jumped and all
// three are accepted. A normal print in between drops what was held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/event.hpp"
#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

enum class TickVerdict : std::uint8_t {
    Accept,      // use this print
    AcceptJump,  // use the prints of accepted(), oldest first; the last one is this print
    Hold,        // kept aside; nothing to use
    Drop         // impossible print: price or size not positive, or beyond the static limit
};

// One per feed. Plain data: copying the object copies the filter.
class TickFilter {
public:
    static constexpr std::size_t kRing = 15;
    static constexpr std::size_t kMinRing = 5;  // with fewer prices every print is accepted
    static constexpr std::size_t kAgree = 3;
    // Prices at or above 2^61 nanos (2.3e9 units) are dropped, so that sums of four cannot
    // overflow.
    static constexpr std::int64_t kMaxNanos = std::int64_t{1} << 61U;

    struct Rule {
        Price tick;
        double band = 0.0;          // floor of the accepted deviation, share of price
        double mad_factor = 8.0;    // robust sigmas
        double floor_ticks = 3.0;   // floor of the accepted deviation, ticks
        double static_limit = 0.0;  // share of `reference`; 0 = no static limit
    };
    [[nodiscard]] static Rule rule_for(const TickFilterParams& params, Price tick,
                                       Market market) noexcept;

    TickFilter() = default;
    explicit TickFilter(const Rule& rule) noexcept : rule_(rule) {}

    // REQUIRES a trade that is eligible for price (regular, on time, continuous session).
    // `reference` is the base of the static limit (the previous close); zero means unknown.
    TickVerdict push(const Event& trade, Price reference = Price{}) noexcept;

    // The prints that AcceptJump accepted, until the next push.
    [[nodiscard]] std::span<const Event> accepted() const noexcept {
        return {held_.data(), jump_size_};
    }

    // Forgets the ring at a session open and after a halt; held prints count as rejected.
    void restart() noexcept;

    // Prints dropped since construction (held and not confirmed, or impossible), and their size.
    [[nodiscard]] std::uint64_t rejected() const noexcept { return rejected_; }
    [[nodiscard]] double rejected_volume() const noexcept { return rejected_volume_; }

    template <class A>
    void archive(A& a) {
        a(ring_, sorted_);
        a.bounded(size_, kRing);
        a.bounded(head_, kRing - 1);
        a.bounded(held_size_, kAgree);
        a.bounded(jump_size_, kAgree);
        for (Event& held : held_) archive_trade(a, held);
        a(rejected_, rejected_volume_);
    }

private:
    [[nodiscard]] std::int64_t twice_median() const noexcept;
    [[nodiscard]] double floor_at(std::int64_t twice_median) const noexcept;
    [[nodiscard]] bool is_normal(std::int64_t price, std::int64_t twice_median,
                                 double floor) const noexcept;
    void remember(std::int64_t price) noexcept;
    void reject_held() noexcept;
    // Held events are trades: of the union only that body is state.
    template <class A>
    static void archive_trade(A& a, Event& event) {
        TradeBody& body = event.trade;
        a(event.ts_event, event.ts_recv, event.instrument, event.feed, event.kind, event.aux);
        a(body.price, body.size, body.trade_id, body.flags, body.fill_count, body.reserved);
    }

    Rule rule_;
    std::array<std::int64_t, kRing> ring_{};    // by arrival, oldest at head_
    std::array<std::int64_t, kRing> sorted_{};  // the same prices, ascending
    std::uint8_t size_ = 0;
    std::uint8_t head_ = 0;
    std::uint8_t held_size_ = 0;
    std::uint8_t jump_size_ = 0;
    std::array<Event, kAgree> held_{};
    std::uint64_t rejected_ = 0;
    double rejected_volume_ = 0.0;
};

}  // namespace spill
