#include "connectors/json_text.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace spill;

TEST_CASE("any UTF-8 text survives being written and read") {
    std::string every;
    for (char c = 1; c > 0 && c < 127; ++c) every += c;
    every += "\xE5\xB8\x81";
    std::string json = "[";
    append_json_string(json, every);
    json += ']';
    simdjson::dom::parser parser;
    simdjson::dom::element parsed;
    REQUIRE(parser.parse(json).get(parsed) == simdjson::SUCCESS);
    std::string_view text;
    REQUIRE(parsed.at(0).get(text) == simdjson::SUCCESS);
    CHECK(text == every);
}

TEST_CASE("only what must be escaped is") {
    std::string out;
    append_json_string(out, "a/b\"\\\n");
    CHECK(out == R"("a/b\"\\\u000a")");
}
