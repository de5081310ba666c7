#include "core/archive.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "tests/support/alloc_count.hpp"

using namespace spill;

namespace {

enum class Colour : std::uint8_t { Red, Green };

struct Inner {
    std::int16_t small = 0;
    bool yes = false;

    template <class A>
    void archive(A& a) {
        a(small, yes);
    }
};

// One field of every kind.
struct Sample {
    std::uint8_t byte = 0;
    std::int64_t wide = 0;
    double real = 0.0;
    float half = 0.0F;
    bool flag = false;
    Colour colour = Colour::Red;
    Price price;
    Notional notional;
    InstrumentId instrument;
    FeedId feed;
    std::optional<double> maybe;
    std::optional<Inner> inner;
    std::array<Inner, 2> inners{};
    std::array<std::uint16_t, 3> numbers{};
    std::vector<double> list = std::vector<double>(2);
    std::size_t index = 0;

    static constexpr std::size_t kLast = 7;
    static constexpr std::size_t kBytes =
        1 + 8 + 8 + 4 + 1 + 1 + 8 + 16 + 4 + 2 + (1 + 8) + (1 + 3) + 6 + 6 + (4 + 16) + 8;

    template <class A>
    void archive(A& a) {
        a(byte, wide, real, half, flag, colour, price, notional, instrument, feed, maybe, inner);
        a(inners, numbers, list);
        a.bounded(index, kLast);
    }
};

Sample example() {
    Sample s;
    s.byte = 0xAB;
    s.wide = -2;
    s.real = -0.0;
    s.half = 1.5F;
    s.flag = true;
    s.colour = Colour::Green;
    s.price = Price{1'234'567'890'123};
    s.notional = notional(Price{std::numeric_limits<std::int64_t>::max()}, Quantity{-7});
    s.instrument = InstrumentId{3};
    s.feed = FeedId{9};
    s.maybe = std::numeric_limits<double>::quiet_NaN();
    s.inners[1] = Inner{-5, true};
    s.numbers = {1, 2, 0xFFFF};
    s.list = {0.1, 1e300};
    s.index = 7;
    return s;
}

std::vector<std::byte> written(Sample s) {
    std::vector<std::byte> out;
    ArchiveWriter{out}(s);
    return out;
}

}  // namespace

TEST_CASE("what is written reads back, bit for bit") {
    auto const bytes = written(example());
    CHECK(bytes.size() == Sample::kBytes);
    Sample back;
    ArchiveReader reader(bytes, ArchiveReader::Mode::Apply);
    reader(back);
    CHECK(reader.complete());
    CHECK(back.byte == 0xAB);
    CHECK(back.wide == -2);
    CHECK(std::signbit(back.real));
    CHECK(back.half == 1.5F);
    CHECK(back.flag);
    CHECK(back.colour == Colour::Green);
    CHECK(back.price == example().price);
    CHECK((back.notional.attos == example().notional.attos));
    CHECK(back.instrument.value == 3);
    CHECK(back.feed.value == 9);
    REQUIRE(back.maybe.has_value());
    CHECK(*back.maybe != *back.maybe);
    CHECK_FALSE(back.inner.has_value());
    CHECK(back.inners[1].small == -5);
    CHECK(back.numbers == example().numbers);
    CHECK(back.list == example().list);
    CHECK(back.index == 7);
    CHECK(written(back) == bytes);
}

TEST_CASE("numbers are little-endian") {
    std::vector<std::byte> out;
    std::uint32_t number = 0x0102'0304;
    double one = 1.0;
    ArchiveWriter{out}(number, one);
    REQUIRE(out.size() == 12);
    CHECK(out[0] == std::byte{4});
    CHECK(out[3] == std::byte{1});
    CHECK(out[11] == std::byte{0x3F});
}

TEST_CASE("the length does not depend on the values") {
    Sample full = example();
    full.inner = Inner{1, true};
    CHECK(written(Sample{}).size() == written(full).size());
}

TEST_CASE("a present value is taken away when none was written") {
    auto const bytes = written(Sample{});
    Sample back = example();
    ArchiveReader{bytes, ArchiveReader::Mode::Apply}(back);
    CHECK_FALSE(back.maybe.has_value());
    CHECK(written(back) == bytes);
}

TEST_CASE("a check walks as far and changes nothing") {
    auto const bytes = written(example());
    Sample back;
    ArchiveReader reader(bytes, ArchiveReader::Mode::Check);
    reader(back);
    CHECK(reader.complete());
    CHECK(written(back) == written(Sample{}));
}

TEST_CASE("too few bytes are refused and nothing is read beyond them") {
    auto const bytes = written(example());
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        std::vector<std::byte> const cut(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(n));
        Sample back;
        ArchiveReader reader(cut, ArchiveReader::Mode::Check);
        reader(back);
        CAPTURE(n);
        CHECK(reader.failed());
    }
}

TEST_CASE("bytes that are left over are not complete") {
    auto bytes = written(example());
    bytes.push_back(std::byte{0});
    Sample back;
    ArchiveReader reader(bytes, ArchiveReader::Mode::Apply);
    reader(back);
    CHECK_FALSE(reader.failed());
    CHECK_FALSE(reader.complete());
}

TEST_CASE("an index outside of its bounds is refused") {
    Sample wrong = example();
    wrong.index = Sample::kLast + 1;
    auto const bytes = written(wrong);
    Sample back;
    ArchiveReader reader(bytes, ArchiveReader::Mode::Apply);
    reader(back);
    CHECK(reader.failed());
    CHECK(back.index == 0);

    std::vector<std::byte> out;
    int negative = -1;
    ArchiveWriter{out}(negative);
    int value = 5;
    ArchiveReader second(out, ArchiveReader::Mode::Apply);
    second.bounded(value, 10);
    CHECK(second.failed());
    CHECK(value == 5);
}

TEST_CASE("a flag is zero or one and a vector has its configured size") {
    std::vector<std::byte> const two{std::byte{2}};
    bool flag = false;
    ArchiveReader first(two, ArchiveReader::Mode::Apply);
    first(flag);
    CHECK(first.failed());

    Sample longer = example();
    longer.list.push_back(3.0);
    auto const bytes = written(longer);
    Sample back;
    ArchiveReader second(bytes, ArchiveReader::Mode::Apply);
    second(back);
    CHECK(second.failed());
    CHECK(back.list.size() == 2);
}

TEST_CASE("writing allocates for the bytes only and reading not at all") {
    if (!test::AllocCounter::active()) return;
    Sample sample = example();
    std::vector<std::byte> out;
    out.reserve(Sample::kBytes);
    test::AllocCounter counter;
    ArchiveWriter{out}(sample);
    ArchiveReader{out, ArchiveReader::Mode::Apply}(sample);
    CHECK(counter.count() == 0);
}

TEST_CASE("the hash is FNV-1a") {
    auto const hash_of = [](std::string_view text) {
        Fnv64 hash;
        hash.add(std::as_bytes(std::span<const char>(text.data(), text.size())));
        return hash.value();
    };
    // Test vectors of the algorithm's authors.
    CHECK(hash_of("") == 0xCBF2'9CE4'8422'2325);
    CHECK(hash_of("a") == 0xAF63'DC4C'8601'EC8C);
    CHECK(hash_of("foobar") == 0x8594'4171'F739'67E8);
    Fnv64 one, other;
    one.add(std::string_view("ab"));
    one.add(std::string_view("c"));
    other.add(std::string_view("a"));
    other.add(std::string_view("bc"));
    CHECK(one.value() != other.value());
}
