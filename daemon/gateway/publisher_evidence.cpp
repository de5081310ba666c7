// What the publisher copies out for the read-only HTTP paths.
#include "daemon/gateway/json_writer.hpp"
#include "daemon/gateway/publisher.hpp"

namespace spill {
namespace {

constexpr std::size_t kMaxEvidenceBytes = 1U << 20U;

[[nodiscard]] bool asked(const Query& query, SignalType type, std::string_view key) noexcept {
    return (query.types & type_bit(type)) != 0 &&
           (query.key.empty() || key_matches(query.key, key));
}

// A frame without its header, which has 2, 4 or 10 bytes.
[[nodiscard]] std::string_view message_of(std::span<const char> frame) noexcept {
    unsigned const length = static_cast<unsigned char>(frame[1]) & 0x7FU;
    std::size_t const header = length < 126 ? 2 : length == 126 ? 4 : 10;
    return std::string_view(frame.data() + header, frame.size() - header);
}

[[nodiscard]] std::string head(const StreamPosition& at) {
    char text[256];
    JsonWriter json(text);
    json.raw("{\"epoch\":").string(at.epoch).raw(",\"oldest\":").integer(at.oldest);
    json.raw(",\"offset\":").integer(at.last);
    return std::string(json.view());
}

}  // namespace

std::string Publisher::signals_json(const Query& query) const {
    StreamPosition const at = position();
    std::string rows;
    std::uint64_t reached = query.after;  // everything asked for up to it is in the answer
    std::size_t count = 0;
    bool more = false;
    for (std::uint64_t i = log_.after(query.after); i != log_.next(); ++i) {
        const SignalLog::Entry& entry = log_.entry(i);
        if (asked(query, entry.type, entry.key.view())) {
            more = count == query.limit || rows.size() + entry.size > kMaxEvidenceBytes;
            if (more) break;
            if (count++ != 0) rows += ',';
            rows += message_of(log_.frame(i));
        }
        reached = entry.offset;
    }
    bool const whole = query.after + 1 >= at.oldest;
    return head(at) + ",\"complete\":" + (whole ? "true" : "false") +
           ",\"more\":" + (more ? "true" : "false") + ",\"next\":" + std::to_string(reached) +
           ",\"signals\":[" + rows + "]}\n";
}

std::string Publisher::state_json(const Query& query) const {
    std::string rows;
    bool complete = states_complete_;
    for (std::size_t i = 0; i < states_.rows().size(); ++i) {
        const StateTable::Row& row = states_.rows()[i];
        if (row.rank == 0 || !asked(query, row.type, row.key.view())) continue;
        if (rows.size() + row.size > kMaxEvidenceBytes) {
            complete = false;
            break;
        }
        if (!rows.empty()) rows += ',';
        rows += states_.body(i);
    }
    return head(position()) + ",\"complete\":" + (complete ? "true" : "false") + ",\"states\":[" +
           rows + "]}\n";
}

}  // namespace spill
