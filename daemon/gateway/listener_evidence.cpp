// The read-only JSON paths: what was said, what holds now, what is watched, why nothing is said.
#include <memory>
#include <string>
#include <utility>

#include "daemon/gateway/json_writer.hpp"
#include "daemon/gateway/listener.hpp"

namespace spill {
namespace {

constexpr std::size_t kMaxEvidenceWaits = 16;

[[nodiscard]] std::string json_reply(std::string_view body) {
    return make_reply(
        HttpReply{.status = 200, .content_type = "application/json", .extra = {}, .body = body});
}

[[nodiscard]] std::string text_reply(int status, std::string_view why) {
    std::string const body = std::string(why) + "\n";
    return make_reply(HttpReply{.status = status,
                                .content_type = "text/plain; charset=utf-8",
                                .extra = status == 503 ? "Retry-After: 1\r\n" : "",
                                .body = body});
}

}  // namespace

std::string Listener::instruments_json() const {
    if (config_.registry == nullptr) return "{\"instruments\":[]}\n";
    const Registry& registry = *config_.registry;
    std::string text(256 + 1024 * registry.instruments().size() + 1024 * registry.feeds().size(),
                     '\0');
    JsonWriter json(text);
    json.raw("{\"instruments\":[");
    char const* comma = "";
    auto const group = [&](const char* name, GroupId id) {
        json.raw(name);
        if (id.valid()) {
            json.string(registry.group(id).name);
        } else {
            json.raw("null");
        }
    };
    for (const Instrument& row : registry.instruments()) {
        json.raw(comma).raw("{\"name\":").string(row.name);
        json.raw(",\"market\":").string(to_string(row.market));
        group(",\"group\":", row.group);
        group(",\"parent\":", row.parent);
        json.raw(",\"proxy_for\":");
        if (row.proxy_for.valid()) {
            json.string(registry.instrument(row.proxy_for).name);
        } else {
            json.raw("null");
        }
        json.raw(",\"feeds\":[");
        char const* between = "";
        for (FeedId const id : row.feeds) {
            const Feed& feed = registry.feed(id);
            json.raw(between).raw("{\"venue\":").string(registry.venue(feed.venue).name);
            json.raw(",\"symbol\":").string(feed.symbol);
            json.raw(",\"coverage\":").string(to_string(feed.coverage)).raw("}");
            between = ",";
        }
        json.raw("]}");
        comma = ",";
    }
    json.raw("]}\n");
    return std::string(json.view());
}

void Listener::ask_explain(const Query& query, Reply reply) {
    if (query.key.empty()) {
        return reply(text_reply(400, "which instrument or group? /v1/explain?key=MU"));
    }
    if (!hooks_.explain) return reply(text_reply(404, "nothing is explained here"));
    hooks_.explain(query.key,
                   [reply = std::move(reply)](ExplainOutcome outcome, std::string_view text) {
                       switch (outcome) {
                           case ExplainOutcome::Answered:
                               return reply(json_reply(std::string(text) + "\n"));
                           case ExplainOutcome::Unknown:
                               return reply(text_reply(404,
                                                       "no instrument or group has this name; see "
                                                       "/v1/instruments"));
                           case ExplainOutcome::Busy:
                               return reply(text_reply(503, "no answer in time"));
                       }
                   });
}

void Listener::answer_evidence(Route route, std::string_view target, Reply reply) {
    Query query;
    std::string why;
    if (!parse_query(target, query, why)) return reply(text_reply(400, why));
    if (route == Route::Explain) return ask_explain(query, std::move(reply));
    if (route == Route::Instruments) return reply(json_reply(instruments_json()));
    if (evidence_waits_ == kMaxEvidenceWaits) return reply(text_reply(503, "too many questions"));
    ++evidence_waits_;
    evidence_(route, query, [this, reply = std::move(reply)](const std::string& body) {
        --evidence_waits_;
        reply(json_reply(body));
    });
}

}  // namespace spill
