#include "connectors/dedupe.hpp"

#include "core/event.hpp"

namespace spill {

// The last kRing ids in order, and where each of them is in an open-addressing table that is half
// full at most. The table holds ring positions plus one; 0 is an empty slot.
struct Dedupe::Recent {
    static constexpr std::size_t kSlots = 2 * kRing;
    static_assert((kSlots & (kSlots - 1)) == 0 && kRing < 0xFFFF);

    std::array<std::uint64_t, kRing> ids{};
    std::array<std::uint16_t, kSlots> slots{};
    std::size_t next = 0;
    std::size_t size = 0;

    // Venue ids may ascend by one or be hashes already: the multiplication spreads both.
    static std::size_t home(std::uint64_t id) noexcept {
        return static_cast<std::size_t>((id * 0x9E3779B97F4A7C15ULL) >> 51U);
    }
    static_assert((std::uint64_t{1} << (64U - 51U)) == kSlots);

    // The slot of `id`, or the empty slot where it belongs.
    [[nodiscard]] std::size_t find(std::uint64_t id) const noexcept {
        std::size_t at = home(id);
        while (slots[at] != 0 && ids[slots[at] - 1U] != id) at = (at + 1) % kSlots;
        return at;
    }

    // Closes the hole at `hole` by moving later members of its run back.
    void erase(std::size_t hole) noexcept {
        for (std::size_t at = (hole + 1) % kSlots; slots[at] != 0; at = (at + 1) % kSlots) {
            std::size_t const from_home = (at - home(ids[slots[at] - 1U])) % kSlots;
            std::size_t const from_hole = (at - hole) % kSlots;
            if (from_home < from_hole) continue;  // it lives behind the hole
            slots[hole] = slots[at];
            hole = at;
        }
        slots[hole] = 0;
    }

    void insert(std::size_t at, std::uint64_t id) noexcept {
        if (size == kRing) {
            erase(find(ids[next]));
            at = find(id);  // the erasure may have moved the run
        } else {
            ++size;
        }
        ids[next] = id;
        slots[at] = static_cast<std::uint16_t>(next + 1);
        next = (next + 1) % kRing;
    }
};

Dedupe::Dedupe() = default;
Dedupe::Dedupe(Dedupe&& other) noexcept = default;
Dedupe::~Dedupe() = default;

Dedupe::Verdict Dedupe::offer(const TradeRow& row) noexcept {
    if (row.id != 0) {
        // A cancel has the id of its print, and is no repeat of it.
        bool const cancel = (row.flags & trade_flag::kCancel) != 0;
        bool const seen = cancel      ? seen_recent(~row.id)
                          : row.dense ? seen_dense(row.id, row.ts_event)
                                      : seen_recent(row.id);
        if (seen) return Verdict::Duplicate;
    }
    if (row.ts_event >= newest_ts_) {
        newest_ts_ = row.ts_event;
        return Verdict::New;
    }
    return newest_ts_.ns - row.ts_event.ns > kLateAfterNs ? Verdict::Late : Verdict::New;
}

bool Dedupe::seen_dense(std::uint64_t id, UnixNanos ts) noexcept {
    auto const bit = [](std::uint64_t n) { return std::uint64_t{1} << (n % 64); };
    auto const word = [](std::uint64_t n) { return (n % kWindow) / 64; };
    bool const below = id <= newest_id_ && newest_id_ - id >= kWindow;
    if (below && ts <= newest_ts_) return true;
    if (below || id > newest_id_) {
        if (below || id - newest_id_ >= kWindow) {
            seen_.fill(0);
        } else {
            for (std::uint64_t n = newest_id_ + 1; n <= id; ++n) seen_[word(n)] &= ~bit(n);
        }
        newest_id_ = id;
    } else if ((seen_[word(id)] & bit(id)) != 0) {
        return true;
    }
    seen_[word(id)] |= bit(id);
    return false;
}

bool Dedupe::seen_recent(std::uint64_t id) noexcept {
    if (!recent_) recent_ = std::make_unique<Recent>();
    std::size_t const at = recent_->find(id);
    if (recent_->slots[at] != 0) return true;
    recent_->insert(at, id);
    return false;
}

}  // namespace spill
