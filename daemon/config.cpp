#include "daemon/config.hpp"

#include <sys/stat.h>  // does the file exist

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "daemon/config_master.hpp"
#include "daemon/config_reader.hpp"
#include "daemon/config_schema.hpp"
#include "daemon/config_yaml.hpp"
#include "daemon/embedded.hpp"

namespace spill {
namespace {

constexpr const char* kLocalFile = "config.yaml";
constexpr const char* kSystemFile = "/etc/spilloverd/config.yaml";

bool exists(const char* path) noexcept {
    struct stat info{};
    return ::stat(path, &info) == 0;
}

ConfigResult unreadable(const std::string& path, const std::string& reason) {
    ConfigResult result;
    result.issues.push_back(ConfigIssue{path, 0, 0, "cannot be read: " + reason});
    return result;
}

// Rules that contradict each other; the sentence begins with the key of the first one. It is
// reported where the file sets that key or, failing that, another key that the sentence names.
void check_rules(const Params& params, const Given& given, Issues& issues) {
    char const* const conflict = find_conflict(params);
    if (conflict == nullptr) return;
    Place place;
    std::string_view rest = conflict;
    while (!rest.empty()) {
        std::size_t const end = std::min(rest.find(' '), rest.size());
        auto const at = given.find("rules." + std::string(rest.substr(0, end)));
        if (at != given.end()) {
            place = at->second;
            break;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    issues.add(place, std::string("rules.") + conflict);
}

}  // namespace

std::string to_string(const ConfigIssue& issue) {
    if (issue.line <= 0) return issue.file + ": " + issue.message;
    return issue.file + ":" + std::to_string(issue.line) + ":" + std::to_string(issue.column) +
           ": " + issue.message;
}

ConfigResult parse_config(std::string_view text, const std::string& file_name) {
    ConfigResult result;
    Issues issues(file_name);
    YamlResult const yaml = parse_yaml(text);
    constexpr std::array<std::string_view, 3> kLists{"venues", "groups", "instruments"};
    auto const fields = config_fields(result.config);
    Given const given =
        read_section(yaml.root, {.fields = fields, .others = kLists, .path = ""}, issues);
    check_rules(result.config.params, given, issues);
    if (yaml.fault) {
        // What stands behind the fault is unknown, so nothing is said about references.
        issues.add(yaml.fault->place, "not valid YAML: " + yaml.fault->message);
    } else {
        read_master(yaml.root, result.config, issues);
    }
    result.config.hash8 = config_hash8(result.config);
    result.issues = issues.take();
    return result;
}

ConfigResult load_config(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return unreadable(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return unreadable(path, "it is a directory");
    std::ifstream file(path, std::ios::binary);
    if (!file) return unreadable(path, std::strerror(errno));
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    return parse_config(text, path);
}

ConfigResult load_config_or_default(const std::string& requested) {
    if (!requested.empty()) return load_config(requested);
    if (exists(kLocalFile)) return load_config(kLocalFile);
    if (exists(kSystemFile)) return load_config(kSystemFile);
    return parse_config(embedded_file(kLocalFile), "config.yaml (built in)");
}

}  // namespace spill
