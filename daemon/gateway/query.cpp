#include "daemon/gateway/query.hpp"

#include <array>
#include <charconv>

#include "daemon/nearest.hpp"

namespace spill {
namespace {

constexpr std::array<std::string_view, 4> kNames{"after", "limit", "type", "key"};

template <class Number>
[[nodiscard]] bool read_number(std::string_view text, Number& out) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

[[nodiscard]] int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

[[nodiscard]] bool read_types(std::string_view text, TypeMask& out, std::string& why) {
    out = 0;
    while (!text.empty()) {
        std::string_view const word = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        bool found = false;
        std::array<std::string_view, kSignalTypes> known;
        for (int i = 0; i < kSignalTypes; ++i) {
            auto const type = static_cast<SignalType>(i);
            known[static_cast<std::size_t>(i)] = to_string(type);
            if (word != to_string(type)) continue;
            out |= type_bit(type);
            found = true;
        }
        if (found) continue;
        why = "type is not known: " + std::string(excerpt(word)) + did_you_mean(word, known);
        return false;
    }
    return out != 0;
}

[[nodiscard]] bool read_field(std::string_view name, std::string_view value, Query& query,
                              std::string& why) {
    why = std::string(name) + " cannot be read";
    if (name == "after") return read_number(value, query.after);
    if (name == "type") return read_types(value, query.types, why);
    if (name == "limit") {
        return read_number(value, query.limit) && query.limit >= 1 && query.limit <= kMaxQueryLimit;
    }
    return percent_decode(value, query.key) && query.key.size() <= kMaxKeyBytes;
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            int const high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            int const low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20) return false;
        out += c;
    }
    return true;
}

bool parse_query(std::string_view target, Query& query, std::string& why) {
    query = Query{};
    std::size_t const mark = target.find('?');
    if (mark == std::string_view::npos) return true;
    std::string_view rest = target.substr(mark + 1);
    std::array<bool, kNames.size()> seen{};
    while (!rest.empty()) {
        std::string_view const part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        std::string_view const name = part.substr(0, part.find('='));
        std::size_t at = 0;
        while (at != kNames.size() && kNames[at] != name) ++at;
        if (at == kNames.size()) {
            why = "not known: " + std::string(excerpt(name)) + did_you_mean(name, kNames);
            return false;
        }
        if (seen[at] || part.size() == name.size()) {
            why = std::string(name) + (seen[at] ? " is given twice" : " needs a value");
            return false;
        }
        seen[at] = true;
        if (!read_field(name, part.substr(name.size() + 1), query, why)) return false;
    }
    why.clear();
    return true;
}

}  // namespace spill
