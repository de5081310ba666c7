#include "core/tape_quality.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "core/feature.hpp"

namespace spill {
namespace {

// Spreads sizes over the bins. Multiples of one lot must not clump, so the bits are mixed twice
// (multiply and fold) before the top eight are taken.
std::size_t bin_of(std::int64_t units) noexcept {
    constexpr std::uint64_t kFirst = 0xBF58'476D'1CE4'E5B9ULL;
    constexpr std::uint64_t kSecond = 0x94D0'49BB'1331'11EBULL;
    auto x = static_cast<std::uint64_t>(units);
    x = (x ^ (x >> 30U)) * kFirst;
    x = (x ^ (x >> 27U)) * kSecond;
    return static_cast<std::size_t>(x >> 56U);
}

constexpr std::array<std::int64_t, 19> kPowersOfTen = [] {
    std::array<std::int64_t, 19> out{1};
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = 10 * out[i - 1];
    return out;
}();

// The largest power of ten that is not above `units`. REQUIRES units > 0.
std::int64_t leading_power(std::int64_t units) noexcept {
    // 1233 / 4096 is log10(2) from below: the guess is right or one too large.
    auto const bits = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(units)));
    std::size_t const guess = bits * 1233 / 4096;
    return kPowersOfTen[guess] > units ? kPowersOfTen[guess - 1] : kPowersOfTen[guess];
}

bool opposite(Aggressor a, Aggressor b) noexcept {
    return a != Aggressor::Unknown && b != Aggressor::Unknown && a != b;
}

}  // namespace

int first_digit(std::int64_t units) noexcept {
    if (units <= 0) return 0;
    return static_cast<int>(units / leading_power(units));
}

bool is_round(std::int64_t units) noexcept {
    if (units <= 0) return false;
    std::int64_t const power = leading_power(units);
    return units == power || units == 2 * power || units == 5 * power;
}

std::optional<TapeFlags> tape_flags(const TapeSample& sample, const TapeCalm& calm,
                                    const TapeParams& params) noexcept {
    if (sample.trades < static_cast<std::uint64_t>(params.min_trades) || sample.trades == 0) {
        return std::nullopt;
    }
    auto const n = static_cast<double>(sample.trades);
    double const root = std::sqrt(n);
    TapeFlags out;
    out.trades = sample.trades;
    for (std::size_t i = 0; i < sample.digits.size(); ++i) {
        out.tv += std::abs(static_cast<double>(sample.digits[i]) / n - calm.digits[i]);
    }
    out.tv *= 0.5;
    out.modal_share = static_cast<double>(sample.modal) / n;
    out.round_share = static_cast<double>(sample.round) / n;
    if (sample.volume > 0.0) out.pair_share = std::min(sample.pair_volume / sample.volume, 1.0);

    out.f_digit = ramp(out.tv - params.digit_null / root, {params.digit_lo, params.digit_hi});
    out.f_size = ramp(out.modal_share - calm.modal, {params.modal_lo, params.modal_hi});
    out.f_round = ramp(std::abs(out.round_share - calm.round) - params.round_null / root,
                       {params.round_lo, params.round_hi});
    out.f_pair = ramp(out.pair_share - calm.pair, {params.pair_lo, params.pair_hi});
    out.f_tape = std::max({out.f_digit, out.f_size, out.f_round, out.f_pair});
    return out;
}

void TapeQuality::add(Quantity size, Aggressor aggressor) noexcept {
    Slot& slot = slots_[current_];
    double const units = size.to_double();
    auto const digit = static_cast<std::size_t>(std::clamp(first_digit(size.nanos), 1, 9) - 1);
    ++slot.trades;
    ++slot.digits[digit];
    std::uint16_t& bin = slot.sizes[bin_of(size.nanos)];
    if (bin < std::numeric_limits<std::uint16_t>::max()) ++bin;
    if (is_round(size.nanos)) ++slot.round;
    slot.volume += units;
    slot.largest = std::max(slot.largest, units);
    if (last_size_ == size.nanos && opposite(last_aggressor_, aggressor)) {
        slot.pair_volume += 2.0 * units;
    }
    last_size_ = size.nanos;
    last_aggressor_ = aggressor;
}

void TapeQuality::close_slot() noexcept {
    current_ = (current_ + 1) % kSlots;
    slots_[current_] = Slot{};
}

void TapeQuality::learn_hour(const TapeParams& params) noexcept {
    if (sample().trades < static_cast<std::uint64_t>(params.min_trades)) return;
    double const keep = std::pow(0.5, 1.0 / params.half_life_hours);
    auto const keep_size = static_cast<float>(keep);
    for (std::size_t i = 0; i < kSizes; ++i) {
        std::uint32_t hour = 0;
        for (Slot const& slot : slots_) hour += slot.sizes[i];
        calm_.sizes[i] = calm_.sizes[i] * keep_size + static_cast<float>(hour);
    }
    TapeSample const hour = sample();
    for (std::size_t i = 0; i < hour.digits.size(); ++i) {
        calm_.digits[i] = calm_.digits[i] * keep + static_cast<double>(hour.digits[i]);
    }
    calm_.trades = calm_.trades * keep + static_cast<double>(hour.trades);
    calm_.round = calm_.round * keep + static_cast<double>(hour.round);
    calm_.pair_volume = calm_.pair_volume * keep + hour.pair_volume;
    calm_.volume = calm_.volume * keep + hour.volume;
    if (calm_.hours < std::numeric_limits<std::int32_t>::max()) ++calm_.hours;
}

TapeSample TapeQuality::sample() const noexcept {
    TapeSample out;
    std::array<std::uint32_t, kSizes> sizes{};
    for (std::size_t k = 1; k <= kSlots; ++k) {  // oldest first, so that sums have one order
        Slot const& slot = slots_[(current_ + k) % kSlots];
        out.trades += slot.trades;
        out.round += slot.round;
        out.pair_volume += slot.pair_volume;
        out.volume += slot.volume;
        out.largest = std::max(out.largest, slot.largest);
        for (std::size_t i = 0; i < slot.digits.size(); ++i) out.digits[i] += slot.digits[i];
        for (std::size_t i = 0; i < kSizes; ++i) sizes[i] += slot.sizes[i];
    }
    out.modal = *std::max_element(sizes.begin(), sizes.end());
    return out;
}

std::optional<TapeCalm> TapeQuality::calm(const TapeParams& params) const noexcept {
    if (calm_.hours < params.calm_hours || !(calm_.trades > 0.0)) return std::nullopt;
    TapeCalm out;
    for (std::size_t i = 0; i < out.digits.size(); ++i) {
        out.digits[i] = calm_.digits[i] / calm_.trades;
    }
    float const modal = *std::max_element(calm_.sizes.begin(), calm_.sizes.end());
    out.modal = static_cast<double>(modal) / calm_.trades;
    out.round = calm_.round / calm_.trades;
    if (calm_.volume > 0.0) out.pair = std::min(calm_.pair_volume / calm_.volume, 1.0);
    return out;
}

std::optional<TapeFlags> TapeQuality::flags(const TapeParams& params) const noexcept {
    auto const baseline = calm(params);
    if (!baseline) return std::nullopt;
    return tape_flags(sample(), *baseline, params);
}

}  // namespace spill
