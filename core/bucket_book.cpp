#include "core/bucket_book.hpp"

#include <algorithm>

#include "core/feature.hpp"

namespace spill {
namespace {

UnwindKind failure_kind(BreakoutKind kind) noexcept {
    switch (kind) {
        case BreakoutKind::OpeningRange: return UnwindKind::FailOr;
        case BreakoutKind::PriorDay: return UnwindKind::FailPd;
        case BreakoutKind::Donchian20: return UnwindKind::FailD20;
    }
    return UnwindKind::FailOr;
}

}  // namespace

BucketBook::BucketBook(const Registry& registry, GroupId bucket, const Params& params)
    : group_(bucket), params_(&params) {
    if (registry.group(bucket).name == "agents") factor_ = params.unwind.agents_factor;
    for (const Instrument& row : registry.instruments()) {
        bool const mine = row.group == bucket || row.parent == bucket;
        if (row.role == Role::Token && mine && !row.feeds.empty()) tokens_.push_back(row.id);
    }
    rows_.resize(tokens_.size());
    raw_ = EwmaBeta(beta_half_life(Market::Xnys, params.beta));
    residual_ = raw_;
}

void BucketBook::on_failure(UnixNanos at, BreakoutKind kind, bool leader, bool proven) noexcept {
    double const factor = (leader ? 1.0 : params_->unwind.member_factor) *
                          (proven ? 1.0 : params_->unwind.unconfirmed_factor);
    unwind_.event(at, failure_kind(kind), factor, params_->unwind);
}

void BucketBook::step(const ReturnBook& returns, const ChipSide& chips) noexcept {
    if (!chips.return5) return;
    double sum = 0.0;
    double residual = 0.0;
    int n = 0;
    for (InstrumentId const id : tokens_) {
        auto const r = returns.last(id);
        InstrumentId const btc = returns.benchmark_of(id);
        auto const market = btc.valid() ? returns.last(btc) : std::nullopt;
        if (!r || !market) continue;
        sum += *r;
        residual += *r - returns.beta(id).value * *market;
        ++n;
    }
    if (n == 0) return;
    raw_.add({.market = *chips.return5, .asset = sum / n});
    if (chips.residual5) residual_.add({.market = *chips.residual5, .asset = residual / n});
}

void BucketBook::gather(const Tokens& tokens) noexcept {
    rows_size_ = 0;
    std::int32_t sold = 0;
    std::int32_t provisional_betas = 0;
    provisional_ = degraded_ = from_bars_ = false;
    coverage_ = Coverage::Unknown;
    bool const btc = tokens.btc != nullptr && tokens.btc->view().r60;
    r60_btc_ = btc ? *tokens.btc->view().r60 : 0.0;
    for (InstrumentId const id : tokens_) {
        const TokenBook& book = tokens.books[static_cast<std::size_t>(tokens.of[id.value])];
        const TokenView& view = book.view();
        bool const confirmed = book.state() == VolumeState::Confirmed;
        if (confirmed && view.direction == Direction::Down) ++sold;
        degraded_ = degraded_ || view.degraded;
        if (!btc || !view.r60 || !view.sigma60 || view.degraded) continue;
        BetaValue const beta = tokens.returns->beta(id);
        if (beta.provisional) ++provisional_betas;
        provisional_ = provisional_ || view.provisional;
        from_bars_ = from_bars_ || view.from_bars;
        coverage_ =
            std::max(coverage_, view.eligible > 1 ? Coverage::VenueSum : Coverage::SingleVenue);
        rows_[rows_size_++] = RotationToken{
            .r60 = *view.r60, .beta = beta.value, .sigma60 = *view.sigma60, .confirmed = confirmed};
    }
    sell_share_ =
        tokens_.empty() ? 0.0 : static_cast<double>(sold) / static_cast<double>(tokens_.size());
    provisional_betas_ =
        rows_size_ == 0 ? 0.0
                        : static_cast<double>(provisional_betas) / static_cast<double>(rows_size_);
}

std::optional<RotationChange> BucketBook::rotate(const Tokens& tokens, const ChipSide& chips,
                                                 EpisodeCounter& episodes) noexcept {
    gather(tokens);
    reading_ = rotation(std::span<const RotationToken>(rows_.data(), rows_size_), r60_btc_,
                        params_->rotation);
    auto const edge =
        rotation_.minute(reading_, cross_of(chips.theme, params_->rotation), params_->rotation);
    off_pending_ = edge && edge->was_on && !edge->on;
    if (!edge) return std::nullopt;
    if (edge->on && !edge->was_on) rotation_episode_ = episodes.next();
    RotationChange change;
    change.edge = *edge;
    change.reading = reading_;
    change.with_chips = Comovement{raw_.correlation(), residual_.correlation(), raw_.samples()};
    change.group = group_;
    change.r60_btc = r60_btc_;
    change.beta_provisional = provisional_betas_;
    change.coverage = coverage_;
    change.provisional = provisional_;
    change.degraded = degraded_;
    change.from_bars = from_bars_;
    change.episode = rotation_episode_;
    return change;
}

std::optional<UnwindChange> BucketBook::unwind(UnixNanos now, const ChipSide& chips,
                                               EpisodeCounter& episodes) noexcept {
    if (off_pending_) unwind_.event(now, UnwindKind::RotationOff, 1.0, params_->unwind);
    off_pending_ = false;
    UnwindStanding standing;
    standing.broad_down = chips.broad_down;
    standing.down_break = chips.down_break;
    standing.token_sell = q9(sell_share_) >= q9(params_->unwind.token_sell_share);
    unwind_reading_ = unwind_.read(now, standing, params_->unwind, factor_);
    bool const falling = reading_.sufficient && q9(reading_.median_rel) < 0.0;
    int const before = unwind_.level();
    auto const edge = unwind_.minute(unwind_reading_.score, falling, params_->unwind);
    if (!edge) return std::nullopt;
    if (before == 0) unwind_episode_ = episodes.next();
    UnwindChange change;
    change.edge = *edge;
    change.reading = unwind_reading_;
    change.standing = standing;
    change.group = group_;
    if (reading_.sufficient) change.median_rel = reading_.median_rel;
    change.sell_share = sell_share_;
    change.coverage = coverage_;
    change.provisional = provisional_;
    change.degraded = degraded_;
    change.from_bars = from_bars_;
    change.episode = unwind_episode_;
    return change;
}

}  // namespace spill
