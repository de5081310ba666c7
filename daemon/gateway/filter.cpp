#include "daemon/gateway/filter.hpp"

#include <algorithm>

namespace spill {
namespace {

[[nodiscard]] TypeMask bit_of(std::size_t index) noexcept {
    return static_cast<TypeMask>(1U << index);
}

[[nodiscard]] bool contains(const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

bool SignalFilter::add(TypeMask types, std::span<const std::string> keys) {
    auto next = keys_;
    for (std::size_t i = 0; i < next.size(); ++i) {
        if ((types & bit_of(i)) == 0 || (whole_ & bit_of(i)) != 0) continue;
        if (keys.empty()) next[i].clear();
        for (const std::string& key : keys) {
            if (!contains(next[i], key)) next[i].push_back(key);
        }
        if (next[i].size() > kMaxKeys) return false;
    }
    keys_ = std::move(next);
    wanted_ |= types;
    if (keys.empty()) whole_ |= types;
    return true;
}

bool SignalFilter::remove(TypeMask types, std::span<const std::string> keys) {
    if (!keys.empty() && ((whole_ & types) != 0 || (wanted_ & types) != types)) return false;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if ((types & bit_of(i)) == 0) continue;
        std::erase_if(keys_[i], [&](const std::string& key) {
            return keys.empty() || std::find(keys.begin(), keys.end(), key) != keys.end();
        });
        if (keys_[i].empty()) wanted_ &= static_cast<TypeMask>(~bit_of(i));
    }
    whole_ &= wanted_;
    return true;
}

bool SignalFilter::matches(SignalType type, std::string_view key) const noexcept {
    TypeMask const bit = type_bit(type);
    if ((wanted_ & bit) == 0) return false;
    if ((whole_ & bit) != 0) return true;
    auto const& keys = keys_[static_cast<std::size_t>(type)];
    return std::any_of(keys.begin(), keys.end(),
                       [&](const std::string& wanted) { return key_matches(wanted, key); });
}

}  // namespace spill
