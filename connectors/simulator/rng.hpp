// A generator whose numbers are the same with every compiler and library.
//
// xoshiro256** seeded by splitmix64, both from the published algorithms (public domain); the
// distributions are our own since those of the standard library differ between implementations.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace spill::sim {

[[nodiscard]] constexpr std::uint64_t splitmix64(std::uint64_t& state) noexcept {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

class Rng {
public:
    explicit constexpr Rng(std::uint64_t seed) noexcept {
        for (std::uint64_t& word : state_) word = splitmix64(seed);
    }
    // An independent stream for one purpose: the same seed and name give the same stream, and
    // adding a stream changes no other.
    constexpr Rng(std::uint64_t seed, std::string_view name) noexcept : Rng(mix(seed, name)) {}

    constexpr std::uint64_t next() noexcept {
        std::uint64_t const result = rotl(state_[1] * 5, 7) * 9;
        std::uint64_t const t = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotl(state_[3], 45);
        return result;
    }
    // [0, 1) with 53 random bits.
    constexpr double uniform() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    constexpr double uniform(double low, double high) noexcept {
        return low + (high - low) * uniform();
    }
    // [0, bound). REQUIRES bound > 0. The bias is below bound / 2^64.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    constexpr bool chance(double probability) noexcept { return uniform() < probability; }
    // Mean 0, sd 1 (Box-Muller; the second value of a pair is kept).
    double normal() noexcept {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        double const radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        double const angle = 6.283185307179586 * uniform();
        spare_ = radius * std::sin(angle);
        has_spare_ = true;
        return radius * std::cos(angle);
    }
    // Mean 1, `sd` of the logarithm.
    double lognormal(double sd) noexcept { return std::exp(sd * normal() - 0.5 * sd * sd); }
    double exponential(double mean) noexcept { return -mean * std::log(1.0 - uniform()); }
    // Number of arrivals with the given mean; exact for the small means of one second.
    int poisson(double mean) noexcept {
        double const limit = std::exp(-mean);
        int count = 0;
        for (double product = uniform(); product > limit && count < 1000; ++count) {
            product *= uniform();
        }
        return count;
    }

private:
    static constexpr std::uint64_t rotl(std::uint64_t x, unsigned by) noexcept {
        return (x << by) | (x >> (64U - by));
    }
    static constexpr std::uint64_t mix(std::uint64_t seed, std::string_view name) noexcept {
        std::uint64_t hash = 0xcbf29ce484222325ULL ^ splitmix64(seed);
        for (char const c : name) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        return hash;
    }
    std::array<std::uint64_t, 4> state_{};
    double spare_ = 0.0;
    bool has_spare_ = false;
};

}  // namespace spill::sim
