#include "connectors/fetcher.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "connectors/ban_store.hpp"

namespace spill {
namespace {

constexpr std::chrono::seconds kTooFast{10};  // after "too fast" in an answer with status 200
constexpr std::size_t kMaxWords = 120;        // of a venue's complaint

UnixNanos wall_clock() {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return UnixNanos{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

// The venue's words on one line, without what could steer a terminal.
std::string words_of(std::string_view body) {
    std::string words(body.substr(0, kMaxWords));
    std::ranges::replace_if(
        words, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return words;
}

}  // namespace

Fetcher::Fetcher(boost::asio::io_context& io, FetcherConfig config, HistoryStats& stats)
    : io_(io),
      config_(std::move(config)),
      stats_(stats),
      budget_(static_cast<std::size_t>(std::max(1, config_.spec->requests_per_window)),
              config_.spec->window),
      timer_(io) {
    if (config_.bans == nullptr) return;
    VenueRecord const record = config_.bans->load(config_.spec->venue);
    UnixNanos const wall = wall_clock();
    if (record.banned_until > wall) {
        LinkTime const left = LinkTime(record.banned_until.ns - wall.ns);
        banned_until_ = now() + std::min(left, link_rules::kMaxBan);
    }
}

Fetcher::~Fetcher() { *alive_ = false; }

LinkTime Fetcher::now() const noexcept { return std::chrono::steady_clock::now() - config_.began; }

LinkTime Fetcher::banned_until() const noexcept {
    return config_.gate != nullptr ? std::max(banned_until_, config_.gate->banned_until)
                                   : banned_until_;
}

void Fetcher::get(std::string target, Take take, Done done) {
    Item item{std::move(target), std::move(take), std::move(done)};
    if (banned_until() > now()) return refuse(std::move(item), "the venue has banned this address");
    if (queue_.size() >= kQueue) return refuse(std::move(item), "too many questions wait");
    queue_.push_back(std::move(item));
    boost::asio::post(io_, [this, alive = alive_] {
        if (*alive) pump();
    });
}

void Fetcher::refuse(Item item, std::string why) {
    bump(stats_.failures);
    boost::asio::post(io_, [alive = alive_, done = std::move(item.done), why = std::move(why)] {
        if (*alive) done(fail(Errc::Unavailable, why));
    });
}

void Fetcher::pump() {
    if (exchange_ || queue_.empty()) return;
    LinkTime const at = now();
    LinkTime const due = std::max(budget_.next(at), pause_until_);
    if (due <= at) return send();
    timer_.expires_at(config_.began +
                      std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
    timer_.async_wait([this, alive = alive_](boost::system::error_code ec) {
        if (!ec && *alive) pump();
    });
}

void Fetcher::send() {
    budget_.note(now());
    bump(stats_.requests);
    HttpGet get{.host = config_.host,
                .port = config_.port,
                .target = config_.prefix + queue_.front().target,
                .headers = {},
                .phase = config_.phase,
                .whole = config_.whole,
                .tls = config_.tls};
    if (config_.spec->headers != nullptr) get.headers = config_.spec->headers(config_.credentials);
    ++queue_.front().attempts;
    exchange_ = http_get(io_, std::move(get), [this](HttpAnswer answer) { answered(answer); });
}

void Fetcher::answered(const HttpAnswer& answer) {
    exchange_.reset();
    if (answer.status == 0) {
        return later(config_.backoff * (1 << (queue_.front().attempts - 1)), answer.detail);
    }
    StatusVerdict const verdict = classify_status(*config_.spec, answer.status, answer.retry_after);
    std::string const status = "HTTP " + std::to_string(answer.status);
    switch (verdict.status) {
        case StatusClass::Ok: {
            Result<void> taken = queue_.front().take(answer.body);
            if (!taken && taken.error().code == Errc::Unavailable) {
                return later(kTooFast, taken.error().message);
            }
            if (!taken) bump(stats_.failures);
            return finish(std::move(taken));
        }
        case StatusClass::Refused:
            bump(stats_.failures);
            return finish(fail(Errc::InvalidArgument, status + " " + words_of(answer.body)));
        case StatusClass::Later: return later(verdict.wait, status);
        case StatusClass::Banned: return ban(verdict.wait);
    }
}

void Fetcher::later(std::chrono::nanoseconds wait, std::string why) {
    pause_until_ = now() + std::min<LinkTime>(wait, kPatience);
    if (wait > kPatience || queue_.front().attempts >= kAttempts) {
        bump(stats_.failures);
        return finish(fail(Errc::Unavailable, std::move(why)));
    }
    bump(stats_.retries);
    pump();
}

void Fetcher::ban(std::chrono::seconds wait) {
    bump(stats_.bans);
    banned_until_ = now() + std::min<LinkTime>(wait, link_rules::kMaxBan);
    if (config_.gate != nullptr) {
        config_.gate->banned_until = std::max(config_.gate->banned_until, banned_until_);
    }
    if (config_.bans != nullptr) {
        auto const left = std::chrono::nanoseconds(banned_until_ - now()).count();
        config_.bans->note_ban(config_.spec->venue, UnixNanos{wall_clock().ns + left});
    }
    std::string const why = "banned for " + std::to_string(wait.count()) + " s";
    std::deque<Item> const ended = std::exchange(queue_, {});
    bump(stats_.failures, ended.size());
    for (const Item& item : ended) {
        boost::asio::post(io_, [alive = alive_, done = item.done, why] {
            if (*alive) done(fail(Errc::Unavailable, why));
        });
    }
}

void Fetcher::finish(Result<void> result) {
    Done const done = std::move(queue_.front().done);
    queue_.pop_front();
    auto const alive = alive_;  // the handler may destroy us
    done(result);
    if (*alive) pump();
}

}  // namespace spill
