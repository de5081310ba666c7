// Fills the gaps of one feed thread over REST: one fetcher per venue, one plan (Backfill) per gap.
// Everything runs on the feed's thread, at edges only. What comes back goes through the feed's
// runner, which judges it like any other row.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "connectors/backfill.hpp"
#include "connectors/continuity.hpp"
#include "connectors/feed.hpp"
#include "connectors/fetcher.hpp"

namespace spill {

struct FeedShared;

class FeedBackfills {
public:
    static constexpr std::size_t kJobs = 64;  // at the same time; a gap beyond stays open

    // REQUIRES `owner` to outlive the object.
    explicit FeedBackfills(FeedShared& owner);
    FeedBackfills(const FeedBackfills&) = delete;
    FeedBackfills& operator=(const FeedBackfills&) = delete;
    ~FeedBackfills();

    // A venue that has history; call once per link, before start. Later links of a venue share.
    void add_venue(const LinkConfig& link);
    // The tracker's news of a feed that `link` carries.
    void opened(std::size_t link, FeedId feed, const GapNews& news);
    void closed(FeedId feed, const GapNews& news);
    // Forgets everything and takes nothing more.
    void stop();

    [[nodiscard]] const std::vector<std::unique_ptr<HistoryStats>>& stats() const noexcept {
        return stats_;
    }

private:
    struct Place {
        VenueId venue;
        std::unique_ptr<Fetcher> fetcher;
        HistoryStats* stats = nullptr;
    };
    struct Job {
        std::size_t link = 0;
        FeedId feed;
        Place* place = nullptr;
        Backfill plan;
        bool busy = false;  // a request is under way
    };
    using JobRef = std::shared_ptr<Job>;

    [[nodiscard]] Place* place_of(FeedId feed) noexcept;
    void step(const JobRef& job);
    void ask(const JobRef& job, Backfill::Request request);
    void finish(const JobRef& job);
    void rearm();

    FeedShared& owner_;
    std::vector<std::unique_ptr<Place>> places_;
    std::vector<std::unique_ptr<HistoryStats>> stats_;
    std::vector<JobRef> jobs_;
    boost::asio::steady_timer timer_;
    bool stopped_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spill
