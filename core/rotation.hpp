// A token bucket moves on real volume, beyond what BTC explains; and whether chips agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/gate.hpp"
#include "core/params.hpp"

namespace spill {

struct RotationToken {
    double r60 = 0.0;        // log return of 60 minutes
    double beta = 1.0;       // to BTC
    double sigma60 = 0.0;    // expected standard deviation of r60, > 0
    bool confirmed = false;  // its volume state
};

enum class Theme : std::uint8_t { Mixed, Up, Down };

// What the chips of one market say.
struct ThemeInputs {
    bool leader_up = false;      // a leader's PD or D20 up-breakout is confirmed or held
    bool broad_up = false;       // semis or that leader's basket broad_up, excess_atr > 0
    bool leader_failed = false;  // from confirmed or held, in this session or the last one
    bool broad_down = false;     // semis broad_down
};
[[nodiscard]] Theme theme_of(const ThemeInputs& inputs) noexcept;

struct ThemeView {
    Theme theme = Theme::Mixed;
    bool live = false;             // market in session and state fresh
    double age_hours = 0.0;        // since the last close, when not live
    bool derivative_only = false;  // every leader leg rests on derivative feeds
};

enum class Cross : std::uint8_t {
    None,
    ConfirmedLive,
    ConfirmedCarried,
    ConfirmedDerivative,
    Contradicted
};
[[nodiscard]] const char* to_string(Cross cross) noexcept;
[[nodiscard]] Cross cross_of(const ThemeView& view, const RotationParams& params) noexcept;

inline constexpr std::size_t kMaxBucketTokens = 64;

struct RotationReading {
    std::int32_t n = 0;
    bool sufficient = false;  // n >= min_tokens; nothing else is set otherwise
    std::int32_t real = 0;    // confirmed, rising, ahead of BTC
    double breadth = 0.0;     // share ahead of BTC
    double median_z = 0.0;
    double median_rel = 0.0;  // median of r60 - beta * r60_btc
    double n_eff = 0.0;
    bool enter = false;  // the conditions of `on` hold in this minute
    bool leave = false;  // the conditions of `off` hold in this minute

    template <class A>
    void archive(A& a) {
        a(n, sufficient, real, breadth, median_z, median_rel, n_eff, enter, leave);
    }
};

// Tokens beyond kMaxBucketTokens are ignored.
[[nodiscard]] RotationReading rotation(std::span<const RotationToken> tokens, double r60_btc,
                                       const RotationParams& params) noexcept;

// What `on` still needs: tokens, real, breadth, median_z.
[[nodiscard]] Gates rotation_gates(const RotationReading& reading,
                                   const RotationParams& params) noexcept;

struct RotationEdge {
    bool on = false;
    bool was_on = false;  // on and was_on: only `cross` has changed
    Cross cross = Cross::None;
};

class Rotation {
public:
    std::optional<RotationEdge> minute(const RotationReading& reading, Cross cross,
                                       const RotationParams& params) noexcept;
    [[nodiscard]] bool on() const noexcept { return on_; }
    [[nodiscard]] Cross cross() const noexcept { return cross_; }
    void reset_counters() noexcept { streak_ = 0; }

    template <class A>
    void archive(A& a) {
        a(on_, cross_, streak_);
    }

private:
    bool on_ = false;
    Cross cross_ = Cross::None;
    std::int32_t streak_ = 0;
};

}  // namespace spill
