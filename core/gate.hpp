// Why a state has not been reached: each condition with its value, its bound and its verdict.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spill {

struct Gate {
    const char* name = "";  // literal with static storage
    double value = 0.0;     // meaningless while `known` is false
    double bound = 0.0;
    bool at_least = true;  // passes when value >= bound; else when value <= bound
    bool known = true;     // false: the value is missing, and a missing value never passes
    bool pass = false;
};

inline constexpr std::size_t kMaxGates = 8;

class Gates {
public:
    // Beyond kMaxGates the gate is dropped.
    void add(const Gate& gate) noexcept {
        if (size_ < kMaxGates) items_[size_++] = gate;
    }
    [[nodiscard]] const Gate* begin() const noexcept { return items_.data(); }
    [[nodiscard]] const Gate* end() const noexcept { return items_.data() + size_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool all_pass() const noexcept {
        for (const Gate& gate : *this) {
            if (!gate.pass) return false;
        }
        return true;
    }

private:
    std::array<Gate, kMaxGates> items_{};
    std::uint8_t size_ = 0;
};

}  // namespace spill
