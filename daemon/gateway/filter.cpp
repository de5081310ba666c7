#include "daemon/gateway/filter.hpp"

#include <algorithm>
#include <cmath>

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
        if (next[i].size() > kMaxFilterKeys) return false;
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

void SignalFilter::set_thresholds(const SubscriberRequest& request) noexcept {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if ((request.types & bit_of(i)) == 0) continue;
        min_rank_[i] = request.min_rank[i];
        has_min_score_ &= static_cast<TypeMask>(~bit_of(i));
        if (!request.min_score) continue;
        has_min_score_ |= bit_of(i);
        min_score_[i] = static_cast<float>(*request.min_score);
    }
}

bool SignalFilter::worthy(SignalType type, const SignalWorth& worth) const noexcept {
    auto const i = static_cast<std::size_t>(type);
    if (worth.rank < min_rank_[i]) return false;
    if ((has_min_score_ & bit_of(i)) == 0 || worth.leaving || std::isnan(worth.score)) return true;
    return worth.score >= min_score_[i];
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
