#include "connectors/msgpack_scan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace spill;
using msgpack::Item;
using msgpack::Kind;
using msgpack::Reader;

namespace {

// Bytes from hexadecimal digits; blanks are ignored.
std::string hex(std::string_view digits) {
    std::string out;
    int high = -1;
    for (char const c : digits) {
        if (c == ' ') continue;
        int const digit = c <= '9' ? c - '0' : c - 'a' + 10;
        if (high >= 0) out += static_cast<char>(high * 16 + digit);
        high = high >= 0 ? -1 : digit;
    }
    return out;
}

Item only(std::string_view digits) {
    std::string const bytes = hex(digits);
    Reader reader(bytes);
    Item item = reader.next();
    if (!reader.at_end()) item.kind = Kind::Torn;
    item.bytes = {};
    return item;
}

}  // namespace

TEST_CASE("msgpack integers of every width are read with their sign") {
    CHECK(only("07").number == 7);
    CHECK(only("7f").number == 127);
    CHECK(only("cc ff").number == 255);
    CHECK(only("cd 0a00").number == 2560);
    CHECK(only("ce 00010000").number == 65'536);
    CHECK(only("cf ffffffffffffffff").number == UINT64_MAX);
    CHECK(only("d1 0100").is(Kind::Unsigned));
    CHECK(only("d1 0100").number == 256);
    CHECK(only("ff").is(Kind::Negative));
    CHECK(static_cast<std::int64_t>(only("d0 80").number) == -128);
    CHECK(static_cast<std::int64_t>(only("d3 fffffffffffffffe").number) == -2);
}

TEST_CASE("msgpack floats keep their bits") {
    CHECK(only("ca 3fc00000").single() == 1.5F);
    CHECK(only("cb 4010d70a3d70a3d7").real() == 4.21);
    CHECK(only("c0").is(Kind::Nil));
    CHECK(only("c3").flag);
    CHECK_FALSE(only("c2").flag);
}

TEST_CASE("msgpack texts are views of the frame, in every width") {
    for (std::string_view const head : {"a3", "d9 03", "da 0003", "db 00000003"}) {
        std::string const bytes = hex(std::string(head) + "616263");
        Reader reader(bytes);
        Item const item = reader.next();
        CHECK(item.is(Kind::Text));
        CHECK(item.bytes == "abc");
        CHECK(item.bytes.data() == bytes.data() + bytes.size() - 3);
        CHECK(reader.at_end());
    }
}

TEST_CASE("the three forms of a msgpack time give the same nanoseconds") {
    CHECK(only("d6 ff 60e309d0").at.ns == 1'625'491'920'000'000'000);
    CHECK(only("d7 ff 00000048 6040f9c1").at.ns == 1'614'870'977'000'000'018);
    CHECK(only("c7 0c ff 00000012 000000006040f9c1").at.ns == 1'614'870'977'000'000'018);
    CHECK(only("c7 0c ff 00000000 ffffffffffffffff").at.ns == -1'000'000'000);
}

TEST_CASE("a msgpack time that is none tears the frame") {
    CHECK(only("d7 ff ee6b2800 6040f9c1").is(Kind::Torn));             // 1e9 nanoseconds
    CHECK(only("c7 0c ff 00000000 7fffffffffffffff").is(Kind::Torn));  // beyond our range
    CHECK(only("c7 0c ff 00000000 8000000000000000").is(Kind::Torn));
    CHECK(only("c7 05 ff 0000000000").is(Kind::Torn));  // a length that does not exist
    CHECK(only("d6 01 00000000").is(Kind::Other));
}

TEST_CASE("skipping a msgpack item passes over all that belongs to it") {
    std::string const bytes = hex("82 a1 61 92 01 91 c0 a1 62 81 02 03 2a");
    Reader reader(bytes);
    Item const map = reader.next();
    CHECK(map.is(Kind::Map));
    CHECK(map.children == 4);
    CHECK(reader.skip(map));
    CHECK(reader.next().number == 42);
    CHECK(reader.at_end());
}

TEST_CASE("a msgpack container never claims more than the frame holds") {
    CHECK(only("dd ffffffff").is(Kind::Torn));
    CHECK(only("df ffffffff 00").is(Kind::Torn));
    CHECK(only("92 01").is(Kind::Torn));
    // Nested containers that each claim all the rest.
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += '\x91';
    deep += '\xc0';
    Reader reader(deep);
    Item const item = reader.next();
    CHECK(reader.skip(item));
    CHECK(reader.at_end());
    deep.back() = '\x91';
    Reader torn(deep);
    CHECK_FALSE(torn.skip(torn.next()));
    CHECK(torn.next().is(Kind::Torn));
}

TEST_CASE("msgpack that is cut anywhere is torn, and stays torn") {
    std::string const whole = hex("82 a1 70 cb 4010d70a3d70a3d7 a1 74 d7 ff 00000048 6040f9c1");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::string const part = whole.substr(0, size);
        Reader reader(part);
        Item const map = reader.next();
        CHECK_FALSE((map.is(Kind::Map) && reader.skip(map)));
        CHECK(reader.next().is(Kind::Torn));
        CHECK_FALSE(reader.at_end());
    }
    CHECK(only("c1").is(Kind::Torn));
}
