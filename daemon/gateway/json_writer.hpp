// Writes JSON text into a fixed buffer: no allocation, no locale, no exceptions.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace spill {

// Once a write does not fit, `overflowed` stays true and nothing more is written.
class JsonWriter {
public:
    explicit JsonWriter(std::span<char> out) noexcept : out_(out) {}

    JsonWriter& raw(std::string_view text) noexcept {
        if (text.size() > out_.size() - size_) overflowed_ = true;
        if (overflowed_) return *this;
        if (!text.empty()) std::memcpy(out_.data() + size_, text.data(), text.size());
        size_ += text.size();
        return *this;
    }

    // A quoted string. REQUIRES UTF-8; control characters, quotes and backslashes are escaped.
    JsonWriter& string(std::string_view text) noexcept {
        raw("\"");
        std::size_t plain = 0;  // start of the run that needs no escape
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const byte = static_cast<unsigned char>(text[i]);
            if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
            raw(text.substr(plain, i - plain));
            escape(byte);
            plain = i + 1;
        }
        return raw(text.substr(plain)).raw("\"");
    }

    template <class Integer>
    JsonWriter& integer(Integer value) noexcept {
        static_assert(std::is_integral_v<Integer>);
        char text[24];
        auto const end = std::to_chars(text, text + sizeof text, value).ptr;
        return raw(std::string_view(text, static_cast<std::size_t>(end - text)));
    }

    JsonWriter& boolean(bool value) noexcept { return raw(value ? "true" : "false"); }

    // Six decimals, rounded as printf's %.6f does; zero has no sign; beyond 1e21 in scientific
    // notation with six decimals, so that no number is longer than 32 characters; null when not
    // finite.
    JsonWriter& number(double value) noexcept {
        if (!std::isfinite(value)) return raw("null");
        auto const format =
            std::fabs(value) < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
        char text[40];
        auto const end = std::to_chars(text, text + sizeof text, value, format, 6).ptr;
        std::string_view const written(text, static_cast<std::size_t>(end - text));
        return raw(written == "-0.000000" ? written.substr(1) : written);
    }

    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] std::string_view view() const noexcept {
        return std::string_view(out_.data(), size_);
    }

private:
    void escape(unsigned char byte) noexcept {
        switch (byte) {
            case '"': raw("\\\""); return;
            case '\\': raw("\\\\"); return;
            case '\n': raw("\\n"); return;
            case '\r': raw("\\r"); return;
            case '\t': raw("\\t"); return;
        }
        constexpr std::string_view kHex = "0123456789abcdef";
        char const code[] = {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
        raw(std::string_view(code, sizeof code));
    }

    std::span<char> out_;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

}  // namespace spill
