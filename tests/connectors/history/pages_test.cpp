#include "connectors/history/pages.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/history_rows.hpp"

using namespace spill;
using test::ask_bars;
using test::ask_ids;
using test::at_second;
using test::kFirstMinute;

namespace {

constexpr rest::PageSize kTen{.minutes = 10};

rest::JsonNode text(const std::string& words) {
    rest::JsonNode node;
    node.type = json::TokenType::Text;
    node.text = words;
    return node;
}

BarRow bar_at(std::int64_t minute, std::int64_t close) {
    Price const price{close};
    return {.start = at_second(kFirstMinute + minute * 60),
            .open = price,
            .high = price,
            .low = price,
            .close = price,
            .volume = {}};
}

PastTrade trade_at(std::int64_t second, std::uint64_t id, std::int64_t size) {
    PastTrade trade;
    trade.ts_event = at_second(kFirstMinute + second);
    trade.id = id;
    trade.size = Quantity{size};
    return trade;
}

}  // namespace

TEST_CASE("windows of minutes cover a span once and end at what is finished") {
    BarsRequest request = ask_bars("X", 25);
    std::int64_t covered = 0;
    for (int page = 0; page < 3; ++page) {
        auto const window = rest::bars_window(request, kTen);
        REQUIRE(window.has_value());
        CHECK(window->from == at_second(kFirstMinute + covered * 60));
        covered += (window->to.ns - window->from.ns) / kNanosPerMinute;
        auto const more = rest::finish_bars({}, request, kTen).more;
        CHECK(more.has_value() == (page < 2));
        if (more) request.cursor = *more;
    }
    CHECK(covered == 25);
    request = ask_bars("X", 5, -2);
    request.now.ns += 59 * kNanosPerSecond;
    CHECK(rest::bars_window(request, kTen)->to == at_second(kFirstMinute + 3 * 60));
}

TEST_CASE("a span within minutes asks for the whole minutes that begin in it") {
    BarsRequest request = ask_bars("X", 3);
    request.span.from.ns += 1;
    CHECK(rest::bars_window(request, kTen)->from == at_second(kFirstMinute + 60));
}

TEST_CASE("no window where nothing is finished, in reach, or the cursor is not ours") {
    CHECK_FALSE(rest::bars_window(ask_bars("X", 0), kTen).has_value());
    CHECK_FALSE(rest::bars_window(ask_bars("X", 5, -5), kTen).has_value());
    CHECK_FALSE(rest::bars_window(ask_bars("X", 5, 60), {.minutes = 10, .reach = 60}).has_value());
    auto const reached = rest::bars_window(ask_bars("X", 5, 60), {.minutes = 10, .reach = 62});
    REQUIRE(reached.has_value());
    CHECK(reached->from == at_second(kFirstMinute + 3 * 60));
    BarsRequest request = ask_bars("X", 5);
    for (auto const* cursor : {"x", "-1", "99999999999999999999", "28333339"}) {
        request.cursor.next = cursor;
        CHECK_FALSE(rest::bars_window(request, kTen).has_value());
    }
}

TEST_CASE("bars come out in order, within the window, each minute once") {
    auto const page =
        rest::finish_bars({bar_at(2, 5), bar_at(1, 4), bar_at(1, 9), bar_at(-1, 3), bar_at(3, 6)},
                          ask_bars("X", 3), kTen);
    REQUIRE(page.rows.size() == 2);
    CHECK(page.rows[0] == bar_at(1, 4));
    CHECK(page.rows[1] == bar_at(2, 5));
}

TEST_CASE("trades come out in order and once, and those without ids keep their own order") {
    auto const rows = rest::finish_trades(
        {trade_at(3, 8, 1), trade_at(3, 7, 2), trade_at(2, 6, 3), trade_at(2, 6, 3)},
        ask_ids("X", {7, 8}), true);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].id == 7);
    CHECK(rows[1].id == 8);
    auto const nameless = rest::finish_trades({trade_at(3, 0, 1), trade_at(3, 0, 2)}, {}, true);
    REQUIRE(nameless.size() == 2);
    CHECK(nameless[0].size.nanos == 2);
    auto const spanned = rest::finish_trades({trade_at(4, 1, 1), trade_at(5, 2, 1)},
                                             test::ask_seconds("X", 5), true);
    REQUIRE(spanned.size() == 1);
    CHECK(spanned[0].id == 1);
}

TEST_CASE("pages of ids go upwards and end at the last one asked for") {
    TradesRequest request = ask_ids("X", {5, 26});
    CHECK(rest::ids_window(request, 10) == IdRange{5, 14});
    request.cursor.next = "25";
    CHECK(rest::ids_window(request, 10) == IdRange{25, 26});
    for (auto const* cursor : {"5", "27", "t3", "-1"}) {
        request.cursor.next = cursor;
        CHECK_FALSE(rest::ids_window(request, 10).has_value());
    }
    CHECK(rest::ids_window(ask_ids("X", {5, UINT64_MAX}), 10) == IdRange{5, 14});
    CHECK_FALSE(rest::ids_window(ask_ids("X", {5, 4}), 10).has_value());
}

TEST_CASE("the times of the venues are read exactly in all their spellings") {
    rest::Cells cells;
    CHECK(cells.seconds(text("1700000040.1234567")).ns == 1'700'000'040'123'456'700);
    CHECK(cells.seconds(text("1700000040")).ns == 1'700'000'040'000'000'000);
    CHECK(cells.millis(text("1700000040123")).ns == 1'700'000'040'123'000'000);
    CHECK(cells.millis(text("1700000040123.456000")).ns == 1'700'000'040'123'456'000);
    CHECK(cells.rfc3339(text("2023-11-14T22:14:00.5Z")).ns == 1'700'000'040'500'000'000);
    CHECK(cells.bad() == BadReason::None);
}

TEST_CASE("a cell that is not what it must be makes the row worthless") {
    auto const reason = [](auto&& read) {
        rest::Cells cells;
        read(cells);
        return cells.bad();
    };
    using rest::Cells;
    CHECK(reason([](Cells& c) { (void)c.price(text("0")); }) == BadReason::BadNumber);
    CHECK(reason([](Cells& c) { (void)c.price(rest::JsonNode{}); }) == BadReason::MissingField);
    CHECK(reason([](Cells& c) { (void)c.size(text("1e-12")); }) == BadReason::Overflow);
    CHECK(reason([](Cells& c) { (void)c.volume(text("-1")); }) == BadReason::BadNumber);
    CHECK(reason([](Cells& c) { (void)c.number(text("1.5")); }) == BadReason::BadNumber);
    CHECK(reason([](Cells& c) { (void)c.millis(text("1700000040")); }) == BadReason::BadTime);
    CHECK(reason([](Cells& c) { (void)c.millis(text("17000000400000000")); }) ==
          BadReason::BadTime);
    CHECK(reason([](Cells& c) { (void)c.rfc3339(text("0001-01-01T00:00:00Z")); }) ==
          BadReason::BadTime);
    CHECK(reason([](Cells& c) { (void)c.side(text("BUY"), "buy", "sell"); }) == BadReason::BadSide);
}

TEST_CASE("a volume that was summed in binary fractions is cut, a price is not") {
    rest::Cells cells;
    CHECK(cells.volume(text("3.1895000000000002")).nanos == 3'189'500'000);
    CHECK(cells.volume(text("0")).nanos == 0);
    CHECK(cells.bad() == BadReason::None);
    (void)cells.price(text("3.1895000000000002"));
    CHECK(cells.bad() == BadReason::Overflow);
}

TEST_CASE("a refusal is one line that names the venue and is not too long") {
    auto const error = rest::refused("zed", "7", "a\nb" + std::string(500, 'x'), true).value();
    CHECK(error.code == Errc::Unavailable);
    CHECK(error.message.starts_with("zed refuses: 7 a b"));
    CHECK(error.message.size() < 250);
}

TEST_CASE("symbols go into a query encoded") {
    CHECK(rest::encoded("TAO/USD &\xC3\xA9") == "TAO%2FUSD%20%26%C3%A9");
    CHECK(rest::upper_without("tao/usd", '/') == "TAOUSD");
}
