#include "daemon/explainer.hpp"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

// Waking answers at once, as the core thread would, unless it is `mute`.
struct Rig {
    Config config = test::small_config();
    Calendars calendars = test::real_calendars();
    Engine engine{config.registry, calendars, config.params};
    std::unique_ptr<ExplainDesk> desk = std::make_unique<ExplainDesk>();
    boost::asio::io_context ops{1};
    bool mute = false;
    Explainer::TimePoint now{};
    Explainer explainer{ops, *desk,
                        [this] {
                            if (!mute) desk->serve(engine, config.params);
                        },
                        [this] { return now; }};
    std::vector<std::string> heard;

    void ask(const std::string& name) {
        explainer.ask(name, [this, name](ExplainOutcome outcome, std::string_view text) {
            char const* word = outcome == ExplainOutcome::Answered  ? "answered"
                               : outcome == ExplainOutcome::Unknown ? "unknown"
                                                                    : "busy";
            CHECK(text.empty() == (outcome != ExplainOutcome::Answered));
            heard.push_back(name + " " + word);
        });
    }
};

using Heard = std::vector<std::string>;

}  // namespace

TEST_CASE("questions are answered one after the other, unknown names too") {
    Rig rig;
    std::string const name = rig.config.registry.instruments().front().name;
    rig.ask(name);
    rig.ask("nobody");
    rig.ask(name);
    rig.ops.run();
    CHECK(rig.heard == Heard{name + " answered", "nobody unknown", name + " answered"});
}

TEST_CASE(
    "a core that does not answer is waited for only so long, and its late answer is dropped") {
    Rig rig;
    rig.mute = true;
    std::string const name = rig.config.registry.instruments().front().name;
    rig.ask(name);
    for (std::size_t i = 0; i < Explainer::kMaxWaiting; ++i) rig.ask("nobody");
    CHECK(rig.heard == Heard{"nobody busy"});  // one more than may wait
    rig.now += Explainer::kPatience + std::chrono::milliseconds(1);
    while (rig.heard.size() < 1 + Explainer::kMaxWaiting) rig.ops.run_one();
    CHECK(rig.heard[1] == name + " busy");
    rig.mute = false;
    rig.ask(name);
    rig.ops.restart();
    rig.ops.run();
    CHECK(rig.heard.back() == name + " answered");
    CHECK(rig.heard.size() == 2 + Explainer::kMaxWaiting);
}
