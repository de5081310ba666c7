// The words of `spillover.v1`: what we say to a subscriber and what a subscriber may say to us.
//
// Everything here is pure: text in, text out. A published signal has two parts. The *body* is a
// function of the signal alone (replay prints the same bytes); the *envelope* adds what belongs to
// one life of the daemon and one moment: `epoch` and `ts_sent`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/signal.hpp"

namespace spill {

inline constexpr std::string_view kProtocolName = "spillover.v1";
inline constexpr std::size_t kMaxSignalBytes = 8192;  // of a body
inline constexpr std::size_t kMaxEpochBytes = 64;
inline constexpr std::size_t kMaxEnvelopeBytes = 128;  // what the envelope adds to a body
inline constexpr std::size_t kMaxInboundBytes = 64 * 1024;
inline constexpr std::size_t kMaxKeys = 64;         // in one request
inline constexpr std::size_t kMaxFilterKeys = 256;  // of one subscriber and type
inline constexpr std::size_t kMaxKeyBytes = 56;     // as long as Signal::key
inline constexpr int kSignalTypes = 6;

// Writes the body of `signal`: one JSON object, no newline. `cfg_hash8` is the text of "cfg".
// Returns its length, or 0 when it does not fit into `out` (never the case with kMaxSignalBytes
// unless names are longer than the configuration allows). Allocates nothing.
std::size_t encode_signal(const Signal& signal, const Registry& registry, const char* cfg_hash8,
                          std::span<char> out) noexcept;

// Writes what is sent: {"epoch":"...","ts_sent":N, followed by `body` without its brace.
// REQUIRES an epoch of at most kMaxEpochBytes plain characters (letters, digits, '-').
// Returns the length, or 0 when it does not fit.
std::size_t encode_envelope(std::string_view body, std::string_view epoch, UnixNanos ts_sent,
                            std::span<char> out) noexcept;

// A set of signal types; bit n is SignalType n.
using TypeMask = std::uint8_t;
inline constexpr TypeMask kAllTypes = (1U << kSignalTypes) - 1U;
[[nodiscard]] constexpr TypeMask type_bit(SignalType type) noexcept {
    return static_cast<TypeMask>(1U << static_cast<unsigned>(type));
}

// True when `wanted` names `key` or its first part: "MU" wants "MU|PD|up", "memory" wants
// "memory@XNYS".
[[nodiscard]] bool key_matches(std::string_view wanted, std::string_view key) noexcept;

struct HelloFacts {
    std::string_view version;
    std::string_view epoch;
    std::uint64_t offset = 0;  // of the last signal published
    std::uint64_t oldest = 0;  // of the oldest signal that a resume can still get
    std::string_view cfg;
    std::string_view feeds{};  // JSON object: how the feeds are; empty = not said
    std::size_t outbox_messages = 0;
    std::size_t outbox_bytes = 0;
    std::int64_t outbox_age_ms = 0;
    std::int64_t heartbeat_ms = 0;
    int messages_per_second = 0;
};

enum class SubscriberOp : std::uint8_t { Subscribe, Unsubscribe, Resume };
[[nodiscard]] constexpr const char* to_string(SubscriberOp op) noexcept {
    switch (op) {
        case SubscriberOp::Subscribe: return "subscribe";
        case SubscriberOp::Unsubscribe: return "unsubscribe";
        case SubscriberOp::Resume: return "resume";
    }
    return "subscribe";
}

// A request that was understood.
struct SubscriberRequest {
    SubscriberOp op = SubscriberOp::Subscribe;
    std::int64_t id = -1;  // the subscriber's own number, repeated in the answer; -1 = none given
    TypeMask types = kAllTypes;
    std::vector<std::string> keys;  // empty = every key
    // Names that Names::resolve() turns into keys.
    std::vector<std::string> instruments, baskets, buckets;
    std::array<std::uint8_t, kSignalTypes> min_rank{};  // by type, see state_words.hpp
    std::optional<double> min_score;
    bool snapshot = true;      // of a subscribe: the current state first
    std::string epoch;         // of a resume
    std::uint64_t offset = 0;  // of a resume: the last one that the subscriber has
};

// A request that was not, and what to say about it.
struct Rejection {
    std::int64_t id = -1;
    std::string code;     // a word of the protocol: not_json, unknown_op, unknown_type, ...
    std::string message;  // for people
    std::string nearest;  // the nearest valid name, empty when there is none
};

[[nodiscard]] std::string make_hello(const HelloFacts& facts);
// How a resume went.
enum class Recovery : std::uint8_t {
    None,      // it was no resume
    Exact,     // what was missed follows, then the stream goes on
    NewEpoch,  // this is another stream: offsets of the old one mean nothing here
    TooOld     // what was missed is not held any more
};
[[nodiscard]] constexpr const char* to_string(Recovery recovery) noexcept {
    switch (recovery) {
        case Recovery::None: return "none";
        case Recovery::Exact: return "exact";
        case Recovery::NewEpoch: return "new_epoch";
        case Recovery::TooOld: return "too_old";
    }
    return "none";
}

// `offset` is the last one published before the change took effect: what follows the answer (and
// the snapshot, if there is one) is later.
[[nodiscard]] std::string make_ack(const SubscriberRequest& request, std::uint64_t offset,
                                   Recovery recovery = Recovery::None);
[[nodiscard]] std::string make_reject(const Rejection& rejection);
[[nodiscard]] std::string make_heartbeat(std::uint64_t offset, UnixNanos now);

struct SnapshotFacts {
    std::int64_t id = -1;  // of the request
    std::string_view epoch;
    std::uint64_t offset = 0;  // everything up to it is in the states
    int part = 1;              // a long snapshot comes in several messages
    bool last = true;          // this is the last of them
    bool complete = true;      // false: there was no room to keep every key's state
};
// `states` are the bodies of encode_signal(), with commas between them.
[[nodiscard]] std::string make_snapshot(const SnapshotFacts& facts, std::string_view states);

// At most 48 bytes of what a subscriber wrote, cut between characters.
[[nodiscard]] std::string_view excerpt(std::string_view text) noexcept;

}  // namespace spill
