#include "daemon/config.hpp"

#include <stdlib.h>    // setenv
#include <sys/stat.h>  // fchmod
#include <unistd.h>    // close

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/config_faults.hpp"

using namespace spill;
using spill::test::faults_of;
using spill::test::Lines;

namespace {

// Ten lines; what a test appends begins in line 11.
constexpr std::string_view kBase = R"(venues:
  kraken: {trusted: true}
  bybit-linear: {}
groups:
  baskets: {semis: {}, memory: {parent: semis}}
  buckets: {infra: {}}
instruments:
  - {name: MU, market: XNYS, role: leader, group: memory}
  - {name: MU.P, proxy_for: MU, feeds: [{venue: bybit-linear, symbol: MUUSDT}]}
  - {name: TAO, role: token, group: infra, feeds: [{venue: kraken, symbol: TAO/USD}]}
)";

ConfigResult with(std::string_view more) {
    return parse_config(std::string(kBase) + std::string(more), "f");
}

Lines faults(std::string_view more) { return faults_of(with(more)); }

// A file that is gone at the end of the test.
class TempFile {
public:
    explicit TempFile(mode_t mode) {
        char name[] = "/tmp/spill_config_XXXXXX";
        int const fd = ::mkstemp(name);
        REQUIRE(fd >= 0);
        path_ = name;
        std::ofstream(path_) << "k";
        REQUIRE(::fchmod(fd, mode) == 0);
        ::close(fd);
    }
    TempFile(TempFile const&) = delete;
    TempFile& operator=(TempFile const&) = delete;
    ~TempFile() { std::filesystem::remove(path_); }
    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace

TEST_CASE("what is not given has its default") {
    ConfigResult const result = with("");
    REQUIRE(faults_of(result).empty());
    Config const& config = result.config;
    CHECK(config.daemon.threads == ThreadPlan::Auto);
    CHECK(config.gateway.address == "127.0.0.1");
    CHECK(config.gateway.port == 8787);
    CHECK(config.params.breakout.hold_minutes == 15);
    CHECK(config.hash8.size() == 8);
}

TEST_CASE("what is given arrives with its unit") {
    ConfigResult const result = with(
        "daemon: {threads: split, wait: park, log: {level: debug}}\n"
        "gateway: {port: 0, allowed_origins: [\"https://a.example\"],\n"
        "          limits: {outbox_age: 250 ms, outbox_bytes: 256 KiB}}\n"
        "rules: {breakout: {hold_minutes: 20, rvol15: 2.5}, clock: {grace_seconds: \"3 s\"}}\n");
    REQUIRE(faults_of(result).empty());
    Config const& config = result.config;
    CHECK(config.daemon.threads == ThreadPlan::Split);
    CHECK(config.daemon.wait == WaitMode::Park);
    CHECK(config.daemon.log.level == LogLevel::Debug);
    CHECK(config.gateway.port == 0);
    CHECK(config.gateway.allowed_origins == Lines{"https://a.example"});
    CHECK(config.gateway.outbox_age == std::chrono::milliseconds{250});
    CHECK(config.gateway.outbox_bytes == 262'144);
    CHECK(config.params.breakout.hold_minutes == 20);
    CHECK(config.params.breakout.rvol15 == 2.5);
    CHECK(config.params.clock.grace_seconds == 3.0);
}

TEST_CASE("an unknown key names the nearest known one") {
    CHECK(faults("daemon:\n  thraeds: auto\n") ==
          Lines{"f:12:3: unknown key \"daemon.thraeds\" (did you mean \"threads\"?)"});
    CHECK(faults("gatway: {port: 1}\n") ==
          Lines{"f:11:1: unknown key \"gatway\" (did you mean \"gateway\"?)"});
    CHECK(faults("rules: {breakout: {hold_minute: 3}}\n") ==
          Lines{"f:11:20: unknown key \"rules.breakout.hold_minute\" (did you mean "
                "\"hold_minutes\"?)"});
}

TEST_CASE("a key in the wrong section is pointed to the right one") {
    CHECK(faults("daemon: {heartbeat: 1 s}\n") ==
          Lines{"f:11:10: unknown key \"daemon.heartbeat\" (did you mean \"gateway.heartbeat\"?)"});
    CHECK(faults("xyzzy: 1\n") == Lines{"f:11:1: unknown key \"xyzzy\""});
}

TEST_CASE("a value of the wrong type is refused where it stands") {
    CHECK(faults("gateway: {port: many}\n") ==
          Lines{"f:11:17: gateway.port: expected an integer, got \"many\""});
    CHECK(faults("gateway: {port: \"80\"}\n") ==
          Lines{"f:11:17: gateway.port: expected a number, got text in quotes: \"80\""});
    CHECK(faults("gateway: {port: 80.5}\n") ==
          Lines{"f:11:17: gateway.port: expected an integer, got \"80.5\""});
    CHECK(faults("gateway: {port: [80]}\n") ==
          Lines{"f:11:17: gateway.port: expected integer, 0..65535, got a list"});
    CHECK(faults("gateway: {port: }\n") ==
          Lines{"f:11:17: gateway.port: expected integer, 0..65535, got nothing"});
    CHECK(faults("gateway: 7\n") == Lines{"f:11:10: gateway: expected a section, got a value"});
    CHECK(faults("gateway: {allowed_origins: x}\n") ==
          Lines{"f:11:28: gateway.allowed_origins: expected a list, got a value"});
    CHECK(faults("gateway: {address: localhost}\n") ==
          Lines{"f:11:20: gateway.address: expected an IP address such as 127.0.0.1, got "
                "\"localhost\""});
    CHECK(faults("daemon: {wait: spinn}\n") ==
          Lines{"f:11:16: daemon.wait: \"spinn\" is not one of: park, hybrid, spin (did you mean "
                "\"spin\"?)"});
    CHECK(faults("calendars: {directory: /no/such/place}\n") ==
          Lines{"f:11:24: calendars.directory: \"/no/such/place\" is not a directory"});
}

TEST_CASE("a value of the wrong unit is refused") {
    CHECK(faults("gateway: {heartbeat: 5}\n") ==
          Lines{"f:11:22: gateway.heartbeat: \"5\" needs a unit: ns, us, ms, s, min, h, d"});
    CHECK(faults("gateway: {heartbeat: 5 MiB}\n") ==
          Lines{"f:11:22: gateway.heartbeat: wrong unit \"MiB\", use one of: ns, us, ms, s, min, "
                "h, d"});
    CHECK(faults("gateway: {limits: {outbox_bytes: 5 s}}\n") ==
          Lines{"f:11:34: gateway.limits.outbox_bytes: wrong unit \"s\", use one of: B, KiB, MiB, "
                "GiB"});
    CHECK(faults("rules: {breakout: {hold_minutes: 15 s}}\n") ==
          Lines{"f:11:34: rules.breakout.hold_minutes: wrong unit \"s\", this key is in min"});
    CHECK(faults("gateway: {port: 80 s}\n") ==
          Lines{"f:11:17: gateway.port: expected an integer without a unit"});
}

TEST_CASE("a value out of range is refused with the range") {
    CHECK(faults("gateway: {port: 65536}\n") ==
          Lines{"f:11:17: gateway.port: 65536 is out of range, allowed is 0..65535"});
    CHECK(faults("gateway: {heartbeat: 2 h}\n") ==
          Lines{"f:11:22: gateway.heartbeat: 2 h is out of range, allowed is 1 s..1 min"});
    CHECK(faults("rules: {breakout: {hold_minutes: 0}}\n") ==
          Lines{"f:11:34: rules.breakout.hold_minutes: 0 is out of range, allowed is 1..240 min"});
    CHECK(faults("gateway: {limits: {outbox_bytes: 1 GiB}}\n") ==
          Lines{"f:11:34: gateway.limits.outbox_bytes: 1 GiB is out of range, allowed is 64 "
                "KiB..64 MiB"});
}

TEST_CASE("rules that contradict each other are refused where the file sets one") {
    CHECK(faults("rules: {volume: {confirm_score: 0.4}}\n") ==
          Lines{"f:11:33: rules.volume.single_venue_cap must be below volume.confirm_score"});
}

TEST_CASE("a secret in the file is refused and never repeated") {
    for (char const* const key : {"api_key", "secret", "api-secret", "token", "PASSWORD"}) {
        std::string const text = "venues: {kraken: {" + std::string(key) +
                                 ": hunter2}}\ninstruments: " + "[{name: BTC, role: benchmark}]\n";
        Lines const found = faults_of(parse_config(text, "f"));
        REQUIRE(found.size() == 1);
        CHECK(found[0] == "f:1:19: \"venues.kraken." + std::string(key) +
                              "\" is a secret and must not stand in this file: put it into a file "
                              "of mode 0600 and give the path in \"" +
                              key + "_file\"");
    }
}

TEST_CASE("a file with a secret must be readable and closed to others") {
    TempFile const closed(0600);
    TempFile const open(0644);
    auto const check = [](std::string const& path) {
        return faults_of(parse_config("venues: {kraken: {key_file: \"" + path +
                                          "\"}}\ninstruments: [{name: BTC, role: benchmark}]\n",
                                      "f"));
    };
    CHECK(check(closed.path()).empty());
    CHECK(check(open.path()) ==
          Lines{"f:1:29: venues.kraken.key_file: \"" + open.path() +
                "\" is open to others; its mode must be 0600 or 0640 (chmod 600 " + open.path() +
                ")"});
    CHECK(check("/no/such/key") == Lines{"f:1:29: venues.kraken.key_file: cannot read "
                                         "\"/no/such/key\": No such file or directory"});
}

TEST_CASE("an enabled venue that wants a key or a secret must have one") {
    auto const check = [](std::string const& venue) {
        return faults_of(parse_config(
            "venues: {" + venue + "}\ninstruments: [{name: BTC, role: benchmark}]\n", "f"));
    };
    TempFile const key(0600);
    std::string const given = "key_file: \"" + key.path() + "\"";
    CHECK(check("finnhub: {enabled: false}").empty());
    CHECK(check("finnhub: {" + given + "}").empty());
    CHECK(check("finnhub: {}") ==
          Lines{"f:1:10: venues.finnhub needs a key: give key_file or key_env, or say enabled: "
                "false"});
    CHECK(check("alpaca-iex: {" + given + "}") ==
          Lines{"f:1:10: venues.alpaca-iex needs a secret: give secret_file or secret_env, or say "
                "enabled: false"});
    CHECK(check("alpaca-iex: {" + given + ", secret_file: \"" + key.path() + "\"}").empty());
}

TEST_CASE("a secret may be in a variable that is set, whose name is never repeated") {
    auto const check = [](std::string const& name) {
        return faults_of(parse_config("venues: {kraken: {key_env: \"" + name +
                                          "\"}}\ninstruments: [{name: BTC, role: benchmark}]\n",
                                      "f"));
    };
    REQUIRE(::setenv("SPILL_TEST_KEY", "hunter2", 1) == 0);
    REQUIRE(::setenv("SPILL_TEST_EMPTY", "", 1) == 0);
    REQUIRE(::unsetenv("SPILL_TEST_NONE") == 0);
    CHECK(check("SPILL_TEST_KEY").empty());
    CHECK(check("").empty());
    for (char const* const unset : {"SPILL_TEST_EMPTY", "SPILL_TEST_NONE"}) {
        CHECK(check(unset) ==
              Lines{"f:1:28: venues.kraken.key_env: no environment variable of that name is set "
                    "(the name is not shown, since it could be the secret)"});
    }
    for (char const* const inline_key : {"hunter2", "9LIVES", "A-B"}) {
        CHECK(check(inline_key) ==
              Lines{"f:1:28: venues.kraken.key_env: expected the name of an environment variable "
                    "such as ALPACA_KEY (A-Z, 0-9, _); a secret itself must not stand in this "
                    "file"});
    }
}

TEST_CASE("a key that stands twice is refused") {
    CHECK(faults("daemon: {wait: park}\ndaemon: {wait: spin}\n") ==
          Lines{"f:12:1: \"daemon\" is there twice, first in line 11"});
}

TEST_CASE("text that is not YAML is refused with its place, beside the faults before it") {
    CHECK(faults("daemon: {thread: auto}\ngateway: [1\n") ==
          Lines{"f:11:10: unknown key \"daemon.thread\" (did you mean \"threads\"?)",
                "f:12:10: gateway: expected a section, got a list",
                "f:13:1: not valid YAML: end of sequence flow not found"});
}

TEST_CASE("all faults of a file come at once and in its order") {
    Lines const found = faults(
        "gateway:\n"
        "  port: x\n"
        "  heartbeat: 5\n"
        "  api_key: y\n"
        "daemon:\n"
        "  threads: three\n"
        "  wiat: spin\n"
        "rules:\n"
        "  breakout: {hold_minutes: 500, nonsense_here: 1}\n");
    REQUIRE(found.size() == 7);
    char const* const starts[] = {
        "f:12:9: ", "f:13:14: ", "f:14:3: ", "f:16:12: ", "f:17:3: ", "f:19:28: ", "f:19:33: "};
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO(found[i]);
        CHECK(found[i].starts_with(starts[i]));
    }
}

TEST_CASE("values may come from the environment") {
    REQUIRE(::setenv("SPILL_TEST_PORT", "9999", 1) == 0);
    REQUIRE(::unsetenv("SPILL_TEST_NONE") == 0);
    CHECK(with("gateway: {port: \"${SPILL_TEST_PORT}\"}\n").config.gateway.port == 9999);
    CHECK(with("gateway: {port: \"${SPILL_TEST_NONE:-77}\"}\n").config.gateway.port == 77);
    CHECK(faults("gateway:\n  port: ${SPILL_TEST_NONE:?the port of the gateway}\n") ==
          Lines{"f:12:9: gateway.port: SPILL_TEST_NONE: the port of the gateway"});
    CHECK(faults("gateway:\n  port: ${SPILL_TEST_NONE}\n") ==
          Lines{"f:12:9: gateway.port: the environment variable SPILL_TEST_NONE is not set; set "
                "it or write ${SPILL_TEST_NONE:-default}"});
    CHECK(faults("${SPILL_TEST_PORT}: 1\n") == Lines{"f:11:1: unknown key \"${SPILL_TEST_PORT}\""});
}

TEST_CASE("a file that cannot be read is one fault") {
    CHECK(faults_of(load_config("/no/such/file.yaml")) ==
          Lines{"/no/such/file.yaml: cannot be read: No such file or directory"});
    CHECK(faults_of(load_config("/")) == Lines{"/: cannot be read: it is a directory"});
}

TEST_CASE("a damaged file is refused or makes sense, and never crashes") {
    std::ifstream file(SPILL_SOURCE_DIR "/config.yaml", std::ios::binary);
    std::string const whole{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(whole.size() > 10'000);
    auto const check = [](std::string const& text) {
        ConfigResult const result = parse_config(text, "f");
        CHECK((!result.ok() || !result.config.registry.instruments().empty()));
        for (ConfigIssue const& issue : result.issues) {
            CHECK(issue.line >= 1);
            CHECK(issue.column >= 1);
        }
    };
    constexpr std::string_view kBytes = "{}[]:,\"'&*!|>%@`#-?\t\n \\$\x01\xff";
    for (std::size_t i = 0; i < 60; ++i) {
        std::size_t const at = i * whole.size() / 60 + i;
        check(whole.substr(0, at));
        std::string broken = whole;
        broken[at] = kBytes[i % kBytes.size()];
        check(broken);
    }
}
