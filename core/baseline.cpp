#include "core/baseline.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/feature.hpp"

namespace spill {
namespace {

using Column = std::array<double, kMaxBaselineSessions>;

constexpr double kUnknown = -1.0;
constexpr int kMinCumulativeSessions = 4;

double median_of_first(Column& column, int n) noexcept {
    return median({column.data(), static_cast<std::size_t>(n)});
}

}  // namespace

int slots_of(Market market) noexcept { return market == Market::Utc ? kMaxSlots : kStockSlots; }

BaselineShape weekday_shape(const BaselineParams& params, int slots) noexcept {
    return {.slots = slots,
            .sessions = params.sessions,
            .provisional_from = params.provisional_sessions,
            .ready_from = params.ready_sessions,
            .median_floor = params.median_floor};
}

BaselineShape weekend_shape(const BaselineParams& params, int slots) noexcept {
    return {.slots = slots,
            .sessions = params.weekend_sessions,
            .provisional_from = params.weekend_provisional_sessions,
            .ready_from = params.weekend_ready_sessions,
            .median_floor = params.median_floor};
}

bool is_weekend(UnixNanos at) noexcept {
    constexpr std::int64_t kMinutesPerDay = 1440;
    std::int64_t const minute = minute_of(at);
    std::int64_t day = minute / kMinutesPerDay;
    if (minute % kMinutesPerDay < 0) --day;
    std::int64_t const weekday = (((day + 4) % 7) + 7) % 7;  // day 0 was a Thursday; 0 = Sunday
    return weekday == 0 || weekday == 6;
}

SlotBaseline::SlotBaseline(const BaselineShape& shape) : shape_(shape) {
    SPILL_CHECK(shape.slots >= 1 && shape.slots <= kMaxSlots);
    SPILL_CHECK(shape.sessions >= 1 && shape.sessions <= kMaxBaselineSessions);
    auto const slots = static_cast<std::size_t>(shape.slots);
    auto const cells = slots * static_cast<std::size_t>(shape.sessions);
    volumes_.assign(cells, 0.0);
    present_.assign(cells, 0);
    median_.assign(slots, 0.0);
    expected_.assign(slots, 0.0);
    cumulative_.assign(slots, kUnknown);
}

std::size_t SlotBaseline::offset(int row) const noexcept {
    // Before the ring is full its rows start at 0; afterwards the oldest one is at head_.
    int const first = sessions_ == shape_.sessions ? head_ : 0;
    int const at = (first + row) % shape_.sessions;
    return static_cast<std::size_t>(at) * static_cast<std::size_t>(shape_.slots);
}

void SlotBaseline::add_session(std::span<const double> volumes,
                               std::span<const std::uint8_t> present) noexcept {
    auto const slots = static_cast<std::size_t>(shape_.slots);
    SPILL_CHECK(volumes.size() == slots && present.size() == slots);
    auto const at = static_cast<std::ptrdiff_t>(static_cast<std::size_t>(head_) * slots);
    std::copy(volumes.begin(), volumes.end(), volumes_.begin() + at);
    std::copy(present.begin(), present.end(), present_.begin() + at);
    head_ = (head_ + 1) % shape_.sessions;
    sessions_ = std::min(sessions_ + 1, shape_.sessions);
    recompute();
}

void SlotBaseline::scale(double factor) noexcept {
    for (double& volume : volumes_) volume *= factor;
    recompute();
}

BaselineQuality SlotBaseline::quality() const noexcept {
    if (sessions_ < shape_.provisional_from) return BaselineQuality::None;
    return sessions_ < shape_.ready_from ? BaselineQuality::Provisional : BaselineQuality::Ready;
}

double SlotBaseline::median_of(int slot) const noexcept {
    if (slot < 0 || slot >= shape_.slots) return 0.0;
    return median_[static_cast<std::size_t>(slot)];
}

double SlotBaseline::expected(int slot) const noexcept {
    if (slot < 0 || slot >= shape_.slots) return 0.0;
    return expected_[static_cast<std::size_t>(slot)];
}

std::optional<double> SlotBaseline::cumulative_at(int minutes) const noexcept {
    if (minutes <= 0 || minutes > shape_.slots * kSlotMinutes) return std::nullopt;
    auto const slot = static_cast<std::size_t>(minutes / kSlotMinutes);
    int const inside = minutes % kSlotMinutes;
    double const before = slot == 0 ? 0.0 : cumulative_[slot - 1];
    if (before < 0.0) return std::nullopt;
    if (inside == 0) return before;
    double const after = cumulative_[slot];
    if (after < 0.0) return std::nullopt;
    return before + (after - before) * inside / kSlotMinutes;
}

std::span<const double> SlotBaseline::volumes(int row) const noexcept {
    SPILL_CHECK(row >= 0 && row < sessions_);
    return {volumes_.data() + offset(row), static_cast<std::size_t>(shape_.slots)};
}

std::span<const std::uint8_t> SlotBaseline::present(int row) const noexcept {
    SPILL_CHECK(row >= 0 && row < sessions_);
    return {present_.data() + offset(row), static_cast<std::size_t>(shape_.slots)};
}

void SlotBaseline::recompute() noexcept {
    recompute_expected();
    recompute_cumulative();
}

// M is the median of a slot over the sessions that have it, floored. A session's activity is its
// volume over the sum of M over its present slots; E = M times the median activity. For complete
// sessions that is M * median(total) / sum(M), and a session with a hole still has its say.
void SlotBaseline::recompute_expected() noexcept {
    auto const slots = static_cast<std::size_t>(shape_.slots);
    Column column{};
    double sum = 0.0;
    int known = 0;
    for (std::size_t b = 0; b < slots; ++b) {
        int n = 0;
        for (int d = 0; d < sessions_; ++d) {
            std::size_t const at = offset(d) + b;
            if (present_[at] != 0) column[static_cast<std::size_t>(n++)] = volumes_[at];
        }
        median_[b] = n == 0 ? kUnknown : median_of_first(column, n);
        if (n == 0) continue;
        sum += median_[b];
        ++known;
    }
    double const floor = known == 0 ? 0.0 : shape_.median_floor * sum / known;
    for (double& m : median_) m = m < 0.0 ? 0.0 : std::max(m, floor);

    int days = 0;
    for (int d = 0; d < sessions_; ++d) {
        double total = 0.0;
        double normal = 0.0;
        for (std::size_t b = 0; b < slots; ++b) {
            std::size_t const at = offset(d) + b;
            if (present_[at] == 0) continue;
            total += volumes_[at];
            normal += median_[b];
        }
        if (normal > 0.0) column[static_cast<std::size_t>(days++)] = total / normal;
    }
    double const activity = median_of_first(column, days);
    for (std::size_t b = 0; b < slots; ++b) expected_[b] = median_[b] * activity;
}

void SlotBaseline::recompute_cumulative() noexcept {
    auto const slots = static_cast<std::size_t>(shape_.slots);
    Column running{};
    std::array<bool, kMaxBaselineSessions> whole{};
    whole.fill(true);
    int const needed = std::min(kMinCumulativeSessions, sessions_);
    for (std::size_t b = 0; b < slots; ++b) {
        Column column{};
        int n = 0;
        for (int d = 0; d < sessions_; ++d) {
            auto const day = static_cast<std::size_t>(d);
            std::size_t const at = offset(d) + b;
            whole[day] = whole[day] && present_[at] != 0;
            if (!whole[day]) continue;
            running[day] += volumes_[at];
            column[static_cast<std::size_t>(n++)] = running[day];
        }
        cumulative_[b] = n < needed || n == 0 ? kUnknown : median_of_first(column, n);
    }
}

std::optional<double> rvol_cumulative(const SlotBaseline& baseline, double volume,
                                      int minutes) noexcept {
    auto const expected = baseline.cumulative_at(minutes);
    if (!expected || !(*expected > 0.0)) return std::nullopt;
    return volume / *expected;
}

namespace {

// Four bins per octave, from 2^-46 (returns of 1e-7) upwards.
constexpr int kLowestExponent = -46;
constexpr float kMinSamples = 1000.0F;
constexpr float kRollKeep = 0.95F;  // 1 - 1/20 sessions
constexpr float kTail = 0.001F;

std::size_t bin_of(double r2, std::size_t bins) noexcept {
    if (!(r2 > 0.0)) return 0;
    int exponent = 0;
    double const mantissa = std::frexp(r2, &exponent);  // [0.5, 1)
    int const quarter = static_cast<int>((mantissa - 0.5) * 8.0);
    int const bin = (exponent - kLowestExponent) * 4 + quarter;
    return static_cast<std::size_t>(std::clamp(bin, 0, static_cast<int>(bins) - 1));
}

double upper_edge(std::size_t bin) noexcept {
    int const exponent = static_cast<int>(bin / 4) + kLowestExponent;
    return std::ldexp(0.5 + 0.125 * static_cast<double>(bin % 4 + 1), exponent);
}

}  // namespace

double VarianceCap::apply(double r2) noexcept {
    double out = r2;
    if (total_ >= kMinSamples) {
        float tail = 0.0F;
        std::size_t bin = kBins - 1;
        // The highest bin whose tail, itself included, is more than 0.1 % of all samples.
        while (bin > 0 && tail + bins_[bin] <= kTail * total_) tail += bins_[bin--];
        out = std::min(r2, upper_edge(bin));
    }
    bins_[bin_of(r2, kBins)] += 1.0F;
    total_ += 1.0F;
    return out;
}

void VarianceCap::roll() noexcept {
    total_ = 0.0F;
    for (float& bin : bins_) {
        bin *= kRollKeep;
        total_ += bin;
    }
}

void RvolWindow::put(const Minute& value) noexcept {
    Minute& slot = ring_[static_cast<std::size_t>(head_)];
    present_ -= slot.present ? 1 : 0;
    slot = value;
    present_ += slot.present ? 1 : 0;
    head_ = head_ + 1 == kMinutes ? 0 : head_ + 1;
}

void RvolWindow::push(std::int64_t minute, const Minute& value) noexcept {
    std::int64_t const skipped = started_ ? minute - last_ - 1 : 0;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(skipped, kMinutes); ++i) put(Minute{});
    put(value.present && value.expected > 0.0 ? value : Minute{});
    last_ = minute;
    started_ = true;
}

void RvolWindow::restart() noexcept {
    ring_.fill(Minute{});
    present_ = 0;
    started_ = false;
}

const RvolWindow::Minute& RvolWindow::ago(int minutes) const noexcept {
    int const at = head_ - 1 - minutes;
    return ring_[static_cast<std::size_t>(at < 0 ? at + kMinutes : at)];
}

RvolWindow::Sums RvolWindow::sums(int minutes) const noexcept {
    Sums out;
    for (int i = std::min(minutes, kMinutes) - 1; i >= 0; --i) {
        Minute const& m = ago(i);
        out.volume += m.volume;
        out.expected += m.expected;
        out.present += m.present ? 1 : 0;
    }
    return out;
}

std::optional<double> RvolWindow::rvol(int minutes) const noexcept {
    Sums const s = sums(minutes);
    if (s.present == 0) return std::nullopt;
    return s.volume / s.expected;
}

RvolWindow::Blocks RvolWindow::blocks() const noexcept {
    Blocks out;
    for (int i = 0; i < kMinutes; ++i) {
        Minute const& m = ago(kMinutes - 1 - i);
        auto const block = static_cast<std::size_t>(i / kSlotMinutes);
        out.volume[block] += m.volume;
        out.expected[block] += m.expected;
    }
    return out;
}

}  // namespace spill
