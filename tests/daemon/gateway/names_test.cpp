#include "daemon/gateway/names.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

using namespace spill;

namespace {

Registry chips_and_tokens() {
    Registry registry;
    auto const semis = *registry.add_group("semis", GroupId{}, false);
    auto const memory = *registry.add_group("memory", semis, false);
    auto const infra = *registry.add_group("infra", GroupId{}, true);
    Instrument mu;
    mu.name = "MU";
    mu.group = memory;
    mu.parent = semis;
    auto const stock = *registry.add_instrument(mu);
    Instrument proxy;
    proxy.name = "MU.P";
    proxy.proxy_for = stock;
    REQUIRE(registry.add_instrument(proxy).has_value());
    Instrument tao;
    tao.name = "TAO";
    tao.group = tao.parent = infra;
    REQUIRE(registry.add_instrument(tao).has_value());
    return registry;
}

// The keys that a request stands for, or the code of its rejection.
std::vector<std::string> resolve(SubscriberRequest request) {
    static Registry const registry = chips_and_tokens();
    Rejection rejection;
    if (!Names(&registry).resolve(request, rejection)) {
        return {rejection.code, rejection.nearest};
    }
    std::sort(request.keys.begin(), request.keys.end());
    return request.keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a group stands for itself, what is under it and the perpetuals of its stocks") {
    SubscriberRequest request;
    request.baskets = {"semis"};
    CHECK(resolve(request) == Keys{"MU", "MU.P", "memory", "semis"});
    request.buckets = {"infra"};
    request.instruments = {"MU"};
    CHECK(resolve(request) == Keys{"MU", "MU.P", "TAO", "infra", "memory", "semis"});
}

TEST_CASE("a name that nobody knows is rejected with the nearest that is known") {
    SubscriberRequest request;
    request.buckets = {"infre"};
    CHECK(resolve(request) == Keys{"unknown_bucket", "infra"});
    request.buckets = {"memory"};  // a basket
    CHECK(resolve(request)[0] == "unknown_bucket");
    request = {};
    request.baskets = {"memori"};
    CHECK(resolve(request) == Keys{"unknown_basket", "memory"});
    request = {};
    request.instruments = {"MU.Q"};
    CHECK(resolve(request) == Keys{"unknown_instrument", "MU.P"});
    request = {};
    request.keys = {"memroy@XNYS"};
    CHECK(resolve(request) == Keys{"unknown_key", "memory"});
    request.keys = {"TAO@kraken|gap", "MU|PD|up", "semis"};
    CHECK(resolve(request).size() == 3);
}

TEST_CASE("without a registry keys are taken as they are and groups are not known") {
    SubscriberRequest request;
    request.keys = {"anything"};
    Rejection rejection;
    CHECK(Names(nullptr).resolve(request, rejection));
    request.baskets = {"semis"};
    CHECK_FALSE(Names(nullptr).resolve(request, rejection));
}
