// The token half of Planter.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "connectors/simulator/plant.hpp"

namespace spill::sim {
namespace {

// One hour's standard deviation of a token, in x.
constexpr double kSigma60 = 0.126;
constexpr double kSigma15 = kSigma60 / 2.0;
constexpr double kQuiet = 0.3;  // gain of volume noise of a planted token: clear of the gates

}  // namespace

void Planter::organic(const InstrumentProfile* token, const Organic& spec) {
    if (token == nullptr) return;
    double const s = spec.minute;
    double const peak = s + 100.0;
    InstrumentPlan& plan = plan_of(*token);
    plan.path = Curve({{s, 0.0}, {peak, spec.rise}});
    double const fading = 1.0 + 0.6 * (spec.multiple - 1.0);
    plan.volume = Curve({{s, 1.0},
                         {s + spec.ramp, spec.multiple},
                         {spec.until, spec.multiple},
                         {spec.until + 15.0, fading},
                         {spec.fade, fading},
                         {spec.fade + 40.0, 1.0}});
    plan.volume_noise = kQuiet;
    plan.loose = true;
    plan.variance_exponent = spec.variance_exponent;
    std::string const words = name(*token) + " trades " +
                              std::to_string(static_cast<int>(spec.multiple)) +
                              " times its ordinary volume on all its venues";
    if (spec.demand_confirmed) {
        row("S7", SignalType::Volume, name(*token), s, s + spec.ramp + 95.0, {"confirmed"}, {},
            words);
    } else {
        row("S7", SignalType::Volume, name(*token), s, s + spec.ramp + 95.0, {"building"}, {},
            words);
    }
    explain_breaks("S7", *token, {"PD|up", "D20|up", "PD|down", "D20|down"});
}

void Planter::sell(const InstrumentProfile* token, double minute, double until, double fall) {
    if (token == nullptr) return;
    InstrumentPlan& plan = plan_of(*token);
    double const top = plan.path.last_value();
    double const from = plan.path.first_minute();
    double const peak = plan.path.last_minute();
    double const multiple = plan.volume.at(from + 60.0);
    plan.path = Curve({{from, 0.0}, {peak, top}, {minute, top}, {until, top - fall}});
    double const fading = 1.0 + 0.6 * (multiple - 1.0);
    plan.volume = Curve({{from, 1.0},
                         {from + 8.0, multiple},
                         {from + 115.0, multiple},
                         {from + 130.0, fading},
                         {minute, fading},
                         {minute + 8.0, multiple},
                         {until, multiple},
                         {until + 15.0, 2.0}});
}

void Planter::headline(const InstrumentProfile* token, double minute, double volume) {
    if (token == nullptr) return;
    InstrumentPlan& plan = plan_of(*token);
    double const jump = 5.6 * kSigma15;
    plan.path = Curve({{minute, 0.0},
                       {minute + 1.0, 0.9 * jump},
                       {minute + 2.0, jump},
                       {minute + 60.0, 0.7 * jump},
                       {minute + 180.0, 0.5 * jump}});
    // Half-life of four minutes.
    std::vector<Knot> knots{{minute - 0.5, 1.0}};
    for (double t = 0.0; t <= 28.0; t += 4.0) {
        knots.push_back({minute + t, 1.0 + (volume - 1.0) * std::pow(0.5, t / 4.0)});
    }
    knots.push_back({minute + 40.0, 1.0});
    plan.volume = Curve(std::move(knots));
    plan.volume_noise = kQuiet;
    plan.path_noise = 0.6;
    row("S8", SignalType::Volume, name(*token), minute, minute + 60.0, {"building", "suspect"},
        {"confirmed"}, name(*token) + " jumps on a headline and its volume is gone within minutes");
    explain_breaks("S8", *token, {"PD|up", "D20|up"});
}

void Planter::wash(const InstrumentProfile* token, double minute, WashStyle style,
                   std::size_t venues) {
    if (token == nullptr) return;
    const Instrument& instrument = config_.registry->instrument(token->id);
    double const total = static_cast<double>(instrument.feeds.size());
    std::size_t washed = 0;
    for (FeedId const feed : instrument.feeds) {
        if (washed == venues) break;
        if (profiles_.feeds[feed.value].trusted && instrument.feeds.size() > 1) continue;
        // Enough to lift the sum over all venues to five times the ordinary.
        double const multiple = 4.5 * total / static_cast<double>(venues);
        plan_.washes.push_back(Wash{feed,
                                    Curve({{minute, 0.0},
                                           {minute + 4.0, multiple},
                                           {minute + 90.0, multiple},
                                           {minute + 100.0, 0.0}}),
                                    style});
        ++washed;
    }
    plan_of(*token).volume_noise = kQuiet;
    row(venues > 1 ? "S10" : "S9", SignalType::Volume, name(*token), minute, minute + 70.0,
        {"building", "suspect"}, {"confirmed"},
        name(*token) + " shows made-up volume on " +
            (venues > 1 ? "two untrusted venues" : "one venue"));
}

void Planter::block(const InstrumentProfile* token, double minute) {
    if (token == nullptr) return;
    const Instrument& instrument = config_.registry->instrument(token->id);
    FeedId biggest = instrument.feeds.front();
    for (FeedId const feed : instrument.feeds) {
        if (profiles_.feeds[feed.value].volume_5m > profiles_.feeds[biggest.value].volume_5m) {
            biggest = feed;
        }
    }
    plan_.blocks.push_back(Block{biggest, minute, 2.2});
    plan_of(*token).volume_noise = kQuiet;
    row("S11", SignalType::Volume, name(*token), minute, minute + 55.0, {"building", "suspect"},
        {"confirmed"}, name(*token) + " prints one block of two hours' volume");
}

void Planter::burst(const InstrumentProfile* token, double minute) {
    if (token == nullptr) return;
    InstrumentPlan& plan = plan_of(*token);
    plan.volume =
        Curve({{minute - 0.1, 1.0}, {minute, 9.0}, {minute + 5.0, 9.0}, {minute + 5.1, 1.0}});
    plan.volume_noise = kQuiet;
    row("S11", SignalType::Volume, name(*token), minute, minute + 55.0, {}, {"confirmed"},
        name(*token) + " has one burst of five minutes");
}

}  // namespace spill::sim
