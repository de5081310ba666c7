// A thousand worlds without a socket: links, handovers, dedupe and gap trackers against a model
// venue that cuts, mutes, repeats, reorders, loses and bans. Time is virtual.
#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/continuity.hpp"
#include "connectors/dedupe.hpp"
#include "connectors/handover.hpp"
#include "connectors/link.hpp"
#include "connectors/mute_watch.hpp"
#include "tests/support/link_rig.hpp"

namespace spill {
namespace {

using namespace link_test;
using Kind = LinkAction::Kind;

constexpr std::size_t kSymbols = 3;
constexpr LinkTime kStep = 100ms;
constexpr LinkTime kTrouble = 180s;
constexpr LinkTime kCalm = 90s;  // at the end, so that what was under way comes to its end

struct Dice {
    std::uint64_t state;
    std::uint64_t operator()(std::uint64_t sides) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % sides;
    }
};

struct Symbol {
    std::string name;
    std::uint64_t next_id = 1000;
    std::uint64_t first = 0;  // that came; an earlier one may come after it
    std::set<std::uint64_t> counted;
    std::vector<IdRange> gaps;  // that were announced
    Dedupe dedupe;
    GapTracker gap{Continuity::Ids};
    bool live = false;
};

// One connection with its machine and the venue's end of it.
struct Leg {
    std::unique_ptr<Link> link;
    bool open = false;
    bool dialing = false;
    bool mute = false;
    std::array<bool, kSymbols> subscribed{};
    std::array<bool, kSymbols> symbol_mute{};
    std::vector<std::int64_t> answers;  // requests that wait for their acknowledgement
    struct Held {
        LinkTime due;
        std::size_t slot;
        std::uint64_t id;
    };
    std::vector<Held> held;
    void cut() { open = dialing = mute = false, subscribed = symbol_mute = {}, held.clear(); }
};

class Life {
public:
    explicit Life(std::uint64_t seed) : dice_{seed * 2 + 1}, seed_(seed), spec_(make_spec()) {
        for (std::size_t i = 0; i < kSymbols; ++i) {
            symbols_[i].name = std::string(3, static_cast<char>('A' + i));
        }
        leg_ = make_leg();
        leg_->link->start(now_);
        act(*leg_);
        for (; now_ < kTrouble + kCalm; now_ += kStep) step();
    }

    std::string log;
    int handovers = 0, bans = 0, duplicates = 0, resubscribes = 0, dials_in_ban = 0, twice = 0;
    std::array<Symbol, kSymbols> symbols_;

    // Trades of the time in which the feed was known that were neither counted nor announced.
    [[nodiscard]] int lost() const {
        int missing = 0;
        for (const Symbol& symbol : symbols_) {
            if (symbol.counted.empty()) continue;
            for (std::uint64_t id = symbol.first; id < *symbol.counted.rbegin(); ++id) {
                bool const told = std::ranges::any_of(symbol.gaps, [&](const IdRange& gap) {
                    return gap.first <= id && id <= gap.last;
                });
                if (!symbol.counted.contains(id) && !told) ++missing;
            }
        }
        return missing;
    }

private:
    static VenueSpec make_spec() {
        VenueSpec spec = venue(AckStyle::AllOrNothing);
        spec.continuity = Continuity::Ids;
        spec.max_life = 90s;
        spec.messages_per_second = 20;
        return spec;
    }
    std::unique_ptr<Leg> make_leg() {
        auto leg = std::make_unique<Leg>();
        std::vector<std::string> names;
        for (const Symbol& symbol : symbols_) names.push_back(symbol.name);
        leg->link = std::make_unique<Link>(Link::Config{.spec = &spec_,
                                                        .codec = &codec_,
                                                        .symbols = names,
                                                        .feed_dials = &dials_,
                                                        .seed = seed_ + legs_++,
                                                        .venue = &gate_,
                                                        .overlap = true});
        return leg;
    }
    [[nodiscard]] bool calm() const { return now_ >= kTrouble; }
    bool mishap(std::uint64_t one_in) { return !calm() && dice_(one_in) == 0; }

    void step() {
        if (leg_->dialing) connect();
        for (Leg* const leg : {leg_.get(), old_.get()}) {
            if (leg != nullptr && leg->open) talk(*leg);
        }
        trade();
        if (old_) tend(*old_);
        tend(*leg_);
        std::size_t slot = 0;
        while ((slot = mute_.find(now_)) < kSymbols) {
            ++resubscribes;
            leg_->link->resubscribe(now_, slot);
            act(*leg_);
        }
        hand_over();
        watch();
    }
    void connect() {
        if (now_ < banned_until_) ++dials_in_ban;
        leg_->dialing = false;
        if (mishap(4)) {
            ++bans;
            auto const wait = std::chrono::seconds(5 + dice_(30));
            banned_until_ = now_ + wait;
            leg_->link->on_dial_failed(now_, {.http_status = 429, .retry_after = wait});
        } else if (mishap(5)) {
            leg_->link->on_dial_failed(now_, {});
        } else {
            leg_->open = true;
            leg_->link->on_open(now_);
            mute_.restart(now_);
        }
        act(*leg_);
    }
    // What the venue does to one connection in this step.
    void talk(Leg& leg) {
        for (std::int64_t const id : std::exchange(leg.answers, {})) {
            Decoded ack;
            ack.kind = FrameKind::Ack;
            ack.request_id = id;
            leg.link->on_frame(now_, ack);
        }
        if (mishap(900)) leg.mute = true;
        if (mishap(900)) leg.symbol_mute[dice_(kSymbols)] = true;
        if (mishap(700)) {
            Decoded notice;
            notice.kind = FrameKind::Notice;
            leg.link->on_frame(now_, notice);
        }
        act(leg);
        if (leg.open && mishap(600)) {
            leg.cut();
            leg.link->on_closed(now_);
            act(leg);
        }
    }
    void trade() {
        for (std::size_t slot = 0; slot < kSymbols; ++slot) {
            if (dice_(3) != 0) continue;
            std::uint64_t const id = symbols_[slot].next_id++;
            for (Leg* const leg : {leg_.get(), old_.get()}) {
                if (leg == nullptr || !leg->open || leg->mute) continue;
                if (!leg->subscribed[slot] || leg->symbol_mute[slot] || mishap(300)) continue;
                if (mishap(40)) {
                    auto const wait = std::chrono::milliseconds(100 * (1 + dice_(15)));
                    leg->held.push_back({now_ + wait, slot, id});
                    continue;
                }
                deliver(*leg, slot, id);
                if (leg->open && mishap(40)) deliver(*leg, slot, id);
            }
        }
        for (Leg* const leg : {leg_.get(), old_.get()}) {
            if (leg == nullptr) continue;
            for (auto const& late : std::exchange(leg->held, {})) {
                if (late.due > now_) {
                    leg->held.push_back(late);
                } else if (leg->open) {
                    deliver(*leg, late.slot, late.id);
                }
            }
        }
    }
    // As the runner of a feed does it.
    void deliver(Leg& leg, std::size_t slot, std::uint64_t id) {
        Symbol& symbol = symbols_[slot];
        TradeRow row;
        row.id = id;
        row.dense = true;
        row.size = Quantity{1};
        row.ts_event = UnixNanos{now_.count() + 1};
        leg.link->on_trade(slot);
        mute_.on_trade(slot, now_);
        bool const repeat = symbol.dedupe.offer(row) == Dedupe::Verdict::Duplicate;
        bool const fills = symbol.gap.live(row, now_) == GapTracker::Row::FillsGap;
        if (repeat && !fills) {
            ++duplicates;
        } else {
            if (symbol.first == 0) symbol.first = id;
            if (!symbol.counted.insert(id).second) ++twice;
            log += symbol.name[0] + std::to_string(id) + ' ';
        }
        Decoded frame;
        frame.kind = FrameKind::Trade;
        leg.link->on_frame(now_, frame);
        act(leg);
    }
    void tend(Leg& leg) {
        while (leg.link->deadline() <= now_) {
            leg.link->tick(now_);
            act(leg);
        }
    }
    void act(Leg& leg) {
        bool renew = false;
        std::vector<LinkAction> actions(leg.link->actions().begin(), leg.link->actions().end());
        leg.link->taken();
        for (const LinkAction& action : actions) {
            switch (action.kind) {
                case Kind::Dial: leg.dialing = true; break;
                case Kind::Close: leg.cut(); break;
                case Kind::Renew: renew = true; break;
                case Kind::Send: hear(leg, action.text); break;
            }
            log += "DSRC"[static_cast<int>(action.kind)];
        }
        if (!renew || old_ || &leg != leg_.get()) return;
        ++handovers;
        old_ = std::exchange(leg_, make_leg());
        handover_.begin(now_);
        leg_->link->start(now_);
        act(*leg_);
    }
    void hear(Leg& leg, const std::string& text) {
        bool const wants = text.starts_with("sub ");
        leg.answers.push_back(std::stoll(text.substr(text.find(' '))));
        for (std::size_t slot = 0; slot < kSymbols; ++slot) {
            if (text.find(symbols_[slot].name) == std::string::npos) continue;
            leg.subscribed[slot] = wants;
            leg.symbol_mute[slot] = false;
        }
    }
    void hand_over() {
        if (!old_ || handover_.step(now_, old_->link->state(), leg_->link->state()) ==
                         Handover::Step::Wait) {
            return;
        }
        for (std::size_t slot = 0; slot < kSymbols; ++slot) {
            if (old_->link->live(slot)) leg_->link->adopt(slot);
        }
        old_.reset();
    }
    void watch() {
        for (std::size_t slot = 0; slot < kSymbols; ++slot) {
            Symbol& symbol = symbols_[slot];
            bool const live = leg_->link->live(slot) || (old_ != nullptr && old_->link->live(slot));
            if (live != symbol.live) {
                if (live) {
                    symbol.gap.back(UnixNanos{now_.count()}, now_);
                } else {
                    symbol.gap.lost();
                }
                symbol.live = live;
            }
            GapNews news;
            while (symbol.gap.poll(now_, news)) {
                if (news.kind == GapNews::Kind::Opened || news.kind == GapNews::Kind::Widened) {
                    symbol.gaps.push_back(news.ids);
                }
                log += std::to_string(static_cast<int>(news.kind)) + ":" +
                       std::to_string(news.ids.first) + "-" + std::to_string(news.ids.last) + ' ';
            }
        }
    }

    Dice dice_;
    std::uint64_t seed_;
    VenueSpec spec_;
    WordCodec codec_;
    LinkTime now_{0};
    LinkTime banned_until_{0};
    std::uint64_t legs_ = 0;
    RateWindow dials_{link_rules::kFeedDials, link_rules::kFeedDialWindow};
    VenueGate gate_{spec_};
    std::unique_ptr<Leg> leg_, old_;
    Handover handover_;
    MuteWatch mute_{kSymbols};
};

}  // namespace

TEST_CASE("a thousand worlds: no trade twice, none lost without a gap, no dial inside a ban") {
    int handovers = 0;
    int bans = 0;
    int duplicates = 0;
    int resubscribes = 0;
    std::size_t gaps = 0;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        Life const life(seed);
        REQUIRE(life.twice == 0);
        REQUIRE(life.lost() == 0);
        REQUIRE(life.dials_in_ban == 0);
        for (const Symbol& symbol : life.symbols_) {
            REQUIRE(symbol.live);  // whatever happened, the calm brought it back
            REQUIRE(symbol.counted.size() > 100);
            gaps += symbol.gaps.size();
        }
        handovers += life.handovers;
        bans += life.bans;
        duplicates += life.duplicates;
        resubscribes += life.resubscribes;
    }
    // The worlds were not harmless.
    CHECK(handovers > 500);
    CHECK(bans > 100);
    CHECK(duplicates > 10'000);
    CHECK(resubscribes > 50);
    CHECK(gaps > 1000);
}

TEST_CASE("the same seed makes the same world, byte for byte") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        Life const one(seed);
        Life const two(seed);
        REQUIRE(one.log.size() > 1000);
        REQUIRE(one.log == two.log);
    }
}

}  // namespace spill
