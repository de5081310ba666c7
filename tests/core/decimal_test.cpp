#include "core/decimal.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::string text_of(std::int64_t nanos) {
    // A guard byte behind the promised room shows an overrun also without a sanitizer.
    std::array<char, kMaxDecimalText + 1> out;
    out.fill('#');
    std::size_t const size = format_decimal(nanos, out.data());
    REQUIRE(size <= kMaxDecimalText);
    CHECK(out[size] == '#');
    return std::string(out.data(), size);
}

// xorshift64: the same inputs in every run.
struct Sequence {
    std::uint64_t state = 0x9E37'79B9'7F4A'7C15;
    std::uint64_t next() {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        return state;
    }
};

// The value of "[-]D.DDD[e..]" by schoolbook arithmetic on 128 bits; for short inputs only.
std::int64_t nanos_by_hand(std::string_view whole, std::string_view fraction) {
    int128 value = 0;
    for (char const c : whole) value = value * 10 + (c - '0');
    for (std::size_t i = 0; i < 9; ++i) {
        value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    }
    return static_cast<std::int64_t>(value);
}

}  // namespace

TEST_CASE("plain decimals become exact nanos") {
    CHECK(parse_decimal("12").nanos == 12'000'000'000);
    CHECK(parse_decimal("12.5").nanos == 12'500'000'000);
    CHECK(parse_decimal("0.00044780").nanos == 447'800);
    CHECK(parse_decimal("0.000000001").nanos == 1);
    CHECK(parse_decimal("0").nanos == 0);
    CHECK(parse_decimal("0.0").nanos == 0);
    CHECK(parse_decimal("108457.33").nanos == 108'457'330'000'000);
    CHECK(parse_decimal("-0.5").nanos == -500'000'000);
    CHECK(parse_decimal("-0").nanos == 0);
    CHECK(parse_decimal("-0").ok());
}

TEST_CASE("leading and trailing zeros do not change a number") {
    for (std::string_view const text :
         {"1.5", "01.5", "0001.500", "1.500000000000000000000000", "000000000000000000000001.5",
          "0.0000000000000000000000015e24", "1500000000000000000000000e-24", "15e-1", "0.15E1"}) {
        CAPTURE(text);
        CHECK(parse_decimal(text).ok());
        CHECK(parse_decimal(text).nanos == 1'500'000'000);
    }
}

TEST_CASE("JSON exponents are exact") {
    CHECK(parse_decimal("1.5e-7").nanos == 150);
    CHECK(parse_decimal("1E-9").nanos == 1);
    CHECK(parse_decimal("2E+3").nanos == 2'000'000'000'000);
    CHECK(parse_decimal("2e3").nanos == 2'000'000'000'000);
    CHECK(parse_decimal("9.223372036854775807e9").nanos == kMax);
    CHECK(parse_decimal("-1e-0009").nanos == -1);
    CHECK(parse_decimal("0e400").ok());
    CHECK(parse_decimal("0.000e-400").ok());
    CHECK(parse_decimal("0e99999999999999999999999999").nanos == 0);
}

TEST_CASE("what is finer than a nano is refused unless the rest is zeros") {
    CHECK(parse_decimal("0.0000000001").error == DecimalError::TooFine);
    CHECK(parse_decimal("1.0000000000").nanos == 1'000'000'000);
    CHECK(parse_decimal("0.12345678901").error == DecimalError::TooFine);
    CHECK(parse_decimal("1e-10").error == DecimalError::TooFine);
    CHECK(parse_decimal("1e-99999999999999999999").error == DecimalError::TooFine);
    CHECK(parse_decimal("10e-10").nanos == 1);
    CHECK(parse_decimal("1234567890.1234567890123456789").error == DecimalError::TooFine);
}

TEST_CASE("the range ends exactly at 64 bits") {
    CHECK(parse_decimal("9223372036.854775807").nanos == kMax);
    CHECK(parse_decimal("9223372036.854775808").error == DecimalError::Overflow);
    CHECK(parse_decimal("-9223372036.854775808").nanos == kMin);
    CHECK(parse_decimal("-9223372036.854775809").error == DecimalError::Overflow);
    CHECK(parse_decimal("9223372036").nanos == 9'223'372'036'000'000'000);
    CHECK(parse_decimal("9223372037").error == DecimalError::Overflow);
    CHECK(parse_decimal("999999999999999999").error == DecimalError::Overflow);
    CHECK(parse_decimal("1e400").error == DecimalError::Overflow);
    CHECK(parse_decimal("1e99999999999999999999").error == DecimalError::Overflow);
    CHECK(parse_decimal("1234567890123456789012345678901234567890").error ==
          DecimalError::Overflow);
    CHECK(parse_decimal(std::string(100'000, '9')).error == DecimalError::Overflow);
    CHECK(parse_decimal("1" + std::string(100'000, '0') + "e-100000").nanos == 1'000'000'000);
    CHECK(parse_decimal("0." + std::string(100'000, '0') + "1e100001").nanos == 1'000'000'000);
    CHECK(parse_decimal(std::string(100'000, '0')).ok());
}

TEST_CASE("what is not a number is refused and leaves zero") {
    CHECK(parse_decimal("").error == DecimalError::Empty);
    CHECK(parse_decimal(std::string_view{}).error == DecimalError::Empty);
    for (std::string_view const text :
         {".",    "1.",    ".5",    "+1",   " 1",   "1 ",    "NaN",         "0x1",
          "inf",  "-",     "--1",   "-.5",  "1..2", "1.2.3", "1e",          "1e+",
          "1e-",  "1e1.5", "e5",    "1,5",  "1_0",  "1-",    "1e5 ",        "1e--5",
          "1.e5", "null",  "\"1\"", "12a4", "12:4", "1/2",   "\xEF\xBC\x91"}) {
        CAPTURE(text);
        CHECK(parse_decimal(text).error == DecimalError::Malformed);
        CHECK(parse_decimal(text).nanos == 0);
    }
    CHECK(parse_decimal(std::string_view("1\0", 2)).error == DecimalError::Malformed);
    CHECK(parse_decimal("12345678901234567890x").error == DecimalError::Malformed);
}

TEST_CASE("a parser result equals schoolbook arithmetic on generated digits") {
    Sequence sequence;
    for (int round = 0; round < 20'000; ++round) {
        std::string whole;
        std::string fraction;
        std::size_t const whole_size = 1 + sequence.next() % 9;
        std::size_t const fraction_size = sequence.next() % 10;
        for (std::size_t i = 0; i < whole_size; ++i) {
            whole += static_cast<char>('0' + sequence.next() % 10);
        }
        for (std::size_t i = 0; i < fraction_size; ++i) {
            fraction += static_cast<char>('0' + sequence.next() % 10);
        }
        std::int64_t const expected = nanos_by_hand(whole, fraction);
        std::string const text = fraction.empty() ? whole : whole + "." + fraction;
        CAPTURE(text);
        REQUIRE(parse_decimal(text).nanos == expected);
        REQUIRE(parse_decimal(text).ok());
        // The same number through the general path: as one integer with an exponent, padded.
        std::string const moved = whole + fraction + "e-" + std::to_string(fraction_size);
        REQUIRE(parse_decimal(moved).nanos == expected);
        REQUIRE(parse_decimal("-" + text + (fraction.empty() ? ".000" : "0000000000")).nanos ==
                -expected);
    }
}

TEST_CASE("format_decimal writes the shortest exact text") {
    CHECK(text_of(356'000) == "0.000356");
    CHECK(text_of(100'000'000'000) == "100");
    CHECK(text_of(0) == "0");
    CHECK(text_of(1) == "0.000000001");
    CHECK(text_of(-500'000'000) == "-0.5");
    CHECK(text_of(1'010'000'000) == "1.01");
    CHECK(text_of(kMax) == "9223372036.854775807");
    CHECK(text_of(kMin) == "-9223372036.854775808");
    CHECK(to_text(Price{12'500'000'000}) == "12.5");
    CHECK(to_text(Quantity{1}) == "0.000000001");
}

TEST_CASE("every value survives the round trip through text") {
    Sequence sequence;
    for (int round = 0; round < 20'000; ++round) {
        // Shifts spread the values over all magnitudes.
        auto const nanos =
            static_cast<std::int64_t>(sequence.next()) >> static_cast<int>(sequence.next() % 63);
        REQUIRE(parse_decimal(text_of(nanos)).ok());
        REQUIRE(parse_decimal(text_of(nanos)).nanos == nanos);
    }
}

TEST_CASE("price_from and quantity_from say what is wrong") {
    CHECK(price_from("0.01")->nanos == 10'000'000);
    CHECK(quantity_from("3")->nanos == 3'000'000'000);
    auto const malformed = price_from("12,5");
    REQUIRE_FALSE(malformed.has_value());
    CHECK(malformed.error().code == Errc::InvalidArgument);
    CHECK(malformed.error().message == "'12,5' is not a decimal number");
    CHECK(price_from("1\n2").error().message == "'1?2' is not a decimal number");
    CHECK(quantity_from("").error().code == Errc::InvalidArgument);
    CHECK(quantity_from("1e-10").error().code == Errc::OutOfRange);
    CHECK(price_from("1e10").error().code == Errc::OutOfRange);
    auto const huge = price_from(std::string(5'000, 'x'));
    REQUIRE_FALSE(huge.has_value());
    CHECK(huge.error().message.size() < 100);
}

TEST_CASE("each decimal error has its own words") {
    std::vector<std::string> const words{
        to_string(DecimalError::Empty), to_string(DecimalError::Malformed),
        to_string(DecimalError::TooFine), to_string(DecimalError::Overflow)};
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK(words[i] != words[j]);
    }
}

TEST_CASE("parse_uint64 takes digits up to 64 bits") {
    CHECK(parse_uint64("0") == 0U);
    CHECK(parse_uint64("007") == 7U);
    CHECK(parse_uint64("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(parse_uint64("18446744073709551616").has_value());
    CHECK_FALSE(parse_uint64("184467440737095516150").has_value());
    for (std::string_view const text : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_uint64(text).has_value());
    }
}
