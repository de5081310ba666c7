#include "connectors/simulator/truth.hpp"

#include <string>
#include <string_view>

namespace spill {
namespace {

// Names and words are plain ASCII; quotes and backslashes are escaped all the same.
void append_text(std::string& out, std::string_view text) {
    out += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    out += '"';
}

void append_list(std::string& out, const std::vector<std::string>& states) {
    out += '[';
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (i != 0) out += ',';
        append_text(out, states[i]);
    }
    out += ']';
}

}  // namespace

std::string to_json(const Planted& row) {
    std::string out = "{\"scenario\":";
    append_text(out, row.scenario);
    out += ",\"type\":";
    append_text(out, to_string(row.type));
    out += ",\"key\":";
    append_text(out, row.key);
    out += ",\"start\":" + std::to_string(row.start.ns);
    out += ",\"deadline\":" + std::to_string(row.deadline.ns);
    out += ",\"expect\":";
    append_list(out, row.expect);
    out += ",\"forbid\":";
    append_list(out, row.forbid);
    out += ",\"words\":";
    append_text(out, row.words);
    out += '}';
    return out;
}

}  // namespace spill
