// Every recorded frame of every venue against what an independent decoder read out of it, and one
// stretch of trades in the frames of all venues against the same bars.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "connectors/registry.hpp"
#include "core/decimal.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
namespace fs = std::filesystem;

namespace {

struct Sample {
    std::string bytes;
    bool binary = false;
};

// One folder may hold two protocols; one protocol may have two rows in the table.
std::string venue_of(const std::string& folder, const std::string& file) {
    if (folder == "bybit") return "bybit-spot";
    if (folder == "coinbase" && file.starts_with("adv-")) return "coinbase-advanced";
    return folder;
}

std::string from_hex(std::string_view text) {
    std::string out;
    auto const digit = [](char c) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::size_t const at = kDigits.find(c);
        REQUIRE(at != std::string_view::npos);
        return at;
    };
    REQUIRE(text.size() % 2 == 0);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    }
    return out;
}

// .jsonl and .hexl hold a frame a line, .hex one frame in hexadecimal, all others one frame.
std::vector<Sample> samples_of(const fs::path& path) {
    std::string const kind = path.extension().string();
    bool const hex = kind == ".hex" || kind == ".hexl";
    std::vector<Sample> out;
    if (kind != ".jsonl" && !hex) {
        out.push_back({test::read_whole(path), kind == ".bin"});
        return out;
    }
    std::istringstream lines(test::read_whole(path));
    for (std::string line; std::getline(lines, line);) {
        out.push_back({hex ? from_hex(line) : line, hex});
    }
    return out;
}

// What EXPECTED.jsonl says of one file.
struct FileFacts {
    std::map<std::uint64_t, std::string> rows;  // by line
    bool summed = false;
    std::uint64_t frames = 0, live = 0, not_live = 0;
    std::map<std::string, std::int64_t> live_volume;  // nanos, by symbol
};

void read_summary(simdjson::dom::element row, std::map<std::string, FileFacts>& files) {
    std::string_view file;
    REQUIRE(row["file"].get(file) == simdjson::SUCCESS);
    FileFacts& facts = files[std::string(file)];
    facts.summed = true;
    REQUIRE(row["frames"].get(facts.frames) == simdjson::SUCCESS);
    REQUIRE(row["live_trades"].get(facts.live) == simdjson::SUCCESS);
    REQUIRE(row["not_live"].get(facts.not_live) == simdjson::SUCCESS);
    simdjson::dom::object volumes;
    if (row["live_volume"].get(volumes) != simdjson::SUCCESS) return;
    for (auto const& [symbol, text] : volumes) {
        DecimalResult const volume = parse_decimal(text.get_string().value_unsafe());
        REQUIRE(volume.ok());
        facts.live_volume[std::string(symbol)] = volume.nanos;
    }
}

std::map<std::string, FileFacts> facts_of(const fs::path& folder) {
    std::map<std::string, FileFacts> files;
    simdjson::dom::parser parser;
    for (std::string const& line : test::sample_frames(folder / "EXPECTED.jsonl")) {
        simdjson::dom::element row;
        REQUIRE(parser.parse(line).get(row) == simdjson::SUCCESS);
        simdjson::dom::element summary;
        if (row["summary"].get(summary) == simdjson::SUCCESS) {
            read_summary(summary, files);
            continue;
        }
        std::string_view file;
        std::uint64_t number = 0;
        REQUIRE(row["file"].get(file) == simdjson::SUCCESS);
        REQUIRE(row["line"].get(number) == simdjson::SUCCESS);
        files[std::string(file)].rows[number] = test::expected_text(row);
    }
    return files;
}

// The same number, however many zeros a venue puts before it.
std::string without_leading_zeros(const std::string& text) {
    std::istringstream words(text);
    std::string out;
    for (std::string word; words >> word; out += ' ') {
        bool const whole = word.find_first_not_of("0123456789") == std::string::npos;
        std::size_t const digits = std::min(word.find_first_not_of('0'), word.size() - 1);
        out += whole ? word.substr(digits) : word;
    }
    return out;
}

// The rows of a frame in one order: a codec may sort what its venue sends newest first.
std::string in_order(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from != std::string::npos;) {
        std::size_t const bar = text.find(" | ", from);
        std::size_t const size = bar == std::string::npos ? bar : bar - from;
        parts.push_back(without_leading_zeros(text.substr(from, size)));
        from = bar == std::string::npos ? bar : bar + 3;
    }
    std::sort(parts.begin() + 1, parts.end());
    std::string out;
    for (std::string const& part : parts) out += part + " | ";
    return out;
}

// Decodes a file with a codec of its own and holds it against its facts.
std::size_t check_file(const VenueSpec& spec, const fs::path& path, const FileFacts& facts) {
    auto const codec = spec.make_codec();
    bool const sorts = spec.name == "coinbase-advanced";
    std::vector<Sample> const samples = samples_of(path);
    FileFacts sums;
    for (std::size_t number = 0; number < samples.size(); ++number) {
        test::Frame const frame(samples[number].bytes);
        Decoded const result = codec->decode(frame.view(), samples[number].binary);
        for (TradeRow const& row : result.trades) {
            if (row.live) sums.live_volume[std::string(row.symbol)] += row.size.nanos;
            ++(row.live ? sums.live : sums.not_live);
        }
        auto const known = facts.rows.find(number);
        // Long files list what is ours; those that list nothing state sums only.
        if (known == facts.rows.end() && facts.rows.empty()) continue;
        std::string const expected = known == facts.rows.end() ? "other" : known->second;
        std::string const found = test::comparable(result, expected);
        INFO("line " << number);
        if (expected == "trade-empty") {
            CHECK((result.kind == FrameKind::Trade || result.kind == FrameKind::Other));
            CHECK(result.trades.empty());
            continue;
        }
        CHECK((sorts ? in_order(found) : found) == (sorts ? in_order(expected) : expected));
    }
    if (!facts.summed) return samples.size();
    CHECK(samples.size() == facts.frames);
    CHECK(sums.live == facts.live);
    CHECK(sums.not_live == facts.not_live);
    if (!facts.live_volume.empty()) CHECK(sums.live_volume == facts.live_volume);
    return samples.size();
}

struct Second {
    std::int64_t volume = 0, buy = 0;  // nanos
    std::uint64_t fills = 0;
    bool operator==(const Second&) const = default;
};
using Seconds = std::map<std::int64_t, Second>;

std::int64_t nanos_of(const std::string& text) {
    DecimalResult const parsed = parse_decimal(text);
    REQUIRE(parsed.ok());
    return parsed.nanos;
}

Seconds bars_of(const fs::path& csv) {
    Seconds out;
    std::istringstream lines(test::read_whole(csv));
    std::string line;
    std::getline(lines, line);
    REQUIRE(line == "second,volume,buy_volume,fills");
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        std::string at, volume, buy, fills;
        std::getline(cells, at, ',');
        std::getline(cells, volume, ',');
        std::getline(cells, buy, ',');
        std::getline(cells, fills, ',');
        out[std::stoll(at)] = {nanos_of(volume), nanos_of(buy), std::stoull(fills)};
    }
    return out;
}

Seconds seconds_of(const VenueSpec& spec, const fs::path& path) {
    Seconds out;
    auto const codec = spec.make_codec();
    for (Sample const& sample : samples_of(path)) {
        test::Frame const frame(sample.bytes);
        for (TradeRow const& row : codec->decode(frame.view(), sample.binary).trades) {
            Second& second = out[row.ts_event.ns / kNanosPerSecond];
            second.volume += row.size.nanos;
            if (row.aggressor == Aggressor::Buy) second.buy += row.size.nanos;
            second.fills += row.fill_count;
        }
    }
    return out;
}

std::vector<fs::path> venue_folders(const fs::path& wire) {
    std::vector<fs::path> out;
    for (auto const& entry : fs::directory_iterator(wire)) {
        if (fs::exists(entry.path() / "EXPECTED.jsonl")) out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace

TEST_CASE("every recorded frame of every venue says what an independent decoder read") {
    fs::path const wire = test::shared_path("wire");
    if (wire.empty()) return test::skip("recorded frames", "no recorded frames here");
    std::size_t venues = 0;
    for (fs::path const& folder : venue_folders(wire)) {
        std::string const name = folder.filename().string();
        std::size_t frames = 0;
        for (auto const& [file, facts] : facts_of(folder)) {
            INFO(name << "/" << file);
            VenueSpec const* const spec = find_venue_spec(venue_of(name, file));
            REQUIRE(spec != nullptr);
            frames += check_file(*spec, folder / file, facts);
        }
        INFO(name);
        CHECK(frames > 0);
        ++venues;
    }
    CHECK(venues >= 7);
}

TEST_CASE("the same trades give the same seconds in the frames of every venue") {
    fs::path const csv = test::shared_path("wire/xvenue-btc-a.bars.csv");
    if (csv.empty()) return test::skip("one stretch, all venues", "no recorded frames here");
    Seconds const expected = bars_of(csv);
    CHECK(expected.size() > 10);
    std::size_t venues = 0;
    for (fs::path const& folder : venue_folders(csv.parent_path())) {
        for (auto const& entry : fs::directory_iterator(folder)) {
            if (entry.path().stem() != "xvenue-btc-a") continue;
            std::string const name = folder.filename().string();
            INFO(name);
            VenueSpec const* const spec = find_venue_spec(venue_of(name, entry.path().filename()));
            REQUIRE(spec != nullptr);
            CHECK((seconds_of(*spec, entry.path()) == expected));
            ++venues;
        }
    }
    CHECK(venues >= 7);
}
