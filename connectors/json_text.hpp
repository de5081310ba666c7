// Writing JSON text: the frames that we send, the lines that `decode` prints. Not a hot path.
#pragma once

#include <string>
#include <string_view>

namespace spill {

// Appends `text` as a JSON string, quotes included. Bytes above 0x7F pass through.
inline void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace spill
