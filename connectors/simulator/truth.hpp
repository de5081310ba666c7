// What was planted, in words and as something that a program can check.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/signal.hpp"
#include "core/types.hpp"

namespace spill {

// One planted fact about one key of one signal type.
//   found:  every state of `expect` was published for (type, key), in this order, from `start` to
//           `deadline`, and none of `forbid` from `start` on.
//   A row with an empty `expect` demands nothing: it says that signals of this key are explained
//   by the plan (the same move crosses more than one level), so they are not false ones.
struct Planted {
    std::string scenario;  // "S1" (signals.md 3.1), or "story" for the day's common moves
    std::string key;       // "MU.P|PD|up", "TAO", "infra"
    SignalType type = SignalType::Breakout;
    UnixNanos start;
    UnixNanos deadline;
    std::vector<std::string> expect;
    std::vector<std::string> forbid;
    std::string words;  // one sentence for people
};

// One JSON object a line, in the order of `rows`.
[[nodiscard]] std::string to_json(const Planted& row);

}  // namespace spill
