// The questions to one venue's REST interface: one queue, one request at a time, within the venue's
// budget.
//
// Too fast, or no answer: waits and asks again, a bounded number of times. A ban ends everything
// that waits, is remembered across restarts (BanStore) and keeps the venue's links from dialling
// (VenueGate). One thread, callbacks only. Not on the hot path.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/history/history.hpp"
#include "connectors/history_stats.hpp"
#include "connectors/link.hpp"
#include "connectors/rate_window.hpp"
#include "connectors/transport_http.hpp"
#include "core/error.hpp"

namespace spill {

class BanStore;

struct FetcherConfig {
    const HistorySpec* spec = nullptr;
    std::string host;
    std::string port;
    std::string prefix;               // before every target; empty on a real venue
    std::shared_ptr<TlsContext> tls;  // null = plain text, for loopback addresses only
    Credentials credentials{};        // never logged
    BanStore* bans = nullptr;         // what outlives the process; null = nothing does
    VenueGate* gate = nullptr;        // of the venue's links on this thread; null = none
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();  // of the gate
    std::chrono::milliseconds phase{5'000};
    std::chrono::milliseconds whole{20'000};
    std::chrono::milliseconds backoff{500};  // before the second attempt; doubles
};

class Fetcher {
public:
    static constexpr int kAttempts = 4;
    static constexpr std::size_t kQueue = 256;
    static constexpr std::chrono::seconds kPatience{60};  // a longer wait is not waited for

    // What the answer's body is worth. Errors: Unavailable = ask again later (a venue that says
    // "too fast" with status 200), anything else is final.
    using Take = std::function<Result<void>(std::string_view body)>;
    // The outcome, once, from the io_context's thread, never before get() returns. Unavailable: the
    // venue cannot be asked now. InvalidArgument and the rest: it refuses the question.
    using Done = std::function<void(const Result<void>&)>;

    // REQUIRES `io`, `stats` and the pointers of `config` to outlive the object.
    Fetcher(boost::asio::io_context& io, FetcherConfig config, HistoryStats& stats);
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;
    ~Fetcher();  // what waits is dropped without a word

    void get(std::string target, Take take, Done done);

    [[nodiscard]] const HistorySpec& spec() const noexcept { return *config_.spec; }
    [[nodiscard]] LinkTime now() const noexcept;
    // Until then nothing is asked; in the past when there is no ban.
    [[nodiscard]] LinkTime banned_until() const noexcept;

private:
    struct Item {
        std::string target;
        Take take;
        Done done;
        int attempts = 0;
    };

    void pump();
    void send();
    void answered(const HttpAnswer& answer);
    void later(std::chrono::nanoseconds wait, std::string why);
    void ban(std::chrono::seconds wait);
    void finish(Result<void> result);
    void refuse(Item item, std::string why);

    boost::asio::io_context& io_;
    FetcherConfig config_;
    HistoryStats& stats_;
    RateWindow budget_;
    boost::asio::steady_timer timer_;
    std::deque<Item> queue_;  // front is under way when `exchange_` is set
    std::unique_ptr<HttpExchange> exchange_;
    LinkTime pause_until_{0};
    LinkTime banned_until_{0};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spill
