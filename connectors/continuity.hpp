// What a feed's trades prove about those that did not come. Pure: time is an argument.
//
// One tracker per feed, shared by the links that carry it. It is told of every row and says when a
// gap has opened (after a patience for reordering), when late or fetched rows have filled it, and
// when nobody will fill it any more. Nothing is guessed: where the venue proves nothing only the
// times in which no link was up are gaps.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "connectors/codec.hpp"
#include "connectors/rate_window.hpp"
#include "connectors/registry.hpp"
#include "core/types.hpp"

namespace spill {

enum class GapReason : std::uint8_t {
    MissingIds = 1,     // a hole in ids that have none
    Outage = 2,         // no link was up
    Restart = 3,        // the venue began its ids anew
    MissingVolume = 4,  // the venue's own sum is ahead of what we saw
};

[[nodiscard]] const char* to_string(GapReason reason) noexcept;
[[nodiscard]] const char* to_string(Continuity proof) noexcept;

struct GapNews {
    enum class Kind : std::uint8_t { Opened, Widened, Filled, GivenUp };
    Kind kind = Kind::Opened;
    IdRange ids;         // zero when only the time is known
    UnixNanos from, to;  // the missing trades lie between these venue times
    GapReason reason = GapReason::MissingIds;
};

class GapTracker {
public:
    static constexpr LinkTime kPatience = std::chrono::seconds{2};  // for reordered rows
    static constexpr LinkTime kGiveUp = std::chrono::minutes{15};  // then it is not filled any more
    static constexpr std::size_t kGaps = 16;  // remembered; beyond it the newest one is widened
    static constexpr std::size_t kParts = 4;  // pieces of one gap that are still missing
    static constexpr std::uint64_t kRestart = 1024;  // ids that far back, later: a new sequence

    explicit GapTracker(Continuity proof = Continuity::Unprovable) noexcept : proof_(proof) {}

    enum class Row : std::uint8_t {
        Ordinary,  // next in line, or says nothing about what is missing
        FillsGap   // was missing: never seen before, whatever the memory of ids says
    };
    // A row of the live stream; with cumulative volumes REQUIRES that it is no duplicate.
    Row live(const TradeRow& row, LinkTime now) noexcept;
    // A row of the past, pushed by the venue or fetched by us. Counts only when it FillsGap.
    Row history(const TradeRow& row, LinkTime now) noexcept;
    // The venue says that it has sent every trade up to `id`.
    void sent_up_to(std::uint64_t id, UnixNanos at, LinkTime now) noexcept;
    // No link carries the feed any more, and: one does again.
    void lost() noexcept { lost_ = newest_.ns != 0; }
    void back(UnixNanos at, LinkTime now) noexcept;
    // Everything between the times has been fetched.
    void fetched(UnixNanos from, UnixNanos to) noexcept;

    // The next piece of news that is due, false when there is none.
    [[nodiscard]] bool poll(LinkTime now, GapNews& news) noexcept;
    // When poll() will have something to say, LinkTime::max() = not without new rows.
    [[nodiscard]] LinkTime deadline() const noexcept;
    [[nodiscard]] Continuity proof() const noexcept { return proof_; }
    // Gaps that were announced and are neither filled nor given up.
    [[nodiscard]] std::size_t open_gaps() const noexcept;

private:
    enum class State : std::uint8_t { Free, Waiting, Open, Complete, GivenUp };
    struct Gap {
        State state = State::Free;
        bool announced = false;
        bool widened = false;
        GapReason reason = GapReason::MissingIds;
        std::uint8_t parts_used = 0;
        IdRange ids;
        std::array<IdRange, kParts> parts{};
        std::int64_t missing_volume = 0;  // nanos
        UnixNanos from, to;
        LinkTime due{0};
    };

    Row place(IdRange ids, UnixNanos ts, bool past, LinkTime now) noexcept;
    Row add_volume(const TradeRow& row, LinkTime now) noexcept;
    Gap& open(IdRange ids, UnixNanos to, GapReason reason, LinkTime now) noexcept;
    [[nodiscard]] Gap* free_slot() noexcept;
    bool subtract(IdRange ids) noexcept;
    [[nodiscard]] static bool subtract_from(Gap& gap, IdRange ids) noexcept;
    [[nodiscard]] bool may_say_filled(const Gap& gap) const noexcept;
    [[nodiscard]] static GapNews news_of(const Gap& gap, GapNews::Kind kind) noexcept;

    Continuity proof_;
    bool lost_ = false;
    bool flowing_ = false;         // a live row has come
    std::uint64_t next_id_ = 0;    // 0 = no row yet
    std::int64_t cumulative_ = 0;  // nanos; 0 = no row yet
    UnixNanos newest_;
    std::size_t last_ = 0;  // the gap that was opened last
    std::array<Gap, kGaps> gaps_{};
};

}  // namespace spill
