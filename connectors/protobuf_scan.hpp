// Reading protobuf by hand: fields one after the other, bounds-checked, unknown ones skipped.
//
// No exceptions, no copies, no allocation: the bytes of a field are a view into the frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spill::protobuf {

enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
    std::uint32_t number = 0;
    Wire wire = Wire::Varint;
    std::uint64_t varint = 0;  // of a Varint
    std::string_view bytes;    // of the other three
};

enum class Step : std::uint8_t {
    Field,
    End,  // the message ended between two fields
    Torn  // it ended inside one, or is no protobuf: nothing may be read on
};

// Goes over the fields of one message. After End or Torn it stays there.
class Reader {
public:
    explicit constexpr Reader(std::string_view message) noexcept : rest_(message) {}

    [[nodiscard]] constexpr Step next(Field& out) noexcept {
        if (torn_) return Step::Torn;
        if (rest_.empty()) return Step::End;
        torn_ = !read(out);
        return torn_ ? Step::Torn : Step::Field;
    }

private:
    static constexpr std::uint64_t kLastNumber = (std::uint64_t{1} << 29U) - 1;

    [[nodiscard]] constexpr bool read(Field& out) noexcept {
        std::uint64_t tag = 0;
        if (!take_varint(tag)) return false;
        std::uint64_t const number = tag >> 3U;
        if (number == 0 || number > kLastNumber) return false;
        out = Field{};
        out.number = static_cast<std::uint32_t>(number);
        switch (tag & 7U) {
            case 0: return take_varint(out.varint);
            case 1: out.wire = Wire::Fixed64; return take_bytes(8, out.bytes);
            case 2: {
                out.wire = Wire::Bytes;
                std::uint64_t size = 0;
                return take_varint(size) && take_bytes(size, out.bytes);
            }
            case 5: out.wire = Wire::Fixed32; return take_bytes(4, out.bytes);
            default: return false;  // groups have been out of use since 2008
        }
    }

    // At most ten bytes, of which the last holds one bit.
    [[nodiscard]] constexpr bool take_varint(std::uint64_t& out) noexcept {
        out = 0;
        for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
            auto const byte = static_cast<unsigned char>(rest_[i]);
            if (i == 9 && byte > 1) return false;
            out |= std::uint64_t{byte & 0x7FU} << (7 * i);
            if (byte < 0x80) {
                rest_.remove_prefix(i + 1);
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] constexpr bool take_bytes(std::uint64_t size, std::string_view& out) noexcept {
        if (size > rest_.size()) return false;
        out = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return true;
    }

    std::string_view rest_;
    bool torn_ = false;
};

}  // namespace spill::protobuf
