// The command line: fills in the options of one subcommand and calls it. CLI11 ends here.
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/cli.hpp"
#include "daemon/commands.hpp"
#include "daemon/decode.hpp"
#include "daemon/evaluate.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/simulate.hpp"
#include "daemon/version.hpp"

namespace {

using namespace spill;

// Everything that the command line can say.
struct CommandLine {
    std::string config;
    std::string log_level;
    std::string log_format;
    bool check_config = false;  // the flag, in place of the subcommand
    DemoOptions demo;
    int demo_port = -1;
    ReplayOptions replay;
    std::string replay_from;
    std::string replay_to;
    StudyOptions study;
    EvaluateOptions evaluate;
    SimulateOptions simulate;
    CheckOptions check;
    std::string decode_venue;
    std::string decode_file;
};

void add_common(CLI::App& app, CommandLine& line) {
    app.add_option("-c,--config", line.config,
                   "Configuration; default ./config.yaml, /etc/spilloverd/config.yaml, built in")
        ->type_name("FILE");
}

void add_log(CLI::App& app, CommandLine& line) {
    app.add_option("--log-level", line.log_level, "error, warn, info or debug")
        ->check(CLI::IsMember({"error", "warn", "info", "debug"}))
        ->type_name("LEVEL");
    app.add_option("--log-format", line.log_format, "auto, text, json or journald")
        ->check(CLI::IsMember({"auto", "text", "json", "journald"}))
        ->type_name("FORMAT");
}

void add_demo(CLI::App& app, CommandLine& line) {
    CLI::App* const demo = app.add_subcommand(
        "demo", "Play a simulated market through the whole program, over loopback");
    demo->add_option("--seed", line.demo.seed, "Of the market; the same seed plays the same day")
        ->type_name("N");
    demo->add_option("--speed", line.demo.speed,
                     "Market seconds per second; 0 = a day in about two minutes")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("N");
    demo->add_option("--scenario", line.demo.scenario, "What happens that day")->type_name("NAME");
    demo->add_option("--port", line.demo_port, "Of the gateway; 0 = any free one")
        ->check(CLI::Range(0, 65'535))
        ->type_name("P");
    demo->add_flag("--once", line.demo.once, "End after one day");
    add_common(*demo, line);
    add_log(*demo, line);
}

void add_replay(CLI::App& app, CommandLine& line) {
    CLI::App* const replay =
        app.add_subcommand("replay", "Run recorded trades and bars through the engine");
    replay->add_option("FILE", line.replay.files, "CSV, plain or .zst; NAME=FILE names its source")
        ->required();
    replay->add_option("--from", line.replay_from, "Signals from this instant on")
        ->type_name("TIME");
    replay->add_option("--to", line.replay_to, "Stop before this instant")->type_name("TIME");
    replay
        ->add_option("--speed", line.replay.speed,
                     "Market seconds per second; 0 = as fast as possible")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("N");
    replay->add_option("--output,-o", line.replay.output, "Where signals go; default stdout")
        ->type_name("FILE");
    add_common(*replay, line);
}

void add_study(CLI::App& app, CommandLine& line) {
    CLI::App* const study = app.add_subcommand(
        "study", "What became of the states in recorded bars, beside the reference numbers");
    study->add_option("FILE", line.study.files, "CSV, plain or .zst; NAME=FILE names its source")
        ->required();
    study->add_option("--seed", line.study.seed, "Of the bootstrap")->type_name("N");
    study->add_flag("--json", line.study.json, "For programs instead of people");
    add_common(*study, line);
}

void add_evaluate(CLI::App& app, CommandLine& line) {
    CLI::App* const evaluate =
        app.add_subcommand("evaluate", "Judge the rules on planted episodes, with gates");
    evaluate->add_option("--seed", line.evaluate.seed, "Of the episodes")->type_name("N");
    evaluate->add_option("--episodes", line.evaluate.episodes, "Of each class; default 60")
        ->check(CLI::Range(kMinEpisodes, kMaxEpisodes))
        ->type_name("N");
    evaluate->add_option("--noise", line.evaluate.noise, "Factor on the noise of volume")
        ->check(CLI::Range(0.0, 3.0))
        ->type_name("X");
    evaluate
        ->add_option("--variance-exponent", line.evaluate.variance_exponent,
                     "Variance goes with volume to this power; default 0.7")
        ->check(CLI::Range(0.0, 1.0))
        ->type_name("X");
    evaluate->add_flag("--json", line.evaluate.json, "One JSON object instead of tables");
}

void add_simulate(CLI::App& app, CommandLine& line) {
    CLI::App* const simulate =
        app.add_subcommand("simulate", "Write a planted scenario as files for replay");
    simulate->add_option("--scenario", line.simulate.scenario, "S1 to S22, a class, or all")
        ->required()
        ->type_name("NAME");
    simulate->add_option("--seed", line.simulate.seed, "Of the episodes")->type_name("N");
    simulate->add_option("--out", line.simulate.output, "A directory that is empty or new")
        ->required()
        ->type_name("DIR");
    simulate->add_option("--noise", line.simulate.noise, "Factor on the noise of volume")
        ->check(CLI::Range(0.0, 3.0))
        ->type_name("X");
    simulate->add_option("--episodes", line.simulate.episodes, "How many; default 5")
        ->check(CLI::Range(kMinEpisodes, kMaxEpisodes))
        ->type_name("N");
}

void add_subcommands(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", std::string("spilloverd ") + version(),
                         "Print the version and end");
    add_common(app, line);
    add_log(app, line);
    app.add_flag("--check-config", line.check_config)->group("");
    CLI::App* const run = app.add_subcommand("run", "Watch the venues and serve signals (default)");
    add_common(*run, line);
    add_log(*run, line);
    CLI::App* const check = app.add_subcommand("check", "Report every fault of the configuration");
    check->add_flag("--print-effective", line.check.print_effective,
                    "Print the configuration as it is in force, secrets masked");
    add_common(*check, line);
    add_demo(app, line);
    add_replay(app, line);
    add_study(app, line);
    add_evaluate(app, line);
    add_simulate(app, line);
    CLI::App* const decode = app.add_subcommand("decode", "Read recorded frames of a venue");
    decode->add_option("VENUE", line.decode_venue, "binance, bybit, kraken, ...")->required();
    decode->add_option("FILE", line.decode_file, ".jsonl, .json, .hex; .zst too")->required();
    app.require_subcommand(0, 1);
    app.footer(help_footer());
}

// Options of the chosen subcommand, or of the program and its subcommands' names.
std::vector<std::string> known_words(CLI::App const& app) {
    std::vector<std::string> words;
    auto const chosen = app.get_subcommands();
    CLI::App const& from = chosen.empty() ? app : *chosen.front();
    for (CLI::Option const* const option : from.get_options()) {
        for (std::string const& name : option->get_lnames()) words.push_back("--" + name);
    }
    if (chosen.empty()) {
        for (CLI::App const* const sub : app.get_subcommands([](CLI::App const*) { return true; }))
            words.push_back(sub->get_name());
    }
    return words;
}

int report_usage(CLI::App const& app, CLI::ParseError const& error) {
    auto const extras = app.remaining(true);
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !extras.empty()) {
        auto const words = known_words(app);
        std::vector<std::string_view> const known(words.begin(), words.end());
        return usage_error(std::cerr, unknown_argument(extras.front(), known));
    }
    std::string message = error.what();
    if (auto const end = message.find('\n'); end != std::string::npos) message.resize(end);
    while (message.ends_with('.')) message.pop_back();
    return usage_error(std::cerr, message);
}

int run_replay_command(CommandLine& line) {
    line.replay.config = line.config;
    for (auto const& [text, target] : {std::pair{&line.replay_from, &line.replay.from},
                                       std::pair{&line.replay_to, &line.replay.to}}) {
        if (text->empty()) continue;
        auto const instant = parse_instant(*text);
        if (!instant) return usage_error(std::cerr, instant.error().message);
        *target = *instant;
    }
    return run_replay(line.replay);
}

int dispatch(CLI::App const& app, CommandLine& line) {
    auto const chosen = app.get_subcommands();
    std::string const name = chosen.empty() ? "run" : chosen.front()->get_name();
    if (name == "check" || line.check_config) {
        line.check.config = line.config;
        return run_check(line.check, std::cout, std::cerr);
    }
    if (name == "demo") {
        line.demo.config = line.config;
        if (line.demo_port >= 0) line.demo.port = line.demo_port;
        line.demo.log_level = log_level_from(line.log_level);
        line.demo.log_format = log_format_from(line.log_format);
        return run_demo(line.demo);
    }
    if (name == "replay") return run_replay_command(line);
    if (name == "evaluate") return run_evaluate(line.evaluate, std::cout, std::cerr);
    if (name == "simulate") return run_simulate(line.simulate, std::cout, std::cerr);
    if (name == "study") {
        line.study.config = line.config;
        return run_study(line.study, std::cout);
    }
    if (name == "decode") {
        return run_decode(line.decode_venue, line.decode_file, std::cout, std::cerr);
    }
    return run_daemon(RunOptions{.config = line.config,
                                 .log_level = log_level_from(line.log_level),
                                 .log_format = log_format_from(line.log_format)});
}

}  // namespace

int main(int argc, char** argv) {
    CommandLine line;
    CLI::App app("From exchange websockets to audited cross-market signals.", "spilloverd");
    add_subcommands(app, line);
    try {
        app.parse(argc, argv);
        return dispatch(app, line);
    } catch (CLI::ParseError const& error) {
        // --help and --version end here as well.
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            return app.exit(error, std::cout, std::cerr);
        }
        return report_usage(app, error);
    } catch (std::exception const& error) {
        std::cerr << "spilloverd: " << error.what() << '\n';
        return spill::exit_code::kFailure;
    }
}
