#include "daemon/cli.hpp"

#include <array>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "daemon/exit_code.hpp"

using namespace spill;

TEST_CASE("a usage fault is one line with a hint and exit code 64") {
    std::ostringstream err;
    CHECK(usage_error(err, "unknown option --x") == 64);
    CHECK(err.str() == "spilloverd: unknown option --x; see spilloverd --help\n");
}

TEST_CASE("the nearest option or subcommand is named") {
    constexpr std::array<std::string_view, 4> kKnown{"--speed", "--seed", "replay", "check"};
    CHECK(unknown_argument("--sped=3", kKnown) ==
          "unknown option --sped (did you mean \"--speed\"?)");
    CHECK(unknown_argument("chekc", kKnown) ==
          "unknown subcommand or argument chekc (did you mean \"check\"?)");
    CHECK(unknown_argument("--frobnicate", kKnown) == "unknown option --frobnicate");
}

TEST_CASE("an instant is a UTC date or an RFC 3339 time") {
    CHECK(parse_instant("1970-01-02")->ns == 86'400'000'000'000);
    CHECK(parse_instant("1970-01-01T00:00:01Z")->ns == 1'000'000'000);
    CHECK(parse_instant("1970-01-01T09:00:00+09:00")->ns == 0);
    CHECK(parse_instant("yesterday").error().code == Errc::InvalidArgument);
    CHECK(parse_instant("2026-02-30").error().code == Errc::InvalidArgument);
}

TEST_CASE("log words map to their values and back") {
    for (LogLevel const level :
         {LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug}) {
        CHECK(log_level_from(to_string(level)) == level);
    }
    for (LogFormat const format :
         {LogFormat::Auto, LogFormat::Text, LogFormat::Json, LogFormat::Journald}) {
        CHECK(log_format_from(to_string(format)) == format);
    }
    CHECK_FALSE(log_level_from("loud").has_value());
    CHECK_FALSE(log_format_from("").has_value());
}

TEST_CASE("the help shows an example of every subcommand") {
    std::string const help = help_footer();
    for (char const* const name : {"run", "check", "demo", "replay", "decode"}) {
        INFO(name);
        CHECK(help.find("spilloverd " + std::string(name)) != std::string::npos);
    }
}
