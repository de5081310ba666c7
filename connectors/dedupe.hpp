// Which trades of one feed have been seen: a trade counts once, whoever repeats it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "connectors/codec.hpp"
#include "core/types.hpp"

namespace spill {

// Bounded memory of trade ids.
//
// Dense ids (a sequence without holes): the newest id and a bitmap of the kWindow ids up to it. An
// id below the window is a repeat unless its trade is newer than all before it, which means that
// the venue restarted its sequence. Other ids: the last kRing ids in a hash set. A row without an
// id cannot be judged and always counts.
class Dedupe {
public:
    enum class Verdict : std::uint8_t {
        New,
        Late,      // new, but older by the venue's clock than kLateAfter before the newest
        Duplicate  // seen before: must not count
    };

    static constexpr std::size_t kWindow = 1024;  // dense ids remembered
    static constexpr std::size_t kRing = 4096;    // other ids remembered
    static constexpr std::int64_t kLateAfterNs = 2 * kNanosPerSecond;

    Dedupe();
    Dedupe(Dedupe&& other) noexcept;
    ~Dedupe();

    // Allocates once, on the first row with an id that is not dense.
    [[nodiscard]] Verdict offer(const TradeRow& row) noexcept;

private:
    struct Recent;

    [[nodiscard]] bool seen_dense(std::uint64_t id, UnixNanos ts) noexcept;
    [[nodiscard]] bool seen_recent(std::uint64_t id) noexcept;

    std::array<std::uint64_t, kWindow / 64> seen_{};  // bit id % kWindow
    std::uint64_t newest_id_ = 0;                     // 0 = none yet
    UnixNanos newest_ts_{INT64_MIN};
    std::unique_ptr<Recent> recent_;
};

}  // namespace spill
