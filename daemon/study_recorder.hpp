// Watches the production engine over recorded data and keeps what a study needs of it.
//
// It is the engine's sink and looks at the engine's books after every closed minute; it changes
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/breakout.hpp"
#include "core/engine.hpp"
#include "core/signal.hpp"

namespace spill::study {

// One life of a breakout, from its trigger on.
struct Episode {
    InstrumentId instrument;
    Market market = Market::Utc;
    BreakoutKind kind = BreakoutKind::OpeningRange;
    BreakoutSide side = BreakoutSide::Up;
    std::int32_t session = 0;  // of the trigger, yyyymmdd
    UnixNanos open;            // of that session
    Price level;
    bool confirmed = false;                // in the session of the trigger
    bool expired = false;                  // closed beyond the level, never confirmed
    bool failed = false;                   // in the session of the trigger
    bool held = false;                     // 15 closes in a row beyond the level
    std::optional<double> rvol15_at_hold;  // when it first held so long
    bool flipped = false;                  // the other side of this kind triggered later that day
};

struct SessionClose {
    std::int32_t date = 0;
    Price close;
};

// A token's volume at the end of a five-minute slot, over its eligible venues.
struct TokenSample {
    std::int64_t minute = 0;  // the end of the slot
    std::uint32_t venues = 0;
    double rvol60 = 0.0, rvol5 = 0.0;
    bool cuts = false;  // what lies before is not known: no baseline or no data
};

struct TokenEdge {
    InstrumentId instrument;
    VolumeState state = VolumeState::None;
    VolumeState prev = VolumeState::None;
    std::int64_t minute = 0;
};

struct Log {
    std::vector<Episode> episodes;
    std::vector<std::vector<SessionClose>> closes;  // by instrument, whole sessions, ascending
    std::vector<std::int64_t> level_sessions;       // by instrument: sessions with levels
    std::vector<std::vector<TokenSample>> samples;  // by instrument; empty when it is no token
    std::vector<TokenEdge> token_edges;
    // Breakout edges by market, kind and state.
    std::array<std::array<std::array<std::int64_t, 8>, kBreakoutKinds>, kMarkets> edges{};
};

class Recorder final : public SignalSink {
public:
    // REQUIRES `engine` to outlive the object. The engine calls on_signal from within apply().
    explicit Recorder(const Engine& engine);

    void on_signal(const Signal& signal) noexcept override;
    // After each closed minute; `end` is the number of the minute that begins.
    void minute_closed(std::int64_t end);

    [[nodiscard]] const Log& log() const noexcept { return log_; }

private:
    void on_breakout(const Signal& signal);
    void on_volume(const Signal& signal);
    void start(const Signal& signal, const Instrument& row, BreakoutKind kind, BreakoutSide side);
    void watch_holds();
    void watch_sessions();
    void sample_tokens(std::int64_t end);

    const Engine& engine_;
    Log log_;
    std::map<std::uint64_t, std::size_t> open_;  // engine's episode -> index, until it ends
    std::vector<std::int32_t> session_seen_;     // by instrument: last session that had levels
};

}  // namespace spill::study
