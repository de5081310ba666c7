// What becomes of a subscriber that comes back: one pure decision.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/gateway/protocol.hpp"

namespace spill {

struct StreamPosition {
    std::string_view epoch;
    std::uint64_t oldest = 1;  // offset of the oldest signal held; last + 1 when none is
    std::uint64_t last = 0;    // offset of the last signal published
};

enum class ResumeVerdict : std::uint8_t {
    Replay,    // everything after the offset is held
    NewEpoch,  // another stream
    TooOld,    // something after the offset is not held any more
    Future     // of this stream, but never published: the subscriber is confused
};

// `offset` is the last one that the subscriber has, 0 = none.
[[nodiscard]] constexpr ResumeVerdict resume_verdict(std::string_view epoch, std::uint64_t offset,
                                                     const StreamPosition& at) noexcept {
    if (epoch != at.epoch) return ResumeVerdict::NewEpoch;
    if (offset > at.last) return ResumeVerdict::Future;
    return offset + 1 >= at.oldest ? ResumeVerdict::Replay : ResumeVerdict::TooOld;
}

}  // namespace spill
