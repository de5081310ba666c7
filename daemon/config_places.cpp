#include "daemon/config_places.hpp"

#include <arpa/inet.h>  // inet_pton

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "daemon/config_schema.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_loopback(std::string const& host) noexcept {
    in_addr v4{};
    bool const numeric = inet_pton(AF_INET, host.c_str(), &v4) == 1;
    return host == "localhost" || host == "::1" || (numeric && ntohl(v4.s_addr) >> 24U == 127);
}

class PlacesReader {
public:
    PlacesReader(Config& config, Issues& issues) : config_(config), issues_(issues) {}

    ListedNames read(YamlNode const& root) {
        if (YamlNode const* const venues = find_key(root, "venues")) read_venues(*venues);
        if (YamlNode const* const groups = find_key(root, "groups")) read_groups(*groups);
        return std::move(listed_);
    }

private:
    void read_venues(YamlNode const& node);
    void read_venue(YamlNode const& key, YamlNode const& value);
    void check_keys(std::string const& name, Given const& given, Place place);
    void read_groups(YamlNode const& node);
    void read_group(YamlNode const& key, YamlNode const& value, bool tokens);

    Config& config_;
    Issues& issues_;
    ListedNames listed_;
};

void PlacesReader::read_venues(YamlNode const& node) {
    if (!expect_kind(node, YamlNode::Kind::Map, "venues", issues_)) return;
    check_repeats(node, "venues", issues_);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (!listed_.venues.contains(node.keys[i].text)) read_venue(node.keys[i], node.items[i]);
    }
}

void PlacesReader::read_venue(YamlNode const& key, YamlNode const& value) {
    VenueSettings row;
    row.name = key.text;
    listed_.venues.insert(row.name);
    if (find_venue_spec(row.name) == nullptr) {
        std::vector<std::string_view> known;
        for (VenueSpec const& spec : venue_specs()) known.push_back(spec.name);
        std::string list;
        for (std::string_view const name : known) {
            list += (list.empty() ? "" : ", ") + std::string(name);
        }
        issues_.add(key.place, "unknown venue " + in_quotes(row.name) +
                                   did_you_mean(row.name, known) + "; there are: " + list);
        return;
    }
    auto const fields = venue_fields(row);
    std::string const path = "venues." + row.name;
    Given const given =
        read_section(value, {.fields = fields, .others = {}, .path = path}, issues_);
    if (!row.tls && !is_loopback(row.host)) {
        auto const at = given.find("tls");
        issues_.add(at->second, path +
                                    ".tls: false is only allowed with host 127.0.0.1, ::1 or "
                                    "localhost");
        return;
    }
    if (row.enabled) check_keys(row.name, given, key.place);
    if (row.enabled) {
        auto const id = config_.registry.add_venue(row.name, row.trusted);
        if (!id) {
            issues_.add(key.place, id.error().message);
            return;
        }
        row.id = *id;
    }
    config_.venues.push_back(std::move(row));
}

// A venue that wants a key must have it before it is dialled: otherwise the fault would show only
// as a refusal of the venue.
void PlacesReader::check_keys(std::string const& name, Given const& given, Place place) {
    VenueSpec const& spec = *find_venue_spec(name);
    if (spec.login == LoginStyle::None) return;
    auto const needs = [&](std::string const& what) {
        if (given.contains(what + "_file") || given.contains(what + "_env")) return;
        issues_.add(place, "venues." + name + " needs a " + what + ": give " + what + "_file or " +
                               what + "_env, or say enabled: false");
    };
    needs("key");
    if (spec.needs_secret) needs("secret");
}

void PlacesReader::read_groups(YamlNode const& node) {
    if (!expect_kind(node, YamlNode::Kind::Map, "groups", issues_)) return;
    constexpr std::array<std::string_view, 2> kKinds{"baskets", "buckets"};
    read_section(node, {.fields = {}, .others = kKinds, .path = "groups"}, issues_);
    for (std::string_view const kind : kKinds) {
        YamlNode const* const list = find_key(node, kind);
        std::string const path = "groups." + std::string(kind);
        if (list == nullptr || !expect_kind(*list, YamlNode::Kind::Map, path, issues_)) continue;
        for (std::size_t i = 0; i < list->items.size(); ++i) {
            read_group(list->keys[i], list->items[i], kind == "buckets");
        }
    }
}

void PlacesReader::read_group(YamlNode const& key, YamlNode const& value, bool tokens) {
    if (listed_.groups.contains(key.text)) {
        issues_.add(key.place, "group " + in_quotes(key.text) + " is there twice");
        return;
    }
    listed_.groups.insert(key.text);
    if (!is_name(key.text) || key.text.empty() || key.text.size() > kMaxNameLength) {
        issues_.add(key.place,
                    "the name of a group has at most 24 characters and" + std::string(kNameRule));
        return;
    }
    GroupRow row;
    auto const fields = group_fields(row);
    std::string const path = std::string("groups.") + (tokens ? "buckets." : "baskets.") + key.text;
    Given const given =
        read_section(value, {.fields = fields, .others = {}, .path = path}, issues_);
    GroupId parent;
    if (!row.parent.empty()) {
        std::vector<std::string_view> const known(listed_.groups.begin(), listed_.groups.end());
        Group const* const found = config_.registry.find_group(row.parent);
        Place const place = given.find("parent")->second;
        if (found == nullptr && !listed_.groups.contains(row.parent)) {
            issues_.add(place, path + ".parent: unknown group " + in_quotes(row.parent) +
                                   did_you_mean(row.parent, known) +
                                   "; a parent is listed above its parts");
        } else if (found != nullptr && (found->tokens != tokens || found->parent.valid())) {
            issues_.add(place, path + ".parent: " + in_quotes(row.parent) +
                                   " is a part itself or of the other kind");
        }
        if (found == nullptr || found->tokens != tokens || found->parent.valid()) return;
        parent = found->id;
    }
    auto const id = config_.registry.add_group(key.text, parent, tokens);
    if (!id) {
        issues_.add(key.place, id.error().message);
    }
}

}  // namespace

ListedNames read_places(const YamlNode& root, Config& config, Issues& issues) {
    return PlacesReader(config, issues).read(root);
}

bool is_name(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    });
}

}  // namespace spill
