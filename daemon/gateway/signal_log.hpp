// The last frames that were published, each framed once and shared by all subscribers.
//
// A subscriber is a position in this log, so that a thousand of them cost no copies. Two rings,
// both allocated at construction: the bytes, in which every frame is contiguous, and the entries,
// numbered by an ascending sequence. Appending evicts the oldest.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/signal.hpp"
#include "daemon/gateway/state_words.hpp"

namespace spill {

class SignalLog {
public:
    struct Entry {
        std::uint64_t offset = 0;  // of the signal
        std::chrono::steady_clock::time_point at;
        std::uint64_t begin = 0;  // position in the unrolled byte ring
        std::uint32_t size = 0;
        SignalType type = SignalType::Health;
        SignalWorth worth;
        FixedText<56> key;
    };

    SignalLog(std::size_t entries, std::size_t bytes) : entries_(entries), bytes_(bytes) {}

    // Sequence numbers held: [oldest, next).
    [[nodiscard]] std::uint64_t oldest() const noexcept { return oldest_; }
    [[nodiscard]] std::uint64_t next() const noexcept { return next_; }

    // REQUIRES oldest() <= sequence < next().
    [[nodiscard]] const Entry& entry(std::uint64_t sequence) const noexcept {
        return entries_[sequence % entries_.size()];
    }
    [[nodiscard]] std::span<const char> frame(std::uint64_t sequence) const noexcept {
        const Entry& e = entry(sequence);
        return std::span<const char>(bytes_.data() + e.begin % bytes_.size(), e.size);
    }

    // First entry whose offset is above `offset`; next() when there is none. Offsets ascend.
    [[nodiscard]] std::uint64_t after(std::uint64_t offset) const noexcept {
        std::uint64_t low = oldest_;
        std::uint64_t high = next_;
        while (low != high) {
            std::uint64_t const middle = low + (high - low) / 2;
            if (entry(middle).offset > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    // `head` and `tail` together are the frame; entry.begin and entry.size are set here.
    // REQUIRES them to be smaller than the byte ring.
    void append(Entry entry, std::string_view head, std::string_view tail) noexcept {
        std::size_t const size = head.size() + tail.size();
        SPILL_CHECK(size < bytes_.size());
        std::size_t const at = end_ % bytes_.size();
        if (at + size > bytes_.size()) end_ += bytes_.size() - at;  // frames do not wrap
        entry.begin = end_;
        entry.size = static_cast<std::uint32_t>(size);
        end_ += size;
        while (oldest_ != next_ && (next_ - oldest_ == entries_.size() ||
                                    this->entry(oldest_).begin + bytes_.size() < end_)) {
            ++oldest_;
        }
        char* const out = bytes_.data() + entry.begin % bytes_.size();
        std::copy(head.begin(), head.end(), out);
        std::copy(tail.begin(), tail.end(), out + head.size());
        entries_[next_ % entries_.size()] = entry;
        ++next_;
    }

private:
    std::vector<Entry> entries_;
    std::vector<char> bytes_;
    std::uint64_t oldest_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t end_ = 0;  // unrolled: where the next frame may start
};

}  // namespace spill
