// The shipped file and the printed one: both are made of the field tables.
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/config.hpp"
#include "daemon/config_reader.hpp"
#include "daemon/config_schema.hpp"
#include "daemon/config_yaml.hpp"
#include "daemon/embedded.hpp"

using namespace spill;

namespace {

std::string shipped_text() {
    std::ifstream file(SPILL_SOURCE_DIR "/config.yaml", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

ConfigResult shipped() {
    ConfigResult result = load_config(SPILL_SOURCE_DIR "/config.yaml");
    for (ConfigIssue const& issue : result.issues) MESSAGE(to_string(issue));
    REQUIRE(result.ok());
    return result;
}

YamlNode const* find_path(YamlNode const& root, std::string_view path) {
    YamlNode const* node = &root;
    while (node != nullptr) {
        std::size_t const dot = path.find('.');
        node = find_key(*node, path.substr(0, dot));
        if (dot == std::string_view::npos) return node;
        path.remove_prefix(dot + 1);
    }
    return nullptr;
}

// The comment lines directly above `line`, numbered from 1, as one line of text.
std::string comment_above(std::vector<std::string> const& lines, int line) {
    std::string text;
    for (std::size_t at = static_cast<std::size_t>(line) - 1; at-- > 0;) {
        std::size_t const start = lines[at].find_first_not_of(' ');
        if (start == std::string::npos || lines[at][start] != '#') break;
        text = lines[at].substr(start + 1) + text;
    }
    return text;
}

// All comments, with every run of blanks and '#' as one blank.
std::string all_comments(std::string const& text) {
    std::string out;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (line.find_first_not_of(' ') == std::string::npos) continue;
        if (line[line.find_first_not_of(' ')] != '#') continue;
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            if (word != "#") out += word + " ";
        }
    }
    return out;
}

}  // namespace

TEST_CASE("the shipped configuration has no fault and watches what the story names") {
    Config const config = shipped().config;
    Registry const& registry = config.registry;
    CHECK(registry.venues().size() == 7);
    for (char const* const name :
         {"MU", "000660", "005930", "NVDA", "TAO", "RENDER", "AKT", "FIL", "ICP", "NEAR", "LINK",
          "GRASS", "FET", "VIRTUAL", "WLD", "AIXBT", "BTC", "SPY"}) {
        INFO(name);
        CHECK(registry.find_instrument(name) != nullptr);
    }
    for (Instrument const& row : registry.instruments()) {
        INFO(row.name);
        if (row.role == Role::Token) CHECK_FALSE(row.feeds.empty());
        for (FeedId const feed : row.feeds) {
            if (row.proxy_for.valid()) CHECK(registry.feed(feed).coverage == Coverage::Derivative);
        }
    }
    CHECK(registry.find_instrument("BTC")->feeds.size() == 6);
    CHECK(registry.find_instrument("MU.P")->market == Market::Xnys);
    CHECK(registry.find_instrument("000660.P")->market == Market::Xkrx);
}

TEST_CASE("the shipped configuration is compiled into the program") {
    CHECK(embedded_file("config.yaml") == shipped_text());
}

TEST_CASE("every key stands in the shipped file with its default, unit and range") {
    std::string const text = shipped_text();
    YamlResult const yaml = parse_yaml(text);
    REQUIRE_FALSE(yaml.fault.has_value());
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    Config defaults;
    for (Field const& field : config_fields(defaults)) {
        INFO(field.key);
        YamlNode const* const value = find_path(yaml.root, field.key);
        REQUIRE(value != nullptr);
        std::string const line = lines[static_cast<std::size_t>(value->place.line) - 1];
        CHECK(line.ends_with(": " + print_field(field)));
        std::string const comment = comment_above(lines, value->place.line);
        CHECK(comment == " " + field.doc + ". " + describe(field) + ", " + describe_default(field));
    }
}

TEST_CASE("every key of a row is explained in the shipped file") {
    std::string const comments = all_comments(shipped_text());
    VenueSettings venue;
    GroupRow group;
    InstrumentRow instrument;
    FeedRow feed;
    AliasRow alias;
    for (auto const& fields :
         {venue_fields(venue), group_fields(group), instrument_fields(instrument),
          feed_fields(feed), alias_fields(alias)}) {
        for (Field const& field : fields) {
            std::string const wanted = field.key + ": " + field.doc + ". " + describe(field) +
                                       ", " + describe_default(field) + " ";
            INFO(wanted);
            CHECK(comments.find(wanted) != std::string::npos);
        }
    }
}

TEST_CASE("the effective configuration reads back to itself") {
    Config const config = shipped().config;
    std::string const printed = effective_yaml(config);
    ConfigResult const again = parse_config(printed, "printed");
    for (ConfigIssue const& issue : again.issues) MESSAGE(to_string(issue));
    REQUIRE(again.ok());
    CHECK(effective_yaml(again.config) == printed);
    CHECK(again.config.hash8 == config.hash8);
    CHECK(again.config.registry.feeds().size() == config.registry.feeds().size());
}

TEST_CASE("a proxy that differs from its stock keeps its own values when printed") {
    ConfigResult const result = parse_config(
        "groups: {baskets: {a: {}, b: {}}}\n"
        "venues: {kraken: {}}\n"
        "instruments:\n"
        "  - {name: X, market: XNYS, role: leader, group: a, label: chips}\n"
        "  - {name: X.P, proxy_for: X, role: member, group: b, label: \"\",\n"
        "     feeds: [{venue: kraken, symbol: \"$$X\", coverage: unknown}]}\n",
        "f");
    for (ConfigIssue const& issue : result.issues) MESSAGE(to_string(issue));
    REQUIRE(result.ok());
    ConfigResult const again = parse_config(effective_yaml(result.config), "printed");
    REQUIRE(again.ok());
    Instrument const& row = *again.config.registry.find_instrument("X.P");
    CHECK(row.role == Role::Member);
    CHECK(again.config.registry.group(row.group).name == "b");
    CHECK(row.label.empty());
    CHECK(again.config.registry.feed(FeedId{0}).coverage == Coverage::Unknown);
    CHECK(again.config.registry.feed(FeedId{0}).symbol == "$X");
    CHECK(again.config.hash8 == result.config.hash8);
}

TEST_CASE("the hash changes with every threshold and with nothing else") {
    Config config = shipped().config;
    std::string const before = config.hash8;
    CHECK(before.size() == 8);
    CHECK(before.find_first_not_of("0123456789abcdef") == std::string::npos);
    for (Field const& field : rule_fields(config)) {
        INFO(field.key);
        if (field.kind == FieldKind::Integer) {
            ++*std::get<int*>(field.target);
            CHECK(config_hash8(config) != before);
            --*std::get<int*>(field.target);
        } else {
            double& value = *std::get<double*>(field.target);
            double const kept = value;
            value += 0.0625;
            CHECK(config_hash8(config) != before);
            value = kept;
        }
    }
    CHECK(config_hash8(config) == before);
    config.gateway.port = 1;
    config.daemon.threads = ThreadPlan::Split;
    config.titles[0] = "another title";
    CHECK(config_hash8(config) == before);
}

TEST_CASE("the path of a secret is masked") {
    Config config = shipped().config;
    config.venues[0].key_file = "/run/credentials/key";
    config.venues[0].secret_env = "SPILL_TEST_SECRET";
    std::string const printed = effective_yaml(config);
    CHECK(printed.find("/run/credentials") == std::string::npos);
    CHECK(printed.find("key_file: \"<set>\"") != std::string::npos);
    CHECK(printed.find("SPILL_TEST_SECRET") == std::string::npos);
    CHECK(printed.find("secret_env: \"<set>\"") != std::string::npos);
}
