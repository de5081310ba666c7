// From a transition to a published record: names, evidence, coverage.
#pragma once

#include "core/feed_book.hpp"
#include "core/instrument.hpp"
#include "core/instrument_book.hpp"
#include "core/signal.hpp"
#include "core/token_book.hpp"

namespace spill {

// "XNYS:2026-05-26". REQUIRES yyyymmdd.
[[nodiscard]] FixedText<20> session_name(Market market, std::int32_t date) noexcept;

// Fills type, key ("MU|PD|up"), states, episode, coverage, flags and evidence (signals.md 2.4).
void describe_breakout(Signal& signal, const Instrument& instrument, const BreakoutChange& change,
                       const InstrumentBook& book, const FeedBook& lead) noexcept;

// Fills type, key ("TAO"), states, episode, coverage, flags and evidence (signals.md 2.6).
void describe_volume(Signal& signal, const Instrument& instrument, const VolumeChange& change,
                     const TokenBook& book, const FeedBook& lead) noexcept;

}  // namespace spill
