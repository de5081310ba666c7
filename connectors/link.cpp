#include "connectors/link.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "core/error.hpp"

namespace spill {
namespace {

using namespace link_rules;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr LinkTime kNever = LinkTime::max();
constexpr LinkTime kPlannedJitter = 250ms;  // before the redial after an announced cut
constexpr LinkTime kRefusalWait = 30s;      // between dials once a venue keeps saying no
constexpr int kPatientRefusals = 3;         // HTTP refusals that are taken as passing

// How long HTTP `status` keeps us away when the venue names no time; zero = no ban.
LinkTime default_ban(int status) noexcept {
    switch (status) {
        case 429: return 60s;
        case 418: return 120s;
        case 403: return 600s;
        case 451: return 600s;
        default: return LinkTime::zero();
    }
}

std::size_t send_budget(int messages_per_second) noexcept {
    // One message a second is left to the pongs that Beast sends by itself.
    return static_cast<std::size_t>(
        std::max(1, messages_per_second >= 3 ? messages_per_second - 1 : messages_per_second));
}

}  // namespace

Link::Link(Config config)
    : config_(std::move(config)),
      symbols_(config_.symbols.size()),
      own_gate_(*config_.spec),
      sends_(send_budget(config_.spec->messages_per_second), 1s),
      bad_(kBadFrames, kBadWindow),
      random_(config_.seed),
      silence_(config_.silence > LinkTime::zero() ? config_.silence
                                                  : LinkTime(config_.spec->silence)) {
    SPILL_CHECK(config_.codec != nullptr && config_.feed_dials != nullptr);
    SPILL_CHECK(symbols_.size() < 0xFFFF);
    changed_.reserve(symbols_.size());
}

void Link::start(LinkTime now) {
    if (state_ == LinkState::Idle || state_ == LinkState::Refused) try_dial(now);
}

void Link::stop(LinkTime now) {
    if (open() || state_ == LinkState::Dialing) act(LinkAction::Kind::Close, "stopping");
    lose_connection(now);
    state_ = LinkState::Idle;
    retry_at_ = kNever;
}

void Link::try_dial(LinkTime now) {
    if (gate().banned_until > now) {
        state_ = LinkState::Banned;
        retry_at_ = gate().banned_until + between(kBackoffFloor, kBackoffFirst);
        return;
    }
    LinkTime const at = std::max(gate().dials.next(now), config_.feed_dials->next(now));
    if (at > now) {
        state_ = LinkState::Backoff;
        retry_at_ = at;
        return;
    }
    gate().dials.note(now);
    config_.feed_dials->note(now);
    state_ = LinkState::Dialing;
    retry_at_ = kNever;
    phase_by_ = now + kPhaseDeadline;
    act(LinkAction::Kind::Dial, {});
}

void Link::on_phase(LinkTime now) noexcept {
    if (state_ == LinkState::Dialing) phase_by_ = now + kPhaseDeadline;
}

void Link::on_open(LinkTime now) {
    if (state_ != LinkState::Dialing) return;
    phase_by_ = kNever;
    opened_at_ = last_data_ = now;
    answered_ = any_data_ = renewed_ = false;
    sends_.clear();
    bad_.clear();
    auto const& spec = *config_.spec;
    if (spec.ping_every.count() > 0) ping_at_ = now + spec.ping_every;
    if (spec.max_life.count() > 0) {
        LinkTime const life = spec.max_life;
        cut_at_ = now + life - between(LinkTime::zero(), life / 20);
    }
    begin(now);
}

void Link::on_dial_failed(LinkTime now, const DialFailure& failure) {
    if (state_ != LinkState::Dialing) return;
    lose_connection(now);
    int const status = failure.http_status;
    if (config_.spec->login != LoginStyle::None && (status == 401 || status == 402)) {
        give_up(now, "the venue does not accept the key (HTTP " + std::to_string(status) + ")");
        return;
    }
    LinkTime ban = default_ban(status) * (1 << std::min(attempts_, 4));
    if (failure.retry_after) ban = *failure.retry_after;
    if (ban > LinkTime::zero()) {
        ++attempts_;
        state_ = LinkState::Banned;
        gate().banned_until = std::max(gate().banned_until, now + std::min(ban, kMaxBan));
        retry_at_ = gate().banned_until + between(kBackoffFloor, kBackoffFirst);
        return;
    }
    LinkTime wait = LinkTime::zero();
    if (status == 406) return on_evicted(now, "HTTP 406");
    if (status != 0 && attempts_ >= kPatientRefusals) wait = kRefusalWait;
    back_off(now, wait);
}

void Link::on_closed(LinkTime now) {
    if (state_ == LinkState::Dialing) {
        on_dial_failed(now, {});
    } else if (open()) {
        lose_connection(now);
        back_off(now, LinkTime::zero());
    }
}

// Lets go of an open connection ourselves. A planned cut is not a failure.
void Link::drop(LinkTime now, std::string why, bool planned) {
    act(LinkAction::Kind::Close, std::move(why));
    lose_connection(now);
    if (planned) {
        state_ = LinkState::Backoff;
        retry_at_ = now + between(LinkTime::zero(), kPlannedJitter);
    } else {
        back_off(now, LinkTime::zero());
    }
}

// The successor is built while this connection goes on, once; the driver lets go of it in time.
// A venue that gives notice on every connect must not make us dial in a circle.
void Link::cut_is_near(LinkTime now, const char* why) {
    bool const planned = now >= cut_at_ || now - opened_at_ >= kForgiveAfter;
    if (!config_.overlap || !planned || state_ != LinkState::Live) return drop(now, why, planned);
    cut_at_ = kNever;
    if (!std::exchange(renewed_, true)) act(LinkAction::Kind::Renew, why);
}

void Link::lose_connection(LinkTime now) noexcept {
    leave_live(now);
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        Symbol& symbol = symbols_[slot];
        if (symbol.state == SymbolState::Live) mark(slot);
        symbol.unproven = false;
        if (symbol.state != SymbolState::Refused) symbol.state = SymbolState::Wanted;
    }
    requests_.clear();
    queue_.clear();
    phase_by_ = stale_since_ = ping_at_ = cut_at_ = kNever;
    brisk_ = 0;
}

void Link::leave_live(LinkTime now) noexcept {
    if (live_since_ != kNever && now - live_since_ >= kForgiveAfter) attempts_ = 0;
    live_since_ = kNever;
}

// Full jitter over [floor, ceiling], the ceiling doubling from try to try up to the cap.
void Link::back_off(LinkTime now, LinkTime at_least) {
    LinkTime const ceiling = std::min(kBackoffCap, kBackoffFirst * (1 << std::min(attempts_, 10)));
    ++attempts_;
    state_ = LinkState::Backoff;
    retry_at_ = now + at_least + between(kBackoffFloor, ceiling);
}

bool Link::open() const noexcept {
    return state_ == LinkState::LoggingIn || state_ == LinkState::Subscribing ||
           state_ == LinkState::Live || state_ == LinkState::Stale;
}

// Where a venue sends heartbeats, silence is proof. Elsewhere a market may be quiet: each
// reconnect that silence caused doubles the budget, brisk trading takes the doublings back.
LinkTime Link::silence_budget() const noexcept { return silence_ * (1 << quiet_); }

void Link::note_data(LinkTime now) noexcept {
    if (quiet_ > 0) {
        brisk_ = now - last_data_ < silence_ / 4 ? brisk_ + 1 : 0;
        if (brisk_ >= kBriskMessages) quiet_ = brisk_ = 0;
    }
    last_data_ = now;
    any_data_ = true;
    if (state_ == LinkState::Stale) {
        state_ = LinkState::Subscribing;
        stale_since_ = kNever;
        mark_live();
    }
    if (state_ == LinkState::Subscribing) update_live(now);
}

void Link::check_silence(LinkTime now) {
    if (state_ == LinkState::LoggingIn) {
        if (now >= phase_by_) drop(now, "no answer to the login", false);
    } else if (state_ != LinkState::Stale) {
        if (now - last_data_ < silence_budget()) return;
        leave_live(now);
        state_ = LinkState::Stale;
        stale_since_ = now;
        mark_live();
    } else if (now - stale_since_ >= kStaleGrace) {
        char why[64];
        auto const silent = std::chrono::duration_cast<std::chrono::seconds>(now - last_data_);
        std::snprintf(why, sizeof why, "no data for %lld s",
                      static_cast<long long>(silent.count()));
        if (!config_.spec->heartbeats) quiet_ = std::min(quiet_ + 1, kQuietDoublings);
        drop(now, why, false);
    }
}

void Link::count_bad(LinkTime now) {
    if (bad_.allowed(now)) {
        bad_.note(now);
    } else {
        drop(now, "too many bad frames", false);
    }
}

void Link::on_ws_ping(LinkTime now) noexcept { sends_.note(now); }

void Link::on_frame(LinkTime now, const Decoded& frame) {
    if (!open()) return;
    switch (frame.kind) {
        case FrameKind::Trade:
        case FrameKind::Candle:
        case FrameKind::Block:
        case FrameKind::Halt:
        case FrameKind::Heartbeat: note_data(now); return;
        case FrameKind::Ack: on_ack(now, frame); break;
        case FrameKind::Error:
            if (refused_for_good(now, frame)) return;
            on_error(now, frame);
            break;
        case FrameKind::Ping:
            if (!frame.reply.empty()) enqueue(std::string(frame.reply), true);
            break;
        case FrameKind::Notice: cut_is_near(now, "the venue announced a cut"); return;
        case FrameKind::Welcome:
            if (config_.spec->login == LoginStyle::OnWelcome) send_login(now);
            break;
        case FrameKind::LoggedIn: on_logged_in(now); break;
        case FrameKind::Bad: count_bad(now); return;
        case FrameKind::Pong:
        case FrameKind::Status:
        case FrameKind::Info:
        case FrameKind::Other: return;
    }
    pump(now);
}

void Link::on_trade(std::size_t slot) noexcept {
    if (symbols_[slot].state != SymbolState::Live && open()) [[unlikely]]
        prove(slot);
}

void Link::tick(LinkTime now) {
    switch (state_) {
        case LinkState::Idle:
        case LinkState::Refused: return;
        case LinkState::Dialing:
            if (now < phase_by_) return;
            act(LinkAction::Kind::Close, "no answer within the deadline of a step");
            on_dial_failed(now, {});
            return;
        case LinkState::Backoff:
        case LinkState::Banned:
            if (now >= retry_at_) try_dial(now);
            return;
        case LinkState::LoggingIn:
        case LinkState::Subscribing:
        case LinkState::Live:
        case LinkState::Stale: break;
    }
    check_silence(now);
    if (open() && now >= cut_at_) cut_is_near(now, "before the venue's planned cut");
    if (open()) check_requests(now);
    if (!open()) return;
    if (now >= ping_at_) {
        ping_at_ = now + config_.spec->ping_every;
        enqueue(config_.codec->ping(next_request_id_++), true);
    }
    if (now >= refused_at_) retry_refused(now);
    pump(now);
}

LinkTime Link::deadline() const noexcept {
    switch (state_) {
        case LinkState::Idle:
        case LinkState::Refused: return kNever;
        case LinkState::Dialing: return phase_by_;
        case LinkState::Backoff:
        case LinkState::Banned: return retry_at_;
        case LinkState::LoggingIn:
        case LinkState::Subscribing:
        case LinkState::Live:
        case LinkState::Stale: return open_deadline();
    }
    return kNever;
}

LinkTime Link::open_deadline() const noexcept {
    LinkTime at =
        state_ == LinkState::Stale ? stale_since_ + kStaleGrace : last_data_ + silence_budget();
    if (state_ == LinkState::LoggingIn) at = phase_by_;
    at = std::min({at, ping_at_, cut_at_, refused_at_});
    for (const Request& request : requests_) at = std::min(at, request.answer_by);
    // Never before what has passed: next() of the past is the past itself.
    if (!queue_.empty()) at = std::min(at, sends_.next(last_pump_));
    return at;
}

void Link::act(LinkAction::Kind kind, std::string text) {
    SPILL_CHECK(action_count_ < kMaxActions);
    actions_[action_count_++] = LinkAction{kind, std::move(text)};
}

void Link::mark(std::size_t slot) noexcept {
    if (symbols_[slot].dirty) return;
    symbols_[slot].dirty = true;
    changed_.push_back(static_cast<std::uint16_t>(slot));  // reserved for all slots
}

void Link::mark_live() noexcept {
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        if (symbols_[slot].state == SymbolState::Live) mark(slot);
    }
}

void Link::taken() noexcept {
    for (std::uint16_t const slot : changed_) symbols_[slot].dirty = false;
    changed_.clear();
    for (LinkAction& action : actions()) action.text.clear();
    action_count_ = 0;
}

std::size_t Link::slot_of(std::string_view symbol) const noexcept {
    auto const& all = config_.symbols;
    return static_cast<std::size_t>(std::ranges::find(all, symbol) - all.begin());
}

// splitmix64: small, and the same on every machine.
std::uint64_t Link::random() noexcept {
    random_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = random_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

LinkTime Link::between(LinkTime low, LinkTime high) noexcept {
    auto const range = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + LinkTime(static_cast<LinkTime::rep>(random() % range));
}

}  // namespace spill
