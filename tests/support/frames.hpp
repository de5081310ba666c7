// Frames under test: a buffer with exactly the slack that a codec may read, and the recorded
// samples with what they are known to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "connectors/codec.hpp"
#include "core/decimal.hpp"
#include "tests/support/skip.hpp"

namespace spill::test {

// Copies a frame to a block that ends after the padding, so that a sanitizer sees one byte more.
class Frame {
public:
    explicit Frame(std::string_view text, char padding = '\0')
        : size_(text.size()), bytes_(std::make_unique<char[]>(text.size() + Codec::kPadding)) {
        text.copy(bytes_.get(), text.size());
        std::fill_n(bytes_.get() + size_, Codec::kPadding, padding);
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

// A result that outlives its frame: one line of text a frame, for comparing.
[[nodiscard]] inline std::string describe(Decoded const& decoded) {
    std::ostringstream out;
    out << to_string(decoded.kind);
    if (decoded.kind == FrameKind::Bad) out << ' ' << to_string(decoded.bad);
    if (!decoded.symbol.empty()) out << " symbol=" << decoded.symbol;
    if (!decoded.code.empty()) out << " code=" << decoded.code;
    if (!decoded.message.empty()) out << " message=" << decoded.message;
    if (decoded.request_id >= 0) out << " request=" << decoded.request_id;
    for (TradeRow const& row : decoded.trades) {
        out << " | " << row.symbol << ' ' << to_text(row.price) << ' ' << to_text(row.size) << ' '
            << to_string(row.aggressor) << ' ' << row.ts_event.ns << ' ' << row.id_text;
        out << (row.live ? " live" : " history") << (row.block ? " block" : "");
        if (row.fill_count > 1) out << " fills=" << row.first_fill << ".." << row.last_fill;
    }
    return out.str();
}

[[nodiscard]] inline std::string decoded(Codec& codec, std::string_view text, bool binary = false) {
    Frame const frame(text);
    return describe(codec.decode(frame.view(), binary));
}

// The same JSON with blanks around every token: legal, and never what a venue sends.
[[nodiscard]] inline std::string spaced(std::string_view json) {
    std::string out;
    bool inside = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        char const c = json[i];
        if (c == '"' && (i == 0 || json[i - 1] != '\\')) inside = !inside;
        bool const mark =
            !inside && (c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']');
        out += mark ? std::string{' ', c, ' '} : std::string{c};
    }
    return out;
}

[[nodiscard]] inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The frames of a sample: one a line in .jsonl, else the whole file.
[[nodiscard]] inline std::vector<std::string> sample_frames(const std::filesystem::path& path) {
    std::string const text = read_whole(path);
    if (path.extension() != ".jsonl") return {text};
    std::vector<std::string> frames;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) frames.push_back(line);
    return frames;
}

// What EXPECTED.jsonl says about one frame, in the form of describe().
[[nodiscard]] inline std::string expected_text(simdjson::dom::element row) {
    auto const text = [](simdjson::dom::element of, const char* key) {
        std::string_view value;
        return of[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    std::string kind = text(row, "kind");
    if (kind == "aggTrade") kind = "trade";
    std::string out = kind;
    if (kind == "ack" || kind == "error") {
        if (std::string const symbol = text(row, "sym"); !symbol.empty())
            out += " symbol=" + symbol;
    }
    if (kind == "error") {
        if (std::string const code = text(row, "code"); !code.empty()) out += " code=" + code;
        if (std::string const words = text(row, "msg"); !words.empty()) out += " message=" + words;
    }
    simdjson::dom::array trades;
    if (row["trades"].get(trades) != simdjson::SUCCESS) return out;
    for (simdjson::dom::element const trade : trades) {
        std::int64_t ts = 0;
        bool live = false;
        REQUIRE(trade["ts_ns"].get(ts) == simdjson::SUCCESS);
        REQUIRE(trade["live"].get(live) == simdjson::SUCCESS);
        // Older than the subscription: pushed as if live, and history all the same.
        bool older = false;
        if (trade["pre_sub"].get(older) == simdjson::SUCCESS && older) live = false;
        out += " | " + text(trade, "sym") + ' ' + text(trade, "px") + ' ' + text(trade, "qty") +
               ' ' + text(trade, "aggr") + ' ' + std::to_string(ts) + ' ' + text(trade, "id") +
               (live ? " live" : " history");
        std::string const first = text(trade, "first");
        std::string const last = text(trade, "last");
        if (first != last) out += " fills=" + first + ".." + last;
    }
    return out;
}

// Drops what EXPECTED does not state for this kind of frame.
[[nodiscard]] inline std::string comparable(Decoded decoded, std::string_view expected) {
    decoded.request_id = -1;
    if (decoded.kind != FrameKind::Error && decoded.kind != FrameKind::Ack) {
        decoded.symbol = {};
        decoded.message = {};
    }
    for (auto const& [mark, field] :
         {std::pair{" symbol=", &decoded.symbol}, std::pair{" code=", &decoded.code},
          std::pair{" message=", &decoded.message}}) {
        if (expected.find(mark) == std::string_view::npos) *field = {};
    }
    return describe(decoded);
}

// Checks every frame of every sample of a venue that EXPECTED.jsonl knows. Frames of long streams
// that it leaves out are other frames, except in the cross-venue files, which state sums only.
// Returns the number of frames compared, 0 when the samples are not here.
[[nodiscard]] inline std::size_t check_samples(Codec& codec, const std::string& venue) {
    std::filesystem::path const folder = shared_path("wire/" + venue);
    if (folder.empty()) return 0;
    simdjson::dom::parser parser;
    std::map<std::string, std::map<std::uint64_t, std::string>> files;
    for (std::string const& line : sample_frames(folder / "EXPECTED.jsonl")) {
        simdjson::dom::element row;
        REQUIRE(parser.parse(line).get(row) == simdjson::SUCCESS);
        std::string_view file;
        std::uint64_t number = 0;
        if (row["file"].get(file) != simdjson::SUCCESS) continue;
        REQUIRE(row["line"].get(number) == simdjson::SUCCESS);
        files[std::string(file)][number] = expected_text(row);
    }
    std::size_t compared = 0;
    for (auto const& [file, rows] : files) {
        std::uint64_t number = 0;
        for (std::string const& text : sample_frames(folder / file)) {
            auto const row = rows.find(number);
            std::string const expected = row == rows.end() ? "other" : row->second;
            Frame const frame(text);
            INFO(file << " line " << number);
            CHECK(comparable(codec.decode(frame.view(), false), expected) == expected);
            ++number;
            ++compared;
        }
    }
    return compared;
}

}  // namespace spill::test
