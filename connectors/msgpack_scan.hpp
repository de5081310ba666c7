// Reading msgpack by hand: one item after the other, bounds-checked.
//
// No exceptions, no copies, no allocation, no recursion: texts are views into the frame, and the
// children of a container are the items that follow it. A container that claims more children than
// the frame has bytes is torn, so no loop is longer than the frame.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/types.hpp"

namespace spill::msgpack {

enum class Kind : std::uint8_t {
    Nil,
    Bool,
    Unsigned,  // also a signed encoding of a number that is not negative
    Negative,
    Single,  // a 32-bit float
    Double,
    Text,
    Bytes,
    Array,
    Map,
    Stamp,  // the timestamp extension
    Other,  // any other extension
    Torn    // the frame ended inside an item, or is no msgpack: nothing may be read on
};

struct Item {
    Kind kind = Kind::Torn;
    bool flag = false;           // of a Bool
    std::uint64_t number = 0;    // of an Unsigned; the bits of a Negative, Single or Double
    std::uint64_t children = 0;  // items that follow and belong to it: two per entry of a Map
    std::string_view bytes;      // of a Text, Bytes or Other
    UnixNanos at;                // of a Stamp

    [[nodiscard]] constexpr bool is(Kind other) const noexcept { return kind == other; }
    [[nodiscard]] float single() const noexcept {
        return std::bit_cast<float>(static_cast<std::uint32_t>(number));
    }
    [[nodiscard]] double real() const noexcept { return std::bit_cast<double>(number); }
};

// Goes over the items of one frame. After Torn it stays there.
class Reader {
public:
    explicit constexpr Reader(std::string_view frame) noexcept : rest_(frame) {}

    [[nodiscard]] constexpr bool at_end() const noexcept { return rest_.empty() && !torn_; }

    constexpr Item next() noexcept {
        Item item;
        if (!torn_) torn_ = !read(item) || item.children > rest_.size();
        if (torn_) item = Item{};
        return item;
    }

    // Passes over what belongs to `item`. False when the frame is torn inside it.
    [[nodiscard]] constexpr bool skip(const Item& item) noexcept {
        std::uint64_t open = item.children;
        while (open > 0 && !torn_) {
            Item const child = next();
            open += child.children;
            if (--open > rest_.size()) torn_ = true;
        }
        return !torn_;
    }

private:
    static constexpr std::int64_t kLastSecond = 9'223'372'035;  // that fits UnixNanos

    [[nodiscard]] constexpr bool take(std::uint64_t size, std::string_view& out) noexcept {
        if (size > rest_.size()) return false;
        out = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return true;
    }

    // An unsigned number of `size` bytes, most significant first.
    [[nodiscard]] constexpr bool take_number(std::size_t size, std::uint64_t& out) noexcept {
        std::string_view bytes;
        if (!take(size, bytes)) return false;
        out = 0;
        for (char const c : bytes) out = out << 8U | static_cast<unsigned char>(c);
        return true;
    }

    [[nodiscard]] constexpr bool read(Item& out) noexcept {
        std::uint64_t tag = 0;
        if (!take_number(1, tag)) return false;
        if (tag < 0x80) return number(tag, out);
        if (tag >= 0xE0) return signed_number(tag, 1, out);
        if (tag < 0x90) return container(Kind::Map, tag & 15U, out);
        if (tag < 0xA0) return container(Kind::Array, tag & 15U, out);
        if (tag < 0xC0) return text(Kind::Text, tag & 31U, out);
        return read_tagged(tag, out);
    }

    [[nodiscard]] constexpr bool read_tagged(std::uint64_t tag, Item& out) noexcept {
        std::uint64_t size = 0;
        std::size_t const width = std::size_t{1} << (tag & 3U);  // of the 8 to 64-bit families
        switch (tag) {
            case 0xC0: out.kind = Kind::Nil; return true;
            case 0xC2:
            case 0xC3:
                out.kind = Kind::Bool;
                out.flag = tag == 0xC3;
                return true;
            case 0xC4: return take_number(1, size) && text(Kind::Bytes, size, out);
            case 0xC5: return take_number(2, size) && text(Kind::Bytes, size, out);
            case 0xC6: return take_number(4, size) && text(Kind::Bytes, size, out);
            case 0xC7: return take_number(1, size) && extension(size, out);
            case 0xC8: return take_number(2, size) && extension(size, out);
            case 0xC9: return take_number(4, size) && extension(size, out);
            case 0xCA: out.kind = Kind::Single; return take_number(4, out.number);
            case 0xCB: out.kind = Kind::Double; return take_number(8, out.number);
            case 0xCC:
            case 0xCD:
            case 0xCE:
            case 0xCF: return take_number(width, size) && number(size, out);
            case 0xD0:
            case 0xD1:
            case 0xD2:
            case 0xD3: return take_number(width, size) && signed_number(size, width, out);
            case 0xD4: return extension(1, out);
            case 0xD5: return extension(2, out);
            case 0xD6: return extension(4, out);
            case 0xD7: return extension(8, out);
            case 0xD8: return extension(16, out);
            case 0xD9: return take_number(1, size) && text(Kind::Text, size, out);
            case 0xDA: return take_number(2, size) && text(Kind::Text, size, out);
            case 0xDB: return take_number(4, size) && text(Kind::Text, size, out);
            case 0xDC: return take_number(2, size) && container(Kind::Array, size, out);
            case 0xDD: return take_number(4, size) && container(Kind::Array, size, out);
            case 0xDE: return take_number(2, size) && container(Kind::Map, size, out);
            case 0xDF: return take_number(4, size) && container(Kind::Map, size, out);
            default: return false;  // 0xC1 is never used
        }
    }

    static constexpr bool number(std::uint64_t value, Item& out) noexcept {
        out.kind = Kind::Unsigned;
        out.number = value;
        return true;
    }

    static constexpr bool signed_number(std::uint64_t bits, std::size_t width, Item& out) noexcept {
        std::size_t const unused = 64 - 8 * width;
        auto const value = static_cast<std::int64_t>(bits << unused) >> unused;
        out.kind = value < 0 ? Kind::Negative : Kind::Unsigned;
        out.number = static_cast<std::uint64_t>(value);
        return true;
    }

    [[nodiscard]] static constexpr bool container(Kind kind, std::uint64_t count,
                                                  Item& out) noexcept {
        out.kind = kind;
        out.children = kind == Kind::Map ? 2 * count : count;
        return true;
    }

    [[nodiscard]] constexpr bool text(Kind kind, std::uint64_t size, Item& out) noexcept {
        out.kind = kind;
        return take(size, out.bytes);
    }

    // Extension -1 is a time: 32 bits of seconds, or 30 of nanoseconds over 34 of seconds, or 32
    // of nanoseconds and 64 signed of seconds.
    [[nodiscard]] constexpr bool extension(std::uint64_t size, Item& out) noexcept {
        std::uint64_t type = 0;
        if (!take_number(1, type)) return false;
        if (type != 0xFF) return text(Kind::Other, size, out);
        std::uint64_t nanos = 0;
        std::uint64_t seconds = 0;
        if (size == 4) {
            if (!take_number(4, seconds)) return false;
        } else if (size == 8) {
            if (!take_number(8, seconds)) return false;
            nanos = seconds >> 34U;
            seconds &= (std::uint64_t{1} << 34U) - 1;
        } else if (size == 12) {
            if (!take_number(4, nanos) || !take_number(8, seconds)) return false;
        } else {
            return false;
        }
        auto const whole = static_cast<std::int64_t>(seconds);
        if (nanos >= kNanosPerSecond || whole > kLastSecond || whole < -kLastSecond) return false;
        out.kind = Kind::Stamp;
        out.at.ns = whole * kNanosPerSecond + static_cast<std::int64_t>(nanos);
        return true;
    }

    std::string_view rest_;
    bool torn_ = false;
};

}  // namespace spill::msgpack
