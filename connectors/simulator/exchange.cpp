#include "connectors/simulator/exchange.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/simulator/dialect.hpp"
#include "connectors/simulator/session.hpp"

namespace spill {

using namespace sim;  // NOLINT: the parts of this simulator

namespace asio = boost::asio;
using Ec = boost::system::error_code;

class Exchange::Impl final : public Host, public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, const Registry& registry, std::span<const std::string> venues,
         const ExchangeOptions& options)
        : registry_(registry), listener_(io, options), timer_(io) {
        for (const std::string& name : venues) add_booth(name);
        subscribers_.assign(registry.feeds().size(), 0);
        by_feed_.resize(registry.feeds().size());
        last_.resize(registry.feeds().size());
    }

    void start() {
        listener_.start(weak_from_this());
        beat();
    }

    std::uint16_t port() const noexcept { return listener_.port(); }

    void publish(std::span<const SimTrade> trades, UnixNanos market_time) {
        now_ = market_time;
        for (auto& rows : by_feed_) rows.clear();
        for (const SimTrade& trade : trades) {
            by_feed_[trade.feed.value].push_back(trade);
            SimTrade& last = last_[trade.feed.value];
            if (trade.id > last.id) last = trade;
        }
        for (const Booth& booth : booths_) {
            for (auto const& [symbol, feed] : booth.symbols) {
                if (subscribers_[feed.value] == 0 || by_feed_[feed.value].empty()) continue;
                std::vector<std::string> frames;
                append_trade_frames(booth.dialect, symbol, by_feed_[feed.value], frames);
                for (std::string& frame : frames) {
                    deliver(feed, std::make_shared<const std::string>(std::move(frame)));
                }
            }
        }
        for_each_open([&](Session& session) { session.ping(market_time.ns); });
    }

    void announce_cut(std::string_view venue) {
        for_each_open([&](Session& session) {
            if (session.booth->name != venue) return;
            std::string text = notice(session.booth->dialect);
            if (!text.empty()) send(session, std::move(text));
        });
    }

    bool complete() const noexcept {
        return std::ranges::all_of(booths_, [&](const Booth& booth) {
            return std::ranges::all_of(booth.symbols, [&](auto const& entry) {
                return subscribers_[entry.second.value] > 0;
            });
        });
    }

    bool drained(UnixNanos market_time) const noexcept {
        return std::ranges::all_of(
            sessions_, [&](auto const& session) { return session->drained(market_time.ns); });
    }

    std::size_t connections() const noexcept {
        return static_cast<std::size_t>(
            std::ranges::count_if(sessions_, [](auto const& session) { return session->open; }));
    }

    void stop() {
        stopped_ = true;
        listener_.stop();
        timer_.cancel();
        std::vector<std::shared_ptr<Session>> const sessions = std::move(sessions_);
        sessions_.clear();
        for (auto const& session : sessions) session->close();
    }

    // Host
    void accepted(std::shared_ptr<Session> session) override {
        session->number = ++accepted_;
        sessions_.push_back(std::move(session));
    }
    const Booth* booth_of(std::string_view target) const noexcept override {
        for (const Booth& booth : booths_) {
            if (target.size() > booth.name.size() + 1 && target.front() == '/' &&
                target.substr(1).starts_with(booth.name) && target[booth.name.size() + 1] == '/') {
                return &booth;
            }
        }
        return nullptr;
    }
    void opened(Session& session) override {
        std::string hello = greeting(session.booth->dialect);
        if (!hello.empty()) send(session, std::move(hello));
    }
    void received(Session& session, std::string_view text) override {
        const Booth& booth = *session.booth;
        Request request = parse_request(booth.dialect, text);
        request.connection = session.number;
        for (FeedId const feed : session.feeds) request.held.emplace_back(booth.symbol_of(feed));
        Answer reply = answer(
            booth.dialect, request,
            [&](const std::string& symbol) { return booth.find(symbol).valid(); }, now_);
        for (std::string& frame : reply.frames) send(session, std::move(frame));
        bool const on = request.kind == Request::Kind::Subscribe;
        for (const std::string& symbol : reply.accepted) {
            FeedId const feed = booth.find(symbol);
            bool const there = std::ranges::binary_search(session.feeds, feed);
            subscribe(session, feed, on);
            SimTrade const& last = last_[feed.value];
            if (!on || there || last.id == 0) continue;
            std::string past = history_push(booth.dialect, symbol, last);
            if (!past.empty()) send(session, std::move(past));
        }
    }
    void closed(Session& session) override {
        for (FeedId const feed : session.feeds) --subscribers_[feed.value];
        session.feeds.clear();
        std::erase_if(sessions_, [&](auto const& other) { return other.get() == &session; });
    }

private:
    void add_booth(const std::string& name) {
        const Venue* const venue = registry_.find_venue(name);
        std::optional<Dialect> const dialect = dialect_of(name);
        if (venue == nullptr || !dialect) return;
        Booth booth{name, *dialect, {}};
        for (const Feed& feed : registry_.feeds()) {
            if (feed.venue == venue->id) booth.symbols.emplace_back(feed.symbol, feed.id);
        }
        booths_.push_back(std::move(booth));
    }

    // Once a wall second: heartbeats, and an end for those that stopped answering.
    void beat() {
        timer_.expires_after(std::chrono::seconds(1));
        timer_.async_wait([self = shared_from_this()](Ec ec) {
            if (ec || self->stopped_) return;
            auto const now = std::chrono::steady_clock::now();
            self->for_each_open([&](Session& session) {
                if (session.overdue(now)) return session.close();
                self->beat_symbols(session);
                std::string text = heartbeat(session.booth->dialect);
                bool const due = !session.spoke && !session.feeds.empty() && !text.empty();
                session.spoke = false;
                if (due) session.send(std::make_shared<const std::string>(std::move(text)));
            });
            self->beat();
        });
    }

    void beat_symbols(Session& session) {
        Booth const& booth = *session.booth;
        for (FeedId const feed : session.feeds) {
            std::string text =
                symbol_heartbeat(booth.dialect, booth.symbol_of(feed), last_[feed.value].id, now_);
            if (text.empty()) return;
            session.send(std::make_shared<const std::string>(std::move(text)));
        }
    }

    template <class Use>
    void for_each_open(Use&& use) {
        std::vector<std::shared_ptr<Session>> const sessions = sessions_;
        for (auto const& session : sessions) {
            if (session->open) use(*session);
        }
    }

    void send(Session& session, std::string text) {
        session.spoke = true;
        session.send(std::make_shared<const std::string>(std::move(text)));
    }

    void deliver(FeedId feed, const Bytes& frame) {
        for_each_open([&](Session& session) {
            if (!std::ranges::binary_search(session.feeds, feed)) return;
            session.spoke = true;
            session.send(frame);
        });
    }

    void subscribe(Session& session, FeedId feed, bool on) {
        auto const at = std::ranges::lower_bound(session.feeds, feed);
        bool const there = at != session.feeds.end() && *at == feed;
        if (on == there) return;
        if (on) {
            session.feeds.insert(at, feed);
            ++subscribers_[feed.value];
        } else {
            session.feeds.erase(at);
            --subscribers_[feed.value];
        }
    }

    const Registry& registry_;
    Listener listener_;
    asio::steady_timer timer_;
    std::vector<Booth> booths_;
    std::vector<std::shared_ptr<Session>> sessions_;
    std::vector<int> subscribers_;  // index FeedId
    std::vector<std::vector<SimTrade>> by_feed_;
    std::vector<SimTrade> last_;  // index FeedId; id 0 = none yet
    std::uint64_t accepted_ = 0;  // connections so far
    UnixNanos now_;
    bool stopped_ = false;
};

std::string simulated_path(std::string_view venue, std::string_view real_path) {
    return "/" + std::string(venue) + std::string(real_path);
}

Exchange::Exchange(asio::io_context& io, const Registry& registry,
                   std::span<const std::string> venues, ExchangeOptions options)
    : impl_(std::make_shared<Impl>(io, registry, venues, options)) {
    impl_->start();
}
Exchange::~Exchange() { impl_->stop(); }

std::uint16_t Exchange::port() const noexcept { return impl_->port(); }
void Exchange::publish(std::span<const SimTrade> trades, UnixNanos market_time) {
    impl_->publish(trades, market_time);
}
void Exchange::announce_cut(std::string_view venue) { impl_->announce_cut(venue); }
bool Exchange::complete() const noexcept { return impl_->complete(); }
bool Exchange::drained(UnixNanos market_time) const noexcept { return impl_->drained(market_time); }
std::size_t Exchange::connections() const noexcept { return impl_->connections(); }
void Exchange::stop() { impl_->stop(); }

}  // namespace spill
