// The contract of a venue: what it says, as values; what we say to it, as text.
//
// A codec is pure: no socket, no clock, no instrument list. It turns one frame into one Decoded and
// writes the frames that we send. One codec object belongs to one link (it reuses its buffers) and
// is used from one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.hpp"
#include "core/types.hpp"

namespace spill {

enum class FrameKind : std::uint8_t {
    Trade,      // one or more executed prints
    Ack,        // a request was accepted
    Error,      // a request was refused, or the venue complains
    Heartbeat,  // the venue says that it is alive
    Ping,       // the venue wants an answer (see Decoded::reply)
    Pong,       // answer to our ping
    Status,     // system status of the venue
    Notice,     // an announced cut: dial the next connection now
    Candle,     // bars of the venue: never volume
    Block,      // off-book prints: never volume, never in the id sequence
    Info,       // answers to questions that we did not need to ask
    Other,      // well-formed, and not ours (foreign protocol, unknown channel)
    Bad,        // malformed, or outside what can be represented
    Welcome,    // the venue is ready for our login (only where VenueSpec::login is set)
    LoggedIn,   // our login was accepted: subscribe now
    Halt        // trading status rows and no trade
};
inline constexpr int kFrameKinds = 16;

[[nodiscard]] const char* to_string(FrameKind kind) noexcept;

// Why a frame is Bad. The name is a metric label and the `reason` of `spilloverd decode`.
enum class BadReason : std::uint8_t {
    None,
    Empty,
    NotJson,       // simdjson refuses it
    Utf8,          // not UTF-8
    MissingField,  // a field that the frame must have is absent
    WrongType,     // a field has another JSON type than the protocol gives it
    BadNumber,     // not a decimal, negative, zero, or an exponent beyond reason
    Overflow,      // a number that 1e-9 fixed point cannot hold, or a fraction finer than 1e-9
    BadTime,
    BadSide,
    TooLarge,  // more bytes or rows than the codec's bound
    NotText    // a binary frame on a text protocol, or the reverse
};

[[nodiscard]] const char* to_string(BadReason reason) noexcept;

// One executed print as the venue wrote it. Text views point into the decoded frame or into the
// codec and are valid until the next decode().
struct TradeRow {
    std::string_view symbol;
    Price price;
    Quantity size;  // in the venue's unit; the feed's multiplier turns it into base units
    UnixNanos ts_event;
    Aggressor aggressor = Aggressor::Unknown;
    bool live = true;      // false: history that the venue pushed at subscribe
    bool block = false;    // off-book print inside the stream: no volume
    bool dense = false;    // id is number `id` of a sequence without holes (per symbol)
    std::uint64_t id = 0;  // numeric id, or a 64-bit hash of a text id; 0 = the venue gives none
    std::string_view id_text;      // as the venue wrote it (quotes removed)
    std::uint64_t first_fill = 0;  // ids of the fills inside an aggregated row, 0 when not given
    std::uint64_t last_fill = 0;
    std::uint32_t fill_count = 1;
    // trade_flag bits of core/event.hpp: what the print may move, auctions, late reports. A cancel
    // (kCancel) repeats the id, price and size of the print that it takes back.
    std::uint32_t flags = 0;
    Quantity cumulative{};  // volume of the session up to and with this print, zero when not given
};

// The ids of a sequence without holes (per symbol) that a row covers; zero when it proves nothing.
struct IdRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const IdRange&) const = default;
};

[[nodiscard]] constexpr IdRange covered_ids(const TradeRow& row) noexcept {
    if (row.dense) return {row.id, row.id};
    return {row.first_fill, row.last_fill};
}

// A halt, an auction or a resumption of one symbol, as the venue announced it.
struct StatusRow {
    std::string_view symbol;
    TradingStatus status = TradingStatus::Continuous;
    UnixNanos ts_event;       // zero when the venue gives no time: then the receipt counts
    std::string_view reason;  // the venue's code, for people
};

struct Decoded {
    FrameKind kind = FrameKind::Other;
    // Why the frame is Bad; of another kind: why elements of it were left out.
    BadReason bad = BadReason::None;
    std::span<const TradeRow> trades;     // empty unless kind == Trade
    std::span<const StatusRow> statuses;  // of a Trade or Halt frame
    // Ack of AckStyle::FullState: every symbol that is subscribed now; of PerSymbol: the accepted
    // ones of a frame that holds several answers.
    std::span<const std::string_view> subscribed;
    std::string_view symbol;  // the symbol that an Ack, Error or Heartbeat names, else empty
    // Heartbeat with a symbol: the venue has sent all trades of it up to this id. 0 = not said.
    std::uint64_t sent_up_to = 0;
    std::string_view code;         // Error: the venue's code, else empty
    std::string_view message;      // Error, Status: the venue's words, else empty
    std::int64_t request_id = -1;  // Ack, Error: id of our request, -1 when absent
    std::string_view reply;        // Ping: the frame to send back, else empty
};

// What the operator has from the venue. Never logged, never printed.
struct Credentials {
    std::string key;
    std::string secret;
    std::string token{};  // a pass that the venue gave for the two, and that expires (KIS, REST)
};

class Codec {
public:
    Codec() = default;
    Codec(const Codec&) = delete;
    Codec& operator=(const Codec&) = delete;
    virtual ~Codec() = default;

    // Decodes one whole message. REQUIRES kPadding readable bytes after the frame. Never throws,
    // never allocates in steady state. The result is valid until the next call.
    [[nodiscard]] virtual Decoded decode(std::string_view frame, bool binary) noexcept = 0;

    // What time it is, for a venue whose requests carry it (Gate). Told before requests are asked
    // for; a codec has no clock of its own.
    virtual void set_wall_clock(UnixNanos /*now*/) noexcept {}

    // The frames that subscribe to `symbols`, split as the venue's batch limit demands; request ids
    // start at `first_request_id` and ascend by one a frame. Not on the hot path.
    [[nodiscard]] virtual std::vector<std::string> subscribe(
        std::span<const std::string> symbols, std::int64_t first_request_id) const = 0;
    [[nodiscard]] virtual std::vector<std::string> unsubscribe(
        std::span<const std::string> symbols, std::int64_t first_request_id) const = 0;

    // The application-level ping that we must send every VenueSpec::ping_every, or empty when the
    // venue pings us or websocket pings are enough.
    [[nodiscard]] virtual std::string ping(std::int64_t request_id) const = 0;

    // The first frame on a venue that wants a login (VenueSpec::login), sent on Welcome or, where
    // the venue sends none, at once. Empty when the key travels otherwise.
    [[nodiscard]] virtual std::string login(const Credentials& /*credentials*/) const { return {}; }

    // What the requests below carry, where they are the login (VenueSpec::login InRequest). Called
    // before the first subscribe.
    virtual void use(const Credentials& /*credentials*/) {}

    // The target of the upgrade request: `path`, with the key in it where the venue wants that.
    [[nodiscard]] virtual std::string target(std::string_view path,
                                             const Credentials& /*credentials*/) const {
        return std::string(path);
    }

    static constexpr std::size_t kPadding = 64;
};

}  // namespace spill
