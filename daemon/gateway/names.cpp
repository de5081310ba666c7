#include "daemon/gateway/names.hpp"

#include <algorithm>

#include "daemon/nearest.hpp"

namespace spill {

bool Names::refuse(Kind kind, std::string_view written, const std::vector<std::string_view>& known,
                   Rejection& rejection) const {
    rejection.code = kind.code;
    rejection.message = std::string(kind.what).append(" is not known: ").append(excerpt(written));
    rejection.nearest = std::string(nearest(written, known));
    return false;
}

// The first part of a key is the name of an instrument or a group.
bool Names::check_keys(const SubscriberRequest& request, Rejection& rejection) const {
    for (const std::string& key : request.keys) {
        std::string_view const name = std::string_view(key).substr(0, key.find_first_of("|@"));
        if (registry_->find_instrument(name) != nullptr || registry_->find_group(name) != nullptr) {
            continue;
        }
        std::vector<std::string_view> known;
        for (const Instrument& row : registry_->instruments()) known.push_back(row.name);
        for (const Group& row : registry_->groups()) known.push_back(row.name);
        return refuse({"unknown_key", "key"}, name, known, rejection);
    }
    return true;
}

bool Names::stands_in(const Instrument& instrument, GroupId group) const {
    const Instrument& row =
        instrument.proxy_for.valid() ? registry_->instrument(instrument.proxy_for) : instrument;
    return row.group == group || row.parent == group;
}

bool Names::add_group(std::string_view name, bool tokens, SubscriberRequest& request,
                      Rejection& rejection) const {
    const Group* const group = registry_ == nullptr ? nullptr : registry_->find_group(name);
    if (group == nullptr || group->tokens != tokens) {
        std::vector<std::string_view> known;
        if (registry_ != nullptr) {
            for (const Group& row : registry_->groups()) {
                if (row.tokens == tokens) known.push_back(row.name);
            }
        }
        return tokens ? refuse({"unknown_bucket", "bucket"}, name, known, rejection)
                      : refuse({"unknown_basket", "basket"}, name, known, rejection);
    }
    auto const add = [&](const std::string& key) {
        auto& keys = request.keys;
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    };
    for (const Group& row : registry_->groups()) {
        if (row.id == group->id || row.parent == group->id) add(row.name);
    }
    for (const Instrument& row : registry_->instruments()) {
        if (stands_in(row, group->id)) add(row.name);
    }
    return true;
}

bool Names::resolve(SubscriberRequest& request, Rejection& rejection) const {
    if (registry_ != nullptr && !check_keys(request, rejection)) return false;
    for (const std::string& name : request.instruments) {
        if (registry_ != nullptr && registry_->find_instrument(name) == nullptr) {
            std::vector<std::string_view> known;
            for (const Instrument& row : registry_->instruments()) known.push_back(row.name);
            return refuse({"unknown_instrument", "instrument"}, name, known, rejection);
        }
        request.keys.push_back(name);
    }
    for (const std::string& name : request.baskets) {
        if (!add_group(name, false, request, rejection)) return false;
    }
    for (const std::string& name : request.buckets) {
        if (!add_group(name, true, request, rejection)) return false;
    }
    if (request.keys.size() <= kMaxFilterKeys) return true;
    rejection.code = "too_many_keys";
    rejection.message = "at most 256 keys, those of the groups included";
    return false;
}

}  // namespace spill
