// What one subscriber wants: for every signal type nothing, everything, or some keys.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gateway/protocol.hpp"
#include "daemon/gateway/state_words.hpp"

namespace spill {

class SignalFilter {
public:
    // Adds `keys` of `types` (no keys = all of them). False, changing nothing, when a type would
    // have more than kMaxFilterKeys keys. Keys of a type that is wanted whole are already in it.
    [[nodiscard]] bool add(TypeMask types, std::span<const std::string> keys);

    // Takes them out again. False, changing nothing, when keys are named of a type that is wanted
    // whole or not at all.
    [[nodiscard]] bool remove(TypeMask types, std::span<const std::string> keys);

    // Thresholds of `request` for its types; a later request replaces those of an earlier one.
    void set_thresholds(const SubscriberRequest& request) noexcept;

    [[nodiscard]] bool matches(SignalType type, std::string_view key) const noexcept;
    // True when the signal is worth enough. What ends passes min_score whatever its score, and a
    // signal without a score has none to fail by.
    [[nodiscard]] bool worthy(SignalType type, const SignalWorth& worth) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return wanted_ == 0; }

private:
    TypeMask wanted_ = 0;  // types of which anything is wanted
    TypeMask whole_ = 0;   // types of which everything is wanted
    std::array<std::vector<std::string>, kSignalTypes> keys_;
    std::array<std::uint8_t, kSignalTypes> min_rank_{};
    std::array<float, kSignalTypes> min_score_{};  // meaningful where has_min_score_
    TypeMask has_min_score_ = 0;
};

}  // namespace spill
