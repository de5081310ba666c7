#include "connectors/feed_runner.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "connectors/ban_store.hpp"

namespace spill {
namespace {

constexpr std::string_view kClockPrefix = "clk:";

// The time of a "clk:<ns>" payload, zero when it is none.
UnixNanos clock_mark(std::string_view payload) noexcept {
    if (!payload.starts_with(kClockPrefix)) return {};
    payload.remove_prefix(kClockPrefix.size());
    UnixNanos mark;
    auto const* const end = payload.data() + payload.size();
    auto const [rest, ec] = std::from_chars(payload.data(), end, mark.ns);
    return ec == std::errc{} && rest == end ? mark : UnixNanos{};
}

}  // namespace

FeedRunner::FeedRunner(FeedShared& owner, std::size_t index, LinkConfig config, std::uint64_t seed)
    : owner_(owner),
      index_(index),
      config_(std::move(config)),
      stats_(*owner.stats[index]),
      codec_(config_.spec->make_codec()),
      table_(owner.registry, config_.venue),
      slot_of_feed_(owner.registry.feeds().size(), kNoSlot),
      published_(config_.symbols.size(), 0),
      link_({.spec = config_.spec,
             .codec = codec_.get(),
             .symbols = config_.symbols,
             .feed_dials = &owner.dials,
             .seed = seed,
             .silence = config_.silence,
             .credentials = config_.credentials,
             .venue = &owner.gate(config_),
             .overlap = !config_.spec->one_connection}),
      timer_(owner.io),
      seed_(seed),
      mute_(config_.symbols.size()) {
    for (std::size_t slot = 0; slot < config_.symbols.size(); ++slot) {
        FeedId const feed = table_.find(config_.symbols[slot]);
        feed_of_slot_.push_back(feed);
        if (!feed.valid()) continue;
        slot_of_feed_[feed.value] = static_cast<std::uint16_t>(slot);
    }
    codec_->use(config_.credentials);
    keeps_volumes_ = config_.history != nullptr && !owner_.volumes.empty();
    stats_.proof = to_string(config_.spec->continuity);
    stats_.symbols_wanted.store(config_.symbols.size(), std::memory_order_relaxed);
}

void FeedRunner::start() {
    refresh();
    link_.start(now_);
    apply();
}

void FeedRunner::stop() {
    refresh();
    link_.stop(now_);
    apply();
    mute_at_ = gaps_at_ = armed_ = LinkTime::max();
    timer_.cancel();
}

DialSpec FeedRunner::dial_spec() const {
    return {.host = config_.host,
            .port = config_.port,
            .path = codec_->target(config_.path, config_.credentials),
            .max_message_bytes = config_.spec->max_frame_bytes,
            .tls = uses_tls(config_) ? owner_.tls : nullptr,
            .plain_anywhere = config_.spec->plain,
            .content_type = std::string(config_.spec->content_type)};
}

void FeedRunner::on_phase() {
    refresh();
    link_.on_phase(now_);
    rearm();
}

void FeedRunner::on_open() {
    refresh();
    codec_->set_wall_clock(feed_wall_now());
    link_.on_open(now_);
    mute_.restart(now_);
    if (!config_.accept_market_clock) mute_at_ = now_ + MuteWatch::kFloor;
    apply();
}

void FeedRunner::on_closed(const WsClosed& closed) {
    refresh();
    connection_.reset();
    detail_ = without_secrets(std::string(to_string(closed.reason)) + ": " + closed.detail);
    if (link_.state() == LinkState::Dialing) {
        bump(stats_.dial_failures);
        link_.on_dial_failed(
            now_, {.http_status = closed.http_status, .retry_after = closed.retry_after});
        remember_ban();
    } else {
        bump(stats_.closes);
        link_.on_closed(now_);
    }
    apply();
}

// A venue may repeat in its complaint what we sent to it.
std::string FeedRunner::without_secrets(std::string text) const {
    for (std::string const* const word : {&config_.credentials.key, &config_.credentials.secret}) {
        if (word->empty()) continue;
        for (auto at = text.find(*word); at != std::string::npos; at = text.find(*word)) {
            text.replace(at, word->size(), "***");
        }
    }
    return text;
}

void FeedRunner::remember_ban() {
    if (config_.bans == nullptr || link_.state() != LinkState::Banned) return;
    LinkTime const left = owner_.gate(config_).banned_until - now_;
    if (left.count() <= 0) return;
    config_.bans->note_ban(config_.spec->name, UnixNanos{feed_wall_now().ns + left.count()});
}

void FeedRunner::begin_batch() noexcept {
    if (in_batch_) return;
    in_batch_ = true;
    refresh();
    received_ = feed_wall_now();
    codec_->set_wall_clock(received_);
}

void FeedRunner::on_message(std::string_view message, bool binary) noexcept {
    begin_batch();
    bump(stats_.messages);
    bump(stats_.bytes, message.size());
    Decoded const frame = codec_->decode(message, binary);
    bump(stats_.frames_by_kind[static_cast<std::size_t>(frame.kind)]);
    for (const StatusRow& row : frame.statuses) publish(row);
    if (frame.kind != FrameKind::Bad && frame.bad != BadReason::None) {
        bump(stats_.bad_by_reason[static_cast<std::size_t>(frame.bad)]);
    }
    if (frame.kind == FrameKind::Trade) {
        for (const TradeRow& row : frame.trades) publish(row);
        if (gaps_at_ <= now_) publish_gaps();
        stats_.last_data_unix_ns.store(static_cast<std::uint64_t>(received_.ns),
                                       std::memory_order_relaxed);
    } else if (frame.kind == FrameKind::Heartbeat) {
        FeedId const feed = frame.sent_up_to != 0 ? table_.find(frame.symbol) : FeedId{};
        if (feed.valid()) {
            owner_.gaps[feed.value].sent_up_to(frame.sent_up_to, received_, now_);
            watch_gaps(owner_.gaps[feed.value]);
        }
        stats_.last_data_unix_ns.store(static_cast<std::uint64_t>(received_.ns),
                                       std::memory_order_relaxed);
    } else if (frame.kind == FrameKind::Bad) {
        bump(stats_.bad_by_reason[static_cast<std::size_t>(frame.bad)]);
    }
    LinkState const before = link_.state();
    link_.on_frame(now_, frame);
    // Data only moves the deadline away, which the timer finds out by itself.
    if (link_.pending() || link_.state() != before) {
        apply();
    } else {
        hand_over();
        if (gaps_at_ < armed_) rearm();
    }
}

void FeedRunner::on_ping(std::string_view payload) noexcept {
    begin_batch();
    link_.on_ws_ping(now_);
    if (!config_.accept_market_clock) return;
    UnixNanos const mark = clock_mark(payload);
    if (mark <= mark_) return;
    mark_ = mark;
    if (mark > newest_) newest_ = mark;
    if (held_) publish_states();
    pushed_ = true;
    owner_.advance_market_clock();
}

void FeedRunner::on_batch_end() noexcept {
    in_batch_ = false;
    if (std::exchange(pushed_, false)) owner_.sink.flush();
}

void FeedRunner::apply() {
    publish_states();
    note_refusals();
    bool renew = false;
    for (LinkAction& action : link_.actions()) {
        renew = renew || action.kind == LinkAction::Kind::Renew;
        carry_out(action);
    }
    link_.taken();
    report_state();
    bool const down = link_.state() == LinkState::Backoff || link_.state() == LinkState::Banned ||
                      link_.state() == LinkState::Refused;
    if (leaving_ && down) return owner_.release(index_);  // the successor goes on alone
    hand_over();
    if (renew && !leaving_) owner_.renew(index_);
    rearm();
    if (!in_batch_ && std::exchange(pushed_, false)) owner_.sink.flush();
}

void FeedRunner::carry_out(LinkAction& action) {
    switch (action.kind) {
        case LinkAction::Kind::Dial:
            bump(stats_.dials);
            if (config_.bans != nullptr)
                config_.bans->note_dial(config_.spec->name, feed_wall_now());
            detail_.clear();
            connection_ = dial(owner_.io, dial_spec(), *this);
            return;
        case LinkAction::Kind::Renew: detail_ = action.text; return;
        case LinkAction::Kind::Send:
            if (connection_) connection_->send(std::move(action.text));
            return;
        case LinkAction::Kind::Close:
            if (connection_)
                bump(stats_.state.load(std::memory_order_relaxed) ==
                             static_cast<std::uint8_t>(LinkState::Dialing)
                         ? stats_.dial_failures
                         : stats_.closes);
            detail_ = without_secrets(std::move(action.text));
            if (connection_) connection_->close();
            connection_.reset();
            // No batch end comes any more from this connection.
            in_batch_ = false;
            return;
    }
}

// Keeps the list of refused symbols for people, and tells the observer of new ones.
void FeedRunner::note_refusals() {
    for (std::uint16_t const slot : link_.changed()) {
        std::string const& symbol = config_.symbols[slot];
        bool const refused = link_.symbol_state(slot) == SymbolState::Refused;
        if (!refused && !link_.live(slot)) continue;
        {
            std::scoped_lock const lock(stats_.refused_lock);
            auto const at = std::ranges::find(stats_.refused, symbol);
            if (refused && at == stats_.refused.end()) stats_.refused.push_back(symbol);
            if (!refused && at != stats_.refused.end()) stats_.refused.erase(at);
            stats_.symbols_refused.store(stats_.refused.size(), std::memory_order_relaxed);
        }
        if (refused && owner_.observer) {
            owner_.observer({.link = index_,
                             .state = link_.state(),
                             .symbol = symbol,
                             .detail = "the venue refused the subscription"});
        }
    }
}

std::shared_ptr<FeedRunner> FeedRunner::succeed() {
    leaving_ = true;
    auto next = std::make_shared<FeedRunner>(owner_, index_, config_, seed_ + 1);
    next->detail_ = detail_;
    next->handover_.begin(owner_.now());
    if (owner_.observer) {
        std::string const detail = "a successor takes over: " + detail_;
        owner_.observer({.link = index_, .state = link_.state(), .symbol = {}, .detail = detail});
    }
    return next;
}

// Lets the predecessor go when this connection carries what it carried.
void FeedRunner::hand_over() {
    auto const old = owner_.leaving[index_];
    if (!old || leaving_ || !handover_.overlaps()) return;
    // A simulated venue's connection is of use once it has told the time.
    LinkState const ours = held_ ? LinkState::Subscribing : link_.state();
    if (handover_.step(now_, old->link().state(), ours) == Handover::Step::Wait) return;
    if (link_.state() == LinkState::Live) {
        for (std::size_t slot = 0; slot < published_.size(); ++slot) {
            if (old->link().live(slot)) link_.adopt(slot);
        }
        publish_states();
        link_.taken();
    }
    gaps_at_ = now_;  // what the predecessor waited for is ours now
    owner_.release(index_);
}

// Asks anew for symbols that went mute while the others flow.
void FeedRunner::watch_symbols() noexcept {
    mute_at_ = now_ + MuteWatch::kSecond;
    if (link_.state() != LinkState::Live || leaving_) return;
    std::size_t slot = 0;
    while ((slot = mute_.find(now_)) < published_.size()) {
        FeedId const feed = feed_of_slot_[slot];
        if (!feed.valid()) continue;
        InstrumentId const instrument = owner_.registry.feed(feed).instrument;
        if (config_.in_session && !config_.in_session(instrument, feed_wall_now())) continue;
        bump(stats_.resubscribes);
        link_.resubscribe(now_, slot);
    }
}

void FeedRunner::report_state() {
    if (leaving_ || owner_.leaving[index_]) return;  // nothing changes to the outside meanwhile
    auto const state = static_cast<std::uint8_t>(link_.state());
    if (stats_.state.load(std::memory_order_relaxed) == state) return;
    stats_.state.store(state, std::memory_order_relaxed);
    bool const up = link_.state() == LinkState::LoggingIn ||
                    link_.state() == LinkState::Subscribing || link_.state() == LinkState::Live ||
                    link_.state() == LinkState::Stale;
    if (!up) newest_ = {};
    if (!up && mark_.ns != 0) {
        mark_ = {};
        owner_.advance_market_clock();
    }
    if (owner_.observer) {
        owner_.observer({.link = index_, .state = link_.state(), .symbol = {}, .detail = detail_});
    }
}

// One timer follows the link's deadline. It is only ever moved forward to an earlier time; when it
// fires too soon the tick does nothing and it is set again.
void FeedRunner::rearm() {
    LinkTime const at = std::min({link_.deadline(), gaps_at_, mute_at_, handover_.deadline()});
    if (at >= armed_) return;
    armed_ = at;
    timer_.expires_at(owner_.began +
                      std::chrono::duration_cast<std::chrono::steady_clock::duration>(at));
    timer_.async_wait([weak = this->weak_from_this()](boost::system::error_code ec) {
        auto const self = weak.lock();
        if (ec || !self) return;
        self->armed_ = LinkTime::max();
        self->refresh();
        self->codec_->set_wall_clock(feed_wall_now());
        if (self->gaps_at_ <= self->now_) self->publish_gaps();
        if (self->mute_at_ <= self->now_) self->watch_symbols();
        self->link_.tick(self->now_);
        self->apply();
    });
}

}  // namespace spill
