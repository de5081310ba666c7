// Which names a subscriber may use: instruments, baskets, buckets, and what stands in a group.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "daemon/gateway/protocol.hpp"

namespace spill {

class Names {
public:
    // Without a registry every key is taken as it is and no group is known.
    explicit Names(const Registry* registry) : registry_(registry) {}

    // Checks the names of `request` and puts what its groups and instruments stand for into
    // request.keys. False with `rejection` filled when a name is not known.
    [[nodiscard]] bool resolve(SubscriberRequest& request, Rejection& rejection) const;

private:
    struct Kind {
        const char* code;
        const char* what;
    };
    [[nodiscard]] bool refuse(Kind kind, std::string_view written,
                              const std::vector<std::string_view>& known,
                              Rejection& rejection) const;
    [[nodiscard]] bool check_keys(const SubscriberRequest& request, Rejection& rejection) const;
    [[nodiscard]] bool add_group(std::string_view name, bool tokens, SubscriberRequest& request,
                                 Rejection& rejection) const;
    [[nodiscard]] bool stands_in(const Instrument& instrument, GroupId group) const;

    const Registry* registry_;
};

}  // namespace spill
