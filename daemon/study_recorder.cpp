#include "daemon/study_recorder.hpp"

#include <algorithm>

#include "core/token_book.hpp"

namespace spill::study {
namespace {

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view text, const std::array<Enum, N>& values) {
    for (Enum const value : values) {
        if (text == to_string(value)) return value;
    }
    return std::nullopt;
}

constexpr std::array kKinds{BreakoutKind::OpeningRange, BreakoutKind::PriorDay,
                            BreakoutKind::Donchian20};
constexpr std::array kSides{BreakoutSide::Up, BreakoutSide::Down};
constexpr std::array kStates{
    BreakoutState::Idle, BreakoutState::Armed,  BreakoutState::Triggered, BreakoutState::Confirmed,
    BreakoutState::Held, BreakoutState::Failed, BreakoutState::Expired,   BreakoutState::Completed};
constexpr std::array kVolumeStates{VolumeState::None, VolumeState::Building, VolumeState::Confirmed,
                                   VolumeState::Suspect, VolumeState::Faded};

constexpr std::int64_t kTwoDays = 48 * 60 * kNanosPerMinute;

const Gate* gate(const Gates& gates, std::string_view name) {
    for (const Gate& row : gates) {
        if (name == row.name) return &row;
    }
    return nullptr;
}

}  // namespace

Recorder::Recorder(const Engine& engine) : engine_(engine) {
    std::size_t const n = engine.registry().instruments().size();
    log_.closes.resize(n);
    log_.level_sessions.resize(n);
    log_.samples.resize(n);
    session_seen_.resize(n);
}

void Recorder::on_signal(const Signal& signal) noexcept {
    switch (signal.type) {
        case SignalType::Breakout: on_breakout(signal); break;
        case SignalType::Volume: on_volume(signal); break;
        case SignalType::Participation:
        case SignalType::Rotation:
        case SignalType::Unwind:
        case SignalType::Health: break;
    }
}

void Recorder::on_volume(const Signal& signal) {
    const Instrument* const row = engine_.registry().find_instrument(signal.key.view());
    auto const state = named(signal.state, kVolumeStates);
    auto const prev = named(signal.prev, kVolumeStates);
    if (row == nullptr || !state || !prev) return;
    log_.token_edges.push_back({row->id, *state, *prev, minute_of(signal.ts_event)});
}

void Recorder::on_breakout(const Signal& signal) {
    std::string_view const key = signal.key.view();
    std::size_t const first = key.find('|');
    std::size_t const second = key.rfind('|');
    if (first == std::string_view::npos || first == second) return;
    const Instrument* const row = engine_.registry().find_instrument(key.substr(0, first));
    auto const kind = named(key.substr(first + 1, second - first - 1), kKinds);
    auto const side = named(key.substr(second + 1), kSides);
    auto const state = named(signal.state, kStates);
    if (row == nullptr || !kind || !side || !state) return;
    auto& edges = log_.edges[static_cast<std::size_t>(row->market)];
    ++edges[static_cast<std::size_t>(*kind)][static_cast<std::size_t>(*state)];
    if (*state == BreakoutState::Triggered) {
        start(signal, *row, *kind, *side);
        return;
    }
    auto const it = open_.find(signal.episode);
    if (it == open_.end()) return;
    Episode& episode = log_.episodes[it->second];
    bool const same_day = engine_.instrument(row->id).session().date == episode.session;
    switch (*state) {
        case BreakoutState::Confirmed: episode.confirmed = episode.confirmed || same_day; break;
        case BreakoutState::Failed: episode.failed = same_day; break;
        case BreakoutState::Expired: episode.expired = true; break;
        case BreakoutState::Idle:
        case BreakoutState::Armed:
        case BreakoutState::Triggered:
        case BreakoutState::Held:
        case BreakoutState::Completed: break;
    }
    // What follows the first session is read from the closes.
    bool const over = *state == BreakoutState::Failed || *state == BreakoutState::Expired ||
                      *state == BreakoutState::Held || *state == BreakoutState::Completed;
    if (over) open_.erase(it);
}

void Recorder::start(const Signal& signal, const Instrument& row, BreakoutKind kind,
                     BreakoutSide side) {
    const InstrumentBook& book = engine_.instrument(row.id);
    Episode episode;
    episode.instrument = row.id;
    episode.market = row.market;
    episode.kind = kind;
    episode.side = side;
    episode.session = book.session().date;
    episode.open = book.session().open;
    episode.level = book.slot(kind, side).level().price;
    for (auto it = log_.episodes.rbegin(); it != log_.episodes.rend(); ++it) {
        Episode& other = *it;
        if (other.open.ns < episode.open.ns - kTwoDays) break;
        if (other.instrument == row.id && other.session == episode.session && other.kind == kind &&
            other.side != side) {
            other.flipped = true;
        }
    }
    open_[signal.episode] = log_.episodes.size();
    log_.episodes.push_back(episode);
}

void Recorder::minute_closed(std::int64_t end) {
    watch_holds();
    watch_sessions();
    if (end % kSlotMinutes == 0) sample_tokens(end);
}

void Recorder::watch_holds() {
    for (const auto& [id, index] : open_) {
        Episode& episode = log_.episodes[index];
        const InstrumentBook& book = engine_.instrument(episode.instrument);
        if (episode.held || book.session().date != episode.session) continue;
        Gates const gates = book.gates(episode.kind, episode.side);
        const Gate* const hold = gate(gates, "hold_minutes");
        if (hold == nullptr || !hold->pass) continue;
        episode.held = true;
        const Gate* const rvol = gate(gates, "rvol15");
        if (rvol != nullptr && rvol->known) episode.rvol15_at_hold = rvol->value;
    }
}

void Recorder::watch_sessions() {
    for (const Instrument& row : engine_.registry().instruments()) {
        const InstrumentBook& book = engine_.instrument(row.id);
        std::size_t const i = row.id.value;
        if (book.in_session() && book.atr() && book.previous_close() && book.last() &&
            session_seen_[i] != book.session().date) {
            session_seen_[i] = book.session().date;
            ++log_.level_sessions[i];
        }
        if (book.history().size() == 0) continue;
        const SessionBar& bar = book.history().last();
        auto& closes = log_.closes[i];
        if (closes.empty() || closes.back().date != bar.date)
            closes.push_back({bar.date, bar.close});
    }
}

void Recorder::sample_tokens(std::int64_t end) {
    for (const Instrument& row : engine_.registry().instruments()) {
        const TokenBook* const token = engine_.token(row.id);
        if (token == nullptr || row.role != Role::Token) continue;
        const TokenView& view = token->view();
        TokenSample sample;
        sample.minute = end;
        sample.venues = static_cast<std::uint32_t>(view.eligible);
        sample.rvol60 = view.score.rvol60;
        RvolWindow::Sums five;
        for (std::size_t i = 0; i < view.eligible; ++i) {
            auto const sums = engine_.feed(view.feeds[i]).window().sums(kSlotMinutes);
            five.volume += sums.volume;
            five.expected += sums.expected;
        }
        bool const judged = view.minute.minute + 1 == end && !view.degraded;
        sample.cuts = !judged || view.score.venues == 0 || five.expected <= 0.0;
        if (!sample.cuts) sample.rvol5 = five.volume / five.expected;
        log_.samples[row.id.value].push_back(sample);
    }
}

}  // namespace spill::study
