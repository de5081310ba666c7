#include "connectors/simulator/profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/timestamp.hpp"

namespace spill::sim {
namespace {

constexpr int kUtcDays = 30;  // 28 make a baseline ready; two more for the average true range
constexpr double kQuoteVolume5m = 120'000.0;  // quote currency per 5 minutes and instrument

struct KnownPrice {
    std::string_view name;
    double price;
};
// Magnitudes only, so that a reader recognises the instrument; nothing depends on them.
constexpr auto kKnownPrices = std::to_array<KnownPrice>(
    {{"BTC", 96'000}, {"ETH", 3'400},   {"TAO", 420},   {"RENDER", 7.2}, {"AKT", 3.1},
     {"FIL", 5.4},    {"ICP", 11.5},    {"NEAR", 5.8},  {"LINK", 23.5},  {"GRASS", 2.1},
     {"FET", 1.35},   {"VIRTUAL", 1.9}, {"WLD", 2.2},   {"AIXBT", 0.42}, {"SPY", 640},
     {"MU", 242},     {"SNDK", 188},    {"WDC", 131},   {"STX", 246},    {"NVDA", 184},
     {"AVGO", 352},   {"AMD", 226},     {"TSM", 291},   {"INTC", 38},    {"QCOM", 168},
     {"MRVL", 92},    {"ARM", 152},     {"AMAT", 231},  {"ASML", 1'015}, {"LRCX", 156},
     {"KLAC", 1'190}, {"ANET", 138},    {"CSCO", 78},   {"VRT", 172},    {"DELL", 142},
     {"COHR", 131},   {"LITE", 168},    {"CRWV", 124},  {"IREN", 58},    {"000660", 402},
     {"005930", 71},  {"SKHYNIX", 402}, {"SAMSUNG", 71}});

double known_price(std::string_view name) {
    std::string_view const stem = name.substr(0, name.find('.'));
    for (KnownPrice const& row : kKnownPrices) {
        if (row.name == stem) return row.price;
    }
    Rng rng(1, name);
    return rng.uniform(20.0, 300.0);
}

// A tick of at most 1/4000 of the price: a coarser one would drown one-minute returns.
void set_price(InstrumentProfile& profile, const Instrument& row) {
    double price = known_price(row.name);
    if (row.tick.nanos > 1) {
        profile.tick = row.tick.nanos;
    } else {
        profile.tick =
            static_cast<std::int64_t>(1e9 * std::pow(10.0, std::floor(std::log10(price)) - 4.0));
    }
    // Venues print at most eight decimals.
    profile.tick = std::max<std::int64_t>(10, profile.tick - profile.tick % 10);
    price = std::max(price, 4000.0 * static_cast<double>(profile.tick) / 1e9);
    profile.base_price = price;
}

std::vector<TradingSession> sessions_before(const Calendar& calendar, UnixNanos at, int count) {
    std::vector<TradingSession> found;
    UnixNanos before = at;
    while (static_cast<int>(found.size()) < count) {
        std::optional<TradingSession> const session =
            calendar.at_or_before(UnixNanos{before.ns - 1});
        if (!session) break;
        if (session->close <= at) found.push_back(*session);
        before = session->open;
    }
    std::ranges::reverse(found);
    return found;
}

std::vector<TradingSession> utc_days_before(UnixNanos at, int count) {
    std::int64_t const today = at.ns - at.ns % kNanosPerDay;
    std::vector<TradingSession> days;
    for (int i = count; i >= 1; --i) {
        TradingSession day;
        day.open = UnixNanos{today - i * kNanosPerDay};
        day.close = UnixNanos{day.open.ns + kNanosPerDay};
        day.continuous_end = day.close;
        day.date = utc_date(day.open);
        days.push_back(day);
    }
    return days;
}

// Nested sessions last; before them the centre wanders and ranges vary.
void shape_sessions(InstrumentProfile& profile, Rng rng) {
    double centre = 0.0;
    int const n = static_cast<int>(profile.sessions.size());
    for (int i = n - 1; i >= 0; --i) {
        SessionShape& shape = profile.sessions[static_cast<std::size_t>(i)];
        int const age = n - 1 - i;
        if (age < kNested) {
            shape.reach = 0.47 + 0.012 * age;
            continue;
        }
        // Leaders stay near their base, so that their 20-session level is within a day's reach.
        if (!profile.leader) centre += 0.12 * rng.normal();
        shape.centre = centre;
        shape.reach = rng.uniform(0.44, 0.545);
    }
}

// Wilder's average over the shaped sessions; the previous close is the previous centre.
void set_levels(InstrumentProfile& profile) {
    std::vector<SessionShape> const& s = profile.sessions;
    double atr = 0.0;
    int count = 0;
    for (std::size_t i = 1; i < s.size(); ++i) {
        double const high = std::max(s[i].centre + s[i].reach, s[i - 1].centre);
        double const low = std::min(s[i].centre - s[i].reach, s[i - 1].centre);
        ++count;
        atr += (high - low - atr) / std::min(count, 14);
    }
    profile.atr = atr > 0.0 ? atr : 1.0;
    profile.prior_high = s.back().centre + s.back().reach;
    profile.prior_low = s.back().centre - s.back().reach;
    profile.high20 = profile.prior_high;
    profile.low20 = profile.prior_low;
    for (std::size_t i = s.size() - std::min<std::size_t>(20, s.size()); i < s.size(); ++i) {
        profile.high20 = std::max(profile.high20, s[i].centre + s[i].reach);
        profile.low20 = std::min(profile.low20, s[i].centre - s[i].reach);
    }
}

InstrumentProfile make_instrument(const MarketConfig& config, const Instrument& row,
                                  const TradingSession& live, UnixNanos start) {
    const Registry& registry = *config.registry;
    InstrumentProfile profile;
    profile.id = row.id;
    profile.played = !row.feeds.empty();
    profile.token = row.market == Market::Utc;
    profile.benchmark = row.role == Role::Benchmark;
    profile.leader =
        row.role == Role::Leader ||
        (row.proxy_for.valid() && registry.instrument(row.proxy_for).role == Role::Leader);
    profile.range =
        profile.token ? (profile.benchmark ? 0.030 : 0.060) : (profile.benchmark ? 0.010 : 0.028);
    if (!profile.played) return profile;
    set_price(profile, row);
    std::vector<TradingSession> const sessions =
        profile.token
            ? utc_days_before(start, kUtcDays)
            : sessions_before(config.calendars->of(row.market), start, config.history_sessions + 2);
    if (static_cast<int>(sessions.size()) < 6) {
        throw std::runtime_error("the calendar of " + std::string(to_string(row.market)) +
                                 " does not reach back far enough before " +
                                 std::to_string(config.date));
    }
    for (TradingSession const& session : sessions) {
        profile.sessions.push_back(SessionShape{session});
    }
    std::optional<TradingSession> const on_day =
        config.calendars->of(row.market).containing(UnixNanos{live.open.ns + kNanosPerMinute});
    profile.live_session = profile.token || on_day.has_value();
    shape_sessions(profile, Rng(config.seed, "shape " + row.name));
    set_levels(profile);
    return profile;
}

// Binance is the biggest and Kraken the smallest of the venues that we know; none is below the
// 3 % that make a venue eligible.
double venue_weight(std::string_view venue) {
    if (venue.starts_with("binance")) return 0.45;
    if (venue.starts_with("kraken")) return 0.25;
    return 0.30;
}

FeedProfile make_feed(const Registry& registry, const Feed& feed, const Profiles& profiles) {
    const Instrument& row = registry.instrument(feed.instrument);
    InstrumentProfile const& instrument = profiles.instruments[feed.instrument.value];
    double total = 0.0;
    for (FeedId const other : row.feeds) {
        total += venue_weight(registry.venue(registry.feed(other).venue).name);
    }
    FeedProfile profile;
    profile.id = feed.id;
    profile.instrument = feed.instrument;
    profile.trusted = feed.trusted;
    double const share = venue_weight(registry.venue(feed.venue).name) / total;
    profile.volume_5m = kQuoteVolume5m * share / instrument.base_price;
    profile.trades_per_minute = instrument.token ? 9.0 : 13.0;
    profile.to_venue = static_cast<double>(kNanosPerUnit) / static_cast<double>(feed.multiplier_e9);
    // About four significant digits of an average print, at most eight decimals, whole lots.
    double const print = profile.volume_5m * profile.to_venue / (5.0 * profile.trades_per_minute);
    double const step = std::pow(10.0, std::floor(std::log10(print)) - 3.0) * 1e9;
    profile.size_step = std::max<std::int64_t>(10, static_cast<std::int64_t>(step));
    profile.size_step -= profile.size_step % 10;
    if (row.lot.nanos > 1 && feed.multiplier_e9 == kNanosPerUnit) {
        std::int64_t const lot = std::max<std::int64_t>(10, row.lot.nanos - row.lot.nanos % 10);
        profile.size_step = std::min(lot, static_cast<std::int64_t>(print * 1e9 / 20.0) + 10);
        profile.size_step -= profile.size_step % 10;
    }
    return profile;
}

}  // namespace

PathNoise path_noise(bool token) noexcept {
    return token ? PathNoise{0.070, 37.0, 0.25} : PathNoise{0.057, 45.0, 0.12};
}

double common_weight(bool token) noexcept { return token ? 0.5 : 0.6; }

double squash(double x, double bound) noexcept { return bound * std::tanh(x / bound); }

VolumeNoise volume_noise(bool token, double scale) noexcept {
    VolumeNoise noise = token ? VolumeNoise{0.30, 0.8, 0.45, 0.9, 0.50, 0.25}
                              : VolumeNoise{0.12, 0.8, 0.15, 0.9, 0.15, 0.05};
    noise.day *= scale;
    noise.slow *= scale;
    noise.fast *= scale;
    noise.venue *= scale;
    return noise;
}

double chip_volume_curve(double minute, double session_minutes) noexcept {
    if (minute < 0.0 || minute >= session_minutes) return 0.06;
    double const u = minute / session_minutes;
    // 3.1 at the open, 0.6 at noon, 1.5 before the close; mean 1 over the session.
    double const opening = 2.45 * std::exp(-u * 14.0);
    double const closing = 0.95 * std::exp(-(1.0 - u) * 9.0);
    return (0.62 + opening + closing) / (0.62 + 2.45 / 14.0 + 0.95 / 9.0);
}

double token_volume_curve(UnixNanos at) noexcept {
    std::int64_t const minute_of_day = at.ns % kNanosPerDay / kNanosPerMinute;
    double const hour = static_cast<double>(minute_of_day) / 60.0;
    double const pi = std::numbers::pi;
    // One swell through Europe into the US, one smaller in Asia.
    double const day =
        1.0 + 0.34 * std::cos((hour - 15.0) * pi / 12.0) + 0.12 * std::cos((hour - 2.0) * pi / 6.0);
    double const first_five = minute_of_day % 60 < 5 ? 1.18 : 1.0;
    std::int64_t const weekday = (at.ns / kNanosPerDay + 4) % 7;  // 0 = Sunday
    bool const weekend = weekday == 0 || weekday == 6;
    return day * first_five * (weekend ? 0.70 : 1.0);
}

Price price_at(const InstrumentProfile& profile, double x) noexcept {
    double const price = profile.base_price * std::exp(profile.range * x);
    std::int64_t const ticks = std::llround(price * 1e9 / static_cast<double>(profile.tick));
    return Price{std::max<std::int64_t>(1, ticks) * profile.tick};
}

Profiles make_profiles(const MarketConfig& config) {
    if (config.registry == nullptr || config.calendars == nullptr) {
        throw std::runtime_error("the simulated market needs a registry and calendars");
    }
    if (config.history_sessions < 5 || config.history_sessions > 60) {
        throw std::runtime_error("history_sessions must be 5..60");
    }
    if (!(config.noise >= 0.0 && config.noise <= 3.0)) {
        throw std::runtime_error("noise must be 0..3");
    }
    const Calendar& xnys = config.calendars->of(Market::Xnys);
    std::int32_t const d = config.date;
    std::optional<TradingSession> live;
    for (std::optional<TradingSession> s = xnys.after(UnixNanos{0}); s && s->date <= d;) {
        if (s->date == d) live = s;
        s = xnys.after(s->open);
    }
    if (!live) {
        throw std::runtime_error("there is no XNYS session on " + std::to_string(d));
    }
    Profiles profiles;
    profiles.live = *live;
    profiles.start = UnixNanos{live->open.ns - 30 * kNanosPerMinute};
    profiles.end = UnixNanos{live->close.ns + 6 * kNanosPerMinute};
    for (const Instrument& row : config.registry->instruments()) {
        profiles.instruments.push_back(make_instrument(config, row, *live, profiles.start));
    }
    for (const Feed& feed : config.registry->feeds()) {
        profiles.feeds.push_back(make_feed(*config.registry, feed, profiles));
    }
    if (profiles.feeds.empty()) {
        throw std::runtime_error("no instrument has a feed: there is nothing to play");
    }
    return profiles;
}

}  // namespace spill::sim
