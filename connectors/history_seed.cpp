#include "connectors/history_seed.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "connectors/feed_runner.hpp"  // scaled_size
#include "connectors/fetcher.hpp"
#include "connectors/history/history.hpp"

namespace spill {
namespace {

constexpr std::chrono::milliseconds kTurn{50};
constexpr std::int64_t kDayNs = 24 * 60 * kNanosPerMinute;

Event bar_event(const Feed& feed, const BarRow& row) noexcept {
    Event event{};
    event.ts_event = row.start;
    event.ts_recv = UnixNanos{row.start.ns + kNanosPerMinute};
    event.instrument = feed.instrument;
    event.feed = feed.id;
    event.kind = EventKind::Bar;
    event.aux = 1;
    event.bar = {.open = row.open,
                 .high = row.high,
                 .low = row.low,
                 .close = row.close,
                 .volume = scaled_size(row.volume, feed.multiplier_e9)};
    return event;
}

}  // namespace

class HistorySeed::Impl {
public:
    Impl(const Registry& registry, std::span<const LinkConfig> links, SeedOptions options)
        : registry_(registry), options_(std::move(options)) {
        UnixNanos const end = minute_start(minute_of(options_.now));
        span_ = {.from = UnixNanos{end.ns - options_.days * kDayNs}, .to = end};
        for (const LinkConfig& link : links) {
            if (link.history == nullptr || link.history->bars_per_page <= 0) continue;
            Place& place = place_of(link);
            SymbolTable const table(registry, link.venue);
            for (const std::string& symbol : link.symbols) {
                FeedId const feed = table.find(symbol);
                if (feed.valid()) place.feeds.push_back(feed);
            }
        }
        for (auto const& place : places_) feeds_ += place->feeds.size();
    }

    std::vector<Event> run() {
        auto const end = std::chrono::steady_clock::now() + options_.limit;
        for (auto const& place : places_) next_feed(*place);
        while (done_ < feeds_) {
            if (options_.interrupted && options_.interrupted()) break;
            if (std::chrono::steady_clock::now() >= end) break;
            io_.restart();
            io_.run_one_for(kTurn);
        }
        for (auto const& place : places_) {
            place->fetcher.reset();
            while (place->at < place->feeds.size()) feed_over(*place, "out of time");
        }
        return sorted();
    }

    std::vector<std::shared_ptr<const HistoryStats>> stats() const {
        std::vector<std::shared_ptr<const HistoryStats>> all;
        for (auto const& place : places_) all.push_back(place->stats);
        return all;
    }

private:
    struct Place {
        VenueId venue;
        std::shared_ptr<HistoryStats> stats = std::make_shared<HistoryStats>();
        std::unique_ptr<Fetcher> fetcher;
        std::vector<FeedId> feeds;
        std::size_t at = 0;  // the feed that is asked for
        HistoryCursor cursor;
        int pages = 0;
        std::uint64_t bars = 0;
        UnixNanos last{-1};  // start of the newest bar of this feed
    };

    Place& place_of(const LinkConfig& link) {
        for (auto const& place : places_) {
            if (place->venue == link.venue) return *place;
        }
        places_.push_back(std::make_unique<Place>());
        Place& place = *places_.back();
        place.venue = link.venue;
        place.stats->venue = link.spec->name;
        if (link.tls && !tls_) tls_ = make_tls_context();
        FetcherConfig config;
        config.spec = link.history;
        config.host = link.rest_host.empty() ? std::string(link.history->host) : link.rest_host;
        config.port = link.rest_port.empty() ? std::string(link.history->port) : link.rest_port;
        config.prefix = link.rest_prefix;
        if (link.tls) config.tls = tls_;
        config.credentials = link.credentials;
        config.bans = link.bans;
        place.fetcher = std::make_unique<Fetcher>(io_, std::move(config), *place.stats);
        return place;
    }

    void next_feed(Place& place) {
        place.cursor = {};
        place.pages = 0;
        place.bars = 0;
        place.last = UnixNanos{-1};
        if (place.at < place.feeds.size()) ask(place);
    }

    void ask(Place& place) {
        BarsRequest request{.symbol = registry_.feed(place.feeds[place.at]).symbol,
                            .span = span_,
                            .now = options_.now,
                            .cursor = place.cursor};
        const HistorySpec& spec = place.fetcher->spec();
        auto const target = spec.bars_target(request);
        if (!target || place.pages >= kPages) {
            feed_over(place, "the venue cannot be asked for it");
            return next_feed(place);
        }
        ++place.pages;
        place.cursor = {};
        place.fetcher->get(
            *target,
            [this, &place, &spec,
             request = std::move(request)](std::string_view body) -> Result<void> {
                auto page = spec.parse_bars(body, request);
                if (!page) return tl::unexpected(page.error());
                take(place, *page);
                if (page->more) place.cursor = *std::move(page->more);
                return {};
            },
            [this, &place](const Result<void>& end) {
                if (end && !place.cursor.next.empty()) return ask(place);
                feed_over(place, end ? std::string() : end.error().message);
                next_feed(place);
            });
    }

    void take(Place& place, const BarPage& page) {
        const Feed& feed = registry_.feed(place.feeds[place.at]);
        for (const BarRow& row : page.rows) {
            bool const inside = row.start >= span_.from && row.start < span_.to;
            if (!inside || row.start <= place.last) continue;
            place.last = row.start;
            ++place.bars;
            bars_.push_back(bar_event(feed, row));
        }
    }

    void feed_over(Place& place, const std::string& trouble) {
        FeedId const feed = place.feeds[place.at++];
        ++done_;
        bump(place.stats->seed_bars, place.bars);
        bump(trouble.empty() ? place.stats->seed_feeds : place.stats->seed_feeds_failed);
        if (options_.told) {
            options_.told({.venue = place.stats->venue,
                           .symbol = registry_.feed(feed).symbol,
                           .done = done_,
                           .feeds = feeds_,
                           .bars = place.bars,
                           .trouble = trouble});
        }
        place.bars = 0;
    }

    // Positions are sorted instead of events: passing 64-byte aligned values to the library's heap
    // functions draws a note about the ABI from g++ for each.
    std::vector<Event> sorted() const {
        std::vector<std::uint32_t> order(bars_.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
            return std::tuple(bars_[a].ts_recv, bars_[a].feed, a) <
                   std::tuple(bars_[b].ts_recv, bars_[b].feed, b);
        });
        std::vector<Event> out;
        out.reserve(bars_.size());
        for (std::uint32_t const at : order) out.push_back(bars_[at]);
        return out;
    }

    const Registry& registry_;
    SeedOptions options_;
    TimeSpan span_{};
    boost::asio::io_context io_{1};
    std::shared_ptr<TlsContext> tls_;
    std::vector<std::unique_ptr<Place>> places_;
    std::vector<Event> bars_;
    std::size_t feeds_ = 0;
    std::size_t done_ = 0;
};

HistorySeed::HistorySeed(const Registry& registry, std::span<const LinkConfig> links,
                         SeedOptions options)
    : impl_(std::make_unique<Impl>(registry, links, std::move(options))) {}
HistorySeed::~HistorySeed() = default;
std::vector<Event> HistorySeed::run() { return impl_->run(); }
std::vector<std::shared_ptr<const HistoryStats>> HistorySeed::stats() const {
    return impl_->stats();
}

}  // namespace spill
