// What was said last about every key: the current state of everything, for who comes later.
//
// All memory is taken at construction; pages that no key has needed are never touched. Bodies are
// those that were published, so that a snapshot shows the same bytes as the stream did.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "core/signal.hpp"
#include "daemon/gateway/protocol.hpp"
#include "daemon/gateway/state_words.hpp"

namespace spill {

class StateTable {
public:
    struct Row {
        SignalType type = SignalType::Health;
        FixedText<56> key;
        std::uint8_t rank = 0;  // of the state, see state_words.hpp
        float score = 0.0F;     // NaN = none
        std::uint64_t offset = 0;
        std::uint32_t size = 0;  // of the body
    };

    // Room for `keys` keys, rounded up to a power of two; a quarter more slots than keys.
    explicit StateTable(std::size_t keys) {
        std::size_t slots = 16;
        while (slots * 3 < keys * 4) slots *= 2;
        index_.assign(slots, 0);
        capacity_ = slots * 3 / 4;
        rows_.reserve(capacity_);
        bodies_ = std::make_unique_for_overwrite<char[]>(capacity_ * kMaxSignalBytes);
    }

    // Keeps `body` as the latest of row.type and row.key. False when there is no room for a key
    // that is new; what is held stays as it is. REQUIRES at most kMaxSignalBytes.
    bool put(Row row, std::string_view body) noexcept {
        std::size_t slot = hash(row.type, row.key.view()) % index_.size();
        for (; index_[slot] != 0; slot = (slot + 1) % index_.size()) {
            Row& held = rows_[index_[slot] - 1];
            if (held.type != row.type || held.key.view() != row.key.view()) continue;
            store(index_[slot] - 1, row, body);
            return true;
        }
        if (rows_.size() == capacity_) return false;
        rows_.push_back(row);
        index_[slot] = static_cast<std::uint32_t>(rows_.size());
        store(rows_.size() - 1, row, body);
        return true;
    }

    // In the order in which the keys were first seen.
    [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }
    [[nodiscard]] std::string_view body(std::size_t row) const noexcept {
        return std::string_view(bodies_.get() + row * kMaxSignalBytes, rows_[row].size);
    }

private:
    void store(std::size_t at, const Row& row, std::string_view body) noexcept {
        rows_[at] = row;
        rows_[at].size = static_cast<std::uint32_t>(body.size());
        std::memcpy(bodies_.get() + at * kMaxSignalBytes, body.data(), body.size());
    }
    // FNV-1a over type and key.
    [[nodiscard]] static std::size_t hash(SignalType type, std::string_view key) noexcept {
        std::uint64_t value = 14695981039346656037ULL ^ static_cast<unsigned>(type);
        for (char const c : key) {
            value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        }
        return static_cast<std::size_t>(value ^ (value >> 32U));
    }

    std::vector<std::uint32_t> index_;  // row number plus one; 0 = free
    std::vector<Row> rows_;
    std::size_t capacity_ = 0;
    std::unique_ptr<char[]> bodies_;
};

}  // namespace spill
