// A world for tests of the wiring: one chip, one token on three venues, the real calendars, and
// files that vanish with the test.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "core/calendar.hpp"
#include "core/instrument.hpp"
#include "core/timestamp.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/config.hpp"

namespace spill::test {

// As a file: simulated venues are found through the port, which the test fills in.
inline constexpr std::string_view kSmallYaml = R"(
daemon:
  log: {level: error}
gateway:
  port: 0
venues:
  bybit-linear: {}
  binance: {}
  bybit-spot: {}
  kraken: {trusted: true}
groups:
  baskets:
    memory: {}
  buckets:
    infra: {}
instruments:
  - {name: MU, market: XNYS, role: leader, group: memory}
  - {name: MU.P, proxy_for: MU, lot: 0.01, feeds: [{venue: bybit-linear, symbol: MUUSDT}]}
  - name: TAO
    role: token
    group: infra
    feeds:
      - {venue: binance, symbol: TAOUSDT}
      - {venue: kraken, symbol: TAO/USD}
      - {venue: bybit-spot, symbol: TAOUSDT}
)";

inline Config small_config() {
    ConfigResult parsed = parse_config(kSmallYaml, "small.yaml");
    for (const ConfigIssue& issue : parsed.issues) FAIL_CHECK(to_string(issue));
    REQUIRE(parsed.ok());
    return std::move(parsed.config);
}

inline Calendars real_calendars() {
    auto loaded = load_calendars("");
    REQUIRE(loaded.has_value());
    return std::move(*loaded);
}

inline UnixNanos instant(std::string_view text) {
    auto const parsed = parse_rfc3339(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

inline FeedId feed_on(const Registry& registry, std::string_view venue, std::string_view name) {
    for (const Feed& feed : registry.feeds()) {
        if (registry.venue(feed.venue).name == venue &&
            registry.instrument(feed.instrument).name == name) {
            return feed.id;
        }
    }
    FAIL("no such feed: ", std::string(venue), " ", std::string(name));
    return FeedId{};
}

// A folder of its own, removed with everything in it.
class TempDir {
public:
    TempDir() {
        std::string name = (std::filesystem::temp_directory_path() / "spillXXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (path_ / name).string();
    }
    std::string write(const std::string& name, std::string_view bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return path(name);
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::filesystem::path path_;
};

}  // namespace spill::test
