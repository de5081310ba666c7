#include "core/archive.hpp"

namespace spill {
namespace {

constexpr std::uint64_t kPrime = 0x0000'0100'0000'01B3;

}  // namespace

const std::byte* ArchiveReader::take(std::size_t n) noexcept {
    if (failed_ || n > bytes_.size()) {
        failed_ = true;
        return nullptr;
    }
    const std::byte* const at = bytes_.data();
    bytes_ = bytes_.subspan(n);
    return at;
}

void Fnv64::add(std::span<const std::byte> bytes) noexcept {
    for (std::byte const byte : bytes) {
        value_ = (value_ ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
    }
}

void Fnv64::add(std::string_view text) noexcept {
    add(std::uint64_t{text.size()});
    add(std::as_bytes(std::span<const char>(text.data(), text.size())));
}

void Fnv64::add(std::uint64_t number) noexcept {
    std::array<std::byte, sizeof(number)> bytes{};
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(number & 0xFFU);
        number >>= 8U;
    }
    add(std::span<const std::byte>(bytes));
}

}  // namespace spill
