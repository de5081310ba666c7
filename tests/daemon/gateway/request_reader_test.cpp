#include "daemon/gateway/request_reader.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

// The answer of a reader: "ok" or the code, with the nearest word if there is one.
std::string read(RequestReader& reader, const std::string& text) {
    SubscriberRequest request;
    Rejection rejection;
    if (reader.read(text, request, rejection)) return "ok";
    CHECK_FALSE(rejection.message.empty());
    return rejection.nearest.empty() ? rejection.code : rejection.code + ">" + rejection.nearest;
}

}  // namespace

TEST_CASE("a request is read with all its parts") {
    RequestReader reader;
    SubscriberRequest request;
    Rejection rejection;
    REQUIRE(reader.read(R"({"types":["volume","breakout"],"keys":["MU"],"id":7,"op":"subscribe"})",
                        request, rejection));
    CHECK(request.op == SubscriberOp::Subscribe);
    CHECK(request.id == 7);
    CHECK(request.types == (type_bit(SignalType::Volume) | type_bit(SignalType::Breakout)));
    CHECK(request.keys == std::vector<std::string>{"MU"});
    REQUIRE(reader.read(R"({"op":"unsubscribe"})", request, rejection));
    CHECK(request.op == SubscriberOp::Unsubscribe);
    CHECK(request.id == -1);
    CHECK(request.types == kAllTypes);
    CHECK(request.keys.empty());
}

TEST_CASE("thresholds, groups and a resume are read") {
    RequestReader reader;
    SubscriberRequest request;
    Rejection rejection;
    REQUIRE(reader.read(R"({"op":"subscribe","min_state":"confirmed","min_score":0.25,)"
                        R"("buckets":["infra"],"baskets":["semis"],"instruments":["MU"],)"
                        R"("snapshot":false})",
                        request, rejection));
    CHECK(request.min_rank[static_cast<std::size_t>(SignalType::Breakout)] == 3);
    CHECK(request.min_rank[static_cast<std::size_t>(SignalType::Volume)] == 2);
    CHECK(request.min_rank[static_cast<std::size_t>(SignalType::Rotation)] == 0);
    CHECK(request.min_score == 0.25);
    CHECK_FALSE(request.snapshot);
    CHECK(request.buckets == std::vector<std::string>{"infra"});
    REQUIRE(reader.read(R"({"op":"resume","epoch":"e1","offset":18446744073709551615})", request,
                        rejection));
    CHECK(request.epoch == "e1");
    CHECK(request.offset == 18446744073709551615ULL);
    CHECK(request.min_rank[0] == 0);
}

TEST_CASE("what is not understood is rejected with a word for it") {
    RequestReader reader;
    struct Case {
        std::string text;
        const char* answer;
    };
    std::string deep;
    for (int i = 0; i < 2000; ++i) deep += "[";
    std::string many = R"({"op":"subscribe","keys":["K")";
    for (int i = 0; i < 64; ++i) many += R"(,"K")";
    for (const Case& row : {
             Case{"", "not_json"},
             Case{"subscribe", "not_json"},
             Case{R"({"op":"subscribe")", "not_json"},
             Case{R"({"op":"subscribe"} x)", "not_json"},
             Case{"{\"op\":\"subscribe\xff\"}", "not_json"},
             Case{deep, "not_json"},
             Case{R"(["subscribe"])", "not_object"},
             Case{"null", "not_object"},
             Case{"{}", "missing_op>subscribe"},
             Case{R"({"op":"subscribe","id":-1})", "wrong_type"},
             Case{R"({"op":"subscribe","id":"1"})", "wrong_type"},
             Case{R"({"op":"subscribe","id":1e3})", "wrong_type"},
             Case{R"({"op":1})", "wrong_type"},
             Case{R"({"op":"subscribed"})", "unknown_op>subscribe"},
             Case{R"({"op":"Subscribe"})", "unknown_op>subscribe"},
             Case{R"({"op":"shutdown"})", "unknown_op"},
             Case{R"({"op":"subscribe","type":["volume"]})", "unknown_field>types"},
             Case{R"({"op":"subscribe","op":"subscribe"})", "duplicate_field"},
             Case{R"({"op":"subscribe","types":[]})", "wrong_type"},
             Case{R"({"op":"subscribe","types":"volume"})", "wrong_type"},
             Case{R"({"op":"subscribe","types":[1]})", "wrong_type"},
             Case{R"({"op":"subscribe","types":["volumes"]})", "unknown_type>volume"},
             Case{R"({"op":"subscribe","types":["volume","brekout"]})", "unknown_type>breakout"},
             Case{R"({"op":"subscribe","types":["xyz"]})", "unknown_type"},
             Case{R"({"op":"subscribe","keys":[]})", "wrong_type"},
             Case{R"({"op":"subscribe","keys":[""]})", "wrong_type"},
             Case{R"({"op":"subscribe","keys":[null]})", "wrong_type"},
             Case{R"({"op":"subscribe","keys":[")" + std::string(57, 'k') + R"("]})", "wrong_type"},
             Case{many + "]}", "too_many_keys"},
             Case{R"({"op":"subscribe","buckets":"infra"})", "wrong_type"},
             Case{R"({"op":"subscribe","min_state":"confirmd"})", "unknown_state>confirmed"},
             Case{R"({"op":"subscribe","types":["rotation"],"min_state":"held"})", "unknown_state"},
             Case{R"({"op":"subscribe","min_score":"high"})", "wrong_type"},
             Case{R"({"op":"subscribe","snapshot":1})", "wrong_type"},
             Case{R"({"op":"subscribe","offset":1})", "wrong_field>resume"},
             Case{R"({"op":"unsubscribe","min_score":0.1})", "wrong_field"},
             Case{R"({"op":"resume","offset":1})", "missing_field"},
             Case{R"({"op":"resume","epoch":"e","offset":-1})", "wrong_type"},
             Case{R"({"op":"resume","epoch":"","offset":1})", "wrong_type"},
         }) {
        CAPTURE(row.text);
        CHECK(read(reader, row.text) == row.answer);
    }
    CHECK(read(reader, R"({"op":"subscribe"})") == "ok");
}

TEST_CASE("a rejection repeats the id and little of the text") {
    RequestReader reader;
    SubscriberRequest request;
    Rejection rejection;
    std::string long_name;
    for (int i = 0; i < 1000; ++i) long_name += "\xC3\xA4";
    CHECK_FALSE(reader.read(R"({"op":")" + long_name + R"(","id":12})", request, rejection));
    CHECK(rejection.id == 12);
    CHECK(rejection.message.size() < 80);
    CHECK(make_reject(rejection).find("\"id\":12") != std::string::npos);
    // Cut between characters: an even number of bytes of two-byte letters.
    std::size_t const start = rejection.message.find('\xC3');
    REQUIRE(start != std::string::npos);
    CHECK((rejection.message.size() - start) % 2 == 0);
}
