// Links with the codecs of real venues: what they say to each other, frame by frame.
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "connectors/dedupe.hpp"
#include "connectors/link.hpp"
#include "connectors/registry.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/link_rig.hpp"
#include "tests/support/skip.hpp"

namespace spill {
namespace {

using namespace link_test;

// A link of a venue in the table, its codec and a virtual clock.
struct Wire {
    const VenueSpec* spec;
    std::unique_ptr<Codec> codec;
    RateWindow gate{link_rules::kFeedDials, link_rules::kFeedDialWindow};
    LinkTime now{0};
    Link link;
    std::vector<std::string> sent;
    std::vector<std::uint64_t> live_ids;
    std::string padded;

    Wire(std::string_view venue, std::vector<std::string> symbols)
        : spec(find_venue_spec(venue)),
          codec(spec->make_codec()),
          link({.spec = spec,
                .codec = codec.get(),
                .symbols = std::move(symbols),
                .feed_dials = &gate,
                .seed = 1}) {
        link.start(now);
        link.taken();
        link.on_open(now);
        drain();
    }
    void drain() {
        for (LinkAction& action : link.actions()) {
            if (action.kind == LinkAction::Kind::Send) sent.push_back(action.text);
        }
        link.taken();
    }
    void run(LinkTime until) {
        while (link.deadline() <= until) {
            now = std::max(now, link.deadline());
            link.tick(now);
            drain();
        }
        now = until;
    }
    void rx(std::string_view text) {
        padded.assign(text);
        padded.append(Codec::kPadding, '\0');
        Decoded const frame = codec->decode({padded.data(), text.size()}, false);
        for (const TradeRow& row : frame.trades) {
            std::size_t const slot = link.slot_of(row.symbol);
            if (slot == link.symbols().size()) continue;
            link.on_trade(slot);
            if (row.live) live_ids.push_back(row.id);
        }
        link.on_frame(now, frame);
        drain();
    }
    [[nodiscard]] bool live(std::string_view symbol) const {
        return link.live(link.slot_of(symbol));
    }
};

std::string kraken_answer(const std::string& symbol, bool good) {
    std::string const head = good ? R"({"method":"subscribe","result":{"channel":"trade",)"
                                    R"("snapshot":false,"symbol":")" +
                                        symbol + R"("})"
                                  : R"({"error":"Currency pair not supported )" + symbol +
                                        R"(","method":"subscribe","symbol":")" + symbol + R"(")";
    return head + R"(,"success":)" + (good ? "true" : "false") +
           R"(,"time_in":"2026-05-20T00:00:00.000001Z","time_out":"2026-05-20T00:00:00.000002Z"})";
}

}  // namespace

TEST_CASE("recorded sessions run through the link meet what they expect") {
    auto const path = test::shared_path("wire/binance/scenario-2.jsonl");
    if (path.empty()) return test::skip("recorded sessions", "no recorded frames here");
    Wire wire("binance", {"TAOUSDT"});
    REQUIRE(wire.sent.size() == 1);
    CHECK(wire.sent[0].find("taousdt@") != std::string::npos);
    std::ifstream file(path);
    simdjson::dom::parser parser;
    bool expected = false;
    for (std::string line; std::getline(file, line);) {
        simdjson::dom::element step;
        REQUIRE(parser.parse(line).get(step) == simdjson::SUCCESS);
        std::string_view event;
        REQUIRE(step["ev"].get(event) == simdjson::SUCCESS);
        std::int64_t at = 0;
        if (step["t"].get(at) == simdjson::SUCCESS) wire.run(std::chrono::milliseconds(at));
        std::string_view text;
        if (event == "rx" && step["text"].get(text) == simdjson::SUCCESS) wire.rx(text);
        if (event != "expect") continue;
        expected = true;
        simdjson::dom::array live;
        REQUIRE(step["live"].get(live) == simdjson::SUCCESS);
        CHECK(wire.live_ids.size() == live.size());
        std::uint64_t errors = 0;
        REQUIRE(step["sub_errors"].get(errors) == simdjson::SUCCESS);
        CHECK(wire.link.subscribe_errors() == errors);
        CHECK_FALSE(wire.live("TAOUSDT"));
        CHECK(wire.link.state() == LinkState::Subscribing);
    }
    CHECK(expected);
}

TEST_CASE("Binance: an acknowledged symbol is live with its first trade, a silent one never") {
    Wire wire("binance", {"TAOUSDT", "NOSUCHUSDT"});
    wire.rx(R"({"result":null,"id":1})");
    CHECK_FALSE(wire.live("TAOUSDT"));
    wire.rx(R"({"stream":"taousdt@aggTrade","data":{"e":"aggTrade","E":1779235200100,)"
            R"("s":"TAOUSDT","a":7001,"p":"301.50000000","q":"2.00000000","f":9001,"l":9002,)"
            R"("T":1779235200099,"m":false,"M":true}})");
    CHECK(wire.live("TAOUSDT"));
    CHECK_FALSE(wire.live("NOSUCHUSDT"));
    CHECK(wire.link.state() == LinkState::Live);
    CHECK(wire.live_ids == std::vector<std::uint64_t>{7001});
}

TEST_CASE("Bybit: the topic that a refusal names goes, the others are asked for again and live") {
    Wire wire("bybit-spot", {"FETUSDT", "GRAMUSDT", "WLDUSDT"});
    REQUIRE(wire.sent.size() == 1);
    wire.rx(R"({"success":false,"ret_msg":"Invalid symbol :[publicTrade.GRAMUSDT]",)"
            R"("conn_id":"c-1","op":"subscribe"})");
    REQUIRE(wire.sent.size() == 2);
    CHECK(wire.sent[1].find("GRAMUSDT") == std::string::npos);
    CHECK(wire.sent[1].find("publicTrade.FETUSDT") != std::string::npos);
    CHECK(wire.sent[1].find("publicTrade.WLDUSDT") != std::string::npos);
    wire.rx(R"({"success":true,"ret_msg":"subscribe","conn_id":"c-1","op":"subscribe"})");
    CHECK(wire.live("FETUSDT"));
    CHECK(wire.live("WLDUSDT"));
    CHECK(wire.link.symbol_state(1) == SymbolState::Refused);
    CHECK(wire.link.state() == LinkState::Live);
}

TEST_CASE("Bybit: pongs do not hide that the trades have stopped") {
    Wire wire("bybit-linear", {"MUUSDT"});
    wire.rx(R"({"success":true,"ret_msg":"","conn_id":"c-1","req_id":"1","op":"subscribe"})");
    REQUIRE(wire.link.state() == LinkState::Live);
    for (LinkTime at = 1s; at < 45s; at += 1s) {
        wire.run(at);
        wire.rx(R"({"success":true,"ret_msg":"pong","conn_id":"c-1","op":"ping"})");
    }
    CHECK(wire.link.state() == LinkState::Live);
    wire.run(45s);
    CHECK(wire.link.state() == LinkState::Stale);
    CHECK(wire.sent.size() == 3);  // the subscribe and two pings of ours
}

TEST_CASE("Kraken: answers come per symbol, heartbeats keep a quiet market live, silence ends it") {
    Wire wire("kraken", {"TAO/USD", "XBT/USD", "AKT/USD"});
    wire.rx(kraken_answer("TAO/USD", true));
    wire.rx(kraken_answer("XBT/USD", false));
    CHECK(wire.live("TAO/USD"));
    CHECK_FALSE(wire.live("AKT/USD"));
    wire.rx(kraken_answer("AKT/USD", true));
    CHECK(wire.link.state() == LinkState::Live);
    CHECK(wire.link.symbol_state(1) == SymbolState::Refused);
    for (LinkTime at = 1s; at <= 30s; at += 1s) {
        wire.run(at);
        wire.rx(R"({"channel":"heartbeat"})");
    }
    CHECK(wire.link.state() == LinkState::Live);
    wire.run(36s);
    CHECK(wire.link.state() == LinkState::Stale);
    wire.run(37s);
    CHECK(wire.link.state() == LinkState::Backoff);
}

TEST_CASE("a foreign protocol on a venue's address never becomes live") {
    for (const char* const venue : {"binance", "bybit-spot", "kraken"}) {
        Wire wire(venue, {"AAA"});
        for (int i = 0; i < 30 && wire.link.state() == LinkState::Subscribing; ++i) {
            wire.rx(
                R"([337,[["5541.20000","0.15850568","1534614057.321597","s","l",""]],"trade"])");
            wire.rx("hello");
        }
        CHECK_FALSE(wire.live("AAA"));
        CHECK(wire.live_ids.empty());
        CHECK(wire.link.state() == LinkState::Backoff);  // the error budget
    }
}

TEST_CASE("decode, link and dedupe allocate nothing for a trade") {
    Wire wire("binance", {"TAOUSDT"});
    wire.rx(R"({"result":null,"id":1})");
    std::string frame = R"({"stream":"taousdt@aggTrade","data":{"e":"aggTrade","E":1779235200100,)"
                        R"("s":"TAOUSDT","a":1000000,"p":"301.50000000","q":"2.00000000",)"
                        R"("f":9001,"l":9002,"T":1779235200099,"m":false,"M":true}})";
    std::size_t const size = frame.size();
    std::size_t const id_at = frame.find("1000000");
    frame.append(Codec::kPadding, '\0');
    Dedupe dedupe;
    std::size_t fresh = 0;
    auto const step = [&](int n) {
        std::string const digits = std::to_string(1'000'000 + n);  // short: no allocation
        frame.replace(id_at, digits.size(), digits);
        Decoded const decoded = wire.codec->decode({frame.data(), size}, false);
        for (const TradeRow& row : decoded.trades) {
            wire.link.on_trade(0);
            if (dedupe.offer(row) == Dedupe::Verdict::New) ++fresh;
        }
        wire.link.on_frame(wire.now, decoded);
        if (wire.link.pending()) wire.link.taken();
    };
    for (int n = 0; n < 100; ++n) step(n);
    test::AllocCounter const counter;
    for (int n = 100; n < 5100; ++n) step(n);
    CHECK(counter.count() == 0);
    CHECK(fresh == 5100);
}

}  // namespace spill
