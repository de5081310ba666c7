#include "core/signal.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

class Collector final : public SignalSink {
public:
    void on_signal(const Signal& signal) noexcept override { keys.push_back(signal.key); }
    std::vector<FixedText<56>> keys;
};

}  // namespace

TEST_CASE("a fixed text keeps what fits and cuts the rest") {
    FixedText<8> text("XNYS");
    CHECK(text.view() == "XNYS");
    text.append(":").append("2026-05-26");
    CHECK(text.view() == "XNYS:202");
    text.append("x");
    CHECK(text.view() == "XNYS:202");
    CHECK(FixedText<8>().view().empty());
    CHECK(FixedText<8>("12345678").view() == "12345678");
}

TEST_CASE("keys and sessions of every documented shape fit") {
    CHECK(FixedText<20>("XNYS:2026-05-26").view() == "XNYS:2026-05-26");
    CHECK(FixedText<56>("005930|20D|down").view() == "005930|20D|down");
    CHECK(FixedText<56>("networking@XNYS").view() == "networking@XNYS");
}

TEST_CASE("published words of the signal types are as documented") {
    CHECK(std::string_view(to_string(SignalType::Breakout)) == "breakout");
    CHECK(std::string_view(to_string(SignalType::Participation)) == "participation");
    CHECK(std::string_view(to_string(SignalType::Volume)) == "volume");
    CHECK(std::string_view(to_string(SignalType::Rotation)) == "rotation");
    CHECK(std::string_view(to_string(SignalType::Unwind)) == "unwind");
    CHECK(std::string_view(to_string(SignalType::Health)) == "health");
}

TEST_CASE("evidence keeps its order, its kinds and its values") {
    Evidence evidence;
    evidence.add("rvol", 1.5, FeedId{2});
    evidence.add_int("retests", -3);
    evidence.add_bool("gap", true);
    evidence.add_text("why", "accepted_back");
    evidence.add_null("atr");
    REQUIRE(evidence.size() == 5);
    const EvidenceItem* const items = evidence.begin();
    CHECK(items[0].kind == EvidenceItem::Kind::Number);
    CHECK(items[0].number == 1.5);
    CHECK(items[0].feed == FeedId{2});
    CHECK(items[1].kind == EvidenceItem::Kind::Integer);
    CHECK(items[1].integer == -3);
    CHECK_FALSE(items[1].feed.valid());
    CHECK(items[2].kind == EvidenceItem::Kind::Boolean);
    CHECK(items[2].integer == 1);
    CHECK(items[3].kind == EvidenceItem::Kind::Text);
    CHECK(std::string_view(items[3].text) == "accepted_back");
    CHECK(items[4].kind == EvidenceItem::Kind::Null);
    CHECK(evidence.end() - evidence.begin() == 5);
    CHECK_FALSE(evidence.overflowed());
}

TEST_CASE("evidence is found by its text, not by its address") {
    Evidence evidence;
    evidence.add("rvol15", 1.7);
    std::string const name = "rvol15";
    REQUIRE(evidence.find(name) != nullptr);
    CHECK(evidence.find(name)->number == 1.7);
    CHECK(evidence.find("rvol") == nullptr);
    CHECK(Evidence{}.find("rvol15") == nullptr);
}

TEST_CASE("a new signal claims nothing") {
    Signal const signal;
    CHECK(signal.coverage == Coverage::Unknown);
    CHECK_FALSE(signal.provisional);
    CHECK_FALSE(signal.degraded);
    CHECK_FALSE(signal.from_bars);
    CHECK(std::string_view(signal.state).empty());
    CHECK(std::string_view(signal.prev).empty());
    CHECK(signal.key.view().empty());
    CHECK(signal.evidence.size() == 0);
}

TEST_CASE("a copied signal does not share its evidence") {
    Signal first;
    first.key.append("MU|PD|up");
    first.evidence.add("px", 1.0);
    Signal second = first;
    second.evidence.add("px2", 2.0);
    second.key.append("!");
    CHECK(first.evidence.size() == 1);
    CHECK(first.key.view() == "MU|PD|up");
    CHECK(second.key.view() == "MU|PD|up!");
    CHECK(second.evidence.find("px")->number == 1.0);
}

TEST_CASE("a sink receives the signal through its base") {
    Collector collector;
    SignalSink& sink = collector;
    Signal signal;
    signal.key.append("TAO");
    sink.on_signal(signal);
    REQUIRE(collector.keys.size() == 1);
    CHECK(collector.keys[0].view() == "TAO");
}
