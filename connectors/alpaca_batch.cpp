#include "connectors/alpaca_batch.hpp"

#include <charconv>

#include "connectors/json_scan.hpp"
#include "connectors/sale_condition.hpp"
#include "core/event.hpp"
#include "core/timestamp.hpp"

namespace spill {
namespace {

TapePlan plan_of(std::string_view tape) noexcept {
    return tape == "C" ? TapePlan::Utdf : TapePlan::Cts;
}

std::uint32_t flags_of(const AlpacaConditions& conditions, TapePlan plan) noexcept {
    std::uint32_t flags = conditions.unreadable ? trade_flag::kNoPrice : 0U;
    for (std::size_t i = 0; i < conditions.count; ++i) {
        flags |= sale_flags(plan, conditions.codes[i]);
    }
    return flags;
}

// The trade date of an extended US day, which ends an hour after midnight UTC in winter. Ids are
// unique per exchange and trade date only.
std::int64_t trade_day(UnixNanos at) noexcept {
    return day_number(UnixNanos{at.ns - 60 * kNanosPerMinute});
}

std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xBF58'476D'1CE4'E5B9;
    value = (value ^ (value >> 27U)) * 0x94D0'49BB'1331'11EB;
    return value ^ (value >> 31U);
}

// Never 0, which means "no id".
std::uint64_t identity(std::uint64_t id, std::string_view exchange, UnixNanos at) noexcept {
    std::uint64_t const place = exchange.empty() ? 0U : static_cast<unsigned char>(exchange[0]);
    auto const day = static_cast<std::uint64_t>(trade_day(at));
    std::uint64_t const hash = mixed(mixed(id + 0x9E37'79B9'7F4A'7C15) ^ (day << 8U | place));
    return hash == 0 ? 1 : hash;
}

// Two plans, two alphabets. Codes that are neither a halt nor its end say nothing here.
bool status_of(std::string_view tape, std::string_view code, std::string_view reason,
               TradingStatus& out) noexcept {
    if (code.size() != 1) return false;
    bool const nasdaq = plan_of(tape) == TapePlan::Utdf;
    switch (code.front()) {
        case 'H':
        case 'P': out = TradingStatus::Halted; return nasdaq;
        case 'Q': out = TradingStatus::Auction; return nasdaq;
        case 'T': out = TradingStatus::Continuous; return nasdaq;
        case '2': out = TradingStatus::Halted; return !nasdaq;
        case '3': out = TradingStatus::Continuous; return !nasdaq;
        case 'F':
            out = TradingStatus::Halted;
            return !nasdaq && (reason == "M" || reason == "LUDP");
        default: return false;
    }
}

}  // namespace

AlpacaBatch::AlpacaBatch() {
    rows_.reserve(kMaxRows);
    statuses_.reserve(kMaxRows);
    subscribed_.reserve(kMaxSymbols);
    id_texts_.resize(kMaxRows);
}

void AlpacaBatch::begin() noexcept {
    rows_.clear();
    statuses_.clear();
    subscribed_.clear();
    id_count_ = 0;
    has_control_ = has_candle_ = channel_refused_ = false;
    bad_ = BadReason::None;
}

void AlpacaBatch::add_subscribed(std::string_view symbol) noexcept {
    if (subscribed_.size() < kMaxSymbols) subscribed_.push_back(symbol);
}

std::string_view AlpacaBatch::id_text(std::uint64_t id) noexcept {
    if (id_count_ == id_texts_.size()) return {};
    auto& text = id_texts_[id_count_++];
    auto const end = std::to_chars(text.data(), text.data() + text.size(), id).ptr;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
}

void AlpacaBatch::add_bad(BadReason reason) noexcept {
    if (bad_ == BadReason::None) bad_ = reason;
}

void AlpacaBatch::add(const AlpacaElement& element) noexcept {
    std::string_view const type = element.type;
    if (type == "t") return add_trade(element);
    if (type == "x") return add_cancel(element);
    if (type == "c") return add_correction(element);
    if (type == "s") return add_status(element);
    if (type == "b" || type == "u" || type == "d") {
        has_candle_ = true;
    } else if (type == "error") {
        add_error(element);
    } else if (type == "success") {
        add_success(element);
    } else if (type == "subscription") {
        control(FrameKind::Ack, element);
        control_.message = {};
    } else if (type.empty()) {
        add_bad(BadReason::MissingField);
    }
}

// {"T":"t","i":96921,"S":"ZED","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z",
//  "c":["@","I"],"z":"C"}
void AlpacaBatch::add_trade(const AlpacaElement& element) noexcept {
    add_row(element, element.print, flags_of(element.print.conditions, plan_of(element.tape)));
}

// {"T":"x","S":"ZED","i":123,"x":"X","p":100,"s":10,"a":"C","z":"C","t":"..."}: no conditions, so
// whether the print had moved a price is not said.
void AlpacaBatch::add_cancel(const AlpacaElement& element) noexcept {
    add_row(element, element.print, trade_flag::kCancel);
}

// {"T":"c","S":"ZED","x":"X","oi":1,"op":5.1,"os":9,"oc":["@"],"ci":2,"cp":5.2,"cs":9,"cc":["@"],
//  "z":"C","t":"..."}: the original goes, the corrected print comes, at once.
void AlpacaBatch::add_correction(const AlpacaElement& element) noexcept {
    TapePlan const plan = plan_of(element.tape);
    std::size_t const before = rows_.size();
    add_row(element, element.original,
            flags_of(element.original.conditions, plan) | trade_flag::kCancel);
    if (rows_.size() == before) return;
    // It may restate a print of long ago: nothing that a level could be broken by.
    add_row(element, element.corrected,
            flags_of(element.corrected.conditions, plan) | trade_flag::kLateReport);
    if (rows_.size() == before + 1) rows_.pop_back();
}

void AlpacaBatch::add_row(const AlpacaElement& element, const AlpacaPrint& print,
                          std::uint32_t flags) noexcept {
    BadReason const bad =
        json::first_bad({element.symbol.empty() ? BadReason::MissingField : BadReason::None,
                         print.price.bad, print.size.bad, print.id.bad, element.time.bad});
    if (bad != BadReason::None) return add_bad(bad);
    if (rows_.size() == kMaxRows) return add_bad(BadReason::TooLarge);
    TradeRow& row = rows_.emplace_back();
    row.symbol = element.symbol;
    row.price.nanos = print.price.nanos;
    row.size.nanos = print.size.nanos;
    row.ts_event = element.time.at;
    row.id = identity(print.id.value, element.exchange, element.time.at);
    row.id_text = print.id.text;
    row.flags = flags;
}

// {"T":"s","S":"ZED","sc":"H","sm":"Trading Halt","rc":"T12","rm":"...","t":"...","z":"C"}
void AlpacaBatch::add_status(const AlpacaElement& element) noexcept {
    TradingStatus status{};
    if (!status_of(element.tape, element.status, element.reason, status)) return;
    if (element.symbol.empty() || element.time.bad != BadReason::None) {
        return add_bad(element.symbol.empty() ? BadReason::MissingField : element.time.bad);
    }
    if (statuses_.size() == kMaxRows) return add_bad(BadReason::TooLarge);
    statuses_.push_back({.symbol = element.symbol,
                         .status = status,
                         .ts_event = element.time.at,
                         .reason = element.reason.empty() ? element.status : element.reason});
}

// {"T":"error","code":405,"msg":"symbol limit exceeded"}. 403 says that we had logged in before.
void AlpacaBatch::add_error(const AlpacaElement& element) noexcept {
    control(element.code == "403" ? FrameKind::Info : FrameKind::Error, element);
    control_.code = element.code;
    channel_refused_ = element.code == "410";
}

void AlpacaBatch::add_success(const AlpacaElement& element) noexcept {
    control(element.message == "connected"       ? FrameKind::Welcome
            : element.message == "authenticated" ? FrameKind::LoggedIn
                                                 : FrameKind::Info,
            element);
    control_.message = {};
}

void AlpacaBatch::control(FrameKind kind, const AlpacaElement& element) noexcept {
    has_control_ = true;
    control_ = Decoded{};
    control_.kind = kind;
    control_.message = element.message;
}

Decoded AlpacaBatch::result() noexcept {
    Decoded decoded;
    decoded.bad = bad_;
    if (!rows_.empty() || !statuses_.empty()) {
        decoded.kind = rows_.empty() ? FrameKind::Halt : FrameKind::Trade;
        decoded.trades = rows_;
        decoded.statuses = statuses_;
    } else if (has_control_) {
        decoded = control_;
        if (decoded.kind == FrameKind::Ack) decoded.subscribed = subscribed_;
    } else if (bad_ != BadReason::None) {
        decoded.kind = FrameKind::Bad;
    } else if (has_candle_) {
        decoded.kind = FrameKind::Candle;
    }
    return decoded;
}

}  // namespace spill
