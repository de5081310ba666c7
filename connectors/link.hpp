// One connection's life as a pure state machine: no socket, no clock, no thread.
//
// The driver feeds it what happened (each input takes the steady time), then carries out the
// actions, looks at the symbols that changed, and calls tick() when deadline() has come:
//
//   Idle -> Dialing -> [LoggingIn ->] Subscribing -> Live <-> Stale -> Backoff -> Dialing ...
//                                       any refusal with a time -> Banned -> Dialing
//                                       a refusal for good -> Refused, until the next start
//
// Liveness is data only and armed from connect: pings, pongs and acknowledgements never count.
// One owner of reconnects: full jitter, capped, forgotten only after a minute of Live.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/codec.hpp"
#include "connectors/link_stats.hpp"
#include "connectors/rate_window.hpp"
#include "connectors/registry.hpp"

namespace spill {

namespace link_rules {
using namespace std::chrono_literals;
inline constexpr LinkTime kPhaseDeadline = 5s;  // each of: TCP, TLS, upgrade, first answer
inline constexpr LinkTime kBackoffFloor = 250ms;
inline constexpr LinkTime kBackoffFirst = 500ms;  // the first retry comes within this
inline constexpr LinkTime kBackoffCap = 30s;
inline constexpr LinkTime kForgiveAfter = 60s;  // of Live: then the next backoff starts anew
inline constexpr LinkTime kStaleGrace = 2s;     // Stale for this long => reconnect
inline constexpr LinkTime kRefusedDelay = 60s;  // first retry of a refused symbol; doubles ...
inline constexpr LinkTime kRefusedCap = 3600s;  // ... up to this
inline constexpr int kQuietDoublings = 4;       // a quiet market widens the budget up to 16 x
inline constexpr int kBriskMessages = 32;       // and this many close together narrow it again
inline constexpr int kBadFrames = 20;           // more than this within ...
inline constexpr LinkTime kBadWindow = 60s;     // ... this time => reconnect
inline constexpr std::size_t kFeedDials = 5;    // dials of all links of a feed ...
inline constexpr LinkTime kFeedDialWindow = 1s;
inline constexpr std::size_t kEvictions = 3;         // of the key's only connection, within ...
inline constexpr LinkTime kEvictionWindow = 300s;    // ... this time: another program has the key
inline constexpr LinkTime kMaxBan = 3 * 24 * 3600s;  // the longest that a venue is known to give
inline constexpr std::size_t kMaxActions = 16;       // per input; what is left waits for the next
}  // namespace link_rules

enum class SymbolState : std::uint8_t {
    Wanted,     // not asked for yet, or asked in vain
    Requested,  // sent, not answered
    Acked,      // accepted, but this venue's acceptance proves nothing: waiting for data
    Live,
    Refused  // by name; asked for again, alone, later
};

struct LinkAction {
    enum class Kind : std::uint8_t {
        Dial,   // open a new connection
        Send,   // `text` as one text message
        Renew,  // a cut is announced: build the successor while this connection goes on
        Close   // let go of the connection (dialling or open); expect nothing more from it
    };
    Kind kind = Kind::Close;
    std::string text;  // Send: the frame. Close: why, for people
};

struct DialFailure {
    int http_status = 0;  // 0 = no HTTP answer at all
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
};

// What all links of a venue share: the venue counts dials and bans by address, not by connection.
struct VenueGate {
    explicit VenueGate(const VenueSpec& spec)
        : dials(static_cast<std::size_t>(spec.dials_per_window > 0 ? spec.dials_per_window : 1),
                spec.dial_window) {}
    RateWindow dials;
    LinkTime banned_until{0};
};

class Link {
public:
    struct Config {
        const VenueSpec* spec = nullptr;
        const Codec* codec = nullptr;      // for subscribe and ping frames
        std::vector<std::string> symbols;  // desired state, in order; the index is the slot
        RateWindow* feed_dials = nullptr;  // shared by all links of a feed
        std::uint64_t seed = 0;            // of the jitter
        LinkTime silence{0};               // budget of silence; 0 = the venue's own
        Credentials credentials{};         // for VenueSpec::login
        VenueGate* venue = nullptr;        // null: the link is the venue's only one
        bool overlap = false;              // Renew instead of a break at announced cuts
    };
    // REQUIRES all pointers to be set and to outlive the link.
    explicit Link(Config config);

    // Inputs. `now` never goes back.
    void start(LinkTime now);
    void stop(LinkTime now);
    void on_phase(LinkTime now) noexcept;  // a step of dialling is done
    void on_open(LinkTime now);
    void on_dial_failed(LinkTime now, const DialFailure& failure);
    void on_closed(LinkTime now);
    void on_ws_ping(LinkTime now) noexcept;  // the pong that went out counts as a message
    // A decoded frame, in the order of arrival. Hot: no allocation for data frames.
    void on_frame(LinkTime now, const Decoded& frame);
    // A trade row of `slot`, before on_frame of its frame. Hot, noexcept, no allocation.
    void on_trade(std::size_t slot) noexcept;
    void tick(LinkTime now);
    // The symbol went mute beside others that flow: asks for it anew, alone. It is live again with
    // its next trade. Nothing when the symbol is not subscribed.
    void resubscribe(LinkTime now, std::size_t slot);
    // The predecessor of this connection carried the symbol until now: its acceptance is enough.
    void adopt(std::size_t slot) noexcept;

    // When to call tick() at the latest. LinkTime::max() = never.
    [[nodiscard]] LinkTime deadline() const noexcept;

    // True when actions or changed symbols wait; both are valid until taken.
    [[nodiscard]] bool pending() const noexcept { return action_count_ > 0 || !changed_.empty(); }
    [[nodiscard]] std::span<LinkAction> actions() noexcept {
        return {actions_.data(), action_count_};
    }
    // Slots whose live() or refused state may have changed.
    [[nodiscard]] std::span<const std::uint16_t> changed() const noexcept { return changed_; }
    void taken() noexcept;

    [[nodiscard]] LinkState state() const noexcept { return state_; }
    [[nodiscard]] std::span<const std::string> symbols() const noexcept { return config_.symbols; }
    [[nodiscard]] SymbolState symbol_state(std::size_t slot) const noexcept {
        return symbols_[slot].state;
    }
    // Subscribed, proven, and on a connection that is not silent.
    [[nodiscard]] bool live(std::size_t slot) const noexcept {
        return symbols_[slot].state == SymbolState::Live && state_ != LinkState::Stale;
    }
    // Linear; edges and tests only. symbols().size() when it is not ours.
    [[nodiscard]] std::size_t slot_of(std::string_view symbol) const noexcept;
    [[nodiscard]] std::uint64_t subscribe_errors() const noexcept { return subscribe_errors_; }
    [[nodiscard]] LinkTime silence_budget() const noexcept;

private:
    struct Symbol {
        SymbolState state = SymbolState::Wanted;
        bool dirty = false;     // is in changed_
        bool alone = false;     // was refused before: its own request
        bool unproven = false;  // went mute: only data proves it
        int refusals = 0;       // in a row
        LinkTime retry_at{0};   // Refused: when to ask again
    };
    struct Request {
        std::int64_t id = 0;
        std::vector<std::uint16_t> slots;      // none: takes a subscription back
        LinkTime answer_by = LinkTime::max();  // set when it is sent
    };
    struct Outgoing {
        std::string text;
        std::int64_t request_id = -1;  // -1 = not a subscribe
    };

    // Life of the connection.
    void try_dial(LinkTime now);
    void drop(LinkTime now, std::string why, bool planned);
    void lose_connection(LinkTime now) noexcept;
    void back_off(LinkTime now, LinkTime at_least);
    void leave_live(LinkTime now) noexcept;
    void cut_is_near(LinkTime now, const char* why);
    [[nodiscard]] VenueGate& gate() noexcept {
        return config_.venue != nullptr ? *config_.venue : own_gate_;
    }
    void check_silence(LinkTime now);
    void note_data(LinkTime now) noexcept;
    void count_bad(LinkTime now);
    [[nodiscard]] bool open() const noexcept;
    [[nodiscard]] LinkTime open_deadline() const noexcept;

    // The key (link_login.cpp).
    void begin(LinkTime now);
    void send_login(LinkTime now);
    void on_logged_in(LinkTime now);
    bool refused_for_good(LinkTime now, const Decoded& frame);
    void on_evicted(LinkTime now, std::string why);
    void give_up(LinkTime now, std::string why);

    // Subscriptions (link_subscriptions.cpp).
    void subscribe_all();
    void request(std::span<const std::uint16_t> slots);
    void enqueue(std::string text, bool urgent);
    void pump(LinkTime now);
    void on_ack(LinkTime now, const Decoded& frame);
    void on_error(LinkTime now, const Decoded& frame);
    void prove(std::size_t slot) noexcept;
    void accept(std::size_t slot) noexcept;
    void accept_named(std::string_view symbol);
    void refuse(LinkTime now, std::size_t slot);
    void refuse_request(LinkTime now, const Request& refused, const Decoded& frame);
    void check_requests(LinkTime now);
    void on_full_state(LinkTime now, const Decoded& frame);
    void on_named_error(LinkTime now, const Decoded& frame);
    void retry_refused(LinkTime now);
    void update_live(LinkTime now) noexcept;
    [[nodiscard]] Request* match(const Decoded& frame) noexcept;
    void settle(std::size_t slot) noexcept;

    void act(LinkAction::Kind kind, std::string text);
    void mark(std::size_t slot) noexcept;
    void mark_live() noexcept;
    [[nodiscard]] std::uint64_t random() noexcept;
    [[nodiscard]] LinkTime between(LinkTime low, LinkTime high) noexcept;

    Config config_;
    LinkState state_ = LinkState::Idle;
    std::vector<Symbol> symbols_;
    std::deque<Request> requests_;  // unanswered, oldest first; bounded by the symbols
    std::deque<Outgoing> queue_;    // waits for its turn under the message budget
    std::int64_t next_request_id_ = 1;

    LinkTime phase_by_ = LinkTime::max();  // Dialing: the deadline of the step
    LinkTime retry_at_ = LinkTime::max();  // Backoff, Banned: the next dial
    LinkTime opened_at_{0};
    LinkTime last_data_{0};  // or the connect
    LinkTime live_since_ = LinkTime::max();
    LinkTime stale_since_ = LinkTime::max();
    LinkTime ping_at_ = LinkTime::max();
    LinkTime refused_at_ = LinkTime::max();  // the next refused symbol to ask for again
    LinkTime cut_at_ = LinkTime::max();      // before the venue's planned cut
    bool renewed_ = false;                   // Renew was asked for on this connection
    bool answered_ = false;                  // any request on this connection
    bool any_data_ = false;                  // on this connection
    int attempts_ = 0;                       // failures in a row
    int quiet_ = 0;                          // doublings of the silence budget
    int brisk_ = 0;                          // close messages in a row

    VenueGate own_gate_;
    RateWindow sends_;
    RateWindow bad_;
    RateWindow evictions_{link_rules::kEvictions - 1, link_rules::kEvictionWindow};
    std::uint64_t random_;
    LinkTime silence_;  // the budget without doublings
    std::uint64_t subscribe_errors_ = 0;

    std::array<LinkAction, link_rules::kMaxActions> actions_;
    LinkTime last_pump_{0};
    std::size_t action_count_ = 0;
    std::vector<std::uint16_t> changed_;
};

}  // namespace spill
