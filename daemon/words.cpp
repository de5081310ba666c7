#include "daemon/words.hpp"

#include <string_view>

#include <fmt/format.h>

namespace spill {
namespace {

double number(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    return item != nullptr && item->kind == EvidenceItem::Kind::Number ? item->number : 0.0;
}

std::int64_t integer(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    bool const whole = item != nullptr && (item->kind == EvidenceItem::Kind::Integer ||
                                           item->kind == EvidenceItem::Kind::Boolean);
    return whole ? item->integer : 0;
}

std::string_view text(const Signal& signal, std::string_view name) {
    const EvidenceItem* const item = signal.evidence.find(name);
    return item != nullptr && item->kind == EvidenceItem::Kind::Text ? item->text : "";
}

// Four significant decimals for small prices, two for large ones.
std::string price(double value) {
    return value < 10.0 ? fmt::format("{:.4f}", value) : fmt::format("{:.2f}", value);
}

std::string level_name(const Signal& signal, bool up) {
    std::string_view const kind = text(signal, "kind");
    std::string_view const end = up ? "high" : "low";
    if (kind == "OR") return fmt::format("opening-range {}", end);
    if (kind == "PD") return fmt::format("prior-day {}", end);
    return fmt::format("20-session {}", end);
}

std::string failure(const Signal& signal, bool up) {
    std::string_view const why = text(signal, "why");
    std::string_view const back = up ? "back below" : "back above";
    if (why == "fast") return fmt::format("one close far {}", back);
    if (why == "close_below") return fmt::format("the session closed {}", back);
    return fmt::format("five closes {}", back);
}

std::string breakout_words(const Signal& signal) {
    std::string_view const key = signal.key.view();
    std::string_view const name = key.substr(0, key.find('|'));
    bool const up = key.ends_with("|up");
    std::string_view const state = signal.state;
    std::string const level =
        fmt::format("its {} {}", level_name(signal, up), price(number(signal, "level")));
    if (state == "triggered") {
        return fmt::format(
            "{} {} {} {} at {}{}", name, integer(signal, "gap") != 0 ? "gaps" : "breaks",
            up ? "above" : "below", level, price(number(signal, "price")),
            integer(signal, "attempt") > 1 ? fmt::format(", attempt {}", integer(signal, "attempt"))
                                           : "");
    }
    if (state == "confirmed") {
        return fmt::format(
            "{} CONFIRMED {} {}: held 15 min, volume {:.1f}x normal, {} min after the break", name,
            up ? "above" : "below", level, number(signal, "rvol15"), integer(signal, "minutes"));
    }
    if (state == "failed") {
        return fmt::format("{} FAILED at {}: {}, was {}", name, level, failure(signal, up),
                           signal.prev);
    }
    if (state == "expired") {
        return fmt::format("{} closed beyond {}, but never on real participation", name, level);
    }
    if (state == "held") {
        return fmt::format("{} held {} into session {}", name, level, integer(signal, "sessions"));
    }
    if (state == "completed") {
        return fmt::format("{} held {} to the end: completed", name, level);
    }
    return fmt::format("{} {} {}", name, state, level);
}

std::string volume_words(const Signal& signal) {
    std::string_view const name = signal.key.view();
    std::string_view const state = signal.state;
    if (state == "building") {
        if (text(signal, "trigger") == "price") {
            return fmt::format(
                "{} jumps ({:.1f} sigma in 15 min), volume {:.1f}x: real or a headline?", name,
                number(signal, "j15"), number(signal, "c15"));
        }
        return fmt::format("{} volume builds: {:.1f}x normal in 15 min ({:.1f}x across venues)",
                           name, number(signal, "r15"), number(signal, "c15"));
    }
    if (state == "confirmed") {
        return fmt::format(
            "{} volume is REAL: score {:.2f}, {:.1f}x normal on {} venues, price {} "
            "{:+.1f} % in an hour",
            name, number(signal, "score"), number(signal, "consensus"), integer(signal, "venues"),
            text(signal, "direction"), 100.0 * number(signal, "return60"));
    }
    if (state == "suspect") {
        std::string_view const reason = text(signal, "reason");
        if (reason == "headline") {
            return fmt::format("{} SUSPECT: a headline pop, the volume did not stay", name);
        }
        if (reason == "one_trade") {
            return fmt::format("{} SUSPECT: one trade is {:.0f} % of the hour", name,
                               100.0 * number(signal, "top_trade_share"));
        }
        return fmt::format("{} SUSPECT: quality {:.2f}, {:.1f}x in total but {:.1f}x across venues",
                           name, number(signal, "Q"), number(signal, "rvol60"),
                           number(signal, "consensus"));
    }
    if (state == "faded")
        return fmt::format("{} volume faded after {} min", name, integer(signal, "age"));
    return fmt::format("{} is quiet again ({})", name, text(signal, "reason"));
}

std::string participation_words(const Signal& signal) {
    std::string_view const key = signal.key.view();
    std::string_view const state = signal.state;
    if (state == "insufficient") return fmt::format("{} has too few names to judge", key);
    bool const down = state.ends_with("down");
    std::string const numbers =
        fmt::format("{:.0f} % of {} names {}, {:.1f} names carry it, mean move {:+.2f} ATR",
                    100.0 * number(signal, down ? "breadth_down" : "breadth_up"),
                    integer(signal, "n"), down ? "fall" : "rise",
                    number(signal, down ? "n_eff_down" : "n_eff_up"), number(signal, "move_atr"));
    if (state.starts_with("broad")) {
        return fmt::format("{} BROAD {}: {}", key, down ? "DOWN" : "UP", numbers);
    }
    if (state.starts_with("narrow")) {
        return fmt::format("{} moves {} on few names: {}", key, down ? "down" : "up", numbers);
    }
    return fmt::format("{} mixed: {}", key, numbers);
}

std::string rotation_words(const Signal& signal) {
    std::string_view const key = signal.key.view();
    if (std::string_view(signal.state) == "off") {
        return fmt::format("{} rotation ends: {} of {} tokens move on real volume", key,
                           integer(signal, "real"), integer(signal, "n"));
    }
    std::string_view const cross = text(signal, "cross");
    bool const again = std::string_view(signal.prev) == "on";
    return fmt::format("{} {}: {} of {} tokens on real volume beyond BTC; chips: {}", key,
                       again ? "rotation, chips now say otherwise" : "ROTATES",
                       integer(signal, "real"), integer(signal, "n"), cross);
}

std::string unwind_words(const Signal& signal) {
    return fmt::format("{} unwind {} (was {}): score {:.2f}, tokens sold on volume {:.0f} %",
                       signal.key.view(), signal.state, signal.prev, number(signal, "u"),
                       100.0 * number(signal, "token_sell_share"));
}

}  // namespace

std::string in_words(const Signal& signal) {
    std::string words;
    switch (signal.type) {
        case SignalType::Breakout: words = breakout_words(signal); break;
        case SignalType::Volume: words = volume_words(signal); break;
        case SignalType::Participation: words = participation_words(signal); break;
        case SignalType::Rotation: words = rotation_words(signal); break;
        case SignalType::Unwind: words = unwind_words(signal); break;
        case SignalType::Health:
            words = fmt::format("{} {} (was {})", signal.key.view(), signal.state, signal.prev);
            break;
    }
    if (signal.provisional) words += " [provisional]";
    if (signal.degraded) words += " [degraded]";
    return words;
}

bool is_minor(const Signal& signal) noexcept {
    std::string_view const state = signal.state;
    if (signal.type == SignalType::Health) return state == "live" || state == "complete";
    return signal.type == SignalType::Breakout && (state == "armed" || state == "idle");
}

}  // namespace spill
