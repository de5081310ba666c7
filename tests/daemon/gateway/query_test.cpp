#include "daemon/gateway/query.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace spill;

namespace {

// "ok", or what is wrong.
std::string read(const std::string& target, Query* out = nullptr) {
    Query query;
    std::string why;
    bool const good = parse_query(target, query, why);
    if (out != nullptr) *out = query;
    CHECK(good == why.empty());
    return good ? "ok" : why;
}

}  // namespace

TEST_CASE("a query is read with its defaults and its escapes") {
    Query query;
    CHECK(read("/v1/signals", &query) == "ok");
    CHECK(query.after == 0);
    CHECK(query.limit == 100);
    CHECK(query.types == kAllTypes);
    CHECK(read("/v1/signals?after=7&type=volume,breakout&limit=1000&key=MU%7cPD", &query) == "ok");
    CHECK(query.after == 7);
    CHECK(query.limit == 1000);
    CHECK(query.types == (type_bit(SignalType::Volume) | type_bit(SignalType::Breakout)));
    CHECK(query.key == "MU|PD");
}

TEST_CASE("a query that is not understood is refused with a reason") {
    CHECK(read("/?aftr=1") == "not known: aftr (did you mean \"after\"?)");
    CHECK(read("/?type=brekout") == "type is not known: brekout (did you mean \"breakout\"?)");
    CHECK(read("/?after=1&after=2") == "after is given twice");
    CHECK(read("/?after") == "after needs a value");
    for (const char* const bad :
         {"/?after=-1", "/?after=", "/?after=1x", "/?after=18446744073709551616", "/?limit=0",
          "/?limit=1001", "/?key=%7", "/?key=%zz", "/?key=%00", "/?type=", "/?=1", "/?&"}) {
        CAPTURE(bad);
        CHECK(read(bad) != "ok");
    }
    CHECK(read("/?key=" + std::string(57, 'k')) != "ok");
}
