#include "daemon/config_reader.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "daemon/config_value.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

std::string join(std::string_view path, std::string_view key) {
    return path.empty() ? std::string(key) : std::string(path) + "." + std::string(key);
}

// True for the name of a secret itself; *_file and *_env keys name where it is.
bool names_a_secret(std::string_view key) {
    constexpr std::array<std::string_view, 6> kWords{"api_key", "apikey",   "secret",
                                                     "token",   "password", "passwd"};
    std::string lower(key);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (lower.ends_with("_file") || lower.ends_with("_env")) return false;
    return std::ranges::any_of(
        kWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

class SectionReader {
public:
    SectionReader(SectionTable const& table, Issues& issues) : table_(table), issues_(issues) {}

    // `prefix` is the path below the section, "" or "log.".
    void read(YamlNode const& node, std::string const& prefix) {
        std::string const path = prefix.empty()
                                     ? std::string(table_.path)
                                     : join(table_.path, prefix.substr(0, prefix.size() - 1));
        if (!expect_kind(node, YamlNode::Kind::Map, path, issues_)) return;
        check_repeats(node, path, issues_);
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            read_key(node.keys[i], node.items[i], prefix);
        }
    }

    Given take(YamlNode const& node) {
        for (Field const& field : table_.fields) {
            if (field.required && !given_.contains(field.key)) {
                issues_.add(node.place,
                            "\"" + field.key + "\" is missing in " + std::string(table_.path));
            }
        }
        return std::move(given_);
    }

private:
    void read_key(YamlNode const& key, YamlNode const& value, std::string const& prefix) {
        std::string const full = prefix + key.text;
        if (prefix.empty() && std::ranges::find(table_.others, key.text) != table_.others.end()) {
            return;
        }
        auto const field = std::ranges::find(table_.fields, full, &Field::key);
        if (field != table_.fields.end()) {
            read_value(*field, value);
            return;
        }
        bool const section = std::ranges::any_of(table_.fields, [&](Field const& row) {
            return row.key.size() > full.size() && row.key.starts_with(full) &&
                   row.key[full.size()] == '.';
        });
        if (section) {
            read(value, full + ".");
        } else if (names_a_secret(key.text)) {
            issues_.add(key.place, "\"" + join(table_.path, full) +
                                       "\" is a secret and must not stand in this file: put it "
                                       "into a file of mode 0600 and give the path in \"" +
                                       key.text + "_file\"");
        } else {
            issues_.add(key.place, "unknown key \"" + join(table_.path, full) + "\"" +
                                       suggest(key.text, prefix));
        }
    }

    // A key of the same section that looks alike, or the same word in another section.
    std::string suggest(std::string_view word, std::string const& prefix) const {
        std::vector<std::string_view> siblings;
        if (prefix.empty()) siblings.assign(table_.others.begin(), table_.others.end());
        for (Field const& field : table_.fields) {
            std::string_view key = field.key;
            if (!key.starts_with(prefix)) continue;
            key.remove_prefix(prefix.size());
            siblings.push_back(key.substr(0, key.find('.')));
        }
        std::string const hint = did_you_mean(word, siblings);
        if (!hint.empty()) return hint;
        for (Field const& field : table_.fields) {
            std::string_view const key = field.key;
            if (key.substr(key.rfind('.') + 1) == word) {
                return " (did you mean \"" + join(table_.path, key) + "\"?)";
            }
        }
        return {};
    }

    void read_value(Field const& field, YamlNode const& value) {
        std::string const path = join(table_.path, field.key);
        if (field.kind == FieldKind::Words) {
            if (!expect_kind(value, YamlNode::Kind::List, path, issues_)) return;
            std::get<Words*>(field.target)->clear();
            for (YamlNode const& item : value.items) read_scalar(field, path, item);
        } else {
            read_scalar(field, path, value);
        }
        given_.try_emplace(field.key, value.place);
    }

    void read_scalar(Field const& field, std::string const& path, YamlNode const& value) {
        if (value.kind != YamlNode::Kind::Scalar) {
            issues_.add(value.place,
                        path + ": expected " + describe(field) + ", got " + to_string(value.kind));
            return;
        }
        auto const text = expand_environment(value.text);
        if (!text) {
            issues_.add(value.place, path + ": " + text.error().message);
            return;
        }
        // A value from the environment may need quotes in YAML and is none the less a number.
        bool const quoted = value.quoted && *text == value.text;
        if (auto const fault = set_field(field, *text, quoted)) {
            issues_.add(value.place, path + ": " + *fault);
        }
    }

    SectionTable const& table_;
    Issues& issues_;
    Given given_;
};

}  // namespace

std::vector<ConfigIssue> Issues::take() {
    auto const key = [](ConfigIssue const& issue) {
        return std::tie(issue.line, issue.column, issue.message);
    };
    std::ranges::sort(rows_, {}, key);
    auto const [first, last] = std::ranges::unique(rows_, {}, key);
    rows_.erase(first, last);
    return std::move(rows_);
}

Given read_section(const YamlNode& node, const SectionTable& table, Issues& issues) {
    SectionReader reader(table, issues);
    reader.read(node, "");
    return reader.take(node);
}

const YamlNode* find_key(const YamlNode& map, std::string_view key) noexcept {
    if (map.kind != YamlNode::Kind::Map) return nullptr;
    for (std::size_t i = 0; i < map.items.size(); ++i) {
        if (map.keys[i].text == key) return &map.items[i];
    }
    return nullptr;
}

bool expect_kind(const YamlNode& node, YamlNode::Kind kind, std::string_view path, Issues& issues) {
    if (node.kind == kind) return true;
    if (node.kind != YamlNode::Kind::Null) {
        std::string const where = path.empty() ? "the file" : std::string(path);
        issues.add(node.place,
                   where + ": expected " + to_string(kind) + ", got " + to_string(node.kind));
    }
    return false;
}

void check_repeats(const YamlNode& map, std::string_view path, Issues& issues) {
    std::map<std::string_view, int> seen;
    for (YamlNode const& key : map.keys) {
        auto const [it, fresh] = seen.try_emplace(key.text, key.place.line);
        if (!fresh) {
            issues.add(key.place, "\"" + join(path, key.text) +
                                      "\" is there twice, first in line " +
                                      std::to_string(it->second));
        }
    }
}

}  // namespace spill
