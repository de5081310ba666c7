// A world for tests of VenueFeed: a protocol of plain words, a sink that remembers, a registry and
// a loop that runs until something is so.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "connectors/feed.hpp"
#include "tests/support/fake_venue.hpp"

namespace spill::feed_test {

using namespace std::chrono_literals;

inline std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Takes the text up to the next `end` off `rest`.
inline std::string_view next_word(std::string_view& rest, char end = ' ') {
    std::size_t const at = std::min(rest.find(end), rest.size());
    std::string_view const word = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return word;
}

// A protocol of plain words: "ack 1", "err 1 words", "hb", "T SYMBOL id size_nanos second [kind]"
// where kind is live, history or block; rows of one frame are separated by ';'.
class PlainCodec final : public Codec {
public:
    Decoded decode(std::string_view frame, bool) noexcept override {
        Decoded out;
        std::string_view rest = frame;
        std::string_view const word = next_word(rest);
        if (word == "ack" || word == "err") {
            out.kind = word == "ack" ? FrameKind::Ack : FrameKind::Error;
            out.request_id = number(next_word(rest));
            out.message = rest;
        } else if (word == "hb") {
            out.kind = FrameKind::Heartbeat;
        } else if (word == "T") {
            read_rows(frame);
            out.kind = FrameKind::Trade;
            out.trades = rows_;
        } else {
            out.kind = FrameKind::Bad;
            out.bad = BadReason::NotJson;
        }
        return out;
    }
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first) const override {
        std::string frame = "sub " + std::to_string(first);
        for (const std::string& symbol : symbols) frame += " " + symbol;
        return {frame};
    }
    std::vector<std::string> unsubscribe(std::span<const std::string>,
                                         std::int64_t) const override {
        return {};
    }
    std::string ping(std::int64_t) const override { return {}; }

private:
    void read_rows(std::string_view frame) {
        rows_.clear();
        while (!frame.empty()) {
            std::string_view rest = next_word(frame, ';');
            next_word(rest);
            TradeRow row;
            row.symbol = next_word(rest);
            row.id = static_cast<std::uint64_t>(number(next_word(rest)));
            row.price = Price{7};
            row.size = Quantity{number(next_word(rest))};
            row.ts_event = UnixNanos{number(next_word(rest)) * kNanosPerSecond};
            row.aggressor = Aggressor::Sell;
            row.dense = true;
            row.live = rest != "history";
            row.block = rest == "block";
            row.fill_count = 3;
            rows_.push_back(row);
        }
    }
    std::vector<TradeRow> rows_;
};

inline VenueSpec plain_venue() {
    VenueSpec spec;
    spec.name = "plain";
    spec.make_codec = []() -> std::unique_ptr<Codec> { return std::make_unique<PlainCodec>(); };
    spec.ack = AckStyle::AllOrNothing;
    spec.messages_per_second = 100;
    spec.dials_per_window = 1000;
    return spec;
}

struct Sink final : EventSink {
    std::vector<Event> events;
    std::vector<UnixNanos> clocks;
    int flushes = 0;
    bool full = false;
    bool push(const Event& event) noexcept override {
        if (full) return false;
        events.push_back(event);
        return true;
    }
    void flush() noexcept override { ++flushes; }
    void market_clock(UnixNanos at) noexcept override { clocks.push_back(at); }

    [[nodiscard]] std::vector<Event> of(EventKind kind) const {
        std::vector<Event> some;
        for (const Event& event : events) {
            if (event.kind == kind) some.push_back(event);
        }
        return some;
    }
};

// Grants every subscribe.
inline void grant(fake::Peer& peer, std::string_view text) {
    std::string_view rest = text;
    if (next_word(rest) == "sub") peer.send("ack " + std::string(next_word(rest)));
}

struct World {
    boost::asio::io_context io;
    VenueSpec spec = plain_venue();
    Registry registry;
    VenueId venue = *registry.add_venue("plain", true);
    Sink sink;
    std::vector<std::string> refusals;
    std::vector<LinkState> states;

    void instrument(const std::string& symbol, std::int64_t multiplier_e9 = kNanosPerUnit) {
        Instrument row;
        row.name = symbol;
        auto const id = *registry.add_instrument(row);
        spill::Feed feed;
        feed.instrument = id;
        feed.venue = venue;
        feed.symbol = symbol;
        feed.multiplier_e9 = multiplier_e9;
        REQUIRE(registry.add_feed(feed));
    }
    LinkConfig link(const fake::Venue& fake, std::vector<std::string> symbols) const {
        LinkConfig config;
        config.spec = &spec;
        config.venue = venue;
        config.host = "127.0.0.1";
        config.port = fake.port();
        config.path = "/";
        config.tls = false;
        config.symbols = std::move(symbols);
        return config;
    }
    std::unique_ptr<VenueFeed> start(std::vector<LinkConfig> links) {
        auto feed = std::make_unique<VenueFeed>(io, registry, std::move(links), sink, 1,
                                                [this](const LinkChange& change) {
                                                    if (change.symbol.empty()) {
                                                        states.push_back(change.state);
                                                    } else {
                                                        refusals.emplace_back(change.symbol);
                                                    }
                                                });
        feed->start();
        return feed;
    }
    template <class Done>
    bool run_until(Done done, std::chrono::milliseconds limit = 4s) {
        auto const end = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < end) {
            io.restart();
            io.run_one_for(10ms);
        }
        return done();
    }
};

inline std::uint64_t value(const Counter& counter) { return counter.load(); }

}  // namespace spill::feed_test
