#include "daemon/config_schema.hpp"

#include <array>
#include <type_traits>
#include <utility>

#include "core/param_table.hpp"

namespace spill {
namespace {

constexpr std::array<std::string_view, 3> kThreadPlans{"auto", "inline", "split"};
constexpr std::array<std::string_view, 3> kWaitModes{"park", "hybrid", "spin"};
constexpr std::array<std::string_view, 4> kLogLevels{"error", "warn", "info", "debug"};
constexpr std::array<std::string_view, 4> kLogFormats{"auto", "text", "json", "journald"};
constexpr std::array<std::string_view, 3> kMarketNames{"XNYS", "XKRX", "UTC"};
constexpr std::array<std::string_view, 4> kRoles{"leader", "member", "token", "benchmark"};
constexpr std::array<std::string_view, 6> kCoverages{"unknown",      "delayed",   "derivative",
                                                     "single_venue", "venue_sum", "consolidated"};

// Objects of an enum class : uint8_t may be written through a pointer to unsigned char.
template <class Enum>
Choice choice(Enum& value, std::span<const std::string_view> names) noexcept {
    static_assert(std::is_same_v<std::underlying_type_t<Enum>, unsigned char>);
    return Choice{reinterpret_cast<std::uint8_t*>(&value), names};
}

void add_daemon(std::vector<Field>& out, DaemonConfig& daemon) {
    out.push_back({.key = "daemon.threads",
                   .kind = FieldKind::Choice,
                   .target = choice(daemon.threads, kThreadPlans),
                   .doc = "Who runs the stages; auto is inline below 4 cores"});
    out.push_back({.key = "daemon.wait",
                   .kind = FieldKind::Choice,
                   .target = choice(daemon.wait, kWaitModes),
                   .doc = "How the threads of the split plan wait for work"});
    out.push_back({.key = "daemon.feed_threads",
                   .kind = FieldKind::Integer,
                   .target = &daemon.feed_threads,
                   .unit = "threads",
                   .min = 1,
                   .max = 16,
                   .doc = "Threads of the split plan that read venues"});
    out.push_back({.key = "daemon.event_queue",
                   .kind = FieldKind::Integer,
                   .target = &daemon.event_queue,
                   .unit = "events",
                   .min = 1'024,
                   .max = 16'777'216,
                   .doc = "Bound of the queue from the feeds to the engine"});
    out.push_back({.key = "daemon.signal_queue",
                   .kind = FieldKind::Integer,
                   .target = &daemon.signal_queue,
                   .unit = "signals",
                   .min = 64,
                   .max = 1'048'576,
                   .doc = "Bound of the queue from the engine to the publisher"});
    out.push_back({.key = "daemon.state_dir",
                   .kind = FieldKind::Directory,
                   .target = &daemon.state_dir,
                   .doc = "Directory for bans, dial budgets and key locks; empty takes systemd's"});
    out.push_back({.key = "daemon.log.level",
                   .kind = FieldKind::Choice,
                   .target = choice(daemon.log.level, kLogLevels),
                   .doc = "The least severe line that is logged"});
    out.push_back({.key = "daemon.log.format",
                   .kind = FieldKind::Choice,
                   .target = choice(daemon.log.format, kLogFormats),
                   .doc = "How lines look on stderr; auto is journald under systemd, else text"});
}

void add_gateway_limits(std::vector<Field>& out, GatewaySettings& gateway) {
    out.push_back({.key = "gateway.limits.max_subscribers",
                   .kind = FieldKind::Integer,
                   .target = &gateway.max_subscribers,
                   .unit = "subscribers",
                   .min = 1,
                   .max = 20'000,
                   .doc = "Bots at the same time; the next one is refused with 503"});
    out.push_back({.key = "gateway.limits.outbox_messages",
                   .kind = FieldKind::Integer,
                   .target = &gateway.outbox_messages,
                   .unit = "messages",
                   .min = 16,
                   .max = 65'536,
                   .doc = "Messages that may wait for one bot before it is closed as too slow"});
    out.push_back({.key = "gateway.limits.outbox_bytes",
                   .kind = FieldKind::Bytes,
                   .target = &gateway.outbox_bytes,
                   .min = 65'536,
                   .max = 67'108'864,
                   .doc = "Bytes that may wait for one bot"});
    out.push_back({.key = "gateway.limits.outbox_age",
                   .kind = FieldKind::Duration,
                   .target = &gateway.outbox_age,
                   .min = 0.1,
                   .max = 60,
                   .doc = "How long a message may wait for one bot"});
    out.push_back({.key = "gateway.limits.send_buffer",
                   .kind = FieldKind::Bytes,
                   .target = &gateway.send_buffer,
                   .min = 4'096,
                   .max = 4'194'304,
                   .doc = "Bytes that the kernel may hold back for one bot"});
    out.push_back({.key = "gateway.limits.messages_per_second",
                   .kind = FieldKind::Integer,
                   .target = &gateway.messages_per_second,
                   .unit = "messages",
                   .min = 1,
                   .max = 1'000,
                   .doc = "Messages that one bot may send us in a second"});
}

void add_gateway(std::vector<Field>& out, GatewaySettings& gateway) {
    out.push_back({.key = "gateway.address",
                   .kind = FieldKind::Address,
                   .target = &gateway.address,
                   .doc =
                       "Where bots and Prometheus connect; put a proxy in front before you open it "
                       "to a network"});
    out.push_back({.key = "gateway.port",
                   .kind = FieldKind::Integer,
                   .target = &gateway.port,
                   .min = 0,
                   .max = 65'535,
                   .doc = "Its TCP port; 0 takes any free one"});
    out.push_back({.key = "gateway.allowed_origins",
                   .kind = FieldKind::Words,
                   .target = &gateway.allowed_origins,
                   .doc = "Web pages besides our own that may connect, as \"https://host\""});
    out.push_back({.key = "gateway.heartbeat",
                   .kind = FieldKind::Duration,
                   .target = &gateway.heartbeat,
                   .min = 1,
                   .max = 60,
                   .doc = "Silence after which a bot hears that the stream is alive"});
    add_gateway_limits(out, gateway);
}

Field file_field(std::string key, std::string& target, std::string doc) {
    return Field{.key = std::move(key),
                 .kind = FieldKind::SecretFile,
                 .target = &target,
                 .doc = std::move(doc)};
}

Field env_field(std::string key, std::string& target, std::string doc) {
    return Field{.key = std::move(key),
                 .kind = FieldKind::SecretEnv,
                 .target = &target,
                 .doc = std::move(doc)};
}

Field text_field(std::string key, std::string& target, std::string doc, std::string absent = {}) {
    return Field{.key = std::move(key),
                 .kind = FieldKind::Text,
                 .target = &target,
                 .max = 255,
                 .doc = std::move(doc),
                 .absent = std::move(absent)};
}

Field required_text(std::string key, std::string& target, std::size_t max, std::string doc) {
    return Field{.key = std::move(key),
                 .kind = FieldKind::Text,
                 .target = &target,
                 .min = 1,
                 .max = static_cast<double>(max),
                 .doc = std::move(doc),
                 .required = true};
}

Field decimal_field(std::string key, std::int64_t& target, std::string doc) {
    return Field{.key = std::move(key),
                 .kind = FieldKind::Decimal,
                 .target = &target,
                 .min = 1e-9,
                 .max = 1e9,
                 .doc = std::move(doc)};
}

constexpr const char* kVenuesOwn = "the venue's own";
constexpr const char* kStocksOwn = "none, for a proxy that of its stock";

}  // namespace

std::vector<Field> rule_fields(Config& config) {
    std::vector<Field> out;
    for_each_param(config.params, [&](std::string_view name, auto& value, std::string_view unit,
                                      double min, double max, std::string_view doc) {
        constexpr bool integer = std::is_integral_v<std::remove_reference_t<decltype(value)>>;
        out.push_back({.key = "rules." + std::string(name),
                       .kind = integer ? FieldKind::Integer : FieldKind::Number,
                       .target = &value,
                       .unit = std::string(unit),
                       .min = min,
                       .max = max,
                       .doc = std::string(doc)});
    });
    return out;
}

std::vector<Field> config_fields(Config& config) {
    std::vector<Field> out;
    add_daemon(out, config.daemon);
    add_gateway(out, config.gateway);
    out.push_back({.key = "calendars.directory",
                   .kind = FieldKind::Directory,
                   .target = &config.calendar_directory,
                   .doc = "Trading calendars (CSV); empty takes those compiled into the program"});
    out.push_back({.key = "history.days",
                   .kind = FieldKind::Integer,
                   .target = &config.history.days,
                   .unit = "days",
                   .min = 0,
                   .max = 60,
                   .doc = "Minute bars that are asked of each venue at the start; 0 asks nothing"});
    for (Field& field : rule_fields(config)) out.push_back(std::move(field));
    return out;
}

std::vector<Field> venue_fields(VenueSettings& row) {
    return {
        {.key = "enabled",
         .kind = FieldKind::Flag,
         .target = &row.enabled,
         .doc = "Connect to it; its feeds do not exist otherwise"},
        {.key = "trusted",
         .kind = FieldKind::Flag,
         .target = &row.trusted,
         .doc = "Its volume caps what the others can claim"},
        text_field("host", row.host, "Another host", kVenuesOwn),
        {.key = "port",
         .kind = FieldKind::Integer,
         .target = &row.port,
         .min = 0,
         .max = 65'535,
         .doc = "Another port",
         .absent = kVenuesOwn},
        text_field("path", row.path, "Another path", kVenuesOwn),
        {.key = "tls",
         .kind = FieldKind::Flag,
         .target = &row.tls,
         .doc = "Encrypt; false only towards this machine, for tests"},
        {.key = "max_symbols_per_link",
         .kind = FieldKind::Integer,
         .target = &row.max_symbols_per_link,
         .unit = "symbols",
         .min = 1,
         .max = 1'000,
         .doc = "More symbols are spread over more connections"},
        {.key = "silence",
         .kind = FieldKind::Duration,
         .target = &row.silence,
         .min = 0,
         .max = 3'600,
         .doc = "Silence of data after which a link is stale",
         .absent = kVenuesOwn},
        file_field("key_file", row.key_file, "File that holds the API key"),
        file_field("secret_file", row.secret_file, "File that holds the API secret"),
        env_field("key_env", row.key_env, "Variable that holds the API key, instead of a file"),
        env_field("secret_env", row.secret_env, "Variable that holds the API secret, likewise"),
        {.key = "backfill",
         .kind = FieldKind::Flag,
         .target = &row.backfill,
         .doc = "Fetch the trades of a gap from its REST interface"},
        text_field("rest_host", row.rest_host, "Another host of its REST interface", kVenuesOwn),
        {.key = "rest_port",
         .kind = FieldKind::Integer,
         .target = &row.rest_port,
         .min = 0,
         .max = 65'535,
         .doc = "Another port of it",
         .absent = kVenuesOwn},
    };
}

std::vector<Field> group_fields(GroupRow& row) {
    return {text_field("parent", row.parent, "The group that it is a part of")};
}

std::vector<Field> instrument_fields(InstrumentRow& row) {
    return {
        required_text("name", row.name, kMaxNameLength, "Our name for it"),
        text_field("title", row.title, "Its name for people"),
        text_field("proxy_for", row.proxy_for, "The stock that this contract stands for"),
        {.key = "market",
         .kind = FieldKind::Choice,
         .target = choice(row.market, kMarketNames),
         .doc = "Whose sessions count; a token has UTC",
         .absent = "UTC, for a proxy that of its stock"},
        {.key = "role",
         .kind = FieldKind::Choice,
         .target = choice(row.role, kRoles),
         .doc = "A leader or member is a stock of a basket, a token a coin of a bucket, a "
                "benchmark what others are measured against",
         .absent = "member, for a proxy that of its stock"},
        text_field("group", row.group, "Basket or bucket; a benchmark has none", kStocksOwn),
        text_field("label", row.label, "For people: compute, storage, data, oracle", kStocksOwn),
        decimal_field("tick", row.tick_e9, "Price step in quote currency"),
        decimal_field("lot", row.lot_e9, "Size step in base units"),
        {.key = "weight",
         .kind = FieldKind::Number,
         .target = &row.weight,
         .min = 0,
         .max = 100,
         .doc = "Share in its group beside the others"},
    };
}

std::vector<Field> feed_fields(FeedRow& row) {
    return {
        required_text("venue", row.venue, 64, "Where it is watched: a key of venues"),
        required_text("symbol", row.symbol, 64, "How that venue calls it"),
        {.key = "coverage",
         .kind = FieldKind::Choice,
         .target = choice(row.coverage, kCoverages),
         .doc = "What share of the market it shows",
         .absent = kVenuesOwn},
        decimal_field("multiplier", row.multiplier_e9, "Base units per unit of the venue"),
    };
}

std::vector<Field> alias_fields(AliasRow& row) {
    return {
        required_text("name", row.name, kMaxNameLength, "The other name"),
        {.key = "from",
         .kind = FieldKind::Date,
         .target = &row.from,
         .doc = "First trade date on which it is valid",
         .absent = "always"},
        {.key = "until",
         .kind = FieldKind::Date,
         .target = &row.until,
         .doc = "First trade date on which it is not valid any more",
         .absent = "never"},
    };
}

std::span<const std::string_view> role_names() noexcept { return kRoles; }
std::span<const std::string_view> market_names() noexcept { return kMarketNames; }
std::span<const std::string_view> coverage_names() noexcept { return kCoverages; }

const char* to_string(ThreadPlan plan) noexcept {
    return kThreadPlans[static_cast<std::size_t>(plan)].data();
}
const char* to_string(WaitMode wait) noexcept {
    return kWaitModes[static_cast<std::size_t>(wait)].data();
}
const char* to_string(LogLevel level) noexcept {
    return kLogLevels[static_cast<std::size_t>(level)].data();
}
const char* to_string(LogFormat format) noexcept {
    return kLogFormats[static_cast<std::size_t>(format)].data();
}

}  // namespace spill
