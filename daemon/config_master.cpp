#include "daemon/config_master.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "daemon/config_places.hpp"
#include "daemon/config_schema.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A name that is used, and what it could have been.
struct Reference {
    std::string_view what;  // "venue"
    std::string_view name;
    std::string_view known_in;  // "venues"
};

std::string unknown(Reference const& reference, std::span<const std::string_view> known) {
    return "unknown " + std::string(reference.what) + " " + in_quotes(reference.name) +
           did_you_mean(reference.name, known) + "; it must be listed in " +
           std::string(reference.known_in);
}

std::vector<std::string_view> views_of(std::set<std::string, std::less<>> const& names) {
    return {names.begin(), names.end()};
}

std::vector<std::string_view> views_of(std::map<std::string, int, std::less<>> const& lines) {
    std::vector<std::string_view> out;
    for (auto const& [name, line] : lines) out.push_back(name);
    return out;
}

class MasterReader {
public:
    MasterReader(Config& config, Issues& issues) : config_(config), issues_(issues) {}

    void read(YamlNode const& root) {
        places_ = read_places(root, config_, issues_);
        YamlNode const* const instruments = find_key(root, "instruments");
        bool const filled = instruments != nullptr && instruments->kind != YamlNode::Kind::Null;
        if (!filled) {
            issues_.add(instruments != nullptr ? instruments->place : root.place,
                        "\"instruments\" is missing or empty: there is nothing to watch");
            return;
        }
        if (!expect_kind(*instruments, YamlNode::Kind::List, "instruments", issues_)) return;
        for (YamlNode const& node : instruments->items) collect_name(node);
        for (YamlNode const& node : instruments->items) read_instrument(node);
    }

private:
    void collect_name(YamlNode const& node);
    void read_instrument(YamlNode const& node);
    bool resolve_proxy(InstrumentRow& row, Given const& given, Instrument& out);
    bool resolve_group(InstrumentRow const& row, Given const& given, Place place, Instrument& out);
    void read_feed(YamlNode const& node, std::string const& owner, InstrumentId instrument);
    void read_alias(YamlNode const& node, InstrumentId instrument);

    struct Taken {
        std::string owner;
        int line;
    };

    Config& config_;
    Issues& issues_;
    ListedNames places_;
    std::map<std::string, int, std::less<>> listed_;  // instrument name -> line of first row
    std::map<std::pair<std::string, std::string>, Taken> symbols_;
};

// First pass: all names, so that a reference to a row further down is told from a typing error.
void MasterReader::collect_name(YamlNode const& node) {
    YamlNode const* const name = find_key(node, "name");
    if (name == nullptr || name->kind != YamlNode::Kind::Scalar) return;
    auto const [it, fresh] = listed_.try_emplace(name->text, name->place.line);
    if (!fresh) {
        issues_.add(name->place, "instrument " + in_quotes(name->text) +
                                     " is there twice, first in line " +
                                     std::to_string(it->second));
    }
}

bool MasterReader::resolve_proxy(InstrumentRow& row, Given const& given, Instrument& out) {
    if (row.proxy_for.empty()) return true;
    Place const place = given.find("proxy_for")->second;
    Instrument const* const stock = config_.registry.find_instrument(row.proxy_for);
    if (stock == nullptr) {
        if (!listed_.contains(row.proxy_for)) {
            issues_.add(
                place,
                unknown({.what = "instrument", .name = row.proxy_for, .known_in = "instruments"},
                        views_of(listed_)));
        } else if (listed_.find(row.proxy_for)->second >= place.line) {
            issues_.add(place, in_quotes(row.proxy_for) + " must be listed above its proxy");
        }
        return false;
    }
    out.proxy_for = stock->id;
    if (!given.contains("market")) row.market = stock->market;
    if (!given.contains("role")) row.role = stock->role;
    if (!given.contains("label")) row.label = stock->label;
    if (!given.contains("group") && stock->group.valid()) {
        row.group = config_.registry.group(stock->group).name;
    }
    if (row.market != stock->market) {
        issues_.add(given.find("market")->second, "a proxy has the market of what it stands for: " +
                                                      std::string(to_string(stock->market)));
        return false;
    }
    return true;
}

bool MasterReader::resolve_group(InstrumentRow const& row, Given const& given, Place place,
                                 Instrument& out) {
    auto const at = given.find("group");
    Place const where = at == given.end() ? place : at->second;
    if (row.role == Role::Benchmark) {
        if (row.group.empty()) return true;
        issues_.add(where, "a benchmark is in no group");
        return false;
    }
    bool const tokens = row.role == Role::Token;
    if (row.group.empty()) {
        issues_.add(where, in_quotes(row.name) + " needs a group: a " +
                               (tokens ? "bucket" : "basket") + " of groups");
        return false;
    }
    Group const* const group = config_.registry.find_group(row.group);
    if (group == nullptr) {
        if (!places_.groups.contains(row.group)) {
            issues_.add(where, unknown({.what = "group", .name = row.group, .known_in = "groups"},
                                       views_of(places_.groups)));
        }
        return false;
    }
    if (group->tokens != tokens) {
        issues_.add(where, in_quotes(row.group) + " is a " +
                               (group->tokens ? "bucket, for tokens" : "basket, for stocks") +
                               ", and the role of " + in_quotes(row.name) + " is " +
                               std::string(role_names()[static_cast<std::size_t>(row.role)]));
        return false;
    }
    out.group = group->id;
    return true;
}

void MasterReader::read_instrument(YamlNode const& node) {
    InstrumentRow row;
    auto const fields = instrument_fields(row);
    YamlNode const* const name = find_key(node, "name");
    bool const named = name != nullptr && name->kind == YamlNode::Kind::Scalar;
    std::string const path = named ? "instrument " + name->text : "instruments";
    if (!expect_kind(node, YamlNode::Kind::Map, path, issues_)) {
        if (node.kind == YamlNode::Kind::Null) issues_.add(node.place, "an empty instrument");
        return;
    }
    constexpr std::array<std::string_view, 2> kLists{"feeds", "aliases"};
    Given const given =
        read_section(node, {.fields = fields, .others = kLists, .path = path}, issues_);
    if (!is_name(row.name)) {
        issues_.add(given.find("name")->second, path + ".name" + std::string(kNameRule));
    }
    Instrument out;
    InstrumentId id;
    bool sound = !row.name.empty() && is_name(row.name);
    sound = resolve_proxy(row, given, out) && sound;
    bool const stock = row.role == Role::Leader || row.role == Role::Member;
    if (stock && !given.contains("market") && row.proxy_for.empty()) {
        issues_.add(node.place, path + " needs a market: XNYS or XKRX");
    } else if (sound || row.proxy_for.empty()) {
        if ((row.role == Role::Token) != (row.market == Market::Utc) &&
            row.role != Role::Benchmark) {
            issues_.add(given.contains("market") ? given.find("market")->second : node.place,
                        path + ": the market of a token is UTC, that of a stock is not");
        }
        sound = resolve_group(row, given, node.place, out) && sound;
    }
    if (sound && config_.registry.find_instrument(row.name) == nullptr) {
        out.name = row.name;
        out.market = row.market;
        out.role = row.role;
        out.label = row.label;
        out.tick = Price{row.tick_e9};
        out.lot = Quantity{row.lot_e9};
        out.weight = row.weight;
        auto const added = config_.registry.add_instrument(std::move(out));
        if (added) {
            id = *added;
            config_.titles.push_back(row.title);
        } else {
            issues_.add(node.place, added.error().message);
        }
    }
    if (YamlNode const* const feeds = find_key(node, "feeds");
        feeds != nullptr && expect_kind(*feeds, YamlNode::Kind::List, path + ".feeds", issues_)) {
        for (YamlNode const& feed : feeds->items) read_feed(feed, path, id);
    }
    if (YamlNode const* const aliases = find_key(node, "aliases");
        aliases != nullptr &&
        expect_kind(*aliases, YamlNode::Kind::List, path + ".aliases", issues_)) {
        for (YamlNode const& alias : aliases->items) read_alias(alias, id);
    }
}

void MasterReader::read_feed(YamlNode const& node, std::string const& owner,
                             InstrumentId instrument) {
    FeedRow row;
    auto const fields = feed_fields(row);
    std::string const path = owner + ", feed";
    if (!expect_kind(node, YamlNode::Kind::Map, path, issues_)) return;
    Given const given = read_section(node, {.fields = fields, .others = {}, .path = path}, issues_);
    if (row.venue.empty() || row.symbol.empty()) return;
    if (!places_.venues.contains(row.venue)) {
        issues_.add(given.find("venue")->second,
                    unknown({.what = "venue", .name = row.venue, .known_in = "venues"},
                            views_of(places_.venues)));
        return;
    }
    Place const place = given.find("symbol")->second;
    auto const [it, fresh] =
        symbols_.try_emplace({row.venue, row.symbol}, Taken{owner, place.line});
    if (!fresh) {
        issues_.add(place, "symbol " + in_quotes(row.symbol) + " is there twice on " + row.venue +
                               ", first in line " + std::to_string(it->second.line) + " (" +
                               it->second.owner + ")");
        return;
    }
    Venue const* const venue = config_.registry.find_venue(row.venue);
    if (venue == nullptr || !instrument.valid()) return;
    Feed feed;
    feed.instrument = instrument;
    feed.venue = venue->id;
    feed.symbol = row.symbol;
    feed.coverage =
        given.contains("coverage") ? row.coverage : find_venue_spec(row.venue)->coverage;
    feed.multiplier_e9 = row.multiplier_e9;
    if (auto const added = config_.registry.add_feed(std::move(feed)); !added) {
        issues_.add(place, added.error().message);
    }
}

void MasterReader::read_alias(YamlNode const& node, InstrumentId instrument) {
    AliasRow row;
    auto const fields = alias_fields(row);
    if (!expect_kind(node, YamlNode::Kind::Map, "aliases", issues_)) return;
    Given const given =
        read_section(node, {.fields = fields, .others = {}, .path = "alias"}, issues_);
    if (row.name.empty()) return;
    Place const place = given.find("name")->second;
    if (row.from != 0 && row.until != 0 && row.from >= row.until) {
        issues_.add(given.find("until")->second, "until must be later than from");
        return;
    }
    if (listed_.contains(row.name)) {
        issues_.add(place, "alias " + in_quotes(row.name) + " is the name of an instrument");
        return;
    }
    bool const overlaps = std::ranges::any_of(config_.aliases, [&](Alias const& other) {
        bool const before = row.until != 0 && other.from != 0 && row.until <= other.from;
        bool const after = other.until != 0 && row.from != 0 && other.until <= row.from;
        return other.name == row.name && !before && !after;
    });
    if (overlaps) {
        issues_.add(place, "alias " + in_quotes(row.name) + " is there twice for the same days");
    } else if (instrument.valid()) {
        config_.aliases.push_back(Alias{row.name, instrument, row.from, row.until});
    }
}

}  // namespace

void read_master(const YamlNode& root, Config& config, Issues& issues) {
    MasterReader(config, issues).read(root);
}

}  // namespace spill
