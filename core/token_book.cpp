#include "core/token_book.hpp"

#include <algorithm>
#include <cmath>

#include "core/feature.hpp"

namespace spill {
namespace {

// Observed minutes of the last hour that a venue needs to be eligible, as a share.
bool covered(const FeedBook& feed, double share) noexcept {
    return feed.window().present() >= share * static_cast<double>(RvolWindow::kMinutes);
}

BaselineQuality worse(BaselineQuality a, BaselineQuality b) noexcept { return std::min(a, b); }

}  // namespace

const char* to_string(Direction direction) noexcept {
    switch (direction) {
        case Direction::Flat: return "flat";
        case Direction::Up: return "up";
        case Direction::Down: return "down";
    }
    return "flat";
}

TokenBook::TokenBook(const Instrument&, const Params& params) : params_(&params) {
    variance_.emplace_back(weekday_shape(params.baseline, kMaxSlots));
    variance_.emplace_back(weekend_shape(params.baseline, kMaxSlots));
}

void TokenBook::open_session(UnixNanos open) noexcept {
    weekend_ = is_weekend(open);
    slot_r2_.fill(0.0);
    slot_seen_.fill(0);
}

void TokenBook::add_feed_minute(const FeedMinute& minute) noexcept {
    gathering_.largest = std::max(gathering_.largest, minute.bar.largest.to_double());
    gathering_.buy += minute.bar.buy.to_double();
    gathering_.sell += minute.bar.sell.to_double();
    gathering_.trades += minute.bar.trades;
}

const TokenBook::Minute& TokenBook::ago(int minutes) const noexcept {
    int const n = static_cast<int>(ring_.size());
    return ring_[static_cast<std::size_t>((head_ - 1 - minutes + 2 * n) % n)];
}

// A bar of k minutes fills k minutes: its squared return is spread evenly, its close is the close
// of all of them but only the last step carries the return.
void TokenBook::book_variance(const LeadMinute& lead) noexcept {
    std::int32_t const length = std::min<std::int32_t>(lead.minute.length, kHour);
    if (lead.minute.bar.priced) {
        gathering_.close = lead.minute.bar.close.to_double();
    } else {
        gathering_.close = last_close_;
    }
    bool const present = lead.present() && last_close_ > 0.0 && gathering_.close > 0.0;
    double r2 = 0.0;
    if (present) {
        double const r = std::log(gathering_.close / last_close_);
        r2 = cap_.apply(r * r);
    }
    if (gathering_.close > 0.0) last_close_ = gathering_.close;
    for (std::int32_t i = length - 1; i >= 0; --i) {
        std::int32_t const index = std::max(lead.at.index - i, 0);
        auto const slot = static_cast<std::size_t>(index / kSlotMinutes);
        Minute minute = i == 0 ? gathering_ : Minute{};
        minute.close = gathering_.close;
        minute.present = present;
        minute.r2 = r2 / length;
        minute.expected = variance().expected_per_minute(static_cast<int>(slot));
        if (present) {
            slot_r2_[slot] += minute.r2;
            ++slot_seen_[slot];
        }
        ring_[static_cast<std::size_t>(head_)] = minute;
        head_ = (head_ + 1) % static_cast<int>(ring_.size());
    }
    gathering_ = Minute{};
}

void TokenBook::book_level(const LeadMinute& lead, std::span<FeedBook> feeds) noexcept {
    if ((lead.at.index + 1) % kSlotMinutes != 0) return;
    int const slot = lead.at.index / kSlotMinutes;
    ActivityLevel::Slot sum{0.0, 0.0};
    for (const FeedBook& feed : feeds) {
        if (feed.slot_observed(slot) < kSlotMinutes) continue;
        double const median = feed.baseline().median_of(slot);
        if (median <= 0.0) continue;
        sum.volume += feed.slot_volume(slot);
        sum.median += median;
    }
    level_.close_slot(sum, machine_.level_frozen(), params_->volume);
    if (machine_.state() != VolumeState::None) calm_hour_ = false;
    if ((lead.at.index + 1) % kHour == 0) {
        if (calm_hour_) {
            for (FeedBook& feed : feeds) feed.tape().learn_hour(params_->tape);
        }
        calm_hour_ = machine_.state() == VolumeState::None;
    }
}

void TokenBook::choose_venues(std::span<FeedBook> feeds) noexcept {
    double week = 0.0;
    for (const FeedBook& feed : feeds) week += feed.week_volume();
    view_.eligible = 0;
    view_.quality = BaselineQuality::Ready;
    for (const FeedBook& feed : feeds) {
        bool const large = q9(feed.week_volume()) >= q9(params_->volume.venue_share * week);
        if (!large || !covered(feed, params_->volume.venue_coverage)) continue;
        if (feed.baseline().quality() == BaselineQuality::None) continue;
        if (feed.suspicion() != VolumeSuspicion::None) continue;
        if (view_.eligible == kMaxTokenVenues) break;
        view_.feeds[view_.eligible] = feed.id();
        view_.rvol60[view_.eligible] = feed.window().rvol(RvolWindow::kMinutes).value_or(0.0);
        view_.quality = worse(view_.quality, feed.baseline().quality());
        ++view_.eligible;
    }
    if (view_.eligible == 0) view_.quality = BaselineQuality::None;
}

void TokenBook::fill_returns() noexcept {
    view_.r15.reset();
    view_.r60.reset();
    view_.sigma60.reset();
    double now = ago(0).close;
    if (now <= 0.0) return;
    if (ago(15).close > 0.0) view_.r15 = std::log(now / ago(15).close);
    if (ago(kHour).close > 0.0) view_.r60 = std::log(now / ago(kHour).close);
    double expected = 0.0;
    for (int i = 0; i < kHour; ++i) expected += ago(i).expected;
    bool const known = variance().quality() != BaselineQuality::None && expected > 0.0;
    if (known) view_.sigma60 = std::sqrt(expected);
    view_.direction = Direction::Flat;
    if (view_.r60 && view_.sigma60 && q9(std::abs(*view_.r60)) > q9(0.5 * *view_.sigma60)) {
        view_.direction = *view_.r60 > 0.0 ? Direction::Up : Direction::Down;
    }
}

TokenWindow TokenBook::window_of(std::span<FeedBook> feeds) const noexcept {
    TokenWindow window;
    window.level = level_.value();
    window.provisional = view_.provisional;
    for (std::size_t i = 0; i < view_.eligible; ++i) {
        auto const feed = std::ranges::find(feeds, view_.feeds[i], &FeedBook::id);
        TokenWindow::Venue& venue = window.venues[window.size++];
        venue.blocks = feed->window().blocks();
        venue.trusted = feed->trusted();
        if (auto const flags = feed->tape().flags(params_->tape)) venue.f_tape = flags->f_tape;
    }
    double r2 = 0.0;
    double expected = 0.0;
    for (int i = 0; i < kHour; ++i) {
        const Minute& minute = ago(i);
        window.largest_trade = std::max(window.largest_trade, minute.largest);
        if (!minute.present) continue;
        r2 += minute.r2;
        expected += minute.expected;
    }
    if (view_.sigma60 && expected > 0.0) window.variance_ratio = r2 / expected;
    return window;
}

void TokenBook::judge(const LeadMinute& lead, std::span<FeedBook> feeds) noexcept {
    choose_venues(feeds);
    fill_returns();
    view_.provisional = view_.quality != BaselineQuality::Ready;
    view_.score = token_score(window_of(feeds), params_->volume);
    std::array<VenueRvol, kMaxTokenVenues> rvol15;
    RvolWindow::Sums total15;
    std::size_t n = 0;
    for (std::size_t i = 0; i < view_.eligible; ++i) {
        auto const feed = std::ranges::find(feeds, view_.feeds[i], &FeedBook::id);
        RvolWindow::Sums const sums = feed->window().sums(15);
        if (sums.expected <= 0.0) continue;
        rvol15[n++] = VenueRvol{sums.volume / sums.expected, feed->trusted()};
        total15.volume += sums.volume;
        total15.expected += sums.expected;
    }
    double const level = level_.ratio();
    VolumeMinute& minute = view_.minute;
    minute = VolumeMinute{};
    minute.minute = lead.at.minute;
    minute.length = lead.minute.length;
    minute.score = view_.score.score;
    minute.c15 = consensus_rvol(std::span<const VenueRvol>(rvol15.data(), n)) / level;
    minute.r15 = total15.expected > 0.0 ? total15.volume / total15.expected / level : 0.0;
    minute.rt = view_.score.rvol60 / level;
    minute.quality = view_.score.quality;
    minute.dispersion = view_.score.dispersion;
    double expected = 0.0;
    for (int i = 0; i < 15; ++i) expected += ago(i).expected;
    if (view_.r15 && view_.sigma60 && expected > 0.0) {
        minute.j15 = std::abs(*view_.r15) / std::sqrt(expected);
    }
    view_.degraded = !lead.present() || lead.feed->gap_within(lead.at.minute, kHour);
    minute.degraded = view_.degraded;
    Coverage const coverage = lead.feed->coverage();
    bool const trusted_coverage = coverage != Coverage::Delayed && coverage != Coverage::Unknown;
    minute.may_confirm = trusted_coverage && view_.quality != BaselineQuality::None;
    view_.blowoff = is_blowoff(minute, params_->volume);
    view_.from_bars = lead.feed->from_bars();
}

std::optional<VolumeChange> TokenBook::close_minute(const LeadMinute& lead,
                                                    std::span<FeedBook> feeds,
                                                    EpisodeCounter& episodes) noexcept {
    if (lead.minute.length == 0) return std::nullopt;
    double buy = 0.0;
    double sell = 0.0;
    book_variance(lead);
    judge(lead, feeds);
    view_.trades = 0;
    for (int i = 0; i < kHour; ++i) {
        buy += ago(i).buy;
        sell += ago(i).sell;
        view_.trades += ago(i).trades;
    }
    view_.flow.reset();
    if (buy + sell > 0.0) view_.flow = (buy - sell) / (buy + sell);
    if (lead.present() && outage_ >= params_->breakout.reset_gap_minutes) {
        machine_.reset_counters();
    }
    if (lead.at.trading) outage_ = lead.minute.observed ? 0 : outage_ + lead.minute.length;
    auto const edge = machine_.minute(view_.minute, params_->volume);
    book_level(lead, feeds);
    if (!edge) return std::nullopt;
    if (edge->state == VolumeState::Building) episode_ = episodes.next();
    return VolumeChange{*edge, episode_};
}

void TokenBook::roll_session() noexcept {
    std::array<std::uint8_t, kMaxSlots> present{};
    bool any = false;
    for (std::size_t i = 0; i < kMaxSlots; ++i) {
        present[i] = slot_seen_[i] >= params_->baseline.slot_coverage * kSlotMinutes ? 1 : 0;
        any = any || present[i] != 0;
    }
    if (any) variance().add_session(slot_r2_, present);
    cap_.roll();
}

}  // namespace spill
