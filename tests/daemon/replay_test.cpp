#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/commands.hpp"
#include "daemon/exit_code.hpp"
#include "tests/support/small_world.hpp"

using namespace spill;

namespace {

// What the command said on standard error.
class Errors {
public:
    Errors() : saved_(std::cerr.rdbuf(text_.rdbuf())) {}
    Errors(const Errors&) = delete;
    Errors& operator=(const Errors&) = delete;
    ~Errors() { std::cerr.rdbuf(saved_); }
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::streambuf* saved_;
};

struct Row {
    UnixNanos start;
    std::string text;
};

// Sessions of 5-minute bars in which MU rises a little in every bar.
std::vector<Row> rising_bars(std::string_view symbol, int sessions) {
    Calendars const calendars = test::real_calendars();
    const Calendar& xnys = calendars.of(Market::Xnys);
    std::vector<Row> rows;
    auto session = xnys.after(test::instant("2026-04-01T00:00:00Z"));
    int cents = 10'000;
    for (int day = 0; day < sessions; ++day) {
        REQUIRE(session.has_value());
        for (auto at = session->open; at < session->close; at.ns += 5 * kNanosPerMinute) {
            auto const price = [&](int c) {
                return std::to_string(c / 100) + "." + std::to_string(100 + c % 100).substr(1);
            };
            rows.push_back({at, std::to_string(at.ns) + "," + std::string(symbol) + "," +
                                    price(cents) + "," + price(cents + 5) + "," + price(cents - 5) +
                                    "," + price(cents + 2) + ",1000,10\n"});
            cents += 2;
        }
        session = xnys.after(session->open);
    }
    return rows;
}

std::string file_of(const std::vector<Row>& rows) {
    std::string text = "ts_ns,symbol,open,high,low,close,volume,trades\n";
    for (const Row& row : rows) text += row.text;
    return text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::int64_t number_after(const std::string& line, const std::string& name) {
    auto const at = line.find("\"" + name + "\":");
    CAPTURE(line);
    REQUIRE(at != std::string::npos);
    return std::stoll(line.substr(at + name.size() + 3));
}

struct World {
    test::TempDir dir;
    std::vector<Row> rows = rising_bars("MU", 16);
    ReplayOptions options;
    World() {
        options.config = dir.write("small.yaml", test::kSmallYaml);
        options.files = {dir.write("bars_5m_mu.csv", file_of(rows))};
    }
    // Runs and returns what was written.
    std::string run(ReplayOptions with, const std::string& name = "out.jsonl") {
        with.output = dir.path(name);
        CHECK(run_replay(with) == exit_code::kOk);
        return dir.read(name);
    }
};

}  // namespace

TEST_CASE("a replay prints one JSON object a line, with dense offsets, the same bytes twice") {
    World world;
    std::string const first = world.run(world.options);
    auto const lines = lines_of(first);
    REQUIRE(lines.size() > 10);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CHECK(lines[i].front() == '{');
        CHECK(lines[i].back() == '}');
        CHECK(number_after(lines[i], "offset") == static_cast<std::int64_t>(i) + 1);
    }
    CHECK(first.find("\"confirmed\"") == std::string::npos);  // ordinary volume confirms nothing
    CHECK(first.find("\"triggered\"") != std::string::npos);
    CHECK(world.run(world.options, "again.jsonl") == first);
}

TEST_CASE("an end cuts the tail and changes nothing before it") {
    World world;
    std::string const whole = world.run(world.options);
    ReplayOptions cut = world.options;
    cut.to = world.rows[world.rows.size() * 3 / 4].start;
    std::string const head = world.run(cut);
    CHECK(head.size() < whole.size());
    auto const some = lines_of(head);
    auto const all = lines_of(whole);
    REQUIRE(some.size() > 3);
    // The minute that is open at the end closes by itself: only its signals may differ.
    for (std::size_t i = 0; i < some.size(); ++i) {
        if (number_after(some[i], "ts_signal") < cut.to->ns) CHECK(some[i] == all[i]);
    }
}

TEST_CASE("a start warms up in silence and publishes from there") {
    World world;
    auto const all = lines_of(world.run(world.options));
    ReplayOptions late = world.options;
    late.from = world.rows[world.rows.size() * 3 / 4].start;
    auto const some = lines_of(world.run(late));
    REQUIRE_FALSE(some.empty());
    CHECK(some.size() < all.size());
    CHECK(number_after(some.front(), "offset") == 1);
    auto const after = std::ranges::count_if(all, [&](const std::string& line) {
        return number_after(line, "ts_signal") >= late.from->ns;
    });
    CHECK(static_cast<std::ptrdiff_t>(some.size()) == after);
    for (const std::string& line : some) CHECK(number_after(line, "ts_signal") >= late.from->ns);
}

TEST_CASE("several files are merged by the time at which their rows were known") {
    World world;
    auto const contract = rising_bars("MU.P", 16);
    std::vector<Row> both;
    for (std::size_t i = 0; i < contract.size(); ++i) {
        both.push_back(world.rows[i]);
        both.push_back(contract[i]);
    }
    ReplayOptions one = world.options;
    one.files = {world.dir.write("bars_5m_both.csv", file_of(both))};
    ReplayOptions two = world.options;
    two.files.push_back(world.dir.write("bars_5m_contract.csv", file_of(contract)));
    std::string const merged = world.run(two);
    CHECK(merged == world.run(one));
    CHECK(merged.find("\"MU.P|") != std::string::npos);
}

TEST_CASE("refused and foreign rows are reported and do not end the replay") {
    World world;
    std::string const good = world.run(world.options);
    std::string text = file_of(world.rows);
    text += "junk,MU,1,1,1,1,1,1\n" + std::to_string(world.rows.back().start.ns) +
            ",DOGE,1,1,1,1,1,1\n";
    world.options.files = {world.dir.write("bars_5m_bad.csv", text)};
    Errors const errors;
    CHECK(world.run(world.options) == good);
    std::string const said = errors.text();
    CHECK(said.find("bars_5m_bad.csv:" + std::to_string(world.rows.size() + 2) +
                    ": ts_ns is not a time") != std::string::npos);
    CHECK(said.find("1 of " + std::to_string(world.rows.size() + 2) + " rows were refused") !=
          std::string::npos);
    CHECK(said.find("1 of " + std::to_string(world.rows.size() + 2) +
                    " rows are of symbols that the configuration does not name") !=
          std::string::npos);
}

TEST_CASE("a file without a row of ours gives an empty answer") {
    World world;
    world.options.files = {world.dir.write("bars_5m_none.csv", file_of({}))};
    CHECK(world.run(world.options).empty());
}

TEST_CASE("what cannot be read or written ends with 1 and a line that names it") {
    World world;
    world.options.output = world.dir.path("out");
    {
        Errors const errors;
        ReplayOptions missing = world.options;
        missing.files = {world.dir.path("missing.csv")};
        CHECK(run_replay(missing) == exit_code::kFailure);
        CHECK(errors.text().find("missing.csv") != std::string::npos);
        CHECK(std::ranges::count(errors.text(), '\n') == 1);
    }
    {
        Errors const errors;
        ReplayOptions nowhere = world.options;
        nowhere.output = world.dir.path("no/such/folder");
        CHECK(run_replay(nowhere) == exit_code::kFailure);
        CHECK(errors.text().find("no/such/folder") != std::string::npos);
    }
    {
        Errors const errors;
        ReplayOptions full = world.options;
        full.output = "/dev/full";
        CHECK(run_replay(full) == exit_code::kFailure);
        CHECK(errors.text().find("writing signals failed") != std::string::npos);
    }
}

TEST_CASE("a bad configuration ends with 78 before anything is read") {
    World world;
    world.options.config = world.dir.write("bad.yaml", "gateway: {prot: 1}\n");
    world.options.files = {world.dir.path("missing.csv")};
    Errors const errors;
    CHECK(run_replay(world.options) == exit_code::kConfig);
    CHECK(errors.text().find("bad.yaml:1:11: ") != std::string::npos);
}
