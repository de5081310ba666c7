#include "daemon/config_yaml.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("every node knows where it stands") {
    YamlResult const result = parse_yaml("a: 1\nb:\n  - x\n  - {c: \"2\"}\nd:\n");
    REQUIRE_FALSE(result.fault.has_value());
    YamlNode const& root = result.root;
    REQUIRE(root.kind == YamlNode::Kind::Map);
    REQUIRE(root.keys.size() == 3);
    CHECK(root.keys[1].text == "b");
    CHECK(root.keys[1].place == Place{.line = 2, .column = 1});
    CHECK(root.items[0].place == Place{.line = 1, .column = 4});
    CHECK_FALSE(root.items[0].quoted);
    YamlNode const& list = root.items[1];
    REQUIRE(list.kind == YamlNode::Kind::List);
    CHECK(list.items[0].place == Place{.line = 3, .column = 5});
    CHECK(list.items[1].keys[0].place == Place{.line = 4, .column = 6});
    CHECK(list.items[1].items[0].text == "2");
    CHECK(list.items[1].items[0].quoted);
    CHECK(root.items[2].kind == YamlNode::Kind::Null);
}

TEST_CASE("an alias is a copy of what it points to") {
    YamlResult const result = parse_yaml("a: &x {b: 1}\nc: *x\n");
    REQUIRE_FALSE(result.fault.has_value());
    CHECK(result.root.items[1].items[0].text == "1");
    CHECK(result.root.items[1].place == Place{.line = 2, .column = 4});
}

TEST_CASE("a fault has its place and what stands before it is kept") {
    YamlResult const result = parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
    REQUIRE(result.fault.has_value());
    CHECK(result.fault->place.line >= 2);
    REQUIRE(result.root.keys.size() >= 1);
    CHECK(result.root.keys[0].text == "a");
    CHECK(result.root.keys.size() == result.root.items.size());
    CHECK(parse_yaml("a:\n\t- b\n").fault.has_value());
    CHECK(parse_yaml("*nothing").fault.has_value());
    CHECK(parse_yaml("a: 1\n---\nb: 2\n").fault->message == "a second document; only one is read");
    CHECK(parse_yaml("{[a]: 1}").fault->message == "a key must be a plain word");
}

TEST_CASE("aliases that multiply are stopped") {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        std::string const last = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int copies = 1; copies < 10; ++copies) text += ", " + last;
        text += "]\n";
    }
    YamlResult const result = parse_yaml(text);
    REQUIRE(result.fault.has_value());
    CHECK(result.fault->message == "too many values");
}

TEST_CASE("deep, large and binary text is refused without a crash") {
    CHECK(parse_yaml(std::string(100'000, '[')).fault.has_value());
    CHECK(parse_yaml(std::string(kMaxYamlBytes + 1, ' ')).fault.has_value());
    std::string const bytes("a: \0\x01\xff", 6);
    YamlResult const result = parse_yaml(bytes);
    CHECK(result.root.keys.size() == result.root.items.size());
    CHECK_FALSE(parse_yaml("").fault.has_value());
}
