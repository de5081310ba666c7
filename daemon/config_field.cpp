#include "daemon/config_field.hpp"

#include <arpa/inet.h>  // inet_pton
#include <sys/stat.h>   // mode bits of files with secrets
#include <unistd.h>     // access

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>  // getenv
#include <cstring>

#include "core/decimal.hpp"
#include "core/timestamp.hpp"
#include "daemon/config_value.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

using Fault = std::optional<std::string>;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

template <class T>
T& target(Field const& field) {
    return *std::get<T*>(field.target);
}

std::string print_bound(Field const& field, double bound) {
    switch (field.kind) {
        case FieldKind::Duration:
            return format_duration(
                std::chrono::nanoseconds{static_cast<std::int64_t>(std::round(bound * 1e9))});
        case FieldKind::Bytes: return format_bytes(static_cast<std::int64_t>(bound));
        case FieldKind::Decimal:
            return to_text(Price{static_cast<std::int64_t>(std::round(bound * 1e9))});
        case FieldKind::Integer:
        case FieldKind::Number:
        case FieldKind::Text:
        case FieldKind::Flag:
        case FieldKind::Address:
        case FieldKind::Directory:
        case FieldKind::SecretFile:
        case FieldKind::SecretEnv:
        case FieldKind::Choice:
        case FieldKind::Date:
        case FieldKind::Words: break;
    }
    return format_number(bound);
}

std::string print_range(Field const& field) {
    return print_bound(field, field.min) + ".." + print_bound(field, field.max);
}

Fault out_of_range(Field const& field, std::string_view text) {
    std::string const unit = field.unit.empty() ? "" : " " + field.unit;
    return std::string(text) + " is out of range, allowed is " + print_range(field) + unit;
}

bool in_range(Field const& field, double value) noexcept {
    return value >= field.min && value <= field.max;
}

// "min", "minute" and "minutes" are the same unit, and so on.
std::string_view plain_unit(std::string_view unit) noexcept {
    constexpr std::array<std::array<std::string_view, 4>, 4> kSame{
        {{"s", "sec", "second", "seconds"},
         {"min", "minute", "minutes", "m"},
         {"h", "hour", "hours", "hr"},
         {"d", "day", "days", "day"}}};
    for (auto const& names : kSame) {
        if (std::ranges::find(names, unit) != names.end()) return names.front();
    }
    return unit;
}

// Number and Integer: the unit is in the table; in the file it may be repeated, never changed.
Fault set_plain_number(Field const& field, std::string_view text) {
    NumberWithUnit const parts = split_unit(text);
    bool const integer = field.kind == FieldKind::Integer;
    std::string const wanted = integer ? "an integer" : "a number";
    auto const bare = parse_number(text);
    auto const number = bare ? bare : parse_number(parts.number);
    if (!number) return "expected " + wanted + ", got " + in_quotes(text);
    if (!bare && plain_unit(parts.unit) != plain_unit(field.unit)) {
        if (field.unit.empty()) return "expected " + wanted + " without a unit";
        return "wrong unit " + in_quotes(parts.unit) + ", this key is in " + field.unit;
    }
    if (integer && (std::floor(*number) != *number || std::abs(*number) > 2e9)) {
        return "expected an integer, got " + in_quotes(text);
    }
    if (!in_range(field, *number)) return out_of_range(field, text);
    if (integer) {
        target<int>(field) = static_cast<int>(*number);
    } else {
        target<double>(field) = *number;
    }
    return std::nullopt;
}

Fault set_decimal(Field const& field, std::string_view text) {
    DecimalResult const value = parse_decimal(text);
    if (!value.ok()) {
        return "expected a decimal number with at most 9 decimals, got " + in_quotes(text);
    }
    if (!in_range(field, static_cast<double>(value.nanos) / 1e9)) return out_of_range(field, text);
    target<std::int64_t>(field) = value.nanos;
    return std::nullopt;
}

Fault set_duration(Field const& field, std::string_view text) {
    auto const value = parse_duration(text);
    if (!value) return value.error().message;
    if (!in_range(field, static_cast<double>(value->count()) / 1e9)) {
        return out_of_range(field, text);
    }
    target<std::chrono::nanoseconds>(field) = *value;
    return std::nullopt;
}

Fault set_bytes(Field const& field, std::string_view text) {
    auto const value = parse_bytes(text);
    if (!value) return value.error().message;
    if (!in_range(field, static_cast<double>(*value))) return out_of_range(field, text);
    target<std::int64_t>(field) = *value;
    return std::nullopt;
}

Fault set_choice(Field const& field, std::string_view text) {
    Choice const choice = std::get<Choice>(field.target);
    auto const it = std::ranges::find(choice.names, text);
    if (it != choice.names.end()) {
        *choice.value = static_cast<std::uint8_t>(it - choice.names.begin());
        return std::nullopt;
    }
    std::string list;
    for (std::string_view const name : choice.names) {
        if (!list.empty()) list += ", ";
        list += name;
    }
    return in_quotes(text) + " is not one of: " + list + did_you_mean(text, choice.names);
}

Fault set_text(Field const& field, std::string_view text) {
    auto const length = static_cast<double>(text.size());
    if (length < field.min) return "must not be empty";
    if (length > field.max) return "longer than " + format_number(field.max) + " characters";
    target<std::string>(field) = text;
    return std::nullopt;
}

Fault set_address(Field const& field, std::string_view text) {
    std::string const address(text);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    bool const literal = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
                         inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
    if (!literal) return "expected an IP address such as 127.0.0.1, got " + in_quotes(text);
    target<std::string>(field) = address;
    return std::nullopt;
}

Fault set_directory(Field const& field, std::string_view text) {
    std::string const path(text);
    struct stat info{};
    if (!path.empty() && (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
        return in_quotes(text) + " is not a directory";
    }
    target<std::string>(field) = path;
    return std::nullopt;
}

Fault set_secret_file(Field const& field, std::string_view text) {
    std::string const path(text);
    if (!path.empty()) {
        struct stat info{};
        if (::stat(path.c_str(), &info) != 0 || ::access(path.c_str(), R_OK) != 0) {
            return "cannot read " + in_quotes(path) + ": " + std::strerror(errno);
        }
        if (!S_ISREG(info.st_mode)) return in_quotes(path) + " is not a file";
        if ((info.st_mode & 0777U & ~0640U) != 0) {
            return in_quotes(path) +
                   " is open to others; its mode must be 0600 or 0640 (chmod 600 " + path + ")";
        }
    }
    target<std::string>(field) = path;
    return std::nullopt;
}

// The value may be the secret itself, put here by mistake: it is never repeated.
Fault set_secret_env(Field const& field, std::string_view text) {
    bool const named = std::ranges::all_of(
        text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!named || (!text.empty() && text.front() >= '0' && text.front() <= '9')) {
        return "expected the name of an environment variable such as ALPACA_KEY (A-Z, 0-9, _); a "
               "secret itself must not stand in this file";
    }
    std::string const name(text);
    if (!name.empty()) {
        char const* const value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') {
            return "no environment variable of that name is set (the name is not shown, since it "
                   "could be the secret)";
        }
    }
    target<std::string>(field) = name;
    return std::nullopt;
}

Fault set_date(Field const& field, std::string_view text) {
    auto const date = parse_date(text);
    if (!date) return "expected a date such as 2024-07-26, got " + in_quotes(text);
    target<int>(field) = yyyymmdd(*date);
    return std::nullopt;
}

std::string print_date(int date) {
    if (date == 0) return "\"\"";
    std::string text = std::to_string(date);
    text.insert(0, text.size() < 8 ? 8 - text.size() : 0, '0');
    return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2);
}

}  // namespace

std::optional<std::string> set_field(const Field& field, std::string_view text, bool quoted) {
    switch (field.kind) {
        case FieldKind::Flag: {
            auto const value = parse_flag(text);
            if (!value || quoted) return "expected true or false, got " + in_quotes(text);
            target<bool>(field) = *value;
            return std::nullopt;
        }
        case FieldKind::Integer:
        case FieldKind::Number:
            if (quoted && parse_number(text)) {
                return "expected a number, got text in quotes: " + in_quotes(text);
            }
            return set_plain_number(field, text);
        case FieldKind::Decimal:
            if (quoted) return "expected a number, got text in quotes: " + in_quotes(text);
            return set_decimal(field, text);
        case FieldKind::Duration: return set_duration(field, text);
        case FieldKind::Bytes: return set_bytes(field, text);
        case FieldKind::Text: return set_text(field, text);
        case FieldKind::Address: return set_address(field, text);
        case FieldKind::Directory: return set_directory(field, text);
        case FieldKind::SecretFile: return set_secret_file(field, text);
        case FieldKind::SecretEnv: return set_secret_env(field, text);
        case FieldKind::Choice: return set_choice(field, text);
        case FieldKind::Date: return set_date(field, text);
        case FieldKind::Words: target<Words>(field).emplace_back(text); return std::nullopt;
    }
    return std::nullopt;
}

std::string print_field(const Field& field) {
    switch (field.kind) {
        case FieldKind::Flag: return target<bool>(field) ? "true" : "false";
        case FieldKind::Integer: return std::to_string(target<int>(field));
        case FieldKind::Number: return format_number(target<double>(field));
        case FieldKind::Decimal: return to_text(Price{target<std::int64_t>(field)});
        case FieldKind::Duration: return format_duration(target<std::chrono::nanoseconds>(field));
        case FieldKind::Bytes: return format_bytes(target<std::int64_t>(field));
        case FieldKind::Text:
        case FieldKind::Address:
        case FieldKind::Directory: return quote_yaml(target<std::string>(field));
        case FieldKind::SecretFile:
        case FieldKind::SecretEnv: return target<std::string>(field).empty() ? "\"\"" : "\"<set>\"";
        case FieldKind::Choice: {
            Choice const choice = std::get<Choice>(field.target);
            return std::string(choice.names[*choice.value]);
        }
        case FieldKind::Date: return print_date(target<int>(field));
        case FieldKind::Words: {
            std::string list;
            for (std::string const& word : target<Words>(field)) {
                if (!list.empty()) list += ", ";
                list += quote_yaml(word);
            }
            return "[" + list + "]";
        }
    }
    return {};
}

std::string describe(const Field& field) {
    std::string const unit = field.unit.empty() ? "" : " " + field.unit;
    switch (field.kind) {
        case FieldKind::Flag: return "true or false";
        case FieldKind::Integer: return "integer, " + print_range(field) + unit;
        case FieldKind::Number:
        case FieldKind::Decimal: return "number, " + print_range(field) + unit;
        case FieldKind::Duration: return "duration, " + print_range(field);
        case FieldKind::Bytes: return "size, " + print_range(field);
        case FieldKind::Text: return "text";
        case FieldKind::Address: return "IP address";
        case FieldKind::Directory: return "directory";
        case FieldKind::SecretFile: return "file of mode 0600 or 0640";
        case FieldKind::SecretEnv: return "name of an environment variable";
        case FieldKind::Date: return "date, yyyy-mm-dd";
        case FieldKind::Words: return "list of texts";
        case FieldKind::Choice: {
            std::string list;
            for (std::string_view const name : std::get<Choice>(field.target).names) {
                if (!list.empty()) list += " | ";
                list += name;
            }
            return list;
        }
    }
    return {};
}

std::string describe_default(const Field& field) {
    if (field.required) return "required";
    return "default " + (field.absent.empty() ? print_field(field) : field.absent);
}

std::string quote_yaml(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 0xFU];
        } else {
            out += c;
        }
        if (c == '$') out += '$';  // a lone dollar sign would be read as a variable
    }
    return out + '"';
}

}  // namespace spill
