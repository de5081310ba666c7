#include "connectors/simulator/scenario.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "connectors/simulator/plant.hpp"

namespace spill::sim {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"day", "S1",  "S2",  "S3",  "S4",  "S5",  "S6",  "S7",  "S8",  "S9", "S10",
     "S11", "S12", "S13", "S14", "S15", "S16", "S17", "S18", "S19", "S20"});

double jitter(Planter& plant, double minute) {
    return minute + std::floor(plant.rng().uniform(-5.0, 5.0));
}

// Chips rise together in the morning and fall together in the afternoon.
void common_moves(DayPlan& plan, bool fall) {
    plan.chips = fall ? Curve({{10.0, 0.0}, {60.0, 0.15}, {235.0, 0.19}, {282.0, -0.20}})
                      : Curve({{10.0, 0.0}, {60.0, 0.12}});
    plan.chip_volume =
        fall ? Curve({{0.0, 1.3}, {240.0, 1.3}, {250.0, 1.6}, {310.0, 1.6}, {330.0, 1.3}})
             : Curve({{0.0, 1.0}});
}

void explain_groups(const Registry& registry, Planter& plant) {
    for (const Group& group : registry.groups()) {
        if (group.tokens) {
            plant.explain("story", SignalType::Rotation, group.name);
            plant.explain("story", SignalType::Unwind, group.name);
            continue;
        }
        for (const char* const market : {"@XNYS", "@XKRX"}) {
            plant.explain("story", SignalType::Participation, group.name + market);
        }
    }
}

void chips_of_the_day(const Registry& registry, Planter& plant) {
    const InstrumentProfile* const first = plant.take_leader();
    const InstrumentProfile* const trap = plant.take_leader();
    if (first != nullptr) {
        GroupId const parent = registry.instrument(first->id).parent;
        if (parent.valid()) {
            plant.row("story", SignalType::Participation, registry.group(parent).name + "@XNYS",
                      10.0, 340.0, {"broad_up", "broad_down"}, {},
                      "the chips rise together before noon and fall together after it");
        }
    }
    plant.true_break(first, {.minute = jitter(plant, 38.0), .demand_d20 = true});
    plant.failed_break(trap, {.scenario = "S4",
                              .minute = jitter(plant, 66.0),
                              .back = 165.0,
                              .fall = 14.0,
                              .volume = 4.0,
                              .confirms = true});
    plant.true_break(plant.take_member(), {.minute = jitter(plant, 96.0)});
    plant.true_break(plant.take_member(),
                     {.scenario = "S2", .minute = jitter(plant, 118.0), .retest = true});
    plant.true_break(plant.take_member(), {.minute = jitter(plant, 158.0)});
    plant.failed_break(plant.take_member(),
                       {.minute = jitter(plant, 84.0), .back = 6.0, .fall = 12.0});
    plant.failed_break(plant.take_member(),
                       {.minute = jitter(plant, 196.0), .back = 9.0, .fall = 12.0});
    plant.drift(plant.take_member(), jitter(plant, 176.0));
}

// The story's moves find a price as real ones do: their variance follows volume more closely than
// that of noise, which keeps them clear of the churn gate.
// Tokens of the biggest bucket rise on real volume from `start`, and are sold from `sold` on.
void rotation_story(const Registry& registry, DayPlan& plan, Planter& plant, double start,
                    double sold) {
    GroupId const bucket = plant.biggest_bucket();
    if (!bucket.valid()) return;
    plan.moving_bucket = bucket;
    plan.bucket =
        sold > 0.0
            ? Curve({{start, 0.0}, {start + 100.0, 0.27}, {sold, 0.27}, {sold + 85.0, -0.06}})
            : Curve({{start, 0.0}, {start + 100.0, 0.27}});
    for (int i = 0; i < 4; ++i) {
        const InstrumentProfile* const token = plant.take_token(bucket, 2);
        plant.organic(token, {.minute = start,
                              .until = start + 125.0,
                              .fade = sold > 0.0 ? sold : start + 200.0,
                              .rise = 0.42,
                              .variance_exponent = 0.95});
        if (sold > 0.0) plant.sell(token, sold, sold + 85.0, 0.55);
    }
    std::string const& name = registry.group(bucket).name;
    if (sold > 0.0) {
        plant.row("story", SignalType::Rotation, name, start, sold + 90.0, {"on", "off"}, {},
                  name + " tokens rise together on real volume, and later are sold");
        plant.row("story", SignalType::Unwind, name, sold - 70.0, sold + 90.0, {"active"}, {},
                  "a leader fails, the chips fall together, the " + name + " tokens are sold");
    } else {
        plant.row("S12", SignalType::Rotation, name, start, start + 120.0, {"on"}, {},
                  name + " tokens rise together on real volume");
    }
}

void play_day(const Registry& registry, DayPlan& plan, Planter& plant) {
    common_moves(plan, true);
    chips_of_the_day(registry, plant);
    rotation_story(registry, plan, plant, jitter(plant, 75.0), jitter(plant, 292.0));
    plant.wash(plant.take_token(GroupId{}, 3), jitter(plant, 55.0), WashStyle::UniformPairs, 1);
    plant.headline(plant.take_token(GroupId{}, 2), jitter(plant, 135.0), 4.0);
    plant.block(plant.take_token(GroupId{}, 2), jitter(plant, 225.0));
    explain_groups(registry, plant);
}

void play_unwind(const Registry& registry, DayPlan& plan, Planter& plant) {
    common_moves(plan, true);
    plant.failed_break(plant.take_leader(), {.scenario = "S4",
                                             .minute = 66.0,
                                             .back = 165.0,
                                             .fall = 14.0,
                                             .volume = 4.0,
                                             .confirms = true});
    rotation_story(registry, plan, plant, 75.0, 292.0);
    explain_groups(registry, plant);
}

// Three chips, so that one day says more than yes or no.
constexpr std::array<double, 3> kChipMinutes{45.0, 110.0, 180.0};

void play_chips(std::string_view name, DayPlan& plan, Planter& plant) {
    common_moves(plan, false);
    for (double const at : kChipMinutes) {
        const InstrumentProfile* const chip = plant.take_member();
        if (name == "S1") plant.true_break(chip, {.minute = at});
        if (name == "S2") plant.true_break(chip, {.scenario = "S2", .minute = at, .retest = true});
        double const back = plant.rng().uniform(4.0, 10.0);
        if (name == "S3") plant.failed_break(chip, {.minute = at, .back = back});
        if (name == "S4") {
            plant.failed_break(
                chip,
                {.scenario = "S4", .minute = at, .back = 50.0, .volume = 4.0, .confirms = true});
        }
        if (name == "S5") plant.drift(chip, at + 20.0);
        if (name == "S6") plant.chop(chip, at);
        if (name == "S17") plant.gap_open(chip);
    }
}

void play_tokens(std::string_view name, const Registry& registry, DayPlan& plan, Planter& plant) {
    common_moves(plan, false);
    auto const token = [&](std::size_t feeds) { return plant.take_token(GroupId{}, feeds); };
    if (name == "S7") {
        plant.organic(token(2), {.minute = 40.0, .multiple = 6.0});
        plant.organic(token(2), {.minute = 60.0, .multiple = 4.0, .demand_confirmed = false});
        plant.organic(token(2), {.minute = 80.0, .multiple = 3.0, .demand_confirmed = false});
        plant.organic(token(2),
                      {.minute = 50.0, .multiple = 4.0, .ramp = 60.0, .demand_confirmed = false});
    } else if (name == "S8") {
        plant.headline(token(2), 60.0, 1.3);
        plant.headline(token(2), 120.0, 4.0);
        plant.headline(token(2), 180.0, 8.0);
    } else if (name == "S9") {
        plant.wash(token(3), 40.0, WashStyle::UniformPairs, 1);
        plant.wash(token(3), 100.0, WashStyle::FixedSizes, 1);
        plant.wash(token(3), 160.0, WashStyle::Mimic, 1);
    } else if (name == "S10") {
        plant.wash(token(3), 40.0, WashStyle::FixedSizes, 2);
        plant.wash(token(3), 120.0, WashStyle::Mimic, 2);
    } else if (name == "S11") {
        plant.block(token(2), 60.0);
        plant.burst(token(2), 140.0);
    } else if (name == "S12") {
        rotation_story(registry, plan, plant, 60.0, 0.0);
    } else if (name == "S13" || name == "S14") {
        GroupId const bucket = plant.biggest_bucket();
        if (!bucket.valid()) return;
        std::string const& key = registry.group(bucket).name;
        if (name == "S13") {
            plan.btc = Curve({{60.0, 0.0}, {120.0, 1.0}});  // one daily range: +3 %
            // The wave lifts every token through its prior high.
            for (const Instrument& row : registry.instruments()) {
                if (row.market != Market::Utc || row.feeds.empty()) continue;
                for (const char* const kind : {"|PD|up", "|D20|up"}) {
                    plant.explain(name, SignalType::Breakout, row.name + kind);
                }
            }
        } else {
            plant.organic(plant.take_token(bucket, 2), {.minute = 60.0, .rise = 0.55});
        }
        plant.row(name, SignalType::Rotation, key, 0.0, 400.0, {}, {"on"},
                  name == "S13" ? "everything rises with BTC: no rotation"
                                : "one token alone moves: no rotation");
    }
}

// A true break seen through a damaged feed.
void play_fault(std::string_view name, const Registry& registry, DayPlan& plan, Planter& plant) {
    common_moves(plan, false);
    const InstrumentProfile* const chip = plant.take_member();
    if (chip == nullptr) return;
    plant.true_break(chip, {.scenario = name, .minute = 120.0});
    FeedId const feed = registry.instrument(chip->id).feeds.front();
    using Kind = Disturbance::Kind;
    if (name == "S16") plan.disturbances.push_back({Kind::Silence, feed, 60.0, 75.0});
    if (name == "S18") {
        plan.disturbances.push_back({Kind::Silence, feed, 30.0, 32.0});
        plan.disturbances.push_back({Kind::Silence, feed, 60.0, 70.0});
    }
    if (name == "S19") plan.disturbances.push_back({Kind::Disordered, feed, -30.0, 1000.0});
    if (name == "S20") plan.disturbances.push_back({Kind::BadTicks, feed, -30.0, 1000.0});
}

}  // namespace

double DayPlan::chip_offset(InstrumentId id, double minute) const noexcept {
    Curve const& path = instruments[id.value].path;
    double const common = chips.at(minute);
    if (path.empty() || minute < path.first_minute()) return common;
    if (minute <= path.last_minute()) return path.at(minute);
    return path.last_value() + common - chips.at(path.last_minute());
}

DayPlan make_plan(const MarketConfig& config, const Profiles& profiles) {
    const Registry& registry = *config.registry;
    std::string const& name = config.scenario;
    if (std::ranges::find(kNames, name) == kNames.end()) {
        throw std::runtime_error("there is no scenario " + name + "; known: day, S1..S20");
    }
    DayPlan plan;
    plan.instruments.resize(profiles.instruments.size());
    Planter plant(config, profiles, plan);
    constexpr auto kChips =
        std::to_array<std::string_view>({"S1", "S2", "S3", "S4", "S5", "S6", "S17"});
    constexpr auto kFaults = std::to_array<std::string_view>({"S16", "S18", "S19", "S20"});
    if (name == "day") {
        play_day(registry, plan, plant);
    } else if (name == "S15") {
        play_unwind(registry, plan, plant);
    } else if (std::ranges::find(kChips, name) != kChips.end()) {
        play_chips(name, plan, plant);
    } else if (std::ranges::find(kFaults, name) != kFaults.end()) {
        play_fault(name, registry, plan, plant);
    } else {
        play_tokens(name, registry, plan, plant);
    }
    return plan;
}

}  // namespace spill::sim

std::span<const std::string_view> spill::scenario_names() noexcept { return sim::kNames; }
