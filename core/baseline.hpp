// What volume is normal at this time of the session, and what the last minutes were against it.
//
// A session has slots of five minutes. The expectation of a slot is the median over the stored
// sessions, scaled so that the slots add up to the median session. Medians, since one earnings
// day of ten times the volume lifts a mean for weeks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/params.hpp"
#include "core/types.hpp"

namespace spill {

inline constexpr int kSlotMinutes = 5;
inline constexpr int kMaxSlots = 288;  // of a UTC day
inline constexpr int kStockSlots = 78;
// Slots of a whole session.
[[nodiscard]] int slots_of(Market market) noexcept;
inline constexpr int kMaxBaselineSessions = 32;

enum class BaselineQuality : std::uint8_t { None, Provisional, Ready };

[[nodiscard]] constexpr const char* to_string(BaselineQuality quality) noexcept {
    switch (quality) {
        case BaselineQuality::None: return "none";
        case BaselineQuality::Provisional: return "provisional";
        case BaselineQuality::Ready: return "ready";
    }
    return "none";
}

// Session counts at which a baseline becomes usable.
struct BaselineShape {
    int slots = 0;     // per session, 1..kMaxSlots
    int sessions = 0;  // kept, 1..kMaxBaselineSessions
    int provisional_from = 0;
    int ready_from = 0;
    double median_floor = 0.1;  // of the mean slot median
};
[[nodiscard]] BaselineShape weekday_shape(const BaselineParams& params, int slots) noexcept;
[[nodiscard]] BaselineShape weekend_shape(const BaselineParams& params, int slots) noexcept;

// Saturday or Sunday in UTC.
[[nodiscard]] bool is_weekend(UnixNanos at) noexcept;

// One per feed (two for tokens: weekdays and weekends), and one per symbol for the variance of
// 1-minute returns, where a slot holds the sum of r^2 (capped by the caller, see VarianceCap).
// Allocates in the constructor only.
class SlotBaseline {
public:
    // REQUIRES a shape within its bounds.
    explicit SlotBaseline(const BaselineShape& shape);

    // Appends one session, forgets the oldest beyond the capacity and recomputes the tables.
    // A slot with present[b] == 0 is missing, not zero. REQUIRES both of the shape's size.
    void add_session(std::span<const double> volumes,
                     std::span<const std::uint8_t> present) noexcept;
    // After a split: multiplies every stored volume. REQUIRES factor > 0.
    void scale(double factor) noexcept;

    [[nodiscard]] int sessions() const noexcept { return sessions_; }
    [[nodiscard]] int slots() const noexcept { return shape_.slots; }
    [[nodiscard]] BaselineQuality quality() const noexcept;

    // Of one slot: the floored median M, and the expectation E. 0 = no session had this slot.
    [[nodiscard]] double median_of(int slot) const noexcept;
    [[nodiscard]] double expected(int slot) const noexcept;
    [[nodiscard]] double expected_per_minute(int slot) const noexcept {
        return expected(slot) / kSlotMinutes;
    }
    // Expected cumulative volume when `minutes` of the session have passed, linear inside a
    // slot. Of a session with a missing slot only what lies before it counts. None when fewer
    // than four (or than all, if fewer are stored) sessions reach that far.
    [[nodiscard]] std::optional<double> cumulative_at(int minutes) const noexcept;

    // The stored sessions, for snapshots: row 0 is the oldest. REQUIRES row < sessions().
    [[nodiscard]] std::span<const double> volumes(int row) const noexcept;
    [[nodiscard]] std::span<const std::uint8_t> present(int row) const noexcept;

    template <class A>
    void archive(A& a) {
        a.bounded(sessions_, shape_.sessions);
        a.bounded(head_, shape_.sessions - 1);
        a(volumes_, present_, median_, expected_, cumulative_);
    }

private:
    [[nodiscard]] std::size_t offset(int row) const noexcept;
    void recompute() noexcept;
    void recompute_expected() noexcept;
    void recompute_cumulative() noexcept;

    BaselineShape shape_;
    int sessions_ = 0;
    int head_ = 0;                                        // ring row that the next session goes to
    std::vector<double> volumes_;                         // ring of rows
    std::vector<std::uint8_t> present_;                   // likewise
    std::vector<double> median_, expected_, cumulative_;  // by slot; cumulative < 0: unknown
};

// session cumulative volume over cumulative_at; none when the baseline is unknown or zero.
[[nodiscard]] std::optional<double> rvol_cumulative(const SlotBaseline& baseline, double volume,
                                                    int minutes) noexcept;

// The 99.9 % point of squared returns, from a decaying histogram with four bins per octave.
class VarianceCap {
public:
    // r2 when fewer than 1000 samples are known, else the smaller of r2 and the cap; learns r2.
    double apply(double r2) noexcept;
    // At a session roll: old samples fade with the same horizon as the baseline.
    void roll() noexcept;

    template <class A>
    void archive(A& a) {
        a(bins_, total_);
    }

private:
    static constexpr std::size_t kBins = 192;
    std::array<float, kBins> bins_{};
    float total_ = 0.0F;
};

// Volume and expectation of the last 60 minutes. A minute that is missing (no coverage, halted,
// expectation unknown) counts in neither.
class RvolWindow {
public:
    static constexpr int kMinutes = 60;
    static constexpr int kBlocks = kMinutes / kSlotMinutes;

    struct Minute {
        double volume = 0.0;
        double expected = 0.0;  // not positive: missing
        bool present = false;

        template <class A>
        void archive(A& a) {
            a(volume, expected, present);
        }
    };
    // REQUIRES ascending minutes; minutes in between are missing.
    void push(std::int64_t minute, const Minute& value) noexcept;
    // At a session's open: windows never reach into the previous session.
    void restart() noexcept;

    struct Sums {
        double volume = 0.0;
        double expected = 0.0;
        int present = 0;  // minutes
    };
    // Of the last `minutes` (1..60) up to the last pushed one.
    [[nodiscard]] Sums sums(int minutes) const noexcept;
    // Present minutes of the last 60. O(1).
    [[nodiscard]] int present() const noexcept { return present_; }
    // volume / expected; none without a present minute.
    [[nodiscard]] std::optional<double> rvol(int minutes) const noexcept;

    struct Blocks {
        std::array<double, kBlocks> volume{};
        std::array<double, kBlocks> expected{};
    };
    // The last 60 minutes as trailing blocks of five, oldest first.
    [[nodiscard]] Blocks blocks() const noexcept;

    template <class A>
    void archive(A& a) {
        a(ring_, last_, started_);
        a.bounded(head_, kMinutes - 1);
        a.bounded(present_, kMinutes);
    }

private:
    [[nodiscard]] const Minute& ago(int minutes) const noexcept;
    void put(const Minute& value) noexcept;

    std::array<Minute, kMinutes> ring_{};  // a missing minute is all zero
    std::int64_t last_ = 0;
    int head_ = 0;  // where the next minute goes
    int present_ = 0;
    bool started_ = false;
};

}  // namespace spill
