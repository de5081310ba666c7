#include "connectors/backfill.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;
using namespace std::chrono_literals;

namespace {

// A gap lies at some whole second; ids are dense and a trade comes every 100 ms.
constexpr std::int64_t kBegin = 1'700'000'000LL * kNanosPerSecond;

UnixNanos time_of(std::uint64_t id) {
    return UnixNanos{kBegin + static_cast<std::int64_t>(id) * 100'000'000};
}

PastTrade trade(std::uint64_t id) {
    PastTrade row;
    row.price = Price{1};
    row.size = Quantity{static_cast<std::int64_t>(id)};
    row.ts_event = time_of(id);
    row.id = id;
    row.dense = true;
    return row;
}

// A venue that answers from ids 1..last, page by page, and does not have `unknown`.
struct ModelVenue {
    std::uint64_t last = 1000;
    std::size_t page = 10;
    std::set<std::uint64_t> unknown;
    int requests = 0;

    static std::uint64_t number(const std::string& text) {
        std::uint64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    TradePage trades(const TradesRequest& request) {
        ++requests;
        TradePage out;
        std::uint64_t at = request.cursor.next.empty() ? 1 : number(request.cursor.next);
        if (request.ids.first != 0) at = std::max(at, request.ids.first);
        for (; at <= last && out.rows.size() < page; ++at) {
            PastTrade const row = trade(at);
            bool const inside = request.ids.first != 0 ? at <= request.ids.last
                                                       : row.ts_event >= request.span.from &&
                                                             row.ts_event < request.span.to;
            if (inside && !unknown.contains(at)) out.rows.push_back(row);
        }
        bool const end = request.ids.first != 0 ? at > request.ids.last || at > last : at > last;
        if (!end) out.more = HistoryCursor{std::to_string(at)};
        return out;
    }
    BarPage bars(const BarsRequest& request) {
        ++requests;
        BarPage out;
        for (std::int64_t m = minute_of(request.span.from); minute_start(m) < request.span.to;
             ++m) {
            BarRow row{};
            row.start = minute_start(m);
            row.volume = Quantity{1000};
            out.rows.push_back(row);
        }
        return out;
    }
};

std::optional<std::string> any_trades(const TradesRequest&) { return "/trades"; }
std::optional<std::string> any_bars(const BarsRequest&) { return "/bars"; }
Result<TradePage> no_trades(std::string_view, const TradesRequest&) { return TradePage{}; }
Result<BarPage> no_bars(std::string_view, const BarsRequest&) { return BarPage{}; }

HistorySpec spec_of(TradeHistory trades, bool bars) {
    HistorySpec spec;
    spec.venue = "model";
    spec.trades = trades;
    spec.trades_target = any_trades;
    spec.parse_trades = no_trades;
    spec.bars_per_page = bars ? 1000 : 0;
    spec.bars_target = any_bars;
    spec.parse_bars = no_bars;
    return spec;
}

BackfillGap gap_of(std::uint64_t first, std::uint64_t last, bool ids) {
    return {.ids = ids ? IdRange{first, last} : IdRange{},
            .from = time_of(first - 1),
            .to = time_of(last + 1)};
}

// Runs the plan to its end against the venue; returns the steady time that it took.
LinkTime run(Backfill& plan, ModelVenue& venue, int bound = 3000) {
    LinkTime now{0};
    UnixNanos wall{plan.gap().to.ns};
    while (!plan.over() && --bound > 0) {
        auto const request = plan.next(now, wall);
        if (!request) {
            if (plan.over()) break;
            REQUIRE(plan.state() == Backfill::State::Waiting);
            REQUIRE(plan.due() > now);
            wall.ns += (plan.due() - now).count();
            now = plan.due();
        } else if (auto const* const trades = std::get_if<TradesRequest>(&*request)) {
            plan.answered(venue.trades(*trades), now);
        } else {
            plan.answered(venue.bars(std::get<BarsRequest>(*request)), now);
        }
    }
    REQUIRE(bound > 0);
    return now;
}

std::vector<std::uint64_t> ids_of(const Backfill& plan) {
    std::vector<std::uint64_t> ids;
    for (const PastTrade& row : plan.rows()) ids.push_back(row.id);
    return ids;
}

}  // namespace

TEST_CASE("missing ids are asked for by id, page by page, and nothing else is kept") {
    HistorySpec const spec = spec_of(TradeHistory::ByIdOrTime, true);
    Backfill plan(spec, "ABC", gap_of(101, 135, true));
    ModelVenue venue;
    run(plan, venue);
    CHECK(plan.state() == Backfill::State::Filled);
    CHECK(plan.rows().size() == 35);
    CHECK(venue.requests == 4);
    CHECK(plan.missing().empty());
}

TEST_CASE("a gap of which only the time is known is filled by time, both ends included") {
    HistorySpec const spec = spec_of(TradeHistory::ByTime, true);
    Backfill plan(spec, "ABC", gap_of(101, 135, false));
    ModelVenue venue;
    run(plan, venue);
    CHECK(plan.state() == Backfill::State::Filled);
    CHECK(plan.rows().front().id == 100);
    CHECK(plan.rows().back().id == 136);
    CHECK(plan.rows().size() == 37);
}

TEST_CASE("known ids that are fetched by time are filled only when each of them came") {
    HistorySpec const spec = spec_of(TradeHistory::ByTime, false);
    ModelVenue venue;
    SUBCASE("all") {
        Backfill plan(spec, "ABC", gap_of(101, 135, true));
        run(plan, venue);
        CHECK(plan.state() == Backfill::State::Filled);
        CHECK(plan.rows().size() == 35);
    }
    SUBCASE("one is not there, however often it is asked for") {
        venue.unknown = {120};
        Backfill plan(spec, "ABC", gap_of(101, 135, true));
        LinkTime const took = run(plan, venue);
        CHECK(plan.state() == Backfill::State::GivenUp);
        CHECK(plan.rows().size() == 34);
        REQUIRE(plan.missing().size() == 1);
        CHECK(plan.missing()[0] == IdRange{120, 120});
        CHECK(took >= 155s);
        CHECK(took < 15min);
    }
}

TEST_CASE("what the venue does not have yet is asked for again, and only that") {
    HistorySpec const spec = spec_of(TradeHistory::ById, false);
    Backfill plan(spec, "ABC", gap_of(101, 110, true));
    ModelVenue venue;
    venue.last = 104;
    auto request = plan.next(0s, time_of(110));
    REQUIRE(request);
    plan.answered(venue.trades(std::get<TradesRequest>(*request)), 0s);
    CHECK(plan.state() == Backfill::State::Waiting);
    CHECK_FALSE(plan.next(1s, time_of(110)));
    venue.last = 1000;
    request = plan.next(plan.due(), time_of(110));
    REQUIRE(request);
    CHECK(std::get<TradesRequest>(*request).ids == IdRange{105, 110});
    plan.answered(venue.trades(std::get<TradesRequest>(*request)), plan.due());
    CHECK(plan.state() == Backfill::State::Filled);
    CHECK(plan.rows().size() == 10);
}

TEST_CASE("without past trades whole minutes stand in, once they are over") {
    for (TradeHistory const trades : {TradeHistory::None, TradeHistory::Recent}) {
        HistorySpec const spec = spec_of(trades, true);
        Backfill plan(spec, "ABC", gap_of(101, 135, true));
        CHECK_FALSE(plan.next(0s, time_of(135)));
        CHECK(plan.state() == Backfill::State::Waiting);
        ModelVenue venue;
        run(plan, venue);
        CHECK(plan.state() == Backfill::State::Filled);
        CHECK(plan.rows().empty());
        CHECK(plan.bars().size() == 1);
        CHECK(plan.bars()[0].start <= plan.gap().from);
    }
}

TEST_CASE("a venue that offers nothing is given up at once") {
    HistorySpec const spec = spec_of(TradeHistory::None, false);
    Backfill plan(spec, "ABC", gap_of(101, 135, true));
    CHECK(plan.state() == Backfill::State::GivenUp);
    CHECK_FALSE(plan.next(0s, time_of(1000)));
}

TEST_CASE("a gap of more ids than are fetched takes minute bars") {
    HistorySpec const spec = spec_of(TradeHistory::ById, true);
    BackfillGap gap = gap_of(101, 135, true);
    gap.ids.last = 10'000'000;
    Backfill plan(spec, "ABC", gap);
    auto const request = plan.next(0s, UnixNanos{gap.to.ns + 2 * kNanosPerMinute});
    REQUIRE(request);
    CHECK(std::holds_alternative<BarsRequest>(*request));
}

TEST_CASE("an outage beyond what minute bars can stand for stays a gap") {
    HistorySpec const spec = spec_of(TradeHistory::Recent, true);
    BackfillGap gap = gap_of(101, 135, false);
    gap.to = UnixNanos{gap.from.ns + 2 * 3600 * kNanosPerSecond};
    CHECK(Backfill(spec, "ABC", gap).state() == Backfill::State::GivenUp);
}

TEST_CASE("a refusal turns to the next way, no answer to the next round") {
    HistorySpec const spec = spec_of(TradeHistory::ById, true);
    Backfill plan(spec, "ABC", gap_of(101, 135, true));
    UnixNanos const later{time_of(135).ns + 10 * kNanosPerMinute};
    REQUIRE(plan.next(0s, later));
    plan.failed(Error{Errc::Unavailable, "too fast"}, 0s);
    CHECK(plan.state() == Backfill::State::Waiting);
    auto request = plan.next(plan.due(), later);
    REQUIRE(request);
    CHECK(std::holds_alternative<TradesRequest>(*request));
    plan.failed(Error{Errc::InvalidArgument, "no such symbol"}, plan.due());
    CHECK(plan.complaint() == "no such symbol");
    request = plan.next(10min, later);
    REQUIRE(request);
    CHECK(std::holds_alternative<BarsRequest>(*request));
}

TEST_CASE(
    "whatever a venue does, a plan ends, repeats nothing and claims nothing that is missing") {
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        auto const below = [&](std::uint64_t n) { return random() % n; };
        bool const ids = below(2) == 0;
        constexpr TradeHistory kWays[] = {TradeHistory::ById, TradeHistory::ByTime,
                                          TradeHistory::ByIdOrTime, TradeHistory::Recent};
        HistorySpec const spec = spec_of(kWays[below(4)], below(3) == 0);
        std::uint64_t const first = 2 + below(300);
        std::uint64_t const last = first + below(200);
        BackfillGap const gap = gap_of(first, last, ids);
        ModelVenue venue;
        venue.page = 1 + below(60);
        venue.last = below(4) == 0 ? first + below(50) : 1000;
        for (std::uint64_t n = below(5); n > 0; --n) venue.unknown.insert(first + below(200));
        Backfill plan(spec, "ABC", gap);
        LinkTime now{0};
        UnixNanos wall{gap.to.ns};
        int steps = 0;
        while (!plan.over() && ++steps < 5000) {
            auto const request = plan.next(now, wall);
            if (below(20) == 0) venue.last = 1000;
            if (!request) {
                if (plan.over()) break;
                REQUIRE(plan.due() > now);
                wall.ns += (plan.due() - now).count();
                now = plan.due();
            } else if (below(8) == 0) {
                plan.failed({below(12) == 0 ? Errc::InvalidArgument : Errc::Unavailable, "x"}, now);
            } else if (auto const* const trades = std::get_if<TradesRequest>(&*request)) {
                TradePage page = venue.trades(*trades);
                if (below(4) == 0) page.rows.push_back(trade(1 + below(600)));  // not asked for
                plan.answered(std::move(page), now);
            } else {
                plan.answered(venue.bars(std::get<BarsRequest>(*request)), now);
            }
        }
        REQUIRE(plan.over());
        CHECK(now < 15min);
        auto const got = ids_of(plan);
        CHECK(std::ranges::is_sorted(got));
        CHECK(std::ranges::adjacent_find(got) == got.end());
        for (std::uint64_t const id : got) {
            CHECK(id >= (ids ? first : first - 1));
            CHECK(id <= (ids ? last : last + 1));
        }
        bool const by_bars = !plan.bars().empty();
        if (ids) {
            std::uint64_t missing = 0;
            for (IdRange const part : plan.missing()) missing += part.last - part.first + 1;
            CHECK(got.size() + missing == last - first + 1);
            if (!by_bars) CHECK((plan.state() == Backfill::State::Filled) == (missing == 0));
        }
        if (by_bars) CHECK(plan.state() == Backfill::State::Filled);
    }
}
