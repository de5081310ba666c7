// Questions from HTTP and from subscribers, put to the core thread one after the other.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/explain_desk.hpp"
#include "daemon/gateway/gateway.hpp"

namespace spill {

// Ops thread only.
class Explainer {
public:
    static constexpr std::size_t kMaxWaiting = 64;

    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::milliseconds kPatience{1500};  // an idle core looks once a second

    // `wake` makes the core thread look at the desk soon. `now` is the steady clock.
    Explainer(boost::asio::io_context& ops, ExplainDesk& desk, std::function<void()> wake,
              std::function<TimePoint()> now = std::chrono::steady_clock::now);

    // Calls back on this thread: Answered with the text, Unknown, or Busy when too many wait or the
    // core does not answer in time.
    void ask(std::string name, ExplainReply reply);
    void stop();

private:
    struct Waiting {
        std::string name;
        ExplainReply reply;
        TimePoint since;
    };
    void poll();
    void arm();

    ExplainDesk& desk_;
    std::function<void()> wake_;
    std::function<TimePoint()> now_;
    boost::asio::steady_timer timer_;
    std::deque<Waiting> waiting_;  // the first is on the desk, or will be
    bool asked_ = false;           // the first is on the desk
    bool abandoned_ = false;       // nobody waits any more for what is on the desk
    bool armed_ = false;
    bool stopped_ = false;
};

}  // namespace spill
