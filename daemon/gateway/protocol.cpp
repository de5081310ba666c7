#include "daemon/gateway/protocol.hpp"

#include <array>

#include "daemon/gateway/json_writer.hpp"

namespace spill {
namespace {

void write_value(JsonWriter& json, const EvidenceItem& item) noexcept {
    switch (item.kind) {
        case EvidenceItem::Kind::Number: json.number(item.number); return;
        case EvidenceItem::Kind::Integer: json.integer(item.integer); return;
        case EvidenceItem::Kind::Boolean: json.boolean(item.integer != 0); return;
        case EvidenceItem::Kind::Text: json.string(item.text); return;
        case EvidenceItem::Kind::Null: json.raw("null"); return;
    }
}

// Neighbours of one name that carry a feed become one object, keyed by the venue's name.
void write_evidence(JsonWriter& json, const Evidence& evidence, const Registry& registry) noexcept {
    json.raw("{");
    for (const EvidenceItem* item = evidence.begin(); item != evidence.end();) {
        if (item != evidence.begin()) json.raw(",");
        json.string(item->name).raw(":");
        if (!item->feed.valid()) {
            write_value(json, *item++);
            continue;
        }
        std::string_view const name = item->name;
        char separator = '{';
        for (; item != evidence.end() && item->feed.valid() && name == item->name; ++item) {
            json.raw(std::string_view(&separator, 1));
            json.string(registry.venue(registry.feed(item->feed).venue).name).raw(":");
            write_value(json, *item);
            separator = ',';
        }
        json.raw("}");
    }
    json.raw("}");
}

std::string finish(const JsonWriter& json) { return std::string(json.view()); }

}  // namespace

std::string_view excerpt(std::string_view text) noexcept {
    if (text.size() <= 48) return text;
    std::size_t end = 48;
    while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

std::size_t encode_signal(const Signal& signal, const Registry& registry, const char* cfg_hash8,
                          std::span<char> out) noexcept {
    JsonWriter json(out);
    json.raw("{\"v\":1,\"offset\":").integer(signal.offset);
    json.raw(",\"type\":").string(to_string(signal.type));
    json.raw(",\"key\":").string(signal.key.view());
    json.raw(",\"state\":").string(signal.state);
    json.raw(",\"prev\":").string(signal.prev);
    json.raw(",\"episode\":").integer(signal.episode);
    json.raw(",\"session\":").string(signal.session.view());
    json.raw(",\"coverage\":").string(to_string(signal.coverage));
    json.raw(",\"provisional\":").boolean(signal.provisional);
    json.raw(",\"degraded\":").boolean(signal.degraded);
    json.raw(",\"from_bars\":").boolean(signal.from_bars);
    json.raw(",\"ts_event\":").integer(signal.ts_event.ns);
    json.raw(",\"ts_recv\":").integer(signal.ts_recv.ns);
    json.raw(",\"ts_signal\":").integer(signal.ts_signal.ns);
    json.raw(",\"cause\":{\"ingest_seq\":").integer(signal.cause_seq);
    json.raw(",\"ts_event\":").integer(signal.ts_event.ns);
    json.raw("},\"ev\":");
    write_evidence(json, signal.evidence, registry);
    json.raw(",\"cfg\":").string(cfg_hash8).raw("}");
    return json.overflowed() ? 0 : json.view().size();
}

std::size_t encode_envelope(std::string_view body, std::string_view epoch, UnixNanos ts_sent,
                            std::span<char> out) noexcept {
    if (body.size() < 2 || body.front() != '{') return 0;
    JsonWriter json(out);
    json.raw("{\"epoch\":").string(epoch).raw(",\"ts_sent\":").integer(ts_sent.ns);
    json.raw(",").raw(body.substr(1));
    return json.overflowed() ? 0 : json.view().size();
}

bool key_matches(std::string_view wanted, std::string_view key) noexcept {
    if (!key.starts_with(wanted)) return false;
    if (key.size() == wanted.size()) return true;
    char const next = key[wanted.size()];
    return next == '|' || next == '@';
}

std::string make_hello(const HelloFacts& facts) {
    std::string text(1024 + facts.feeds.size(), '\0');
    JsonWriter json(text);
    json.raw("{\"type\":\"hello\",\"protocol\":").string(kProtocolName);
    json.raw(",\"version\":").string(facts.version).raw(",\"epoch\":").string(facts.epoch);
    json.raw(",\"offset\":").integer(facts.offset);
    json.raw(",\"oldest\":").integer(facts.oldest);
    json.raw(",\"cfg\":").string(facts.cfg);
    if (!facts.feeds.empty()) json.raw(",\"feeds\":").raw(facts.feeds);
    json.raw(",\"limits\":{\"message_bytes\":").integer(kMaxInboundBytes);
    json.raw(",\"messages_per_second\":").integer(facts.messages_per_second);
    json.raw(",\"keys\":").integer(kMaxKeys);
    json.raw(",\"outbox_messages\":").integer(facts.outbox_messages);
    json.raw(",\"outbox_bytes\":").integer(facts.outbox_bytes);
    json.raw(",\"outbox_age_ms\":").integer(facts.outbox_age_ms);
    json.raw(",\"heartbeat_ms\":").integer(facts.heartbeat_ms).raw("}}");
    return finish(json);
}

std::string make_ack(const SubscriberRequest& request, std::uint64_t offset, Recovery recovery) {
    // A byte of a key takes at most six when it is escaped.
    std::string text(1024 + request.keys.size() * (6 * kMaxKeyBytes + 3), '\0');
    JsonWriter json(text);
    json.raw("{\"type\":\"ack\"");
    if (request.id >= 0) json.raw(",\"id\":").integer(request.id);
    json.raw(",\"op\":").string(to_string(request.op)).raw(",\"types\":[");
    char const* separator = "";
    for (int i = 0; i < kSignalTypes; ++i) {
        auto const type = static_cast<SignalType>(i);
        if ((request.types & type_bit(type)) == 0) continue;
        json.raw(separator).string(to_string(type));
        separator = ",";
    }
    json.raw("]");
    if (!request.keys.empty()) {
        json.raw(",\"keys\":");
        separator = "[";
        for (const std::string& key : request.keys) {
            json.raw(separator).string(key);
            separator = ",";
        }
        json.raw("]");
    }
    if (request.min_score) json.raw(",\"min_score\":").number(*request.min_score);
    if (recovery != Recovery::None) {
        json.raw(",\"from\":").integer(request.offset);
        json.raw(",\"recovered\":").boolean(recovery == Recovery::Exact);
        if (recovery != Recovery::Exact) json.raw(",\"reason\":").string(to_string(recovery));
    }
    json.raw(",\"offset\":").integer(offset).raw("}");
    return finish(json);
}

std::string make_snapshot(const SnapshotFacts& facts, std::string_view states) {
    std::string text(512 + states.size(), '\0');
    JsonWriter json(text);
    json.raw("{\"type\":\"snapshot\"");
    if (facts.id >= 0) json.raw(",\"id\":").integer(facts.id);
    json.raw(",\"epoch\":").string(facts.epoch);
    json.raw(",\"offset\":").integer(facts.offset);
    json.raw(",\"part\":").integer(facts.part).raw(",\"last\":").boolean(facts.last);
    json.raw(",\"complete\":").boolean(facts.complete);
    json.raw(",\"states\":[").raw(states).raw("]}");
    return finish(json);
}

std::string make_reject(const Rejection& rejection) {
    char text[2048];
    JsonWriter json(text);
    json.raw("{\"type\":\"reject\"");
    if (rejection.id >= 0) json.raw(",\"id\":").integer(rejection.id);
    json.raw(",\"code\":").string(rejection.code);
    json.raw(",\"message\":").string(rejection.message);
    if (!rejection.nearest.empty()) json.raw(",\"nearest\":").string(rejection.nearest);
    json.raw("}");
    return finish(json);
}

std::string make_heartbeat(std::uint64_t offset, UnixNanos now) {
    char text[128];
    JsonWriter json(text);
    json.raw("{\"type\":\"heartbeat\",\"offset\":").integer(offset);
    json.raw(",\"ts\":").integer(now.ns).raw("}");
    return finish(json);
}

}  // namespace spill
