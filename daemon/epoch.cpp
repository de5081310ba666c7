#include "daemon/epoch.hpp"

#include <array>
#include <random>

namespace spill {

std::string new_epoch() {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::random_device source;
    std::string text;
    for (int word = 0; word < 2; ++word) {
        std::uint32_t bits = source();
        for (int digit = 0; digit < 8; ++digit) {
            text += kHex[bits & 15U];
            bits >>= 4U;
        }
    }
    return text;
}

std::uint64_t seed_from(std::string_view epoch) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char const c : epoch) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return hash;
}

}  // namespace spill
