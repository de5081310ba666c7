#include "daemon/gateway/subscriber.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/support/ws_client.hpp"

using namespace spill;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

constexpr Subscriber::TimePoint kStart{1000s};

// A subscriber whose other end is a blocking client; nothing runs the event loop.
struct Pair {
    explicit Pair(std::size_t log_entries = 512, std::size_t log_bytes = 1U << 20U)
        : log(log_entries, log_bytes),
          acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          client(acceptor.local_endpoint().port(), 4096),
          subscriber(acceptor.accept(), log, config) {
        subscriber.socket.non_blocking(true);
        subscriber.socket.set_option(boost::asio::socket_base::send_buffer_size(8192));
    }

    void add(std::uint64_t offset, SignalType type, const std::string& key, std::size_t size = 100,
             Subscriber::TimePoint at = kStart) {
        SignalLog::Entry entry;
        entry.offset = offset;
        entry.type = type;
        entry.key = FixedText<56>(key);
        entry.at = at;
        log.append(entry, "\x81", content(offset, size));
    }
    static std::string content(std::uint64_t offset, std::size_t size) {
        std::string text = std::to_string(offset) + ":";
        while (text.size() < size) text += static_cast<char>('a' + (offset + text.size()) % 26);
        return text;
    }
    Subscriber::Sent send(Subscriber::TimePoint now = kStart) {
        subscriber.scan();
        return subscriber.send(now, stats);
    }
    void subscribe(TypeMask types) {
        SubscriberRequest request;
        request.types = types;
        REQUIRE(subscriber.subscribe(request));
    }
    // Fills the kernel's buffers. Returns the number of signals added.
    std::uint64_t block(std::size_t size) {
        for (std::uint64_t i = 1; i < 10'000; ++i) {
            add(i, SignalType::Breakout, "MU", size);
            if (send() == Subscriber::Sent::Blocked) return i;
        }
        FAIL("the kernel never refused");
        return 0;
    }

    GatewayConfig config;
    GatewayStats stats;
    SignalLog log;
    boost::asio::io_context io;
    tcp::acceptor acceptor;
    test::TcpClient client;
    Subscriber subscriber;
};

}  // namespace

TEST_CASE("a rate allows a burst and then so many a second") {
    RateLimit rate(20);
    int taken = 0;
    for (int i = 0; i < 100; ++i) taken += rate.take(kStart);
    CHECK(taken == 20);
    for (int i = 0; i < 100; ++i) taken += rate.take(kStart + 500ms);
    CHECK(taken == 30);
    for (int i = 0; i < 100; ++i) taken += rate.take(kStart + 1h);
    CHECK(taken == 50);
}

TEST_CASE("only what is wanted is sent, in order, behind what was queued") {
    Pair pair;
    pair.add(1, SignalType::Breakout, "MU");
    pair.subscribe(type_bit(SignalType::Breakout));
    pair.add(2, SignalType::Volume, "TAO");
    pair.add(3, SignalType::Breakout, "MU");
    pair.add(4, SignalType::Breakout, "NVDA");
    pair.add(5, SignalType::Volume, "TAO");
    pair.subscriber.queue("first");
    CHECK(pair.send() == Subscriber::Sent::All);
    CHECK(pair.subscriber.caught_up());
    CHECK(pair.subscriber.last_offset == 4);
    CHECK(pair.stats.frames_sent == 2);
    CHECK(pair.stats.sends == 1);
    pair.subscriber.kill();
    CHECK(pair.client.read_all() ==
          "first\x81" + Pair::content(3, 100) + "\x81" + Pair::content(4, 100));
}

TEST_CASE("a frame that the kernel took in part is completed, whatever happens to the log") {
    Pair pair(64, 1U << 16U);
    pair.subscribe(kAllTypes);
    std::uint64_t const added = pair.block(3001);
    std::string expected;
    for (std::uint64_t i = 1; i <= pair.subscriber.last_offset; ++i) {
        expected += "\x81" + Pair::content(i, 3001);
    }
    // The log forgets everything that was there.
    for (std::uint64_t i = 0; i < 80; ++i) pair.add(added + 1 + i, SignalType::Breakout, "X", 1000);
    pair.subscriber.scan();
    CHECK(pair.subscriber.overrun());
    std::string got;
    while (got.size() < expected.size()) {
        std::string const more =
            pair.client.read(std::min<std::size_t>(4096, expected.size() - got.size()));
        REQUIRE_FALSE(more.empty());
        got += more;
        CHECK(pair.send() != Subscriber::Sent::Broken);
    }
    CHECK(got == expected);
}

TEST_CASE("a subscriber is slow by number, by bytes or by age, and not before") {
    Pair pair;
    pair.config.outbox_messages = 10;
    pair.config.outbox_bytes = 20'000;
    pair.config.outbox_age = 2s;
    pair.subscribe(type_bit(SignalType::Breakout));
    std::uint64_t next = pair.block(500) + 1;
    CHECK_FALSE(pair.subscriber.too_slow(kStart + 2s));
    SUBCASE("age of what the kernel refused") { CHECK(pair.subscriber.too_slow(kStart + 2001ms)); }
    SUBCASE("what is not wanted does not count") {
        for (int i = 0; i < 100; ++i) pair.add(next++, SignalType::Volume, "TAO");
        pair.subscriber.scan();
        CHECK_FALSE(pair.subscriber.too_slow(kStart));
    }
    SUBCASE("number") {
        for (int i = 0; i < 9; ++i) pair.add(next++, SignalType::Breakout, "MU", 10);
        pair.subscriber.scan();
        CHECK_FALSE(pair.subscriber.too_slow(kStart));
        for (int i = 0; i < 2; ++i) pair.add(next++, SignalType::Breakout, "MU", 10);
        pair.subscriber.scan();
        CHECK(pair.subscriber.too_slow(kStart));
    }
    SUBCASE("bytes") {
        for (int i = 0; i < 3; ++i) pair.add(next++, SignalType::Breakout, "MU", 9000);
        pair.subscriber.scan();
        CHECK(pair.subscriber.too_slow(kStart));
    }
}

TEST_CASE("a close frame stands behind the split frame and before nothing") {
    Pair pair;
    pair.subscribe(kAllTypes);
    std::uint64_t const added = pair.block(2000);
    for (std::uint64_t i = 1; i <= 20; ++i) pair.add(added + i, SignalType::Breakout, "MU", 2000);
    std::uint64_t const last = pair.subscriber.last_offset;
    pair.subscriber.make_room();
    pair.subscriber.queue_close(4408, "slow", kStart + 1s);
    pair.subscriber.queue("never sent");
    CHECK(pair.send() == Subscriber::Sent::All);
    pair.subscriber.half_close();
    std::string const got = pair.client.read_all();
    CHECK(got.ends_with("\x81" + Pair::content(last, 2000) + "\x88\x06\x11\x38slow"));
    CHECK(pair.subscriber.phase == Subscriber::Phase::Closing);
}

TEST_CASE("a broken connection is noticed by sending") {
    Pair pair;
    pair.subscribe(kAllTypes);
    pair.client.close();
    Subscriber::Sent sent = Subscriber::Sent::All;
    for (std::uint64_t i = 1; i < 100 && sent != Subscriber::Sent::Broken; ++i) {
        pair.add(i, SignalType::Breakout, "MU");
        sent = pair.send();
    }
    CHECK(sent == Subscriber::Sent::Broken);
}
