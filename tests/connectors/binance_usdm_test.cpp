#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "connectors/registry.hpp"
#include "tests/support/frames.hpp"

using namespace spill;

TEST_CASE("binance usd-m contracts speak the spot protocol and are derivatives") {
    VenueSpec const* const spec = find_venue_spec("binance-usdm");
    REQUIRE(spec != nullptr);
    CHECK(spec->coverage == Coverage::Derivative);
    CHECK(spec->continuity == Continuity::Ids);
    CHECK(spec->host != find_venue_spec("binance")->host);
    auto const codec = spec->make_codec();
    CHECK(test::decoded(*codec, R"({"stream":"intcusdt@aggTrade","data":{"e":"aggTrade",)"
                                R"("E":1700000000009,"s":"INTCUSDT","a":9,"p":"31.25","q":"10",)"
                                R"("nq":"10","f":100,"l":104,"T":1700000000004,"m":true}})") ==
          "trade | INTCUSDT 31.25 10 sell 1700000000004000000 9 live fills=100..104");
}
