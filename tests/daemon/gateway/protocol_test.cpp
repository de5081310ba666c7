#include "daemon/gateway/protocol.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/gateway/json_writer.hpp"
#include "tests/support/alloc_count.hpp"

using namespace spill;

namespace {

Registry two_venues() {
    Registry registry;
    auto const bybit = registry.add_venue("bybit-linear", false);
    auto const kraken = registry.add_venue("kraken", true);
    Instrument row;
    row.name = "MU.P";
    auto const id = registry.add_instrument(row);
    Feed feed;
    feed.instrument = *id;
    feed.venue = *bybit;
    feed.symbol = "MUUSDT";
    REQUIRE(registry.add_feed(feed).has_value());
    feed.venue = *kraken;
    REQUIRE(registry.add_feed(feed).has_value());
    return registry;
}

Signal breakout() {
    Signal signal;
    signal.offset = 7;
    signal.episode = 3;
    signal.type = SignalType::Breakout;
    signal.coverage = Coverage::Derivative;
    signal.state = "confirmed";
    signal.prev = "triggered";
    signal.key = FixedText<56>("MU|PD|up");
    signal.session = FixedText<20>("XNYS:2026-05-26");
    signal.ts_event = UnixNanos{1'780'000'000'000'000'001};
    signal.ts_recv = UnixNanos{1'780'000'000'000'500'000};
    signal.ts_signal = UnixNanos{1'780'000'000'000'500'000};
    signal.cause_seq = 99;
    return signal;
}

std::string encode(const Signal& signal, std::size_t room = kMaxSignalBytes) {
    Registry const registry = two_venues();
    std::vector<char> buffer(room);
    std::size_t const size = encode_signal(signal, registry, "0a1b2c3d", buffer);
    return std::string(buffer.data(), size);
}

std::string number(double value) {
    char text[64];
    return std::string(JsonWriter(text).number(value).view());
}

}  // namespace

TEST_CASE("a signal is one JSON object with its fields in the documented order") {
    Signal signal = breakout();
    signal.evidence.add("level", 104.25);
    signal.evidence.add_int("bars", 3);
    signal.evidence.add_bool("held", true);
    signal.evidence.add_text("kind", "PD");
    signal.evidence.add_null("atr");
    CHECK(encode(signal) ==
          R"({"v":1,"offset":7,"type":"breakout","key":"MU|PD|up","state":"confirmed",)"
          R"("prev":"triggered","episode":3,"session":"XNYS:2026-05-26","coverage":"derivative",)"
          R"("provisional":false,"degraded":false,"from_bars":false,)"
          R"("ts_event":1780000000000000001,"ts_recv":1780000000000500000,)"
          R"("ts_signal":1780000000000500000,)"
          R"("cause":{"ingest_seq":99,"ts_event":1780000000000000001},)"
          R"("ev":{"level":104.250000,"bars":3,"held":true,"kind":"PD","atr":null},)"
          R"("cfg":"0a1b2c3d"})");
}

TEST_CASE("values per feed become one object keyed by venue") {
    Signal signal = breakout();
    signal.evidence.add("rvol60", 1.5, FeedId{0});
    signal.evidence.add("rvol60", 2.5, FeedId{1});
    signal.evidence.add("share", 0.5, FeedId{1});
    signal.evidence.add("rvol60", 2.0);
    CHECK(encode(signal).find(R"("ev":{"rvol60":{"bybit-linear":1.500000,"kraken":2.500000},)"
                              R"("share":{"kraken":0.500000},"rvol60":2.000000})") !=
          std::string::npos);
}

TEST_CASE("numbers have six decimals whatever they are") {
    CHECK(number(0.0) == "0.000000");
    CHECK(number(-0.0) == "0.000000");
    CHECK(number(-0.0000004) == "0.000000");
    CHECK(number(-0.0000006) == "-0.000001");
    CHECK(number(2.0 / 3.0) == "0.666667");
    CHECK(number(-1234567.0000006) == "-1234567.000001");
    CHECK(number(9007199254740993.0) == "9007199254740992.000000");
    CHECK(number(1e300) == "1.000000e+300");
    CHECK(number(std::nan("")) == "null");
    CHECK(number(std::numeric_limits<double>::infinity()) == "null");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
}

TEST_CASE("text is escaped and stays one line") {
    char buffer[128];
    CHECK(JsonWriter(buffer).string("a\"b\\c\n\r\t\x01/\xC3\xA4").view() ==
          "\"a\\\"b\\\\c\\n\\r\\t\\u0001/\xC3\xA4\"");
    Signal signal = breakout();
    signal.key = FixedText<56>("M\"U\n");
    std::string const text = encode(signal);
    CHECK(text.find("\"key\":\"M\\\"U\\n\"") != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("the fullest signal fits, and one that does not is refused whole") {
    Signal signal = breakout();
    for (std::size_t i = 0; i < kMaxEvidence; ++i) {
        signal.evidence.add("a_name_as_long_as_any_of_ours_is", -1e20, FeedId{1});
        ++i;
        signal.evidence.add("another_name_as_long_as_any_of_ours", 1e300);
    }
    std::string const text = encode(signal);
    CHECK(text.size() > 2000);
    for (std::size_t room : {text.size() - 1, std::size_t{100}, std::size_t{0}}) {
        CHECK(encode(signal, room).empty());
    }
    CHECK(encode(signal, text.size()) == text);
}

TEST_CASE("encoding allocates nothing") {
    if (!test::AllocCounter::active()) return;
    Registry const registry = two_venues();
    Signal signal = breakout();
    signal.evidence.add("rvol60", 1e17 / 3.0, FeedId{0});
    std::vector<char> body(kMaxSignalBytes);
    std::vector<char> frame(kMaxSignalBytes + kMaxEnvelopeBytes);
    test::AllocCounter const counter;
    std::size_t const size = encode_signal(signal, registry, "0a1b2c3d", body);
    std::size_t const whole =
        encode_envelope(std::string_view(body.data(), size), "e", UnixNanos{1}, frame);
    CHECK(counter.count() == 0);
    CHECK(whole > size);
}

TEST_CASE("the envelope adds epoch and sending time and changes nothing else") {
    std::string const body = encode(breakout());
    std::vector<char> out(kMaxSignalBytes + kMaxEnvelopeBytes);
    std::size_t const size = encode_envelope(body, "k3-1", UnixNanos{42}, out);
    CHECK(std::string(out.data(), size) == R"({"epoch":"k3-1","ts_sent":42,)" + body.substr(1));
    CHECK(encode_envelope("", "k3-1", UnixNanos{42}, out) == 0);
    CHECK(encode_envelope(body, "k3-1", UnixNanos{42}, std::span<char>(out).first(50)) == 0);
    std::string const longest(kMaxEpochBytes, 'e');
    std::string const full = "{" + std::string(kMaxSignalBytes - 2, 'x') + "}";
    CHECK(encode_envelope(full, longest, UnixNanos{std::numeric_limits<std::int64_t>::min()},
                          out) != 0);
}

TEST_CASE("what we say besides signals is as documented") {
    CHECK(make_hello(HelloFacts{.version = "1.2.3",
                                .epoch = "e1",
                                .offset = 5,
                                .oldest = 3,
                                .cfg = "0a1b2c3d",
                                .outbox_messages = 256,
                                .outbox_bytes = 1048576,
                                .outbox_age_ms = 2000,
                                .heartbeat_ms = 5000,
                                .messages_per_second = 20}) ==
          R"({"type":"hello","protocol":"spillover.v1","version":"1.2.3","epoch":"e1","offset":5,)"
          R"("oldest":3,)"
          R"("cfg":"0a1b2c3d","limits":{"message_bytes":65536,"messages_per_second":20,)"
          R"("keys":64,"outbox_messages":256,"outbox_bytes":1048576,"outbox_age_ms":2000,)"
          R"("heartbeat_ms":5000}})");
    SubscriberRequest request;
    request.id = 4;
    request.types = type_bit(SignalType::Breakout) | type_bit(SignalType::Health);
    request.keys = {"MU", "a\"b"};
    CHECK(make_ack(request, 9) ==
          R"({"type":"ack","id":4,"op":"subscribe","types":["breakout","health"],)"
          R"("keys":["MU","a\"b"],"offset":9})");
    CHECK(make_ack(SubscriberRequest{}, 0) ==
          R"({"type":"ack","op":"subscribe","types":["breakout","participation","volume",)"
          R"("rotation","unwind","health"],"offset":0})");
    CHECK(make_reject(Rejection{.id = 2,
                                .code = "unknown_type",
                                .message = "type is not known: break",
                                .nearest = "breakout"}) ==
          R"({"type":"reject","id":2,"code":"unknown_type",)"
          R"("message":"type is not known: break","nearest":"breakout"})");
    CHECK(make_heartbeat(12, UnixNanos{34}) == R"({"type":"heartbeat","offset":12,"ts":34})");
}

TEST_CASE("the longest keys fit into their ack") {
    SubscriberRequest request;
    request.keys.assign(kMaxKeys, std::string(kMaxKeyBytes, '\x01'));
    std::string const ack = make_ack(request, std::numeric_limits<std::uint64_t>::max());
    CHECK(ack.ends_with(",\"offset\":18446744073709551615}"));
}
