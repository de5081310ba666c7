#include "daemon/decode.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include <zstd.h>

#include "connectors/codec.hpp"
#include "connectors/json_text.hpp"
#include "connectors/registry.hpp"
#include "core/decimal.hpp"
#include "core/event.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

// The two paths of Bybit speak one protocol, so that a file need not say which one it is from.
constexpr std::string_view kBybit = "bybit";
constexpr std::string_view kBybitDefault = "bybit-spot";

enum class Layout : std::uint8_t {
    WholeFile,    // one frame of text
    WholeBinary,  // one binary frame
    Lines,        // a frame of text a line
    HexLines,     // a binary frame a line, in hexadecimal
    Dialogue      // one text frame a line; "< " marks the venue's and "> " ours, which are left out
};

struct FileKind {
    Layout layout = Layout::WholeFile;
    bool zstd = false;
};

FileKind kind_of(std::string_view file) {
    FileKind kind;
    kind.zstd = file.ends_with(".zst");
    if (kind.zstd) file.remove_suffix(4);
    if (file.ends_with(".jsonl")) kind.layout = Layout::Lines;
    if (file.ends_with(".bin")) kind.layout = Layout::WholeBinary;
    if (file.ends_with(".txt")) kind.layout = Layout::Dialogue;
    if (file.ends_with(".hex") || file.ends_with(".hexl") || file.ends_with(".hex.txt")) {
        kind.layout = Layout::HexLines;
    }
    return kind;
}

using Bytes = std::function<void(std::string_view)>;

// A line for people when reading fails, nothing when all is well.
using Failure = std::optional<std::string>;

Failure read_plain(std::FILE* file, Bytes const& take) {
    std::vector<char> chunk(std::size_t{1} << 16U);
    while (true) {
        std::size_t const count = std::fread(chunk.data(), 1, chunk.size(), file);
        if (count > 0) take({chunk.data(), count});
        if (count < chunk.size()) break;
    }
    if (std::ferror(file) != 0) return std::strerror(errno);
    return std::nullopt;
}

Failure read_zstd(std::FILE* file, Bytes const& take) {
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> const stream(ZSTD_createDStream(),
                                                                            &ZSTD_freeDStream);
    if (stream == nullptr) return "out of memory";
    std::vector<char> output(ZSTD_DStreamOutSize());
    Failure damage;
    std::size_t pending = 0;  // not 0 while a zstd frame is open
    Failure const failure = read_plain(file, [&](std::string_view bytes) {
        ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
        while (!damage) {
            ZSTD_outBuffer out{.dst = output.data(), .size = output.size(), .pos = 0};
            pending = ZSTD_decompressStream(stream.get(), &out, &in);
            if (ZSTD_isError(pending) != 0) damage = "damaged zstd data";
            if (!damage) take({output.data(), out.pos});
            if (in.pos == in.size && out.pos < out.size) break;
        }
    });
    if (failure) return failure;
    if (!damage && pending != 0) damage = "the zstd data end too early";
    return damage;
}

Failure read_file(const std::string& path, bool zstd, Bytes const& take) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
    if (file == nullptr) return std::strerror(errno);
    return zstd ? read_zstd(file.get(), take) : read_plain(file.get(), take);
}

std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto const high = hex_digit(text[i]);
        auto const low = hex_digit(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes += static_cast<char>(*high * 16 + *low);
    }
    return bytes;
}

void append_field(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    append_json_string(out, text);
}

// What a print may not do, or is: nothing for a regular one.
void append_flags(std::string& out, std::uint32_t flags) {
    struct Word {
        std::uint32_t bit;
        std::string_view text;
    };
    constexpr std::array kWords{Word{trade_flag::kOpenAuction, "open_auction"},
                                Word{trade_flag::kCloseAuction, "close_auction"},
                                Word{trade_flag::kOddLot, "odd_lot"},
                                Word{trade_flag::kLateReport, "late_report"},
                                Word{trade_flag::kCancel, "cancel"},
                                Word{trade_flag::kNoPrice, "no_price"},
                                Word{trade_flag::kNoVolume, "no_volume"}};
    std::string list;
    for (Word const& word : kWords) {
        if ((flags & word.bit) == 0) continue;
        if (!list.empty()) list += ',';
        append_json_string(list, word.text);
    }
    if (!list.empty()) out += ",\"flags\":[" + list + "]";
}

std::string_view to_word(TradingStatus status) noexcept {
    switch (status) {
        case TradingStatus::Continuous: return "continuous";
        case TradingStatus::Halted: return "halted";
        case TradingStatus::Auction: return "auction";
    }
    return "continuous";
}

void append_statuses(std::string& out, std::span<const StatusRow> statuses) {
    if (statuses.empty()) return;
    out += ",\"statuses\":[";
    for (StatusRow const& row : statuses) {
        out += &row == statuses.data() ? "{\"symbol\":" : ",{\"symbol\":";
        append_json_string(out, row.symbol);
        append_field(out, "status", to_word(row.status));
        append_field(out, "reason", row.reason);
        out += ",\"ts_event\":" + std::to_string(row.ts_event.ns) + '}';
    }
    out += ']';
}

void append_trade(std::string& out, TradeRow const& row) {
    out += "{\"symbol\":";
    append_json_string(out, row.symbol);
    append_field(out, "price", to_text(row.price));
    append_field(out, "size", to_text(row.size));
    append_field(out, "aggressor", to_string(row.aggressor));
    out += ",\"ts_event\":" + std::to_string(row.ts_event.ns);
    append_field(out, "trade_id", row.id_text);
    out += row.live ? ",\"live\":true" : ",\"live\":false";
    if (row.block) out += ",\"block\":true";
    append_flags(out, row.flags);
    if (row.cumulative.nanos > 0) append_field(out, "cumulative", to_text(row.cumulative));
    if (row.fill_count > 1) {
        append_field(out, "first_fill", std::to_string(row.first_fill));
        append_field(out, "last_fill", std::to_string(row.last_fill));
    }
    out += '}';
}

std::string to_line(std::uint64_t number, Decoded const& decoded) {
    std::string out = "{\"line\":" + std::to_string(number);
    append_field(out, "kind", to_string(decoded.kind));
    if (decoded.kind == FrameKind::Trade) {
        out += ",\"trades\":[";
        for (TradeRow const& row : decoded.trades) {
            if (&row != decoded.trades.data()) out += ',';
            append_trade(out, row);
        }
        out += ']';
    }
    append_statuses(out, decoded.statuses);
    if (!decoded.symbol.empty()) append_field(out, "symbol", decoded.symbol);
    if (!decoded.code.empty()) append_field(out, "code", decoded.code);
    if (!decoded.message.empty()) append_field(out, "message", decoded.message);
    if (decoded.kind == FrameKind::Bad) append_field(out, "reason", to_string(decoded.bad));
    return out + "}\n";
}

// Cuts the bytes of a file into frames, decodes each and prints it.
class Printer {
public:
    Printer(VenueSpec const& spec, Layout layout, std::ostream& out)
        : codec_(spec.make_codec()), keep_(spec.max_frame_bytes + 1), layout_(layout), out_(out) {}

    void take(std::string_view bytes) {
        if (whole()) return append(bytes);
        while (true) {
            std::size_t const end = bytes.find('\n');
            append(bytes.substr(0, end));
            if (end == std::string_view::npos) return;
            bytes.remove_prefix(end + 1);
            finish_frame();
        }
    }

    // A last line without a line feed is a frame as well; a file without a byte is an empty one.
    void finish() {
        if (whole() || started_) finish_frame();
    }

private:
    [[nodiscard]] bool whole() const noexcept {
        return layout_ == Layout::WholeFile || layout_ == Layout::WholeBinary;
    }

    // Beyond the codec's bound the rest of a frame is not kept: it is refused for its size.
    void append(std::string_view bytes) {
        started_ = started_ || !bytes.empty();
        std::size_t const limit = layout_ == Layout::HexLines ? 2 * keep_ : keep_;
        frame_.append(bytes.substr(0, limit - std::min(limit, frame_.size())));
    }

    void finish_frame() {
        if (!whole() && frame_.ends_with('\r')) frame_.pop_back();
        if (layout_ == Layout::Dialogue && !take_mark()) return clear();
        if (layout_ == Layout::HexLines) {
            std::optional<std::string> const bytes = from_hex(frame_);
            if (bytes) frame_ = *bytes;
            print(bytes ? decode() : not_hex());
        } else {
            print(decode());
        }
        clear();
    }

    void clear() {
        frame_.clear();
        started_ = false;
    }

    // False for what is no frame of the venue: ours, an empty line, the note of a close.
    bool take_mark() {
        if (frame_.empty() || frame_.starts_with("> ") || frame_.starts_with("< CLOSE")) {
            return false;
        }
        if (frame_.starts_with("< ")) frame_.erase(0, 2);
        return true;
    }

    // The padding lies inside the string while the codec looks at it.
    Decoded decode() {
        std::size_t const size = frame_.size();
        frame_.resize(size + Codec::kPadding);
        bool const binary = layout_ == Layout::HexLines || layout_ == Layout::WholeBinary;
        return codec_->decode({frame_.data(), size}, binary);
    }

    static Decoded not_hex() {
        Decoded decoded;
        decoded.kind = FrameKind::Bad;
        decoded.bad = BadReason::WrongType;
        decoded.message = "not an even number of hexadecimal digits";
        return decoded;
    }

    void print(Decoded const& decoded) { out_ << to_line(line_++, decoded); }

    std::unique_ptr<Codec> codec_;
    std::size_t keep_;
    Layout layout_;
    std::ostream& out_;
    std::string frame_;
    bool started_ = false;  // of the current line
    std::uint64_t line_ = 0;
};

}  // namespace

int run_decode(const std::string& venue, const std::string& file, std::ostream& out,
               std::ostream& err) {
    VenueSpec const* const spec = find_venue_spec(venue == kBybit ? kBybitDefault : venue);
    if (spec == nullptr) {
        std::vector<std::string_view> known{kBybit};
        for (VenueSpec const& row : venue_specs()) known.push_back(row.name);
        err << "unknown venue \"" << venue << '"' << did_you_mean(venue, known) << "; known are";
        for (std::string_view const name : known) err << ' ' << name;
        err << '\n';
        return exit_code::kUsage;
    }
    FileKind const kind = kind_of(file);
    Printer printer(*spec, kind.layout, out);
    Failure const failure =
        read_file(file, kind.zstd, [&](std::string_view bytes) { printer.take(bytes); });
    if (failure) {
        err << "cannot read " << file << ": " << *failure << '\n';
        return exit_code::kFailure;
    }
    printer.finish();
    out.flush();
    if (!out) {
        err << "cannot write what was decoded\n";
        return exit_code::kFailure;
    }
    return exit_code::kOk;
}

}  // namespace spill
