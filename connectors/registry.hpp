// The table of venues: one row each. Everything that a link must know and that is not the codec.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string_view>

#include "connectors/codec.hpp"
#include "core/types.hpp"

namespace spill {

// How a venue answers a subscribe (`wire` pages): decides how acknowledgements are matched.
enum class AckStyle : std::uint8_t {
    PerRequest,    // one answer per request id; says nothing about a single symbol (Binance)
    PerSymbol,     // one answer per symbol (Kraken)
    AllOrNothing,  // one answer per request; one bad symbol refuses them all (Bybit)
    FullState,     // each answer lists every symbol that is subscribed now (Coinbase, Alpaca)
    Never          // no answer at all: data is the only proof (Finnhub)
};

// What a venue's trades prove about those that we did not get.
enum class Continuity : std::uint8_t {
    Unprovable,  // nothing: a hole can be suspected, never shown
    Ids,         // ids without holes, see covered_ids()
    Cumulative   // TradeRow::cumulative grows by exactly the sizes
};

enum class LoginStyle : std::uint8_t {
    None,
    OnOpen,     // we speak first
    OnWelcome,  // after FrameKind::Welcome
    InTarget,   // the key is part of the upgrade request
    InRequest   // the key is part of each subscribe, see Codec::use
};

struct VenueSpec {
    std::string_view name;  // "bybit-linear"
    std::string_view host;
    std::string_view port;
    std::string_view path;
    std::unique_ptr<Codec> (*make_codec)() = nullptr;
    Coverage coverage = Coverage::SingleVenue;
    AckStyle ack = AckStyle::PerRequest;
    // Silence of data (never of pings) after which the link is Stale, in an open market.
    std::chrono::milliseconds silence{45'000};
    bool heartbeats = false;  // the venue sends application heartbeats: silence is then exact
    std::chrono::milliseconds ping_every{0};  // our application ping; 0 = none
    std::chrono::milliseconds max_life{0};    // planned cut by the venue; 0 = none
    int symbols_per_request = 100;
    int messages_per_second = 5;            // what we may send
    int dials_per_window = 100;             // connection attempts ...
    std::chrono::seconds dial_window{300};  // ... per window
    std::size_t max_frame_bytes = 1U << 20U;
    Continuity continuity = Continuity::Unprovable;
    LoginStyle login = LoginStyle::None;
    bool needs_secret = false;    // the login wants Credentials::secret beside the key
    bool one_connection = false;  // a second connection with the same key ends one of the two
    bool plain = false;           // the venue offers no TLS (KIS): market data only, never secrets
    std::string_view content_type{};  // header of the upgrade request, empty = none
    // Codes of Error frames, separated by spaces. Fatal: asking again changes nothing (a wrong key,
    // a plan without this feed). Busy: another connection holds the key's only place.
    std::string_view fatal_codes{};
    std::string_view busy_codes{};
};

[[nodiscard]] std::span<const VenueSpec> venue_specs() noexcept;
// nullptr when the name is unknown.
[[nodiscard]] const VenueSpec* find_venue_spec(std::string_view name) noexcept;

}  // namespace spill
