#include "connectors/simulator/market.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "connectors/simulator/profile.hpp"
#include "connectors/simulator/rng.hpp"
#include "connectors/simulator/scenario.hpp"

namespace spill {

using namespace sim;  // NOLINT: the parts of this simulator
namespace {

constexpr std::int64_t kSlot = 5 * kNanosPerMinute;
constexpr double kSizeSd = 1.2;       // of ln(print size)
constexpr double kRoundShare = 0.30;  // prints of 1, 2 or 5 x 10^k
constexpr double kHalfSpread = 0.00008;
constexpr double kSecond = 1.0 / 60.0;  // in minutes

// The nearest of 1, 2, 5 x 10^k in logarithm.
double round_size(double size) {
    double const exponent = std::floor(std::log10(size));
    double const unit = std::pow(10.0, exponent);
    double const m = size / unit;
    if (m < 1.414) return unit;
    if (m < 3.162) return 2.0 * unit;
    if (m < 7.071) return 5.0 * unit;
    return 10.0 * unit;
}

struct InstrumentRun {
    Rng rng{0};
    double own = 0.0;  // unit mean-reverting noise
    double day = 0.0, slow = 0.0;
    double volume = 1.0;  // noise multiple of the current slot
    double x = 0.0;
    double lean = 0.0;  // smoothed recent change of x, decides who is the aggressor
};

struct FeedRun {
    Rng rng{0};
    double venue = 1.0;  // noise multiple of the current slot
    std::uint64_t next_id = 0;
};

}  // namespace

class SimMarket::Impl {
public:
    explicit Impl(MarketConfig config)
        : config_(std::move(config)),
          profiles_(make_profiles(config_)),
          plan_(make_plan(config_, profiles_)),
          now_(profiles_.start),
          common_token_(config_.seed, "live common token"),
          common_chip_(config_.seed, "live common chip") {
        for (InstrumentProfile const& profile : profiles_.instruments) {
            InstrumentRun state;
            state.rng = Rng(config_.seed, "live " + name_of(profile.id));
            VolumeNoise const noise = volume_noise(profile.token, config_.noise);
            state.day = noise.day * state.rng.normal();
            state.slow = noise.slow * state.rng.normal();
            instruments_.push_back(state);
        }
        for (FeedProfile const& profile : profiles_.feeds) {
            FeedRun state;
            std::string const key = "live feed " + std::to_string(profile.id.value);
            state.rng = Rng(config_.seed, key);
            state.next_id = 1'000'000 + state.rng.below(900'000'000);
            feeds_.push_back(state);
        }
        swing_side_ = common_chip_.chance(0.5) ? 1.0 : -1.0;
    }

    bool next_second(std::vector<SimTrade>& out);

    MarketConfig config_;
    Profiles profiles_;
    DayPlan plan_;
    UnixNanos now_;

private:
    const std::string& name_of(InstrumentId id) const {
        return config_.registry->instrument(id).name;
    }
    void begin_slot();
    void move(InstrumentProfile const& profile, double minute);
    double planned_volume(InstrumentProfile const& profile, double minute) const noexcept;
    void trade(FeedProfile const& feed, double minute, std::vector<SimTrade>& out);
    void wash(Wash const& wash, double minute, std::vector<SimTrade>& out);
    void block(Block const& block, std::vector<SimTrade>& out);
    void disturb(double minute, std::vector<SimTrade>& out);
    SimTrade print(FeedProfile const& feed, double base_size, std::int64_t offset_ns);

    Rng common_token_, common_chip_;
    double token_factor_ = 0.0, chip_factor_ = 0.0;
    double swing_side_ = 1.0;
    std::vector<InstrumentRun> instruments_;
    std::vector<FeedRun> feeds_;
};

void SimMarket::Impl::begin_slot() {
    for (InstrumentProfile const& profile : profiles_.instruments) {
        InstrumentRun& state = instruments_[profile.id.value];
        VolumeNoise const noise = volume_noise(profile.token, config_.noise);
        double const gain = plan_.instruments[profile.id.value].volume_noise;
        double const a = noise.slow_memory;
        state.slow = a * state.slow + noise.slow * std::sqrt(1.0 - a * a) * state.rng.normal();
        double const log = gain * (state.day + state.slow + noise.fast * state.rng.normal());
        double const variance =
            gain * gain *
            (noise.day * noise.day + noise.slow * noise.slow + noise.fast * noise.fast);
        state.volume = std::exp(log - 0.5 * variance);
    }
    for (FeedProfile const& feed : profiles_.feeds) {
        InstrumentProfile const& profile = profiles_.instruments[feed.instrument.value];
        double const gain = plan_.instruments[feed.instrument.value].volume_noise;
        FeedRun& state = feeds_[feed.id.value];
        state.venue = state.rng.lognormal(gain * volume_noise(profile.token, config_.noise).venue);
    }
}

double SimMarket::Impl::planned_volume(InstrumentProfile const& profile,
                                       double minute) const noexcept {
    InstrumentPlan const& plan = plan_.instruments[profile.id.value];
    if (!plan.volume.empty()) return plan.volume.at(minute, 1.0);
    return profile.token ? 1.0 : plan_.chip_volume.at(minute, 1.0);
}

// One second of an instrument's price. Chips trace the opening range in the first five minutes,
// wide enough that noise alone does not leave it later.
void SimMarket::Impl::move(InstrumentProfile const& profile, double minute) {
    InstrumentRun& state = instruments_[profile.id.value];
    InstrumentPlan const& plan = plan_.instruments[profile.id.value];
    PathNoise const noise = path_noise(profile.token);
    double const shared = profile.benchmark ? 1.0 : common_weight(profile.token);
    double const multiple = state.volume * planned_volume(profile, minute);
    // The shared part keeps its own variance, so an instrument's own part carries what is left.
    double const own_share = 1.0 - shared * shared;
    double const wanted = std::pow(multiple, plan.variance_exponent) - shared * shared;
    double const gain = profile.benchmark ? 0.0 : std::sqrt(std::max(0.1, wanted / own_share));
    state.own += -state.own * kSecond / noise.tau_minutes +
                 gain * std::sqrt(2.0 * kSecond / noise.tau_minutes) * state.rng.normal();
    double const factor = profile.token ? token_factor_ : chip_factor_;
    double const unit = shared * factor + std::sqrt(own_share) * state.own;
    double x =
        plan.path_noise * squash(noise.sd * unit, plan.loose ? 2.0 * noise.bound : noise.bound);
    if (profile.token) {
        // Tokens follow the benchmark with a beta of one; their range is twice as wide.
        x += (profile.benchmark ? 1.0 : 0.5) * plan_.btc.at(minute);
        x += plan.path.at(minute);
        const Instrument& row = config_.registry->instrument(profile.id);
        if (plan_.moving_bucket.valid() && row.parent == plan_.moving_bucket) {
            x += plan_.bucket.at(minute);
        }
    } else {
        x *= std::clamp((minute + 2.0) / 15.0, 0.1, 1.0);
        x += plan_.chip_offset(profile.id, minute);
        bool const own_open = !plan.path.empty() && plan.path.first_minute() < 5.0;
        if (profile.live_session && !own_open && minute > 0.0 && minute < 5.0) {
            double const phase = minute / 5.0;
            double const wave = phase < 0.25   ? 4.0 * phase
                                : phase < 0.75 ? 2.0 - 4.0 * phase
                                               : 4.0 * phase - 4.0;
            x += swing_side_ * kOpeningSwing * wave;
        }
    }
    state.lean = 0.98 * state.lean + (x - state.x);
    state.x = x;
}

SimTrade SimMarket::Impl::print(FeedProfile const& feed, double base_size, std::int64_t offset_ns) {
    InstrumentProfile const& profile = profiles_.instruments[feed.instrument.value];
    InstrumentRun const& instrument = instruments_[feed.instrument.value];
    FeedRun& state = feeds_[feed.id.value];
    SimTrade trade;
    trade.ts = UnixNanos{now_.ns + offset_ns - offset_ns % 1'000'000};
    trade.feed = feed.id;
    double const lean = std::clamp(instrument.lean / 0.02, -1.0, 1.0);
    bool const buy = state.rng.chance(0.5 + 0.22 * lean);
    trade.aggressor = buy ? Aggressor::Buy : Aggressor::Sell;
    double const half = (buy ? kHalfSpread : -kHalfSpread) / profile.range;
    trade.price = price_at(profile, instrument.x + half);
    double const steps =
        std::round(base_size * feed.to_venue * 1e9 / static_cast<double>(feed.size_step));
    trade.size =
        Quantity{std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)) * feed.size_step};
    trade.id = state.next_id++;
    return trade;
}

void SimMarket::Impl::trade(FeedProfile const& feed, double minute, std::vector<SimTrade>& out) {
    InstrumentProfile const& profile = profiles_.instruments[feed.instrument.value];
    InstrumentRun const& instrument = instruments_[feed.instrument.value];
    FeedRun& state = feeds_[feed.id.value];
    double const curve = profile.token ? token_volume_curve(now_)
                         : profile.live_session
                             ? chip_volume_curve(minute, profiles_.close_minute())
                             : 0.06;
    double const multiple =
        curve * instrument.volume * state.venue * planned_volume(profile, minute);
    double rate = feed.trades_per_minute * std::clamp(std::sqrt(multiple), 0.25, 4.0);
    // The opening swing is traced by enough prints for a causal tick filter to follow.
    if (profile.live_session && !profile.token && minute >= 0.0 && minute < 5.0) {
        rate = std::max(rate, 45.0);
    }
    double const per_minute = feed.volume_5m * multiple / 5.0;
    int const count = state.rng.poisson(rate * kSecond);
    for (int i = 0; i < count; ++i) {
        double size = per_minute / rate * state.rng.lognormal(kSizeSd);
        if (state.rng.chance(kRoundShare)) size = round_size(size * feed.to_venue) / feed.to_venue;
        auto const at = static_cast<std::int64_t>(state.rng.below(1'000)) * 1'000'000;
        out.push_back(print(feed, size, at));
    }
}

// Made-up volume: prints at the going price, by style in equal pairs, one size, or lifelike.
void SimMarket::Impl::wash(Wash const& wash, double minute, std::vector<SimTrade>& out) {
    double const multiple = wash.multiple.at(minute);
    if (multiple <= 0.0) return;
    FeedProfile const& feed = profiles_.feeds[wash.feed.value];
    Rng& rng = feeds_[wash.feed.value].rng;
    double const per_second = feed.volume_5m * token_volume_curve(now_) * multiple / 300.0;
    double const rate = feed.trades_per_minute * 2.0 * kSecond;
    int const count = rng.poisson(rate);
    for (int i = 0; i < count; ++i) {
        double size = per_second / rate;
        auto const at = static_cast<std::int64_t>(rng.below(800)) * 1'000'000;
        switch (wash.style) {
            case WashStyle::UniformPairs: {
                size *= 0.5 * rng.uniform(0.5, 1.5);
                SimTrade const first = print(feed, size, at);
                SimTrade second = print(feed, size, at + 100'000'000);
                second.aggressor =
                    first.aggressor == Aggressor::Buy ? Aggressor::Sell : Aggressor::Buy;
                out.push_back(first);
                out.push_back(second);
                break;
            }
            case WashStyle::FixedSizes: out.push_back(print(feed, size, at)); break;
            case WashStyle::Mimic:
                size *= rng.lognormal(kSizeSd);
                if (rng.chance(kRoundShare))
                    size = round_size(size * feed.to_venue) / feed.to_venue;
                out.push_back(print(feed, size, at));
                break;
        }
    }
}

void SimMarket::Impl::block(Block const& block, std::vector<SimTrade>& out) {
    if (profiles_.time_at(block.minute) != now_) return;
    FeedProfile const& feed = profiles_.feeds[block.feed.value];
    double hour = 0.0;
    for (FeedId const id : config_.registry->instrument(feed.instrument).feeds) {
        hour += 12.0 * profiles_.feeds[id.value].volume_5m * token_volume_curve(now_);
    }
    out.push_back(print(feed, block.hours * hour, 500'000'000));
}

void SimMarket::Impl::disturb(double minute, std::vector<SimTrade>& out) {
    for (Disturbance const& fault : plan_.disturbances) {
        if (minute < fault.from || minute >= fault.to) continue;
        Rng& rng = feeds_[fault.feed.value].rng;
        std::vector<SimTrade> twice;
        auto const mine = [&](const SimTrade& trade) { return trade.feed == fault.feed; };
        switch (fault.kind) {
            case Disturbance::Kind::Silence: std::erase_if(out, mine); break;
            case Disturbance::Kind::BadTicks:
                for (SimTrade& trade : out) {
                    if (!mine(trade) || !rng.chance(1.0 / 200.0)) continue;
                    std::int64_t const tick =
                        profiles_.instruments[profiles_.feeds[trade.feed.value].instrument.value]
                            .tick;
                    std::int64_t const away = trade.price.nanos / 20;
                    trade.price.nanos += (rng.chance(0.5) ? 1 : -1) * (away - away % tick);
                }
                break;
            case Disturbance::Kind::Disordered:
                for (SimTrade& trade : out) {
                    if (!mine(trade)) continue;
                    if (rng.chance(0.05)) {
                        trade.ts.ns -= static_cast<std::int64_t>(rng.below(1'500)) * 1'000'000;
                    }
                    if (rng.chance(0.05)) twice.push_back(trade);
                }
                out.insert(out.end(), twice.begin(), twice.end());
                break;
        }
    }
}

bool SimMarket::Impl::next_second(std::vector<SimTrade>& out) {
    out.clear();
    if (now_ >= profiles_.end) return false;
    if (now_ == profiles_.start || now_.ns % kSlot == 0) begin_slot();
    double const minute = profiles_.minute_at(now_);
    auto const step = [](double& factor, double tau, Rng& rng) {
        factor += -factor * kSecond / tau + std::sqrt(2.0 * kSecond / tau) * rng.normal();
    };
    step(token_factor_, path_noise(true).tau_minutes, common_token_);
    step(chip_factor_, path_noise(false).tau_minutes, common_chip_);
    for (InstrumentProfile const& profile : profiles_.instruments) {
        if (profile.played) move(profile, minute);
    }
    for (FeedProfile const& feed : profiles_.feeds) trade(feed, minute, out);
    for (Wash const& row : plan_.washes) wash(row, minute, out);
    for (Block const& row : plan_.blocks) block(row, out);
    // Ids ascend with time on every feed; faults come after that.
    std::ranges::sort(out, [](const SimTrade& a, const SimTrade& b) {
        return std::tuple(a.feed, a.ts, a.id) < std::tuple(b.feed, b.ts, b.id);
    });
    for (std::size_t i = 0; i < out.size();) {
        std::size_t end = i;
        while (end < out.size() && out[end].feed == out[i].feed) ++end;
        std::uint64_t id = feeds_[out[i].feed.value].next_id - (end - i);
        for (; i < end; ++i) out[i].id = id++;
    }
    std::ranges::sort(out, [](const SimTrade& a, const SimTrade& b) {
        return std::tuple(a.ts, a.feed, a.id) < std::tuple(b.ts, b.feed, b.id);
    });
    if (!plan_.disturbances.empty()) disturb(minute, out);
    now_.ns += kNanosPerSecond;
    return true;
}

SimMarket::SimMarket(MarketConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
SimMarket::~SimMarket() = default;

std::vector<Event> SimMarket::history() const {
    return make_history(impl_->config_, impl_->profiles_);
}
UnixNanos SimMarket::live_start() const noexcept { return impl_->profiles_.start; }
UnixNanos SimMarket::live_end() const noexcept { return impl_->profiles_.end; }
UnixNanos SimMarket::now() const noexcept { return impl_->now_; }
bool SimMarket::next_second(std::vector<SimTrade>& out) { return impl_->next_second(out); }
std::span<const Planted> SimMarket::truth() const noexcept { return impl_->plan_.truth; }
const MarketConfig& SimMarket::config() const noexcept { return impl_->config_; }

}  // namespace spill
