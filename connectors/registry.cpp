#include "connectors/registry.hpp"

#include <array>

#include "connectors/venues.hpp"

namespace spill {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A wrong syntax or key, a plan without this feed.
constexpr std::string_view kAlpacaFatal = "400 402 408 409 411";

// Budgets stay below what the venues document, since an address is shared with other programs.
constexpr std::array kVenues{
    VenueSpec{
        // Documented: 5 messages a second, pongs included; 300 dials in 5 minutes; cut at 24 h.
        .name = "binance",
        .host = "data-stream.binance.vision",
        .port = "443",
        .path = "/stream",
        .make_codec = make_binance_codec,
        .ack = AckStyle::PerRequest,
        .silence = seconds{45},
        .max_life = hours{23},
        .symbols_per_request = 200,
        .messages_per_second = 3,
        .dials_per_window = 100,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: 10 topics a request; 500 dials in 5 minutes; cut after 10 idle minutes.
        .name = "bybit-spot",
        .host = "stream.bybit.com",
        .port = "443",
        .path = "/v5/public/spot",
        .make_codec = make_bybit_codec,
        .ack = AckStyle::AllOrNothing,
        .silence = seconds{45},
        .ping_every = seconds{20},
        .symbols_per_request = 10,
        .messages_per_second = 5,
        .dials_per_window = 100,
        .dial_window = minutes{5},
    },
    VenueSpec{
        .name = "bybit-linear",
        .host = "stream.bybit.com",
        .port = "443",
        .path = "/v5/public/linear",
        .make_codec = make_bybit_codec,
        .coverage = Coverage::Derivative,
        .ack = AckStyle::AllOrNothing,
        .silence = seconds{45},
        .ping_every = seconds{20},
        .symbols_per_request = 10,
        .messages_per_second = 5,
        .dials_per_window = 100,
        .dial_window = minutes{5},
    },
    VenueSpec{
        // Documented: about 150 dials in 10 minutes; a heartbeat a second on a quiet connection.
        .name = "kraken",
        .host = "ws.kraken.com",
        .port = "443",
        .path = "/v2",
        .make_codec = make_kraken_codec,
        .ack = AckStyle::PerSymbol,
        .silence = seconds{5},
        .heartbeats = true,
        .ping_every = seconds{30},
        .symbols_per_request = 50,
        .messages_per_second = 5,
        .dials_per_window = 60,
        .dial_window = minutes{10},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: 30 subscriptions a connection; 100 messages a second; cut at 24 h and after
        // 60 s without data. Ids are pairs with holes.
        .name = "mexc",
        .host = "wbs-api.mexc.com",
        .port = "443",
        .path = "/ws",
        .make_codec = make_mexc_codec,
        .ack = AckStyle::PerSymbol,
        .silence = seconds{45},
        .ping_every = seconds{15},
        .max_life = hours{23},
        .symbols_per_request = 1,
        .messages_per_second = 10,
        .dials_per_window = 60,
        .dial_window = minutes{5},
    },
    VenueSpec{
        // The spot protocol on contracts; the path is the one of the market data after the split
        // of the host in 2026. The budgets are those of spot.
        .name = "binance-usdm",
        .host = "fstream.binance.com",
        .port = "443",
        .path = "/market/stream",
        .make_codec = make_binance_codec,
        .coverage = Coverage::Derivative,
        .ack = AckStyle::PerRequest,
        .silence = seconds{45},
        .max_life = hours{23},
        .symbols_per_request = 200,
        .messages_per_second = 3,
        .dials_per_window = 100,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: 3 dials a second; 480 operations an hour, each of any number of symbols; cut
        // after 30 s without traffic, announced a minute ahead for upgrades.
        .name = "okx",
        .host = "ws.okx.com",
        .port = "8443",
        .path = "/ws/v5/public",
        .make_codec = make_okx_codec,
        .ack = AckStyle::PerSymbol,
        .silence = seconds{35},
        .ping_every = seconds{20},
        .symbols_per_request = 100,
        .messages_per_second = 2,
        .dials_per_window = 60,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: requests within a minute of the venue's clock; a silent connection is cut
        // after 60 s. Whether one unknown pair refuses a whole request is not: we assume it.
        .name = "gateio",
        .host = "api.gateio.ws",
        .port = "443",
        .path = "/ws/v4/",
        .make_codec = make_gateio_codec,
        .ack = AckStyle::AllOrNothing,
        .silence = seconds{25},
        .ping_every = seconds{12},
        .symbols_per_request = 50,
        .messages_per_second = 5,
        .dials_per_window = 60,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: 8 requests a second; the first within 5 s of the upgrade; a heartbeat a
        // second and product.
        .name = "coinbase",
        .host = "ws-feed.exchange.coinbase.com",
        .port = "443",
        .path = "/",
        .make_codec = make_coinbase_codec,
        .ack = AckStyle::FullState,
        .silence = seconds{5},
        .heartbeats = true,
        .symbols_per_request = 100,
        .messages_per_second = 4,
        .dials_per_window = 60,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // Documented: 8 dials and 8 messages a second; a channel is cut after 60 to 90 idle
        // seconds. Heartbeats come from our first ping on: silence waits for it.
        .name = "coinbase-advanced",
        .host = "advanced-trade-ws.coinbase.com",
        .port = "443",
        .path = "/",
        .make_codec = make_coinbase_advanced_codec,
        .ack = AckStyle::FullState,
        .silence = seconds{25},
        .heartbeats = true,
        .ping_every = seconds{20},
        .symbols_per_request = 100,
        .messages_per_second = 4,
        .dials_per_window = 60,
        .dial_window = minutes{5},
        .continuity = Continuity::Ids,
    },
    VenueSpec{
        // The free feed: one exchange, 30 symbols. One connection a feed and account; the newcomer
        // is refused with 406 while an old session lingers. Quiet names have minutes without print.
        .name = "alpaca-iex",
        .host = "stream.data.alpaca.markets",
        .port = "443",
        .path = "/v2/iex",
        .make_codec = make_alpaca_codec,
        .ack = AckStyle::FullState,
        .silence = minutes{5},
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .needs_secret = true,
        .one_connection = true,
        .fatal_codes = kAlpacaFatal,
        .busy_codes = "406",
    },
    VenueSpec{
        // The consolidated tape; needs a paid plan (409 without).
        .name = "alpaca-sip",
        .host = "stream.data.alpaca.markets",
        .port = "443",
        .path = "/v2/sip",
        .make_codec = make_alpaca_sip_codec,
        .coverage = Coverage::Consolidated,
        .ack = AckStyle::FullState,
        .silence = minutes{1},
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .needs_secret = true,
        .one_connection = true,
        .fatal_codes = kAlpacaFatal,
        .busy_codes = "406",
    },
    VenueSpec{
        .name = "alpaca-delayed",
        .host = "stream.data.alpaca.markets",
        .port = "443",
        .path = "/v2/delayed_sip",
        .make_codec = make_alpaca_sip_codec,
        .coverage = Coverage::Delayed,
        .ack = AckStyle::FullState,
        .silence = minutes{1},
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .needs_secret = true,
        .one_connection = true,
        .fatal_codes = kAlpacaFatal,
        .busy_codes = "406",
    },
    VenueSpec{
        // Made-up trades of one made-up stock around the clock: a self-test, never an instrument.
        .name = "alpaca-test",
        .host = "stream.data.alpaca.markets",
        .port = "443",
        .path = "/v2/test",
        .make_codec = make_alpaca_codec,
        .coverage = Coverage::Unknown,
        .ack = AckStyle::FullState,
        .silence = minutes{1},
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .needs_secret = true,
        .one_connection = true,
        .fatal_codes = kAlpacaFatal,
        .busy_codes = "406",
    },
    VenueSpec{
        // Documented: 41 registrations a session and one session a key; a lingering session answers
        // OPSP8996. No TLS is offered. The beat comes every ten seconds or so and is no data; out
        // of hours nothing flows at all.
        .name = "kis",
        .host = "ops.koreainvestment.com",
        .port = "21000",
        .path = "/tryitout",
        .make_codec = make_kis_codec,
        .coverage = Coverage::Consolidated,
        .ack = AckStyle::PerSymbol,
        .silence = seconds{100},
        .symbols_per_request = 1,
        .messages_per_second = 5,
        .dials_per_window = 10,
        .continuity = Continuity::Cumulative,
        .login = LoginStyle::InRequest,
        .one_connection = true,
        .plain = true,
        .fatal_codes = "OPSP0010 OPSP0011",
        .busy_codes = "OPSP8996",
    },
    VenueSpec{
        // One connection a cluster and account. Over the cap everything succeeds first, then comes
        // max_connections; fighting another holder of the key would never end.
        .name = "massive",
        .host = "socket.massive.com",
        .port = "443",
        .path = "/stocks",
        .make_codec = make_massive_codec,
        .coverage = Coverage::Consolidated,
        .ack = AckStyle::PerSymbol,
        .silence = minutes{1},
        .symbols_per_request = 1,
        .messages_per_second = 10,
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .one_connection = true,
        .fatal_codes = "auth_failed",
        .busy_codes = "max_connections",
    },
    VenueSpec{
        .name = "massive-delayed",
        .host = "delayed.massive.com",
        .port = "443",
        .path = "/stocks",
        .make_codec = make_massive_codec,
        .coverage = Coverage::Delayed,
        .ack = AckStyle::PerSymbol,
        .silence = minutes{1},
        .symbols_per_request = 1,
        .messages_per_second = 10,
        .dials_per_window = 20,
        .login = LoginStyle::OnWelcome,
        .one_connection = true,
        .fatal_codes = "auth_failed",
        .busy_codes = "max_connections",
    },
    VenueSpec{
        // Free: 50 symbols, one connection a key (a second one ends both). Nothing is acknowledged,
        // and its ping is no data: prints alone prove the link.
        .name = "finnhub",
        .host = "ws.finnhub.io",
        .port = "443",
        .path = "/",
        .make_codec = make_finnhub_codec,
        .coverage = Coverage::Unknown,
        .ack = AckStyle::Never,
        .silence = minutes{5},
        .symbols_per_request = 1,
        .messages_per_second = 5,
        .dials_per_window = 10,
        .login = LoginStyle::InTarget,
        .one_connection = true,
    },
};

}  // namespace

std::span<const VenueSpec> venue_specs() noexcept { return kVenues; }

const VenueSpec* find_venue_spec(std::string_view name) noexcept {
    for (VenueSpec const& spec : kVenues) {
        if (spec.name == name) return &spec;
    }
    return nullptr;
}

}  // namespace spill
