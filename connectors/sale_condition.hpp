// What a print of a US stock may move, decided by its sale conditions.
//
// The two consolidated plans give the same letter different meanings, so a letter alone says
// nothing: `B` is an average price on CTS and an ordinary bunched print on UTDF. Of several
// conditions the most restrictive wins, attribute by attribute.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace spill {

enum class TapePlan : std::uint8_t {
    Cts,  // tapes A and B: listed on NYSE, American, Arca, Cboe
    Utdf  // tape C: listed on Nasdaq
};

// How a print may become the last price.
enum class LastPrice : std::uint8_t {
    Yes,
    Fallback,  // only while the session has no better one
    No
};

struct SaleRule {
    char code = ' ';
    bool high_low = true;
    LastPrice last = LastPrice::Yes;
    bool volume = true;
    std::uint32_t marks = 0;  // trade_flag bits besides eligibility: auctions, odd lot, late
};

// nullptr when the plan does not define `code`. ' ' and '@' are the regular sale on both.
[[nodiscard]] const SaleRule* find_sale_rule(TapePlan plan, char code) noexcept;

// trade_flag bits of one condition. A price that may not be the last one freely moves nothing here:
// it must not trigger. A condition that nobody knows counts as volume and moves no price.
[[nodiscard]] std::uint32_t sale_flags(TapePlan plan, char code) noexcept;

// The condition numbers of Massive stand for the letters of either plan.
[[nodiscard]] std::uint32_t massive_sale_flags(TapePlan plan, std::uint64_t id) noexcept;

// The rule behind a number of Massive; none when the vendor does not define it.
[[nodiscard]] std::optional<SaleRule> find_massive_rule(TapePlan plan, std::uint64_t id) noexcept;

}  // namespace spill
