// A link under test: a codec that speaks plain words, a virtual clock, and a log of what it did.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/link.hpp"

namespace spill::link_test {

using namespace std::chrono_literals;

// "sub 3 A,B" asks for A and B as request 3; "ping 7" is the application ping.
class WordCodec final : public Codec {
public:
    std::size_t batch = 1000;
    Decoded decode(std::string_view, bool) noexcept override { return {}; }
    std::vector<std::string> subscribe(std::span<const std::string> symbols,
                                       std::int64_t first) const override {
        std::vector<std::string> frames;
        for (std::size_t at = 0; at < symbols.size(); at += batch) {
            std::string frame = "sub " + std::to_string(first++) + " ";
            for (std::size_t i = at; i < std::min(symbols.size(), at + batch); ++i) {
                frame += (i == at ? "" : ",") + symbols[i];
            }
            frames.push_back(std::move(frame));
        }
        return frames;
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> symbols,
                                         std::int64_t first) const override {
        return {"unsub " + std::to_string(first) + " " + symbols.front()};
    }
    std::string ping(std::int64_t id) const override { return "ping " + std::to_string(id); }
    std::string login(const Credentials&) const override { return "login"; }
};

struct Did {
    LinkTime at;
    LinkAction::Kind kind;
    std::string text;
};

struct Rig {
    VenueSpec spec;
    WordCodec codec;
    RateWindow gate{link_rules::kFeedDials, link_rules::kFeedDialWindow};
    std::vector<Did> log;
    LinkTime now{0};
    Link link;
    bool auto_fail = false;  // every dial fails at once
    DialFailure failure;

    explicit Rig(VenueSpec row, std::vector<std::string> symbols = {"AAA", "BBB", "CCC"},
                 std::uint64_t seed = 1, RateWindow* shared = nullptr, LinkTime silence = 0s)
        : spec(row),
          link({.spec = &spec,
                .codec = &codec,
                .symbols = std::move(symbols),
                .feed_dials = shared != nullptr ? shared : &gate,
                .seed = seed,
                .silence = silence}) {}

    void drain() {
        bool dialled = false;
        for (LinkAction& action : link.actions()) {
            dialled = dialled || action.kind == LinkAction::Kind::Dial;
            log.push_back({now, action.kind, action.text});
        }
        link.taken();
        if (dialled && auto_fail) {
            link.on_dial_failed(now, failure);
            drain();
        }
    }
    // Runs the clock to `until`, ticking at every deadline on the way.
    void run(LinkTime until) {
        while (link.deadline() <= until) {
            now = std::max(now, link.deadline());
            link.tick(now);
            drain();
        }
        now = until;
    }
    void start() {
        link.start(now);
        drain();
    }
    void open() {
        link.on_open(now);
        drain();
    }
    void frame(const Decoded& decoded) {
        link.on_frame(now, decoded);
        drain();
    }
    void only(FrameKind kind) {
        Decoded decoded;
        decoded.kind = kind;
        frame(decoded);
    }
    void ack(std::int64_t id, std::string_view symbol = {}) {
        Decoded decoded;
        decoded.kind = FrameKind::Ack;
        decoded.symbol = symbol;
        decoded.request_id = id;
        frame(decoded);
    }
    void refuse(std::int64_t id, std::string_view symbol = {}, std::string_view words = {}) {
        Decoded decoded;
        decoded.kind = FrameKind::Error;
        decoded.symbol = symbol;
        decoded.message = words;
        decoded.request_id = id;
        frame(decoded);
    }
    void trade(std::string_view symbol) {
        link.on_trade(link.slot_of(symbol));
        only(FrameKind::Trade);
    }
    // From Dialing to Live.
    void come_up() {
        open();
        ack(-1);
        trade("AAA");
    }

    [[nodiscard]] std::size_t count(LinkAction::Kind kind) const {
        return static_cast<std::size_t>(std::ranges::count(log, kind, &Did::kind));
    }
    [[nodiscard]] std::vector<LinkTime> times(LinkAction::Kind kind) const {
        std::vector<LinkTime> at;
        for (const Did& did : log) {
            if (did.kind == kind) at.push_back(did.at);
        }
        return at;
    }
    [[nodiscard]] std::vector<std::string> sent() const {
        std::vector<std::string> texts;
        for (const Did& did : log) {
            if (did.kind == LinkAction::Kind::Send) texts.push_back(did.text);
        }
        return texts;
    }
    [[nodiscard]] bool live(std::string_view symbol) const {
        return link.live(link.slot_of(symbol));
    }
    [[nodiscard]] SymbolState state(std::string_view symbol) const {
        return link.symbol_state(link.slot_of(symbol));
    }
};

inline VenueSpec venue(AckStyle ack) {
    VenueSpec spec;
    spec.name = "test";
    spec.ack = ack;
    spec.silence = 10s;
    return spec;
}

}  // namespace spill::link_test
