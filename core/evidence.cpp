#include "core/evidence.hpp"

#include <array>

namespace spill {
namespace {

void add_optional(Evidence& evidence, const char* name, const std::optional<double>& value) {
    if (value) {
        evidence.add(name, *value);
    } else {
        evidence.add_null(name);
    }
}

// What a volume signal had to do without, as one text: bit 0 tape, 1 variance, 2 trades.
constexpr std::array<const char*, 8> kMissing{
    "",       "tape",        "variance",        "tape,variance",
    "trades", "tape,trades", "variance,trades", "tape,variance,trades"};

}  // namespace

FixedText<20> session_name(Market market, std::int32_t date) noexcept {
    FixedText<20> text(to_string(market));
    std::array<char, 11> digits{':', '0', '0', '0', '0', '-', '0', '0', '-', '0', '0'};
    constexpr std::array<std::size_t, 8> kPlaces{10, 9, 7, 6, 4, 3, 2, 1};
    for (std::size_t const place : kPlaces) {
        digits[place] = static_cast<char>('0' + date % 10);
        date /= 10;
    }
    return text.append(std::string_view(digits.data(), digits.size()));
}

void describe_breakout(Signal& signal, const Instrument& instrument, const BreakoutChange& change,
                       const InstrumentBook& book, const FeedBook& lead) noexcept {
    const BreakoutEdge& edge = change.edge;
    signal.type = SignalType::Breakout;
    signal.state = to_string(edge.state);
    signal.prev = to_string(edge.prev);
    signal.episode = change.episode;
    signal.key.append(instrument.name).append("|").append(to_string(change.kind));
    signal.key.append("|").append(to_string(change.side));
    signal.coverage = lead.coverage();
    signal.from_bars = lead.from_bars();
    signal.provisional = book.provisional() || lead.baseline().quality() != BaselineQuality::Ready;
    signal.degraded = lead.gap_within(minute_of(signal.ts_event), 15) || book.halted();
    Evidence& ev = signal.evidence;
    ev.add("level", edge.level.price.to_double());
    ev.add_text("kind", to_string(change.kind));
    ev.add_int("level_age", edge.level.age);
    ev.add("atr", edge.level.atr);
    ev.add("trigger_price", edge.trigger_price);
    ev.add("price", edge.price.to_double());
    ev.add("dist_atr", edge.dist_atr);
    ev.add_bool("gap", edge.gap);
    ev.add_int("attempt", edge.attempt);
    if (edge.state == BreakoutState::Idle || edge.state == BreakoutState::Armed) return;
    ev.add("close_atr", edge.close_atr);
    add_optional(ev, "rvol15", edge.rvol15);
    add_optional(ev, "rvol_cum", edge.rvol_cum);
    add_optional(ev, "vwap", edge.vwap);
    // A close belongs to the slot that it ends.
    UnixNanos const moment{signal.ts_event.ns - (edge.state == BreakoutState::Triggered ? 0 : 1)};
    add_optional(ev, "noise_pos", book.noise_pos(moment, edge.price, change.side));
    ev.add("mfe_atr", edge.mfe_atr);
    ev.add_int("retests", edge.retests);
    ev.add_int("minutes", edge.minutes);
    ev.add_int("sessions", edge.sessions);
    if (edge.why != BreakoutWhy::None) ev.add_text("why", to_string(edge.why));
    if (edge.state == BreakoutState::Failed) ev.add_text("from", to_string(edge.prev));
    ev.add_int("baseline_sessions", lead.baseline().sessions());
    ev.add_text("baseline", to_string(lead.baseline().quality()));
}

void describe_volume(Signal& signal, const Instrument& instrument, const VolumeChange& change,
                     const TokenBook& book, const FeedBook& lead) noexcept {
    const VolumeEdge& edge = change.edge;
    const TokenView& view = book.view();
    const TokenScore& score = view.score;
    signal.type = SignalType::Volume;
    signal.state = to_string(edge.state);
    signal.prev = to_string(edge.prev);
    signal.episode = change.episode;
    signal.key.append(instrument.name);
    signal.coverage = view.eligible > 1 ? Coverage::VenueSum : lead.coverage();
    signal.from_bars = view.from_bars;
    signal.provisional = view.provisional;
    signal.degraded = view.degraded;
    Evidence& ev = signal.evidence;
    ev.add("score", score.score);
    ev.add_text("weakest", to_string(score.weakest));
    ev.add("M", score.magnitude);
    ev.add("P", score.persistence);
    ev.add("T", score.dispersion);
    ev.add("Q", score.quality);
    ev.add("c15", edge.at.c15);
    ev.add("r15", edge.at.r15);
    ev.add("j15", edge.at.j15);
    ev.add("consensus", score.consensus);
    ev.add("rvol60", score.rvol60);
    ev.add("level", score.level);
    ev.add("n_eff_time", score.n_eff_time);
    ev.add("top_trade_share", score.top_trade_share);
    ev.add("f_venue", score.f_venue);
    add_optional(ev, "f_churn", score.churn_known ? std::optional(score.f_churn) : std::nullopt);
    add_optional(ev, "f_tape", score.tape_known ? std::optional(score.f_tape) : std::nullopt);
    add_optional(ev, "return60", view.r60);
    ev.add_text("direction", to_string(view.direction));
    add_optional(ev, "flow", view.flow);
    ev.add_int("n_trades", view.trades);
    ev.add_text("trigger", to_string(edge.trigger));
    if (edge.reason != VolumeReason::None) ev.add_text("reason", to_string(edge.reason));
    ev.add_int("age", edge.age);
    ev.add_bool("blowoff", view.blowoff);
    ev.add_int("venues", static_cast<std::int64_t>(view.eligible));
    ev.add_text("baseline", to_string(view.quality));
    std::size_t const missing =
        (score.tape_known ? 0U : 1U) | (score.churn_known ? 0U : 2U) | (view.trades > 0 ? 0U : 4U);
    if (missing != 0) ev.add_text("missing", kMissing[missing]);
    for (std::size_t i = 0; i < view.eligible && i < 8; ++i) {
        ev.add("venue_rvol60", view.rvol60[i], view.feeds[i]);
    }
}

}  // namespace spill
