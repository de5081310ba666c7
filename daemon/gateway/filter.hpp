// What one subscriber wants: for every signal type nothing, everything, or some keys.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gateway/protocol.hpp"

namespace spill {

class SignalFilter {
public:
    // Adds `keys` of `types` (no keys = all of them). False, changing nothing, when a type would
    // have more than kMaxKeys keys. Keys of a type that is wanted whole are already in it.
    [[nodiscard]] bool add(TypeMask types, std::span<const std::string> keys);

    // Takes them out again. False, changing nothing, when keys are named of a type that is wanted
    // whole or not at all.
    [[nodiscard]] bool remove(TypeMask types, std::span<const std::string> keys);

    [[nodiscard]] bool matches(SignalType type, std::string_view key) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return wanted_ == 0; }

private:
    TypeMask wanted_ = 0;  // types of which anything is wanted
    TypeMask whole_ = 0;   // types of which everything is wanted
    std::array<std::vector<std::string>, kSignalTypes> keys_;
};

}  // namespace spill
