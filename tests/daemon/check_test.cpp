#include <stdlib.h>  // mkdtemp

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "daemon/commands.hpp"
#include "daemon/exit_code.hpp"

using namespace spill;

namespace {

struct Outcome {
    int code;
    std::string out;
    std::string err;
};

Outcome check(CheckOptions const& options) {
    std::ostringstream out;
    std::ostringstream err;
    int const code = run_check(options, out, err);
    return {code, out.str(), err.str()};
}

// A folder with one config.yaml, gone at the end of the test.
class Folder {
public:
    explicit Folder(std::string const& text) {
        char name[] = "/tmp/spill_check_XXXXXX";
        REQUIRE(::mkdtemp(name) != nullptr);
        path_ = name;
        std::ofstream(file()) << text;
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file() const { return path_ + "/config.yaml"; }
    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace

TEST_CASE("check says ok and counts") {
    Outcome const outcome = check({.config = SPILL_SOURCE_DIR "/config.yaml"});
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(outcome.out.starts_with("ok: "));
    CHECK(outcome.out.ends_with(" instruments, 87 feeds, 7 venues\n"));
}

TEST_CASE("check prints every fault on a line of its own and exits 78") {
    Folder const folder("gateway: {port: x}\ndaemon: {wiat: park}\n");
    Outcome const outcome = check({.config = folder.file()});
    CHECK(outcome.code == 78);
    CHECK(outcome.out.empty());
    CHECK(outcome.err ==
          folder.file() + ":1:1: \"instruments\" is missing or empty: there is nothing to watch\n" +
              folder.file() + ":1:17: gateway.port: expected an integer, got \"x\"\n" +
              folder.file() + ":2:10: unknown key \"daemon.wiat\" (did you mean \"wait\"?)\n");
}

TEST_CASE("check reads the calendars that the file names") {
    Folder const folder("");
    std::ofstream(folder.file()) << "calendars: {directory: \"" << folder.path()
                                 << "\"}\ninstruments: [{name: BTC, role: benchmark}]\n";
    Outcome const outcome = check({.config = folder.file()});
    CHECK(outcome.code == 78);
    CHECK(outcome.err.find(folder.path()) != std::string::npos);
}

TEST_CASE("check prints the effective configuration, which passes the check") {
    Outcome const printed =
        check({.config = SPILL_SOURCE_DIR "/config.yaml", .print_effective = true});
    REQUIRE(printed.code == 0);
    CHECK(printed.out.find("hold_minutes: 15") != std::string::npos);
    Folder const folder(printed.out);
    CHECK(check({.config = folder.file()}).code == 0);
}

TEST_CASE("check of a file that is not there exits 78") {
    Outcome const outcome = check({.config = "/no/such/file"});
    CHECK(outcome.code == exit_code::kConfig);
    CHECK(outcome.err == "/no/such/file: cannot be read: No such file or directory\n");
}
