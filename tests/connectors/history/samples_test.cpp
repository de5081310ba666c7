// The recorded and documented REST answers of the venues against what is known of them.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/frames.hpp"
#include "tests/support/history_rows.hpp"

using namespace spill;
namespace fs = std::filesystem;
using test::history_of;
using test::page_text;

namespace {

const char* const kSkip = "history samples";

std::string sample(const char* name) {
    fs::path const path = test::shared_path(std::string("wire/") + name);
    return path.empty() ? std::string{} : test::read_whole(path);
}

// Asks for `minutes` from the second `from` on, when all of it is finished.
Result<BarPage> bars(std::string_view venue, const std::string& body, std::int64_t from,
                     std::int64_t minutes, std::int64_t age = 1) {
    BarsRequest request;
    request.symbol = "X";
    std::int64_t const end = from + minutes * 60;
    request.span = {test::at_second(from), test::at_second(end)};
    request.now = test::at_second(end + age * 60);
    return history_of(venue).parse_bars(body, request);
}

Result<TradePage> trades(std::string_view venue, const std::string& body) {
    return history_of(venue).parse_trades(body, TradesRequest{});
}

// Sizes, by side.
std::int64_t sum_of(const TradePage& page, Aggressor side) {
    std::int64_t sum = 0;
    for (PastTrade const& row : page.rows) sum += row.aggressor == side ? row.size.nanos : 0;
    return sum;
}

}  // namespace

TEST_CASE("binance's recorded bars, trades and refusal say what they are") {
    std::string const klines = sample("binance/rest-klines-1.json");
    if (klines.empty()) return test::skip(kSkip, "no recorded answers here");
    auto const page = bars("binance", klines, 1634943780, 60);
    REQUIRE(page.has_value());
    REQUIRE(page->rows.size() > 5);
    CHECK(page_text<BarRow>(BarPage{{page->rows[0]}, {}}) ==
          "1634943780 60685.22 60729.84 60670.9 60719.27 21.63272 617");
    auto const rows = trades("binance", sample("binance/rest-agg_trades-1.json"));
    REQUIRE(rows.has_value());
    REQUIRE(rows->rows.size() > 7);
    CHECK(rows->rows.front().id == 966492862);
    CHECK(rows->rows.front().aggressor == Aggressor::Buy);
    CHECK(rows->rows[2].aggressor == Aggressor::Sell);
    for (std::size_t i = 1; i < rows->rows.size(); ++i) {
        CHECK(rows->rows[i].id == rows->rows[i - 1].id + 1);
        CHECK(rows->rows[i].first_fill == rows->rows[i - 1].last_fill + 1);
    }
    CHECK(page_text(bars("binance", sample("binance/rest-error-1121.json"), 60, 1)) ==
          "error binance refuses: -1121 Invalid symbol.");
}

TEST_CASE("binance's single trades are not the aggregated ones and are refused") {
    std::string const single = sample("binance/rest-trades-1.json");
    if (single.empty()) return test::skip(kSkip, "no recorded answers here");
    CHECK_FALSE(trades("binance", single).has_value());
    CHECK_FALSE(trades("binance", sample("binance/rest-historical_trades-1.json")).has_value());
}

TEST_CASE("kraken's recorded answers: 216 of 721 minutes are empty and the last one forms") {
    std::string const body = sample("kraken/rest-OHLC-2.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    auto const page = bars("kraken", body, 1762777020, 719, 0);
    REQUIRE(page.has_value());
    CHECK(page->rows.size() == 719);
    auto const empty = std::ranges::count_if(
        page->rows, [](BarRow const& bar) { return bar.volume.nanos == 0 && bar.trades == 0; });
    CHECK(empty >= 214);
    CHECK(empty <= 216);
    auto const hours = bars("kraken", sample("kraken/rest-OHLC-1.json"), 1790348400, 300);
    REQUIRE(hours.has_value());
    REQUIRE(hours->rows.size() == 3);
    CHECK(hours->rows.back().start == test::at_second(1790355600));
    CHECK(hours->rows.back().trades == 5879);
    CHECK(bars("kraken", sample("kraken/rest-OHLC-3.json"), 1688671200, 60)->rows.size() == 4);
    CHECK_FALSE(bars("kraken", sample("kraken/rest-status-1.json"), 60, 1).has_value());
}

TEST_CASE("kraken's recorded trades are dense and sorted to the tenth of a microsecond") {
    std::string const body = sample("kraken/rest-Trades-2.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    auto const page = trades("kraken", body);
    REQUIRE(page.has_value());
    REQUIRE(page->rows.size() == 1000);
    CHECK(page->rows.front().id == 10218208);
    CHECK(page->rows.back().id == 10219207);
    CHECK(page->rows.front().ts_event.ns == 1'762'795'433'971'744'500);
    CHECK(page_text(trades("kraken", sample("kraken/rest-Trades-1.json"))) ==
          "109118758 83930.3 0.000051 sell 1790359840939291200 dense | "
          "109118759 83928 0.00044682 buy 1790359841138228700 dense | "
          "109118760 83935.4 0.00551352 buy 1790359841138228700 dense");
}

TEST_CASE("coinbase's documented answers read low before high, and the maker's side inverted") {
    std::string body = sample("coinbase/rest-exchange-candles-doc.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    // The example's time is no whole minute, which no real answer has.
    CHECK_FALSE(bars("coinbase", body, 1415398740, 1).has_value());
    body.replace(body.find("1415398768"), 10, "1415398740");
    CHECK(page_text(bars("coinbase", body, 1415398740, 1)) ==
          "1415398740 0.35 4.2 0.32 4.2 12.3 0");
    CHECK(page_text(trades("coinbase", sample("coinbase/rest-exchange-trades-doc.json"))) ==
          "73 100 0.01 buy 1415322523642366000 dense | "
          "74 10 0.01 sell 1415398768578544000 dense");
    // The other interface of the house answers in another shape.
    CHECK_FALSE(bars("coinbase", sample("coinbase/rest-adv-candles-1.json"), 60, 1).has_value());
    CHECK_FALSE(trades("coinbase", sample("coinbase/rest-adv-ticker-1.json")).has_value());
}

TEST_CASE("okx's recorded answers: the first volume of three, newest first, unconfirmed dropped") {
    std::string const body = sample("okx/rest-candles-1.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    CHECK(page_text(bars("okx", body, 1747093980, 2)) ==
          "1747093980 102806 102820.5 102783.1 102806.1 7164.04 0 | "
          "1747094040 102806.1 102820.4 102806.1 102820.4 1040.37 0");
    CHECK(page_text(bars("okx", sample("okx/rest-candles-2.json"), 1625097600, 2)) == "");
    CHECK(page_text(trades("okx", sample("okx/rest-trades-1.json"))) ==
          "734864332 102537.9 0.0000125 buy 1747087161666000000 fills=734864332..734864332 | "
          "734864333 102537.9 0.00013669 sell 1747087163557000000 fills=734864333..734864333");
}

TEST_CASE("bybit's answers: the newest bar forms, and a forgotten category shows") {
    std::string const body = sample("bybit/rest-kline-1.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    CHECK(page_text(bars("bybit-spot", body, 1779235200, 1, 0)) ==
          "1779235200 2.609 2.612 2.608 2.611 8120.1 0");
    auto const inverse = bars("bybit-spot", sample("bybit/rest-kline-2.json"), 1670601600, 180);
    CHECK(page_text(inverse) == "error bybit-spot: the answer is of category inverse");
    CHECK(page_text(trades("bybit-spot", sample("bybit/rest-recent-trade-1.json"))) ==
          "2100000000007764263 16618.49 0.00012 buy 1672052955758000000");
}

TEST_CASE("gate's recorded answers: base volume last, the open bar dropped, per-pair numbers") {
    std::string const body = sample("gateio/rest-candlesticks-1.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    CHECK(page_text(bars("gateio", body, 1790349960, 10)) ==
          "1790349960 83853.4 83864.5 83829.6 83859 4.238184 0 | "
          "1790350020 83867.2 83872.5 83812.2 83816.1 5.422171 0");
    CHECK(page_text(trades("gateio", sample("gateio/rest-trades-1.json"))) ==
          "220643971 83818.9 0.000449 sell 1790359364413017000 fills=220643971..220643971 | "
          "220643972 83818.9 0.000761 sell 1790359364969221000 fills=220643972..220643972");
    CHECK(page_text(trades("gateio", sample("gateio/rest-trades-2.json"))) ==
          "1232893232 0.03 0.15 buy 1548000000123456000 fills=588018..588018");
}

TEST_CASE("mexc's recorded answers: eight columns, no ids, the buyer at rest means a sale") {
    std::string const body = sample("mexc/rest-klines-1.json");
    if (body.empty()) return test::skip(kSkip, "no recorded answers here");
    CHECK(page_text(bars("mexc", body, 1640804880, 1)) ==
          "1640804880 47482.36 47482.36 47416.57 47436.1 3.550717 0");
    auto const page = trades("mexc", sample("mexc/rest-trades-1.json"));
    REQUIRE(page.has_value());
    CHECK(page->rows.size() == 2);
    CHECK(sum_of(*page, Aggressor::Buy) == 47'570'000);
    CHECK(sum_of(*page, Aggressor::Sell) == 92'930'000);
    CHECK_FALSE(bars("mexc", sample("mexc/rest-time-1.json"), 60, 1).has_value());
}

TEST_CASE("every recorded answer of a venue is looked at by one of these tests") {
    fs::path const wire = test::shared_path("wire");
    if (wire.empty()) return test::skip(kSkip, "no recorded answers here");
    std::map<std::string, int> const known{{"binance", 5}, {"bybit", 3},  {"coinbase", 4},
                                           {"gateio", 3},  {"kraken", 6}, {"mexc", 3},
                                           {"okx", 3}};
    for (auto const& [venue, count] : known) {
        int found = 0;
        for (auto const& entry : fs::directory_iterator(wire / venue)) {
            found += entry.path().filename().string().starts_with("rest-") ? 1 : 0;
        }
        INFO(venue);
        CHECK(found == count);
    }
}
