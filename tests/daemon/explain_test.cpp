#include "daemon/explain.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

struct World {
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    Engine engine{config.registry, calendars, config.params};
    std::vector<char> buffer = std::vector<char>(kMaxExplainBytes);

    std::string explain(std::string_view name, std::size_t room = kMaxExplainBytes) {
        std::size_t const size =
            write_explain(engine, config.params, name, std::span<char>(buffer).first(room));
        return std::string(buffer.data(), size);
    }
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

}  // namespace

TEST_CASE("everything that is configured can be explained, and nothing else") {
    World world;
    for (const Instrument& row : world.config.registry.instruments()) {
        std::string const text = world.explain(row.name);
        CAPTURE(text);
        CHECK(text.starts_with("{\"key\":\"" + row.name + "\",\"kind\":\"instrument\""));
        CHECK(count(text, "\"type\":\"breakout\"") == 6);
        CHECK(count(text, "\"type\":\"volume\"") == (world.engine.token(row.id) != nullptr));
        CHECK(text.ends_with("]}"));
    }
    for (const Group& group : world.config.registry.groups()) {
        CHECK(world.explain(group.name)
                  .starts_with("{\"key\":\"" + group.name + "\",\"kind\":\"" +
                               (group.tokens ? "bucket" : "basket") + "\""));
    }
    CHECK(world.explain("nobody").empty());
    CHECK(world.explain("").empty());
}

TEST_CASE("a gate without a value is named and has no distance") {
    World world;
    std::string const name = world.config.registry.instruments().front().name;
    CHECK(
        world.explain(name).find(
            R"("blocked_by":["level","beyond_trigger"],"gates":[{"gate":"level","value":0.000000,)"
            R"("bound":1.000000,"at_least":true,"pass":false,"missing":1.000000},)"
            R"({"gate":"beyond_trigger","value":null,"bound":0.000000,"at_least":true,)"
            R"("pass":false,"missing":null}]})") != std::string::npos);
}

TEST_CASE("an explanation that does not fit is none, and making one allocates nothing") {
    World world;
    std::string const name = world.config.registry.instruments().front().name;
    CHECK(world.explain(name, 100).empty());
    if (!test::AllocCounter::active()) return;
    test::AllocCounter const counter;
    std::size_t const size = write_explain(world.engine, world.config.params, name, world.buffer);
    CHECK(counter.count() == 0);
    CHECK(size > 100);
}

TEST_CASE("the gates of a group say what the rule itself decides") {
    ParticipationParams const params;
    ParticipationReading reading;
    reading.n = 5;
    reading.breadth_up = 0.8;
    reading.volume_share = 0.6;
    reading.n_eff_up = 3.7;
    CHECK(broad_gates(reading, params, true, false).all_pass());
    reading.volume_share = 0.4;
    Gates const gates = broad_gates(reading, params, true, false);
    CHECK_FALSE(gates.all_pass());
    for (const Gate& gate : gates) {
        CHECK(gate.pass == (std::string_view(gate.name) != "volume_share"));
    }
    RotationReading rotation;
    rotation.n = 6;
    rotation.real = 2;
    rotation.breadth = 0.7;
    rotation.median_z = 0.9;
    CHECK(rotation_gates(rotation, RotationParams{}).all_pass());
    rotation.real = 1;
    CHECK_FALSE(rotation_gates(rotation, RotationParams{}).all_pass());
}
