// What the elements of one Alpaca frame say, gathered into one Decoded. Both encodings of the
// protocol, JSON and msgpack, fill AlpacaElement; the meaning is decided here, once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "connectors/codec.hpp"
#include "core/types.hpp"

namespace spill {

// A value, or why there is none. Which keys an element must have depends on its type, which may
// come last: so each key is read for what it could be, and judged when the element is complete.
struct AlpacaAmount {
    std::int64_t nanos = 0;
    BadReason bad = BadReason::MissingField;
};

struct AlpacaId {
    std::uint64_t value = 0;
    std::string_view text;
    BadReason bad = BadReason::MissingField;
};

struct AlpacaTime {
    UnixNanos at;
    BadReason bad = BadReason::MissingField;
};

struct AlpacaConditions {
    std::array<char, 8> codes{};
    std::uint8_t count = 0;
    bool unreadable = false;  // more of them, or longer ones, than the plans know

    void add(std::string_view code) noexcept {
        if (code.size() != 1 || count == codes.size()) {
            unreadable = true;
        } else {
            codes[count++] = code.front();
        }
    }
};

struct AlpacaPrint {
    AlpacaId id;
    AlpacaAmount price;
    AlpacaAmount size;
    AlpacaConditions conditions;
};

struct AlpacaElement {
    std::string_view type;      // T
    std::string_view symbol;    // S
    std::string_view exchange;  // x
    std::string_view tape;      // z
    AlpacaTime time;            // t
    AlpacaPrint print;          // i p s c
    AlpacaPrint original;       // oi op os oc of a correction
    AlpacaPrint corrected;      // ci cp cs cc
    std::string_view status;    // sc
    std::string_view reason;    // rc
    std::string_view code;      // of an error
    std::string_view message;   // msg
};

class AlpacaBatch {
public:
    static constexpr std::size_t kMaxRows = 2'048;
    static constexpr std::size_t kMaxSymbols = 1'024;

    AlpacaBatch();

    void begin() noexcept;
    // A symbol of the list of trades in a `subscription`.
    void add_subscribed(std::string_view symbol) noexcept;
    // A text that outlives the element, for ids that the frame does not hold as text.
    [[nodiscard]] std::string_view id_text(std::uint64_t id) noexcept;
    void add(const AlpacaElement& element) noexcept;
    // An element that cannot be read. The others of the frame still count.
    void add_bad(BadReason reason) noexcept;
    // Valid until the next begin().
    [[nodiscard]] Decoded result() noexcept;

    // The venue refused a channel of our request (error 410).
    [[nodiscard]] bool channel_refused() const noexcept { return channel_refused_; }

private:
    void add_trade(const AlpacaElement& element) noexcept;
    void add_cancel(const AlpacaElement& element) noexcept;
    void add_correction(const AlpacaElement& element) noexcept;
    void add_status(const AlpacaElement& element) noexcept;
    void add_error(const AlpacaElement& element) noexcept;
    void add_success(const AlpacaElement& element) noexcept;
    void add_row(const AlpacaElement& element, const AlpacaPrint& print,
                 std::uint32_t flags) noexcept;
    void control(FrameKind kind, const AlpacaElement& element) noexcept;

    std::vector<TradeRow> rows_;
    std::vector<StatusRow> statuses_;
    std::vector<std::string_view> subscribed_;
    std::vector<std::array<char, 20>> id_texts_;  // digits of 64 bits
    std::size_t id_count_ = 0;
    Decoded control_;
    bool has_control_ = false;
    bool has_candle_ = false;
    bool channel_refused_ = false;
    BadReason bad_ = BadReason::None;
};

}  // namespace spill
