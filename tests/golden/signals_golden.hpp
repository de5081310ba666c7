// The worked examples that every implementation of the rules must reproduce to 1e-6.
//
// G1..G13 in the order of the specification; a value that the example does not give is absent.
#pragma once

#include <array>
#include <cstdint>

namespace spill::golden {

inline constexpr double kTolerance = 1e-6;

// G1: session bars, ATR14 from the 15th bar on, and the mean of the first six true ranges.
struct HighLowClose {
    double high, low, close;
};
inline constexpr std::array<HighLowClose, 17> kG1Bars{{{100.8, 99.3, 100.0},
                                                       {102.1, 100.4, 101.2},
                                                       {101.4, 99.5, 100.4},
                                                       {102.9, 101.1, 102.1},
                                                       {103.9, 102.3, 103.0},
                                                       {103.2, 101.4, 102.2},
                                                       {104.9, 103.2, 104.1},
                                                       {105.9, 104.0, 105.0},
                                                       {105.2, 103.5, 104.2},
                                                       {103.9, 102.3, 103.1},
                                                       {105.8, 104.0, 104.9},
                                                       {107.3, 105.3, 106.3},
                                                       {107.8, 106.3, 107.0},
                                                       {107.0, 105.3, 106.1},
                                                       {109.2, 107.3, 108.2},
                                                       {110.2, 108.4, 109.4},
                                                       {108.6, 107.0, 107.7}}};
inline constexpr std::array<double, 3> kG1Atr{2.121429, 2.112755, 2.133273};
inline constexpr double kG1Provisional = 2.133333;

// G2: 'a' accept, 'j' accept as a jump, 'h' hold; VWAP after the print.
struct Print {
    double price, size;
    char verdict;
    double vwap;
};
inline constexpr std::array<Print, 13> kG2{{{100.0, 200.0, 'a', 100.0},
                                            {100.02, 100.0, 'a', 100.006667},
                                            {100.01, 300.0, 'a', 100.008333},
                                            {100.03, 100.0, 'a', 100.011429},
                                            {100.02, 100.0, 'a', 100.0125},
                                            {100.04, 200.0, 'a', 100.018},
                                            {104.9, 100.0, 'h', 100.018},
                                            {100.05, 100.0, 'a', 100.020909},
                                            {100.06, 400.0, 'a', 100.031333},
                                            {101.5, 100.0, 'h', 100.031333},
                                            {101.52, 300.0, 'h', 100.031333},
                                            {101.51, 200.0, 'j', 100.454762},
                                            {101.55, 100.0, 'a', 100.504545}}};

// G3: six sessions of four slots.
inline constexpr std::array<std::array<double, 4>, 6> kG3Volumes{
    {{{900.0, 480.0, 300.0, 500.0}},
     {{1100.0, 500.0, 250.0, 650.0}},
     {{1000.0, 450.0, 420.0, 600.0}},
     {{5000.0, 2600.0, 1900.0, 2500.0}},
     {{1200.0, 420.0, 280.0, 540.0}},
     {{1050.0, 410.0, 330.0, 610.0}}}};
inline constexpr std::array<double, 4> kG3Median{1075.0, 465.0, 315.0, 605.0};
inline constexpr std::array<double, 4> kG3Expected{1072.815041, 464.054878, 314.359756, 603.770325};
inline constexpr std::array<double, 4> kG3Cumulative{1075.0, 1530.0, 1860.0, 2455.0};
inline constexpr double kG3RvolCum = 1.193317;  // 1500 at minute 7

// G4, G5: closes and the edges of one slot.
struct Close {
    std::int64_t minute;
    double price;
};
struct BreakoutRow {
    std::int64_t minute;
    const char* prev;
    const char* state;
    const char* why;
    double price;
    double mfe_atr;        // of confirmed and failed
    int retests;           // likewise
    std::int64_t minutes;  // since the trigger, likewise
    int sessions;          // of held and failed
    double value;          // dist_atr of armed, ret_atr of held
};
inline constexpr std::array<Close, 22> kG4Closes{
    {{0, 99.3},   {1, 99.6},   {2, 99.9},    {3, 100.03}, {4, 100.05}, {5, 100.3},
     {6, 99.92},  {7, 100.1},  {8, 100.2},   {9, 100.4},  {10, 100.6}, {11, 100.8},
     {12, 100.2}, {13, 99.85}, {14, 99.68},  {15, 99.66}, {16, 99.64}, {17, 99.9},
     {18, 100.5}, {22, 100.7}, {23, 100.86}, {24, 100.95}}};
inline constexpr std::array<BreakoutRow, 6> kG4Edges{
    {{1, "idle", "armed", "", 99.6, 0.0, 0, 0, 0, 0.22},
     {4, "armed", "triggered", "", 100.05, 0.0, 0, 0, 0, 0.0},
     {10, "triggered", "confirmed", "", 100.6, 0.3, 1, 6, 0, 0.0},
     {16, "confirmed", "failed", "accepted_back", 99.64, 0.4, 2, 12, 0, 0.0},
     {22, "idle", "armed", "", 100.7, 0.0, 0, 0, 0, 0.07},
     {23, "armed", "triggered", "", 100.86, 0.0, 0, 0, 0, 0.0}}};
inline constexpr std::array<BreakoutRow, 5> kG5Edges{
    {{5, "idle", "triggered", "", 51.2, 0.0, 0, 0, 0, 0.0},
     {19, "triggered", "confirmed", "", 51.19, 0.6, 0, 14, 0, 0.0},
     {390, "confirmed", "held", "", 0.0, 0.0, 0, 0, 1, 0.95},
     {780, "held", "held", "", 0.0, 0.0, 0, 0, 2, 0.2},
     {806, "held", "failed", "accepted_back", 49.4, 0.6, 1, 801, 2, 0.0}}};

// G6: two sets of five members.
struct Member {
    double last, prev_close, vwap, or_high, atr, rvol;
};
struct ParticipationRow {
    const char* state;
    double breadth_up, breadth_down, above_or, volume_share, n_eff_up, n_eff_down, move_atr;
};
inline constexpr std::array<Member, 5> kG6Broad{{{103.0, 100.0, 102.0, 102.5, 4.0, 1.8},
                                                 {51.0, 50.0, 50.6, 50.8, 2.0, 1.2},
                                                 {202.0, 199.0, 201.0, 201.5, 6.0, 1.1},
                                                 {81.0, 80.0, 80.4, 80.9, 3.0, 0.9},
                                                 {29.9, 30.0, 30.0, 30.2, 1.0, 0.8}}};
inline constexpr ParticipationRow kG6BroadReading{"broad_up", 0.8,      0.2, 0.8,
                                                  0.6,        3.698225, 1.0, 0.396667};
inline constexpr std::array<Member, 5> kG6Narrow{{{108.0, 100.0, 105.0, 104.0, 4.0, 3.0},
                                                  {50.05, 50.0, 50.1, 50.4, 2.0, 0.8},
                                                  {199.2, 199.0, 199.5, 200.0, 6.0, 0.9},
                                                  {79.8, 80.0, 80.0, 80.4, 3.0, 0.9},
                                                  {30.02, 30.0, 30.05, 30.2, 1.0, 1.0}}};
inline constexpr ParticipationRow kG6NarrowReading{"narrow_up", 0.2,      0.2, 0.2,
                                                   0.4,         1.079291, 1.0, 0.402333};

// G7: nine token hours, in the order of the test's inputs.
struct ScoreRow {
    const char* name;
    double rvol60, consensus, level, magnitude, n_eff_time, persistence, top_trade_share,
        dispersion;
    double f_venue, f_churn, f_tape, quality, score;
    const char* weakest;
};
inline constexpr std::array<ScoreRow, 9> kG7{
    {{"organic", 3.455, 3.3, 1.0, 0.568752, 8.207758, 1.0, 0.009648, 1.0, 0.0, 0.0, 0.0, 1.0,
      0.568752, "M"},
     {"organic, day already busy (L=ln1.6)", 3.455, 3.3, 1.6, 0.229716, 7.862233, 1.0, 0.009648,
      1.0, 0.0, 0.0, 0.0, 1.0, 0.229716, "M"},
     {"headline pop", 1.3575, 1.356667, 1.0, 0.0, 1.825061, 0.004641, 0.024555, 1.0, 0.0, 0.0, 0.0,
      1.0, 0.0, "M"},
     {"wash on venue 0, fixed sizes", 5.215, 1.04, 1.0, 0.0, 12.0, 1.0, 0.004794, 1.0, 1.0, 1.0,
      0.797153, 0.0, 0.0, "M"},
     {"wash on venue 0, tape mimics organic", 5.215, 1.04, 1.0, 0.0, 12.0, 1.0, 0.004794, 1.0, 1.0,
      1.0, 0.0, 0.0, 0.0, "M"},
     {"wash on both untrusted venues", 4.01, 1.04, 1.0, 0.0, 12.0, 1.0, 0.006234, 1.0, 1.0,
      0.883767, 0.0, 0.0, 0.0, "M"},
     {"same, no trusted venue configured", 4.01, 5.0, 1.0, 0.868483, 12.0, 1.0, 0.006234, 1.0, 0.0,
      0.883767, 0.0, 0.116233, 0.100947, "M"},
     {"one block trade", 2.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0.415037, 0.0, 0.0, 0.584963, 0.0,
      "M"},
     {"organic, single venue", 3.5, 3.5, 1.0, 0.611196, 8.181818, 1.0, 0.015873, 1.0, 0.0, 0.0, 0.0,
      1.0, 0.49, "M"}}};

// G8: today's level slot by slot (the last one frozen), and three runs of the state machine.
struct LevelRow {
    double volume, median, y, level;
};
struct VolumeRow {
    std::int64_t minute;
    const char* prev;
    const char* state;
    const char* note;  // trigger of building, else the reason
    double c15;
};
inline constexpr std::array<LevelRow, 6> kG8Level{{{100.0, 100.0, 0.0, 0.0},
                                                   {140.0, 100.0, 0.336472, 0.006416},
                                                   {160.0, 100.0, 0.470004, 0.015257},
                                                   {150.0, 100.0, 0.405465, 0.022698},
                                                   {155.0, 100.0, 0.438255, 0.030623},
                                                   {600.0, 100.0, 1.791759, 0.030623}}};
inline constexpr std::array<VolumeRow, 3> kG8Organic{{{14, "none", "building", "volume", 3.25},
                                                      {38, "building", "confirmed", "", 5.0},
                                                      {102, "confirmed", "faded", "", 0.6}}};
inline constexpr std::array<VolumeRow, 3> kG8Headline{{{5, "none", "building", "price", 2.6},
                                                       {29, "building", "suspect", "headline", 1.1},
                                                       {44, "suspect", "none", "quiet", -1}}};
inline constexpr std::array<VolumeRow, 3> kG8Wash{{{5, "none", "building", "volume", 1.05},
                                                   {15, "building", "suspect", "quality", 1.05},
                                                   {74, "suspect", "none", "quiet", -1}}};

// G9: flags of two tapes of twenty trades.
struct TapeRow {
    double tv, modal, round_share, pair_share, f_digit, f_size, f_round, f_pair, f_tape;
};
inline constexpr TapeRow kG9Fixed{0.717069, 0.7, 0.0, 0.914122, 1.0, 1.0, 0.852458, 1.0, 1.0};
inline constexpr TapeRow kG9Organic{0.193697, 0.05, 0.35, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};

// G10: five contexts of one bucket.
struct RotationRow {
    const char* name;
    bool on;
    int real;
    double breadth, median_z, n_eff;
    const char* cross;
};
inline constexpr std::array<RotationRow, 5> kG10{
    {{"rotation, BTC flat", true, 3, 0.8, 1.276687, 3.451539, "confirmed_live"},
     {"BTC beta wave +2.2%", false, 1, 0.2, -0.906799, 1.0, "n/a"},
     {"Asia hours, US closed 7 h", true, 3, 0.8, 1.276687, 3.451539, "confirmed_carried"},
     {"weekend 40 h", true, 3, 0.8, 1.276687, 3.451539, "none"},
     {"leader failed", true, 3, 0.8, 1.276687, 3.451539, "contradicted"}}};

// G11: score and level over 16 hours.
struct UnwindRow {
    double hour;
    bool broad_down, token_sell;
    double score;
    int level;
};
inline constexpr std::array<UnwindRow, 9> kG11{{{-0.1, false, false, 0.0, 0},
                                                {0.0, false, false, 0.4, 1},
                                                {1.0, true, false, 0.62347, 2},
                                                {2.0, true, true, 0.777737, 3},
                                                {3.0, true, true, 0.822974, 3},
                                                {5.0, false, true, 0.679643, 3},
                                                {7.0, false, false, 0.342228, 1},
                                                {10.0, false, false, 0.250783, 1},
                                                {16.0, false, false, 0.130811, 0}}};

// G12
inline constexpr double kG12Beta = 1.513055;
inline constexpr double kG12Correlation = 0.986914;

// G13: 't' a trade, 'c' a clock tick; milliseconds.
struct BarInput {
    char kind;
    std::int64_t ms;
    double price, size;
    bool late;
};
struct BarRow {
    std::int64_t minute;
    bool priced;
    double open, high, low, close, volume;
};
inline constexpr std::array<BarInput, 14> kG13Inputs{{{'t', 1000, 10.0, 5.0, false},
                                                      {'t', 59900, 10.2, 1.0, false},
                                                      {'c', 60000, 0.0, 0.0, false},
                                                      {'t', 60100, 10.3, 2.0, false},
                                                      {'t', 59950, 10.1, 4.0, false},
                                                      {'c', 61000, 0.0, 0.0, false},
                                                      {'c', 62000, 0.0, 0.0, false},
                                                      {'t', 59990, 9.9, 7.0, true},
                                                      {'t', 61000, 10.4, 1.0, false},
                                                      {'t', 60500, 10.35, 1.0, false},
                                                      {'c', 122000, 0.0, 0.0, false},
                                                      {'c', 182000, 0.0, 0.0, false},
                                                      {'t', 185000, 10.5, 3.0, false},
                                                      {'c', 242000, 0.0, 0.0, false}}};
inline constexpr std::array<BarRow, 4> kG13Bars{{{0, true, 10.0, 10.2, 10.0, 10.1, 10.0},
                                                 {1, true, 10.3, 10.4, 10.3, 10.4, 4.0},
                                                 {2, false, 0.0, 0.0, 0.0, 0.0, 0.0},
                                                 {3, true, 10.5, 10.5, 10.5, 10.5, 3.0}}};
inline constexpr double kG13SessionVolume = 24.0;
inline constexpr int kG13Late = 1;

}  // namespace spill::golden
