#include "connectors/sale_condition.hpp"

#include <array>
#include <cstddef>

#include "core/event.hpp"

namespace spill {
namespace {

using namespace trade_flag;

constexpr SaleRule regular(char code, std::uint32_t marks = 0) noexcept {
    return {.code = code, .marks = marks};
}
// Counts as volume and moves no price.
constexpr SaleRule volume_only(char code, std::uint32_t marks = 0) noexcept {
    return {.code = code, .high_low = false, .last = LastPrice::No, .marks = marks};
}
// Executed at a price of another moment: a high or low by the plan's rule, no news for us.
constexpr SaleRule off_moment(char code, std::uint32_t marks = 0) noexcept {
    return {.code = code, .last = LastPrice::Fallback, .marks = marks};
}
// Repeats a print that was reported before.
constexpr SaleRule repeats(char code) noexcept {
    return {.code = code, .high_low = false, .last = LastPrice::No, .volume = false};
}
// The listing market's close, restated: a price, and no shares.
constexpr SaleRule restated_close(char code) noexcept {
    return {.code = code, .volume = false, .marks = kCloseAuction};
}

// A reopening is a call auction like the opening: its price was not traded continuously.
constexpr std::array kCts{
    regular(' '),
    regular('@'),
    regular('8'),  // trade-through exempt, says nothing by itself
    regular('E'),  // automatic execution
    regular('F'),  // intermarket sweep
    regular('K'),
    regular('X'),  // cross
    regular('O', kOpenAuction),
    regular('5', kOpenAuction),
    regular('6', kCloseAuction),
    restated_close('9'),
    volume_only('B'),  // average price
    volume_only('C'),  // cash settlement
    volume_only('H'),
    volume_only('I', kOddLot),
    volume_only('N'),  // next-day settlement
    volume_only('R'),  // seller's option
    volume_only('T'),  // extended hours
    volume_only('U', kLateReport),
    volume_only('V'),
    volume_only('7'),
    off_moment('4'),
    off_moment('P'),
    off_moment('Z', kLateReport),
    off_moment('L', kLateReport),
    repeats('M'),  // official close of a market center: its auction is the 6
    repeats('Q'),  // official open: its auction is the O
};

constexpr std::array kUtdf{
    regular(' '),
    regular('@'),
    regular('8'),
    regular('E'),  // says nothing here
    regular('A'),
    regular('B'),  // bunched
    regular('D'),
    regular('F'),
    regular('K'),
    regular('S'),  // split execution
    regular('X'),
    regular('Y'),
    regular('1'),
    regular('O', kOpenAuction),
    regular('5', kOpenAuction),
    regular('6', kCloseAuction),
    restated_close('9'),
    volume_only('C'),
    volume_only('H'),
    volume_only('I', kOddLot),
    volume_only('N'),
    volume_only('R'),
    volume_only('T'),
    volume_only('U', kLateReport),
    volume_only('V'),
    volume_only('W'),  // average price
    volume_only('7'),
    off_moment('4'),
    off_moment('P'),
    off_moment('G', kLateReport),
    off_moment('Z', kLateReport),
    off_moment('L', kLateReport),
    repeats('M'),
    repeats('Q'),
};

constexpr std::uint32_t flags_of(const SaleRule& rule) noexcept {
    bool const moves = rule.high_low && rule.last == LastPrice::Yes;
    return rule.marks | (moves ? 0U : kNoPrice) | (rule.volume ? 0U : kNoVolume);
}

constexpr std::size_t kCodes = 128;
using FlagTable = std::array<std::uint32_t, kCodes>;

template <std::size_t N>
constexpr FlagTable make_table(const std::array<SaleRule, N>& rules) noexcept {
    FlagTable table{};
    table.fill(kNoPrice);
    for (const SaleRule& rule : rules) table[static_cast<std::size_t>(rule.code)] = flags_of(rule);
    return table;
}

constexpr std::array<FlagTable, 2> kFlags{make_table(kCts), make_table(kUtdf)};

// One number of Massive; '\0' where the plan has no letter for it.
struct MassiveId {
    char cts = '\0';
    char utdf = '\0';
};

constexpr std::size_t kMassiveIds = 54;

constexpr std::array<MassiveId, kMassiveIds> make_massive() noexcept {
    std::array<MassiveId, kMassiveIds> ids{};
    ids[0] = {' ', '@'};
    ids[1] = {'\0', 'A'};
    ids[2] = {'B', 'W'};
    ids[3] = {'E', '\0'};
    ids[4] = {'\0', 'B'};
    ids[5] = {'\0', 'G'};
    ids[6] = {' ', '@'};  // an election of old times, eligible
    ids[7] = {'C', 'C'};
    ids[8] = {'\0', '6'};
    ids[9] = {'X', 'X'};
    ids[10] = {'4', '4'};
    ids[11] = {'\0', 'D'};
    ids[12] = {'T', 'T'};
    ids[13] = {'U', 'U'};
    ids[14] = {'F', 'F'};
    ids[15] = {'M', 'M'};
    ids[16] = {'Q', 'Q'};
    ids[17] = {'O', '\0'};
    ids[18] = {'5', '\0'};
    ids[19] = {'6', '\0'};
    ids[20] = {'N', 'N'};
    ids[21] = {'H', 'H'};
    ids[22] = {'P', 'P'};
    ids[23] = {'K', 'K'};
    ids[24] = {'K', '\0'};
    ids[25] = {'\0', 'O'};
    ids[27] = {'\0', '1'};
    ids[28] = {'\0', '5'};
    ids[29] = {'R', 'R'};
    ids[30] = {'L', 'L'};
    ids[32] = {'Z', 'Z'};
    ids[33] = {'Z', 'Z'};
    ids[34] = {'\0', 'S'};
    ids[36] = {'\0', 'Y'};
    ids[37] = {'I', 'I'};
    ids[38] = {'9', '9'};
    ids[41] = {'8', '8'};
    ids[52] = {'V', 'V'};
    ids[53] = {'7', '7'};
    return ids;
}

constexpr auto kMassive = make_massive();

struct PlanCode {
    TapePlan plan;
    char code;
};

// The letter that stands behind a number: of the print's own plan where that has one.
PlanCode letter_of(TapePlan plan, std::uint64_t id) noexcept {
    if (id >= kMassiveIds) return {plan, '\0'};
    MassiveId const letters = kMassive[id];
    bool const cts = plan == TapePlan::Cts ? letters.cts != '\0' : letters.utdf == '\0';
    return cts ? PlanCode{TapePlan::Cts, letters.cts} : PlanCode{TapePlan::Utdf, letters.utdf};
}

const SaleRule* find_in(std::span<const SaleRule> rules, char code) noexcept {
    for (const SaleRule& rule : rules) {
        if (rule.code == code) return &rule;
    }
    return nullptr;
}

}  // namespace

const SaleRule* find_sale_rule(TapePlan plan, char code) noexcept {
    return plan == TapePlan::Cts ? find_in(kCts, code) : find_in(kUtdf, code);
}

std::uint32_t sale_flags(TapePlan plan, char code) noexcept {
    auto const at = static_cast<unsigned char>(code);
    return at < kCodes ? kFlags[static_cast<std::size_t>(plan)][at] : kNoPrice;
}

std::uint32_t massive_sale_flags(TapePlan plan, std::uint64_t id) noexcept {
    PlanCode const letter = letter_of(plan, id);
    return sale_flags(letter.plan, letter.code);
}

std::optional<SaleRule> find_massive_rule(TapePlan plan, std::uint64_t id) noexcept {
    PlanCode const letter = letter_of(plan, id);
    SaleRule const* const rule = find_sale_rule(letter.plan, letter.code);
    return rule == nullptr ? std::nullopt : std::optional<SaleRule>(*rule);
}

}  // namespace spill
