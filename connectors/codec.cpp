#include "connectors/codec.hpp"

#include "connectors/link_stats.hpp"

namespace spill {

const char* to_string(FrameKind kind) noexcept {
    switch (kind) {
        case FrameKind::Trade: return "trade";
        case FrameKind::Ack: return "ack";
        case FrameKind::Error: return "error";
        case FrameKind::Heartbeat: return "heartbeat";
        case FrameKind::Ping: return "ping";
        case FrameKind::Pong: return "pong";
        case FrameKind::Status: return "status";
        case FrameKind::Notice: return "notice";
        case FrameKind::Candle: return "candle";
        case FrameKind::Block: return "block";
        case FrameKind::Info: return "info";
        case FrameKind::Other: return "other";
        case FrameKind::Bad: return "bad";
        case FrameKind::Welcome: return "welcome";
        case FrameKind::LoggedIn: return "logged_in";
        case FrameKind::Halt: return "halt";
    }
    return "bad";
}

const char* to_string(BadReason reason) noexcept {
    switch (reason) {
        case BadReason::None: return "none";
        case BadReason::Empty: return "empty";
        case BadReason::NotJson: return "not_json";
        case BadReason::Utf8: return "utf8";
        case BadReason::MissingField: return "missing_field";
        case BadReason::WrongType: return "wrong_type";
        case BadReason::BadNumber: return "bad_number";
        case BadReason::Overflow: return "overflow";
        case BadReason::BadTime: return "bad_time";
        case BadReason::BadSide: return "bad_side";
        case BadReason::TooLarge: return "too_large";
        case BadReason::NotText: return "not_text";
    }
    return "none";
}

const char* to_string(LinkState state) noexcept {
    switch (state) {
        case LinkState::Idle: return "idle";
        case LinkState::Dialing: return "dialing";
        case LinkState::Subscribing: return "subscribing";
        case LinkState::Live: return "live";
        case LinkState::Stale: return "stale";
        case LinkState::Backoff: return "backoff";
        case LinkState::Banned: return "banned";
        case LinkState::LoggingIn: return "logging_in";
        case LinkState::Refused: return "refused";
    }
    return "idle";
}

}  // namespace spill
