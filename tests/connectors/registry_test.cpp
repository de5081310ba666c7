#include "connectors/registry.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

TEST_CASE("every venue has one complete row under its own name") {
    std::set<std::string_view> names;
    for (VenueSpec const& spec : venue_specs()) {
        INFO(std::string(spec.name));
        CHECK(names.insert(spec.name).second);
        CHECK(find_venue_spec(spec.name) == &spec);
        CHECK_FALSE(spec.host.empty());
        CHECK((spec.plain ? spec.port == "21000" : spec.port == "443" || spec.port == "8443"));
        CHECK(spec.path.starts_with('/'));
        REQUIRE(static_cast<bool>(spec.make_codec));
        CHECK(static_cast<bool>(spec.make_codec()));
        CHECK(spec.silence.count() > 0);
        CHECK(spec.max_frame_bytes > 0);
    }
    CHECK(names ==
          std::set<std::string_view>{"alpaca-delayed", "alpaca-iex", "alpaca-sip", "alpaca-test",
                                     "binance", "binance-usdm", "bybit-linear", "bybit-spot",
                                     "coinbase", "coinbase-advanced", "finnhub", "gateio", "kis",
                                     "kraken", "massive", "massive-delayed", "mexc", "okx"});
    CHECK(find_venue_spec("bybit") == nullptr);
    CHECK(find_venue_spec("") == nullptr);
}

TEST_CASE("a codec splits its requests exactly as its row says") {
    for (VenueSpec const& spec : venue_specs()) {
        INFO(std::string(spec.name));
        auto const codec = spec.make_codec();
        auto const batch = static_cast<std::size_t>(spec.symbols_per_request);
        // KIS registers a stock's prints and its status one by one.
        std::size_t const frames = spec.name == "kis" ? 2 : 1;
        CHECK(codec->subscribe(std::vector<std::string>(batch, "A"), 1).size() == frames);
        CHECK(codec->subscribe(std::vector<std::string>(batch + 1, "A"), 1).size() == 2 * frames);
        CHECK(codec->unsubscribe(std::vector<std::string>(batch + 1, "A"), 1).size() == 2 * frames);
    }
}

TEST_CASE("a venue has an application ping exactly when its row schedules one") {
    for (VenueSpec const& spec : venue_specs()) {
        INFO(std::string(spec.name));
        CHECK(spec.make_codec()->ping(1).empty() == (spec.ping_every.count() == 0));
    }
}

TEST_CASE("our budgets stay below what the venues document") {
    using std::chrono::seconds;
    VenueSpec const& binance = *find_venue_spec("binance");
    CHECK(binance.messages_per_second < 5);
    CHECK(binance.max_life < std::chrono::hours{24});
    CHECK(binance.dials_per_window < 300);
    CHECK(binance.dial_window == seconds{300});
    for (std::string_view const name : {"bybit-spot", "bybit-linear"}) {
        VenueSpec const& bybit = *find_venue_spec(name);
        CHECK(bybit.symbols_per_request <= 10);
        CHECK(bybit.ping_every <= seconds{20});
        CHECK(bybit.dials_per_window < 500);
        CHECK(bybit.ack == AckStyle::AllOrNothing);
    }
    CHECK(find_venue_spec("bybit-linear")->coverage == Coverage::Derivative);
    CHECK(find_venue_spec("bybit-spot")->coverage == Coverage::SingleVenue);
    VenueSpec const& kraken = *find_venue_spec("kraken");
    CHECK(kraken.heartbeats);
    CHECK(kraken.silence <= seconds{5});
    CHECK(kraken.ack == AckStyle::PerSymbol);
    CHECK(kraken.dials_per_window < 150);
    CHECK(kraken.dial_window == seconds{600});
    VenueSpec const& okx = *find_venue_spec("okx");
    CHECK(okx.ping_every < seconds{30});
    CHECK(okx.ack == AckStyle::PerSymbol);
    CHECK(okx.continuity == Continuity::Ids);
    CHECK(okx.dials_per_window < 3 * okx.dial_window.count());
    VenueSpec const& gateio = *find_venue_spec("gateio");
    CHECK(gateio.ping_every <= seconds{15});
    CHECK(gateio.continuity == Continuity::Ids);
    for (std::string_view const name : {"coinbase", "coinbase-advanced"}) {
        VenueSpec const& coinbase = *find_venue_spec(name);
        CHECK(coinbase.messages_per_second < 8);
        CHECK(coinbase.heartbeats);
        CHECK(coinbase.ack == AckStyle::FullState);
        CHECK(coinbase.continuity == Continuity::Ids);
    }
    CHECK(find_venue_spec("coinbase")->silence <= seconds{5});
    CHECK(find_venue_spec("coinbase-advanced")->silence >
          find_venue_spec("coinbase-advanced")->ping_every);
}
