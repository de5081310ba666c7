// The key half of Link: who speaks first, what a refusal means, and who else holds the key.
#include <algorithm>
#include <utility>

#include "connectors/link.hpp"

namespace spill {
namespace {

using namespace link_rules;
using std::chrono_literals::operator""s;

// A venue frees the place of a half-dead connection after this.
constexpr LinkTime kOneConnectionWait = 90s;
constexpr std::size_t kMaxReason = 120;  // of the venue's own words, in ours

// True when `code` is one of the words of `list`.
bool listed(std::string_view list, std::string_view code) noexcept {
    while (!code.empty() && !list.empty()) {
        std::size_t const end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == code) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::string in_words(const Decoded& frame) {
    std::string text(frame.code);
    if (!text.empty() && !frame.message.empty()) text += ' ';
    text += frame.message.substr(0, kMaxReason);
    return text;
}

}  // namespace

// The connection is open: subscribe, or show the key first.
void Link::begin(LinkTime now) {
    switch (config_.spec->login) {
        case LoginStyle::None:
        case LoginStyle::InTarget:
        case LoginStyle::InRequest:
            state_ = LinkState::Subscribing;
            subscribe_all();
            pump(now);
            return;
        case LoginStyle::OnOpen:
        case LoginStyle::OnWelcome:
            state_ = LinkState::LoggingIn;
            phase_by_ = now + kPhaseDeadline;
            if (config_.spec->login == LoginStyle::OnOpen) send_login(now);
            return;
    }
}

// The deadline starts anew: the greeting was one step, the answer is the next.
void Link::send_login(LinkTime now) {
    if (state_ != LinkState::LoggingIn) return;
    phase_by_ = now + kPhaseDeadline;
    enqueue(config_.codec->login(config_.credentials), true);
    pump(now);
}

void Link::on_logged_in(LinkTime now) {
    if (state_ != LinkState::LoggingIn) return;
    state_ = LinkState::Subscribing;
    phase_by_ = LinkTime::max();
    last_data_ = now;  // silence counts from here, since nothing could flow before
    subscribe_all();
}

// True when the frame ended the connection. While logging in every complaint does: fatal where the
// venue's row says so, or where the row names no fatal codes at all.
bool Link::refused_for_good(LinkTime now, const Decoded& frame) {
    VenueSpec const& spec = *config_.spec;
    bool const logging_in = state_ == LinkState::LoggingIn;
    if (listed(spec.busy_codes, frame.code)) {
        act(LinkAction::Kind::Close, "the key is in use: " + in_words(frame));
        lose_connection(now);
        on_evicted(now, in_words(frame));
        return true;
    }
    if (listed(spec.fatal_codes, frame.code) || (logging_in && spec.fatal_codes.empty())) {
        give_up(now, "the venue refused: " + in_words(frame));
        return true;
    }
    if (!logging_in) return false;
    drop(now, "the login failed: " + in_words(frame), false);
    return true;
}

// Somebody else holds the key's only connection. A crash of our own leaves such a holder for a
// while; one that comes back again and again is another program.
void Link::on_evicted(LinkTime now, std::string why) {
    if (config_.spec->one_connection && !evictions_.allowed(now)) {
        give_up(now, "another program uses this venue's key (" + std::move(why) + ")");
        return;
    }
    evictions_.note(now);
    back_off(now, kOneConnectionWait);
}

void Link::give_up(LinkTime now, std::string why) {
    act(LinkAction::Kind::Close, std::move(why));
    lose_connection(now);
    state_ = LinkState::Refused;
    retry_at_ = LinkTime::max();
}

}  // namespace spill
