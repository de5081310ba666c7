// Bytes of the engine's state: one description per class serves writing and reading.
//
// A class with state has `template <class A> void archive(A& a) { a(first_, second_); }` which
// lists its state in order. What the constructor sets (ids, rules, shapes) is no state and is not
// listed. Everything has a fixed width, little-endian, doubles by their bits, so the length of a
// snapshot follows from the configuration alone; no padding is written. A missing optional value
// is written as its type's default behind a zero.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/types.hpp"

namespace spill {

// Numbers that are written as they are. `bool` has its own rule.
template <class T>
concept ArchiveNumber =
    (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_same_v<T, int128>;

static_assert(sizeof(int) == 4 && sizeof(std::size_t) == 8, "snapshots have fixed widths");

// From fields to numbers. D has `numbers(first, n)` for fields, `local(number)` for values that
// are judged before a field takes them, `applies()` (fields take what is read) and `refuse()`.
template <class D>
class Archive {
public:
    template <class... T>
    void operator()(T&... fields) {
        (field(fields), ...);
    }
    // An index or a size: reading refuses a value outside 0..last.
    template <ArchiveNumber T>
    void bounded(T& value, std::type_identity_t<T> last) {
        T copy = value;
        self().local(copy);
        if (copy < T{} || copy > last) {
            self().refuse();
        } else if (self().applies()) {
            value = copy;
        }
    }

private:
    [[nodiscard]] D& self() noexcept { return static_cast<D&>(*this); }

    template <class T>
    void field(T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            std::uint8_t raw = value ? 1 : 0;
            bounded(raw, 1);
            if (self().applies()) value = raw == 1;
        } else if constexpr (ArchiveNumber<T>) {
            self().numbers(&value, 1);
        } else if constexpr (std::is_enum_v<T>) {
            auto raw = static_cast<std::underlying_type_t<T>>(value);
            self().local(raw);
            if (self().applies()) value = static_cast<T>(raw);
        } else {
            value.archive(*this);
        }
    }
    void field(Price& value) { field(value.nanos); }
    void field(Quantity& value) { field(value.nanos); }
    void field(Notional& value) { field(value.attos); }
    void field(UnixNanos& value) { field(value.ns); }
    void field(InstrumentId& value) { field(value.value); }
    void field(FeedId& value) { field(value.value); }
    void field(VenueId& value) { field(value.value); }
    void field(GroupId& value) { field(value.value); }

    template <class T>
    void field(std::optional<T>& value) {
        bool known = value.has_value();
        T copy = known ? *value : T{};
        field(known);
        field(copy);
        if (!self().applies()) return;
        if (known) {
            value = copy;
        } else {
            value.reset();
        }
    }
    template <class T, std::size_t N>
    void field(std::array<T, N>& values) {
        range(values.data(), N);
    }
    // The size is a matter of the configuration: reading refuses another one.
    template <class T>
    void field(std::vector<T>& values) {
        auto const size = static_cast<std::uint32_t>(values.size());
        std::uint32_t stored = size;
        self().local(stored);
        if (stored != size) {
            self().refuse();
            return;
        }
        range(values.data(), values.size());
    }
    template <class T>
    void range(T* values, std::size_t n) {
        if constexpr (ArchiveNumber<T>) {
            self().numbers(values, n);
        } else {
            for (std::size_t i = 0; i < n; ++i) field(values[i]);
        }
    }
};

class ArchiveWriter : public Archive<ArchiveWriter> {
public:
    // Appends to `out`, which must outlive the writer. Reads the fields only.
    explicit ArchiveWriter(std::vector<std::byte>& out) noexcept : out_(&out) {}

    template <ArchiveNumber T>
    void numbers(const T* first, std::size_t n) {
        std::size_t const at = out_->size();
        out_->resize(at + n * sizeof(T));
        std::byte* to = out_->data() + at;
        for (std::size_t i = 0; i < n; ++i, to += sizeof(T)) {
            auto const bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(first[i]);
            for (std::size_t b = 0; b < sizeof(T); ++b) to[b] = bytes[place(b, sizeof(T))];
        }
    }
    template <ArchiveNumber T>
    void local(const T& number) {
        numbers(&number, 1);
    }
    void refuse() noexcept {}  // a field outside its bounds shows when it is read
    [[nodiscard]] static constexpr bool applies() noexcept { return false; }

    // Where byte b of the little-endian form stands in memory.
    [[nodiscard]] static constexpr std::size_t place(std::size_t b, std::size_t size) noexcept {
        return std::endian::native == std::endian::little ? b : size - 1 - b;
    }

private:
    std::vector<std::byte>* out_;
};

// Never throws and never reads beyond its bytes: the first thing that does not fit sets `failed`,
// and from then on no field changes.
class ArchiveReader : public Archive<ArchiveReader> {
public:
    // Check walks over the bytes as Apply does but changes no field.
    enum class Mode : std::uint8_t { Check, Apply };

    ArchiveReader(std::span<const std::byte> bytes, Mode mode) noexcept
        : bytes_(bytes), mode_(mode) {}

    [[nodiscard]] bool failed() const noexcept { return failed_; }
    // Everything was read and nothing is left.
    [[nodiscard]] bool complete() const noexcept { return !failed_ && bytes_.empty(); }

    template <ArchiveNumber T>
    void numbers(T* first, std::size_t n) noexcept {
        std::byte const* const from = take(n * sizeof(T));
        if (from != nullptr && applies()) decode(from, first, n);
    }
    template <ArchiveNumber T>
    void local(T& number) noexcept {
        std::byte const* const from = take(sizeof(T));
        if (from != nullptr) decode(from, &number, 1);
    }
    void refuse() noexcept { failed_ = true; }
    [[nodiscard]] bool applies() const noexcept { return mode_ == Mode::Apply && !failed_; }

private:
    template <ArchiveNumber T>
    static void decode(std::byte const* from, T* first, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; ++i, from += sizeof(T)) {
            std::array<std::byte, sizeof(T)> bytes{};
            for (std::size_t b = 0; b < sizeof(T); ++b) {
                bytes[ArchiveWriter::place(b, sizeof(T))] = from[b];
            }
            first[i] = std::bit_cast<T>(bytes);
        }
    }
    // The next `n` bytes; nullptr when there are fewer.
    [[nodiscard]] const std::byte* take(std::size_t n) noexcept;

    std::span<const std::byte> bytes_;
    Mode mode_;
    bool failed_ = false;
};

// FNV-1a, 64 bits: an accident's guard, not an enemy's. Every change of one byte shows.
class Fnv64 {
public:
    void add(std::span<const std::byte> bytes) noexcept;
    void add(std::string_view text) noexcept;  // with its length
    void add(std::uint64_t number) noexcept;
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0xCBF2'9CE4'8422'2325;
};

}  // namespace spill
