#include "connectors/feed_backfill.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>

#include "connectors/feed_runner.hpp"

namespace spill {

FeedBackfills::FeedBackfills(FeedShared& owner) : owner_(owner), timer_(owner.io) {}
FeedBackfills::~FeedBackfills() { *alive_ = false; }

void FeedBackfills::stop() {
    stopped_ = true;
    jobs_.clear();
    timer_.cancel();
}

void FeedBackfills::add_venue(const LinkConfig& link) {
    if (link.history == nullptr) return;
    for (auto const& place : places_) {
        if (place->venue == link.venue) return;
    }
    auto place = std::make_unique<Place>();
    place->venue = link.venue;
    stats_.push_back(std::make_unique<HistoryStats>());
    place->stats = stats_.back().get();
    place->stats->venue = link.spec->name;
    FetcherConfig config;
    config.spec = link.history;
    config.host = link.rest_host.empty() ? std::string(link.history->host) : link.rest_host;
    config.port = link.rest_port.empty() ? std::string(link.history->port) : link.rest_port;
    config.prefix = link.rest_prefix;
    if (link.tls) config.tls = owner_.tls;
    config.credentials = link.credentials;
    config.bans = link.bans;
    config.gate = &owner_.gate(link);
    config.began = owner_.began;
    place->fetcher = std::make_unique<Fetcher>(owner_.io, std::move(config), *place->stats);
    places_.push_back(std::move(place));
}

FeedBackfills::Place* FeedBackfills::place_of(FeedId feed) noexcept {
    VenueId const venue = owner_.registry.feed(feed).venue;
    for (auto const& place : places_) {
        if (place->venue == venue) return place.get();
    }
    return nullptr;
}

void FeedBackfills::opened(std::size_t link, FeedId feed, const GapNews& news) {
    Place* const place = place_of(feed);
    if (place == nullptr || stopped_) return;
    if (news.kind == GapNews::Kind::Widened) {
        // The old plan knows too little: what it fetched already is told from what comes now.
        std::erase_if(jobs_, [&](const JobRef& job) {
            const BackfillGap& gap = job->plan.gap();
            return job->feed == feed && gap.from >= news.from && gap.to <= news.to;
        });
    }
    if (jobs_.size() >= kJobs) return bump(place->stats->backfills_failed);
    bump(place->stats->backfills_started);
    auto job = std::make_shared<Job>(
        Job{.link = link,
            .feed = feed,
            .place = place,
            .plan = Backfill(place->fetcher->spec(), owner_.registry.feed(feed).symbol,
                             {.ids = news.ids, .from = news.from, .to = news.to})});
    jobs_.push_back(job);
    // Not from inside of the runner that tells us.
    boost::asio::post(owner_.io, [this, weak = std::weak_ptr<Job>(job)] {
        if (auto const self = weak.lock()) step(self);
    });
}

void FeedBackfills::closed(FeedId feed, const GapNews& news) {
    std::erase_if(jobs_, [&](const JobRef& job) {
        const BackfillGap& gap = job->plan.gap();
        bool const it =
            job->feed == feed && gap.from == news.from && gap.to == news.to && gap.ids == news.ids;
        if (!it) return false;
        bump(news.kind == GapNews::Kind::Filled ? job->place->stats->backfills_filled
                                                : job->place->stats->backfills_failed);
        return true;
    });
}

void FeedBackfills::step(const JobRef& job) {
    if (job->busy) return;
    auto request = job->plan.next(owner_.now(), owner_.runners[job->link]->market_now());
    if (request) return ask(job, *std::move(request));
    if (job->plan.over()) return finish(job);
    rearm();
}

void FeedBackfills::ask(const JobRef& job, Backfill::Request request) {
    const HistorySpec& spec = job->place->fetcher->spec();
    bool const trades = std::holds_alternative<TradesRequest>(request);
    auto const target = trades ? spec.trades_target(std::get<TradesRequest>(request))
                               : spec.bars_target(std::get<BarsRequest>(request));
    if (!target) return;  // cannot be: the plan has tried it
    job->busy = true;
    // The job may be dropped while its question is under way: it is then forgotten.
    std::weak_ptr<Job> const weak = job;
    auto take = [this, weak, request = std::move(request)](std::string_view body) -> Result<void> {
        auto const self = weak.lock();
        if (!self) return {};
        const HistorySpec& venue = self->place->fetcher->spec();
        LinkTime const now = owner_.now();
        if (auto const* const wanted = std::get_if<TradesRequest>(&request)) {
            auto page = venue.parse_trades(body, *wanted);
            if (!page) return tl::unexpected(page.error());
            self->plan.answered(*std::move(page), now);
        } else {
            auto page = venue.parse_bars(body, std::get<BarsRequest>(request));
            if (!page) return tl::unexpected(page.error());
            self->plan.answered(*std::move(page), now);
        }
        return {};
    };
    job->place->fetcher->get(*target, std::move(take), [this, weak](const Result<void>& end) {
        auto const self = weak.lock();
        if (!self) return;
        self->busy = false;
        if (!end) self->plan.failed(end.error(), owner_.now());
        step(self);
    });
}

void FeedBackfills::finish(const JobRef& job) {
    std::erase(jobs_, job);
    const Backfill& plan = job->plan;
    bool const filled = plan.state() == Backfill::State::Filled;
    auto const runner = owner_.runners[job->link];
    PastResult const result = runner->take_past(job->feed, plan);
    bump(job->place->stats->backfill_rows, result.rows);
    bump(filled && result.whole ? job->place->stats->backfills_filled
                                : job->place->stats->backfills_failed);
    if (owner_.observer) {
        std::string detail = std::to_string(result.rows) +
                             (plan.bars().empty() ? " trades" : " minutes") +
                             (filled && result.whole ? ", whole" : ", not whole");
        if (!plan.complaint().empty()) detail += " (" + plan.complaint() + ")";
        owner_.observer({.link = job->link,
                         .state = runner->link().state(),
                         .symbol = plan.symbol(),
                         .detail = detail,
                         .backfill = true,
                         .good = filled && result.whole});
    }
    rearm();
}

void FeedBackfills::rearm() {
    LinkTime at = LinkTime::max();
    for (const JobRef& job : jobs_) {
        if (!job->busy && job->plan.state() == Backfill::State::Waiting) {
            at = std::min(at, job->plan.due());
        }
    }
    if (at == LinkTime::max()) return;
    timer_.expires_at(owner_.began +
                      std::chrono::duration_cast<std::chrono::steady_clock::duration>(at));
    timer_.async_wait([this, alive = alive_](boost::system::error_code ec) {
        if (ec || !*alive) return;
        LinkTime const now = owner_.now();
        std::vector<JobRef> const jobs = jobs_;
        for (const JobRef& job : jobs) {
            if (job->plan.state() == Backfill::State::Waiting && job->plan.due() <= now) step(job);
        }
        rearm();
    });
}

}  // namespace spill
