#include "daemon/explainer.hpp"

#include <utility>

namespace spill {
namespace {

using namespace std::chrono_literals;

constexpr auto kPoll = 2ms;

}  // namespace

Explainer::Explainer(boost::asio::io_context& ops, ExplainDesk& desk, std::function<void()> wake,
                     std::function<TimePoint()> now)
    : desk_(desk), wake_(std::move(wake)), now_(std::move(now)), timer_(ops) {}

void Explainer::ask(std::string name, ExplainReply reply) {
    if (stopped_ || waiting_.size() >= kMaxWaiting) return reply(ExplainOutcome::Busy, {});
    waiting_.push_back({std::move(name), std::move(reply), now_()});
    poll();
}

void Explainer::poll() {
    if (auto const text = desk_.answer()) {
        if (asked_) {
            Waiting const first = std::move(waiting_.front());
            waiting_.pop_front();
            first.reply(text->empty() ? ExplainOutcome::Unknown : ExplainOutcome::Answered, *text);
        }
        asked_ = abandoned_ = false;
        desk_.clear();
    }
    TimePoint const now = now_();
    while (!waiting_.empty() && now - waiting_.front().since > kPatience) {
        Waiting const first = std::move(waiting_.front());
        waiting_.pop_front();
        if (asked_) abandoned_ = true;
        asked_ = false;
        first.reply(ExplainOutcome::Busy, {});
    }
    if (!waiting_.empty() && !asked_ && !abandoned_) asked_ = desk_.ask(waiting_.front().name);
    if (asked_ || abandoned_) wake_();
    if (!waiting_.empty() || abandoned_) arm();
}

void Explainer::arm() {
    if (armed_ || stopped_) return;
    armed_ = true;
    timer_.expires_after(kPoll);
    timer_.async_wait([this](boost::system::error_code error) {
        armed_ = false;
        if (!error && !stopped_) poll();
    });
}

void Explainer::stop() {
    stopped_ = true;
    timer_.cancel();
    waiting_.clear();
}

}  // namespace spill
