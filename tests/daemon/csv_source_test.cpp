#include "daemon/csv_source.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <zstd.h>

#include "tests/support/alloc_count.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;
using test::TempDir;

namespace {

constexpr std::int64_t kNoon = 1'779'796'800'000'000'000;  // 2026-05-26T12:00:00Z

std::string compressed(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    std::size_t const n = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
    REQUIRE(ZSTD_isError(n) == 0);
    out.resize(n);
    return out;
}

// One file of its own registry.
struct Read {
    Config config = test::small_config();
    ReplayRegistry registry{config.registry};
    TempDir dir;
    std::vector<Event> events;
    CsvReport report;
    std::string error;
    Errc code = Errc::System;

    Read& file(const std::string& name, std::string_view bytes) {
        auto const result = read_csv(dir.write(name, bytes), registry, events);
        if (result) {
            report = *result;
        } else {
            error = result.error().message;
            code = result.error().code;
        }
        return *this;
    }
    [[nodiscard]] std::string name_of(const Event& event) const {
        return registry.registry().instrument(event.instrument).name;
    }
    // "7: the reason" of the only refusal.
    [[nodiscard]] std::string refusal() const {
        REQUIRE(report.refusals.size() == 1);
        std::string const& line = report.refusals.front();
        auto const at = line.rfind(".csv:");
        REQUIRE(at != std::string::npos);
        return line.substr(at + 5);
    }
};

std::string ts(std::int64_t seconds) { return std::to_string(kNoon + seconds * kNanosPerSecond); }

const std::string kBars = "ts_ns,symbol,open,high,low,close,volume,trades\n";
const std::string kTrades = "ts_ns,symbol,price,size,side\n";

std::string refusal_of_bar(const std::string& cells) {
    return Read().file("bars_5m_x.csv", kBars + ts(0) + ",TAO," + cells + "\n").refusal();
}
std::string refusal_of_trade(const std::string& cells) {
    return Read().file("t.csv", kTrades + ts(0) + ",TAO," + cells + "\n").refusal();
}

}  // namespace

TEST_CASE("a bar without interval_s takes its length from the file's name") {
    Read read;
    read.file("bars_5m_2026-05.csv", kBars + ts(0) + ",TAO,1,2.5,0.5,2,10.25,7\n");
    REQUIRE(read.events.size() == 1);
    const Event& bar = read.events.front();
    CHECK(bar.kind == EventKind::Bar);
    CHECK(bar.aux == 5);
    CHECK(bar.ts_event.ns == kNoon);
    CHECK(bar.ts_recv.ns == kNoon + 5 * kNanosPerMinute);
    CHECK(bar.bar.open == Price{1'000'000'000});
    CHECK(bar.bar.high == Price{2'500'000'000});
    CHECK(bar.bar.low == Price{500'000'000});
    CHECK(bar.bar.close == Price{2'000'000'000});
    CHECK(bar.bar.volume == Quantity{10'250'000'000});
    CHECK(read.name_of(bar) == "TAO");
    CHECK(read.report.rows == 1);
    CHECK(read.report.refused == 0);

    CHECK(Read().file("bars_15m_a.csv", kBars + ts(0) + ",TAO,1,1,1,1,1,1\n").events[0].aux == 15);
    CHECK(Read().file("bars.csv", kBars + ts(0) + ",TAO,1,1,1,1,1,1\n").refusal() ==
          "2: the length of the bar is not known (no interval_s column)");
}

TEST_CASE("interval_s stands above the file's name, and a source makes a feed of its own") {
    Read read;
    read.file("bars_5m_x.csv",
              "ts_ns,symbol,open,high,low,close,volume,trades,interval_s,source\n" + ts(0) +
                  ",TAO,1,1,1,1,1,1,60,alpha\n" + ts(0) + ",TAO,1,1,1,1,1,1,900,beta\n" + ts(60) +
                  ",MU,1,1,1,1,1,1,60,alpha\n");
    REQUIRE(read.events.size() == 2);  // the last row ends before the one above it
    CHECK(read.events[0].aux == 1);
    CHECK(read.events[1].aux == 15);
    CHECK(read.events[0].feed != read.events[1].feed);
    CHECK(read.events[0].instrument == read.events[1].instrument);
    CHECK(read.refusal() == "4: the row goes back in time");
    for (const char* const bad : {"0", "90", "14460", "-60", "x", ""}) {
        CAPTURE(bad);
        std::string const why =
            Read()
                .file("x.csv", "ts_ns,symbol,open,high,low,close,volume,trades,interval_s\n" +
                                   ts(0) + ",TAO,1,1,1,1,1,1," + bad + "\n")
                .refusal();
        CHECK(why == "2: interval_s must be a multiple of 60, at most 14400");
    }
}

TEST_CASE("trades keep price, size and aggressor; further columns are passed over") {
    Read read;
    read.file("t.csv", "ts_ns,symbol,price,size,side,venue_id\r\n" + ts(0) +
                           ",TAO,412.5,0.25,buy,9\r\n\r\n" + ts(1) + ",TAO,412.6,1,S,10\r\n" +
                           ts(1) + ",TAO,412.7,1,,11\r\n" + ts(2) + ",TAO,412.7,1,-,12");
    REQUIRE(read.events.size() == 4);
    CHECK(read.events[0].kind == EventKind::Trade);
    CHECK(read.events[0].trade.price == Price{412'500'000'000});
    CHECK(read.events[0].trade.size == Quantity{250'000'000});
    CHECK(read.events[0].ts_recv == read.events[0].ts_event);
    auto const side = [&](std::size_t i) { return static_cast<Aggressor>(read.events[i].aux); };
    CHECK(side(0) == Aggressor::Buy);
    CHECK(side(1) == Aggressor::Sell);
    CHECK(side(2) == Aggressor::Unknown);
    CHECK(side(3) == Aggressor::Unknown);
    CHECK(read.report.rows == 4);
    CHECK(read.report.refused == 0);
}

TEST_CASE("a malformed row is refused by file and line, and the rows around it stay") {
    CHECK(refusal_of_bar("1,2,0.5,x,1,1") ==
          "2: a price or the volume is not a number of this range");
    CHECK(refusal_of_bar("1,2,0.5,1,-1,1") ==
          "2: a price or the volume is not a number of this range");
    CHECK(refusal_of_bar("9300000000,9300000000,9300000000,9300000000,1,1") ==
          "2: a price or the volume is not a number of this range");
    CHECK(refusal_of_bar("1,0.9,0.5,0.8,1,1") ==
          "2: open, high, low and close contradict each other");
    CHECK(refusal_of_bar("0,1,0,1,1,1") == "2: open, high, low and close contradict each other");
    CHECK(refusal_of_bar("1,2") == "2: too few columns");
    CHECK(refusal_of_bar("1,1,1,1,1,1,,,,,,,,,,") == "2: too many columns");
    CHECK(refusal_of_trade("0,1,buy") == "2: price is not a positive number");
    CHECK(refusal_of_trade("1,,buy") == "2: size is not a positive number");
    CHECK(refusal_of_trade("1,1,bid") == "2: side is none of buy, sell, B, S, - and empty");

    Read read;
    read.file("t.csv", kTrades + ts(0) + ",TAO,1,1,buy\n\n2026-05-26,TAO,1,1,buy\n" + ts(1) +
                           ",TAO,1,1,buy\n");
    CHECK(read.events.size() == 2);
    CHECK(read.refusal() == "4: ts_ns is not a time");  // the empty line counts as a line
}

TEST_CASE("only the first refusals are shown, all are counted") {
    std::string text = kTrades;
    for (int i = 0; i < 9; ++i) text += "x,TAO,1,1,buy\n";
    Read read;
    read.file("t.csv", text);
    CHECK(read.report.refused == 9);
    CHECK(read.report.rows == 9);
    CHECK(read.report.refusals.size() == kMaxShownRefusals);
    CHECK(read.events.empty());
}

TEST_CASE("rows that go back in time are refused, equal times stay") {
    Read read;
    read.file("t.csv", kTrades + ts(5) + ",TAO,1,1,B\n" + ts(5) + ",TAO,1,1,B\n" + ts(4) +
                           ",TAO,1,1,B\n" + ts(6) + ",TAO,1,1,B\n");
    CHECK(read.events.size() == 3);
    CHECK(read.refusal() == "4: the row goes back in time");
}

TEST_CASE("symbols that are not ours are counted as foreign, never refused") {
    Read read;
    read.file("t.csv", kTrades + ts(0) + ",DOGEUSDT,1,1,B\n" + ts(1) + ",TAO,1,1,B\n" + ts(2) +
                           ",DOGEUSDT,junk,1,B\n" + ts(2) + ",,1,1,B\n");
    CHECK(read.report.foreign == 3);
    CHECK(read.report.refused == 0);
    CHECK(read.events.size() == 1);
}

TEST_CASE("a symbol is an instrument's name, a configured feed's, or a name with its quote") {
    Config const config = test::small_config();
    ReplayRegistry registry(config.registry);
    auto const name = [&](std::string_view symbol) -> std::string {
        FeedId const feed = registry.resolve(symbol, "csv");
        if (!feed.valid()) return "none";
        const Registry& made = registry.registry();
        return made.instrument(made.feed(feed).instrument).name;
    };
    CHECK(name("MU") == "MU");
    CHECK(name("MUUSDT") == "MU.P");  // a feed of that symbol stands before the quote rule
    CHECK(name("TAO/USD") == "TAO");
    CHECK(name("TAO-PERP") == "TAO");
    CHECK(name("TAO_USDT") == "TAO");
    CHECK(name("TAO-USD") == "TAO");
    CHECK(name("TAOUSDC") == "TAO");
    CHECK(name("BTC-PERP") == "none");
    CHECK(name("AIXBTUSDT") == "none");
    CHECK(name("USDT") == "none");
    CHECK(name("tao") == "none");
    CHECK(name("") == "none");
}

TEST_CASE("the shipped configuration knows the symbols that recorded files use") {
    ConfigResult const shipped = load_config(std::string(SPILL_SOURCE_DIR) + "/config.yaml");
    REQUIRE(shipped.ok());
    ReplayRegistry registry(shipped.config.registry);
    auto const name = [&](std::string_view symbol) -> std::string {
        FeedId const feed = registry.resolve(symbol, "csv");
        if (!feed.valid()) return "none";
        const Registry& made = registry.registry();
        return made.instrument(made.feed(feed).instrument).name;
    };
    CHECK(name("MU") == "MU");
    CHECK(name("AIXBTUSDT") == "AIXBT");
    CHECK(name("BTC-PERP") == "BTC");
    CHECK(name("TAO_USDT") == "TAO");
}

TEST_CASE("coverage follows the instrument, trust follows a configured venue") {
    Config const config = test::small_config();
    ReplayRegistry registry(config.registry);
    auto const feed = [&](std::string_view symbol, std::string_view source) {
        return registry.registry().feed(registry.resolve(symbol, source));
    };
    CHECK(feed("MU", "csv").coverage == Coverage::Consolidated);
    CHECK(feed("MU.P", "csv").coverage == Coverage::Derivative);
    CHECK(feed("TAO", "csv").coverage == Coverage::SingleVenue);
    CHECK_FALSE(feed("TAO", "csv").trusted);
    CHECK(feed("TAO", "kraken").trusted);
    CHECK(registry.resolve("TAO", "kraken") == registry.resolve("TAO", "kraken"));
    CHECK(registry.registry().find_instrument("MU")->feeds.size() == 1);
}

TEST_CASE("a row of a symbol that was seen before costs no allocation") {
    Config const config = test::small_config();
    ReplayRegistry registry(config.registry);
    std::string_view const source = "a source with a long name of its own";
    CHECK(registry.resolve("TAO", source).valid());
    CHECK_FALSE(registry.resolve("a long symbol that nobody knows", source).valid());
    test::AllocCounter const counter;
    CHECK(registry.resolve("TAO", source).valid());
    CHECK_FALSE(registry.resolve("a long symbol that nobody knows", source).valid());
    CHECK(counter.count() == 0);
}

TEST_CASE("zstd files read as plain ones, in one frame or in several") {
    std::string rows;
    for (int i = 0; i < 100'000; ++i) rows += ts(i) + ",TAO,412.5,1,B\n";
    Read plain;
    plain.file("t.csv", kTrades + rows);
    Read packed;
    packed.file("t.csv.zst", compressed(kTrades) + compressed(rows));
    REQUIRE(plain.events.size() == 100'000);
    REQUIRE(packed.events.size() == plain.events.size());
    CHECK(packed.events.back().ts_event == plain.events.back().ts_event);
    CHECK(packed.report.rows == plain.report.rows);
}

TEST_CASE("zstd data that ends early or is none is an error, not a short day") {
    std::string rows;
    for (int i = 0; i < 1000; ++i) rows += ts(i) + ",TAO," + std::to_string(i * i + 1) + ",1,B\n";
    std::string const whole = compressed(kTrades + rows);
    Read cut;
    cut.file("t.csv.zst", std::string_view(whole).substr(0, whole.size() / 2));
    CHECK(cut.code == Errc::Corrupt);
    CHECK(cut.error.find("t.csv.zst: the zstd data ends in the middle") != std::string::npos);
    Read foreign;
    foreign.file("t.csv.zst", kTrades + rows);
    CHECK(foreign.code == Errc::Corrupt);
    CHECK(foreign.error.find("not zstd data") != std::string::npos);
}

TEST_CASE("a file that is none of ours is one error that names it") {
    for (const char* const text : {"", "\n", "time,symbol,price\n1,2,3\n", "ts_ns,symbol\n"}) {
        CAPTURE(text);
        Read read;
        read.file("t.csv", text);
        CHECK(read.code == Errc::InvalidArgument);
        CHECK(read.error.find("t.csv:1: the first line is not the header") != std::string::npos);
    }
    Read binary;
    binary.file("t.csv", std::string(200'000, 'x'));
    CHECK(binary.code == Errc::Corrupt);
    CHECK(binary.error.find("this is not CSV") != std::string::npos);

    Config const config = test::small_config();
    ReplayRegistry registry(config.registry);
    std::vector<Event> events;
    TempDir const dir;
    auto const missing = read_csv(dir.path("no.csv"), registry, events);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == Errc::NotFound);
    CHECK(missing.error().message.find("no.csv") != std::string::npos);
    CHECK_FALSE(read_csv(dir.path(""), registry, events).has_value());
}
