#include "core/timestamp.hpp"

#include <array>
#include <limits>

namespace spill {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

constexpr bool is_leap(std::int32_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days of a common year before each month; the last entry is the whole year.
constexpr std::array<std::int32_t, 13> kDaysBeforeMonth{0,   31,  59,  90,  120, 151, 181,
                                                        212, 243, 273, 304, 334, 365};

// `month` 1..13; 13 gives the length of the year.
constexpr std::int32_t days_before_month(std::int32_t year, std::int32_t month) noexcept {
    std::int32_t const days = kDaysBeforeMonth[static_cast<std::size_t>(month - 1)];
    return month > 2 && is_leap(year) ? days + 1 : days;
}

// Days from 0001-01-01 to the first day of `year` >= 1.
constexpr std::int64_t days_before_year(std::int32_t year) noexcept {
    std::int64_t const past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

constexpr std::int64_t kDaysBefore1970 = days_before_year(1970);
static_assert(kDaysBefore1970 == 719'162);

// Reads a text of known shape from left to right; a failed step makes all later ones fail.
struct Reader {
    std::string_view rest;
    bool ok = true;

    std::int32_t digits(std::size_t count) noexcept {
        if (!ok || rest.size() < count) return reject();
        std::int32_t value = 0;
        for (char const c : rest.substr(0, count)) {
            unsigned const digit = static_cast<unsigned char>(c) - unsigned{'0'};
            if (digit > 9) return reject();
            value = value * 10 + static_cast<std::int32_t>(digit);
        }
        rest.remove_prefix(count);
        return value;
    }
    void expect(char c) noexcept {
        if (!accept(c)) ok = false;
    }
    bool accept(char c) noexcept {
        if (!ok || rest.empty() || rest.front() != c) return false;
        rest.remove_prefix(1);
        return true;
    }
    std::int32_t reject() noexcept {
        ok = false;
        return 0;
    }
};

CivilDate read_date(Reader& reader) noexcept {
    CivilDate date;
    date.year = reader.digits(4);
    reader.expect('-');
    date.month = reader.digits(2);
    reader.expect('-');
    date.day = reader.digits(2);
    if (!is_valid(date)) reader.ok = false;
    return date;
}

// ".d+" as nanoseconds, or 0 without a dot.
std::int64_t read_fraction(Reader& reader) noexcept {
    if (!reader.accept('.')) return 0;
    std::int64_t nanos = 0;
    std::int64_t unit = kNanosPerSecond;
    std::size_t size = 0;
    for (char const c : reader.rest) {
        unsigned const digit = static_cast<unsigned char>(c) - unsigned{'0'};
        if (digit > 9) break;
        ++size;
        unit /= 10;  // 0 from the tenth digit on
        nanos += static_cast<std::int64_t>(digit) * unit;
    }
    if (size == 0) return reader.reject();
    reader.rest.remove_prefix(size);
    return nanos;
}

// "Z" or "+hh:mm", as seconds east of UTC.
std::int64_t read_offset(Reader& reader) noexcept {
    if (reader.accept('Z') || reader.accept('z')) return 0;
    bool const west = reader.accept('-');
    if (!west) reader.expect('+');
    std::int32_t const hours = reader.digits(2);
    reader.expect(':');
    std::int32_t const minutes = reader.digits(2);
    if (hours > 23 || minutes > 59) reader.ok = false;
    std::int64_t const seconds = hours * 3600 + minutes * 60;
    return west ? -seconds : seconds;
}

char* write_digits(char* out, std::int64_t value, int count) noexcept {
    for (int i = count - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    }
    return out + count;
}

char* write_date(char* out, CivilDate date) noexcept {
    out = write_digits(out, date.year, 4);
    *out++ = '-';
    out = write_digits(out, date.month, 2);
    *out++ = '-';
    return write_digits(out, date.day, 2);
}

}  // namespace

bool is_valid(CivilDate date) noexcept {
    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12) return false;
    std::int32_t const length =
        days_before_month(date.year, date.month + 1) - days_before_month(date.year, date.month);
    return date.day >= 1 && date.day <= length;
}

std::int64_t days_from_civil(CivilDate date) noexcept {
    return days_before_year(date.year) + days_before_month(date.year, date.month) + date.day - 1 -
           kDaysBefore1970;
}

CivilDate civil_from_days(std::int64_t day_number) noexcept {
    std::int64_t const days = day_number + kDaysBefore1970;
    // The mean year of the 400-year cycle is at most one off.
    auto year = static_cast<std::int32_t>(days * 400 / 146'097 + 1);
    if (days_before_year(year) > days) --year;
    if (days_before_year(year + 1) <= days) ++year;
    auto const day_of_year = static_cast<std::int32_t>(days - days_before_year(year));
    std::int32_t month = day_of_year / 31 + 1;  // never too large, and at most one too small
    if (days_before_month(year, month + 1) <= day_of_year) ++month;
    return CivilDate{
        .year = year, .month = month, .day = day_of_year - days_before_month(year, month) + 1};
}

std::optional<CivilDate> parse_date(std::string_view text) noexcept {
    Reader reader{.rest = text};
    CivilDate const date = read_date(reader);
    if (!reader.ok || !reader.rest.empty()) return std::nullopt;
    return date;
}

std::string format_date(CivilDate date) {
    std::array<char, 10> text;
    write_date(text.data(), date);
    return std::string(text.data(), text.size());
}

std::optional<UnixNanos> parse_rfc3339(std::string_view text) noexcept {
    Reader reader{.rest = text};
    CivilDate const date = read_date(reader);
    if (!reader.accept('T') && !reader.accept('t')) reader.expect(' ');
    std::int32_t const hour = reader.digits(2);
    reader.expect(':');
    std::int32_t const minute = reader.digits(2);
    reader.expect(':');
    std::int32_t const second = reader.digits(2);
    std::int64_t const fraction = read_fraction(reader);
    std::int64_t const offset = read_offset(reader);
    if (!reader.ok || !reader.rest.empty()) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;

    std::int64_t const seconds =
        days_from_civil(date) * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset;
    int128 const nanos = static_cast<int128>(seconds) * kNanosPerSecond + fraction;
    if (nanos < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    if (nanos > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return UnixNanos{static_cast<std::int64_t>(nanos)};
}

std::size_t format_rfc3339(UnixNanos at, char* out) noexcept {
    std::int64_t const day = day_number(at);
    // Through 128 bits: the start of the first representable day is not representable itself.
    auto const in_day = static_cast<std::int64_t>(static_cast<int128>(at.ns) -
                                                  static_cast<int128>(day) * kNanosPerDay);
    std::int64_t const second = in_day / kNanosPerSecond;
    std::int64_t const fraction = in_day % kNanosPerSecond;
    char* end = write_date(out, civil_from_days(day));
    *end++ = 'T';
    end = write_digits(end, second / 3600, 2);
    *end++ = ':';
    end = write_digits(end, second / 60 % 60, 2);
    *end++ = ':';
    end = write_digits(end, second % 60, 2);
    if (fraction != 0) {
        *end++ = '.';
        if (fraction % 1'000'000 == 0) {
            end = write_digits(end, fraction / 1'000'000, 3);
        } else if (fraction % 1'000 == 0) {
            end = write_digits(end, fraction / 1'000, 6);
        } else {
            end = write_digits(end, fraction, 9);
        }
    }
    *end++ = 'Z';
    return static_cast<std::size_t>(end - out);
}

std::string format_rfc3339(UnixNanos at) {
    std::array<char, kMaxRfc3339Text> text;
    return std::string(text.data(), format_rfc3339(at, text.data()));
}

}  // namespace spill
