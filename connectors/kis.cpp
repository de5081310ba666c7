// Korea Investment & Securities, real-time trades of KRX and NXT stocks.
//
//   0|H0UNCNT0|001|000660^132848^93000^2^500^...^<46 or 47 fields>
//
// encryption|transaction|records|fields. All fields of all records are joined by '^' without a mark
// between records, so the width of a record is fields / records; fields beyond those that we know
// are passed over. Times are Korean, of one second; prints have no id, and the cumulative volume
// tells them apart. Three transactions show one stock: H0UNCNT0 both venues (our symbol is the
// bare code "000660"), H0STCNT0 KRX alone ("000660.KRX") and H0NXCNT0 NXT alone ("000660.NXT").
// H0STMKO0 is its trading status. What starts with '{' is control, in JSON.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/json_text.hpp"
#include "connectors/kis_control.hpp"
#include "connectors/kis_symbol.hpp"
#include "connectors/venues.hpp"
#include "core/decimal.hpp"
#include "core/event.hpp"
#include "core/timestamp.hpp"

namespace spill {
namespace {

using json::Token;
using json::TokenType;

constexpr std::size_t kTradeWidth = 46;   // 47 since 2026-09-14
constexpr std::size_t kStatusWidth = 10;  // or 11
constexpr std::size_t kMaxWidth = 64;
constexpr std::size_t kMaxRecords = 999;                        // three digits
constexpr std::int64_t kKoreaAhead = 9 * 60 * kNanosPerMinute;  // of UTC, all year

// Indices of a trade record.
namespace at {
constexpr std::size_t kCode = 0;
constexpr std::size_t kTime = 1;  // HHMMSS
constexpr std::size_t kPrice = 2;
constexpr std::size_t kVolume = 12;
constexpr std::size_t kCumulative = 13;
constexpr std::size_t kAggressor = 21;
constexpr std::size_t kDate = 33;     // YYYYMMDD
constexpr std::size_t kSession = 34;  // two digits: part of the day, kind of print
constexpr std::size_t kHalted = 35;
constexpr std::size_t kExpected = 43;  // 0, or which indicative price this is
constexpr std::size_t kMarket = 46;
}  // namespace at

using Fields = std::array<std::string_view, kMaxWidth>;

// Takes the text up to `mark` from `rest`; false when there is no mark.
bool take_until(std::string_view& rest, char mark, std::string_view& out) noexcept {
    std::size_t const end = rest.find(mark);
    if (end == std::string_view::npos) return false;
    out = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
}

bool two_digits(std::string_view text, std::size_t from, std::int64_t& out) noexcept {
    std::optional<std::uint64_t> const value = parse_uint64(text.substr(from, 2));
    out = static_cast<std::int64_t>(value.value_or(0));
    return value.has_value();
}

// "20220830" and "132848" of Korea.
BadReason to_stamp(std::string_view date, std::string_view clock, UnixNanos& out) noexcept {
    std::optional<std::uint64_t> const day = parse_uint64(date);
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    bool const shaped = date.size() == 8 && clock.size() == 6 && day &&
                        two_digits(clock, 0, hour) && two_digits(clock, 2, minute) &&
                        two_digits(clock, 4, second);
    if (!shaped || hour > 23 || minute > 59 || second > 59) return BadReason::BadTime;
    CivilDate const civil{.year = static_cast<std::int32_t>(*day / 10'000),
                          .month = static_cast<std::int32_t>(*day / 100 % 100),
                          .day = static_cast<std::int32_t>(*day % 100)};
    if (civil.year < 1990 || civil.year > 2200 || !is_valid(civil)) return BadReason::BadTime;
    std::int64_t const seconds = (hour * 60 + minute) * 60 + second;
    out.ns = days_from_civil(civil) * kNanosPerDay + seconds * kNanosPerSecond - kKoreaAhead;
    return BadReason::None;
}

BadReason to_amount(std::string_view text, std::int64_t& nanos) noexcept {
    if (text.empty()) return BadReason::MissingField;
    return json::to_positive(Token(TokenType::Number, text), TokenType::Number, nanos);
}

Aggressor aggressor_of(std::string_view code) noexcept {
    return code == "1" ? Aggressor::Buy : code == "5" ? Aggressor::Sell : Aggressor::Unknown;
}

// Only regular, unhalted, continuous trading moves a price. A single-price print (aggressor 3) is
// an auction: the open, the end of a volatility interruption, or the close (second digit 1).
std::uint32_t flags_of(const Fields& record, std::size_t width) noexcept {
    std::string_view const session = record[at::kSession];
    bool const closing = session == "21";
    std::string_view const market = width > at::kMarket ? record[at::kMarket] : std::string_view{};
    std::uint32_t flags = 0;
    if (closing) flags |= trade_flag::kCloseAuction;
    if (record[at::kAggressor] == "3" && !closing) flags |= trade_flag::kOpenAuction;
    bool const regular = (session == "20" || closing) && record[at::kExpected] == "0" &&
                         record[at::kHalted] == "N" && (market.empty() || market == "2");
    return regular ? flags : flags | trade_flag::kNoPrice;
}

std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xBF58'476D'1CE4'E5B9;
    value = (value ^ (value >> 27U)) * 0x94D0'49BB'1331'11EB;
    return value ^ (value >> 31U);
}

// Within one day and part of the day the cumulative volume only grows. Never 0.
std::uint64_t identity(const TradeRow& row, std::string_view session) noexcept {
    auto const part = session.empty() ? 0U : static_cast<std::uint64_t>(session[0]);
    auto const day =
        static_cast<std::uint64_t>(day_number(UnixNanos{row.ts_event.ns + kKoreaAhead}));
    auto const sum = static_cast<std::uint64_t>(row.cumulative.nanos);
    std::uint64_t const hash = mixed(mixed(sum) ^ (day << 8U | part));
    return hash == 0 ? 1 : hash;
}

BadReason to_row(const Fields& record, std::size_t width, TradeRow& row) noexcept {
    row.aggressor = aggressor_of(record[at::kAggressor]);
    row.flags = flags_of(record, width);
    // Negotiated and basket trades are made off the book.
    row.block = record[at::kSession].ends_with('2') && record[at::kSession] != "2";
    row.block = row.block || record[at::kSession].ends_with('3');
    BadReason const bad =
        json::first_bad({record[at::kCode].empty() ? BadReason::MissingField : BadReason::None,
                         to_stamp(record[at::kDate], record[at::kTime], row.ts_event),
                         to_amount(record[at::kPrice], row.price.nanos),
                         to_amount(record[at::kVolume], row.size.nanos),
                         to_amount(record[at::kCumulative], row.cumulative.nanos)});
    row.id_text = record[at::kCumulative];
    if (bad == BadReason::None) row.id = identity(row, record[at::kSession]);
    return bad;
}

// Market codes: what the whole market does. An unknown one says nothing about trading.
std::optional<TradingStatus> status_of(const Fields& record) noexcept {
    constexpr std::size_t kHalt = 1;
    constexpr std::size_t kCode = 3;
    constexpr std::size_t kInterrupted = 8;  // by a volatility interruption
    std::string_view const code = record[kCode];
    if (record[kHalt] == "Y" || code == "164" || code == "174") return TradingStatus::Halted;
    bool const calls =
        code == "110" || code == "121" || code == "175" || code == "182" || code == "184";
    bool const interrupted = record[kInterrupted] != "N" && !record[kInterrupted].empty();
    if (interrupted || calls) return TradingStatus::Auction;
    bool const opens = code.empty() || code == "112" || code == "185";
    return opens ? std::optional(TradingStatus::Continuous) : std::nullopt;
}

class Kis final : public Codec {
public:
    Kis()
        : rows_(kMaxRecords),
          statuses_(kKisFeeds.size() * kMaxRecords),
          names_(kKisFeeds.size() * kMaxRecords) {}

    Decoded decode(std::string_view frame, bool binary) noexcept override {
        if (binary) return json::bad_frame(BadReason::NotText);
        while (!frame.empty() && (frame.back() == '\n' || frame.back() == '\r')) {
            frame.remove_suffix(1);
        }
        if (frame.empty()) return json::bad_frame(BadReason::Empty);
        if (frame.size() > json::kMaxFrameBytes) return json::bad_frame(BadReason::TooLarge);
        if (frame.front() == '{') return control_.read(frame);
        return on_data(frame);
    }

    void use(const Credentials& credentials) override { approval_key_ = credentials.key; }

    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t /*first_request_id*/) const override {
        return requests("1", symbols);
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t /*first_request_id*/) const override {
        return requests("2", symbols);
    }
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

private:
    Decoded on_data(std::string_view rest) noexcept {
        std::string_view encrypted;
        std::string_view transaction;
        std::string_view records;
        if (!take_until(rest, '|', encrypted) || !take_until(rest, '|', transaction) ||
            !take_until(rest, '|', records) || (encrypted != "0" && encrypted != "1")) {
            return json::bad_frame(BadReason::MissingField);
        }
        // Account notices, which we never ask for.
        if (encrypted == "1") return json::frame_of(FrameKind::Other);
        KisFeed const* const feed = find_kis_feed(transaction);
        bool const status = transaction == kKisStatus;
        if (feed == nullptr && !status) return json::frame_of(FrameKind::Other);
        std::optional<std::uint64_t> const count = parse_uint64(records);
        if (!count || *count == 0) return json::bad_frame(BadReason::BadNumber);
        if (*count > kMaxRecords) return json::bad_frame(BadReason::TooLarge);
        std::size_t fields = 1;
        for (char const c : rest) fields += c == '^' ? 1 : 0;
        std::size_t const width = fields / *count;
        std::size_t const least = status ? kStatusWidth : kTradeWidth;
        if (fields % *count != 0 || width < least) return json::bad_frame(BadReason::MissingField);
        if (width > kMaxWidth) return json::bad_frame(BadReason::TooLarge);
        return status ? on_status(rest, *count, width) : on_trades(rest, *count, width, *feed);
    }

    static std::string_view read_record(std::string_view rest, std::size_t width,
                                        Fields& out) noexcept {
        for (std::size_t i = 0; i < width; ++i) {
            if (take_until(rest, '^', out[i])) continue;
            out[i] = rest;
            rest = {};
        }
        return rest;
    }

    // A record that cannot be read, or an indicative price, does not take the others with it.
    Decoded on_trades(std::string_view rest, std::size_t count, std::size_t width,
                      const KisFeed& feed) noexcept {
        Decoded decoded;
        std::size_t rows = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Fields record;
            rest = read_record(rest, width, record);
            std::string_view const expected = record[at::kExpected];
            if (expected == "A" || expected == "B" || expected == "C") continue;
            TradeRow& row = rows_[rows];
            row = TradeRow{};
            BadReason const bad = to_row(record, width, row);
            if (bad == BadReason::None) row.symbol = names_[rows].join(record[at::kCode], feed);
            if (!row.symbol.empty()) ++rows;
            if (decoded.bad == BadReason::None) decoded.bad = bad;
        }
        decoded.trades = {rows_.data(), rows};
        // Indicative prices alone: the venue is alive and nothing was traded.
        decoded.kind = rows > 0                         ? FrameKind::Trade
                       : decoded.bad != BadReason::None ? FrameKind::Bad
                                                        : FrameKind::Heartbeat;
        return decoded;
    }

    // 0|H0STMKO0|001|396300^N^(null)^^311^^^55^N^N: it holds for the stock on every venue.
    Decoded on_status(std::string_view rest, std::size_t count, std::size_t width) noexcept {
        std::size_t rows = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Fields record;
            rest = read_record(rest, width, record);
            std::optional<TradingStatus> const status = status_of(record);
            if (!status || record[0].empty()) continue;
            for (KisFeed const& feed : kKisFeeds) {
                StatusRow& row = statuses_[rows];
                row = {.symbol = names_[rows].join(record[0], feed),
                       .status = *status,
                       .ts_event = {},
                       .reason = record[3]};
                if (!row.symbol.empty()) ++rows;
            }
        }
        Decoded decoded = json::frame_of(rows > 0 ? FrameKind::Halt : FrameKind::Other);
        decoded.statuses = {statuses_.data(), rows};
        return decoded;
    }

    std::vector<std::string> requests(std::string_view type,
                                      std::span<const std::string> symbols) const {
        std::vector<std::string> frames;
        for (std::string const& symbol : symbols) {
            KisSymbol const parts = split_kis_symbol(symbol);
            frames.push_back(request(type, parts.feed->transaction, parts.code));
            frames.push_back(request(type, kKisStatus, parts.code));
        }
        return frames;
    }

    // {"header":{"approval_key":"..","custtype":"P","tr_type":"1","content-type":"utf-8"},
    //  "body":{"input":{"tr_id":"H0UNCNT0","tr_key":"000660"}}}
    std::string request(std::string_view type, std::string_view transaction,
                        std::string_view code) const {
        std::string frame = R"({"header":{"approval_key":)";
        append_json_string(frame, approval_key_);
        frame += R"(,"custtype":"P","tr_type":")" + std::string(type);
        frame += R"(","content-type":"utf-8"},"body":{"input":{"tr_id":")";
        frame += std::string(transaction) + R"(","tr_key":)";
        append_json_string(frame, code);
        return frame + "}}}";
    }

    KisControl control_;
    std::vector<TradeRow> rows_;
    std::vector<StatusRow> statuses_;
    std::vector<KisName> names_;
    std::string approval_key_;
};

}  // namespace

std::unique_ptr<Codec> make_kis_codec() { return std::make_unique<Kis>(); }

}  // namespace spill
