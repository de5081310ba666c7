// The driver of one Link inside a VenueFeed (feed.cpp): carries out the link's actions over the
// transport, feeds it what happens, and turns decoded trades into events. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/continuity.hpp"
#include "connectors/dedupe.hpp"
#include "connectors/feed.hpp"
#include "connectors/handover.hpp"
#include "connectors/link.hpp"
#include "connectors/minute_volumes.hpp"
#include "connectors/mute_watch.hpp"
#include "connectors/transport.hpp"

namespace spill {

class Backfill;
class FeedBackfills;
class FeedRunner;
struct PastTrade;

inline constexpr std::uint16_t kNoSlot = 0xFFFF;  // of a feed that a link does not carry

[[nodiscard]] UnixNanos feed_wall_now() noexcept;
// Venue units to base units. Zero when the result does not fit, or is less than a nano.
[[nodiscard]] Quantity scaled_size(Quantity size, std::int64_t multiplier_e9) noexcept;

// A venue without TLS is dialled in plain text wherever it is: its row of the table says so.
[[nodiscard]] inline bool uses_tls(const LinkConfig& link) noexcept {
    return link.tls && !link.spec->plain;
}

// What all links of a feed share.
struct FeedShared {
    FeedShared(boost::asio::io_context& context, const Registry& instruments, EventSink& events,
               LinkObserver change_observer);
    ~FeedShared();

    [[nodiscard]] LinkTime now() const noexcept { return std::chrono::steady_clock::now() - began; }
    // Forwards the least market time of the links that are up, when it has advanced.
    void advance_market_clock() noexcept;

    boost::asio::io_context& io;
    const Registry& registry;
    EventSink& sink;
    LinkObserver observer;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    std::shared_ptr<TlsContext> tls;  // null when no link uses TLS
    RateWindow dials{link_rules::kFeedDials, link_rules::kFeedDialWindow};
    std::vector<Dedupe> dedupe;    // by FeedId: two links may carry one feed during a hand-over
    std::vector<GapTracker> gaps;  // by FeedId, likewise
    std::vector<MinuteVolumes> volumes;  // by FeedId; empty when no venue has history
    UnixNanos market_time;               // forwarded last
    std::vector<std::unique_ptr<LinkStats>> stats;
    std::vector<std::shared_ptr<FeedRunner>> runners;
    // The predecessor of a runner while both are up; null otherwise.
    std::vector<std::shared_ptr<FeedRunner>> leaving;
    std::vector<std::uint8_t> carriers;             // by FeedId: connections that carry it now
    std::vector<std::unique_ptr<VenueGate>> gates;  // by VenueId
    std::unique_ptr<FeedBackfills> backfills;       // never null

    [[nodiscard]] VenueGate& gate(const LinkConfig& link);
    // Starts the successor of the link's connection.
    void renew(std::size_t index);
    // The predecessor goes for good. It may be the caller: it lives until the loop turns.
    void release(std::size_t index);
};

// What became of a fetched past.
struct PastResult {
    std::uint64_t rows = 0;  // that were missing, and are published
    bool whole = false;      // nothing of the gap is missing any more
};

class FeedRunner final : public WsHandler, public std::enable_shared_from_this<FeedRunner> {
public:
    FeedRunner(FeedShared& owner, std::size_t index, LinkConfig config, std::uint64_t seed);

    void start();
    void stop();

    // The market time up to which this link is complete; zero when it is down or never said.
    [[nodiscard]] UnixNanos mark() const noexcept { return mark_; }

    // From now on its successor speaks for the link; this connection carries until it is let go.
    [[nodiscard]] std::shared_ptr<FeedRunner> succeed();
    [[nodiscard]] const Link& link() const noexcept { return link_; }
    // Shows the state of the link when it has changed. Quiet during a handover.
    void report_state();

    // Publishes what was fetched for a gap of a feed of ours.
    PastResult take_past(FeedId feed, const Backfill& plan);
    // The venue's clock as far as we know it.
    [[nodiscard]] UnixNanos market_now() const noexcept;

    void on_phase() override;
    void on_open() override;
    void on_message(std::string_view message, bool binary) noexcept override;
    void on_ping(std::string_view payload) noexcept override;
    void on_batch_end() noexcept override;
    void on_closed(const WsClosed& closed) override;

private:
    void refresh() noexcept { now_ = owner_.now(); }
    void begin_batch() noexcept;
    void publish(const TradeRow& row) noexcept;
    void publish(const StatusRow& row) noexcept;
    void push_trade(FeedId feed, const TradeRow& row, Quantity size) noexcept;
    bool publish_past(FeedId feed, const PastTrade& past) noexcept;
    bool publish_past_minutes(FeedId feed, const Backfill& plan, std::uint64_t& rows);
    void publish_states() noexcept;
    void publish_state(std::size_t slot) noexcept;
    void publish_gaps() noexcept;
    void publish_gap(FeedId feed, const GapNews& news) noexcept;
    void watch_gaps(const GapTracker& tracker) noexcept;
    [[nodiscard]] Event feed_event(FeedId feed, FeedState state) const noexcept;
    void push(const Event& event) noexcept;
    void apply();
    void carry_out(LinkAction& action);
    [[nodiscard]] std::string without_secrets(std::string text) const;
    void note_refusals();
    void hand_over();
    void remember_ban();
    void watch_symbols() noexcept;
    void carry(FeedId feed, bool live) noexcept;
    void rearm();
    [[nodiscard]] DialSpec dial_spec() const;

    FeedShared& owner_;
    std::size_t index_;
    LinkConfig config_;
    LinkStats& stats_;
    std::unique_ptr<Codec> codec_;
    SymbolTable table_;
    std::vector<std::uint16_t> slot_of_feed_;  // by FeedId
    std::vector<FeedId> feed_of_slot_;
    std::vector<std::uint8_t> published_;  // by slot: 1 = the sink was told Live
    Link link_;
    boost::asio::steady_timer timer_;
    LinkTime armed_ = LinkTime::max();
    std::unique_ptr<WsConnection> connection_;
    std::string detail_;  // why the state changed last
    LinkTime now_{0};
    std::uint64_t seed_;
    bool keeps_volumes_ = false;
    bool leaving_ = false;  // a successor speaks for the link
    Handover handover_;     // of the predecessor to us
    MuteWatch mute_;
    LinkTime mute_at_ = LinkTime::max();  // the next look for mute symbols
    LinkTime gaps_at_ = LinkTime::max();  // when a gap of ours has news
    UnixNanos received_;                  // wall clock at the start of the batch
    UnixNanos newest_;  // venue time of the newest trade or mark of this connection, or zero
    UnixNanos mark_;
    bool held_ = false;  // changes of state wait for the first venue time
    bool in_batch_ = false;
    bool pushed_ = false;  // since the last flush
};

}  // namespace spill
