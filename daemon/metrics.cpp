#include "daemon/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <map>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "daemon/metrics_table.hpp"

namespace spill {
namespace {

using prometheus::MetricType;
using Id = MetricId;

// Upper bounds of the Prometheus buckets, ns: 1, 2, 5 per decade from 1 us to 1 s.
constexpr std::array<std::int64_t, 19> kBounds{
    1'000,      2'000,       5'000,       10'000,      20'000,       50'000,     100'000,
    200'000,    500'000,     1'000'000,   2'000'000,   5'000'000,    10'000'000, 20'000'000,
    50'000'000, 100'000'000, 200'000'000, 500'000'000, 1'000'000'000};

[[nodiscard]] double seconds(std::int64_t ns) noexcept { return static_cast<double>(ns) / 1e9; }

[[nodiscard]] double load(const Counter& counter) noexcept {
    return static_cast<double>(counter.load(std::memory_order_relaxed));
}

[[nodiscard]] MetricType type_of(MetricKind kind) noexcept {
    switch (kind) {
        case MetricKind::Count: return MetricType::Counter;
        case MetricKind::Gauge: return MetricType::Gauge;
        case MetricKind::Histogram: return MetricType::Histogram;
    }
    return MetricType::Untyped;
}

// One reading of everything, in the order of the table.
class Scrape {
public:
    Scrape() {
        for (const MetricDeclaration& d : kMetrics) {
            prometheus::MetricFamily family;
            family.name = d.name;
            family.help = d.help;
            family.type = type_of(d.kind);
            families_.push_back(std::move(family));
        }
    }

    void add(Id id, std::initializer_list<std::string> values, double value) {
        prometheus::ClientMetric metric = labelled(id, values);
        if (families_[index(id)].type == MetricType::Counter) {
            metric.counter.value = value;
        } else {
            metric.gauge.value = value;
        }
        families_[index(id)].metric.push_back(std::move(metric));
    }

    // The histograms of one stage. A step counts in the first bucket that covers it whole, so
    // that no bucket claims to be faster than the truth.
    void add_stage(const std::string& stage, const std::vector<const LatencyHistogram*>& parts) {
        prometheus::ClientMetric metric = labelled(Id::StageSeconds, {stage});
        std::array<std::uint64_t, kBounds.size() + 1> counts{};
        std::int64_t sum = 0;
        for (const LatencyHistogram* const part : parts) {
            sum += part->sum_ns();
            for (std::size_t i = 0; i < LatencyHistogram::kCells; ++i) {
                auto const* const bound = std::lower_bound(kBounds.begin(), kBounds.end(),
                                                           LatencyHistogram::upper_edge(i));
                counts[static_cast<std::size_t>(bound - kBounds.begin())] += part->cell(i);
            }
        }
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            total += counts[i];
            double const bound =
                i < kBounds.size() ? seconds(kBounds[i]) : std::numeric_limits<double>::infinity();
            metric.histogram.bucket.push_back({total, bound});
        }
        metric.histogram.sample_count = total;
        metric.histogram.sample_sum = seconds(sum);
        families_[index(Id::StageSeconds)].metric.push_back(std::move(metric));
    }

    // What has no figure is left out.
    [[nodiscard]] std::vector<prometheus::MetricFamily> take() {
        std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
        return std::move(families_);
    }

private:
    [[nodiscard]] static std::size_t index(Id id) noexcept { return static_cast<std::size_t>(id); }

    [[nodiscard]] static prometheus::ClientMetric labelled(
        Id id, std::initializer_list<std::string> values) {
        const MetricDeclaration& declaration = kMetrics[index(id)];
        SPILL_CHECK(declaration.id == id && declaration.label_count() == values.size());
        prometheus::ClientMetric metric;
        std::size_t i = 0;
        for (const std::string& value : values) {
            metric.label.push_back({declaration.labels[i++], value});
        }
        return metric;
    }

    std::vector<prometheus::MetricFamily> families_;
};

void collect_link(Scrape& scrape, const LinkStats& link, const std::string& number) {
    const std::string& venue = link.venue;
    auto const state = link.state.load(std::memory_order_relaxed);
    for (int i = 0; i < kLinkStates; ++i) {
        scrape.add(Id::LinkState, {venue, number, to_string(static_cast<LinkState>(i))},
                   state == i ? 1.0 : 0.0);
    }
    auto const failures = load(link.dial_failures);
    scrape.add(Id::LinkDials, {venue, number, "failed"}, failures);
    scrape.add(Id::LinkDials, {venue, number, "ok"}, std::max(0.0, load(link.dials) - failures));
    struct Plain {
        Id id;
        const Counter& counter;
    };
    for (const Plain& row :
         {Plain{Id::LinkCloses, link.closes}, Plain{Id::LinkMessages, link.messages},
          Plain{Id::LinkBytes, link.bytes}, Plain{Id::LinkTrades, link.trades},
          Plain{Id::LinkDuplicates, link.duplicates}, Plain{Id::LinkUnknown, link.unknown_symbols},
          Plain{Id::LinkHistory, link.history}, Plain{Id::LinkLate, link.late},
          Plain{Id::LinkDropped, link.events_dropped}, Plain{Id::LinkHandovers, link.handovers},
          Plain{Id::LinkResubscribes, link.resubscribes}}) {
        scrape.add(row.id, {venue, number}, load(row.counter));
    }
    // These two have many values of which few occur: a series appears with its first count.
    for (std::size_t i = 0; i < link.frames_by_kind.size(); ++i) {
        double const count = load(link.frames_by_kind[i]);
        if (count == 0.0) continue;
        scrape.add(Id::LinkFrames, {venue, number, to_string(static_cast<FrameKind>(i))}, count);
    }
    for (std::size_t i = 0; i < link.bad_by_reason.size(); ++i) {
        double const count = load(link.bad_by_reason[i]);
        if (count == 0.0) continue;
        scrape.add(Id::LinkDecodeErrors, {venue, number, to_string(static_cast<BadReason>(i))},
                   count);
    }
    scrape.add(Id::LinkGaps, {venue, number, "opened"}, load(link.gaps_opened));
    scrape.add(Id::LinkGaps, {venue, number, "filled"}, load(link.gaps_filled));
    scrape.add(Id::LinkGaps, {venue, number, "given_up"}, load(link.gaps_given_up));
    scrape.add(Id::LinkGapsOpen, {venue, number}, load(link.gaps_open));
    scrape.add(Id::LinkBackfilled, {venue, number}, load(link.backfilled));
    scrape.add(Id::LinkProof, {venue, number, link.proof}, 1.0);
    scrape.add(Id::LinkSymbols, {venue, number, "wanted"}, load(link.symbols_wanted));
    scrape.add(Id::LinkSymbols, {venue, number, "live"}, load(link.symbols_live));
    scrape.add(Id::LinkSymbols, {venue, number, "refused"}, load(link.symbols_refused));
    scrape.add(Id::LinkLastData, {venue, number}, load(link.last_data_unix_ns) / 1e9);
    scrape.add(Id::LinkLag, {venue, number},
               seconds(link.last_lag_ns.load(std::memory_order_relaxed)));
}

void collect_queue(Scrape& scrape, const QueueStats& queue) {
    scrape.add(Id::QueueDepth, {queue.name}, load(queue.depth));
    scrape.add(Id::QueueCapacity, {queue.name}, static_cast<double>(queue.capacity));
    scrape.add(Id::QueueHighWater, {queue.name}, load(queue.high_water));
    scrape.add(Id::QueueTaken, {queue.name}, load(queue.popped));
    scrape.add(Id::QueueDropped, {queue.name, "newest"}, load(queue.dropped));
    scrape.add(Id::QueueWakes, {queue.name}, load(queue.wakes));
}

void collect_gateway(Scrape& scrape, const GatewayStats& gateway) {
    scrape.add(Id::Subscribers, {}, load(gateway.subscribers));
    for (std::size_t i = 0; i < gateway.closes.size(); ++i) {
        scrape.add(Id::SubscriberCloses, {to_string(static_cast<CloseReason>(i))},
                   load(gateway.closes[i]));
    }
    scrape.add(Id::SubscriberRequests, {}, load(gateway.requests_in));
    scrape.add(Id::SubscriberRejects, {}, load(gateway.rejects_out));
    scrape.add(Id::Snapshots, {}, load(gateway.snapshots));
    scrape.add(Id::Resumes, {"exact"}, load(gateway.resumed));
    scrape.add(Id::Resumes, {"missed"}, load(gateway.not_resumed));
    scrape.add(Id::StatesDropped, {}, load(gateway.states_dropped));
    scrape.add(Id::Published, {}, load(gateway.published));
    scrape.add(Id::Unencodable, {}, load(gateway.unencodable));
    scrape.add(Id::LastOffset, {}, load(gateway.last_offset));
    scrape.add(Id::FramesSent, {}, load(gateway.frames_sent));
    scrape.add(Id::BytesSent, {}, load(gateway.bytes_sent));
    scrape.add(Id::Sends, {}, load(gateway.sends));
    scrape.add(Id::HttpRequests, {}, load(gateway.http_requests));
    scrape.add(Id::Upgrades, {}, load(gateway.upgrades));
    for (std::size_t i = 1; i < gateway.refused.size(); ++i) {  // 0 is Refusal::None
        scrape.add(Id::AdmitRefused, {to_string(static_cast<Refusal>(i))},
                   load(gateway.refused[i]));
    }
}

[[nodiscard]] const char* kind_name(EventKind kind) noexcept {
    switch (kind) {
        case EventKind::Trade: return "trade";
        case EventKind::Bar: return "bar";
        case EventKind::Feed: return "feed";
        case EventKind::Status: return "status";
        case EventKind::Clock: return "clock";
        case EventKind::Corporate: return "corporate";
    }
    return "trade";
}

void collect_engine(Scrape& scrape, const EngineStats& engine) {
    for (auto const kind : {EventKind::Trade, EventKind::Bar, EventKind::Feed, EventKind::Status,
                            EventKind::Clock, EventKind::Corporate}) {
        scrape.add(Id::Events, {kind_name(kind)}, static_cast<double>(engine.events(kind)));
    }
    engine.for_each_signal([&](SignalType type, std::string_view state, std::uint64_t count) {
        scrape.add(Id::Signals, {to_string(type), std::string(state)}, static_cast<double>(count));
    });
}

void collect_process(Scrape& scrape, double start_time) {
    scrape.add(Id::StartTime, {}, start_time);
    std::ifstream statm("/proc/self/statm");
    double pages = 0.0;
    double resident = 0.0;
    if (statm >> pages >> resident) {
        scrape.add(Id::ResidentMemory, {}, resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
    }
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        auto const of = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
        };
        scrape.add(Id::CpuSeconds, {}, of(usage.ru_utime) + of(usage.ru_stime));
    }
}

}  // namespace

class Metrics::Impl : public prometheus::Collectable {
public:
    explicit Impl(BuildFacts build_facts) : facts(std::move(build_facts)) {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        start_time = std::chrono::duration<double>(now).count();
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        Scrape scrape;
        scrape.add(Id::BuildInfo, {facts.version, facts.cfg, facts.plan}, 1.0);
        scrape.add(Id::EpochInfo, {facts.epoch}, 1.0);
        if (ready) scrape.add(Id::Ready, {}, ready() ? 1.0 : 0.0);
        if (engine != nullptr) collect_engine(scrape, *engine);
        for (auto const& [stage, parts] : stages) scrape.add_stage(stage, parts);
        std::map<std::string, int> links_of_venue;
        for (const LinkStats* const link : links) {
            collect_link(scrape, *link, std::to_string(links_of_venue[link->venue]++));
        }
        for (const QueueStats* const queue : queues) collect_queue(scrape, *queue);
        if (gateway != nullptr) collect_gateway(scrape, *gateway);
        collect_process(scrape, start_time);
        return scrape.take();
    }

    BuildFacts facts;
    double start_time = 0.0;
    std::function<bool()> ready;
    const EngineStats* engine = nullptr;
    const GatewayStats* gateway = nullptr;
    std::vector<const LinkStats*> links;
    std::vector<const QueueStats*> queues;
    std::map<std::string, std::vector<const LatencyHistogram*>> stages;
};

Metrics::Metrics(BuildFacts facts) : impl_(std::make_unique<Impl>(std::move(facts))) {}
Metrics::~Metrics() = default;

void Metrics::add_link(const LinkStats* link) { impl_->links.push_back(link); }
void Metrics::add_queue(const QueueStats* queue) { impl_->queues.push_back(queue); }
void Metrics::add_gateway(const GatewayStats* gateway) { impl_->gateway = gateway; }
void Metrics::add_engine(const EngineStats* engine) { impl_->engine = engine; }
void Metrics::add_latency(const char* stage, const LatencyHistogram* histogram) {
    impl_->stages[stage].push_back(histogram);
}
void Metrics::set_ready(std::function<bool()> ready) { impl_->ready = std::move(ready); }

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->Collect());
}

}  // namespace spill
