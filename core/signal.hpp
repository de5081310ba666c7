// What the engine says: one fixed-size record with its evidence.
//
// A Signal is an edge of a state machine. It owns no memory, so that it can pass through a
// lock-free queue; texts in it are short copies or literals with static storage.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "core/types.hpp"

namespace spill {

// Text of at most N bytes; longer input is cut (SPILL names are checked to fit on entry).
template <std::size_t N>
struct FixedText {
    std::array<char, N> bytes{};
    std::uint8_t size = 0;

    static_assert(N < 256);
    constexpr FixedText() = default;
    constexpr FixedText(std::string_view text) noexcept {  // NOLINT: meant to convert
        append(text);
    }
    constexpr FixedText& append(std::string_view text) noexcept {
        for (char const c : text) {
            if (size == N) break;
            bytes[size++] = c;
        }
        return *this;
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept {
        return std::string_view(bytes.data(), size);
    }
};

enum class SignalType : std::uint8_t { Breakout, Participation, Volume, Rotation, Unwind, Health };

[[nodiscard]] constexpr const char* to_string(SignalType type) noexcept {
    switch (type) {
        case SignalType::Breakout: return "breakout";
        case SignalType::Participation: return "participation";
        case SignalType::Volume: return "volume";
        case SignalType::Rotation: return "rotation";
        case SignalType::Unwind: return "unwind";
        case SignalType::Health: return "health";
    }
    return "health";
}

// A value of the evidence: name and text values are literals with static storage.
struct EvidenceItem {
    enum class Kind : std::uint8_t { Number, Integer, Boolean, Text, Null };
    const char* name = nullptr;
    // For values that repeat per feed ("rvol60" by venue): the feed, else invalid. Items of one
    // name with a feed stand next to each other and are written as one object.
    FeedId feed;
    Kind kind = Kind::Null;
    union {
        double number;  // written with six decimals
        std::int64_t integer;
        const char* text;
    };
    constexpr EvidenceItem() noexcept : integer(0) {}
};

inline constexpr std::size_t kMaxEvidence = 48;

class Evidence {
public:
    // Each appends; beyond kMaxEvidence the item is dropped and `overflowed` says so.
    void add(const char* name, double value, FeedId feed = FeedId{}) noexcept {
        if (EvidenceItem* const item = next(name, EvidenceItem::Kind::Number, feed)) {
            item->number = value;
        }
    }
    void add_int(const char* name, std::int64_t value) noexcept {
        if (EvidenceItem* const item = next(name, EvidenceItem::Kind::Integer, FeedId{})) {
            item->integer = value;
        }
    }
    void add_bool(const char* name, bool value) noexcept {
        if (EvidenceItem* const item = next(name, EvidenceItem::Kind::Boolean, FeedId{})) {
            item->integer = value ? 1 : 0;
        }
    }
    // REQUIRES `value` to have static storage.
    void add_text(const char* name, const char* value) noexcept {
        if (EvidenceItem* const item = next(name, EvidenceItem::Kind::Text, FeedId{})) {
            item->text = value;
        }
    }
    void add_null(const char* name) noexcept { next(name, EvidenceItem::Kind::Null, FeedId{}); }

    [[nodiscard]] const EvidenceItem* begin() const noexcept { return items_.data(); }
    [[nodiscard]] const EvidenceItem* end() const noexcept { return items_.data() + size_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    // nullptr when there is none of that name.
    [[nodiscard]] const EvidenceItem* find(std::string_view name) const noexcept {
        for (const EvidenceItem& item : *this) {
            if (name == item.name) return &item;
        }
        return nullptr;
    }

private:
    EvidenceItem* next(const char* name, EvidenceItem::Kind kind, FeedId feed) noexcept {
        if (size_ == kMaxEvidence) {
            overflowed_ = true;
            return nullptr;
        }
        EvidenceItem& item = items_[size_++];
        item = EvidenceItem{};
        item.name = name;
        item.kind = kind;
        item.feed = feed;
        return &item;
    }
    std::array<EvidenceItem, kMaxEvidence> items_{};
    std::uint32_t size_ = 0;
    bool overflowed_ = false;
};

struct Signal {
    std::uint64_t offset = 0;   // dense, from 1, within one engine life
    std::uint64_t episode = 0;  // one life of a state machine: a `failed` names its `triggered`
    SignalType type = SignalType::Health;
    Coverage coverage = Coverage::Unknown;  // the best that the signal rests on
    bool provisional = false;               // made on a short baseline or a short ATR
    bool degraded = false;                  // made on incomplete data
    bool from_bars = false;                 // made from bars instead of trades
    const char* state = "";                 // literal with static storage
    const char* prev = "";                  // likewise
    FixedText<56> key;                      // "MU|PD|up", "memory@XNYS", "TAO", "infra"
    FixedText<20> session;                  // "XNYS:2026-05-26"
    UnixNanos ts_event;                     // venue time of the cause (minute end for closes)
    UnixNanos ts_recv;                      // our receive time of the causing event
    UnixNanos ts_signal;                    // engine time: never before ts_event
    std::uint64_t cause_seq = 0;            // ordinal of the causing event in the journal
    Evidence evidence;
};

static_assert(std::is_trivially_copyable_v<Signal>);

// Where the engine puts its signals. Called synchronously from Engine::apply, in order.
class SignalSink {
public:
    SignalSink() = default;
    SignalSink(const SignalSink&) = default;
    SignalSink& operator=(const SignalSink&) = default;
    virtual ~SignalSink() = default;
    virtual void on_signal(const Signal& signal) noexcept = 0;
};

}  // namespace spill
