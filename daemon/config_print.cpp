// The configuration as text, and its identity.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config.hpp"
#include "daemon/config_schema.hpp"

namespace spill {
namespace {

std::vector<std::string_view> split_path(std::string_view key) {
    std::vector<std::string_view> parts;
    while (true) {
        std::size_t const dot = key.find('.');
        parts.push_back(key.substr(0, dot));
        if (dot == std::string_view::npos) return parts;
        key.remove_prefix(dot + 1);
    }
}

// "# Doc. integer, 1..16 threads, default 1", in two lines when it is too long for one.
std::string comment(Field const& field, Field const& defaults, std::string const& indent) {
    constexpr std::size_t kColumns = 100;
    std::string const first = indent + "# " + field.doc + ".";
    std::string const second = describe(field) + ", " + describe_default(defaults);
    bool const fits = first.size() + 1 + second.size() <= kColumns;
    return first + (fits ? " " : "\n" + indent + "# ") + second + '\n';
}

// Sections and keys in the order of the table, each key under its comment.
std::string print_sections(std::vector<Field> const& fields, std::vector<Field> const& defaults) {
    std::string out;
    std::vector<std::string_view> open;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto const parts = split_path(fields[i].key);
        std::size_t depth = 0;
        while (depth < open.size() && depth + 1 < parts.size() && open[depth] == parts[depth]) {
            ++depth;
        }
        open.assign(parts.begin(), parts.end() - 1);
        for (; depth + 1 < parts.size(); ++depth) {
            if (depth == 0 && !out.empty()) out += '\n';
            out += std::string(2 * depth, ' ') + std::string(parts[depth]) + ":\n";
        }
        std::string const indent(2 * depth, ' ');
        out += comment(fields[i], defaults[i], indent);
        out += indent + std::string(parts.back()) + ": " + print_field(fields[i]) + '\n';
    }
    return out;
}

// "{name: "MU", market: XNYS}" of the fields that differ from their default or are required.
std::string print_row(std::vector<Field> const& fields, std::vector<Field> const& defaults,
                      std::string const& more = {}) {
    std::string out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::string const value = print_field(fields[i]);
        if (!fields[i].required && value == print_field(defaults[i])) continue;
        if (!out.empty()) out += ", ";
        out += fields[i].key + ": " + value;
    }
    if (!more.empty()) out += (out.empty() ? "" : ", ") + more;
    return "{" + out + "}";
}

template <class Row>
std::string print_row_of(Row row, std::vector<Field> (*fields)(Row&)) {
    Row defaults;
    return print_row(fields(row), fields(defaults));
}

// The coverage is always written: left out, it would be the venue's own.
std::string print_feed(Config const& config, Feed const& feed) {
    FeedRow row{.venue = config.registry.venue(feed.venue).name,
                .symbol = feed.symbol,
                .coverage = feed.coverage,
                .multiplier_e9 = feed.multiplier_e9};
    FeedRow defaults;
    std::vector<Field> fields = feed_fields(row);
    for (Field& field : fields) field.required = field.required || field.key == "coverage";
    return print_row(fields, feed_fields(defaults));
}

// A proxy writes all that it would otherwise take from what it stands for.
std::string print_instrument(Config const& config, Instrument const& row, bool with_title) {
    Registry const& registry = config.registry;
    InstrumentRow out{.name = row.name,
                      .title = with_title ? config.titles[row.id.value] : std::string{},
                      .proxy_for = row.proxy_for.valid() ? registry.instrument(row.proxy_for).name
                                                         : std::string{},
                      .market = row.market,
                      .role = row.role,
                      .group = row.group.valid() ? registry.group(row.group).name : std::string{},
                      .label = row.label,
                      .tick_e9 = row.tick.nanos,
                      .lot_e9 = row.lot.nanos,
                      .weight = row.weight};
    InstrumentRow defaults;
    std::vector<Field> fields = instrument_fields(out);
    for (Field& field : fields) {
        bool const inherited = field.key == "market" || field.key == "role" ||
                               field.key == "label" || field.key == "group";
        field.required = field.required || (inherited && row.proxy_for.valid());
    }
    std::string more;
    for (FeedId const feed : row.feeds) {
        more += (more.empty() ? "feeds: [" : ", ") + print_feed(config, registry.feed(feed));
    }
    if (!more.empty()) more += "]";
    std::string aliases;
    for (Alias const& alias : config.aliases) {
        if (alias.instrument != row.id) continue;
        aliases += aliases.empty() ? "aliases: [" : ", ";
        aliases += print_row_of(
            AliasRow{.name = alias.name, .from = alias.from, .until = alias.until}, alias_fields);
    }
    if (!aliases.empty()) more += (more.empty() ? "" : ", ") + aliases + "]";
    return print_row(fields, instrument_fields(defaults), more);
}

std::string print_groups(Registry const& registry) {
    std::string out = "\ngroups:\n";
    for (bool const tokens : {false, true}) {
        out += tokens ? "  buckets:\n" : "  baskets:\n";
        for (Group const& group : registry.groups()) {
            if (group.tokens != tokens) continue;
            GroupRow row;
            if (group.parent.valid()) row.parent = registry.group(group.parent).name;
            out += "    " + group.name + ": " + print_row_of(std::move(row), group_fields) + '\n';
        }
    }
    return out;
}

std::string print_venues(Config const& config) {
    std::string out = "\nvenues:\n";
    for (VenueSettings const& venue : config.venues) {
        out += "  " + venue.name + ": " + print_row_of(venue, venue_fields) + '\n';
    }
    return out;
}

std::string print_instruments(Config const& config, bool with_titles) {
    std::string out = "\ninstruments:\n";
    for (Instrument const& row : config.registry.instruments()) {
        out += "  - " + print_instrument(config, row, with_titles) + '\n';
    }
    return out;
}

// FNV-1a, 64 bits folded to 32.
std::uint32_t fingerprint(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char const c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

}  // namespace

std::string effective_yaml(const Config& config) {
    Config copy = config;
    Config defaults;
    return print_sections(config_fields(copy), config_fields(defaults)) + print_venues(config) +
           print_groups(config.registry) + print_instruments(config, true);
}

std::string config_hash8(const Config& config) {
    Config copy = config;
    std::string text;
    for (Field const& field : rule_fields(copy)) {
        text += field.key + "=" + print_field(field) + '\n';
    }
    for (Venue const& venue : config.registry.venues()) {
        text += venue.name + (venue.trusted ? " trusted\n" : "\n");
    }
    text += print_groups(config.registry) + print_instruments(config, false);
    constexpr std::string_view kHex = "0123456789abcdef";
    std::uint32_t const hash = fingerprint(text);
    std::string out;
    for (unsigned shift = 32; shift != 0; shift -= 4) out += kHex[(hash >> (shift - 4)) & 0xFU];
    return out;
}

}  // namespace spill
