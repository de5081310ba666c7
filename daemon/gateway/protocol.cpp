#include "daemon/gateway/protocol.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <simdjson.h>

#include "daemon/gateway/json_writer.hpp"
#include "daemon/nearest.hpp"

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

// At most 48 bytes of what a subscriber wrote, cut between characters.
std::string_view excerpt(std::string_view text) noexcept {
    if (text.size() <= 48) return text;
    std::size_t end = 48;
    while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

constexpr std::array<std::string_view, kSignalTypes> kTypeNames{
    "breakout", "participation", "volume", "rotation", "unwind", "health"};
constexpr std::array<std::string_view, 2> kOpNames{"subscribe", "unsubscribe"};
constexpr std::array<std::string_view, 4> kFieldNames{"op", "id", "types", "keys"};

}  // namespace

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
    char text[1024];
    JsonWriter json(text);
    json.raw("{\"type\":\"hello\",\"protocol\":").string(kProtocolName);
    json.raw(",\"version\":").string(facts.version).raw(",\"epoch\":").string(facts.epoch);
    json.raw(",\"offset\":").integer(facts.offset).raw(",\"cfg\":").string(facts.cfg);
    json.raw(",\"limits\":{\"message_bytes\":").integer(kMaxInboundBytes);
    json.raw(",\"messages_per_second\":").integer(facts.messages_per_second);
    json.raw(",\"keys\":").integer(kMaxKeys);
    json.raw(",\"outbox_messages\":").integer(facts.outbox_messages);
    json.raw(",\"outbox_bytes\":").integer(facts.outbox_bytes);
    json.raw(",\"outbox_age_ms\":").integer(facts.outbox_age_ms);
    json.raw(",\"heartbeat_ms\":").integer(facts.heartbeat_ms).raw("}}");
    return finish(json);
}

std::string make_ack(const SubscriberRequest& request, std::uint64_t offset) {
    // A byte of a key takes at most six when it is escaped.
    std::string text(512 + kMaxKeys * (6 * kMaxKeyBytes + 3), '\0');
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
    json.raw(",\"offset\":").integer(offset).raw("}");
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

struct RequestReader::Impl {
    simdjson::dom::parser parser{kMaxInboundBytes};
    SubscriberRequest* request = nullptr;
    Rejection* rejection = nullptr;

    bool refuse(const char* code, std::string message, std::string nearest = {}) {
        rejection->code = code;
        rejection->message = std::move(message);
        rejection->nearest = std::move(nearest);
        return false;
    }
    // Refuses a word that is not one of `known`.
    bool refuse_word(const char* code, const char* what, std::string_view written,
                     std::span<const std::string_view> known) {
        return refuse(code, std::string(what).append(" is not known: ").append(excerpt(written)),
                      std::string(nearest(written, known)));
    }

    bool read_op(simdjson::dom::element value) {
        std::string_view name;
        if (value.get(name) != simdjson::SUCCESS) return refuse("wrong_type", "op must be text");
        for (SubscriberOp const op : {SubscriberOp::Subscribe, SubscriberOp::Unsubscribe}) {
            if (name != to_string(op)) continue;
            request->op = op;
            return true;
        }
        return refuse_word("unknown_op", "op", name, kOpNames);
    }

    bool read_types(simdjson::dom::element value) {
        simdjson::dom::array names;
        if (value.get(names) != simdjson::SUCCESS || names.size() == 0) {
            return refuse("wrong_type", "types must be a list of at least one name");
        }
        request->types = 0;
        for (simdjson::dom::element const element : names) {
            std::string_view name;
            if (element.get(name) != simdjson::SUCCESS) {
                return refuse("wrong_type", "types must be a list of names");
            }
            auto const* const found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
            if (found == kTypeNames.end()) {
                return refuse_word("unknown_type", "type", name, kTypeNames);
            }
            request->types |= type_bit(static_cast<SignalType>(found - kTypeNames.begin()));
        }
        return true;
    }

    bool read_keys(simdjson::dom::element value) {
        simdjson::dom::array keys;
        if (value.get(keys) != simdjson::SUCCESS || keys.size() == 0) {
            return refuse("wrong_type", "keys must be a list of at least one key");
        }
        if (keys.size() > kMaxKeys) return refuse("too_many_keys", "at most 64 keys");
        for (simdjson::dom::element const element : keys) {
            std::string_view key;
            if (element.get(key) != simdjson::SUCCESS || key.empty() || key.size() > kMaxKeyBytes) {
                return refuse("wrong_type", "a key is a text of 1 to 56 bytes");
            }
            request->keys.emplace_back(key);
        }
        return true;
    }

    bool read_fields(simdjson::dom::object object) {
        unsigned seen = 0;
        for (auto const& [name, value] : object) {
            auto const* const field = std::find(kFieldNames.begin(), kFieldNames.end(), name);
            if (field == kFieldNames.end()) {
                return refuse_word("unknown_field", "field", name, kFieldNames);
            }
            unsigned const bit = 1U << static_cast<unsigned>(field - kFieldNames.begin());
            if ((seen & bit) != 0) {
                return refuse("duplicate_field", std::string(name).append(" is given twice"));
            }
            seen |= bit;
            if (name == "op" && !read_op(value)) return false;
            if (name == "types" && !read_types(value)) return false;
            if (name == "keys" && !read_keys(value)) return false;
        }
        if ((seen & 1U) == 0) return refuse("missing_op", "op is missing", "subscribe");
        return true;
    }
};

RequestReader::RequestReader() : impl_(std::make_unique<Impl>()) {
    // Nothing that we understand nests deeper than a list in an object.
    if (impl_->parser.allocate(kMaxInboundBytes, 8) != simdjson::SUCCESS) std::abort();
}
RequestReader::~RequestReader() = default;

bool RequestReader::read(std::string_view text, SubscriberRequest& request, Rejection& rejection) {
    request = SubscriberRequest{};
    rejection = Rejection{};
    impl_->request = &request;
    impl_->rejection = &rejection;
    simdjson::dom::element root;
    if (impl_->parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
        return impl_->refuse("not_json", "a message is one JSON object");
    }
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return impl_->refuse("not_object", "a message is one JSON object");
    }
    simdjson::dom::element id;
    if (object.at_key("id").get(id) == simdjson::SUCCESS) {
        std::int64_t number = -1;
        if (id.get(number) != simdjson::SUCCESS || number < 0) {
            return impl_->refuse("wrong_type", "id must be a whole number, not negative");
        }
        request.id = rejection.id = number;
    }
    return impl_->read_fields(object);
}

}  // namespace spill
