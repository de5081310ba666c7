// Is the token's volume real? A score whose weakest component decides, and a state machine on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/baseline.hpp"
#include "core/gate.hpp"
#include "core/params.hpp"

namespace spill {

inline constexpr std::size_t kMaxTokenVenues = 16;

// The last hour of one token over its eligible venues.
struct TokenWindow {
    struct Venue {
        RvolWindow::Blocks blocks;
        std::optional<double> f_tape;  // none: not enough trades or no calm baseline
        bool trusted = false;
    };
    std::array<Venue, kMaxTokenVenues> venues;
    std::size_t size = 0;
    double largest_trade = 0.0;            // base units, over all venues
    double level = 0.0;                    // ActivityLevel::value(), ln units
    std::optional<double> variance_ratio;  // realised / expected variance; none: not ready
    bool provisional = false;              // short baseline: magnitude_lo_provisional
};

enum class ScorePart : std::uint8_t { Magnitude, Persistence, Dispersion };
[[nodiscard]] const char* to_string(ScorePart part) noexcept;  // "M", "P", "T"

struct TokenScore {
    std::size_t venues = 0;  // with an expectation; with none everything else is zero
    double rvol60 = 0.0;     // all venues together
    double consensus = 0.0;  // lower median over venues, capped by the best trusted one
    double level = 1.0;      // today's activity, ratio
    double magnitude = 0.0, persistence = 0.0, dispersion = 0.0, quality = 0.0;
    double n_eff_time = 0.0;
    double top_trade_share = 0.0;
    double f_venue = 0.0, f_churn = 0.0, f_tape = 0.0;
    bool churn_known = false;  // the variance baseline is ready
    bool tape_known = false;   // at least one venue has tape flags
    double score = 0.0;        // quality * min(magnitude, persistence, dispersion)
    ScorePart weakest = ScorePart::Magnitude;

    template <class A>
    void archive(A& a) {
        a(venues, rvol60, consensus, level, magnitude, persistence, dispersion, quality,
          n_eff_time);
        a(top_trade_share, f_venue, f_churn, f_tape, churn_known, tape_known, score, weakest);
    }
};

[[nodiscard]] TokenScore token_score(const TokenWindow& window,
                                     const VolumeParams& params) noexcept;

struct VenueRvol {
    double rvol = 0.0;
    bool trusted = false;
};
// Lower median, capped by the best trusted venue where there is one. 0 without venues; venues
// beyond kMaxTokenVenues are ignored.
[[nodiscard]] double consensus_rvol(std::span<const VenueRvol> venues) noexcept;

// Today's activity against the median of the same slot: EWMA of ln(V5 / median5).
class ActivityLevel {
public:
    struct Slot {
        double volume;  // all venues, base units
        double median;  // of this slot, base units; not positive: the slot is skipped
    };
    // A closed 5-minute slot; returns its ln ratio. `frozen` while the token's volume is building,
    // confirmed or suspect: an event must not become its own normal.
    double close_slot(const Slot& slot, bool frozen, const VolumeParams& params) noexcept;
    [[nodiscard]] double value() const noexcept { return level_; }  // ln units
    [[nodiscard]] double ratio() const noexcept;                    // exp(max(0, value))

    template <class A>
    void archive(A& a) {
        a(level_);
    }

private:
    double level_ = 0.0;
};

enum class VolumeState : std::uint8_t { None, Building, Confirmed, Suspect, Faded };
enum class VolumeTrigger : std::uint8_t { None, Volume, Price };
enum class VolumeReason : std::uint8_t {
    None,
    Quality,
    OneTrade,
    Headline,
    Quiet,
    NoFollowThrough
};
[[nodiscard]] const char* to_string(VolumeState state) noexcept;
[[nodiscard]] const char* to_string(VolumeTrigger trigger) noexcept;
[[nodiscard]] const char* to_string(VolumeReason reason) noexcept;

// One closed minute. RVOLs are over today's activity level.
struct VolumeMinute {
    std::int64_t minute = 0;
    double score = 0.0;
    double c15 = 0.0;         // consensus RVOL of 15 minutes / level
    double r15 = 0.0;         // total RVOL of 15 minutes / level
    double j15 = 0.0;         // |15-minute return| in baseline sigmas; 0 when unknown
    double rt = 0.0;          // total RVOL of 60 minutes / level
    double quality = 1.0;     // Q
    double dispersion = 1.0;  // T
    bool degraded = false;    // nothing moves
    bool may_confirm = true;  // false: no baseline yet
    std::int32_t length = 1;  // minutes; more when the input is a longer bar

    template <class A>
    void archive(A& a) {
        a(minute, score, c15, r15, j15, rt, quality, dispersion, degraded, may_confirm, length);
    }
};

struct VolumeEdge {
    VolumeState state = VolumeState::None;
    VolumeState prev = VolumeState::None;
    VolumeTrigger trigger = VolumeTrigger::None;  // of this episode
    VolumeReason reason = VolumeReason::None;
    std::int32_t age = 0;  // minutes since `building`
    VolumeMinute at;
};

class TokenVolume {
public:
    // One evaluation per closed minute. `faded` ends silently after its cooldown.
    std::optional<VolumeEdge> minute(const VolumeMinute& input,
                                     const VolumeParams& params) noexcept;

    [[nodiscard]] VolumeState state() const noexcept { return state_; }
    [[nodiscard]] bool level_frozen() const noexcept {
        return state_ != VolumeState::None && state_ != VolumeState::Faded;
    }
    // The flag that this minute raises; None when it is clean.
    [[nodiscard]] VolumeReason flag(const VolumeMinute& input,
                                    const VolumeParams& params) const noexcept;
    // After an outage: good, bad and quiet minutes start again.
    void reset_counters() noexcept { good_ = bad_ = quiet_ = 0; }

    // What a confirmation still needs: score, c15, age, flag, minutes, degraded, eligible.
    [[nodiscard]] Gates gates(const VolumeMinute& input, const VolumeParams& params) const noexcept;

    template <class A>
    void archive(A& a) {
        a(state_, trigger_, cooling_, cool_until_, age_, bad_, good_, quiet_);
    }

private:
    [[nodiscard]] std::optional<VolumeEdge> start(const VolumeMinute& input,
                                                  const VolumeParams& params) noexcept;
    [[nodiscard]] VolumeEdge go(VolumeState next, VolumeReason reason,
                                const VolumeMinute& input) noexcept;
    void count(const VolumeMinute& input, VolumeReason flagged,
               const VolumeParams& params) noexcept;
    [[nodiscard]] std::int32_t min_age(const VolumeParams& params) const noexcept;

    VolumeState state_ = VolumeState::None;
    VolumeTrigger trigger_ = VolumeTrigger::None;
    bool cooling_ = false;
    std::int64_t cool_until_ = 0;
    std::int32_t age_ = 0, bad_ = 0, good_ = 0, quiet_ = 0;
};

// Volume far beyond normal with a price jump in the same quarter hour; evidence.
[[nodiscard]] bool is_blowoff(const VolumeMinute& input, const VolumeParams& params) noexcept;

}  // namespace spill
