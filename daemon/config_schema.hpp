// The field tables: every key of config.yaml, section by section, in the order of the file.
//
// Each function binds one table to one object. A key that is in no table is unknown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"
#include "daemon/config.hpp"
#include "daemon/config_field.hpp"

namespace spill {

// Names stand in signal keys ("MU.P|D20|down"), which have 56 bytes.
inline constexpr std::size_t kMaxNameLength = 24;

// Rows of the lists as they stand in the file, before names are resolved.
struct GroupRow {
    std::string parent = {};
};

struct FeedRow {
    std::string venue = {};
    std::string symbol = {};
    Coverage coverage = Coverage::Unknown;
    std::int64_t multiplier_e9 = kNanosPerUnit;
};

struct AliasRow {
    std::string name = {};
    int from = 0;
    int until = 0;
};

struct InstrumentRow {
    std::string name = {};
    std::string title = {};
    std::string proxy_for = {};
    Market market = Market::Utc;
    Role role = Role::Member;
    std::string group = {};
    std::string label = {};
    std::int64_t tick_e9 = 10'000'000;  // 0.01
    std::int64_t lot_e9 = kNanosPerUnit;
    double weight = 1.0;
};

// `daemon`, `gateway`, `calendars` and `rules`: whole paths from the root.
[[nodiscard]] std::vector<Field> config_fields(Config& config);
// Only `rules`: what the signals depend on.
[[nodiscard]] std::vector<Field> rule_fields(Config& config);

[[nodiscard]] std::vector<Field> venue_fields(VenueSettings& row);
[[nodiscard]] std::vector<Field> group_fields(GroupRow& row);
[[nodiscard]] std::vector<Field> instrument_fields(InstrumentRow& row);
[[nodiscard]] std::vector<Field> feed_fields(FeedRow& row);
[[nodiscard]] std::vector<Field> alias_fields(AliasRow& row);

[[nodiscard]] std::span<const std::string_view> role_names() noexcept;
[[nodiscard]] std::span<const std::string_view> market_names() noexcept;
[[nodiscard]] std::span<const std::string_view> coverage_names() noexcept;

}  // namespace spill
