// What the publisher answers: greetings, subscriptions, resumes and snapshots.
#include "connectors/link_stats.hpp"
#include "daemon/gateway/publisher.hpp"

namespace spill {
namespace {

constexpr std::size_t kSnapshotPartBytes = 128 * 1024;  // then another message follows

[[nodiscard]] bool in_snapshot(const StateTable::Row& row, const SubscriberRequest& request,
                               const SignalFilter& filter) noexcept {
    if (row.rank == 0 || (request.types & type_bit(row.type)) == 0) return false;
    SignalWorth const worth{.rank = row.rank, .leaving = false, .score = row.score};
    if (!filter.matches(row.type, row.key.view()) || !filter.worthy(row.type, worth)) return false;
    if (request.keys.empty()) return true;
    for (const std::string& key : request.keys) {
        if (key_matches(key, row.key.view())) return true;
    }
    return false;
}

}  // namespace

std::string Publisher::hello() const {
    std::string const feeds = hooks_.ready ? readiness_json(hooks_.ready()) : std::string();
    return make_hello(HelloFacts{.version = config_.version,
                                 .epoch = config_.epoch,
                                 .offset = last_offset_,
                                 .oldest = position().oldest,
                                 .cfg = config_.cfg,
                                 .feeds = feeds,
                                 .outbox_messages = config_.outbox_messages,
                                 .outbox_bytes = config_.outbox_bytes,
                                 .outbox_age_ms = config_.outbox_age.count(),
                                 .heartbeat_ms = config_.heartbeat.count(),
                                 .messages_per_second = config_.messages_per_second});
}

StreamPosition Publisher::position() const noexcept {
    bool const empty = log_.oldest() == log_.next();
    return StreamPosition{.epoch = config_.epoch,
                          .oldest = empty ? last_offset_ + 1 : log_.entry(log_.oldest()).offset,
                          .last = last_offset_};
}

void Publisher::keep_state(std::string_view body, const SignalFacts& facts,
                           const SignalWorth& worth) noexcept {
    std::uint8_t const rank = state_rank(facts.type, facts.state);
    if (rank == kUnknownRank || body.size() > kMaxSignalBytes) return;
    StateTable::Row row;
    row.type = facts.type;
    row.key = FixedText<56>(facts.key);
    row.rank = rank;
    row.score = worth.score;
    row.offset = facts.offset;
    if (states_.put(row, body)) return;
    states_complete_ = false;
    bump(stats_.states_dropped);
}

void Publisher::send_snapshot(Subscriber& subscriber, const SubscriberRequest& request) {
    SnapshotFacts facts{.id = request.id,
                        .epoch = config_.epoch,
                        .offset = last_offset_,
                        .part = 1,
                        .last = false,
                        .complete = states_complete_};
    std::string states;
    for (std::size_t i = 0; i < states_.rows().size(); ++i) {
        if (!in_snapshot(states_.rows()[i], request, subscriber.filter())) continue;
        if (states.size() > kSnapshotPartBytes) {
            subscriber.queue(make_frame(Opcode::Text, make_snapshot(facts, states)));
            states.clear();
            ++facts.part;
        }
        if (!states.empty()) states += ',';
        states += states_.body(i);
    }
    facts.last = true;
    subscriber.queue(make_frame(Opcode::Text, make_snapshot(facts, states)));
    bump(stats_.snapshots);
}

// Changes what the subscriber gets. False with `rejection` filled.
bool Publisher::change(Subscriber& subscriber, SubscriberRequest& request, Rejection& rejection) {
    if (!names_.resolve(request, rejection)) return false;
    subscriber.scan();
    if (subscriber.overrun() || !subscriber.settle(stats_)) {
        rejection.code = "busy";
        rejection.message = "too much waits to be read; read it, then ask again";
        return false;
    }
    switch (request.op) {
        case SubscriberOp::Subscribe:
            if (subscriber.subscribe(request)) return true;
            rejection.code = "too_many_keys";
            rejection.message = "at most 256 keys of one type";
            return false;
        case SubscriberOp::Unsubscribe:
            if (subscriber.unsubscribe(request)) return true;
            rejection.code = "not_subscribed";
            rejection.message = "keys can be taken out of a type that was subscribed by keys only";
            return false;
        case SubscriberOp::Resume:
            if (!subscriber.subscribed()) return true;
            rejection.code = "already_subscribed";
            rejection.message = "a resume is the first request of a connection";
            return false;
    }
    return false;
}

void Publisher::answer_resume(const Handle& subscriber, SubscriberRequest& request) {
    ResumeVerdict const verdict = resume_verdict(request.epoch, request.offset, position());
    if (verdict == ResumeVerdict::Future) {
        close(subscriber,
              {4400, "future offset, last=" + std::to_string(last_offset_), CloseReason::Future});
        return;
    }
    bool const exact = verdict == ResumeVerdict::Replay;
    Recovery const recovery = exact                                ? Recovery::Exact
                              : verdict == ResumeVerdict::NewEpoch ? Recovery::NewEpoch
                                                                   : Recovery::TooOld;
    bump(exact ? stats_.resumed : stats_.not_resumed);
    // A resume names at most kMaxFilterKeys keys and is the first to name any: it is accepted.
    std::uint64_t const from = exact ? log_.after(request.offset) : log_.next();
    if (!subscriber->resume(request, from)) return;
    subscriber->queue(make_frame(Opcode::Text, make_ack(request, last_offset_, recovery)));
    if (!exact) send_snapshot(*subscriber, request);
}

bool Publisher::on_text(const Handle& subscriber, std::string_view text) {
    bump(stats_.requests_in);
    SubscriberRequest request;
    Rejection rejection;
    bool const read = requests_.read(text, request, rejection);
    if (!read || !change(*subscriber, request, rejection)) {
        bump(stats_.rejects_out);
        rejection.id = request.id;
        subscriber->queue(make_frame(Opcode::Text, make_reject(rejection)));
    } else if (request.op == SubscriberOp::Resume) {
        answer_resume(subscriber, request);
    } else {
        subscriber->queue(make_frame(Opcode::Text, make_ack(request, last_offset_)));
        bool const snapshot = request.op == SubscriberOp::Subscribe && request.snapshot;
        if (snapshot) send_snapshot(*subscriber, request);
    }
    serve(subscriber);
    return subscriber->phase == Subscriber::Phase::Open;
}

}  // namespace spill
