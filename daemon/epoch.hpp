// The identity of one signal stream: a bot that sees another epoch knows that offsets start anew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spill {

// 16 hex digits from the system's random source: no two starts share one.
[[nodiscard]] std::string new_epoch();

// A seed for reconnect jitter, different for every epoch.
[[nodiscard]] std::uint64_t seed_from(std::string_view epoch) noexcept;

}  // namespace spill
