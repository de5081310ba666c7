// Why nothing is being said about an instrument or a group: for each rule its state, the next one,
// and every gate on the way with its value, its bound and what is missing.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/engine.hpp"
#include "core/instrument.hpp"
#include "core/params.hpp"

namespace spill {

inline constexpr std::size_t kMaxExplainBytes = 64 * 1024;

// Writes one JSON object about the instrument or group `name`; returns its length, 0 when the name
// is not known or the text does not fit. Core thread, between events; allocates nothing.
std::size_t write_explain(const Engine& engine, const Params& params, std::string_view name,
                          std::span<char> out) noexcept;

}  // namespace spill
