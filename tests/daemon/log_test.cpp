#include "daemon/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

// Standard error goes to a file for as long as this lives.
class Capture {
public:
    Capture() : saved_(dup(STDERR_FILENO)) {
        std::fflush(stderr);
        int const file = open(dir_.path("log").c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
        REQUIRE(file >= 0);
        dup2(file, STDERR_FILENO);
        close(file);
    }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture() { end(); }
    std::string end() {
        std::fflush(stderr);
        if (saved_ >= 0) {
            dup2(saved_, STDERR_FILENO);
            close(saved_);
            saved_ = -1;
        }
        return dir_.read("log");
    }

private:
    test::TempDir dir_;
    int saved_;
};

struct Restore {
    ~Restore() { start_log({.level = LogLevel::Error, .format = LogFormat::Text}); }
};

std::string logged(const LogSettings& settings, const std::string& message) {
    Restore const restore;
    Capture capture;
    start_log(settings);
    log_debug(message);
    log_info(message);
    log_warn(message);
    log_error(message);
    return capture.end();
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("lines below the level are not written") {
    LogSettings settings{.level = LogLevel::Error, .format = LogFormat::Text};
    CHECK(lines(logged(settings, "x")) == 1);
    settings.level = LogLevel::Warn;
    CHECK(lines(logged(settings, "x")) == 2);
    settings.level = LogLevel::Info;
    CHECK(lines(logged(settings, "x")) == 3);
    settings.level = LogLevel::Debug;
    CHECK(lines(logged(settings, "x")) == 4);
}

TEST_CASE("a text line has a UTC time, a level and the message on one line") {
    std::string const text =
        logged({.level = LogLevel::Error, .format = LogFormat::Text}, "two\nlines {} %v\r");
    CHECK(text.substr(4, 1) == "-");
    CHECK(text.substr(10, 1) == "T");
    CHECK(text.substr(23, 2) == "Z ");
    CHECK(text.ends_with("Z error two lines {} %v \n"));
}

TEST_CASE("the journal gets a priority and no time") {
    CHECK(logged({.level = LogLevel::Debug, .format = LogFormat::Journald}, "x") ==
          "<7>x\n<6>x\n<4>x\n<3>x\n");
}

TEST_CASE("a JSON line holds the message as JSON text") {
    std::string const text =
        logged({.level = LogLevel::Error, .format = LogFormat::Json}, "a \"quote\" \\ and \x01");
    CHECK(text.starts_with("{\"ts\":\""));
    CHECK(text.ends_with(R"("level":"error","message":"a \"quote\" \\ and \u0001"})"
                         "\n"));
}

TEST_CASE("JSON text escapes what it must and nothing else") {
    CHECK(json_text("") == "\"\"");
    CHECK(json_text("SK\xED\x95\x98\xEC\x9D\xB4") == "\"SK\xED\x95\x98\xEC\x9D\xB4\"");
    CHECK(json_text("a\tb\n") == "\"a\\u0009b\\u000a\"");
    CHECK(json_text("\"\\") == R"("\"\\")");
}

TEST_CASE("the automatic format is journald only when standard error is the journal's stream") {
    Restore const restore;
    Capture capture;
    struct stat status{};
    REQUIRE(fstat(STDERR_FILENO, &status) == 0);
    std::string const stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    REQUIRE(setenv("JOURNAL_STREAM", stream.c_str(), 1) == 0);
    start_log({.level = LogLevel::Error, .format = LogFormat::Auto});
    log_error("ours");
    REQUIRE(setenv("JOURNAL_STREAM", "1:1", 1) == 0);
    start_log({.level = LogLevel::Error, .format = LogFormat::Auto});
    log_error("another's");
    unsetenv("JOURNAL_STREAM");
    std::string const text = capture.end();
    CHECK(text.starts_with("<3>ours\n2"));
    CHECK(text.ends_with("Z error another's\n"));
}
