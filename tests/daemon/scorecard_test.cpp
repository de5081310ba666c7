#include "daemon/scorecard.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

UnixNanos minute(std::int64_t n) { return minute_start(n); }

Planted planted(std::vector<std::string> expect, std::vector<std::string> forbid = {}) {
    Planted row;
    row.scenario = "S1";
    row.key = "MU.P|PD|up";
    row.type = SignalType::Breakout;
    row.start = minute(10);
    row.deadline = minute(40);
    row.expect = std::move(expect);
    row.forbid = std::move(forbid);
    row.words = "MU.P breaks out";
    return row;
}

Edge edge(std::int64_t at, std::string state, std::string key = "MU.P|PD|up",
          SignalType type = SignalType::Breakout) {
    return {type, std::move(key), std::move(state), minute(at)};
}

Scorecard card_of(const std::vector<Planted>& rows, const std::vector<Edge>& edges) {
    return score(rows, edges);
}

}  // namespace

TEST_CASE("states that come in order and in time are found, with the delay of the last") {
    std::vector<Planted> const rows{planted({"triggered", "confirmed"}, {"failed"})};
    Scorecard const card = card_of(
        rows, {edge(12, "armed"), edge(13, "triggered"), edge(20, "held"), edge(29, "confirmed")});
    REQUIRE(card.planted.size() == 1);
    CHECK(card.planted[0].outcome == Outcome::Found);
    CHECK(card.planted[0].delay_s == 19 * 60);
    CHECK(card.found == 1);
    CHECK(card.clean());
}

TEST_CASE("a state that is late, early, out of order or of another key is missed by name") {
    std::vector<Planted> const rows{planted({"triggered", "confirmed"})};
    for (const auto& edges : std::vector<std::vector<Edge>>{
             {},
             {edge(13, "triggered"), edge(41, "confirmed")},
             {edge(13, "confirmed"), edge(14, "triggered")},
             {edge(13, "triggered"), edge(14, "confirmed", "MU.P|D20|up")},
             {edge(13, "triggered"), edge(14, "confirmed", "MU.P|PD|up", SignalType::Volume)}}) {
        Scorecard const card = card_of(rows, edges);
        CHECK(card.missed == 1);
        CHECK(card.planted[0].outcome == Outcome::Missed);
        CHECK(card.planted[0].detail == (edges.empty() ? "triggered" : "confirmed"));
        CHECK_FALSE(card.clean());
    }
    Scorecard const early = card_of(rows, {edge(9, "triggered"), edge(14, "confirmed")});
    CHECK(early.planted[0].detail == "triggered");
}

TEST_CASE("the deadline and the start belong to the time that is allowed") {
    std::vector<Planted> const rows{planted({"triggered", "confirmed"})};
    CHECK(card_of(rows, {edge(10, "triggered"), edge(40, "confirmed")}).found == 1);
}

TEST_CASE("a forbidden state after the start is a violation, even after the deadline") {
    std::vector<Planted> const rows{planted({"triggered"}, {"confirmed"})};
    CHECK(card_of(rows, {edge(5, "confirmed"), edge(12, "triggered")}).violated == 0);
    Scorecard const card = card_of(rows, {edge(12, "triggered"), edge(90, "confirmed")});
    CHECK(card.violated == 1);
    CHECK(card.planted[0].detail == "confirmed");
    CHECK_FALSE(card.clean());
}

TEST_CASE("a row that demands nothing is not counted, but explains its key") {
    std::vector<Planted> const rows{planted({})};
    Scorecard const card = card_of(rows, {edge(12, "confirmed")});
    CHECK(card.planted.empty());
    CHECK(card.unexplained.empty());
    CHECK(card.clean());
}

TEST_CASE("a row that only forbids is rightly silent") {
    std::vector<Planted> const rows{planted({}, {"confirmed"})};
    Scorecard const card = card_of(rows, {edge(12, "triggered")});
    CHECK(card.found == 1);
    CHECK(to_text(card).find("rightly silent") != std::string::npos);
}

TEST_CASE("only confirmations of breakouts and volume can be false ones") {
    std::vector<Planted> const rows{planted({"triggered"})};
    Scorecard const card =
        card_of(rows, {edge(12, "triggered"), edge(12, "triggered", "NVDA.P|PD|up"),
                       edge(13, "confirmed", "NVDA.P|PD|up"),
                       edge(14, "confirmed", "TAO", SignalType::Volume),
                       edge(15, "confirmed", "memory@XNYS", SignalType::Participation)});
    REQUIRE(card.unexplained.size() == 2);
    CHECK(card.unexplained[0].key == "NVDA.P|PD|up");
    CHECK(card.unexplained[1].key == "TAO");
    CHECK(card.missed == 0);
    CHECK_FALSE(card.clean());
}

TEST_CASE("the table says what happened to each row and ends with the sums") {
    std::vector<Planted> const rows{planted({"triggered", "confirmed"}), planted({"failed"}),
                                    planted({"triggered"}, {"confirmed"})};
    std::string const text =
        to_text(card_of(rows, {edge(12, "triggered"), edge(27, "confirmed"),
                               edge(28, "confirmed", "TAO", SignalType::Volume)}));
    CHECK(text.find("found    S1    MU.P|PD|up") != std::string::npos);
    CHECK(text.find("confirmed after 17 min") != std::string::npos);
    CHECK(text.find("never failed") != std::string::npos);
    CHECK(text.find("wrongly confirmed") != std::string::npos);
    CHECK(text.find("false          TAO") != std::string::npos);
    CHECK(text.ends_with("planted 3: found 1, missed 1, violated 1; false 1\n"));
}

TEST_CASE("every outcome has a word") {
    CHECK(std::string(to_string(Outcome::Found)) == "found");
    CHECK(std::string(to_string(Outcome::Missed)) == "missed");
    CHECK(std::string(to_string(Outcome::Violated)) == "violated");
}
