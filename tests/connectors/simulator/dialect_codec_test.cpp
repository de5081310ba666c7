// The dialects of OKX, Gate and Coinbase against the codecs of these venues: what one asks the
// other understands, and what one pushes the other reads.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/simulator/dialect.hpp"
#include "connectors/venues.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using namespace spill::sim;

namespace {

constexpr UnixNanos kAt{1'780'000'000'123'000'000};

bool no_nope(const std::string& symbol) { return !symbol.starts_with("NOPE") && !symbol.empty(); }

Answer ask(Dialect dialect, std::string_view text, std::vector<std::string> held = {}) {
    Request request = parse_request(dialect, text);
    request.held = std::move(held);
    request.connection = 7;
    return answer(dialect, request, no_nope, kAt);
}

SimTrade trade_of(std::uint64_t id, Aggressor side) {
    SimTrade trade;
    trade.ts = kAt;
    trade.feed = FeedId{3};
    trade.price = Price{420'100'000'000};
    trade.size = Quantity{1'250'000'000};
    trade.aggressor = side;
    trade.id = id;
    return trade;
}

std::string read(Codec& codec, const std::vector<std::string>& frames) {
    std::string out;
    for (std::string const& frame : frames) out += test::decoded(codec, frame) + "; ";
    return out;
}

std::vector<std::string> frames_of(Dialect dialect, std::string_view symbol,
                                   const std::vector<SimTrade>& trades) {
    std::vector<std::string> frames;
    append_trade_frames(dialect, symbol, trades, frames);
    return frames;
}

// Two fills of one taker order, then a sale.
std::vector<SimTrade> three_trades() {
    return {trade_of(77, Aggressor::Buy), trade_of(78, Aggressor::Buy),
            trade_of(79, Aggressor::Sell)};
}

std::string listed(Codec& codec, const std::string& text) {
    test::Frame const frame(text);
    Decoded const result = codec.decode(frame.view(), false);
    std::string out;
    for (std::string_view const symbol : result.subscribed) out += std::string(symbol) + ' ';
    return out;
}

}  // namespace

TEST_CASE("OKX accepts topic by topic, pushes the newest trade and merges fills") {
    auto const codec = make_okx_codec();
    std::vector<std::string> const symbols{"TAO-USDT", "NOPE-USDT"};
    Answer const out = ask(Dialect::Okx, codec->subscribe(symbols, 4)[0]);
    CHECK(out.accepted == std::vector<std::string>{"TAO-USDT"});
    std::string const answers = read(*codec, out.frames);
    CHECK(answers.starts_with("ack symbol=TAO-USDT request=4; error symbol=NOPE-USDT code=60018 "));
    CHECK(out.frames[0].find(R"("connId":"00000007")") != std::string::npos);
    CHECK(test::decoded(*codec,
                        history_push(Dialect::Okx, "TAO-USDT", trade_of(76, Aggressor::Sell))) ==
          "trade | TAO-USDT 420.1 1.25 sell 1780000000123000000 76 history");
    CHECK(read(*codec, frames_of(Dialect::Okx, "TAO-USDT", three_trades())) ==
          "trade | TAO-USDT 420.1 2.5 buy 1780000000123000000 78 live fills=77..78; "
          "trade | TAO-USDT 420.1 1.25 sell 1780000000123000000 79 live; ");
    CHECK(read(*codec, ask(Dialect::Okx, codec->ping(1)).frames) == "pong; ");
    CHECK(test::decoded(*codec, notice(Dialect::Okx)).starts_with("notice code=64008 "));
    CHECK(read(*codec, ask(Dialect::Okx, codec->unsubscribe(symbols, 5)[0]).frames)
              .starts_with("ack symbol=TAO-USDT request=5; "));
    CHECK(read(*codec, ask(Dialect::Okx, "pang").frames).starts_with("error code=60012 "));
    CHECK(read(*codec, ask(Dialect::Okx, R"({"op":"sing"})").frames)
              .starts_with("error code=60012 "));
}

TEST_CASE("Gate answers once a request, refuses it whole and says which ids a push merges") {
    auto const codec = make_gateio_codec();
    std::vector<std::string> const one{"TAO_USDT"};
    std::vector<std::string> const two{"TAO_USDT", "NOPE_USDT"};
    Answer const good = ask(Dialect::Gateio, codec->subscribe(one, 4)[0]);
    CHECK(good.accepted == one);
    CHECK(read(*codec, good.frames) == "ack request=4; ");
    Answer const bad = ask(Dialect::Gateio, codec->subscribe(two, 5)[0]);
    CHECK(bad.accepted.empty());
    CHECK(read(*codec, bad.frames) ==
          "error symbol=NOPE_USDT code=2 message=unknown currency pair: NOPE_USDT request=5; ");
    CHECK(read(*codec, frames_of(Dialect::Gateio, "TAO_USDT", three_trades())) ==
          "trade | TAO_USDT 420.1 2.5 buy 1780000000123000000 78 live fills=77..78; "
          "trade | TAO_USDT 420.1 1.25 sell 1780000000123000000 79 live; ");
    CHECK(history_push(Dialect::Gateio, "TAO_USDT", trade_of(76, Aggressor::Buy)).empty());
    CHECK(read(*codec, ask(Dialect::Gateio, codec->ping(1)).frames) == "pong; ");
    CHECK(test::decoded(*codec, notice(Dialect::Gateio)).starts_with("notice message="));
    CHECK(ask(Dialect::Gateio, "{").frames.empty());
    CHECK(read(*codec, ask(Dialect::Gateio, R"({"channel":"spot.trades","event":"subscribe",)"
                                            R"("payload":[]})")
                           .frames)
              .starts_with("error code=1 "));
}

TEST_CASE("Coinbase lists all that is subscribed, and its heartbeats and sides are the venue's") {
    auto const codec = make_coinbase_codec();
    std::vector<std::string> const one{"TAO-USD"};
    std::vector<std::string> const two{"TAO-USD", "NOPE-USD"};
    Answer const good = ask(Dialect::Coinbase, codec->subscribe(one, 4)[0], {"FET-USD"});
    CHECK(good.accepted == one);
    REQUIRE(good.frames.size() == 1);
    CHECK(listed(*codec, good.frames[0]) == "FET-USD TAO-USD ");
    Answer const bad = ask(Dialect::Coinbase, codec->subscribe(two, 5)[0], {"FET-USD"});
    CHECK(bad.accepted.empty());
    CHECK(read(*codec, bad.frames).starts_with("error symbol=NOPE-USD "));
    Answer const gone =
        ask(Dialect::Coinbase, codec->unsubscribe(one, 6)[0], {"FET-USD", "TAO-USD"});
    REQUIRE(gone.frames.size() == 1);
    CHECK(listed(*codec, gone.frames[0]) == "FET-USD ");
    CHECK(read(*codec, frames_of(Dialect::Coinbase, "TAO-USD", three_trades())) ==
          "trade | TAO-USD 420.1 1.25 buy 1780000000123000000 77 live; "
          "trade | TAO-USD 420.1 1.25 buy 1780000000123000000 78 live; "
          "trade | TAO-USD 420.1 1.25 sell 1780000000123000000 79 live; ");
    CHECK(test::decoded(*codec,
                        history_push(Dialect::Coinbase, "TAO-USD", trade_of(76, Aggressor::Buy))) ==
          "trade | TAO-USD 420.1 1.25 buy 1780000000123000000 76 history");
    test::Frame const beat(symbol_heartbeat(Dialect::Coinbase, "TAO-USD", 79, kAt));
    Decoded const result = codec->decode(beat.view(), false);
    CHECK(result.kind == FrameKind::Heartbeat);
    CHECK(result.symbol == "TAO-USD");
    CHECK(result.sent_up_to == 79);
    CHECK(notice(Dialect::Coinbase).empty());
    CHECK(symbol_heartbeat(Dialect::Kraken, "TAO/USD", 79, kAt).empty());
}

TEST_CASE("only prints of one taker order at one price and time are merged") {
    std::vector<SimTrade> trades{trade_of(1, Aggressor::Buy), trade_of(3, Aggressor::Buy),
                                 trade_of(4, Aggressor::Buy), trade_of(5, Aggressor::Buy)};
    trades[2].price = Price{420'200'000'000};
    trades[3].ts = UnixNanos{kAt.ns + 1'000'000};
    CHECK(frames_of(Dialect::Okx, "TAO-USDT", trades).size() == 4);
}
