// The subscription half of Link: desired state per symbol, requests, answers, refusals.
#include <algorithm>
#include <utility>

#include "connectors/link.hpp"

namespace spill {
namespace {

using namespace link_rules;

constexpr std::size_t kQueuedReplies = 8;  // pings and pongs that may wait for their turn

bool word_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '/' || c == '-';
}

// True when `text` holds `word` by itself: "TAOUSDT" in "publicTrade.TAOUSDT]", not in "XTAOUSDT".
bool names(std::string_view text, std::string_view word) noexcept {
    if (word.empty()) return false;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        std::size_t const end = at + word.size();
        if (at > 0 && word_character(text[at - 1])) continue;
        if (end < text.size() && word_character(text[end])) continue;
        return true;
    }
    return false;
}

}  // namespace

void Link::subscribe_all() {
    std::vector<std::uint16_t> batch;
    auto const limit = static_cast<std::size_t>(std::max(1, config_.spec->symbols_per_request));
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        if (symbols_[slot].state != SymbolState::Wanted || symbols_[slot].alone) continue;
        batch.push_back(static_cast<std::uint16_t>(slot));
        if (batch.size() == limit) {
            request(batch);
            batch.clear();
        }
    }
    if (!batch.empty()) request(batch);
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        std::uint16_t const alone[] = {static_cast<std::uint16_t>(slot)};
        if (symbols_[slot].state == SymbolState::Wanted && symbols_[slot].alone) request(alone);
    }
}

// Queues one request for `slots`. A codec that would need several frames for them has a smaller
// batch limit than the row of the registry says: then the halves go by themselves.
void Link::request(std::span<const std::uint16_t> slots) {
    std::vector<std::string> symbols;
    for (std::uint16_t const slot : slots) symbols.push_back(config_.symbols[slot]);
    std::vector<std::string> frames = config_.codec->subscribe(symbols, next_request_id_);
    if (frames.size() > 1 && slots.size() > 1) {
        request(slots.first(slots.size() / 2));
        request(slots.subspan(slots.size() / 2));
        return;
    }
    if (frames.empty()) return;  // the codec cannot ask for it: it stays wanted, never live
    if (config_.spec->ack == AckStyle::Never) {
        // Nobody will answer: data alone decides.
        for (std::uint16_t const slot : slots) symbols_[slot].state = SymbolState::Acked;
        for (std::string& frame : frames) {
            queue_.push_back(Outgoing{std::move(frame), next_request_id_++});
        }
        return;
    }
    Request& added = requests_.emplace_back();
    added.id = next_request_id_;
    added.slots.assign(slots.begin(), slots.end());
    for (std::uint16_t const slot : slots) symbols_[slot].state = SymbolState::Requested;
    for (std::string& frame : frames) {
        queue_.push_back(Outgoing{std::move(frame), next_request_id_++});
    }
}

void Link::enqueue(std::string text, bool urgent) {
    if (text.empty()) return;
    auto const waiting = std::ranges::count(queue_, std::int64_t{-1}, &Outgoing::request_id);
    if (static_cast<std::size_t>(waiting) >= kQueuedReplies) return;  // a flood of pings
    if (urgent) {
        queue_.push_front(Outgoing{std::move(text), -1});
    } else {
        queue_.push_back(Outgoing{std::move(text), -1});
    }
}

void Link::pump(LinkTime now) {
    last_pump_ = now;
    // Room for a Close and a Dial stays free.
    while (!queue_.empty() && sends_.allowed(now) && action_count_ + 2 < kMaxActions) {
        Outgoing next = std::move(queue_.front());
        queue_.pop_front();
        sends_.note(now);
        if (next.request_id >= 0) {
            auto const sent = std::ranges::find(requests_, next.request_id, &Request::id);
            if (sent != requests_.end()) sent->answer_by = now + kPhaseDeadline;
        }
        act(LinkAction::Kind::Send, std::move(next.text));
    }
}

// The request that `frame` answers: by id, else by the symbol that it names, else the oldest that
// was sent (some venues leave the id out of a refusal). nullptr when it answers none of ours.
Link::Request* Link::match(const Decoded& frame) noexcept {
    auto const found = [&](auto const& it) { return it == requests_.end() ? nullptr : &*it; };
    if (frame.request_id >= 0) {
        return found(std::ranges::find(requests_, frame.request_id, &Request::id));
    }
    if (std::size_t const slot = slot_of(frame.symbol); slot < symbols_.size()) {
        return found(std::ranges::find_if(requests_, [&](const Request& r) {
            return std::ranges::find(r.slots, static_cast<std::uint16_t>(slot)) != r.slots.end();
        }));
    }
    return found(std::ranges::find_if(
        requests_, [](const Request& r) { return r.answer_by != LinkTime::max(); }));
}

void Link::on_ack(LinkTime now, const Decoded& frame) {
    if (config_.spec->ack == AckStyle::FullState) return on_full_state(now, frame);
    if (config_.spec->ack == AckStyle::PerSymbol) {
        accept_named(frame.symbol);
        for (std::string_view const symbol : frame.subscribed) accept_named(symbol);
        update_live(now);
        return;
    }
    Request* const request = match(frame);
    if (request == nullptr) return;
    answered_ = true;
    for (std::uint16_t const slot : request->slots) {
        if (config_.spec->ack == AckStyle::AllOrNothing) {
            accept(slot);
        } else if (symbols_[slot].state == SymbolState::Requested) {
            symbols_[slot].state = SymbolState::Acked;
        }
    }
    std::int64_t const id = request->id;
    std::erase_if(requests_, [&](const Request& r) { return r.id == id; });
    update_live(now);
}

void Link::accept_named(std::string_view symbol) {
    std::size_t const slot = slot_of(symbol);
    if (slot == symbols_.size()) return;
    answered_ = true;
    accept(slot);
    settle(slot);
}

// The answer lists all that is subscribed now. What was asked for and is not in it is refused; what
// a later request asks for waits for its own answer.
void Link::on_full_state(LinkTime now, const Decoded& frame) {
    Request const* const request = match(frame);
    std::vector<std::uint16_t> asked;
    std::int64_t const id = request != nullptr ? request->id : -1;
    if (request != nullptr) asked = request->slots;
    if (request != nullptr && asked.empty()) {
        // The answer to our taking back. What comes back has its own answer.
        std::erase_if(requests_, [&](const Request& r) { return r.id == id; });
        return;
    }
    for (std::string_view const symbol : frame.subscribed) {
        std::size_t const slot = slot_of(symbol);
        if (slot == symbols_.size()) continue;
        accept(slot);
        settle(slot);
    }
    for (std::uint16_t const slot : asked) {
        if (symbols_[slot].state != SymbolState::Requested) continue;
        ++subscribe_errors_;
        settle(slot);
        refuse(now, slot);
    }
    answered_ = answered_ || request != nullptr;
    update_live(now);
}

// A venue that acknowledges nothing may still complain of a symbol by name.
void Link::on_named_error(LinkTime now, const Decoded& frame) {
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        std::string const& symbol = config_.symbols[slot];
        if (symbol != frame.symbol && !names(frame.message, symbol)) continue;
        ++subscribe_errors_;
        refuse(now, slot);
    }
}

void Link::on_error(LinkTime now, const Decoded& frame) {
    if (config_.spec->ack == AckStyle::Never) return on_named_error(now, frame);
    std::size_t const slot = slot_of(frame.symbol);
    if (config_.spec->ack == AckStyle::PerSymbol && slot < symbols_.size()) {
        answered_ = true;
        ++subscribe_errors_;
        settle(slot);
        refuse(now, slot);
        update_live(now);
        return;
    }
    Request* const request = match(frame);
    if (request == nullptr) return;
    answered_ = true;
    ++subscribe_errors_;
    Request const refused = std::move(*request);
    std::erase_if(requests_, [&](const Request& r) { return r.id == refused.id; });
    refuse_request(now, refused, frame);
    update_live(now);
}

// One answer refuses several symbols: those that it names go, the others are asked for again; when
// it names none, halves find the culprit.
void Link::refuse_request(LinkTime now, const Request& refused, const Decoded& frame) {
    std::vector<std::uint16_t> rest;
    for (std::uint16_t const slot : refused.slots) {
        std::string const& symbol = config_.symbols[slot];
        if (refused.slots.size() == 1 || symbol == frame.symbol || names(frame.message, symbol)) {
            refuse(now, slot);
        } else {
            rest.push_back(slot);
        }
    }
    if (rest.empty()) return;
    std::span<const std::uint16_t> const again = rest;
    if (rest.size() < refused.slots.size() || rest.size() == 1) {
        request(again);
    } else {
        request(again.first(again.size() / 2));
        request(again.subspan(again.size() / 2));
    }
}

// The venue took the subscription. That proves it, unless it was mute before.
void Link::accept(std::size_t slot) noexcept {
    Symbol& symbol = symbols_[slot];
    if (!symbol.unproven) return prove(slot);
    if (symbol.state == SymbolState::Requested) symbol.state = SymbolState::Acked;
}

void Link::adopt(std::size_t slot) noexcept {
    if (symbols_[slot].state == SymbolState::Acked) prove(slot);
}

void Link::resubscribe(LinkTime now, std::size_t slot) {
    Symbol& symbol = symbols_[slot];
    bool const subscribed = symbol.state == SymbolState::Live || symbol.state == SymbolState::Acked;
    if (!open() || !subscribed) return;
    std::string const name[] = {config_.symbols[slot]};
    for (std::string& frame : config_.codec->unsubscribe(name, next_request_id_)) {
        requests_.emplace_back().id = next_request_id_;
        queue_.push_back(Outgoing{std::move(frame), next_request_id_++});
    }
    symbol.unproven = true;
    std::uint16_t const alone[] = {static_cast<std::uint16_t>(slot)};
    request(alone);
    mark(slot);
    pump(now);
}

// The symbol flows, or its subscription is accepted by a venue whose word proves it.
void Link::prove(std::size_t slot) noexcept {
    Symbol& symbol = symbols_[slot];
    symbol.state = SymbolState::Live;
    symbol.alone = symbol.unproven = false;
    symbol.refusals = 0;
    mark(slot);
}

void Link::refuse(LinkTime now, std::size_t slot) {
    Symbol& symbol = symbols_[slot];
    if (symbol.state == SymbolState::Live) return;  // its data says otherwise
    LinkTime const wait =
        std::min(kRefusedCap, kRefusedDelay * (1 << std::min(symbol.refusals, 6)));
    symbol.state = SymbolState::Refused;
    symbol.alone = true;
    ++symbol.refusals;
    symbol.retry_at = now + wait;
    refused_at_ = std::min(refused_at_, symbol.retry_at);
    mark(slot);
}

void Link::retry_refused(LinkTime now) {
    refused_at_ = LinkTime::max();
    for (std::size_t slot = 0; slot < symbols_.size(); ++slot) {
        Symbol const& symbol = symbols_[slot];
        if (symbol.state != SymbolState::Refused) continue;
        if (symbol.retry_at <= now) {
            std::uint16_t const alone[] = {static_cast<std::uint16_t>(slot)};
            request(alone);
        } else {
            refused_at_ = std::min(refused_at_, symbol.retry_at);
        }
    }
}

// A connection that answered nothing at all is not worth keeping; a single request that stays
// unanswered counts as refused, symbol by symbol.
void Link::check_requests(LinkTime now) {
    auto const late = [&](const Request& r) { return r.answer_by <= now; };
    if (std::ranges::none_of(requests_, late)) return;
    if (!answered_ && !any_data_) {
        ++subscribe_errors_;
        drop(now, "no answer to subscribe", false);
        return;
    }
    for (const Request& request : requests_) {
        if (!late(request) || request.slots.empty()) continue;
        ++subscribe_errors_;
        for (std::uint16_t const slot : request.slots) refuse(now, slot);
    }
    std::erase_if(requests_, late);
    update_live(now);
}

void Link::settle(std::size_t slot) noexcept {
    auto const wanted = static_cast<std::uint16_t>(slot);
    for (auto request = requests_.begin(); request != requests_.end();) {
        bool const done = std::erase(request->slots, wanted) > 0 && request->slots.empty();
        request = done ? requests_.erase(request) : request + 1;
    }
}

void Link::update_live(LinkTime now) noexcept {
    if (state_ != LinkState::Subscribing || !requests_.empty()) return;
    bool const any = std::ranges::any_of(
        symbols_, [](const Symbol& symbol) { return symbol.state == SymbolState::Live; });
    if (!any) return;
    state_ = LinkState::Live;
    live_since_ = now;
}

}  // namespace spill
