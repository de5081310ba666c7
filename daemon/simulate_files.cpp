#include "daemon/simulate_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "connectors/simulator/episode.hpp"
#include "connectors/simulator/episode_faults.hpp"
#include "connectors/simulator/episode_tokens.hpp"
#include "core/decimal.hpp"
#include "core/timestamp.hpp"
#include "daemon/csv_events.hpp"
#include "daemon/embedded.hpp"

namespace spill {
namespace {

// The venues of the generator under names that a configuration may trust: the last one is.
constexpr std::array<std::string_view, sim::kTokenVenues> kSources{"binance", "bybit-spot",
                                                                   "kraken"};
constexpr std::string_view kBasket = "chips";

bool control(const Event& event) noexcept { return event.kind != EventKind::Trade; }

std::string_view source_of(const Registry& registry, FeedId feed) noexcept {
    if (!feed.valid()) return {};
    std::string_view const venue = registry.venue(registry.feed(feed).venue).name;
    for (std::size_t i = 0; i < kSources.size(); ++i) {
        if (venue == sim::kTokenVenueNames[i]) return kSources[i];
    }
    return venue;
}

std::string bars_csv(const Recording& recording) {
    std::string text = "ts_ns,symbol,open,high,low,close,volume,trades,interval_s,source\n";
    for (const Event& event : recording.bars) {
        const BarBody& bar = event.bar;
        text += std::to_string(event.ts_event.ns) + ',' +
                recording.registry.instrument(event.instrument).name + ',' + to_text(bar.open) +
                ',' + to_text(bar.high) + ',' + to_text(bar.low) + ',' + to_text(bar.close) + ',' +
                to_text(bar.volume) + ",0," + std::to_string(event.aux * 60) + ',';
        text += source_of(recording.registry, event.feed);
        text += '\n';
    }
    return text;
}

std::string_view side_of(const Event& event) noexcept {
    switch (static_cast<Aggressor>(event.aux)) {
        case Aggressor::Buy: return "buy";
        case Aggressor::Sell: return "sell";
        case Aggressor::Unknown: return "-";
    }
    return "-";
}

std::string trades_csv(const Recording& recording) {
    std::string text = "ts_ns,symbol,price,size,side,source,recv_ns,flags\n";
    for (const Event& event : recording.live) {
        if (control(event)) continue;
        text += std::to_string(event.ts_event.ns) + ',' +
                recording.registry.instrument(event.instrument).name + ',' +
                to_text(event.trade.price) + ',' + to_text(event.trade.size) + ',';
        text += side_of(event);
        text += ',';
        text += source_of(recording.registry, event.feed);
        text += ',' + std::to_string(event.ts_recv.ns);
        text += (event.trade.flags & trade_flag::kBackfill) != 0U ? ",backfill\n" : ",\n";
    }
    return text;
}

std::string events_csv(const Recording& recording) {
    std::string text(kEventsHeader);
    text += '\n';
    for (const Event& event : recording.live) {
        if (!control(event)) continue;
        const Instrument& instrument = recording.registry.instrument(event.instrument);
        FeedId const feed = event.feed.valid() ? event.feed : instrument.feeds.front();
        text += event_row(event, instrument.name, source_of(recording.registry, feed)) + '\n';
    }
    return text;
}

std::string truth_jsonl(const Recording& recording) {
    std::string text;
    for (const Planted& row : recording.truth) text += to_json(row) + '\n';
    return text;
}

std::string_view role_of(Role role) noexcept {
    switch (role) {
        case Role::Leader: return "leader";
        case Role::Member: return "member";
        case Role::Token: return "token";
        case Role::Benchmark: return "benchmark";
    }
    return "member";
}

std::string config_yaml(const Recording& recording, const std::string& dir) {
    const Registry& registry = recording.registry;
    std::string text = "# Names the simulated instruments for spilloverd replay.\n";
    if (recording.early_close) text += "calendars:\n  directory: \"" + dir + "/calendars\"\n";
    bool const tokens = registry.instruments().front().market == Market::Utc;
    text += "venues:\n";
    for (std::string_view const source : kSources) {
        text += "  " + std::string(source);
        text += source == kSources.back() ? ": {trusted: true}\n" : ": {}\n";
    }
    text += tokens ? "groups:\n  buckets:\n" : "groups:\n  baskets:\n";
    if (!tokens) text += "    " + std::string(kBasket) + ": {}\n";
    for (const Group& group : registry.groups()) {
        if (tokens) text += "    " + group.name + ": {}\n";
    }
    text += "instruments:\n";
    for (const Instrument& row : registry.instruments()) {
        text += "  - {name: " + row.name + ", market: " + to_string(row.market) +
                ", role: " + std::string(role_of(row.role));
        if (row.role == Role::Token) text += ", group: " + registry.group(row.group).name;
        if (!tokens) text += ", group: " + std::string(kBasket);
        text += ", tick: " + to_text(row.tick) + "}\n";
    }
    return text;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) return fail(Errc::System, path.string() + ": " + std::strerror(errno));
    return {};
}

// The compiled-in calendars with the episodes' day cut short.
Result<void> write_calendars(const std::filesystem::path& dir) {
    std::error_code error;
    std::filesystem::create_directory(dir, error);
    for (std::string_view const name : {"sessions.csv", "xnys.csv", "xkrx.csv"}) {
        std::string text(embedded_file("deploy/calendars/" + std::string(name)));
        if (name == "xnys.csv") {
            std::string const row = "2026-05-28,early_close,,13:00,13:00,Simulated early close\n";
            std::size_t at = text.find("date,kind");
            while (at < text.size()) {  // the rows stand in order
                std::size_t const next = text.find('\n', at) + 1;
                if (text.compare(at, 2, "20") == 0 && text.compare(at, 10, row, 0, 10) > 0) break;
                at = next;
            }
            text.insert(at, row);
        }
        if (auto const written = write_file(dir / name, text); !written) return written;
    }
    return {};
}

}  // namespace

Result<void> write_recording(const Recording& recording, const std::string& dir) {
    std::filesystem::path const to(dir);
    auto written = write_file(to / "bars_5m_history.csv", bars_csv(recording));
    if (written) written = write_file(to / "trades.csv", trades_csv(recording));
    if (written && std::ranges::any_of(recording.live, control)) {
        written = write_file(to / "events.csv", events_csv(recording));
    }
    if (written) written = write_file(to / "truth.jsonl", truth_jsonl(recording));
    if (written) written = write_file(to / "config.yaml", config_yaml(recording, dir));
    if (written && recording.early_close) written = write_calendars(to / "calendars");
    return written;
}

std::string replay_command(const Recording& recording, const std::string& dir) {
    bool const events = std::ranges::any_of(recording.live, control);
    return "spilloverd replay -c " + dir + "/config.yaml --from " + format_rfc3339(recording.from) +
           " " + dir + "/bars_5m_history.csv " + (events ? dir + "/events.csv " : "") + dir +
           "/trades.csv";
}

}  // namespace spill
