// `spilloverd check`: is the configuration one that can be run?
#include <iostream>
#include <string>

#include "daemon/calendar_file.hpp"
#include "daemon/commands.hpp"
#include "daemon/exit_code.hpp"

namespace spill {

int run_check(const CheckOptions& options, std::ostream& out, std::ostream& err) {
    ConfigResult const result = load_config_or_default(options.config);
    for (ConfigIssue const& issue : result.issues) err << to_string(issue) << '\n';
    if (!result.ok()) return exit_code::kConfig;
    Config const& config = result.config;
    if (auto const calendars = load_calendars(config.calendar_directory); !calendars) {
        err << calendars.error().message << '\n';
        return exit_code::kConfig;
    }
    if (options.print_effective) {
        out << effective_yaml(config);
    } else {
        out << "ok: " << config.registry.instruments().size() << " instruments, "
            << config.registry.feeds().size() << " feeds, " << config.registry.venues().size()
            << " venues\n";
    }
    out.flush();
    if (!out) {
        err << "spilloverd: cannot write to the output\n";
        return exit_code::kFailure;
    }
    return exit_code::kOk;
}

}  // namespace spill
