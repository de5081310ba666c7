// From the configuration to the plan and the links of an App.
#include <cstdlib>  // secrets in the environment
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/history/history.hpp"
#include "connectors/registry.hpp"
#include "daemon/app.hpp"

namespace spill {

Result<PlanChoice> choose_plan(const DaemonConfig& config, unsigned cores) {
    std::string const counted = std::to_string(cores) + (cores == 1 ? " core" : " cores");
    bool const split =
        config.threads == ThreadPlan::Split || (config.threads == ThreadPlan::Auto && cores >= 4);
    if (!split) return PlanChoice{ThreadPlan::Inline, counted};
    bool const spins = config.wait == WaitMode::Spin;
    if (spins && cores < 3) {
        return fail(Errc::InvalidArgument, "wait: spin would leave no core to others (" + counted +
                                               "); use wait: hybrid, or threads: inline");
    }
    return PlanChoice{ThreadPlan::Split, counted};
}

namespace {

// Where a secret of a venue is: one of the two, or neither.
struct SecretPlace {
    std::string_view what;  // "key"
    std::string_view file;
    std::string_view variable;
};

// The first line of the file, or the value of the variable. Paths and names are checked when the
// configuration is read.
Result<std::string> read_secret(const VenueSettings& venue, const SecretPlace& place) {
    std::string const what(place.what);
    if (!place.file.empty() && !place.variable.empty()) {
        return fail(Errc::InvalidArgument, "venue " + venue.name + ": give " + what + "_file or " +
                                               what + "_env, not both");
    }
    std::string line;
    if (!place.file.empty()) {
        std::ifstream file{std::string(place.file)};
        std::getline(file, line);
    } else if (!place.variable.empty()) {
        char const* const value = std::getenv(std::string(place.variable).c_str());
        if (value != nullptr) line = value;
    } else {
        return line;
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) {
        return fail(Errc::NotFound,
                    "venue " + venue.name + ": its " + what + " file or variable is empty");
    }
    return line;
}

}  // namespace

// systemd names a directory of our own in the environment (StateDirectory=).
std::string state_directory(const DaemonConfig& config) {
    if (!config.state_dir.empty()) return config.state_dir;
    const char* const given = std::getenv("STATE_DIRECTORY");
    return given != nullptr ? given : "";
}

Result<std::vector<LinkConfig>> links_of(const Config& config) {
    std::vector<LinkConfig> links;
    for (const VenueSettings& venue : config.venues) {
        if (!venue.enabled || !venue.id.valid()) continue;
        LinkConfig link;
        link.spec = find_venue_spec(venue.name);
        if (link.spec == nullptr) return fail(Errc::NotFound, "no venue is called " + venue.name);
        link.venue = venue.id;
        link.host = venue.host.empty() ? link.spec->host : venue.host;
        link.port = venue.port != 0 ? std::to_string(venue.port) : std::string(link.spec->port);
        link.path = venue.path.empty() ? link.spec->path : venue.path;
        link.tls = venue.tls;
        link.silence = venue.silence;
        link.rest_host = venue.rest_host;
        link.rest_port = venue.rest_port != 0 ? std::to_string(venue.rest_port) : std::string();
        // Without TLS everything stays on this machine.
        bool const reachable = venue.tls || !venue.rest_host.empty();
        if (reachable) link.history = find_history_spec(venue.name);
        link.backfill = venue.backfill;
        auto key =
            read_secret(venue, {.what = "key", .file = venue.key_file, .variable = venue.key_env});
        if (!key) return tl::unexpected(key.error());
        auto secret = read_secret(
            venue, {.what = "secret", .file = venue.secret_file, .variable = venue.secret_env});
        if (!secret) return tl::unexpected(secret.error());
        link.credentials = {*std::move(key), *std::move(secret)};
        if (link.spec->login != LoginStyle::None && link.credentials.key.empty()) {
            return fail(Errc::NotFound,
                        "venue " + venue.name + " needs a key: set key_file or key_env");
        }
        auto const push = [&] {
            if (!link.symbols.empty()) links.push_back(link);
            link.symbols.clear();
        };
        for (const Feed& feed : config.registry.feeds()) {
            if (feed.venue != venue.id) continue;
            link.symbols.push_back(feed.symbol);
            // A second connection with the same key would end the first.
            if (link.spec->one_connection) continue;
            if (static_cast<int>(link.symbols.size()) == venue.max_symbols_per_link) push();
        }
        push();
    }
    if (links.empty()) return fail(Errc::NotFound, "no venue is enabled for any instrument");
    return links;
}

}  // namespace spill
