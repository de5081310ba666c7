#include "connectors/protobuf_scan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using spill::protobuf::Field;
using spill::protobuf::Reader;
using spill::protobuf::Step;
using spill::protobuf::Wire;
using namespace std::string_view_literals;

namespace {

// How a message ends when all its fields are read.
Step last_step(std::string_view message) {
    Reader reader(message);
    Field field;
    Step step = reader.next(field);
    while (step == Step::Field) step = reader.next(field);
    CHECK(reader.next(field) == step);
    return step;
}

}  // namespace

TEST_CASE("every wire type is read and the next field is found behind it") {
    Reader reader(
        "\x08\xAC\x02\x11\x01\x02\x03\x04\x05\x06\x07\x08\x1A\x03zed\x25\x09\x08\x07\x06"sv);
    Field field;
    REQUIRE(reader.next(field) == Step::Field);
    CHECK((field.number == 1 && field.wire == Wire::Varint && field.varint == 300));
    REQUIRE(reader.next(field) == Step::Field);
    CHECK((field.number == 2 && field.wire == Wire::Fixed64 && field.bytes.size() == 8));
    REQUIRE(reader.next(field) == Step::Field);
    CHECK((field.number == 3 && field.wire == Wire::Bytes && field.bytes == "zed"));
    REQUIRE(reader.next(field) == Step::Field);
    CHECK((field.number == 4 && field.wire == Wire::Fixed32 && field.bytes == "\x09\x08\x07\x06"));
    CHECK(reader.next(field) == Step::End);
}

TEST_CASE("a varint holds 64 bits and not one more") {
    Field field;
    Reader full("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv);
    REQUIRE(full.next(field) == Step::Field);
    CHECK(field.varint == UINT64_MAX);
    CHECK(last_step("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"sv) == Step::Torn);
    CHECK(last_step("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv) == Step::Torn);
}

TEST_CASE("a message that ends inside a field is torn, one that ends between two is not") {
    CHECK(last_step(""sv) == Step::End);
    CHECK(last_step("\x08\x01"sv) == Step::End);
    CHECK(last_step("\x08"sv) == Step::Torn);
    CHECK(last_step("\x08\x80"sv) == Step::Torn);
    CHECK(last_step("\x1A\x04zed"sv) == Step::Torn);
    CHECK(last_step("\x11\x01\x02"sv) == Step::Torn);
    CHECK(last_step("\x25\x01\x02"sv) == Step::Torn);
}

TEST_CASE("a length beyond any frame, field zero and groups are torn") {
    CHECK(last_step("\x1A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv) == Step::Torn);
    CHECK(last_step("\x00\x01"sv) == Step::Torn);
    CHECK(last_step("\x0B"sv) == Step::Torn);
    CHECK(last_step("\x0C"sv) == Step::Torn);
    CHECK(last_step("\x0F"sv) == Step::Torn);
}
