#include "connectors/simulator/plant.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace spill::sim {
namespace {

void shuffle(std::vector<const InstrumentProfile*>& pool, Rng& rng) {
    for (std::size_t i = pool.size(); i > 1; --i) std::swap(pool[i - 1], pool[rng.below(i)]);
}

}  // namespace

Planter::Planter(const MarketConfig& config, const Profiles& profiles, DayPlan& plan)
    : config_(config), profiles_(profiles), plan_(plan), rng_(config.seed, "plan") {
    for (InstrumentProfile const& profile : profiles.instruments) {
        if (!profile.played || profile.benchmark || !profile.live_session) continue;
        if (profile.token) {
            tokens_.push_back(&profile);
        } else if (profile.leader) {
            leaders_.push_back(&profile);
        } else {
            members_.push_back(&profile);
        }
    }
    shuffle(members_, rng_);
    shuffle(tokens_, rng_);
}

const InstrumentProfile* Planter::take(std::vector<const InstrumentProfile*>& pool,
                                       std::size_t at) {
    if (at >= pool.size()) return nullptr;
    const InstrumentProfile* const taken = pool[at];
    pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
    return taken;
}

const InstrumentProfile* Planter::take_leader() {
    return leaders_.empty() ? take_member() : take(leaders_, 0);
}

const InstrumentProfile* Planter::take_member() { return take(members_, 0); }

const InstrumentProfile* Planter::take_token(GroupId bucket, std::size_t min_feeds) {
    const Registry& registry = *config_.registry;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const Instrument& row = registry.instrument(tokens_[i]->id);
        if (bucket.valid() && row.parent != bucket) continue;
        if (row.feeds.size() < min_feeds) continue;
        return take(tokens_, i);
    }
    return nullptr;
}

GroupId Planter::biggest_bucket() const {
    const Registry& registry = *config_.registry;
    GroupId best;
    int most = 0;
    for (const Group& group : registry.groups()) {
        if (!group.tokens) continue;
        int count = 0;
        for (const Instrument& row : registry.instruments()) {
            if (row.role == Role::Token && row.parent == group.id && !row.feeds.empty()) ++count;
        }
        if (count > most) {
            most = count;
            best = group.id;
        }
    }
    return best;
}

const std::string& Planter::name(const InstrumentProfile& profile) const {
    return config_.registry->instrument(profile.id).name;
}

void Planter::row(std::string_view scenario, SignalType type, std::string key, double from,
                  double to, std::initializer_list<const char*> expect,
                  std::initializer_list<const char*> forbid, std::string words) {
    Planted planted;
    planted.scenario = scenario;
    planted.type = type;
    planted.key = std::move(key);
    planted.start = std::max(profiles_.start, profiles_.time_at(from));
    planted.deadline = std::min(profiles_.end, profiles_.time_at(to));
    for (const char* const state : expect) planted.expect.emplace_back(state);
    for (const char* const state : forbid) planted.forbid.emplace_back(state);
    planted.words = std::move(words);
    plan_.truth.push_back(std::move(planted));
}

void Planter::explain(std::string_view scenario, SignalType type, std::string key) {
    row(scenario, type, std::move(key), -1000.0, 10'000.0, {}, {},
        "part of a planted move; nothing is demanded");
}

void Planter::explain_breaks(std::string_view scenario, const InstrumentProfile& profile,
                             std::initializer_list<const char*> kinds) {
    for (const char* const kind : kinds) {
        explain(scenario, SignalType::Breakout, name(profile) + "|" + kind);
    }
}

std::string Planter::level_text(const InstrumentProfile& profile, double level) const {
    std::array<char, 32> text{};
    double const price = price_at(profile, level).to_double();
    int const n = std::snprintf(text.data(), text.size(), "%.6g", price);
    return std::string(text.data(), static_cast<std::size_t>(std::max(0, n)));
}

void Planter::true_break(const InstrumentProfile* chip, const TrueBreak& spec) {
    if (chip == nullptr) return;
    double const s = spec.minute;
    double const level = chip->prior_high;
    double const a = chip->atr;
    double const base = plan_.chips.at(s - 20.0);
    std::vector<Knot> path{{s - 20.0, base}, {s - 2.0, level - 0.07}, {s + 3.0, level + 0.17 * a}};
    if (spec.retest) {
        path.insert(path.end(), {{s + 10.0, level - 0.05 * a},
                                 {s + 13.0, level - 0.05 * a},
                                 {s + 20.0, level + 0.14 * a}});
    }
    path.insert(path.end(), {{s + 60.0, level + 0.34 * a},
                             {s + 150.0, level + 0.46 * a},
                             {std::max(close(), s + 151.0) + 10.0, level + 0.50 * a}});
    InstrumentPlan& plan = plan_of(*chip);
    plan.path = Curve(std::move(path));
    plan.volume = Curve({{s - 22.0, 1.25},
                         {s - 6.0, 2.2},
                         {s, spec.volume},
                         {s + 80.0, spec.volume},
                         {s + 120.0, 2.0},
                         {s + 180.0, 1.4}});
    plan.path_noise = 0.5;
    plan.volume_noise = 0.4;
    std::string const where = level_text(*chip, level);
    double const deadline = s + (spec.retest ? 75.0 : 45.0);
    row(spec.scenario, SignalType::Breakout, name(*chip) + "|PD|up", s - 3.0, deadline,
        {"triggered", "confirmed"}, {"failed"},
        name(*chip) + " breaks its prior-day high " + where + " on real volume" +
            (spec.retest ? ", comes back to test it" : "") + " and stays above");
    if (spec.demand_d20 && chip->high20 <= level + 0.10 * a) {
        row(spec.scenario, SignalType::Breakout, name(*chip) + "|D20|up", s - 3.0, s + 75.0,
            {"triggered", "confirmed"}, {"failed"},
            name(*chip) + " breaks its 20-session high " + level_text(*chip, chip->high20) +
                " in the same move");
    } else {
        explain_breaks(spec.scenario, *chip, {"D20|up"});
    }
    explain_breaks(spec.scenario, *chip, {"OR|up"});
}

void Planter::failed_break(const InstrumentProfile* chip, const FailedBreak& spec) {
    if (chip == nullptr) return;
    double const s = spec.minute;
    double const level = chip->prior_high;
    double const a = chip->atr;
    double const turn = s + spec.back;
    double const inside = turn + spec.fall;
    double const end = inside + 10.0;
    double const top = level + (spec.confirms ? 0.24 : 0.11) * a;
    double const floor = std::min(plan_.chips.at(end), level - 0.30 * a);
    std::vector<Knot> path{{s - 20.0, plan_.chips.at(s - 20.0)}, {s - 2.0, level - 0.07}};
    path.push_back({s + 3.0, level + (spec.confirms ? 0.17 : 0.10) * a});
    if (turn > s + 3.0) path.push_back({turn, top});
    path.insert(path.end(), {{inside, level - 0.24 * a}, {end, floor}});
    InstrumentPlan& plan = plan_of(*chip);
    plan.path = Curve(std::move(path));
    double const after = spec.confirms ? 2.0 : 0.9;
    plan.volume = Curve({{s - 22.0, spec.confirms ? 1.25 : 0.9},
                         {s, spec.volume},
                         {std::min(turn, s + 80.0), spec.volume},
                         {std::max(turn, s + 81.0) + 1.0, std::min(spec.volume, after)},
                         {end, std::min(spec.volume, after)},
                         {end + 60.0, 0.95}});
    plan.path_noise = 0.5;
    plan.volume_noise = 0.4;
    std::string const text =
        name(*chip) + " goes above its prior-day high " + level_text(*chip, level);
    if (spec.confirms) {
        row(spec.scenario, SignalType::Breakout, name(*chip) + "|PD|up", s - 3.0, end + 20.0,
            {"triggered", "confirmed", "failed"}, {},
            text + " on real volume, holds, and later falls back: a trap");
    } else {
        row(spec.scenario, SignalType::Breakout, name(*chip) + "|PD|up", s - 3.0, end + 20.0,
            {"triggered", "failed"}, {"confirmed"},
            text + " on ordinary volume and is back inside soon: a fake");
    }
    explain_breaks(spec.scenario, *chip, {"OR|up", "D20|up"});
}

void Planter::drift(const InstrumentProfile* chip, double minute) {
    if (chip == nullptr) return;
    double const level = chip->prior_high;
    double const a = chip->atr;
    InstrumentPlan& plan = plan_of(*chip);
    plan.path = Curve({{minute - 60.0, plan_.chips.at(minute - 60.0)},
                       {minute, level + 0.04 * a},
                       {minute + 50.0, level + 0.13 * a},
                       {std::max(close(), minute + 51.0) + 10.0, level + 0.22 * a}});
    plan.volume = Curve({{0.0, 0.85}});
    plan.path_noise = 0.5;
    plan.volume_noise = 0.4;
    row("S5", SignalType::Breakout, name(*chip) + "|PD|up", minute - 20.0, close() + 4.0,
        {"triggered", "expired"}, {"confirmed"},
        name(*chip) + " drifts above its prior-day high " + level_text(*chip, level) +
            " without volume");
    explain_breaks("S5", *chip, {"OR|up", "D20|up"});
}

void Planter::chop(const InstrumentProfile* chip, double minute) {
    if (chip == nullptr) return;
    double const level = chip->prior_high;
    std::vector<Knot> path{{minute - 25.0, plan_.chips.at(minute - 25.0)}};
    double side = 1.0;
    for (double at = minute; at < close(); at += rng_.uniform(7.0, 12.0), side = -side) {
        path.push_back({at, level + side * 0.06 * chip->atr});
    }
    InstrumentPlan& plan = plan_of(*chip);
    plan.path = Curve(std::move(path));
    plan.volume = Curve({{0.0, 1.0}});
    plan.path_noise = 0.4;
    plan.volume_noise = 0.4;
    row("S6", SignalType::Breakout, name(*chip) + "|PD|up", minute - 8.0, close() + 4.0,
        {"triggered"}, {"confirmed"}, name(*chip) + " chops around its prior-day high");
    explain_breaks("S6", *chip, {"OR|up", "D20|up"});
}

void Planter::gap_open(const InstrumentProfile* chip) {
    if (chip == nullptr) return;
    double const level = chip->prior_high;
    double const a = chip->atr;
    InstrumentPlan& plan = plan_of(*chip);
    plan.path = Curve({{-30.0, level + 0.20 * a},
                       {5.0, level + 0.22 * a},
                       {60.0, level + 0.34 * a},
                       {close() + 10.0, level + 0.42 * a}});
    plan.volume = Curve({{0.0, 4.0}, {60.0, 3.5}, {120.0, 1.5}});
    plan.path_noise = 0.5;
    plan.volume_noise = 0.4;
    row("S17", SignalType::Breakout, name(*chip) + "|PD|up", 4.0, 45.0, {"triggered", "confirmed"},
        {"failed"}, name(*chip) + " opens above its prior-day high and stays");
    explain_breaks("S17", *chip, {"OR|up", "D20|up"});
}

}  // namespace spill::sim
