#include "daemon/csv_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <zstd.h>

#include "core/decimal.hpp"
#include "daemon/csv_events.hpp"

namespace spill {
namespace {

struct FileCloser {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
struct DStreamFree {
    void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

bool ends_with(std::string_view text, std::string_view tail) noexcept {
    return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Yields the lines of a plain or zstd file; a view is valid until the next call.
class LineReader {
public:
    static Result<LineReader> open(const std::string& path) {
        LineReader reader;
        reader.file_.reset(std::fopen(path.c_str(), "rb"));
        if (reader.file_ == nullptr) {
            return fail(errno == ENOENT ? Errc::NotFound : Errc::System,
                        path + ": " + std::strerror(errno));
        }
        reader.path_ = path;
        reader.buffer_.resize(kChunk);
        if (ends_with(path, ".zst")) {
            reader.stream_.reset(ZSTD_createDStream());
            reader.input_.resize(ZSTD_DStreamInSize());
        }
        return reader;
    }

    // nullopt at the end of the file or at an error (see error()).
    std::optional<std::string_view> next() {
        for (;;) {
            char* const begin = buffer_.data() + at_;
            auto* const end = static_cast<char*>(std::memchr(begin, '\n', filled_ - at_));
            if (end != nullptr) {
                at_ = static_cast<std::size_t>(end - buffer_.data()) + 1;
                return trimmed(std::string_view(begin, static_cast<std::size_t>(end - begin)));
            }
            if (done_) {
                std::string_view const rest(begin, filled_ - at_);
                at_ = filled_;
                if (rest.empty()) return std::nullopt;
                return trimmed(rest);
            }
            if (filled_ - at_ > kMaxLine) {
                error_ = path_ + ": a line of more than 64 KiB: this is not CSV";
                return std::nullopt;
            }
            refill();
            if (!error_.empty()) return std::nullopt;
        }
    }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

private:
    static constexpr std::size_t kChunk = 1U << 20U;
    static constexpr std::size_t kMaxLine = 1U << 16U;

    static std::string_view trimmed(std::string_view line) noexcept {
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        return line;
    }

    void refill() {
        std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
        filled_ -= at_;
        at_ = 0;
        if (buffer_.size() < filled_ + kChunk) buffer_.resize(filled_ + kChunk);
        if (stream_ == nullptr) {
            std::size_t const got = std::fread(buffer_.data() + filled_, 1, kChunk, file_.get());
            filled_ += got;
            if (got == 0) finish();
            return;
        }
        ZSTD_outBuffer out{buffer_.data() + filled_, kChunk, 0};
        while (out.pos == 0) {
            if (in_.pos == in_.size) {
                in_ = ZSTD_inBuffer{input_.data(), 0, 0};
                in_.size = std::fread(input_.data(), 1, input_.size(), file_.get());
                if (in_.size == 0) {
                    if (frame_open_) error_ = path_ + ": the zstd data ends in the middle";
                    finish();
                    return;
                }
            }
            std::size_t const left = ZSTD_decompressStream(stream_.get(), &out, &in_);
            if (ZSTD_isError(left) != 0U) {
                error_ = path_ + ": not zstd data: " + ZSTD_getErrorName(left);
                return;
            }
            frame_open_ = left != 0;
        }
        filled_ += out.pos;
    }

    void finish() {
        done_ = true;
        if (std::ferror(file_.get()) != 0) error_ = path_ + ": reading failed";
    }

    std::string path_;
    std::unique_ptr<std::FILE, FileCloser> file_;
    std::unique_ptr<ZSTD_DStream, DStreamFree> stream_;
    std::vector<char> input_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    std::vector<char> buffer_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    bool frame_open_ = false;
    bool done_ = false;
    std::string error_;
};

constexpr std::size_t kMaxColumns = 16;

struct Row {
    std::array<std::string_view, kMaxColumns> cells;
    std::size_t size = 0;
};

bool split(std::string_view line, Row& row) noexcept {
    row.size = 0;
    for (;;) {
        if (row.size == kMaxColumns) return false;
        std::size_t const comma = line.find(',');
        row.cells[row.size++] = line.substr(0, comma);
        if (comma == std::string_view::npos) return true;
        line.remove_prefix(comma + 1);
    }
}

enum class Layout : std::uint8_t { Bars, Trades, Events };

struct Columns {
    Layout layout = Layout::Bars;
    std::size_t count = 0;     // least number of cells of a row
    std::size_t interval = 0;  // index of interval_s, 0 = there is none
    std::size_t source = 0;    // index of source, 0 = there is none
    std::size_t recv = 0;      // index of recv_ns, 0 = there is none
    std::size_t flags = 0;     // index of flags, 0 = there is none
};

std::optional<Columns> columns_of(std::string_view header) {
    Columns columns;
    Row row;
    if (!split(header, row)) return std::nullopt;
    auto const starts_with = [&](std::initializer_list<std::string_view> names) {
        return row.size >= names.size() &&
               std::equal(names.begin(), names.end(), row.cells.begin());
    };
    if (starts_with({"ts_ns", "symbol", "open", "high", "low", "close", "volume"})) {
        columns.count = 7;
        for (std::size_t i = 7; i < row.size; ++i) {
            if (row.cells[i] == "interval_s") columns.interval = i;
            if (row.cells[i] == "source") columns.source = i;
        }
        return columns;
    }
    if (starts_with({"ts_ns", "symbol", "price", "size", "side"})) {
        columns.layout = Layout::Trades;
        columns.count = 5;
        for (std::size_t i = 5; i < row.size; ++i) {
            if (row.cells[i] == "source") columns.source = i;
            if (row.cells[i] == "recv_ns") columns.recv = i;
            if (row.cells[i] == "flags") columns.flags = i;
        }
        return columns;
    }
    if (header == kEventsHeader) {
        columns.layout = Layout::Events;
        columns.count = row.size;
        columns.source = 3;
        return columns;
    }
    return std::nullopt;
}

// Minutes of a bar as the file's name tells it, 0 when it does not.
int minutes_from_name(const std::string& path) {
    std::string_view name = path;
    std::size_t const slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    for (int const minutes : {1, 3, 5, 15, 30, 60}) {
        std::string const mark = "_" + std::to_string(minutes) + "m_";
        if (name.find(mark) != std::string_view::npos) return minutes;
    }
    return 0;
}

struct Parser {
    Columns columns;
    int default_minutes = 0;
    std::string default_source;
    ReplayRegistry& registry;

    // Empty when fine. `foreign` is set when the symbol is not ours.
    std::string_view parse(const Row& row, Event& event, bool& foreign);
};

bool positive(std::string_view text, std::int64_t& out) noexcept {
    DecimalResult const value = parse_decimal(text);
    out = value.nanos;
    return value.error == DecimalError::None && value.nanos > 0;
}

// Bars carry averages with more digits than a venue prints: digits beyond 1e-9 are cut there.
bool bar_number(std::string_view text, std::int64_t& out) noexcept {
    std::size_t const dot = text.find('.');
    if (dot != std::string_view::npos && text.find_first_of("eE") == std::string_view::npos) {
        text = text.substr(0, std::min(text.size(), dot + 10));
    }
    DecimalResult const value = parse_decimal(text);
    out = value.nanos;
    return value.error == DecimalError::None && value.nanos >= 0;
}

std::string_view parse_bar(const Row& row, const Columns& columns, int minutes, Event& event) {
    if (columns.interval != 0) {
        auto const seconds = parse_uint64(row.cells[columns.interval]);
        if (!seconds || *seconds % 60 != 0 || *seconds == 0 || *seconds > 240 * 60) {
            return "interval_s must be a multiple of 60, at most 14400";
        }
        minutes = static_cast<int>(*seconds / 60);
    }
    if (minutes == 0) return "the length of the bar is not known (no interval_s column)";
    event.kind = EventKind::Bar;
    event.aux = static_cast<std::uint8_t>(minutes);
    event.bar = BarBody{};
    BarBody& bar = event.bar;
    if (!bar_number(row.cells[2], bar.open.nanos) || !bar_number(row.cells[3], bar.high.nanos) ||
        !bar_number(row.cells[4], bar.low.nanos) || !bar_number(row.cells[5], bar.close.nanos) ||
        !bar_number(row.cells[6], bar.volume.nanos)) {
        return "a price or the volume is not a number of this range";
    }
    if (bar.low.nanos <= 0 || bar.high < bar.low || bar.open > bar.high || bar.open < bar.low ||
        bar.close > bar.high || bar.close < bar.low) {
        return "open, high, low and close contradict each other";
    }
    event.ts_recv = UnixNanos{event.ts_event.ns + minutes * kNanosPerMinute};
    return {};
}

std::string_view parse_trade(const Row& row, const Columns& columns, Event& event) {
    event.kind = EventKind::Trade;
    event.trade = TradeBody{};
    event.trade.fill_count = 1;
    if (!positive(row.cells[2], event.trade.price.nanos)) return "price is not a positive number";
    if (!positive(row.cells[3], event.trade.size.nanos)) return "size is not a positive number";
    std::string_view const side = row.cells[4];
    Aggressor aggressor = Aggressor::Unknown;
    if (side == "buy" || side == "B") {
        aggressor = Aggressor::Buy;
    } else if (side == "sell" || side == "S") {
        aggressor = Aggressor::Sell;
    } else if (!side.empty() && side != "-" && side != "unknown") {
        return "side is none of buy, sell, B, S, - and empty";
    }
    event.aux = static_cast<std::uint8_t>(aggressor);
    event.ts_recv = event.ts_event;
    if (columns.recv != 0) {
        auto const recv = parse_uint64(row.cells[columns.recv]);
        if (!recv || *recv > static_cast<std::uint64_t>(INT64_MAX) / 2) {
            return "recv_ns is not a time";
        }
        event.ts_recv = std::max(event.ts_event, UnixNanos{static_cast<std::int64_t>(*recv)});
    }
    if (columns.flags != 0 && !row.cells[columns.flags].empty()) {
        if (row.cells[columns.flags] != "backfill") return "flags is neither empty nor backfill";
        event.trade.flags = trade_flag::kBackfill;
    }
    return {};
}

std::string_view Parser::parse(const Row& row, Event& event, bool& foreign) {
    if (row.size < columns.count ||
        row.size <= std::max({columns.interval, columns.source, columns.recv, columns.flags})) {
        return "too few columns";
    }
    auto const ts = parse_uint64(row.cells[0]);
    if (!ts || *ts > static_cast<std::uint64_t>(INT64_MAX) / 2) return "ts_ns is not a time";
    std::string_view const source =
        columns.source != 0 ? row.cells[columns.source] : std::string_view(default_source);
    FeedId const feed = registry.resolve(row.cells[1], source);
    foreign = !feed.valid();
    if (foreign) return {};
    event = Event{};
    event.ts_event = UnixNanos{static_cast<std::int64_t>(*ts)};
    event.feed = feed;
    event.instrument = registry.registry().feed(feed).instrument;
    switch (columns.layout) {
        case Layout::Bars: return parse_bar(row, columns, default_minutes, event);
        case Layout::Trades: return parse_trade(row, columns, event);
        case Layout::Events: return parse_event_row(std::span(row.cells).first(row.size), event);
    }
    return {};
}

}  // namespace

ReplayRegistry::ReplayRegistry(const Registry& configured) : configured_(configured) {
    for (const Venue& venue : configured.venues()) {
        SPILL_CHECK(registry_.add_venue(venue.name, venue.trusted).has_value());
    }
    for (const Group& group : configured.groups()) {
        SPILL_CHECK(registry_.add_group(group.name, group.parent, group.tokens).has_value());
    }
    for (const Instrument& instrument : configured.instruments()) {
        SPILL_CHECK(registry_.add_instrument(instrument).has_value());
    }
}

const Instrument* ReplayRegistry::find(std::string_view symbol) const {
    if (const Instrument* const named = configured_.find_instrument(symbol)) return named;
    for (const Feed& feed : configured_.feeds()) {
        if (feed.symbol == symbol) return &configured_.instrument(feed.instrument);
    }
    for (std::string_view const quote :
         {"-PERP", "_USDT", "-USDT", "/USDT", "USDT", "USDC", "-USD", "/USD", "_USD", "USD"}) {
        if (symbol.size() > quote.size() && ends_with(symbol, quote)) {
            return configured_.find_instrument(symbol.substr(0, symbol.size() - quote.size()));
        }
    }
    return nullptr;
}

FeedId ReplayRegistry::resolve(std::string_view symbol, std::string_view source) {
    auto const it = feeds_.find(TextPairLess::Views(symbol, source));
    if (it != feeds_.end()) return it->second;
    FeedId const feed = add(symbol, source);
    if (feed.valid() || feeds_.size() < kMaxReplaySymbols) {
        feeds_.emplace(std::make_pair(std::string(symbol), std::string(source)), feed);
    }
    return feed;
}

FeedId ReplayRegistry::add(std::string_view symbol, std::string_view source) {
    const Instrument* const instrument = find(symbol);
    if (instrument == nullptr) return FeedId{};
    const Venue* venue = registry_.find_venue(source);
    if (venue == nullptr) {
        auto const added = registry_.add_venue(std::string(source), false);
        if (!added) return FeedId{};
        venue = &registry_.venue(*added);
    }
    Feed feed;
    feed.instrument = instrument->id;
    feed.venue = venue->id;
    feed.symbol = symbol;
    // A file of stock bars is a vendor's consolidated history unless its source says otherwise;
    // token bars are one venue's.
    bool const stock = instrument->market != Market::Utc && !instrument->proxy_for.valid();
    feed.coverage = stock ? Coverage::Consolidated : Coverage::SingleVenue;
    if (instrument->proxy_for.valid()) feed.coverage = Coverage::Derivative;
    auto const added = registry_.add_feed(feed);
    return added ? *added : FeedId{};
}

Result<CsvReport> read_csv(const std::string& path, ReplayRegistry& registry,
                           std::vector<Event>& out, std::string_view source) {
    auto reader = LineReader::open(path);
    if (!reader) return tl::make_unexpected(reader.error());
    auto const header = reader->next();
    if (!reader->error().empty()) return fail(Errc::Corrupt, reader->error());
    auto const columns = columns_of(header.value_or(std::string_view{}));
    if (!columns) {
        return fail(Errc::InvalidArgument,
                    path +
                        ":1: the first line is not the header of bars (ts_ns,symbol,open,high,"
                        "low,close,volume,...) or of trades (ts_ns,symbol,price,size,side)");
    }
    Parser parser{*columns, minutes_from_name(path), std::string(source), registry};
    CsvReport report;
    std::uint64_t line_number = 1;
    UnixNanos last{INT64_MIN};
    Row row;
    Event event{};
    while (auto const line = reader->next()) {
        ++line_number;
        if (line->empty()) continue;
        ++report.rows;
        bool foreign = false;
        std::string_view why = split(*line, row) ? parser.parse(row, event, foreign)
                                                 : std::string_view("too many columns");
        if (foreign) {
            ++report.foreign;
            continue;
        }
        if (why.empty() && event.ts_recv < last) why = "the row goes back in time";
        if (!why.empty()) {
            if (++report.refused <= kMaxShownRefusals) {
                report.refusals.push_back(path + ":" + std::to_string(line_number) + ": " +
                                          std::string(why));
            }
            continue;
        }
        if (out.size() == kMaxReplayRows) {
            return fail(Errc::OutOfRange,
                        path + ": more than 64 million rows; cut it by --from/--to");
        }
        last = event.ts_recv;
        out.push_back(event);
    }
    if (!reader->error().empty()) return fail(Errc::Corrupt, reader->error());
    return report;
}

}  // namespace spill
