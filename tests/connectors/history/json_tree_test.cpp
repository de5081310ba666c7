#include "connectors/history/json_tree.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace spill;
using json::TokenType;

TEST_CASE("a tree keeps numbers as they were written and resolves escaped texts") {
    auto const root = rest::read_json(R"( {"a":[1.50, -2e-7 ],"b":{"c":"x\u0041\n"},"d":null} )");
    REQUIRE(root.has_value());
    CHECK(root->field("a").at(0).text == "1.50");
    CHECK(root->field("a").at(1).text == "-2e-7");
    CHECK(root->field("b").field("c").text == "xA\n");
    CHECK(root->field("d").is(TokenType::Null));
}

TEST_CASE("what is not in a tree is absent, however deep one asks") {
    auto const root = rest::read_json("[true,false]");
    REQUIRE(root.has_value());
    CHECK(root->at(0).is(TokenType::True));
    CHECK(root->at(1).is(TokenType::False));
    CHECK(root->at(2).is(TokenType::Absent));
    CHECK(root->field("x").at(3).field("y").is(TokenType::Absent));
}

TEST_CASE("pages of proxies, cut answers and rubbish after the end are no JSON") {
    for (auto const* body : {"", "<html>busy</html>", "[1,2", R"({"a":1)", "[1] 2", "[1,]"}) {
        INFO(body);
        CHECK_FALSE(rest::read_json(body).has_value());
    }
}

TEST_CASE("an answer that nests beyond the bound is refused, not followed") {
    std::string const most(rest::kMaxDepth, '[');
    CHECK(rest::read_json(most + std::string(rest::kMaxDepth, ']')).has_value());
    CHECK_FALSE(rest::read_json("[" + most + std::string(rest::kMaxDepth + 1, ']')).has_value());
    CHECK_FALSE(rest::read_json(std::string(rest::kMaxBodyBytes + 1, ' ')).has_value());
}
