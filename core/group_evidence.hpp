// From a change of a group rule to a published record.
#pragma once

#include "core/basket_book.hpp"
#include "core/bucket_book.hpp"
#include "core/health_book.hpp"
#include "core/instrument.hpp"
#include "core/signal.hpp"

namespace spill {

// Key "memory@XNYS" (signals.md 2.5).
void describe_participation(Signal& signal, const Registry& registry,
                            const ParticipationChange& change) noexcept;
// Key "infra", states "on" and "off" (signals.md 2.7).
void describe_rotation(Signal& signal, const Registry& registry,
                       const RotationChange& change) noexcept;
// Key "infra", states "quiet", "watch", "warning", "active" (signals.md 2.8).
void describe_unwind(Signal& signal, const Registry& registry, const UnwindChange& change) noexcept;
// Keys and states as health_book.hpp lists them (signals.md 2.9).
void describe_health(Signal& signal, const Registry& registry, const HealthChange& change) noexcept;

}  // namespace spill
