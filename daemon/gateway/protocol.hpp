// The words of `spillover.v1`: what we say to a subscriber and what a subscriber may say to us.
//
// Everything here is pure: text in, text out. A published signal has two parts. The *body* is a
// function of the signal alone (replay prints the same bytes); the *envelope* adds what belongs to
// one life of the daemon and one moment: `epoch` and `ts_sent`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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
inline constexpr std::size_t kMaxKeys = 64;      // of one subscriber
inline constexpr std::size_t kMaxKeyBytes = 56;  // as long as Signal::key
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
    std::string_view cfg;
    std::size_t outbox_messages = 0;
    std::size_t outbox_bytes = 0;
    std::int64_t outbox_age_ms = 0;
    std::int64_t heartbeat_ms = 0;
    int messages_per_second = 0;
};

enum class SubscriberOp : std::uint8_t { Subscribe, Unsubscribe };
[[nodiscard]] constexpr const char* to_string(SubscriberOp op) noexcept {
    switch (op) {
        case SubscriberOp::Subscribe: return "subscribe";
        case SubscriberOp::Unsubscribe: return "unsubscribe";
    }
    return "subscribe";
}

// A request that was understood.
struct SubscriberRequest {
    SubscriberOp op = SubscriberOp::Subscribe;
    std::int64_t id = -1;  // the subscriber's own number, repeated in the answer; -1 = none given
    TypeMask types = kAllTypes;
    std::vector<std::string> keys;  // empty = every key
};

// A request that was not, and what to say about it.
struct Rejection {
    std::int64_t id = -1;
    std::string code;     // a word of the protocol: not_json, unknown_op, unknown_type, ...
    std::string message;  // for people
    std::string nearest;  // the nearest valid name, empty when there is none
};

[[nodiscard]] std::string make_hello(const HelloFacts& facts);
// `offset` is the last one published before the change took effect.
[[nodiscard]] std::string make_ack(const SubscriberRequest& request, std::uint64_t offset);
[[nodiscard]] std::string make_reject(const Rejection& rejection);
[[nodiscard]] std::string make_heartbeat(std::uint64_t offset, UnixNanos now);

// Reads one text message of a subscriber. Never throws; anything unknown is a rejection, never
// ignored. One object per thread: it reuses its buffers.
class RequestReader {
public:
    RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;
    ~RequestReader();

    // True with `request` filled, or false with `rejection` filled.
    [[nodiscard]] bool read(std::string_view text, SubscriberRequest& request,
                            Rejection& rejection);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
