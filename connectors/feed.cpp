#include "connectors/feed.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/asio/post.hpp>

#include "connectors/ban_store.hpp"
#include "connectors/feed_backfill.hpp"
#include "connectors/feed_runner.hpp"

namespace spill {

FeedShared::FeedShared(boost::asio::io_context& context, const Registry& instruments,
                       EventSink& events, LinkObserver change_observer)
    : io(context),
      registry(instruments),
      sink(events),
      observer(std::move(change_observer)),
      dedupe(instruments.feeds().size()),
      gaps(instruments.feeds().size()),
      carriers(instruments.feeds().size(), 0),
      gates(instruments.venues().size()),
      backfills(std::make_unique<FeedBackfills>(*this)) {}

FeedShared::~FeedShared() = default;

VenueGate& FeedShared::gate(const LinkConfig& link) {
    auto& found = gates[link.venue.value];
    if (found) return *found;
    found = std::make_unique<VenueGate>(*link.spec);
    if (link.bans == nullptr) return *found;
    // Wall times become steady ones here, once: what is `ago` now stays so.
    VenueRecord const record = link.bans->load(link.spec->name);
    UnixNanos const wall = feed_wall_now();
    LinkTime const start = now();
    for (UnixNanos const dial : record.dials) {
        if (dial <= wall) found->dials.note(start - LinkTime(wall.ns - dial.ns));
    }
    if (record.banned_until > wall) {
        LinkTime const left = LinkTime(record.banned_until.ns - wall.ns);
        found->banned_until = start + std::min(left, link_rules::kMaxBan);
    }
    return *found;
}

void FeedShared::renew(std::size_t index) {
    if (leaving[index]) return;
    leaving[index] = runners[index];
    runners[index] = leaving[index]->succeed();
    bump(stats[index]->handovers);
    runners[index]->start();
}

void FeedShared::release(std::size_t index) {
    if (!leaving[index]) return;
    auto const old = std::exchange(leaving[index], nullptr);
    old->stop();
    runners[index]->report_state();
    boost::asio::post(io, [old] {});
}

void FeedShared::advance_market_clock() noexcept {
    UnixNanos least{std::numeric_limits<std::int64_t>::max()};
    for (auto const& runner : runners) {
        if (runner->mark().ns != 0) least = std::min(least, runner->mark());
    }
    if (least.ns == std::numeric_limits<std::int64_t>::max() || least <= market_time) return;
    market_time = least;
    sink.market_clock(least);
}

class VenueFeed::Impl {
public:
    Impl(boost::asio::io_context& io, const Registry& registry, std::vector<LinkConfig> links,
         EventSink& sink, std::uint64_t seed, LinkObserver observer)
        : shared(io, registry, sink, std::move(observer)) {
        bool const tls = std::ranges::any_of(links, [](const LinkConfig& link) {
            return uses_tls(link) || (link.tls && link.history != nullptr);
        });
        if (tls) shared.tls = make_tls_context();
        bool const history = std::ranges::any_of(
            links, [](const LinkConfig& link) { return link.history != nullptr; });
        if (history) shared.volumes.resize(registry.feeds().size());
        for (LinkConfig& link : links) {
            shared.backfills->add_venue(link);
            std::size_t const index = shared.stats.size();
            shared.leaving.emplace_back();
            SymbolTable const table(registry, link.venue);
            for (const std::string& symbol : link.symbols) {
                FeedId const feed = table.find(symbol);
                if (feed.valid()) shared.gaps[feed.value] = GapTracker(link.spec->continuity);
            }
            shared.stats.push_back(std::make_unique<LinkStats>());
            shared.stats.back()->venue = registry.venue(link.venue).name;
            shared.runners.push_back(std::make_shared<FeedRunner>(shared, index, std::move(link),
                                                                  seed + 1'000'003 * index));
        }
    }
    FeedShared shared;
};

VenueFeed::VenueFeed(boost::asio::io_context& io, const Registry& registry,
                     std::vector<LinkConfig> links, EventSink& sink, std::uint64_t seed,
                     LinkObserver observer)
    : impl_(std::make_unique<Impl>(io, registry, std::move(links), sink, seed,
                                   std::move(observer))) {}

VenueFeed::~VenueFeed() = default;

void VenueFeed::start() {
    for (auto const& runner : impl_->shared.runners) runner->start();
}

void VenueFeed::stop() {
    impl_->shared.backfills->stop();
    for (auto const& runner : impl_->shared.runners) runner->stop();
    for (std::size_t i = 0; i < impl_->shared.leaving.size(); ++i) impl_->shared.release(i);
}

std::span<const std::unique_ptr<LinkStats>> VenueFeed::stats() const noexcept {
    return impl_->shared.stats;
}

std::span<const std::unique_ptr<HistoryStats>> VenueFeed::history_stats() const noexcept {
    return impl_->shared.backfills->stats();
}

}  // namespace spill
