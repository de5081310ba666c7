#include "daemon/gateway/ws_frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;
using namespace std::string_literals;

namespace {

constexpr std::size_t kLimit = 65536;

// The bytes of one client frame, written without any of the code under test. `first` is the whole
// first byte; `length_bytes` picks the form of the length (0 = the short one).
struct Frame {
    unsigned first = 0x81;
    std::string payload;
    int length_bytes = 0;
    bool masked = true;
};

std::string bytes_of(const Frame& frame) {
    std::string out(1, static_cast<char>(frame.first));
    unsigned const mask_bit = frame.masked ? 0x80U : 0U;
    std::size_t const n = frame.payload.size();
    std::size_t const marker = frame.length_bytes == 8 ? 127 : frame.length_bytes == 2 ? 126 : n;
    out += static_cast<char>(mask_bit | marker);
    for (int i = frame.length_bytes - 1; i >= 0; --i) out += static_cast<char>(n >> (8 * i) & 255U);
    if (!frame.masked) return out + frame.payload;
    std::string const mask = "\x37\xfa\x21\x3d";
    out += mask;
    for (std::size_t i = 0; i < n; ++i) out += static_cast<char>(frame.payload[i] ^ mask[i % 4]);
    return out;
}

// What a reader says to `bytes`, given in pieces of `step`: one word per event.
std::string events_of(const std::string& bytes, std::size_t step, std::size_t limit = kLimit) {
    FrameReader reader(limit);
    std::string seen;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
        reader.append(std::string_view(bytes).substr(i, step));
        for (;;) {
            InboundFrame const frame = reader.next();
            if (frame.event == FrameEvent::NeedMore) break;
            std::string const code = std::to_string(frame.code);
            std::string const size = std::to_string(frame.payload.size());
            switch (frame.event) {
                case FrameEvent::NeedMore: break;
                case FrameEvent::Text: seen += "text:" + size + " "; break;
                case FrameEvent::Ping: seen += "ping:" + size + " "; break;
                case FrameEvent::Pong: seen += "pong:" + size + " "; break;
                case FrameEvent::Close: seen += "close:" + code + ":" + size + " "; break;
                case FrameEvent::Fail: return seen + "fail:" + code;
            }
        }
    }
    return seen.empty() ? seen : seen.substr(0, seen.size() - 1);
}

std::string close_payload(unsigned code, const std::string& reason = {}) {
    return std::string{static_cast<char>(code >> 8U), static_cast<char>(code & 255U)} + reason;
}

std::string text(unsigned first, const std::string& payload) {
    return bytes_of({.first = first, .payload = payload});
}

struct Case {
    const char* name;
    std::string bytes;
    const char* expected;
};

std::string text_of(std::size_t size, int length_bytes) {
    return bytes_of(
        {.first = 0x81, .payload = std::string(size, 'a'), .length_bytes = length_bytes});
}

std::vector<Case> plain_cases() {
    std::string const half_length = "\x81\xff\x80\0\0\0\0\0\0\0abcd"s;
    return {
        {"an empty text", text(0x81, ""), "text:0"},
        {"a short text", text(0x81, "Hello"), "text:5"},
        {"125 bytes in the short form", text_of(125, 0), "text:125"},
        {"126 bytes in the two-byte form", text_of(126, 2), "text:126"},
        {"127 bytes", text_of(127, 2), "text:127"},
        {"65535 bytes in the two-byte form", text_of(65535, 2), "text:65535"},
        {"65536 bytes in the eight-byte form", text_of(65536, 8), "text:65536"},
        {"one byte beyond the limit", text_of(65537, 8), "fail:1009"},
        {"the header alone of a frame beyond the limit", "\x81\xff\0\0\0\0\x7f\0\0\0"s,
         "fail:1009"},
        {"two-byte form of 125", text_of(125, 2), "fail:1002"},
        {"two-byte form of 0", text_of(0, 2), "fail:1002"},
        {"eight-byte form of 65535", text_of(65535, 8), "fail:1002"},
        {"eight-byte form of 5", text_of(5, 8), "fail:1002"},
        {"top bit of a 64-bit length", half_length, "fail:1002"},
        {"an unmasked text", bytes_of({.payload = "hi", .masked = false}), "fail:1002"},
        {"an unmasked ping", bytes_of({.first = 0x89, .payload = "", .masked = false}),
         "fail:1002"},
        {"reserved bit 1", text(0xC1, "x"), "fail:1002"},
        {"reserved bit 2", text(0xA1, "x"), "fail:1002"},
        {"reserved bit 3", text(0x91, "x"), "fail:1002"},
        {"reserved bit on a ping", text(0xC9, ""), "fail:1002"},
        {"opcode 3", text(0x83, "x"), "fail:1002"},
        {"opcode 7", text(0x87, "x"), "fail:1002"},
        {"opcode 11", text(0x8B, ""), "fail:1002"},
        {"opcode 15", text(0x8F, ""), "fail:1002"},
        {"a binary message", text(0x82, "x"), "fail:1003"},
        {"two texts in one read", text(0x81, "a") + text(0x81, "bc"), "text:1 text:2"},
        {"an incomplete header", "\x81"s, ""},
        {"an incomplete mask", "\x81\x85\x01\x02"s, ""},
        {"an incomplete payload", text(0x81, "Hello").substr(0, 9), ""},
    };
}

std::vector<Case> fragment_cases() {
    std::string const start = text(0x01, "ab");
    return {
        {"two fragments", start + text(0x80, "cd"), "text:4"},
        {"three fragments", start + text(0x00, "cd") + text(0x80, "e"), "text:5"},
        {"empty fragments", text(0x01, "") + text(0x00, "") + text(0x80, ""), "text:0"},
        {"a ping between fragments", start + text(0x89, "p") + text(0x80, "cd"), "ping:1 text:4"},
        {"a pong between fragments", start + text(0x8A, "") + text(0x80, "c"), "pong:0 text:3"},
        {"a close between fragments", start + text(0x88, ""), "close:1005:0"},
        {"a continuation of nothing", text(0x80, "x"), "fail:1002"},
        {"an unfinished continuation of nothing", text(0x00, "x"), "fail:1002"},
        {"a continuation after a whole text", text(0x81, "x") + text(0x80, "y"),
         "text:1 fail:1002"},
        {"a new text inside a message", start + text(0x81, "x"), "fail:1002"},
        {"a new fragmented text inside a message", start + text(0x01, "x"), "fail:1002"},
        {"fragments beyond the limit together",
         bytes_of({.first = 0x01, .payload = std::string(40000, 'a'), .length_bytes = 2}) +
             bytes_of({.first = 0x80, .payload = std::string(40000, 'a'), .length_bytes = 2}),
         "fail:1009"},
        {"a character split between fragments", text(0x01, "\xE2\x82") + text(0x80, "\xAC"),
         "text:3"},
        {"a broken character split between fragments", text(0x01, "\xE2\x82") + text(0x80, "\x41"),
         "fail:1007"},
        {"a character that never ends", text(0x01, "a") + text(0x80, "\xF0\x9F\x98"), "fail:1007"},
        {"a ping in fragments", text(0x09, "x"), "fail:1002"},
        {"a close in fragments", text(0x08, ""), "fail:1002"},
    };
}

std::vector<Case> control_cases() {
    std::string const long_ping =
        bytes_of({.first = 0x89, .payload = std::string(126, 'p'), .length_bytes = 2});
    return {
        {"an empty ping", text(0x89, ""), "ping:0"},
        {"a ping of 125 bytes", text(0x89, std::string(125, 'p')), "ping:125"},
        {"a ping of 126 bytes", long_ping, "fail:1002"},
        {"an unasked pong", text(0x8A, "abc"), "pong:3"},
        {"a ping that is not text", text(0x89, "\xff\xfe"), "ping:2"},
        {"a close without a code", text(0x88, ""), "close:1005:0"},
        {"a close of one byte", text(0x88, "x"), "fail:1002"},
        {"a close with a reason", text(0x88, close_payload(1000, "bye")), "close:1000:3"},
        {"the longest reason", text(0x88, close_payload(1000, std::string(123, 'r'))),
         "close:1000:123"},
        {"a reason of 124 bytes",
         bytes_of({.first = 0x88,
                   .payload = close_payload(1000, std::string(124, 'r')),
                   .length_bytes = 2}),
         "fail:1002"},
        {"a reason that is not UTF-8", text(0x88, close_payload(1000, "\xC3")), "fail:1007"},
        {"a text that is not UTF-8", text(0x81, "\xff"), "fail:1007"},
        {"an overlong slash", text(0x81, "\xC0\xAF"), "fail:1007"},
        {"a surrogate", text(0x81, "\xED\xA0\x80"), "fail:1007"},
        {"beyond the last character", text(0x81, "\xF4\x90\x80\x80"), "fail:1007"},
        {"the last character", text(0x81, "\xF4\x8F\xBF\xBF"), "text:4"},
    };
}

void check_table(const std::vector<Case>& table) {
    for (const Case& row : table) {
        CAPTURE(row.name);
        CHECK(events_of(row.bytes, row.bytes.size()) == row.expected);
        if (row.bytes.size() > 4096) continue;
        CHECK(events_of(row.bytes, 1) == row.expected);
        CHECK(events_of(row.bytes, 3) == row.expected);
    }
}

}  // namespace

TEST_CASE("whole frames are read or refused as RFC 6455 says, however they are cut") {
    check_table(plain_cases());
}

TEST_CASE("fragments make one message or the end of the connection") {
    check_table(fragment_cases());
}

TEST_CASE("control frames are short, whole and meaningful") { check_table(control_cases()); }

TEST_CASE("only close codes that may travel are accepted") {
    for (unsigned const code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                1012U, 1013U, 1014U, 3000U, 3999U, 4000U, 4408U, 4999U}) {
        CAPTURE(code);
        std::string const bytes = text(0x88, close_payload(code));
        CHECK(events_of(bytes, bytes.size()) == "close:" + std::to_string(code) + ":0");
    }
    for (unsigned const code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
        CAPTURE(code);
        std::string const bytes = text(0x88, close_payload(code));
        CHECK(events_of(bytes, bytes.size()) == "fail:1002");
    }
}

TEST_CASE("a message of a great many empty fragments is refused") {
    std::string bytes = text(0x01, "");
    for (int i = 0; i < FrameReader::kMaxFragments; ++i) bytes += text(0x00, "");
    CHECK(events_of(bytes, bytes.size()) == "fail:1009");
}

TEST_CASE("a reader that failed stays failed") {
    FrameReader reader(kLimit);
    reader.append(text(0x83, "x"));
    CHECK(reader.next().event == FrameEvent::Fail);
    reader.append(text(0x81, "fine"));
    InboundFrame const frame = reader.next();
    CHECK(frame.event == FrameEvent::Fail);
    CHECK(frame.code == 1002);
}

TEST_CASE("the payload is unmasked and whole") {
    FrameReader reader(kLimit);
    reader.append(text(0x01, "He") + text(0x80, "llo") + text(0x81, "world"));
    CHECK(reader.next().payload == "Hello");
    CHECK(reader.next().payload == "world");
    CHECK(reader.next().event == FrameEvent::NeedMore);
}

TEST_CASE("what we write is unmasked, final and in the shortest form") {
    CHECK(make_frame(Opcode::Text, "Hi") == "\x81\x02Hi");
    CHECK(make_frame(Opcode::Pong, "") == "\x8A\0"s);
    std::string const medium = make_frame(Opcode::Text, std::string(126, 'a'));
    CHECK(medium.substr(0, 4) == "\x81\x7e\0\x7e"s);
    CHECK(medium.size() == 4 + 126);
    CHECK(make_frame(Opcode::Text, std::string(65535, 'a')).substr(0, 4) == "\x81\x7e\xff\xff");
    std::string const large = make_frame(Opcode::Text, std::string(65536, 'a'));
    CHECK(large.substr(0, 10) == "\x81\x7f\0\0\0\0\0\x01\0\0"s);
    CHECK(make_close_frame(4408, "slow") == "\x88\x06\x11\x38slow");
    CHECK(make_close_frame(1005, "ignored") == "\x88\0"s);
    CHECK(make_close_frame(1000, std::string(200, 'r')).size() == 2 + 125);
}
