#include "connectors/simulator/episode_chips.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "connectors/simulator/profile.hpp"
#include "core/atr.hpp"
#include "core/params.hpp"
#include "core/timestamp.hpp"

namespace spill::sim {
namespace {

constexpr int kHistorySessions = 22;
constexpr std::size_t kCalmSessions = 4;    // of them, the last; a PD breakout lives three
constexpr std::int64_t kTick = 10'000'000;  // 0.01
constexpr double kRange = 0.03;             // typical daily range, share of price
constexpr double kGapSd = 0.2;              // of an overnight gap, daily ranges
constexpr double kPrintsPerMinute = 7.0;
constexpr double kHalfTick = 0.005;

Price to_price(double value) noexcept {
    return Price{std::max<std::int64_t>(1, std::llround(value * 1e9 / kTick)) * kTick};
}

int minutes_of(const TradingSession& session) noexcept {
    return static_cast<int>((session.continuous_end.ns - session.open.ns) / kNanosPerMinute);
}

}  // namespace

std::string episode_name(char kind, int index) {
    std::string const digits = std::to_string(index);
    return std::string(1, kind) + (digits.size() < 2 ? "0" : "") + digits;
}

ChipMarket::ChipMarket(Registry& registry, const ChipMarketConfig& config) : config_(config) {
    const Calendar& calendar = *config.calendar;
    auto session = calendar.at_or_before(UnixNanos{days_from_civil({2026, 5, 29}) * kNanosPerDay});
    while (session && session->date != kEpisodeDate && session->date > kEpisodeDate) {
        session = calendar.at_or_before(UnixNanos{session->open.ns - 1});
    }
    for (int i = 0; i <= kHistorySessions; ++i) {
        if (!session || (i == 0 && session->date != kEpisodeDate)) {
            throw std::runtime_error("the XNYS calendar does not cover April and May 2026");
        }
        sessions_.push_back(*session);
        session = calendar.at_or_before(UnixNanos{session->open.ns - 1});
    }
    std::ranges::reverse(sessions_);
    const Venue* venue = registry.find_venue(kChipVenue);
    VenueId const id = venue != nullptr ? venue->id : registry.add_venue(kChipVenue, true).value();
    for (int i = 0; i < config.chips; ++i) {
        Instrument row;
        row.name = episode_name('E', i);
        row.market = Market::Xnys;
        row.role = config.leader && i == 0 ? Role::Leader : Role::Member;
        row.group = config.group;
        row.tick = Price{kTick};
        Rng rng(config.seed, "chip " + std::to_string(config.batch) + " " + row.name);
        Chip chip;
        chip.noise = VolumeNoise5m(config.noise, kChipSpread, rng);
        chip.truth.name = row.name;
        chip.truth.instrument = registry.add_instrument(row).value();
        Feed feed;
        feed.instrument = chip.truth.instrument;
        feed.venue = id;
        feed.symbol = row.name;
        feed.coverage = Coverage::Consolidated;
        chip.feed = registry.add_feed(feed).value();
        chip.price = rng.uniform(50.0, 400.0);
        chip.unit = kRange * chip.price;
        chip.per_minute = rng.uniform(2'000.0, 40'000.0);
        chip.rng = rng;
        chips_.push_back(std::move(chip));
    }
}

void ChipMarket::session_bars(Chip& chip, const TradingSession& session, std::vector<Event>& out) {
    int const minutes = minutes_of(session);
    double const exponent = config_.noise.variance_exponent;
    double const norm = chip_variance_norm(config_.noise, chip.noise, minutes);
    chip.noise.next_day(chip.rng);
    chip.price += kGapSd * chip.unit * chip.rng.normal();
    for (int i = 0; i + 5 <= minutes; i += 5) {
        double const volume = chip_volume_curve(i + 2.5, minutes) * chip.noise.next_slot(chip.rng);
        double const sd =
            kChipDaySd * chip.unit * std::sqrt(std::pow(volume, exponent) / norm / 390.0);
        Event event{};
        event.kind = EventKind::Bar;
        event.aux = 5;
        event.ts_event = UnixNanos{session.open.ns + i * kNanosPerMinute};
        event.ts_recv = UnixNanos{event.ts_event.ns + 5 * kNanosPerMinute};
        event.instrument = chip.truth.instrument;
        event.feed = chip.feed;
        event.bar = BarBody{};
        event.bar.open = event.bar.high = event.bar.low = to_price(chip.price);
        for (int k = 0; k < 5; ++k) {
            chip.price += sd * chip.rng.normal();
            event.bar.high = std::max(event.bar.high, to_price(chip.price));
            event.bar.low = std::min(event.bar.low, to_price(chip.price));
        }
        event.bar.close = to_price(chip.price);
        event.bar.volume = Quantity{std::llround(5.0 * chip.per_minute * volume) * kNanosPerUnit};
        out.push_back(event);
    }
}

// The last sessions close below the high of the one before: no earlier breakout is in force when
// the planted one begins, since a level stays frozen while its breakout lives.
void ChipMarket::calm_session(Chip& chip, const CalmSession& what, std::vector<Event>& out) {
    constexpr int kTries = 1'000;
    std::size_t const from = out.size();
    VolumeNoise5m const noise = chip.noise;
    double const price = chip.price;
    for (int i = 0; i < kTries; ++i) {
        session_bars(chip, what.session, out);
        if (chip.price < what.barrier || i + 1 == kTries) return;
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(from), out.end());
        chip.noise = noise;
        chip.price = price;
    }
}

std::vector<Event> ChipMarket::history() {
    std::vector<Event> out;
    for (Chip& chip : chips_) {
        SessionBars sessions{LevelParams{}};
        for (std::size_t s = 0; s + 1 < sessions_.size(); ++s) {
            std::size_t const from = out.size();
            double const barrier = s + kCalmSessions + 1 < sessions_.size() || s == 0
                                       ? 1e18
                                       : sessions.last().high.to_double();
            calm_session(chip, {sessions_[s], barrier}, out);
            SessionBar bar;
            bar.date = sessions_[s].date;
            bar.open = out[from].bar.open;
            bar.high = out[from].bar.high;
            bar.low = out[from].bar.low;
            for (std::size_t i = from; i < out.size(); ++i) {
                bar.high = std::max(bar.high, out[i].bar.high);
                bar.low = std::min(bar.low, out[i].bar.low);
            }
            bar.close = out.back().bar.close;
            sessions.add(bar);
        }
        chip.truth.level = sessions.last().high;
        chip.truth.atr = sessions.atr()->value;
        chip.noise.next_day(chip.rng);
    }
    sort_events(out);
    return out;
}

void ChipMarket::plant(const EpisodeClass& what, int index) {
    Chip& chip = chips_[static_cast<std::size_t>(index)];
    ChipPathInput input;
    input.kind = what.kind;
    input.minutes = minutes_of(session());
    input.leader = index == 0;
    input.previous = (chip.price - chip.truth.level.to_double()) / chip.truth.atr;
    input.chain_turn = chips_.front().path.turn_minute;
    std::string const stream =
        std::string(what.name) + " " + std::to_string(config_.batch) + " " + chip.truth.name;
    chip.rng = Rng(config_.seed, stream);
    VolumeNoise5m noise = chip.noise;
    chip.path = make_chip_path(input, config_.noise, noise, chip.rng);
    auto const at = [&](int minute) {
        return UnixNanos{session().open.ns + minute * kNanosPerMinute};
    };
    chip.truth.push = at(chip.path.push_minute);
    chip.truth.turn = at(chip.path.turn_minute);
}

void ChipMarket::day_trades(Chip& chip, std::vector<Event>& out) {
    double const level = chip.truth.level.to_double();
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < chip.path.volume.size(); ++i) {
        double const volume = chip.path.volume[i];
        int const count = 1 + chip.rng.poisson(kPrintsPerMinute * std::min(4.0, std::sqrt(volume)));
        PrintSizes const sizes = draw_sizes(chip.per_minute * volume, count, chip.rng);
        double const from = level + chip.path.x[i] * chip.truth.atr;
        double const to = level + chip.path.x[i + 1] * chip.truth.atr;
        std::array<std::int64_t, kMaxPrints> when{};
        for (int k = 0; k < sizes.count; ++k) {
            when[static_cast<std::size_t>(k)] =
                static_cast<std::int64_t>(chip.rng.below(60'000)) * 1'000'000;
        }
        std::sort(when.begin(), when.begin() + sizes.count);
        std::int64_t const start =
            session().open.ns + static_cast<std::int64_t>(i) * kNanosPerMinute;
        for (int k = 0; k < sizes.count; ++k) {
            auto const at = static_cast<std::size_t>(k);
            bool const buy = chip.rng.chance(to > from ? 0.55 : 0.45);
            // The last print of a minute closes it where the path is.
            double const share = k + 1 == sizes.count ? 1.0 : static_cast<double>(when[at]) / 60e9;
            PrintSpec print;
            print.instrument = chip.truth.instrument;
            print.feed = chip.feed;
            print.at = UnixNanos{start + when[at]};
            print.price = from + (to - from) * share + (buy ? kHalfTick : -kHalfTick);
            print.tick = kTick;
            print.size = sizes.size[at];
            print.aggressor = buy ? Aggressor::Buy : Aggressor::Sell;
            print.id = ++id;
            out.push_back(make_trade(print));
        }
    }
}

std::vector<Event> ChipMarket::day() {
    std::vector<Event> out;
    for (Chip& chip : chips_) day_trades(chip, out);
    sort_events(out);
    return out;
}

}  // namespace spill::sim
