#include "core/group_evidence.hpp"

#include <array>

namespace spill {
namespace {

constexpr std::array<const char*, 4> kLevels{"quiet", "watch", "warning", "active"};
constexpr std::array<const char*, 5> kLeadPath{"lead_1", "lead_2", "lead_3", "lead_4", "lead_5"};

void add_optional(Evidence& evidence, const char* name, const std::optional<double>& value) {
    if (value) {
        evidence.add(name, *value);
    } else {
        evidence.add_null(name);
    }
}

}  // namespace

void describe_participation(Signal& signal, const Registry& registry,
                            const ParticipationChange& change) noexcept {
    const ParticipationReading& reading = change.reading;
    signal.type = SignalType::Participation;
    signal.state = to_string(change.edge.state);
    signal.prev = to_string(change.edge.prev);
    signal.episode = change.episode;
    signal.key.append(registry.group(change.group).name).append("@");
    signal.key.append(to_string(change.market));
    signal.coverage = change.coverage;
    signal.provisional = change.provisional;
    signal.degraded = change.degraded;
    signal.from_bars = change.from_bars;
    Evidence& ev = signal.evidence;
    ev.add_int("n", reading.n);
    ev.add("breadth_up", reading.breadth_up);
    ev.add("breadth_down", reading.breadth_down);
    ev.add("n_eff_up", reading.n_eff_up);
    ev.add("n_eff_down", reading.n_eff_down);
    ev.add("vol_frac", reading.volume_share);
    ev.add("move_atr", reading.move_atr);
    ev.add("above_or", reading.above_or);
    add_optional(ev, "excess_atr", reading.excess_atr);
    if (!change.lead && change.lead_path_size == 0) return;
    add_optional(ev, "lead", change.lead);
    for (std::size_t i = 0; i < change.lead_path_size; ++i) {
        ev.add(kLeadPath[i], change.lead_path[i]);
    }
}

void describe_rotation(Signal& signal, const Registry& registry,
                       const RotationChange& change) noexcept {
    const RotationReading& reading = change.reading;
    signal.type = SignalType::Rotation;
    signal.state = change.edge.on ? "on" : "off";
    signal.prev = change.edge.was_on ? "on" : "off";
    signal.episode = change.episode;
    signal.key.append(registry.group(change.group).name);
    signal.coverage = change.coverage;
    signal.provisional = change.provisional;
    signal.degraded = change.degraded;
    signal.from_bars = change.from_bars;
    Evidence& ev = signal.evidence;
    ev.add_text("cross", change.edge.on ? to_string(change.edge.cross) : "n/a");
    ev.add_int("n", reading.n);
    ev.add_int("real", reading.real);
    ev.add("breadth", reading.breadth);
    ev.add("median_rel_z", reading.median_z);
    ev.add("median_rel60", reading.median_rel);
    ev.add("n_eff", reading.n_eff);
    ev.add("btc_return60", change.r60_btc);
    ev.add("beta_provisional", change.beta_provisional);
    add_optional(ev, "corr_raw", change.with_chips.raw);
    add_optional(ev, "corr_ex_mkt", change.with_chips.residual);
    ev.add_int("corr_n", change.with_chips.samples);
}

void describe_unwind(Signal& signal, const Registry& registry,
                     const UnwindChange& change) noexcept {
    signal.type = SignalType::Unwind;
    signal.state = kLevels[static_cast<std::size_t>(change.edge.level)];
    signal.prev = kLevels[static_cast<std::size_t>(change.edge.prev)];
    signal.episode = change.episode;
    signal.key.append(registry.group(change.group).name);
    signal.coverage = change.coverage;
    signal.provisional = change.provisional;
    signal.degraded = change.degraded;
    signal.from_bars = change.from_bars;
    Evidence& ev = signal.evidence;
    ev.add_int("level", change.edge.level);
    ev.add("u", change.reading.score);
    for (std::size_t i = 0; i < kUnwindKinds; ++i) {
        ev.add(to_string(static_cast<UnwindKind>(i)), change.reading.parts[i]);
    }
    ev.add_bool("broad_down_now", change.standing.broad_down);
    ev.add_bool("down_break_now", change.standing.down_break);
    ev.add("token_sell_share", change.sell_share);
    add_optional(ev, "median_rel60", change.median_rel);
}

namespace {

void append_feed(FixedText<56>& key, const Registry& registry, FeedId id) noexcept {
    const Feed& feed = registry.feed(id);
    key.append(registry.instrument(feed.instrument).name).append("@");
    key.append(registry.venue(feed.venue).name);
}

void append_health_key(FixedText<56>& key, const Registry& registry,
                       const HealthChange& change) noexcept {
    switch (change.kind) {
        case HealthKind::Link: append_feed(key, registry, change.feed); return;
        case HealthKind::Gap:
            append_feed(key, registry, change.feed);
            key.append("|gap");
            return;
        case HealthKind::Baseline:
            append_feed(key, registry, change.feed);
            key.append("|baseline");
            return;
        case HealthKind::Volume:
            append_feed(key, registry, change.feed);
            key.append("|volume");
            return;
        case HealthKind::Status:
            key.append(registry.instrument(change.instrument).name).append("|status");
            return;
        case HealthKind::Source:
            key.append(registry.instrument(change.instrument).name).append("|source");
            return;
        case HealthKind::Corporate:
            key.append(registry.instrument(change.instrument).name).append("|corporate");
            return;
        case HealthKind::Group: key.append(registry.group(change.group).name); return;
    }
}

}  // namespace

void describe_health(Signal& signal, const Registry& registry,
                     const HealthChange& change) noexcept {
    signal.type = SignalType::Health;
    signal.state = health_state(change.kind, change.state);
    signal.prev = health_state(change.kind, change.prev);
    append_health_key(signal.key, registry, change);
    if (change.feed.valid()) signal.coverage = registry.feed(change.feed).coverage;
    Evidence& ev = signal.evidence;
    if (change.kind == HealthKind::Gap) {
        ev.add_int("from", change.gap.from.ns);
        ev.add_int("to", change.gap.to.ns);
        ev.add_int("first_id", static_cast<std::int64_t>(change.gap.first_id));
        ev.add_int("last_id", static_cast<std::int64_t>(change.gap.last_id));
        ev.add_int("reason", change.gap.reason);
    }
    if (change.kind == HealthKind::Volume) {
        ev.add_text("reason", to_string(static_cast<VolumeSuspicion>(change.state)));
    }
    // Names of venues live in the registry, which outlives every signal.
    if (change.kind == HealthKind::Source) {
        const Feed& old_feed = registry.feed(change.old_feed);
        const Feed& feed = registry.feed(change.feed);
        ev.add_text("from", registry.venue(old_feed.venue).name.c_str());
        ev.add_text("to", registry.venue(feed.venue).name.c_str());
        ev.add_text("from_coverage", to_string(old_feed.coverage));
        ev.add_text("to_coverage", to_string(feed.coverage));
    }
    if (change.kind == HealthKind::Group) {
        ev.add_int("members", change.watched);
        ev.add_int("observed", change.observed);
    }
}

}  // namespace spill
