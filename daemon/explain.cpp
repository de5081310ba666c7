#include "daemon/explain.hpp"

#include <array>

#include "daemon/gateway/json_writer.hpp"

namespace spill {
namespace {

// One rule: what it is about, where it stands and what the next state needs.
struct Rule {
    const char* type = "";
    FixedText<56> key;
    const char* state = "";
    const char* next = "";  // empty: there is nothing above this state
};

[[nodiscard]] double missing(const Gate& gate) noexcept {
    return gate.at_least ? gate.bound - gate.value : gate.value - gate.bound;
}

class Writer {
public:
    explicit Writer(std::span<char> out) noexcept : json_(out) {}

    void begin(std::string_view name, const char* kind, UnixNanos as_of) noexcept {
        json_.raw("{\"key\":").string(name).raw(",\"kind\":").string(kind);
        json_.raw(",\"as_of\":").integer(as_of.ns).raw(",\"rules\":[");
    }

    void rule(const Rule& rule, const Gates& gates) noexcept {
        json_.raw(separator_).raw("{\"type\":").string(rule.type);
        json_.raw(",\"key\":").string(rule.key.view());
        json_.raw(",\"state\":").string(rule.state).raw(",\"next\":");
        if (*rule.next == '\0') {
            json_.raw("null,\"blocked_by\":[],\"gates\":[]}");
        } else {
            json_.string(rule.next).raw(",\"blocked_by\":[");
            char const* comma = "";
            for (const Gate& gate : gates) {
                if (gate.pass) continue;
                json_.raw(comma).string(gate.name);
                comma = ",";
            }
            json_.raw("],\"gates\":[");
            comma = "";
            for (const Gate& gate : gates) {
                json_.raw(comma);
                write(gate);
                comma = ",";
            }
            json_.raw("]}");
        }
        separator_ = ",";
    }

    std::size_t end() noexcept {
        json_.raw("]}");
        return json_.overflowed() ? 0 : json_.view().size();
    }

private:
    void write(const Gate& gate) noexcept {
        json_.raw("{\"gate\":").string(gate.name).raw(",\"value\":");
        if (gate.known) {
            json_.number(gate.value);
        } else {
            json_.raw("null");
        }
        json_.raw(",\"bound\":").number(gate.bound);
        json_.raw(",\"at_least\":").boolean(gate.at_least);
        json_.raw(",\"pass\":").boolean(gate.pass).raw(",\"missing\":");
        if (gate.pass) {
            json_.number(0.0);
        } else if (gate.known) {
            json_.number(missing(gate));
        } else {
            json_.raw("null");
        }
        json_.raw("}");
    }

    JsonWriter json_;
    const char* separator_ = "";
};

void explain_breakouts(Writer& writer, const InstrumentBook& book, const Instrument& row,
                       const Params& params) noexcept {
    for (auto const kind :
         {BreakoutKind::OpeningRange, BreakoutKind::PriorDay, BreakoutKind::Donchian20}) {
        for (auto const side : {BreakoutSide::Up, BreakoutSide::Down}) {
            const Breakout& slot = book.slot(kind, side);
            Rule rule{.type = "breakout", .key = {}, .state = to_string(slot.state())};
            rule.key.append(row.name).append("|").append(to_string(kind));
            rule.key.append("|").append(to_string(side));
            if (!slot.active()) {
                rule.next = "triggered";
                writer.rule(rule, slot.trigger_gates(book.last(), params.breakout));
                continue;
            }
            if (slot.state() == BreakoutState::Triggered) rule.next = "confirmed";
            writer.rule(rule, book.gates(kind, side));
        }
    }
}

void explain_group(Writer& writer, const Engine& engine, const Params& params,
                   const Group& group) noexcept {
    for (const BasketBook& basket : engine.groups().baskets()) {
        if (basket.group() != group.id) continue;
        Rule rule{.type = "participation", .key = {}, .state = to_string(basket.state())};
        rule.key.append(group.name).append("@").append(to_string(basket.market()));
        for (bool const up : {true, false}) {
            auto const broad = up ? ParticipationState::BroadUp : ParticipationState::BroadDown;
            rule.next = basket.state() == broad ? "" : to_string(broad);
            writer.rule(rule, broad_gates(basket.reading(), params.participation, up, false));
        }
    }
    constexpr std::array<const char*, 5> kLevels{"quiet", "watch", "warning", "active", ""};
    for (const BucketBook& bucket : engine.groups().buckets()) {
        if (bucket.group() != group.id) continue;
        Rule rotation{.type = "rotation", .key = {}, .state = bucket.on() ? "on" : "off"};
        rotation.key.append(group.name);
        rotation.next = bucket.on() ? "" : "on";
        writer.rule(rotation, rotation_gates(bucket.reading(), params.rotation));
        auto const level = static_cast<std::size_t>(bucket.level());
        Rule unwind{.type = "unwind",
                    .key = rotation.key,
                    .state = kLevels[level],
                    .next = kLevels[level + 1]};
        std::array<double, 4> const bounds{params.unwind.watch, params.unwind.warning,
                                           params.unwind.active, 0.0};
        double const score = bucket.unwind_reading().score;
        Gates gates;
        gates.add({.name = "score",
                   .value = score,
                   .bound = bounds[level],
                   .pass = score >= bounds[level]});
        writer.rule(unwind, gates);
    }
}

}  // namespace

std::size_t write_explain(const Engine& engine, const Params& params, std::string_view name,
                          std::span<char> out) noexcept {
    const Registry& registry = engine.registry();
    Writer writer(out);
    if (const Instrument* const row = registry.find_instrument(name)) {
        writer.begin(name, "instrument", engine.clock());
        const TokenBook* const token = engine.token(row->id);
        if (token == nullptr) {
            explain_breakouts(writer, engine.instrument(row->id), *row, params);
            return writer.end();
        }
        Rule rule{.type = "volume", .key = {}, .state = to_string(token->state())};
        rule.key.append(row->name);
        rule.next = token->state() == VolumeState::Confirmed ? "" : "confirmed";
        writer.rule(rule, token->gates());
        explain_breakouts(writer, engine.instrument(row->id), *row, params);
        return writer.end();
    }
    const Group* const group = registry.find_group(name);
    if (group == nullptr) return 0;
    writer.begin(name, group->tokens ? "bucket" : "basket", engine.clock());
    explain_group(writer, engine, params, *group);
    return writer.end();
}

}  // namespace spill
