// Bars of the sessions before the day that is played.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "connectors/simulator/curve.hpp"
#include "connectors/simulator/profile.hpp"

namespace spill::sim {
namespace {

constexpr std::int64_t kSlot = 5 * kNanosPerMinute;

// A mean-reverting process with sd 1 in steps of one slot.
class UnitPath {
public:
    UnitPath(double tau_minutes, Rng rng) noexcept
        : decay_(std::exp(-5.0 / tau_minutes)), rng_(rng) {}
    double step(double gain) noexcept {
        state_ = state_ * decay_ + gain * std::sqrt(1.0 - decay_ * decay_) * rng_.normal();
        return state_;
    }

private:
    double decay_;
    Rng rng_;
    double state_ = 0.0;
};

// What all tokens (or all chips) share in one session: the benchmark's own path.
UnitPath common_path(const MarketConfig& config, const InstrumentProfile& profile,
                     const TradingSession& session) {
    std::string const name =
        (profile.token ? "common token " : "common chip ") + std::to_string(session.date);
    return UnitPath(path_noise(profile.token).tau_minutes, Rng(config.seed, name));
}

// Starts and ends at the centre, so that neither the open nor the next day's gap breaks a level.
Curve session_drift(double room, double minutes, Rng& rng) {
    std::vector<Knot> knots{{0.0, 0.0}};
    for (int i = 1; i <= 4; ++i) knots.push_back({minutes * i / 5.0, rng.uniform(-room, room)});
    knots.push_back({minutes, 0.0});
    return Curve(std::move(knots));
}

struct Slot {
    double open = 0.0, high = 0.0, low = 0.0, close = 0.0;  // x
    double volume = 1.0;                                    // noise multiple, mean 1
};

// Volume noise of one instrument through all its slots.
class SlotVolume {
public:
    SlotVolume(VolumeNoise noise, Rng rng) noexcept : noise_(noise), rng_(rng) {
        day_ = noise_.day * rng_.normal();
        slow_ = noise_.slow * rng_.normal();
    }
    void next_day() noexcept {
        double const a = noise_.day_memory;
        day_ = a * day_ + noise_.day * std::sqrt(1.0 - a * a) * rng_.normal();
    }
    double next_slot() noexcept {
        double const a = noise_.slow_memory;
        slow_ = a * slow_ + noise_.slow * std::sqrt(1.0 - a * a) * rng_.normal();
        double const variance =
            noise_.day * noise_.day + noise_.slow * noise_.slow + noise_.fast * noise_.fast;
        return std::exp(day_ + slow_ + noise_.fast * rng_.normal() - 0.5 * variance);
    }

private:
    VolumeNoise noise_;
    Rng rng_;
    double day_ = 0.0;
    double slow_ = 0.0;
};

std::vector<Slot> make_slots(const InstrumentProfile& profile, const SessionShape& shape,
                             std::size_t count, UnitPath common, SlotVolume& volume, Rng& rng) {
    PathNoise const noise = path_noise(profile.token);
    double const room = std::max(0.0, shape.reach - noise.bound - 0.05);
    Curve const drift = session_drift(room, 5.0 * static_cast<double>(count), rng);
    UnitPath own(noise.tau_minutes, Rng(rng.next()));
    double const shared = profile.benchmark ? 1.0 : common_weight(profile.token);
    double const apart = std::sqrt(1.0 - shared * shared);
    std::vector<Slot> slots(count);
    double last = shape.centre;
    for (std::size_t i = 0; i < count; ++i) {
        Slot& slot = slots[i];
        slot.volume = volume.next_slot();
        // The last half hour calms down, so that the close stands near the centre.
        double const left = static_cast<double>(count - 1 - i);
        double const calm = std::min(1.0, left / 6.0);
        // Variance goes with volume^0.7.
        double const unit =
            shared * common.step(1.0) + apart * own.step(std::pow(slot.volume, 0.35));
        double const x = shape.centre + drift.at(5.0 * static_cast<double>(i + 1)) +
                         calm * squash(noise.sd * unit, noise.bound);
        double const wick = 0.4 * noise.sd / std::sqrt(noise.tau_minutes / 5.0);
        double const limit = shape.reach - 0.01;
        slot.open = last;
        slot.close = x;
        slot.high =
            std::min(std::max(last, x) + wick * std::abs(rng.normal()), shape.centre + limit);
        slot.low =
            std::max(std::min(last, x) - wick * std::abs(rng.normal()), shape.centre - limit);
        slot.high = std::max({slot.high, last, x});
        slot.low = std::min({slot.low, last, x});
        last = x;
    }
    // One print each marks the session's exact high and low.
    slots[count / 8 + rng.below(count / 3)].high = shape.centre + shape.reach;
    slots[count / 2 + rng.below(count / 3)].low = shape.centre - shape.reach;
    return slots;
}

Event make_bar(const InstrumentProfile& profile, const FeedProfile& feed, const Slot& slot,
               UnixNanos start, double volume) {
    Event event{};
    event.ts_event = start;
    event.ts_recv = UnixNanos{start.ns + kSlot};
    event.instrument = profile.id;
    event.feed = feed.id;
    event.kind = EventKind::Bar;
    event.aux = 5;
    event.bar.open = price_at(profile, slot.open);
    event.bar.close = price_at(profile, slot.close);
    event.bar.high = price_at(profile, slot.high);
    event.bar.low = price_at(profile, slot.low);
    double const in_base = volume * 1e9;
    event.bar.volume = Quantity{std::max<std::int64_t>(1, std::llround(in_base))};
    return event;
}

// One session or day of one instrument, on all its feeds.
void append_session(const MarketConfig& config, const Profiles& profiles,
                    const InstrumentProfile& profile, const SessionShape& shape, SlotVolume& volume,
                    Rng& rng, std::vector<Event>& out) {
    VolumeNoise const noise = volume_noise(profile.token, config.noise);
    TradingSession const& session = shape.session;
    auto const count =
        static_cast<std::size_t>((session.continuous_end.ns - session.open.ns) / kSlot);
    if (count < 12) return;
    double const minutes = 5.0 * static_cast<double>(count);
    std::vector<Slot> const slots =
        make_slots(profile, shape, count, common_path(config, profile, session), volume, rng);
    volume.next_day();
    for (std::size_t i = 0; i < count; ++i) {
        UnixNanos const start{session.open.ns + static_cast<std::int64_t>(i) * kSlot};
        if (start.ns + kSlot > profiles.start.ns) break;
        double const mid = 5.0 * static_cast<double>(i) + 2.5;
        double const curve = profile.token ? token_volume_curve(UnixNanos{start.ns + kSlot / 2})
                                           : chip_volume_curve(mid, minutes);
        for (FeedId const id : config.registry->instrument(profile.id).feeds) {
            FeedProfile const& feed = profiles.feeds[id.value];
            // Sampling of some forty prints a slot, and what moves this venue alone.
            double const sampling = rng.lognormal(0.22) * rng.lognormal(noise.venue);
            double const amount = feed.volume_5m * curve * slots[i].volume * sampling;
            out.push_back(make_bar(profile, feed, slots[i], start, amount));
        }
    }
}

}  // namespace

std::vector<Event> make_history(const MarketConfig& config, const Profiles& profiles) {
    std::vector<Event> bars;
    for (InstrumentProfile const& profile : profiles.instruments) {
        if (!profile.played) continue;
        std::string const& name = config.registry->instrument(profile.id).name;
        Rng rng(config.seed, "history " + name);
        SlotVolume volume(volume_noise(profile.token, config.noise),
                          Rng(config.seed, "history volume " + name));
        for (SessionShape const& shape : profile.sessions) {
            append_session(config, profiles, profile, shape, volume, rng, bars);
        }
        if (!profile.token) continue;
        // The morning of the day that is played: quieter, well inside yesterday's range.
        SessionShape today;
        today.session.open = profile.sessions.back().session.close;
        today.session.close = profiles.start;
        today.session.continuous_end = profiles.start;
        today.reach = 0.30;
        SlotVolume calm(volume_noise(true, 0.5 * config.noise),
                        Rng(config.seed, "morning volume " + name));
        append_session(config, profiles, profile, today, calm, rng, bars);
    }
    // Positions are sorted instead of events: passing 64-byte aligned values to the library's heap
    // functions draws a note about the ABI from g++ for each.
    std::vector<std::uint32_t> order(bars.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return std::tuple(bars[a].ts_recv, bars[a].feed, a) <
               std::tuple(bars[b].ts_recv, bars[b].feed, b);
    });
    std::vector<Event> sorted;
    sorted.reserve(bars.size());
    for (std::uint32_t const at : order) sorted.push_back(bars[at]);
    return sorted;
}

}  // namespace spill::sim
