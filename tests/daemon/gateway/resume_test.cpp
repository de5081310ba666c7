#include "daemon/gateway/resume.hpp"

#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "daemon/gateway/filter.hpp"
#include "daemon/gateway/signal_log.hpp"

using namespace spill;

namespace {

// One life of a daemon, as far as a resume can see it: an epoch and the log, from some offset on.
struct Stream {
    explicit Stream(int number, std::uint64_t first, std::size_t entries)
        : epoch("e" + std::to_string(number)), log(entries, 4096), last(first) {}

    void publish(std::mt19937& random) {
        SignalLog::Entry entry;
        entry.offset = ++last;
        entry.type = static_cast<SignalType>(random() % kSignalTypes);
        entry.key = FixedText<56>(random() % 2 == 0 ? "MU" : "TAO");
        log.append(entry, "h", std::string(random() % 60, 'x'));
    }
    [[nodiscard]] StreamPosition position() const {
        bool const empty = log.oldest() == log.next();
        return {epoch, empty ? last + 1 : log.entry(log.oldest()).offset, last};
    }

    std::string epoch;
    SignalLog log;
    std::uint64_t last;
};

// A bot: what it has, by its own account.
struct Bot {
    std::string epoch;
    std::uint64_t offset = 0;
    std::uint64_t sequence = 0;  // of the log entry it gets next, while connected
    bool connected = false;
};

struct Outcomes {
    int replays = 0, epochs = 0, old = 0, futures = 0;
};

// Delivers up to `count` entries; each wanted one must be the next that the stream published.
void deliver(Bot& bot, const Stream& stream, const SignalFilter& filter, std::uint64_t count) {
    for (; count > 0 && bot.sequence != stream.log.next(); --count, ++bot.sequence) {
        if (bot.sequence < stream.log.oldest()) {  // overrun: the publisher closes it with 4408
            bot.connected = false;
            return;
        }
        const SignalLog::Entry& entry = stream.log.entry(bot.sequence);
        REQUIRE(entry.offset == bot.offset + 1);  // no hole, no duplicate, no reorder
        bot.offset = entry.offset;
        if (filter.matches(entry.type, entry.key.view())) {
            REQUIRE(entry.type == SignalType::Breakout);
        }
    }
}

void reconnect(Bot& bot, const Stream& stream, Outcomes& seen) {
    StreamPosition const at = stream.position();
    switch (resume_verdict(bot.epoch, bot.offset, at)) {
        case ResumeVerdict::Replay:
            ++seen.replays;
            bot.sequence = stream.log.after(bot.offset);
            REQUIRE(bot.epoch == stream.epoch);
            if (bot.offset != stream.last) {
                REQUIRE(stream.log.entry(bot.sequence).offset == bot.offset + 1);
            } else {
                REQUIRE(bot.sequence == stream.log.next());
            }
            break;
        case ResumeVerdict::NewEpoch:
            ++seen.epochs;
            REQUIRE(bot.epoch != stream.epoch);
            bot = {stream.epoch, at.last, stream.log.next(), false};
            break;
        case ResumeVerdict::TooOld:
            ++seen.old;
            // Something that it lacks is really gone.
            REQUIRE(bot.epoch == stream.epoch);
            REQUIRE(bot.offset + 1 < at.oldest);
            bot = {stream.epoch, at.last, stream.log.next(), false};
            break;
        case ResumeVerdict::Future:
            ++seen.futures;
            REQUIRE(bot.offset > stream.last);
            bot = {stream.epoch, at.last, stream.log.next(), false};
            break;
    }
    bot.connected = true;
}

void play(std::uint32_t seed, Outcomes& seen) {
    std::mt19937 random(seed);
    int life = 0;
    Stream stream(life, random() % 3 * 100, 4 + random() % 40);
    SignalFilter filter;
    REQUIRE(filter.add(type_bit(SignalType::Breakout), {}));
    Bot bot{stream.epoch, stream.last, stream.log.next(), true};
    for (int step = 0; step < 60; ++step) {
        auto const dice = random() % 100;
        if (dice < 45) {
            for (auto n = random() % 12; n > 0; --n) stream.publish(random);
        } else if (dice < 75) {
            if (bot.connected) deliver(bot, stream, filter, random() % 20);
        } else if (dice < 85) {
            bot.connected = false;
        } else if (dice < 87) {
            stream = Stream(++life, random() % 3 * 100, 4 + random() % 40);
            bot.connected = false;
        } else if (dice < 89) {
            bot.connected = false;
            bot.offset += random() % 200;  // a bot that makes its offset up
            if (bot.offset < stream.last && bot.epoch == stream.epoch) bot.offset = stream.last;
        } else if (!bot.connected) {
            reconnect(bot, stream, seen);
        }
    }
    if (!bot.connected) reconnect(bot, stream, seen);
    deliver(bot, stream, filter, 10'000);
    if (bot.connected) REQUIRE(bot.offset == stream.last);
}

}  // namespace

TEST_CASE("over ten thousand lives nobody has a hole, a duplicate or an unsaid loss") {
    Outcomes seen;
    for (std::uint32_t seed = 0; seed < 10'000; ++seed) {
        CAPTURE(seed);
        play(seed, seen);
    }
    // Every way to come back was taken often.
    CHECK(seen.replays > 10'000);
    CHECK(seen.epochs > 1000);
    CHECK(seen.old > 1000);
    CHECK(seen.futures > 1000);
}

TEST_CASE("the edges of the window are exact") {
    StreamPosition const at{.epoch = "e", .oldest = 11, .last = 20};
    CHECK(resume_verdict("e", 10, at) == ResumeVerdict::Replay);
    CHECK(resume_verdict("e", 9, at) == ResumeVerdict::TooOld);
    CHECK(resume_verdict("e", 20, at) == ResumeVerdict::Replay);
    CHECK(resume_verdict("e", 21, at) == ResumeVerdict::Future);
    CHECK(resume_verdict("f", 21, at) == ResumeVerdict::NewEpoch);
    StreamPosition const fresh{.epoch = "e"};
    CHECK(resume_verdict("e", 0, fresh) == ResumeVerdict::Replay);
    CHECK(resume_verdict("e", UINT64_MAX, fresh) == ResumeVerdict::Future);
}
