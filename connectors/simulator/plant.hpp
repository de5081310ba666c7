// Plants single facts into a day: each call shapes one instrument's path and volume and writes the
// truth that follows. Minutes count from the open of the live session.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulator/profile.hpp"
#include "connectors/simulator/rng.hpp"
#include "connectors/simulator/scenario.hpp"

namespace spill::sim {

struct TrueBreak {
    std::string_view scenario = "S1";
    double minute = 0.0;  // of the push through the prior high
    bool retest = false;
    bool demand_d20 = false;
    double volume = 4.0;
};

struct FailedBreak {
    std::string_view scenario = "S3";
    double minute = 0.0;
    double back = 0.0;     // minutes after the push at which it turns
    double fall = 12.0;    // minutes from the turn to acceptance inside
    double volume = 0.95;  // multiple from the push until the turn
    bool confirms = false;
};

struct Organic {
    double minute = 0.0;
    double multiple = 6.0;
    double ramp = 8.0;     // minutes from ordinary to full volume
    double until = 200.0;  // full volume lasts to here, then half the excess to `fade`
    double fade = 285.0;
    double rise = 0.25;  // x gained over the wave
    bool demand_confirmed = true;
    double variance_exponent = 0.7;  // as InstrumentPlan
};

class Planter {
public:
    Planter(const MarketConfig& config, const Profiles& profiles, DayPlan& plan);

    // Each instrument is taken once; nullptr when there is none left.
    const InstrumentProfile* take_leader();
    const InstrumentProfile* take_member();
    // REQUIRES nothing of `bucket` when it is invalid; otherwise a token whose parent it is.
    const InstrumentProfile* take_token(GroupId bucket, std::size_t min_feeds);
    [[nodiscard]] GroupId biggest_bucket() const;

    void true_break(const InstrumentProfile* chip, const TrueBreak& spec);
    void failed_break(const InstrumentProfile* chip, const FailedBreak& spec);
    void drift(const InstrumentProfile* chip, double minute);
    void chop(const InstrumentProfile* chip, double minute);
    void gap_open(const InstrumentProfile* chip);

    void organic(const InstrumentProfile* token, const Organic& spec);
    // A second wave of volume in which an organic token is sold, from `minute` to `until`.
    void sell(const InstrumentProfile* token, double minute, double until, double fall);
    void headline(const InstrumentProfile* token, double minute, double volume);
    void wash(const InstrumentProfile* token, double minute, WashStyle style, std::size_t venues);
    void block(const InstrumentProfile* token, double minute);
    void burst(const InstrumentProfile* token, double minute);

    // The row's key is explained all day; nothing is demanded of it.
    void explain(std::string_view scenario, SignalType type, std::string key);
    void row(std::string_view scenario, SignalType type, std::string key, double from, double to,
             std::initializer_list<const char*> expect, std::initializer_list<const char*> forbid,
             std::string words);

    [[nodiscard]] const std::string& name(const InstrumentProfile& profile) const;
    [[nodiscard]] Rng& rng() noexcept { return rng_; }
    [[nodiscard]] double close() const noexcept { return profiles_.close_minute(); }
    [[nodiscard]] InstrumentPlan& plan_of(const InstrumentProfile& profile) noexcept {
        return plan_.instruments[profile.id.value];
    }

private:
    const InstrumentProfile* take(std::vector<const InstrumentProfile*>& pool, std::size_t at);
    void explain_breaks(std::string_view scenario, const InstrumentProfile& profile,
                        std::initializer_list<const char*> kinds);
    [[nodiscard]] std::string level_text(const InstrumentProfile& profile, double level) const;

    const MarketConfig& config_;
    const Profiles& profiles_;
    DayPlan& plan_;
    Rng rng_;
    std::vector<const InstrumentProfile*> leaders_, members_, tokens_;
};

}  // namespace spill::sim
