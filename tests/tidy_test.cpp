// The house rules, enforced on the tree; each case first shows that its rule catches a violation.
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/tidy_rules.hpp"

using namespace spill::tidy;

namespace {

const Tree& tree() {
    static const Tree loaded = load_tree(SPILL_SOURCE_DIR);
    return loaded;
}

void expect_clean(const Findings& findings) {
    for (const std::string& finding : findings) FAIL_CHECK(finding);
}

using Rule = Findings (*)(const Tree&);

// Violations that a rule finds in one file.
std::size_t hits(Rule rule, std::string path, std::string text) {
    return rule({make_file(std::move(path), std::move(text))}).size();
}

}  // namespace

TEST_CASE("the tree that the rules judge is this repository") {
    CHECK(tree().size() > 20);
    bool sees_itself = false;
    bool sees_core = false;
    for (const SourceFile& file : tree()) {
        if (file.path == "tests/tidy_test.cpp") sees_itself = true;
        if (file.path == "core/types.hpp") sees_core = !file.includes.empty();
    }
    CHECK(sees_itself);
    CHECK(sees_core);
}

TEST_CASE("comments and literals are no code") {
    std::string const text =
        "int a; // new int\n/* rand() */ f(\"x\\\"rand()\", '{', 1'000);"
        " auto r = R\"(goto)\";";
    std::string const code = blank_comments_and_literals(text);
    CHECK(code.size() == text.size());
    CHECK(code.find("new") == std::string::npos);
    CHECK(code.find("rand") == std::string::npos);
    CHECK(code.find('{') == std::string::npos);
    CHECK(code.find("goto") == std::string::npos);
    CHECK(code.find("1'000") != std::string::npos);
}

TEST_CASE("core includes the standard library, tl/expected and itself only") {
    CHECK(hits(core_is_pure, "core/a.hpp", "#include <boost/asio.hpp>\n") == 1);
    CHECK(hits(core_is_pure, "core/a.hpp", "#include \"daemon/app.hpp\"\n") == 1);
    CHECK(hits(core_is_pure, "core/a.cpp", "#include <thread>\n#include <cstdio>\n") == 2);
    CHECK(hits(core_is_pure, "core/a.cpp", "#include <sys/socket.h>\n") == 1);
    CHECK(hits(core_is_pure, "core/a.cpp", "#include <span>\n#include <tl/expected.hpp>\n") == 0);
    CHECK(hits(core_is_pure, "core/a.cpp", "// #include <thread>\n") == 0);
    expect_clean(core_is_pure(tree()));
}

TEST_CASE("codecs and links see types, events and simdjson, never the rules or a socket") {
    CHECK(hits(codecs_are_pure, "connectors/kraken.cpp", "#include \"core/engine.hpp\"\n") == 1);
    CHECK(hits(codecs_are_pure, "connectors/link.hpp", "#include \"core/signal.hpp\"\n") == 1);
    CHECK(hits(codecs_are_pure, "connectors/link.cpp", "#include <boost/asio.hpp>\n") == 1);
    CHECK(hits(codecs_are_pure, "connectors/okx.cpp", "#include <openssl/ssl.h>\n") == 1);
    CHECK(hits(codecs_are_pure, "connectors/okx.cpp", "#include <simdjson.h>\n") == 0);
    CHECK(hits(codecs_are_pure, "connectors/okx.cpp", "#include \"core/event.hpp\"\n") == 0);
    CHECK(hits(codecs_are_pure, "connectors/transport.cpp", "#include <boost/asio.hpp>\n") == 0);
    expect_clean(codecs_are_pure(tree()));
}

TEST_CASE("nothing below includes daemon, the simulator or the tests") {
    Rule const rule = nothing_below_includes_daemon;
    CHECK(hits(rule, "core/a.cpp", "#include \"daemon/app.hpp\"\n") == 1);
    CHECK(hits(rule, "connectors/simulator/a.cpp", "#include \"daemon/app.hpp\"\n") == 1);
    CHECK(hits(rule, "connectors/a.cpp", "#include \"connectors/simulator/rng.hpp\"\n") == 1);
    CHECK(hits(rule, "daemon/a.cpp", "#include \"tests/support/skip.hpp\"\n") == 1);
    CHECK(hits(rule, "daemon/demo.cpp", "#include \"connectors/simulator/rng.hpp\"\n") == 0);
    expect_clean(nothing_below_includes_daemon(tree()));
}

TEST_CASE("each library has one home") {
    Rule const rule = libraries_have_one_home;
    CHECK(hits(rule, "daemon/app.cpp", "#include <yaml-cpp/yaml.h>\n") == 1);
    CHECK(hits(rule, "daemon/app.cpp", "#include <prometheus/registry.h>\n") == 1);
    CHECK(hits(rule, "daemon/app.cpp", "#include <systemd/sd-daemon.h>\n") == 1);
    CHECK(hits(rule, "daemon/app.cpp", "#include <sqlite3.h>\n") == 1);
    CHECK(hits(rule, "daemon/app.cpp", "#include <SQLiteCpp/SQLiteCpp.h>\n") == 1);
    CHECK(hits(rule, "daemon/cli.cpp", "#include <CLI/CLI.hpp>\n") == 1);
    CHECK(hits(rule, "connectors/link.cpp", "#include <spdlog/spdlog.h>\n") == 1);
    CHECK(hits(rule, "daemon/config_yaml.cpp", "#include <yaml-cpp/yaml.h>\n") == 0);
    CHECK(hits(rule, "daemon/metrics.cpp", "#include <prometheus/registry.h>\n") == 0);
    expect_clean(libraries_have_one_home(tree()));
}

TEST_CASE("Beast stays in few units and in no header") {
    Rule const rule = beast_units_are_few;
    std::string const beast = "#include <boost/beast/http.hpp>\n";
    CHECK(hits(rule, "daemon/gateway/http.hpp", beast) == 1);
    CHECK(hits(rule, "connectors/kraken.cpp", beast) == 1);
    CHECK(hits(rule, "connectors/transport.cpp", beast) == 0);
    Tree many;
    for (const char* const unit : {"a", "b", "c", "d"}) {
        many.push_back(make_file(std::string("daemon/") + unit + ".cpp", beast));
    }
    CHECK(rule(many).empty());
    many.push_back(make_file("daemon/e.cpp", beast));
    CHECK(rule(many).size() == 1);
    expect_clean(beast_units_are_few(tree()));
}

TEST_CASE("only the app joins connectors to the engine") {
    Rule const rule = only_app_joins_feeds_and_engine;
    std::string const both = "#include \"connectors/feed.hpp\"\n#include \"core/engine.hpp\"\n";
    CHECK(hits(rule, "daemon/replay.cpp", both) == 1);
    CHECK(hits(rule, "daemon/app.cpp", both) == 0);
    CHECK(hits(rule, "daemon/replay.cpp", "#include \"core/engine.hpp\"\n") == 0);
    expect_clean(only_app_joins_feeds_and_engine(tree()));
}

TEST_CASE("quoted includes are paths from the root, and they exist") {
    CHECK(hits(includes_resolve, "core/a.cpp", "#include \"a.hpp\"\n") == 1);
    CHECK(includes_resolve(
              {make_file("core/a.cpp", "#include \"core/a.hpp\"\n"), make_file("core/a.hpp", "")})
              .empty());
    expect_clean(includes_resolve(tree()));
}

TEST_CASE("no headers include each other in a circle") {
    Tree const circle = {make_file("core/a.hpp", "#include \"core/b.hpp\"\n"),
                         make_file("core/b.hpp", "#include \"core/c.hpp\"\n"),
                         make_file("core/c.hpp", "#include \"core/a.hpp\"\n")};
    CHECK(no_include_cycles(circle).size() == 1);
    Tree const diamond = {make_file("core/a.hpp", "#include \"core/b.hpp\"\n"),
                          make_file("core/b.hpp", ""),
                          make_file("core/c.hpp",
                                    "#include \"core/a.hpp\"\n"
                                    "#include \"core/b.hpp\"\n")};
    CHECK(no_include_cycles(diamond).empty());
    expect_clean(no_include_cycles(tree()));
}

TEST_CASE("files have at most 450 lines, half of them at most 120") {
    CHECK(hits(files_are_short, "core/a.cpp", std::string(451, '\n')) == 1);
    CHECK(hits(files_are_short, "core/a.cpp", std::string(450, '\n')) == 0);
    CHECK(hits(files_are_short, "core/a.cpp", std::string(450, '\n') + "x") == 1);
    CHECK(median_product_lines({make_file("core/a.cpp", "\n"), make_file("core/b.cpp", "\n\n\n"),
                                make_file("core/c.cpp", "\n\n")}) == 2);
    expect_clean(files_are_short(tree()));
    CHECK(median_product_lines(tree()) <= kMaxMedianLines);
}

TEST_CASE("lines have at most 100 columns") {
    CHECK(hits(lines_fit, "core/a.cpp", std::string(101, 'x') + "\n") == 1);
    CHECK(hits(lines_fit, "core/a.cpp", std::string(100, 'x') + "\n") == 0);
    std::string wide;
    for (int i = 0; i < 100; ++i) wide += "\xED\x95\x9C";  // one Korean character each
    CHECK(hits(lines_fit, "core/a.cpp", wide) == 0);
    CHECK(hits(lines_fit, "core/a.cpp", wide + "x") == 1);
    expect_clean(lines_fit(tree()));
}

TEST_CASE("functions have at most 70 lines") {
    auto const function = [](const std::string& head, int lines) {
        return head + " {\n" + std::string(static_cast<std::size_t>(lines - 2), '\n') + "}\n";
    };
    Rule const rule = functions_are_short;
    CHECK(hits(rule, "core/a.cpp", function("int f(int a) noexcept", 71)) == 1);
    CHECK(hits(rule, "core/a.cpp", function("int f(int a) noexcept", 70)) == 0);
    CHECK(hits(rule, "core/a.cpp", function("A::A(int b) : a_{b}, c_(b)", 71)) == 1);
    CHECK(hits(rule, "core/a.cpp", function("bool operator==(A a)", 71)) == 1);
    CHECK(hits(rule, "core/a.cpp", function("template <class T = int> void f(T t = {})", 71)) == 1);
    std::string const member =
        "namespace x {\nclass A : B {\n" + function("void f()", 71) + "};\n}";
    CHECK(hits(rule, "core/a.hpp", member) == 1);
    CHECK(hits(rule, "core/a.hpp", function("struct A", 99) + ";") == 0);
    CHECK(hits(rule, "core/a.cpp", function("constexpr int kTable[] =", 99) + ";") == 0);
    CHECK(hits(rule, "core/a.cpp", function("void f()", 60) + function("void g()", 60)) == 0);
    expect_clean(functions_are_short(tree()));
}

TEST_CASE("headers say what they are for, guard themselves and open no namespace") {
    Rule const rule = headers_are_well_formed;
    CHECK(hits(rule, "core/a.hpp", "// What.\n#pragma once\nusing namespace std;\n") == 1);
    CHECK(hits(rule, "core/a.hpp", "// What.\n") == 1);
    CHECK(hits(rule, "core/a.hpp", "#pragma once\n") == 1);
    CHECK(hits(rule, "core/a.hpp", "// What.\n#pragma once\nusing A = B;\n") == 0);
    std::string const suffixes = "using namespace std::chrono_literals;\n";
    CHECK(hits(rule, "core/a.hpp", "// What.\n#pragma once\n" + suffixes) == 0);
    expect_clean(headers_are_well_formed(tree()));
}

TEST_CASE("every source has its test") {
    Rule const rule = tests_mirror_sources;
    CHECK(hits(rule, "core/bar.hpp", "") == 1);
    CHECK(hits(rule, "connectors/okx.cpp", "") == 1);
    CHECK(hits(rule, "daemon/gateway/admit.cpp", "") == 1);
    CHECK(hits(rule, "daemon/app.hpp", "") == 0);
    CHECK(rule({make_file("core/bar.cpp", ""), make_file("tests/core/bar_test.cpp", "")}).empty());
    CHECK(rule({make_file("daemon/config_yaml.cpp", ""),
                make_file("tests/daemon/config_test.cpp", "")})
              .empty());
    CHECK(rule({make_file("core/bar.cpp", ""), make_file("tests/core/barn_test.cpp", "")}).size() ==
          1);
    expect_clean(tests_mirror_sources(tree()));
}

TEST_CASE("what is banned is not written") {
    Rule const rule = banned_words_are_absent;
    for (const char* const line :
         {"double d = strtod(p, &e);", "auto t = std::time(nullptr);", "int r = rand();",
          "return ::rand();", "std::random_device seed;",
          "auto n = std::chrono::system_clock::now();", "std::unordered_map<int, int> m;",
          "std::shared_ptr<A> a;", "A* a = new A;", "delete a;", "std::mutex m;",
          "std::printf(\"x\");", "goto end;"}) {
        INFO(line);
        CHECK(hits(rule, "core/a.cpp", line) == 1);
    }
    CHECK(hits(rule, "connectors/kraken.cpp", "auto n = std::chrono::steady_clock::now();") == 1);
    CHECK(hits(rule, "connectors/transport.cpp", "auto n = std::chrono::steady_clock::now();") ==
          0);
    CHECK(hits(rule, "daemon/gateway/publisher.cpp", "spdlog::info(x);") == 1);
    CHECK(hits(rule, "daemon/app.cpp", "spdlog::info(x);") == 0);
    CHECK(hits(rule, "daemon/app.cpp", "double d = std::stod(text);") == 1);
    for (const char* const line :
         {"auto p = std::unique_ptr<A>(new A);", "A(const A&) = delete;", "event.time(3);",
          "// time(0)", "int strtods = 1;", "Token time(x);", "json::time(x);", "feed->time(1);",
          "#include <mutex>", "#include <new>"}) {
        INFO(line);
        CHECK(hits(rule, "core/a.cpp", line) == 0);
    }
    expect_clean(banned_words_are_absent(tree()));
}

TEST_CASE("a switch over an enum names every enumerator") {
    Rule const rule = enum_switches_have_no_default;
    CHECK(hits(rule, "core/a.cpp", "switch (k) {\n case K::A: return 1;\n default: return 2;\n}") ==
          1);
    CHECK(hits(rule, "core/a.cpp", "switch (k) {\n case K::A: return 1;\n}") == 0);
    CHECK(hits(rule, "core/a.cpp",
               "switch (c) {\n case 'a': return json::f();\n default: return 2;\n}") == 0);
    expect_clean(enum_switches_have_no_default(tree()));
}

TEST_CASE("coroutines live in transport, history and the gateway") {
    Rule const rule = coroutines_stay_at_the_edge;
    CHECK(hits(rule, "daemon/app.cpp", "auto x = co_await f();") == 1);
    CHECK(hits(rule, "core/a.cpp", "co_return;") == 1);
    CHECK(hits(rule, "daemon/gateway/listener.cpp", "auto x = co_await f();") == 0);
    expect_clean(coroutines_stay_at_the_edge(tree()));
}

TEST_CASE("nothing is marked as unfinished") {
    CHECK(hits(work_is_finished, "README.md",
               "a "
               "TO"
               "DO: b") == 1);
    CHECK(hits(work_is_finished, "core/a.cpp",
               "// FIX"
               "ME\n") == 1);
    CHECK(hits(work_is_finished, "core/a.cpp",
               "// a HA"
               "CKSAW\n") == 0);
    expect_clean(work_is_finished(tree()));
}

TEST_CASE("no path of a machine and no package registry is written down") {
    Rule const rule = no_machine_paths_or_registries;
    CHECK(hits(rule, "README.md",
               "see /ro"
               "ot/x") == 1);
    CHECK(hits(rule, "deploy/x.sh",
               "curl https://deb.deb"
               "ian.org") == 1);
    CHECK(hits(rule, "README.md", "see core/types.hpp") == 0);
    expect_clean(no_machine_paths_or_registries(tree()));
}

TEST_CASE("links between the documents lead to files") {
    Rule const rule = document_links_resolve;
    CHECK(hits(rule, "deploy/README.md", "[a](b.md)") == 1);
    CHECK(
        rule({make_file("deploy/README.md", "[a](b.md#c)"), make_file("deploy/b.md", "")}).empty());
    expect_clean(document_links_resolve(tree()));
}

TEST_CASE("the README shows the example bot as it is") {
    Rule const rule = readme_shows_the_example;
    CHECK(rule({make_file("README.md", "```python\na\n```"),
                make_file("deploy/examples/bot.py", "b\n")})
              .size() == 1);
    CHECK(rule({make_file("README.md", "```python\na\n```"),
                make_file("deploy/examples/bot.py", "a\n")})
              .empty());
    expect_clean(readme_shows_the_example(tree()));
}

TEST_CASE("the archive of the core reaches no clock, socket, file, thread or random source") {
    CHECK(impure_symbols("                 U clock_gettime@GLIBC_2.17\n").size() == 1);
    CHECK(impure_symbols("   U std::chrono::_V2::system_clock::now()\n   U read\n").size() == 2);
    CHECK(impure_symbols("   U getenv\n   U pthread_create\n   U std::cout\n").size() == 3);
    CHECK(impure_symbols("a.o:\n   U memcpy\n   U spill::Bars::open(int)\n   T read\n").empty());

    std::string output;
    std::string const command = std::string(SPILL_NM) + " -u --demangle " + SPILL_CORE_ARCHIVE;
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
        output.append(buffer, n);
    }
    REQUIRE(::pclose(pipe) == 0);
    CHECK(output.find("instrument.cpp.o") != std::string::npos);  // it read the real archive
    CHECK(output.find("memcpy") != std::string::npos);
    expect_clean(impure_symbols(output));
}
